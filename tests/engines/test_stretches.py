"""Stretches: the corpus cut into pieces of work, each position in one of them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.training.small import corpus_of, small_ids

from wordvec.config import Config
from wordvec.corpus.encoded import TEXT_END
from wordvec.engines.numba.spec import NUMBA
from wordvec.engines.stretches import (
    ends_of_batches,
    even_stretches,
    shuffled_stretches,
    stretches_of_texts,
)
from wordvec.engines.torch.spec import TORCH

MODULE = "wordvec.engines.stretches"


@pytest.mark.parametrize("max_positions", [256, 300, 32_768])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("size", [1, 255, 256, 257, 50_001])
def test_even_stretches_cover_the_corpus_and_are_as_large_as_they_may(
    size: int, threads: int, max_positions: int
) -> None:
    found = list(even_stretches(size, threads, max_positions))
    assert (found[0][0], found[-1][1]) == (0, size)
    assert all(before[1] == after[0] for before, after in pairwise(found))
    sizes = {stop - start for start, stop in found[:-1]}
    assert len(sizes) <= 1
    assert all(256 <= size <= max_positions for size in sizes)


@pytest.mark.parametrize("size", [1, 2**20, 2**20 + 1, 5 * 2**20 - 3])
def test_as_much_is_shuffled_at_a_time_as_memory_allows(size: int) -> None:
    found = list(shuffled_stretches(size, window=5))
    assert (found[0][0], found[-1][1]) == (0, size)
    assert all(before[1] == after[0] for before, after in pairwise(found))
    sizes = [stop - start for start, stop in found]
    assert max(sizes) <= 2**20
    assert max(sizes) - min(sizes) <= 1
    assert len(found) == -(-size // 2**20)


def test_less_is_shuffled_at_a_time_where_windows_are_wide() -> None:
    sizes = [stop - start for start, stop in shuffled_stretches(2**20, window=4096)]
    assert max(sizes) * 2 * 4096 <= 2**24


def stretches(ids: NDArray[np.integer], num_texts: int, folder: Path) -> list[tuple[int, int]]:
    return list(stretches_of_texts(corpus_of(ids, folder), num_texts))


def cut_by_hand(ids: NDArray[np.integer], num_texts: int) -> list[tuple[int, int]]:
    cuts, ends = [0], 0
    for position, word in enumerate(ids):
        ends += word == TEXT_END
        if word == TEXT_END and ends % num_texts == 0:
            cuts.append(position + 1)
    if cuts[-1] < len(ids):
        cuts.append(len(ids))
    return list(pairwise(cuts))


@pytest.mark.parametrize("positions_at_a_time", [1, 2, 7, 64, 2**20])
@pytest.mark.parametrize("num_texts", [1, 2, 5, 1000])
def test_texts_are_cut_where_counting_them_one_by_one_would(
    num_texts: int, positions_at_a_time: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{MODULE}.POSITIONS_AT_A_TIME", positions_at_a_time)
    for seed in range(3):
        ids = small_ids(300, seed, share_of_ends=0.1)
        assert stretches(ids, num_texts, tmp_path) == cut_by_hand(ids, num_texts)


def test_a_last_text_without_an_end_counts(tmp_path: Path) -> None:
    ids = np.array([1, TEXT_END, 2, 2, TEXT_END, 3, 3])
    assert stretches(ids, 2, tmp_path) == [(0, 5), (5, 7)]
    assert stretches(ids, 3, tmp_path) == [(0, 7)]


def test_texts_that_are_too_long_together_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{MODULE}.MAX_POSITIONS_OF_TEXTS", 4)
    ids = np.array([1, 1, 1, TEXT_END, *[2] * 9, TEXT_END, 3, TEXT_END, 3, TEXT_END])
    assert stretches(ids, 1, tmp_path) == [(0, 4), (4, 8), (8, 12), (12, 14), (14, 16), (16, 18)]
    assert stretches(ids, 2, tmp_path) == [(0, 4), (4, 8), (8, 12), (12, 14), (14, 18)]


@pytest.mark.parametrize("num_texts", [1, 2, 5, 1000])
@pytest.mark.parametrize("batches_at_once", [2, 7, 1000])
def test_stretches_of_several_batches_hold_the_same_batches(
    batches_at_once: int, num_texts: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where texts are too long for one stretch."""
    monkeypatch.setattr(f"{MODULE}.MAX_POSITIONS_OF_TEXTS", 40)
    for seed in range(5):
        ids = small_ids(700, seed, share_of_ends=(0.5, 0.1, 0.02, 0.001, 0.0)[seed])
        corpus = corpus_of(ids, tmp_path)
        found = list(stretches_of_texts(corpus, num_texts, batches_at_once=batches_at_once))
        batches = [
            (start + begin, start + end)
            for start, stop in found
            for begin, end in pairwise([0, *ends_of_batches(corpus.read(start, stop), num_texts)])
        ]
        assert batches == stretches(ids, num_texts, tmp_path)
        assert all(stop - start <= 40 for start, stop in found)
        in_each = [sum(start <= begin < stop for begin, _ in batches) for start, stop in found]
        assert max(in_each) <= batches_at_once
        whole = cut_by_hand(ids, num_texts)
        for (start, stop), has in zip(found[:-1], in_each[:-1], strict=True):
            is_piece = not any(start == begin for begin, _ in whole)
            next_end = min(end for _, end in whole if end > stop)
            assert is_piece or has == batches_at_once or next_end - start > 40, "there was room for another"


def test_shuffling_is_in_the_estimate_of_memory() -> None:
    """Of a text that is as long or longer; where all words are kept, there are more windows to shuffle."""
    settings = {"optimizer": "adam", "reduction": "mean", "skipgram_input": "center"}
    for spec in (NUMBA, TORCH):
        batches = [
            spec.memory(Config(**settings, **more), 10_000).batches
            for more in ({}, {"shuffle": True}, {"shuffle": True, "subsample": 0})
        ]
        assert batches[1] - batches[0] > 2**20 * 0.4 * 100
        assert batches[2] - batches[0] == pytest.approx((batches[1] - batches[0]) / 0.4, rel=1e-3)
