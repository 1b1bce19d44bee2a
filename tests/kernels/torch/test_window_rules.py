"""Rules that the CPU kernel does not know: gaps, full windows alone, words thinned after windows are laid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from tests.devices import EACH_DEVICE
from tests.kernels.torch.laying import STREAM, as_lists, by_tensors, laid, rules, whole

from wordvec.corpus.encoded import GAP, TEXT_END


def fixed(ids: list[int], window: int, **how: Any) -> list[tuple[int, list[int]]]:
    return [found[1:] for found in by_tensors(whole(ids), rules(window, is_fixed=True, **how))]


@EACH_DEVICE
@pytest.mark.parametrize("thins_text", [True, False], ids=["text", "window"])
def test_a_gap_keeps_its_place_but_is_neither_center_nor_context(
    thins_text: bool, device: torch.device
) -> None:
    ids = [4, GAP, 0, GAP, GAP, GAP, 9, TEXT_END, GAP, 7]
    assert fixed(ids, 2, thins_text=thins_text, device=device) == [(4, [0]), (0, [4])]
    assert fixed(ids, 4, thins_text=thins_text, device=device) == [(4, [0]), (0, [4, 9]), (9, [0])]


def test_gaps_are_never_thinned() -> None:
    keep = np.full(50, 1e-6, np.float32)
    keep[:2] = 1
    assert by_tensors(whole([0, GAP, 1]), rules(1, keep)) == []
    assert by_tensors(whole([0, 30, 1]), rules(1, keep)) != []  # a thinned word leaves no place


@EACH_DEVICE
@pytest.mark.parametrize("is_fixed", [False, True], ids=["random reach", "fixed reach"])
def test_full_windows_alone_leave_out_the_edges_of_each_text(is_fixed: bool, device: torch.device) -> None:
    ids = [1, 2, 3, 4, 0, TEXT_END, 5, 6, 7, 8, TEXT_END, 5, 6, 7, 8, 9, 0, TEXT_END, 3]
    found = by_tensors(whole(ids), rules(2, is_fixed=is_fixed, is_full=True, device=device))
    assert [window.position for window in found] == [2, 13, 14]
    if is_fixed:
        assert [window.contexts for window in found] == [[1, 2, 4, 0], [5, 6, 8, 9], [6, 7, 9, 0]]


def test_a_gap_makes_no_window_less_full() -> None:
    assert fixed([1, GAP, 3, 4, 5], 2, is_full=True) == [(3, [1, 4, 5])]


IDS = np.arange(60_000) % 20
RATES = np.linspace(0.1, 1, 20).astype(np.float32)


@EACH_DEVICE
def test_thinning_windows_keeps_centers_and_contexts_as_often_as_it_should(device: torch.device) -> None:
    windows = laid(whole(IDS), rules(2, RATES, is_fixed=True, thins_text=False, device=device))
    kept_contexts = np.zeros((20, 20), int)
    np.add.at(
        kept_contexts,
        (
            windows.centers[:, None].expand(-1, 4)[windows.is_context].cpu().numpy(),
            windows.contexts[windows.is_context].cpu().numpy(),
        ),
        1,
    )
    for distance in (-2, -1, 1, 2):  # every pair occurs 3,000 times, and stays if both of its words do
        words = np.arange(20)
        others = (words + distance) % 20
        expected = 3_000 * RATES[words] * RATES[others]
        variance = expected * (1 - RATES[words] * RATES[others])
        chi_square = ((kept_contexts[words, others] - expected)[:-3] ** 2 / variance[:-3]).sum()
        assert chi_square < 40.8  # 17 degrees of freedom, p = 0.001


def test_thinning_windows_leaves_words_where_they_stood() -> None:
    found = by_tensors(whole(IDS[:5_000]), rules(2, RATES, is_fixed=True, thins_text=False))
    near = {(word, other) for word in range(20) for other in ((word + d) % 20 for d in (-2, -1, 1, 2))}
    assert {(window.center, context) for window in found for context in window.contexts} == near


def test_a_word_thinned_as_a_center_may_stay_a_context() -> None:
    found = by_tensors(whole(IDS[:2_000]), rules(1, RATES, is_fixed=True, thins_text=False))
    centers = {window.position for window in found}
    beside = [window for window in found if len(window.contexts) == 2]
    assert any(window.position + 1 not in centers for window in beside)
    thinned = by_tensors(whole(IDS[:2_000]), rules(1, RATES, is_fixed=True))
    assert {window.position for window in thinned} >= centers  # the same draws decide about centers


@EACH_DEVICE
def test_contexts_are_thinned_afresh_with_each_stream(device: torch.device) -> None:
    how = rules(2, RATES, is_fixed=True, thins_text=False, device=device)
    one, other = (
        as_lists(laid(whole(IDS[:500]), how, STREAM, context_stream=np.uint64(stream))) for stream in (1, 2)
    )
    contexts = {window.position: window.contexts for window in one}
    assert any(contexts.get(window.position, window.contexts) != window.contexts for window in other)
