"""The torch engine: whole runs beside the numba engine, batches of any size, and what it hands over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.devices import EACH_DEVICE
from tests.training.small import (
    DIM,
    VOCABULARY_SIZE,
    corpus_of,
    small_ids,
    small_model,
    small_numba_engine,
    small_torch_engine,
    train,
    vectors_of,
)
from torch import Tensor, nn

from wordvec.corpus.encoded import EncodedCorpus
from wordvec.models.architectures import ExampleLosses, Predictions, Windows
from wordvec.models.word2vec import BuiltModel

IDS = small_ids(600)
STEPS = pytest.mark.parametrize("is_by_hand", [False, True], ids=["autograd", "by hand"])
EVERY_MODEL = [
    ("skipgram", "negative"),
    ("skipgram", "hierarchical"),
    ("skipgram", "softmax"),
    ("cbow", "negative"),
    ("cbow", "hierarchical"),
    ("cbow", "softmax"),
]


@pytest.fixture
def corpus(tmp_path: Path) -> EncodedCorpus:
    return corpus_of(IDS, tmp_path)


@EACH_DEVICE
@STEPS
def test_a_run_on_single_windows_gives_the_vectors_of_the_numba_engine(
    is_by_hand: bool, device: torch.device, corpus: EncodedCorpus
) -> None:
    engines = [small_torch_engine(IDS, is_by_hand=is_by_hand, device=device), small_numba_engine(IDS)]
    np.testing.assert_array_equal(vectors_of(engines[0]), vectors_of(engines[1]))
    start = vectors_of(engines[0])
    for engine in engines:
        train(engine, corpus, epochs=3, rates=(0.2, 0.01))
    found, wanted = map(vectors_of, engines)
    assert abs(wanted - start).max() > 0.3
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=2e-6)


@EACH_DEVICE
@STEPS
def test_windows_in_parts_give_the_vectors_of_the_numba_engine(
    is_by_hand: bool, device: torch.device, corpus: EncodedCorpus
) -> None:
    engines = [
        small_torch_engine(IDS, is_by_hand=is_by_hand, contexts_per_part=2, device=device),
        small_numba_engine(IDS, contexts_per_part=2),
        small_numba_engine(IDS),
    ]
    for engine in engines:
        train(engine, corpus, epochs=3, rates=(0.2, 0.01))
    found, wanted, whole = map(vectors_of, engines)
    assert abs(whole - wanted).max() > 1e-3
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=2e-6)


@EACH_DEVICE
@STEPS
def test_a_stretch_reports_what_the_numba_engine_reports(
    is_by_hand: bool, device: torch.device, corpus: EncodedCorpus
) -> None:
    results = []
    for engine in (small_torch_engine(IDS, is_by_hand=is_by_hand, device=device), small_numba_engine(IDS)):
        train(engine, corpus, rates=(0.3, 0.1))
        worker = engine.worker()
        results += [
            [
                worker.train_stretch(corpus, 5, 100, 400, (0.1, 0.05))(),
                worker.measure_stretch(corpus, 7, 500)(),
            ]
        ]
    for found, wanted in zip(*results, strict=True):
        assert found[:2] == wanted[:2]
        assert found.loss == pytest.approx(wanted.loss, rel=1e-5)
        assert found.loss < 0.65 * found.pairs  # it has learned: its rows are not those of the start


@EACH_DEVICE
@pytest.mark.parametrize("max_norm", [None, 0.02])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_measuring_changes_nothing_and_finds_the_same_each_time(
    optimizer: str, max_norm: float | None, device: torch.device, corpus: EncodedCorpus
) -> None:
    built = small_model(IDS, max_norm=max_norm)
    engine = small_torch_engine(IDS, built=built, optimizer=optimizer, batch_size=32, device=device)
    train(engine, corpus, epochs=1)
    before = engine.state()
    worker = engine.worker()
    first = worker.measure_stretch(corpus, 3, 500)()
    assert worker.measure_stretch(corpus, 3, 500)() == first
    assert engine.worker().measure_stretch(corpus, 3, 500)() == first
    assert_same_state(engine.state(), before)


def assert_same_state(found: dict[str, NDArray[np.generic]], wanted: dict[str, NDArray[np.generic]]) -> None:
    assert found.keys() == wanted.keys()
    for name, array in wanted.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)


def test_a_custom_objective_knows_whether_it_is_trained_or_measured(corpus: EncodedCorpus) -> None:
    """As with dropout, which would make each measurement another one."""
    modes: list[bool] = []

    class Listening(nn.Module):
        def forward(self, predictions: Predictions) -> ExampleLosses:
            modes.append(self.training)
            losses = predictions.hidden.sum((1, 2))
            return ExampleLosses(losses, torch.ones_like(losses, dtype=torch.int64))

    engine = small_torch_engine(IDS, built=small_model(IDS, objective=lambda _: Listening()), batch_size=300)
    worker = engine.worker()
    worker.train_stretch(corpus, 0, 0, 200, (0.1, 0.1))()
    worker.measure_stretch(corpus, 0, 200)()
    worker.train_stretch(corpus, 1, 0, 200, (0.1, 0.1))()
    assert modes == [True, False, True]


@EACH_DEVICE
def test_the_loss_of_a_held_out_text_does_not_depend_on_the_batches(
    device: torch.device, corpus: EncodedCorpus
) -> None:
    losses = []
    for size in (1, 7, 1000):
        engine = small_torch_engine(IDS, batch_size=size, device=device)
        losses.append(engine.worker().measure_stretch(corpus, 0, len(IDS))())
    assert losses[0][:2] == losses[1][:2] == losses[2][:2]
    assert losses[1].loss == pytest.approx(losses[0].loss, rel=1e-6)
    assert losses[2].loss == pytest.approx(losses[0].loss, rel=1e-6)


@EACH_DEVICE
@pytest.mark.parametrize(("architecture", "objective"), EVERY_MODEL)
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_every_model_learns(
    architecture: str, objective: str, optimizer: str, device: torch.device, corpus: EncodedCorpus
) -> None:
    engine = small_torch_engine(
        IDS,
        built=small_model(IDS, architecture=architecture, objective=objective),
        optimizer=optimizer,
        batch_size=8,
        predicts_together=architecture == "cbow",
        device=device,
    )
    before = engine.worker().measure_stretch(corpus, 0, len(IDS))()
    train(engine, corpus, rates=(0.2, 0.1) if optimizer == "sgd" else (0.02, 0.01))
    after = engine.worker().measure_stretch(corpus, 0, len(IDS))()
    assert after.loss < 0.95 * before.loss
    assert after[:2] == before[:2]


class Fixed(nn.Module):
    """A model that finds these losses, one batch after the other."""

    def __init__(self, losses: list[float]):
        super().__init__()
        self.input_embedding = nn.Embedding(VOCABULARY_SIZE, DIM)
        self.losses = iter(losses)

    def forward(self, windows: Windows) -> ExampleLosses:
        losses = self.input_embedding.weight[:1].sum(1) * 0 + next(self.losses, 0.0)
        return ExampleLosses(losses, torch.tensor([2**31 - 1]))


@pytest.mark.parametrize("trains", [True, False], ids=["training", "measuring"])
def test_sums_do_not_stop_at_2_to_the_24_or_overflow(trains: bool, corpus: EncodedCorpus) -> None:
    large = 2.0**24  # the first float32 to which 1 cannot be added
    built = BuiltModel(Fixed([large, 1.0, 1.0, 1.0]), None)  # type: ignore[arg-type]
    worker = small_torch_engine(IDS, built=built).worker()
    result = (
        worker.train_stretch(corpus, 0, 0, 300, (0.1, 0.1))()
        if trains
        else worker.measure_stretch(corpus, 0, 300)()
    )
    assert result.loss == large + 3
    assert result.pairs > 2**32
    assert result.pairs % (2**31 - 1) == 0


@EACH_DEVICE
def test_a_stretch_without_windows_teaches_nothing(device: torch.device, corpus: EncodedCorpus) -> None:
    engine = small_torch_engine(IDS, subsample=1e-12, device=device)
    before = engine.state()
    assert engine.worker().train_stretch(corpus, 0, 50, 150, (0.1, 0.1))()[1:] == (0, 0.0)
    assert_same_state(engine.state(), before)


def test_halos_that_are_too_short_are_read_again(
    corpus: EncodedCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = small_torch_engine(IDS).worker().measure_stretch(corpus, 300, 500)()
    monkeypatch.setattr("wordvec.engines.stretches.FIRST_HALO", -11)  # with 4 * window: 1
    assert small_torch_engine(IDS).worker().measure_stretch(corpus, 300, 500)() == wanted


def test_plain_sgd_trains_in_threads_and_other_optimizers_in_one(
    corpus: EncodedCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    for optimizer, workers, each in [("sgd", 4, 1), ("adam", 1, 4)]:
        engine = small_torch_engine(IDS, optimizer=optimizer, threads=4)
        engine.compile()
        assert engine.num_workers(4) == workers
        assert asked.pop() == each


@pytest.mark.parametrize("objective", ["softmax", "scaled"])
def test_a_step_goes_on_when_another_thread_has_moved_what_it_computes_from(
    objective: str, corpus: EncodedCorpus
) -> None:
    built = small_model(IDS, objective=Scaled if objective == "scaled" else objective)
    engine = small_torch_engine(IDS, built=built, threads=2)
    one, other = engine.worker(), engine.worker()
    has_begun: list[bool] = []

    def step_beside(*_: object) -> None:
        if not has_begun:
            has_begun.append(True)
            other.train_stretch(corpus, 0, 300, 310, (0.1, 0.1))()

    built.model.register_forward_hook(step_beside)  # between the losses of a step and their gradients
    before = [parameter.detach().clone() for parameter in built.model.parameters()]
    one.train_stretch(corpus, 0, 0, 10, (0.1, 0.1))()
    for parameter, was in zip(built.model.parameters(), before, strict=True):
        assert not torch.equal(parameter, was)


class Scaled(nn.Module):
    """An objective with a learned number, which every pair needs and moves."""

    def __init__(self, counts: NDArray[np.int64]):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, predictions: Predictions) -> ExampleLosses:
        lengths = predictions.hidden.square().sum((1, 2))
        return ExampleLosses((self.scale * (1 + lengths)).square(), predictions.is_pair.sum(1))


@STEPS
def test_two_threads_learn_about_what_one_learns(is_by_hand: bool, corpus: EncodedCorpus) -> None:
    losses = []
    for threads in (1, 2):
        engine = small_torch_engine(IDS, is_by_hand=is_by_hand, threads=threads, batch_size=4)
        train(engine, corpus, rates=(0.1, 0.05), threads=threads)
        losses.append(engine.worker().measure_stretch(corpus, 0, len(IDS))().loss)
    assert losses[1] == pytest.approx(losses[0], rel=0.02)


@EACH_DEVICE
def test_vectors_are_copies(device: torch.device, corpus: EncodedCorpus) -> None:
    engine = small_torch_engine(IDS, device=device)
    before = vectors_of(engine)
    inputs, outputs = engine.vectors()
    state = engine.state()
    train(engine, corpus, epochs=1)
    assert not np.array_equal(vectors_of(engine), before)
    np.testing.assert_array_equal(np.concatenate([inputs, outputs]), before)
    np.testing.assert_array_equal(state["model/input_embedding.weight"], inputs)
    np.testing.assert_array_equal(np.concatenate(engine.into_vectors()), vectors_of(engine))


def test_a_tree_has_no_output_vectors_of_words() -> None:
    engine = small_torch_engine(IDS, built=small_model(IDS, objective="hierarchical"))
    assert engine.vectors()[1] is None


def test_another_seed_gives_other_vectors_and_the_same_seed_the_same_bytes(corpus: EncodedCorpus) -> None:
    found = []
    for seed in (1, 1, 2):
        engine = small_torch_engine(IDS, built=small_model(IDS), seed=seed, batch_size=32, optimizer="adam")
        train(engine, corpus, epochs=1)
        found.append(vectors_of(engine).tobytes())
    assert found[0] == found[1] != found[2]


def test_parameters_that_are_frozen_stay_as_they_are(corpus: EncodedCorpus) -> None:
    """An objective may hold parameters that it does not learn."""
    built = small_model(IDS)
    frozen: Tensor = list(built.model.parameters())[1].requires_grad_(False)
    before = frozen.clone()
    engine = small_torch_engine(IDS, built=built)
    train(engine, corpus, epochs=1)
    assert torch.equal(frozen, before)
