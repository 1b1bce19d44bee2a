"""The whole engine against the reference: many windows, many texts, a falling learning rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.training.small import corpus_of

from wordvec.corpus.encoded import TEXT_END
from wordvec.engines.numba.engine import Draws, NumbaEngine
from wordvec.engines.numba.window_model import Family
from wordvec.engines.stretches import Span
from wordvec.errors import EngineError
from wordvec.kernels.cpu.windows import WindowRules, draw_negatives, empty_windows, lay_windows
from wordvec.kernels.reference import update_window
from wordvec.sampling.noise import alias_table, noise_distribution
from wordvec.sampling.seeds import Purpose, stream
from wordvec.sampling.subsampling import keep_probabilities

WINDOW, NEGATIVES, SEED, SUBSAMPLE = 3, 3, 5, 0.05
RATE, SLOPE = 0.2, -1e-3


@pytest.fixture
def ids() -> NDArray[np.int32]:
    rng = np.random.default_rng(4)
    ids = np.minimum(rng.zipf(1.4, 160), 11).astype(np.int32) - 1
    ids[:11] = np.arange(11)  # every word occurs
    ids[11:][rng.random(149) < 0.1] = TEXT_END
    ids[-1] = TEXT_END
    ids.flags.writeable = False
    return ids


def engine_for(
    ids: NDArray[np.int32], subsample: float = SUBSAMPLE, *, is_fixed: bool = False
) -> NumbaEngine:
    counts = np.bincount(ids[ids >= 0])
    noise = alias_table(noise_distribution(counts, power=0.75))
    keep = keep_probabilities(counts, subsample)
    draws = Draws(keep, noise, WINDOW, is_fixed, NEGATIVES, SEED)
    return NumbaEngine(draws, Family(), counts, dim=21, contexts_per_part=40)


def draws(
    ids: NDArray[np.int32], epoch: int, *, is_fixed: bool = False
) -> list[tuple[int, int, list[int], list[int]]]:
    """(position, center, contexts, negatives) of each window that has contexts."""
    counts = np.bincount(ids[ids >= 0])
    windows = empty_windows(len(ids), NEGATIVES)
    rules = WindowRules(keep_probabilities(counts, SUBSAMPLE), WINDOW, is_fixed)
    reaches = stream(SEED, Purpose.WINDOWS, epoch)
    centers = lay_windows(ids, 0, (0, len(ids)), (True, True), rules, reaches, windows)
    noise = alias_table(noise_distribution(counts, 0.75))
    draw_negatives(windows, centers, noise, stream(SEED, Purpose.NEGATIVES, epoch))
    found = []
    for place in range(*centers):
        words = windows.words[windows.first[place] : windows.last[place] + 1].tolist()
        center = words.pop(place - windows.first[place])
        if words:
            found.append((int(windows.positions[place]), center, words, windows.negatives[place].tolist()))
    return found


@pytest.mark.parametrize("is_fixed", [False, True], ids=["random reach", "fixed reach"])
def test_many_windows_in_a_row_are_those_of_the_reference(ids: NDArray[np.int32], is_fixed: bool) -> None:
    engine = engine_for(ids, is_fixed=is_fixed)
    inputs, outputs = (matrix.astype(np.float64) for matrix in engine.vectors())
    worker = engine.worker()
    for epoch in range(3):
        expected, pairs = 0.0, 0
        for position, center, contexts, negatives in draws(ids, epoch, is_fixed=is_fixed):
            rate = RATE + SLOPE * position
            expected += update_window(inputs, outputs, np.array(contexts), center, np.array(negatives), rate)
            pairs += len(contexts) * (1 + NEGATIVES)
        result = worker.train_ids(
            ids,
            Span(0, len(ids), (True, True)),
            0,
            len(ids),
            epoch=epoch,
            learning_rate=RATE,
            learning_rate_slope=SLOPE,
        )
        assert result is not None
        assert (result.words, result.pairs) == (np.count_nonzero(ids >= 0), pairs)
        assert result.loss == pytest.approx(expected, rel=1e-5)
    for found, wanted in zip(engine.vectors(), (inputs, outputs), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=2e-6)


def test_windows_subsampling_and_negatives_are_drawn_afresh_each_epoch(ids: NDArray[np.int32]) -> None:
    first, second = draws(ids, 0), draws(ids, 1)
    assert [window[0] for window in first] != [window[0] for window in second]
    in_first = {window[0]: window for window in first}
    pairs = [(in_first[window[0]], window) for window in second if window[0] in in_first]
    assert any(len(one[2]) != len(other[2]) for one, other in pairs)
    assert sum(one[3] != other[3] for one, other in pairs) > len(pairs) / 2


def test_the_first_loss_is_that_of_untrained_vectors(ids: NDArray[np.int32]) -> None:
    result = (
        engine_for(ids, subsample=0)
        .worker()
        .train_ids(
            ids,
            Span(0, len(ids), (True, True)),
            0,
            len(ids),
            epoch=0,
            learning_rate=1e-9,
            learning_rate_slope=0.0,
        )
    )
    assert result is not None
    assert result.loss / result.pairs == pytest.approx(np.log(2), rel=1e-6)


def test_measuring_changes_nothing_and_finds_the_same_each_time(
    ids: NDArray[np.int32], tmp_path: Path
) -> None:
    engine, corpus = engine_for(ids), corpus_of(ids, tmp_path)
    worker = engine.worker()
    worker.train_stretch(corpus, 0, 0, len(ids), (0.2, 0.1))()
    before = engine.vectors()
    first = worker.measure_stretch(corpus, 10, 150)()
    assert first.loss > 0
    assert engine.worker().measure_stretch(corpus, 10, 150)() == first
    for matrix, unchanged in zip(engine.vectors(), before, strict=True):
        np.testing.assert_array_equal(matrix, unchanged)


def test_a_restored_engine_goes_on_with_the_same_bytes(ids: NDArray[np.int32], tmp_path: Path) -> None:
    corpus = corpus_of(ids, tmp_path)
    whole, resumed = engine_for(ids), engine_for(ids)
    whole.worker().train_stretch(corpus, 0, 0, len(ids), (0.2, 0.1))()
    resumed.restore(whole.state())
    for engine in (whole, resumed):
        engine.worker().train_stretch(corpus, 1, 0, len(ids), (0.1, 0.0))()
    for matrix, expected in zip(resumed.vectors(), whole.vectors(), strict=True):
        np.testing.assert_array_equal(matrix, expected)


def test_the_state_of_another_model_is_refused(ids: NDArray[np.int32]) -> None:
    engine = engine_for(ids)
    with pytest.raises(EngineError, match="that of another model"):
        engine.restore({name: array[:, :-1] for name, array in engine.state().items()})
    with pytest.raises(EngineError, match="that of another model"):
        engine.restore({"input": engine.state()["input"]})
