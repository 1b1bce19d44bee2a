"""Row lists: the rows of a matrix that a step touches, and for each row, the pairs or the examples that it is in.

They are sorted by counting, in three phases, each of which is cut into sections of the batch:

    count   how often each section names each row
    place   find where the entries of each row begin, for a row that this section is the first to name
    write   the entries of a section to their places

So threads sort different sections, and the entries of a row are in the order of the text, however many sections there
are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.batch_examples import contexts_of, first_pair, pairs_of_example, word_of_example
from wordvec.kernels.cpu.tile import ROWS_ASKED_AHEAD
from wordvec.kernels.simd.compile import kernel_part

__all__ = [
    "MAX_SECTIONS",
    "RowLists",
    "count_inputs",
    "count_outputs",
    "empty_row_lists",
    "place_entries",
    "rows_of_share",
    "sections_for",
    "write_inputs",
    "write_outputs",
]

MAX_SECTIONS = 8  # as each row that is placed asks all sections
MAX_ENTRIES = 2**31 - 1  # of all sections together, as they are counted in 32 bits
ENTRIES_LIKE_A_ROW = 4  # entries that take as long as what each row takes beside

# V words; S sections; E entries, one for each pair or example of a step that a row is in


class RowLists(NamedTuple):
    """The touched rows of a matrix, each in the list of the section that is the first to name it."""

    num_named: NDArray[np.int64]  # (S,)  rows that a section names
    named: NDArray[np.int32]  # (S, V)  and which
    number: NDArray[np.int64]  # (S,)  rows of a list
    rows: NDArray[np.int32]  # (S, V)
    ends: NDArray[np.int64]  # (S, V)  where the entries of each end, after those of the row before
    room: int  # E: entries of a list begin at that many times its number
    places: NDArray[np.int32]  # (S·E,)  entries, row by row: the pair or the example
    offsets: NDArray[
        np.int64
    ]  # (S·E,)  first float of the hidden row that the row met there, or of its gradient
    weights: NDArray[np.float32]  # (S·E,)  how much of that row is added
    counts: NDArray[np.int32]  # (S, V)  entries of each row in a section, while they are counted; else 0
    following: NDArray[np.int32]  # (S, V)  where the next entry of a row in a section goes, among all lists'


def empty_row_lists(num_threads: int, vocabulary_size: int, num_entries: int) -> RowLists:
    """Room for the largest step; what is not used of it takes no memory."""
    room = num_entries + ROWS_ASKED_AHEAD
    sections = sections_for(num_threads, room)
    of_rows = (sections, min(vocabulary_size, num_entries) + 1)
    return RowLists(
        num_named=np.zeros(sections, np.int64),
        named=np.empty(of_rows, np.int32),
        number=np.zeros(sections, np.int64),
        rows=np.empty(of_rows, np.int32),
        ends=np.empty(of_rows, np.int64),
        room=room,
        places=np.empty(sections * room, np.int32),
        offsets=np.empty(sections * room, np.int64),
        weights=np.empty(sections * room, np.float32),
        counts=np.zeros((sections, vocabulary_size), np.int32),
        following=np.empty((sections, vocabulary_size), np.int32),
    )


def sections_for(num_threads: int, room: int) -> int:
    """How many sections that many threads can sort, if each list has room for `room` entries.

    >>> sections_for(2, room=200_000), sections_for(64, room=200_000)
    (2, 8)
    """
    return max(min(num_threads, MAX_SECTIONS, MAX_ENTRIES // room), 1)


# Count


@kernel_part
def count_outputs(rules, batches, batch, part, examples, lists, section):  # type: ignore[no-untyped-def]
    """Count how often each output row is a target in a section of the batch."""
    named, first_window = np.int64(0), batches.cuts[batch]
    begin, end = _windows_of_section(batches, batch, lists, section)
    for window in range(begin, end):
        number, before = contexts_of(rules, batches, batch, part, window)[1:]
        pair = first_pair(rules, window - first_window, before)
        num_examples = min(number, np.int64(1)) if rules.looks_up_center else number
        for index in range(pair, pair + num_examples * pairs_of_example(rules, number)):
            named = _count(lists, section, examples.targets[np.uint64(index)], named)
    lists.num_named[section] = named


@kernel_part
def count_inputs(rules, batches, batch, part, lists, section):  # type: ignore[no-untyped-def]
    """Count how often each input row predicts in a section of the batch."""
    named = np.int64(0)
    begin, end = _windows_of_section(batches, batch, lists, section)
    for window in range(begin, end):
        first, number = contexts_of(rules, batches, batch, part, window)[:2]
        num_examples = min(number, np.int64(1)) if rules.looks_up_center else number
        for index in range(num_examples):
            named = _count(lists, section, word_of_example(rules, batches, window, first, index), named)
    lists.num_named[section] = named


@kernel_part
def _windows_of_section(batches, batch, lists, section):  # type: ignore[no-untyped-def]
    first, number, num_sections = (
        batches.cuts[batch],
        batches.cuts[batch + 1] - batches.cuts[batch],
        len(lists.number),
    )
    return first + number * section // num_sections, first + number * (section + 1) // num_sections


@kernel_part
def _count(lists, section, row, named):  # type: ignore[no-untyped-def]
    """Count an entry of a row; return how many rows have been named.

    The row is listed in any case: whether it is new cannot be guessed, and a wrong guess costs more than all else here.
    """
    place = np.uint64(row)
    entries = lists.counts[section, place]
    lists.counts[section, place] = entries + np.int32(1)
    lists.named[section, np.uint64(named)] = row
    return named + np.int64(entries == 0)


# Place


@kernel_part
def place_entries(lists, section):  # type: ignore[no-untyped-def]
    """List the rows that this section is the first to name, and find where each section's entries of them begin."""
    num_sections, number = len(lists.number), np.int64(0)
    begin = np.int64(section * lists.room)
    end = begin
    for index in range(lists.num_named[section]):
        row = np.int64(lists.named[section, index])
        before = np.int32(0)
        for earlier in range(section):
            before += lists.counts[earlier, row]
        if before == 0:
            for later in range(section, num_sections):
                lists.following[later, row] = end
                end += lists.counts[later, row]
            lists.rows[section, number] = row
            lists.ends[section, number] = end - begin
            number += 1
    lists.number[section] = number


# Write


@kernel_part
def write_outputs(rules, batches, batch, part, row_length, examples, lists, section):  # type: ignore[no-untyped-def]
    """Write the pairs of a section to the entries of their targets' rows; how much each counts is not known yet."""
    first_window = batches.cuts[batch]
    begin, end = _windows_of_section(batches, batch, lists, section)
    for window in range(begin, end):
        number, before = contexts_of(rules, batches, batch, part, window)[1:]
        pair = first_pair(rules, window - first_window, before)
        num_examples = min(number, np.int64(1)) if rules.looks_up_center else number
        first_example = window - first_window if rules.looks_up_center else before
        num_pairs = pairs_of_example(rules, number)
        for example in range(first_example, first_example + num_examples):
            for index in range(pair, pair + num_pairs):
                _write(lists, section, examples.targets[np.uint64(index)], index, example * row_length)
            pair += num_pairs
    _forget_counts(lists, section)


@kernel_part
def write_inputs(rules, batches, batch, part, row_length, lists, section):  # type: ignore[no-untyped-def]
    """Write the examples of a section to the entries of the rows that predict in them; each counts once."""
    first_window = batches.cuts[batch]
    begin, end = _windows_of_section(batches, batch, lists, section)
    for window in range(begin, end):
        first, number, before = contexts_of(rules, batches, batch, part, window)
        num_examples = min(number, np.int64(1)) if rules.looks_up_center else number
        first_example = window - first_window if rules.looks_up_center else before
        for index in range(num_examples):
            example = first_example + index
            row = word_of_example(rules, batches, window, first, index)
            entry = _write(lists, section, row, example, example * row_length)
            lists.weights[entry] = np.float32(1.0)
    _forget_counts(lists, section)


@kernel_part
def _write(lists, section, row, place, offset):  # type: ignore[no-untyped-def]
    """Write the next entry of a row; return where it stands."""
    entry = np.uint64(lists.following[section, np.uint64(row)])
    lists.following[section, np.uint64(row)] += np.int32(1)
    lists.places[entry] = place
    lists.offsets[entry] = offset
    return entry


@kernel_part
def _forget_counts(lists, section):  # type: ignore[no-untyped-def]
    for index in range(lists.num_named[section]):
        lists.counts[section, lists.named[section, index]] = 0


# Read


@kernel_part
def rows_of_share(lists, section, share, num_shares):  # type: ignore[no-untyped-def]
    """The first of the rows of a list's share, and their end: shares of about as much work."""
    return _rows_before(lists, section, share, num_shares), _rows_before(
        lists, section, share + 1, num_shares
    )


@kernel_part
def _rows_before(lists, section, share, num_shares):  # type: ignore[no-untyped-def]
    """How many rows of a list stand in the shares before one."""
    number = lists.number[section]
    if share == num_shares or number == 0:
        return number
    work = (lists.ends[section, number - 1] + ENTRIES_LIKE_A_ROW * number) * share // num_shares
    least, most = np.int64(0), number
    while least < most:
        middle = (least + most) // 2
        if lists.ends[section, middle] + ENTRIES_LIKE_A_ROW * (middle + 1) <= work:
            least = middle + 1
        else:
            most = middle
    return least
