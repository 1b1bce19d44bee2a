"""Windows laid by tensors: those of the CPU kernel, however the corpus is cut."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.devices import EACH_DEVICE
from tests.kernels.torch.laying import (
    Stretch,
    Window,
    by_kernel,
    by_tensors,
    laid,
    rules,
    stretch_of,
    whole,
)

from wordvec.corpus.encoded import TEXT_END

KEEP = np.random.default_rng(6).uniform(0.1, 1, 50).astype(np.float32)
KEEP[::7] = 1


def corpus(seed: int, size: int = 700, share_of_ends: float = 0.04) -> NDArray[np.int32]:
    rng = np.random.default_rng(seed)
    ids = np.minimum(rng.zipf(1.3, size) - 1, 49).astype(np.int32)
    ids[rng.random(size) < share_of_ends] = TEXT_END
    return ids


REACHES = pytest.mark.parametrize("is_fixed", [False, True], ids=["random reach", "fixed reach"])


@EACH_DEVICE
@REACHES
@pytest.mark.parametrize("window", [1, 2, 5, 40])
@pytest.mark.parametrize("share_of_ends", [0.0, 0.04, 0.5], ids=["one text", "texts", "tiny texts"])
def test_windows_are_those_of_the_kernel(
    window: int, share_of_ends: float, is_fixed: bool, device: torch.device
) -> None:
    ids = corpus(window, share_of_ends=share_of_ends)
    how = rules(window, KEEP, is_fixed=is_fixed, device=device)
    found = by_tensors(whole(ids), how)
    assert found == by_kernel(whole(ids), how)
    assert len(found) > 50


@EACH_DEVICE
@REACHES
def test_any_stretch_with_any_halo_gives_the_windows_of_the_kernel_or_none(
    is_fixed: bool, device: torch.device
) -> None:
    rng = np.random.default_rng(11)
    too_short = 0
    for seed in range(150):
        ids = corpus(seed, size=int(rng.integers(1, 80)), share_of_ends=rng.choice([0, 0.05, 0.3]))
        start, stop = sorted(rng.integers(0, len(ids) + 1, 2).tolist())
        stretch = stretch_of(ids, start, stop, halo=int(rng.integers(0, 12)))
        how = rules(int(rng.integers(1, 6)), KEEP, is_fixed=is_fixed, device=device)
        found = by_tensors(stretch, how)
        assert found == by_kernel(stretch, how)
        too_short += found is None
    assert 20 < too_short < 130


@EACH_DEVICE
@pytest.mark.parametrize("thins_text", [True, False], ids=["text", "window"])
@pytest.mark.parametrize("size", [1, 2, 7, 64, 699])
def test_cutting_the_corpus_loses_and_changes_nothing(
    size: int, thins_text: bool, device: torch.device
) -> None:
    ids = corpus(1)
    ids[np.random.default_rng(2).random(len(ids)) < 0.1] = -2  # gaps
    how = rules(4, KEEP, thins_text=thins_text, device=device)
    pieces: list[Window] = []
    for start in range(0, len(ids), size):
        halo, piece = 1, None
        while piece is None:
            piece = by_tensors(stretch_of(ids, start, min(start + size, len(ids)), halo), how)
            halo *= 2
        pieces += piece
    assert pieces == by_tensors(whole(ids), how)


@EACH_DEVICE
def test_a_halo_that_is_too_short_is_noticed(device: torch.device) -> None:
    ids = np.arange(1, 8, dtype=np.int32)

    def lay(start: int, stop: int, ids: NDArray[np.int32] = ids) -> list[Window] | None:
        return by_tensors(Stretch(ids, 10, start, stop, (False, False)), rules(3, device=device))

    assert lay(3, 4) is not None
    assert lay(2, 4) is None
    assert lay(3, 5) is None
    assert lay(4, 5, np.array([1, TEXT_END, 2, 3, 4, 5, 6, 7], np.int32)) is not None


def fixed(ids: list[int], window: int = 3, **how: bool) -> list[tuple[int, list[int]]]:
    """(center, contexts) of each window of a small corpus, all of which reach as far as they can."""
    return [found[1:] for found in by_tensors(whole(ids), rules(window, is_fixed=True, **how))]


def test_every_edge_of_a_window_and_of_a_text_is_reached() -> None:
    text = [3, 1, 4, 0, 5, 9, 2, 6]
    assert fixed([7, 8, TEXT_END, *text, TEXT_END, 0]) == [
        (7, [8]),
        (8, [7]),
        *(
            (word, text[max(0, place - 3) : place] + text[place + 1 : place + 4])
            for place, word in enumerate(text)
        ),
    ]


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([], []),
        ([TEXT_END], []),
        ([0], []),
        ([0, TEXT_END], []),
        ([0, TEXT_END, 0, TEXT_END], []),
        ([0, 4, TEXT_END], [(0, [4]), (4, [0])]),
        ([0, 0, TEXT_END, 1], [(0, [0]), (0, [0])]),
    ],
    ids=str,
)
def test_texts_of_a_few_words_give_what_they_have(
    ids: list[int], expected: list[tuple[int, list[int]]]
) -> None:
    assert fixed(ids) == expected


@EACH_DEVICE
def test_a_random_reach_is_uniform_from_1_to_the_whole_window(device: torch.device) -> None:
    found = by_tensors(whole(np.arange(20_000) % 50), rules(5, device=device))
    counts = np.bincount([len(window.contexts) for window in found[5:-5]], minlength=11)
    assert not counts[1::2].any()
    expected = len(found[5:-5]) / 5
    assert ((counts[2::2] - expected) ** 2 / expected).sum() < 18.5  # χ², 4 degrees of freedom, p = 0.001


@EACH_DEVICE
def test_words_are_kept_as_often_as_they_should_and_leave_no_place(device: torch.device) -> None:
    keep = np.linspace(0.05, 1, 20).astype(np.float32)
    ids = np.arange(40_000) % 20
    found = by_tensors(whole(ids), rules(1, keep, device=device))
    kept = np.bincount([window.center for window in found], minlength=20)
    expected = 2_000 * keep
    chi_square = ((kept - expected)[:-1] ** 2 / (expected * (1 - keep))[:-1]).sum()
    assert chi_square < 43.8  # 19 degrees of freedom, p = 0.001
    assert kept[-1] == 2_000
    assert all(
        before.center in after.contexts and after.center in before.contexts
        for before, after in itertools.pairwise(found)
    )


def test_padding_repeats_a_context_so_that_no_other_row_is_touched() -> None:
    windows = laid(whole([5, 6, TEXT_END, 7, 0, 8]), rules(2))
    assert not windows.is_context.all()
    for row, is_context in zip(windows.contexts, windows.is_context, strict=True):
        assert set(row.tolist()) == set(row[is_context].tolist())


def test_another_stream_draws_other_windows() -> None:
    ids = corpus(1)
    first = by_tensors(whole(ids), rules(4, KEEP))
    assert first == by_tensors(whole(ids), rules(4, KEEP))
    second = by_tensors(whole(ids), rules(4, KEEP), stream=np.uint64(6))
    assert [window.position for window in first] != [window.position for window in second]
    reaches = {window.position: len(window.contexts) for window in first}
    assert any(len(window.contexts) != reaches.get(window.position, -1) for window in second)
