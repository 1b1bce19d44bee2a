"""Row lists: the rows of a matrix that a step touches, and for each row, the pairs or the examples that it is in.

They are sorted by counting, in three phases, each of which is cut into sections:

    count   how often each section of the batch has each row
    place   find where the entries of each row begin, for a section of the vocabulary
    write   the entries of a section of the batch to their places

So threads sort different sections, the entries of a row are in the order of the text, and rows in that of the
vocabulary, however many sections there are. Where a step touches most rows, memory is read faster in that order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.batch_examples import contexts_of, first_pair, pairs_of_example, word_of_example
from wordvec.kernels.simd.compile import kernel_part
from wordvec.kernels.simd.scans import lowest_bit

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

MAX_SECTIONS = 8  # as each row that is placed asks all of them
MAX_ENTRIES = 2**31 - 1  # of all sections together, as they are counted in 32 bits
BITS = 64  # in which the rows of a group are marked
ENTRIES_LIKE_A_ROW = 4  # entries that take as long as what each row takes beside

# V words; S sections; E entries, one for each pair or example of a step that a row is in


class RowLists(NamedTuple):
    """The touched rows of a matrix: a list for each section of the vocabulary."""

    number: NDArray[np.int64]  # (S,)  rows of a list
    rows: NDArray[np.int32]  # (S, V)
    ends: NDArray[np.int64]  # (S, V)  where the entries of each end, after those of the row before
    room: int  # E: entries of a list begin at that many times its number
    places: NDArray[np.int32]  # (S·E,)  entries, row by row: the pair or the example
    offsets: NDArray[
        np.int64
    ]  # (S·E,)  first float of the input row that an output row met there, or of the gradient of an input row
    weights: NDArray[np.float32]  # (S·E,)  how much of that row is added
    named: NDArray[np.int32]  # (S, V)  the rows that a section of the batch has, in the order of the text
    touched: NDArray[np.uint64]  # (S, V/64)  a bit for each of them, while they are listed; else 0
    touched_groups: NDArray[np.uint64]  # (S, V/64²)  a bit for each 64 rows of which one is touched
    counts: NDArray[
        np.int32
    ]  # (S, V)  entries of each row in a section of the batch, while they are counted; else 0
    following: NDArray[np.int32]  # (S, V)  where the next entry of a row in a section goes, among all lists'


def empty_row_lists(num_threads: int, vocabulary_size: int, num_entries: int) -> RowLists:
    """Room for the largest step; what is not used of it takes no memory."""
    sections = sections_for(num_threads, num_entries)
    max_rows = min(vocabulary_size, num_entries)
    num_groups = -(-vocabulary_size // BITS)
    return RowLists(
        number=np.zeros(sections, np.int64),
        rows=np.empty((sections, max_rows), np.int32),
        ends=np.empty((sections, max_rows), np.int64),
        room=num_entries,
        places=np.empty(sections * num_entries, np.int32),
        offsets=np.empty(sections * num_entries, np.int64),
        weights=np.empty(sections * num_entries, np.float32),
        named=np.empty((sections, max_rows + 1), np.int32),
        touched=np.zeros((sections, num_groups), np.uint64),
        touched_groups=np.zeros((sections, -(-num_groups // BITS)), np.uint64),
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
    _mark(lists, section, named)


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
    _mark(lists, section, named)


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

    The row is named in any case: whether it is new cannot be guessed, and a wrong guess costs more than all else here.
    """
    place = np.uint64(row)
    entries = lists.counts[section, place]
    lists.counts[section, place] = entries + np.int32(1)
    lists.named[section, np.uint64(named)] = row
    return named + np.int64(entries == 0)


@kernel_part
def _mark(lists, section, num_named):  # type: ignore[no-untyped-def]
    """Set the bits of the rows that were named."""
    bits, one = np.uint64(BITS), np.uint64(1)
    for index in range(num_named):
        row = np.uint64(lists.named[section, index])
        group = row // bits
        lists.touched[section, group] |= one << (row % bits)
        lists.touched_groups[section, group // bits] |= one << (group % bits)


# Place


@kernel_part
def place_entries(lists, section):  # type: ignore[no-untyped-def]
    """List the touched rows of a section of the vocabulary, and find where the entries of each begin."""
    num_sections, num_groups = lists.touched.shape
    first_group = num_groups * section // num_sections
    end_group = num_groups * (section + 1) // num_sections
    begin, number = np.int64(section * lists.room), np.int64(0)
    end = begin
    for place in range(first_group // BITS, (end_group + BITS - 1) // BITS):
        groups = _bits_between(first_group - place * BITS, end_group - place * BITS)
        groups &= _of_all_sections(lists.touched_groups, place)
        while groups:
            group = place * BITS + lowest_bit(groups)
            groups &= groups - np.uint64(1)
            rows = _of_all_sections(lists.touched, group)
            lists.touched[:, group] = np.uint64(0)
            while rows:
                row = group * BITS + lowest_bit(rows)
                rows &= rows - np.uint64(1)
                for one in range(num_sections):
                    lists.following[one, row] = end
                    end += lists.counts[one, row]
                    lists.counts[one, row] = 0
                lists.rows[section, number] = row
                lists.ends[section, number] = end - begin
                number += 1
    lists.number[section] = number


@kernel_part
def _bits_between(first, end):  # type: ignore[no-untyped-def]
    """The bits from `first` on, which may be below 0, up to `end`, which may be above 64."""
    all_bits = ~np.uint64(0)
    return (all_bits << np.uint64(max(first, 0))) & (all_bits >> np.uint64(BITS - min(end, BITS)))


@kernel_part
def _of_all_sections(bits, place):  # type: ignore[no-untyped-def]
    """The bits that are set in any section."""
    found = np.uint64(0)
    for section in range(len(bits)):
        found |= bits[section, place]
    return found


# Write


@kernel_part
def write_outputs(rules, batches, batch, part, row_length, examples, lists, section):  # type: ignore[no-untyped-def]
    """Write the pairs of a section to the entries of their targets' rows; how much each counts is not known yet."""
    first_window = batches.cuts[batch]
    begin, end = _windows_of_section(batches, batch, lists, section)
    for window in range(begin, end):
        first, number, before = contexts_of(rules, batches, batch, part, window)
        pair = first_pair(rules, window - first_window, before)
        num_examples = min(number, np.int64(1)) if rules.looks_up_center else number
        num_pairs = pairs_of_example(rules, number)
        for example in range(num_examples):
            hidden_row = np.int64(word_of_example(rules, batches, window, first, example)) * row_length
            for index in range(pair, pair + num_pairs):
                _write(lists, section, examples.targets[np.uint64(index)], index, hidden_row)
            pair += num_pairs
    lists.touched_groups[section] = np.uint64(0)


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
    lists.touched_groups[section] = np.uint64(0)


@kernel_part
def _write(lists, section, row, place, offset):  # type: ignore[no-untyped-def]
    """Write the next entry of a row; return where it stands."""
    entry = np.uint64(lists.following[section, np.uint64(row)])
    lists.following[section, np.uint64(row)] += np.int32(1)
    lists.places[entry] = place
    lists.offsets[entry] = offset
    return entry


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
