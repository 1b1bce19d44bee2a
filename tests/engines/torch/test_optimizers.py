"""Optimizers by name: each of torch.optim trains and resumes, or is refused in our words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.devices import EACH_DEVICE
from tests.training.small import corpus_of, small_ids, small_model, small_torch_engine, train

from wordvec.corpus.encoded import EncodedCorpus
from wordvec.engines.torch.engine import TorchEngine
from wordvec.engines.torch.optimizers import optimizer_class, takes_sparse_gradients
from wordvec.errors import ConfigError, EngineError

IDS = small_ids(200)
NAMES = sorted(
    name
    for name, value in vars(torch.optim).items()
    if isinstance(value, type)
    and issubclass(value, torch.optim.Optimizer)
    and name not in ("Optimizer", "LBFGS")
)


@pytest.fixture
def corpus(tmp_path: Path) -> EncodedCorpus:
    return corpus_of(IDS, tmp_path)


CANNOT = {("softmax", "SparseAdam"), ("softmax", "Muon")}  # dense gradients; a parameter that is no matrix
CAN = [
    (objective, name)
    for objective in ("negative", "hierarchical", "softmax")
    for name in NAMES
    if (objective, name) not in CANNOT
]


def engine_for(objective: str, name: str, device: torch.device | None = None) -> TorchEngine:
    built = small_model(IDS, objective=objective, is_sparse=takes_sparse_gradients(optimizer_class(name)))
    return small_torch_engine(IDS, built=built, optimizer=name, batch_size=16, device=device)


@pytest.mark.parametrize(("objective", "name"), CAN)
def test_every_optimizer_trains_and_a_resumed_run_ends_with_the_same_bytes(
    objective: str, name: str, corpus: EncodedCorpus
) -> None:
    whole, first, second = (engine_for(objective, name) for _ in range(3))
    before = whole.state()
    train(whole, corpus, epochs=3)
    train(first, corpus, epochs=3, until=2)
    state = first.state()
    assert any(not np.array_equal(state[part], before[part]) for part in before)
    spoil(second)
    second.restore(state)
    train(second, corpus, epochs=3, epochs_done=2)
    assert_same_state(second, whole)


def spoil(engine: TorchEngine) -> None:
    """Other vectors than those it starts with: all must come from the state."""
    zeros = {name: np.zeros_like(array) for name, array in engine.state().items()}
    engine.restore(zeros)


def assert_same_state(found: TorchEngine, wanted: TorchEngine) -> None:
    assert found.state().keys() == wanted.state().keys()
    for name, array in wanted.state().items():
        assert np.isfinite(array).all()
        np.testing.assert_array_equal(found.state()[name], array, err_msg=name)


@EACH_DEVICE
@pytest.mark.parametrize("name", ["sgd", "adam", "sparse_adam", "adagrad"])
def test_a_state_returns_to_the_device_that_it_came_from(
    name: str, device: torch.device, corpus: EncodedCorpus
) -> None:
    """Of this device alone: a GPU adds up in no fixed order, so a resumed run ends with about the same numbers."""
    first, second = (engine_for("negative", name, device) for _ in range(2))
    train(first, corpus, epochs=2, until=1)
    spoil(second)
    second.restore(first.state())
    assert_same_state(second, first)
    for engine in (first, second):
        train(engine, corpus, epochs=2, epochs_done=1)
    for part, array in first.state().items():
        np.testing.assert_allclose(second.state()[part], array, rtol=1e-3, atol=1e-5, err_msg=part)


@pytest.mark.parametrize(("objective", "name"), sorted(one for one in CANNOT if one[1] in NAMES))
def test_an_optimizer_that_cannot_train_a_model_says_so(
    objective: str, name: str, corpus: EncodedCorpus
) -> None:
    with pytest.raises(EngineError, match=f"the optimizer {name} cannot train this model"):
        train(engine_for(objective, name), corpus, epochs=1)


@pytest.mark.parametrize("name", ["sparse_adam", "SparseAdam", "SPARSEADAM", "sparseadam"])
def test_case_and_underscores_do_not_matter(name: str) -> None:
    assert optimizer_class(name) is torch.optim.SparseAdam


@pytest.mark.parametrize("name", ["", "adamm", "Optimizer", "lr_scheduler", "lbfgs", "Adam "])
def test_unknown_optimizers_are_refused_with_the_names_of_those_there_are(name: str) -> None:
    with pytest.raises(ConfigError, match=r"one of torch\.optim .*Adagrad, Adam, .*SparseAdam") as refused:
        optimizer_class(name)
    assert "LBFGS," not in str(refused.value)


def test_adam_and_sparse_adam_differ_in_the_rows_that_a_batch_did_not_touch(corpus: EncodedCorpus) -> None:
    """Adam's momentum goes on moving them."""
    moved = {}
    for name in ("adam", "sparse_adam"):
        engine = small_torch_engine(IDS, optimizer=name, batch_size=1000, subsample=0)
        worker = engine.worker()
        worker.train_stretch(corpus, 0, 0, 60, (0.1, 0.1))()
        before = engine.vectors()[1]
        worker.train_stretch(corpus, 0, 100, 103, (0.1, 0.1))()
        moved[name] = (engine.vectors()[1] != before).any(axis=1)
    assert moved["adam"].all()
    assert 0 < moved["sparse_adam"].sum() <= 3 * (1 + 3)
