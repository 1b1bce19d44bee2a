"""Windows of batches: value for value those that tensors lay, by every rule, however the corpus is cut."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.kernels.torch.laying import (
    CONTEXT_STREAM,
    STREAM,
    Stretch,
    Window,
    as_lists,
    by_kernel,
    by_tensors,
    laid,
    rules,
    stretch_of,
    whole,
)

from wordvec.corpus.encoded import TEXT_END
from wordvec.kernels.cpu.batch_windows import (
    HALO_TOO_SHORT,
    NO_ROOM,
    ContextRules,
    Contexts,
    empty_contexts,
    list_contexts,
    shuffled_contexts,
)
from wordvec.kernels.torch.windows import WindowRules, shuffled_windows

GAP = -2
KEEP = np.random.default_rng(6).uniform(0.1, 1, 50).astype(np.float32)
KEEP[::7] = 1
EVERY_RULE = [
    dict(zip(("is_fixed", "is_full", "thins_text"), values, strict=True))
    for values in itertools.product([False, True], repeat=3)
]
BY_EVERY_RULE = pytest.mark.parametrize(
    "which", EVERY_RULE, ids=lambda which: " ".join(name for name, value in which.items() if value) or "none"
)


def corpus(seed: int, size: int = 700, share_of_ends: float = 0.04) -> NDArray[np.int32]:
    """Texts with gaps, and with a few words that stand again and again."""
    rng = np.random.default_rng(seed)
    ids = np.minimum(rng.zipf(1.3, size) - 1, 49).astype(np.int32)
    ids[rng.random(size) < 0.1] = GAP
    ids[rng.random(size) < share_of_ends] = TEXT_END
    return ids


def listed(stretch: Stretch, how: WindowRules, contexts: Contexts) -> int:
    ids = stretch.ids.copy()
    ids.flags.writeable = False
    context_rules = ContextRules(how.keep.numpy(), *how[1:])
    part = (stretch.start, stretch.stop)
    found: int = list_contexts(
        ids, stretch.first_position, part, stretch.is_whole, context_rules, STREAM, CONTEXT_STREAM, contexts
    )
    return found


def by_list(stretch: Stretch, how: WindowRules) -> list[Window] | None:
    """The windows, each with its contexts from left to right; slots are checked."""
    contexts = empty_contexts(len(stretch.ids), 2 * how.window * (len(stretch.ids) + 1))
    number = listed(stretch, how, contexts)
    return None if number == HALO_TOO_SHORT else in_lists(contexts, number, how)


def in_lists(contexts: Contexts, number: int, how: WindowRules) -> list[Window]:
    assert number >= 0
    assert contexts.first[0] == 0
    windows = []
    for center, position, first, end in zip(
        *(part[:number].tolist() for part in contexts[:2]),
        contexts.first[:number].tolist(),
        contexts.first[1 : number + 1].tolist(),
        strict=True,
    ):
        slots = contexts.slots[first:end].tolist()
        assert slots == sorted(set(slots))
        assert set(slots) <= set(range(2 * how.window))
        windows.append(Window(position, center, contexts.words[first:end].tolist()))
    return windows


@BY_EVERY_RULE
@pytest.mark.parametrize("window", [1, 2, 5, 40])
def test_windows_are_those_of_tensors(window: int, which: dict[str, bool]) -> None:
    ids = corpus(window, share_of_ends=0.04 if window < 40 else 0.002)
    how = rules(window, KEEP, **which)
    found = by_list(whole(ids), how)
    assert found == by_tensors(whole(ids), how)
    assert found is not None
    assert len(found) > 20


@pytest.mark.parametrize("epoch_stream", [np.uint64(7), np.uint64(2**64 - 3)])
def test_windows_are_shuffled_as_tensors_are_and_none_is_lost_or_changed(epoch_stream: np.uint64) -> None:
    stretch, how = whole(corpus(3)), rules(4, KEEP)
    contexts = empty_contexts(len(stretch.ids), 8 * len(stretch.ids))
    number = listed(stretch, how, contexts)
    in_order = in_lists(contexts, number, how)
    shuffled = in_lists(shuffled_contexts(contexts, number, epoch_stream), number, how)
    windows = laid(stretch, how)
    assert windows is not None
    assert shuffled == as_lists(shuffled_windows(windows, epoch_stream))
    assert sorted(shuffled) == in_order == in_lists(contexts, number, how)
    moved = [abs(place - in_order.index(window)) for place, window in enumerate(shuffled)]
    assert 0.25 < np.mean(moved) / number < 0.42  # a third, if any place is as likely as any other


def test_another_stream_is_another_order() -> None:
    stretch, how = whole(corpus(3)), rules(4, KEEP)
    contexts = empty_contexts(len(stretch.ids), 8 * len(stretch.ids))
    number = listed(stretch, how, contexts)
    orders = [shuffled_contexts(contexts, number, np.uint64(seed)).positions.tolist() for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]


@BY_EVERY_RULE
@pytest.mark.parametrize("window", [60, 2000])
def test_windows_wider_than_any_text_are_those_of_tensors(window: int, which: dict[str, bool]) -> None:
    """Tensors have columns for the longest text alone, and draw as if they had one for each place."""
    ids, how = corpus(12, size=300, share_of_ends=0.1), rules(window, KEEP, **which)
    found = by_list(whole(ids), how)
    assert found == by_tensors(whole(ids), how)
    assert found is not None
    assert bool(found) is not which["is_full"]


@pytest.mark.parametrize("is_fixed", [False, True])
def test_windows_without_gaps_are_those_of_windows_that_share_their_noise(is_fixed: bool) -> None:
    ids = corpus(8)
    ids[ids == GAP] = 3
    how = rules(4, KEEP, is_fixed=is_fixed)
    assert by_list(whole(ids), how) == by_kernel(whole(ids), how)


@BY_EVERY_RULE
def test_any_stretch_with_any_halo_gives_the_windows_of_tensors_or_none(which: dict[str, bool]) -> None:
    rng = np.random.default_rng(11)
    too_short = 0
    for seed in range(100):
        ids = corpus(seed, size=int(rng.integers(1, 80)), share_of_ends=rng.choice([0, 0.05, 0.3]))
        start, stop = sorted(rng.integers(0, len(ids) + 1, 2).tolist())
        stretch = stretch_of(ids, start, stop, halo=int(rng.integers(0, 12)))
        how = rules(int(rng.integers(1, 6)), KEEP, **which)
        found = by_list(stretch, how)
        assert found == by_tensors(stretch, how)
        too_short += found is None
    assert 5 < too_short < 80


@BY_EVERY_RULE
@pytest.mark.parametrize("size", [1, 7, 64])
def test_cutting_the_corpus_loses_and_changes_nothing(size: int, which: dict[str, bool]) -> None:
    ids, how = corpus(1), rules(4, KEEP, **which)
    pieces: list[Window] = []
    for start in range(0, len(ids), size):
        halo, piece = 1, None
        while piece is None:
            piece = by_list(stretch_of(ids, start, min(start + size, len(ids)), halo), how)
            halo *= 2
        pieces += piece
    assert pieces == by_list(whole(ids), how)


def test_slots_count_the_places_around_a_center_from_the_left() -> None:
    contexts = empty_contexts(5, 99)
    assert listed(whole([5, 6, GAP, 7, 8]), rules(3, is_fixed=True), contexts) == 4
    slots = [contexts.slots[first:end].tolist() for first, end in itertools.pairwise(contexts.first[:5])]
    assert slots == [[3, 5], [2, 4, 5], [0, 1, 3], [0, 2]]


def test_too_little_room_is_said_and_just_enough_suffices() -> None:
    ids, how = whole(corpus(3)), rules(3, KEEP)
    ample = empty_contexts(len(ids.ids), 10_000)
    number = listed(ids, how, ample)
    needed = int(ample.first[number])
    for room in (0, 5, 6, needed - 1):
        wholes = [np.full(room + 64, -7, np.int32) for _ in range(2)]
        words, slots = (whole[:room] for whole in wholes)
        tight = empty_contexts(len(ids.ids), 0)._replace(words=words, slots=slots)
        assert listed(ids, how, tight) == NO_ROOM
        assert all((whole[room:] == -7).all() for whole in wholes)
    enough = empty_contexts(len(ids.ids), needed + 2 * how.window)
    assert listed(ids, how, enough) == number
    np.testing.assert_array_equal(enough.words[:needed], ample.words[:needed])
