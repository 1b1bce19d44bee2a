"""Batches of compiled kernels: the judge's steps, the same bytes on any number of threads, a state that goes on."""

from __future__ import annotations

import ctypes
import itertools
import threading
import time
from dataclasses import replace
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.engines.numba.judged import (
    GAP,
    LARGE_SCORES,
    MATCHING,
    TEXT_CASES,
    TextCase,
    assert_same_losses,
    batch_engine,
    bytes_of,
    config_for,
    judge,
    measure,
    train,
    vectors_of,
)

from wordvec.config import Config
from wordvec.engines.engine import LossSum
from wordvec.engines.numba import batches, spec
from wordvec.engines.numba.batches import (
    MAX_PAIRS,
    NegativeSamplingEngine,
    _Room,
    _Size,
    _size_of_steps,
    _with_reserve,
)
from wordvec.engines.numba.spec import REMEMBERED
from wordvec.errors import EngineError
from wordvec.kernels.cpu.batch_examples import empty_examples
from wordvec.kernels.cpu.batch_training import empty_batch_scratch, train_batches
from wordvec.kernels.cpu.row_lists import MAX_SECTIONS, empty_row_lists, sections_for

OPTIMIZERS = ("sgd", "adagrad", "sparse_adam", "adam")
PRODUCT = [
    {
        "skipgram_input": looked_up,
        "negative_sharing": sharing,
        "reduction": reduction,
        "optimizer": optimizer,
        **MATCHING[edges],
    }
    for looked_up, sharing, reduction, optimizer, edges in itertools.product(
        *(
            get_args(get_type_hints(Config)[name])
            for name in ("skipgram_input", "negative_sharing", "reduction")
        ),
        OPTIMIZERS,
        MATCHING,
    )
]
STEPS = 20
MANY_TEXTS, GAPS = (next(case for case in TEXT_CASES if case.name == name) for name in ("many texts", "gaps"))
EACH_CASE = pytest.mark.parametrize("case", TEXT_CASES, ids=lambda case: case.name)
EACH_OPTIMIZER = pytest.mark.parametrize("optimizer", OPTIMIZERS)
SECONDS_BETWEEN_THREADS = 0.002


def name_of(settings: dict[str, Any]) -> str:
    return " ".join(str(value) for value in settings.values())


def test_the_product_has_every_optimizer_that_the_engine_knows() -> None:
    assert {optimizer.replace("_", "") for optimizer in OPTIMIZERS} == set(REMEMBERED)
    assert len(PRODUCT) == 2 * 3 * 3 * 4 * 2


# The judge's steps


def assert_steps_of_the_judge(
    case: TextCase, config: Config, *, steps: int = STEPS, rounding: float = 1e-5
) -> list[LossSum]:
    """One step, and the others, each in an epoch of its own; then the loss of what is held out."""
    engine, judging = batch_engine(case, config, threads=2), judge(case, config)
    found, wanted = [], []
    for epochs in (range(1), range(1, steps)):
        found += train(engine, case, epochs=epochs)
        wanted += train(judging, case, epochs=epochs)
        expected = vectors_of(judging)
        np.testing.assert_allclose(
            vectors_of(engine), expected, rtol=rounding, atol=rounding * (1 + abs(expected).max())
        )
    assert_same_losses([*found, measure(engine, case)], [*wanted, measure(judging, case)], rounding)
    return found


@EACH_CASE
def test_steps_on_awkward_texts_are_those_of_the_judge(case: TextCase) -> None:
    """Each case with other settings; together, half of them."""
    for number in range(TEXT_CASES.index(case), len(PRODUCT), 2 * len(TEXT_CASES) + 1):
        config = config_for(case, batch_size=99, **PRODUCT[number])
        assert_steps_of_the_judge(case, config)


@pytest.mark.parametrize("settings", PRODUCT[::2], ids=name_of)
def test_batches_with_any_settings_are_those_of_the_judge(settings: dict[str, Any]) -> None:
    config = config_for(MANY_TEXTS, **{**settings, "batch_size": 40, "window": 3})
    found = assert_steps_of_the_judge(MANY_TEXTS, config, steps=2)
    assert found[0].loss > 0


@pytest.mark.parametrize("settings", PRODUCT[1::2], ids=name_of)
def test_batches_of_full_windows_with_any_settings_are_those_of_the_judge(settings: dict[str, Any]) -> None:
    case = TextCase("", 7, 5, (*GAPS.texts, *MANY_TEXTS.texts[-1:], (3, GAP, 3, 3, 6, 0, 3, GAP)))
    case = replace(case, vocabulary_size=40)
    found = assert_steps_of_the_judge(
        case, config_for(case, **{**settings, "batch_size": 4, "window": 2}), steps=2
    )
    assert found[0].loss > 0


# Not on the many texts, for which the default run has all combinations with narrow windows: in wide ones, a sum of
# gradients nearly cancels, and Adam divides it by itself, with its rounding (PyTorch's float32 is off there, too).
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case, id=case.name, marks=pytest.mark.exhaustive if "very wide" in case.name else pytest.mark.slow
        )
        for case in TEXT_CASES
        if case is not MANY_TEXTS
    ],
)
def test_every_combination_on_every_awkward_text_is_that_of_the_judge(case: TextCase) -> None:
    for settings in PRODUCT:
        # Sums of that many pairs lead away from where they should: each step doubles what rounding has left.
        is_wild = case.longest > 30 and (settings["optimizer"], settings["reduction"]) == ("sgd", "sum")
        assert_steps_of_the_judge(case, config_for(case, **settings), steps=6 if is_wild else STEPS)


@pytest.mark.parametrize("looked_up", ["center", "context"])
@pytest.mark.parametrize("sharing", ["window", "pair", "batch"])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_scores_near_100_are_those_of_the_judge(looked_up: str, sharing: str, optimizer: str) -> None:
    config = config_for(
        LARGE_SCORES,
        skipgram_input=looked_up,
        negative_sharing=sharing,
        optimizer=optimizer,
        learning_rate=1e-3,
    )
    inputs, outputs = LARGE_SCORES.start()
    assert abs(inputs @ outputs.T).max() > 90
    assert_steps_of_the_judge(LARGE_SCORES, config, rounding=2e-5)


@pytest.mark.parametrize("looked_up", ["center", "context"])
@pytest.mark.parametrize("sharing", ["window", "pair", "batch"])
@pytest.mark.parametrize("batch_size", [5, 12])
def test_parts_of_wide_windows_are_those_of_the_judge(looked_up: str, sharing: str, batch_size: int) -> None:
    settings = {"skipgram_input": looked_up, "negative_sharing": sharing, "batch_size": batch_size}
    config = config_for(MANY_TEXTS, learning_rate=0.06, window=12, **settings)
    engine = batch_engine(MANY_TEXTS, config)
    assert engine._settings.contexts_per_part in range(2, 20)
    if looked_up == "center":
        assert engine._rules.contexts_at_full_step in range(2, 20)
    assert_steps_of_the_judge(MANY_TEXTS, config, steps=2, rounding=2e-5)


@EACH_OPTIMIZER
@pytest.mark.parametrize("looked_up", ["center", "context"])
def test_vectors_are_shortened_as_the_judge_does_when_they_are_looked_up(
    optimizer: str, looked_up: str
) -> None:
    config = config_for(
        MANY_TEXTS, optimizer=optimizer, skipgram_input=looked_up, max_norm=0.8, window=4, batch_size=7
    )
    assert_steps_of_the_judge(MANY_TEXTS, config, steps=2)


@pytest.mark.parametrize("looked_up", ["center", "context"])
@pytest.mark.parametrize("sharing", ["window", "pair", "batch"])
def test_other_draws_are_those_of_the_judge(looked_up: str, sharing: str) -> None:
    """Words that are thinned out after windows are laid, a fixed reach, and noise that avoids all targets."""
    config = config_for(
        MANY_TEXTS,
        skipgram_input=looked_up,
        negative_sharing=sharing,
        subsample=0.05,
        subsample_scope="window",
        subsample_formula="smooth",
        window_reach="fixed",
        negatives_avoid="targets",
        window=3,
    )
    assert_steps_of_the_judge(MANY_TEXTS, config, steps=3)


@EACH_OPTIMIZER
def test_batches_of_texts_are_those_of_the_judge(optimizer: str) -> None:
    config = config_for(MANY_TEXTS, optimizer=optimizer, batch_unit="texts", batch_size=3, window=4)
    engine, judging, ids = batch_engine(MANY_TEXTS, config), judge(MANY_TEXTS, config), MANY_TEXTS.ids
    assert [len(list(one.stretches(ids, 1))) for one in (engine, judging)] == [1, 3]
    for one in (engine, judging):
        for epoch, (start, stop) in itertools.product(range(2), one.stretches(ids, 1)):
            one.worker().train_stretch(ids, epoch, start, stop, (0.05, 0.01))()
    np.testing.assert_allclose(vectors_of(engine), vectors_of(judging), rtol=1e-5, atol=1e-5)


@EACH_OPTIMIZER
@pytest.mark.parametrize("looked_up", ["center", "context"])
def test_shuffled_batches_are_those_of_the_judge(looked_up: str, optimizer: str) -> None:
    """At a rate that falls from batch to batch."""
    config = config_for(
        MANY_TEXTS, optimizer=optimizer, shuffle=True, batch_size=20, skipgram_input=looked_up
    )
    assert_steps_of_the_judge(MANY_TEXTS, config, steps=3)
    engine, judging, ids = batch_engine(MANY_TEXTS, config), judge(MANY_TEXTS, config), MANY_TEXTS.ids
    assert list(engine.stretches(ids, 2)) == list(judging.stretches(ids, 2)) == [(0, ids.num_positions)]
    for one in (engine, judging):
        one.worker().train_stretch(ids, 0, 0, ids.num_positions, (0.05, 0.0))()
    np.testing.assert_allclose(vectors_of(engine), vectors_of(judging), rtol=1e-5, atol=1e-5)


def test_a_shuffled_batch_has_centers_from_all_of_the_text_and_each_epoch_its_own_order() -> None:
    case = replace(MANY_TEXTS, texts=MANY_TEXTS.texts * 30)
    engine = batch_engine(case, config_for(case, shuffle=True, subsample=0, optimizer="adam"))
    size = case.ids.num_positions
    orders = [engine._lister.list(case.ids, 0, size, epoch=epoch)[1].positions.copy() for epoch in (0, 1)]
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0].tolist() != orders[1].tolist()
    assert all(np.ptp(batch) > 0.5 * size for order in orders for batch in np.array_split(order, 20))


def test_what_is_held_out_is_measured_in_the_order_of_the_text() -> None:
    """So a loss can be compared with that of a run that does not shuffle, to the last digit."""
    measured = [
        measure(
            batch_engine(MANY_TEXTS, config_for(MANY_TEXTS, shuffle=shuffle, optimizer="adam")), MANY_TEXTS
        )
        for shuffle in (False, True)
    ]
    assert measured[0] == measured[1]


def test_a_text_without_windows_takes_no_step() -> None:
    case = replace(GAPS, texts=((3,), (GAP, 2, GAP), (1,)))
    engine = batch_engine(case, config_for(case, window=1, unknown="gap", window_edges="skip"))
    before = bytes_of(engine)
    assert train(engine, case, epochs=range(2)) == [LossSum(3)] * 2
    assert measure(engine, case) == LossSum(3)
    assert bytes_of(engine) == before


# Threads

THREADED = [
    {"optimizer": "sgd", "batch_size": 99, "learning_rate": 0.005},
    {"optimizer": "sgd", "learning_rate": 0.1, "window": 12, "skipgram_input": "center", "batch_size": 40},
    {"optimizer": "adam", "negative_sharing": "pair", "reduction": "mean", "batch_size": 40},
    {"optimizer": "sparse_adam", "negative_sharing": "batch", "max_norm": 0.8},
    {"optimizer": "adagrad", "skipgram_input": "center", "reduction": "example_mean", "batch_size": 7},
    {"optimizer": "adam", "shuffle": True, "skipgram_input": "center", "batch_size": 20},
    {"optimizer": "adam", "batch_size": 1},  # one chunk of windows, and fewer rows than threads
]
WITH_SETTINGS = pytest.mark.parametrize("settings", THREADED, ids=name_of)


def trained(
    case: TextCase, settings: dict[str, Any], threads: int, engine: NegativeSamplingEngine | None = None
) -> Any:
    engine = engine or batch_engine(case, config_for(case, **settings), threads)
    losses = train(engine, case, epochs=range(3))
    measured = measure(engine, case)
    state = {name: array.tobytes() for name, array in engine.state().items()}
    assert np.isfinite(vectors_of(engine)).all()
    return bytes_of(engine), state, losses, measured


@WITH_SETTINGS
def test_threads_change_no_byte(settings: dict[str, Any]) -> None:
    alone = trained(MANY_TEXTS, settings, 1)
    for threads in (2, 3, 7, MAX_SECTIONS + 3):
        assert trained(MANY_TEXTS, settings, threads) == alone


@EACH_OPTIMIZER
def test_more_threads_than_words_change_no_byte(optimizer: str) -> None:
    case = next(case for case in TEXT_CASES if case.name == "two words in all")
    settings = {"optimizer": optimizer, "reduction": "mean"}
    assert trained(case, settings, 5) == trained(case, settings, 1)


@WITH_SETTINGS
@pytest.mark.parametrize("dim", [20, 1500], ids=["short rows", "long rows"])
def test_threads_that_dawdle_change_no_byte(
    settings: dict[str, Any], dim: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With long rows, most threads are late because they are at work."""
    case, threads = replace(MANY_TEXTS, dim=dim, scale=0.5 * (20 / dim) ** 0.5), 5
    alone = trained(case, settings, 1)
    rng, naps = np.random.default_rng(2), []

    def nap() -> int:
        naps.append(threading.get_ident())
        time.sleep(float(rng.random()) ** 4 * SECONDS_BETWEEN_THREADS)
        return 0

    def train_late(*arguments: Any) -> None:
        time.sleep(float(rng.random()) * SECONDS_BETWEEN_THREADS)
        train_batches(*arguments)

    callback = ctypes.CFUNCTYPE(ctypes.c_int)(nap)
    monkeypatch.setattr(batches, "train_batches", train_late)
    for _ in range(50):
        engine = batch_engine(case, config_for(case, **settings), threads)
        engine._team.yield_address = ctypes.cast(callback, ctypes.c_void_p).value or 0
        assert trained(case, settings, threads, engine) == alone
        if len(naps) > 3:
            break
    assert len(naps) > 3


@pytest.mark.parametrize("unit", ["centers", "texts"])
def test_stretches_do_not_depend_on_threads(unit: str) -> None:
    config = config_for(MANY_TEXTS, batch_unit=unit, batch_size=2, optimizer="adam")
    case = replace(MANY_TEXTS, texts=MANY_TEXTS.texts * 200)
    stretches = [
        list(batch_engine(case, config, threads=threads).stretches(case.ids, threads))
        for threads in (1, 2, 7)
    ]
    assert stretches[0] == stretches[1] == stretches[2]
    assert len(stretches[0]) > 5
    assert batch_engine(case, config, threads=7).num_workers(7) == 1


def test_how_a_stretch_is_read_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """With hardly a word kept, windows reach far."""
    case = replace(MANY_TEXTS, texts=(sum(MANY_TEXTS.texts * 20, ()),))
    config = config_for(case, subsample=1e-3, window=4, optimizer="adam")

    def run() -> tuple[bytes, int]:
        engine = batch_engine(case, config)
        size = engine._lister._halo.size
        for start, stop in engine.stretches(case.ids, 1):
            engine.train_on(case.ids, 0, start, stop, (0.01, 0.01))
        return bytes_of(engine), engine._lister._halo.size - size

    far, _ = run()
    monkeypatch.setattr("wordvec.engines.stretches.FIRST_HALO", 1)
    near, grown = run()
    assert near == far
    assert grown > 0


# State


def half_epochs(engine: NegativeSamplingEngine, case: TextCase, halves: range) -> None:
    """Epochs of two stretches; half number 3 is the second one of epoch 1."""
    ids = case.ids
    middle = ids.num_positions // 2
    for half in halves:
        start, stop = ((0, middle), (middle, ids.num_positions))[half % 2]
        engine.train_stretch(ids, half // 2, start, stop, (0.05, 0.01))()


@EACH_OPTIMIZER
@pytest.mark.parametrize("halves", range(1, 5))
def test_a_restored_engine_goes_on_with_the_same_bytes(optimizer: str, halves: int) -> None:
    """In the middle of an epoch and between two, with rests of rows that are longer than what is taken step by step."""
    config = config_for(MANY_TEXTS, optimizer=optimizer, reduction="mean", window=2, batch_size=1)
    whole, resumed = (batch_engine(MANY_TEXTS, config, threads) for threads in (2, 3))
    half_epochs(whole, MANY_TEXTS, range(halves))
    state = whole.state()
    kept = {name: array.copy() for name, array in state.items()}
    half_epochs(resumed, MANY_TEXTS, range(3))  # what it has done before is forgotten
    resumed.restore(state)
    assert bytes_of(resumed) == bytes_of(whole)
    for engine in (whole, resumed):
        half_epochs(engine, MANY_TEXTS, range(halves, 7))
    assert bytes_of(resumed) == bytes_of(whole)
    for name, array in whole.state().items():
        np.testing.assert_array_equal(resumed.state()[name], array)
    for name, array in state.items():
        np.testing.assert_array_equal(array, kept[name])  # it is a copy


@EACH_OPTIMIZER
def test_looking_at_the_vectors_in_between_changes_nothing(optimizer: str) -> None:
    config = config_for(MANY_TEXTS, optimizer=optimizer, window=2, batch_size=1)
    watched, unwatched = (batch_engine(MANY_TEXTS, config) for _ in range(2))
    for half in range(4):
        half_epochs(unwatched, MANY_TEXTS, range(half, half + 1))
        half_epochs(watched, MANY_TEXTS, range(half, half + 1))
        for matrix in watched.vectors():
            matrix[:] = np.nan  # they are copies
        watched.state()
    assert bytes_of(watched) == bytes_of(unwatched)


@EACH_OPTIMIZER
def test_measuring_changes_nothing_but_that_rows_take_the_steps_of_their_rests(optimizer: str) -> None:
    config = config_for(MANY_TEXTS, optimizer=optimizer, window=2, reduction="mean", batch_size=1)
    measured, settled = (batch_engine(MANY_TEXTS, config) for _ in range(2))
    for engine in (measured, settled):
        half_epochs(engine, MANY_TEXTS, range(3))
    before = bytes_of(measured)
    first = measure(measured, MANY_TEXTS)
    assert measure(measured, MANY_TEXTS) == first
    assert first.loss > 0
    assert bytes_of(measured) == before
    settled._state.settle()
    for engine in (measured, settled):
        half_epochs(engine, MANY_TEXTS, range(3, 6))
    assert bytes_of(measured) == bytes_of(settled)


@EACH_OPTIMIZER
def test_the_vectors_that_are_handed_over_are_those_that_were_to_be_seen(optimizer: str) -> None:
    engine = batch_engine(MANY_TEXTS, config_for(MANY_TEXTS, optimizer=optimizer))
    half_epochs(engine, MANY_TEXTS, range(3))
    seen = vectors_of(engine)
    np.testing.assert_array_equal(np.concatenate(engine.into_vectors()), seen)


@EACH_OPTIMIZER
def test_the_state_of_another_model_or_optimizer_is_refused(optimizer: str) -> None:
    case = GAPS
    engine = batch_engine(case, config_for(case, optimizer=optimizer, reduction="mean"))
    train(engine, case, epochs=range(1))
    before, state = bytes_of(engine), engine.state()
    others = [{name: array for name, array in state.items() if name != missing} for missing in state]
    others += [
        {**state, "input": state["input"][:, :-1]},
        {**state, "output": state["output"][:-1]},
        {**state, "surplus": np.zeros(1)},
        {},
    ]
    for other in OPTIMIZERS:
        if other != optimizer:
            others.append(batch_engine(case, config_for(case, optimizer=other, reduction="mean")).state())
    for refused in others:
        with pytest.raises(EngineError, match="another model or optimizer"):
            engine.restore(refused)
    assert bytes_of(engine) == before


# Memory

GUARD = 64


def guarded(arrays: Any, is_whole: list[Any]) -> Any:
    """The same arrays, full of nonsense where they need not be 0 or 1, between guards that nothing may write to."""
    parts = {}
    for name, array in arrays._asdict().items():
        if isinstance(array, int):
            parts[name] = array
            continue
        whole = np.full(array.size + 2 * GUARD, 12345, array.dtype)
        part = whole[GUARD:-GUARD].reshape(array.shape)
        must_stay = name in ("counts", "loss")
        part[...] = array if must_stay or array.dtype != np.float32 else np.nan
        is_whole.append(
            lambda whole=whole: bool((whole[:GUARD] == 12345).all() and (whole[-GUARD:] == 12345).all())
        )
        parts[name] = part
    return type(arrays)(**parts)


@pytest.mark.parametrize("batch_size", [3, 99])
@pytest.mark.parametrize("settings", PRODUCT[::8], ids=name_of)
def test_nothing_is_written_outside_of_memory_that_just_suffices(
    settings: dict[str, Any], batch_size: int
) -> None:
    """And nothing is read there that was not written before."""
    config = config_for(MANY_TEXTS, **{**settings, "batch_size": batch_size, "window": 5})
    expected = batch_engine(MANY_TEXTS, config)
    engine, ids, checks = batch_engine(MANY_TEXTS, config, threads=2), MANY_TEXTS.ids, []
    num_windows, contexts = engine._lister.list(ids, 0, ids.num_positions, epoch=0)
    cuts = engine._cuts(ids, 0, ids.num_positions, contexts, num_windows)
    cut = engine._batches(contexts, cuts, 0, engine._settings.contexts_per_part)
    size, row_length = _size_of_steps(cut, engine._rules), engine._matrices.row_length
    engine._room = _Room(
        size,
        guarded(empty_examples(size.windows, size.examples, size.pairs, row_length), checks),
        (
            guarded(empty_row_lists(2, MANY_TEXTS.vocabulary_size, size.examples), checks),
            guarded(empty_row_lists(2, MANY_TEXTS.vocabulary_size, size.pairs), checks),
        ),
        [
            guarded(empty_batch_scratch(engine._tile, size.pairs_of_example, row_length), checks)
            for _ in range(2)
        ],
    )
    room = engine._room
    for one in (engine, expected):
        train(one, MANY_TEXTS, epochs=range(1))
    assert engine._room is room
    assert all(check() for check in checks)
    assert bytes_of(engine) == bytes_of(expected)
    assert not np.isnan(vectors_of(engine)).any()


def test_a_step_with_more_pairs_than_are_counted_is_refused() -> None:
    size = _Size(windows=10**8, examples=10**8, pairs=MAX_PAIRS, pairs_of_example=17)
    room = _with_reserve(size)
    assert sections_for(1, room.pairs) * room.pairs < 2**31
    with pytest.raises(EngineError, match=r"1,700,000,001 pairs .* at most 1,700,000,000; .* batch_size"):
        _with_reserve(size._replace(pairs=MAX_PAIRS + 1))


def test_the_estimate_of_memory_knows_how_many_sections_there_are() -> None:
    assert spec.MAX_SECTIONS == MAX_SECTIONS


def padding_of(engine: NegativeSamplingEngine) -> NDArray[np.float32]:
    matrices = engine._matrices
    flats = [matrices.input_vectors, matrices.output_vectors]
    flats += [flat for memory in engine._state.memories for flat in (memory.mean, memory.square) if len(flat)]
    return np.concatenate([flat.reshape(-1, matrices.row_length)[:, matrices.dim :] for flat in flats])


@EACH_OPTIMIZER
def test_padding_of_rows_stays_zero(optimizer: str) -> None:
    engine = batch_engine(MANY_TEXTS, config_for(MANY_TEXTS, optimizer=optimizer, max_norm=0.5))
    train(engine, MANY_TEXTS, epochs=range(3))
    assert padding_of(engine).shape[1] == 12
    assert not padding_of(engine).any()


def test_an_error_in_a_thread_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise MemoryError("no room for a stack")

    engine = batch_engine(GAPS, config_for(GAPS, optimizer="adam"), threads=2)
    monkeypatch.setattr(batches, "train_batches", fail)
    with pytest.raises(MemoryError, match="no room for a stack"):
        train(engine, GAPS, epochs=range(1))


def test_nothing_is_compiled_while_training() -> None:
    engine = batch_engine(MANY_TEXTS, config_for(MANY_TEXTS, optimizer="adam"), threads=2)
    engine.compile()
    compiled = len(train_batches.signatures)
    train(engine, MANY_TEXTS, epochs=range(2))
    measure(engine, MANY_TEXTS)
    assert len(train_batches.signatures) == compiled
