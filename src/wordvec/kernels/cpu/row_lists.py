"""Row lists: the rows of a matrix that a step touches, and for each row, the pairs or the examples that it is in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.batch_examples import contexts_of, first_pair, pairs_of_example, word_of_example
from wordvec.kernels.cpu.tile import ROWS_ASKED_AHEAD
from wordvec.kernels.simd.compile import kernel_part

__all__ = ["RowLists", "empty_row_lists", "sort_inputs", "sort_outputs"]

SPREADING_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)

# V words; E entries, one for each pair or example of a step that a row is in; G groups of rows


class RowLists(NamedTuple):
    """The touched rows of a matrix, in groups: each is sorted and moved by one thread."""

    number: NDArray[np.int64]  # (G,)  rows touched
    rows: NDArray[np.int32]  # (G, V)
    ends: NDArray[np.int64]  # (G, V)  where the entries of each end
    places: NDArray[np.int64]  # (G, E)  entries, row by row: the pair or the example
    offsets: NDArray[
        np.int64
    ]  # (G, E)  first float of the hidden row that the row met there, or of its gradient
    weights: NDArray[np.float32]  # (G, E)  how much of that row is added; 1 until it is known
    counts: NDArray[np.int32]  # (G, V)  while rows are sorted; else 0


def empty_row_lists(num_groups: int, vocabulary_size: int, num_entries: int) -> RowLists:
    """Room for the largest step; what is not used of it takes no memory."""
    of_rows, of_entries = (
        (num_groups, min(vocabulary_size, num_entries) + 1),
        (num_groups, num_entries + 1 + ROWS_ASKED_AHEAD),
    )
    return RowLists(
        number=np.zeros(num_groups, np.int64),
        rows=np.empty(of_rows, np.int32),
        ends=np.empty(of_rows, np.int64),
        places=np.empty(of_entries, np.int64),
        offsets=np.empty(of_entries, np.int64),
        weights=np.ones(of_entries, np.float32),
        counts=np.zeros((num_groups, vocabulary_size), np.int32),
    )


@kernel_part
def sort_outputs(rules, batches, batch, part, examples, row_length, lists, group):  # type: ignore[no-untyped-def]
    """List a group of output rows, and the pairs in which each is a target, in the order of the text."""
    begin = batches.cuts[batch]
    number_so_far = np.int64(0)
    for is_second_time in range(2):
        if is_second_time:
            lists.number[group] = number_so_far
            _counts_to_places(lists, group)
        for window in range(begin, batches.cuts[batch + 1]):
            number, before = contexts_of(rules, batches, batch, part, window)[1:]
            pair = first_pair(rules, window - begin, before)
            num_examples = min(number, np.int64(1)) if rules.looks_up_center else number
            first_example = window - begin if rules.looks_up_center else before
            num_pairs = pairs_of_example(rules, number)
            for example in range(first_example, first_example + num_examples):
                if is_second_time:
                    for index in range(pair, pair + num_pairs):
                        _write(lists, group, examples.targets[np.uint64(index)], index, example * row_length)
                else:
                    for index in range(pair, pair + num_pairs):
                        number_so_far = _count(
                            lists, group, examples.targets[np.uint64(index)], number_so_far
                        )
                pair += num_pairs
    _forget_counts(lists, group)


@kernel_part
def sort_inputs(rules, batches, batch, part, row_length, lists, group):  # type: ignore[no-untyped-def]
    """List a group of input rows, and the examples in which each is the hidden row, in the order of the text."""
    begin = batches.cuts[batch]
    number_so_far = np.int64(0)
    for is_second_time in range(2):
        if is_second_time:
            lists.number[group] = number_so_far
            _counts_to_places(lists, group)
        for window in range(begin, batches.cuts[batch + 1]):
            first, number, before = contexts_of(rules, batches, batch, part, window)
            num_examples = min(number, np.int64(1)) if rules.looks_up_center else number
            first_example = window - begin if rules.looks_up_center else before
            for index in range(num_examples):
                row = word_of_example(rules, batches, window, first, index)
                example = first_example + index
                if is_second_time:
                    _write(lists, group, row, example, example * row_length)
                else:
                    number_so_far = _count(lists, group, row, number_so_far)
    _forget_counts(lists, group)


@kernel_part
def _count(lists, group, row, number_so_far):  # type: ignore[no-untyped-def]
    """Count an entry of a row, if it is of this group; return how many rows of it have been seen."""
    is_ours = _is_in_group(lists, group, row)
    place = np.uint64(row)
    entries = lists.counts[group, place]
    lists.counts[group, place] = entries + np.int32(is_ours)
    lists.rows[group, np.uint64(number_so_far)] = row
    return number_so_far + (is_ours & np.int64(entries == 0))


@kernel_part
def _write(lists, group, row, place, offset):  # type: ignore[no-untyped-def]
    """Write an entry of a row, if it is of this group; else to where nobody reads."""
    is_ours = _is_in_group(lists, group, row)
    next_entry = np.int64(lists.counts[group, np.uint64(row)])
    nowhere = np.int64(len(lists.places[group]) - 1)
    entry = np.uint64(nowhere + is_ours * (next_entry - nowhere))
    lists.places[group, entry] = place
    lists.offsets[group, entry] = offset
    lists.counts[group, np.uint64(row)] = np.int32(next_entry + is_ours)


@kernel_part
def _is_in_group(lists, group, row):  # type: ignore[no-untyped-def]
    """1 or 0, without a branch.

    Rows of other groups take the same way, and what is written of them goes nowhere: no processor can guess whose a row
    is, and each wrong guess costs it more than all else here.
    """
    spread = (np.uint64(row) * SPREADING_MULTIPLIER) >> np.uint64(32)
    return np.int64(np.int64((spread * np.uint64(len(lists.number))) >> np.uint64(32)) == group)


@kernel_part
def _counts_to_places(lists, group):  # type: ignore[no-untyped-def]
    """Turn how many entries each row has into where they begin."""
    begin = np.int64(0)
    for index in range(lists.number[group]):
        row = lists.rows[group, index]
        end = begin + np.int64(lists.counts[group, row])
        lists.counts[group, row] = begin
        lists.ends[group, index] = end
        begin = end


@kernel_part
def _forget_counts(lists, group):  # type: ignore[no-untyped-def]
    for index in range(lists.number[group]):
        lists.counts[group, lists.rows[group, index]] = 0
