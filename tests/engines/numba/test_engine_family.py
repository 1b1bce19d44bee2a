"""The whole family on whole texts, beside the torch engine with batches of one window; and what holds for every run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.engines.numba.judged import Ids, TextCase, assert_same_losses, config_for, judge, measure, train
from tests.parameters import each

from wordvec.config import Config
from wordvec.engines.numba.engine import NumbaEngine
from wordvec.engines.numba.spec import NUMBA
from wordvec.errors import EngineError

CBOW: dict[str, Any] = {"architecture": "cbow"}
FAMILY: dict[str, dict[str, Any]] = {
    "CBOW": CBOW,
    "CBOW, word2vec.c's gradient": {**CBOW, "cbow_gradient": "word2vec"},
    "CBOW, sum": {**CBOW, "pooling": "sum"},
    "CBOW, position weights": {**CBOW, "position_weights": True},
    "CBOW, hierarchical": {**CBOW, "objective": "hierarchical"},
    "CBOW, position weights, both": {
        **CBOW,
        "position_weights": True,
        "objective": "negative+hierarchical",
    },
    "skip-gram, hierarchical": {"objective": "hierarchical"},
    "skip-gram, both": {"objective": "negative+hierarchical"},
}
each_of_the_family = pytest.mark.parametrize(
    "settings",
    each(FAMILY, slow=["CBOW, word2vec.c's gradient", "CBOW, sum", "skip-gram, both"]),
)
# Deterministic kernels are compiled apart, seconds for each; hierarchical ones are those of one thread.
COMPILED_BY_DEFAULT = ("CBOW, hierarchical", "skip-gram, hierarchical")
each_as_compiled_by_default = pytest.mark.parametrize(
    "settings", each(FAMILY, slow=[name for name in FAMILY if name not in COMPILED_BY_DEFAULT])
)


def _texts() -> tuple[tuple[int, ...], ...]:
    chance = np.random.default_rng(3)
    lengths = [1, 2, 40, 3, 1, 17, 29, 5]
    return tuple(tuple((chance.zipf(1.4, length) % 40).tolist()) for length in lengths)


TEXTS = TextCase("many texts", 40, 20, _texts())


def config_of(settings: dict[str, Any], **more: Any) -> Config:
    """Windows of at most three words on each side, and a text that is thinned."""
    given = {"batch_size": None, "window": 3, "subsample": 0.05, **settings, **more}
    return config_for(TEXTS, **given)


def engine_of(config: Config) -> NumbaEngine:
    engine = NUMBA.build(config, TEXTS.counts(), start=TEXTS.start())
    assert isinstance(engine, NumbaEngine)
    engine.compile()
    return engine


def bytes_of(engine: NumbaEngine) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in engine.state().items()}


@each_of_the_family
def test_an_epoch_is_that_of_the_torch_engine_window_by_window(settings: dict[str, Any]) -> None:
    config = config_of(settings)
    engine, expected = engine_of(config), judge(TEXTS, replace(config, batch_size=1))
    assert_same_losses(train(engine, TEXTS, epochs=range(3)), train(expected, TEXTS, epochs=range(3)), 1e-4)
    assert_same_losses([measure(engine, TEXTS)], [measure(expected, TEXTS)], 1e-4)
    state, judged = engine.state(), expected.state()
    assert len(state) == len(judged)
    for name, matrix in state.items():
        (wanted,) = (
            array for other, array in judged.items() if array.shape == matrix.shape and name[:4] in other
        )
        np.testing.assert_allclose(matrix, wanted, rtol=1e-4, atol=1e-5, err_msg=name)


@each_of_the_family
def test_a_restored_engine_goes_on_with_the_same_bytes(settings: dict[str, Any]) -> None:
    expect_the_same_bytes_after_restoring(config_of(settings))


@each_as_compiled_by_default
def test_a_restored_deterministic_engine_goes_on_with_the_same_bytes(settings: dict[str, Any]) -> None:
    expect_the_same_bytes_after_restoring(config_of(settings, deterministic=True))


def expect_the_same_bytes_after_restoring(config: Config) -> None:
    whole, resumed = engine_of(config), engine_of(config)
    train(whole, TEXTS, epochs=range(2))
    resumed.restore(whole.state())
    for engine in (whole, resumed):
        train(engine, TEXTS, epochs=range(2, 3))
    assert bytes_of(whole) == bytes_of(resumed)


@each_as_compiled_by_default
def test_deterministic_training_does_not_depend_on_threads(settings: dict[str, Any]) -> None:
    found = []
    for threads in (1, 2, 3):
        engine = engine_of(config_of(settings, deterministic=True, threads=threads))
        assert engine.num_workers(threads) == 1
        train(engine, TEXTS, epochs=range(2))
        found.append(bytes_of(engine))
    assert found[0] == found[1] == found[2]


@each_of_the_family
def test_measuring_moves_nothing(settings: dict[str, Any]) -> None:
    engine = engine_of(config_of(settings))
    before = bytes_of(engine)
    first = measure(engine, TEXTS)
    assert first == measure(engine, TEXTS)
    assert first.loss > 0
    assert bytes_of(engine) == before


@each_of_the_family
def test_the_state_of_another_model_is_refused(settings: dict[str, Any]) -> None:
    engine = engine_of(config_of(settings))
    with pytest.raises(EngineError, match="that of another model"):
        engine.restore({name: array[:, :-1] for name, array in engine.state().items()})
    with pytest.raises(EngineError, match="that of another model"):
        engine.restore({"input": engine.state()["input"]})


@each_of_the_family
def test_vectors_are_those_of_words(settings: dict[str, Any]) -> None:
    engine = engine_of(config_of(settings))
    train(engine, TEXTS, epochs=range(1))
    inputs, outputs = engine.vectors()
    assert inputs.shape == (TEXTS.vocabulary_size, TEXTS.dim)
    if settings.get("objective") == "hierarchical":
        assert outputs is None
    else:
        assert outputs is not None
        np.testing.assert_array_equal(outputs, engine.state()["output"])
    given_away = engine.into_vectors()
    for given, copied in zip(given_away, (inputs, outputs), strict=True):
        assert (given is None) == (copied is None)
        if given is not None:
            np.testing.assert_array_equal(given, copied)


def test_windows_are_read_beyond_a_stretch() -> None:
    config = config_of(CBOW)
    whole, in_pieces = engine_of(config), engine_of(config)
    ids: Ids = TEXTS.ids
    train(whole, TEXTS, epochs=range(1))
    worker, rate = in_pieces.worker(), TEXTS.learning_rate
    for start in range(0, ids.num_positions, 7):
        worker.train_stretch(ids, 0, start, min(start + 7, ids.num_positions), (rate, rate / 2))()
    assert bytes_of(whole) == bytes_of(in_pieces)
