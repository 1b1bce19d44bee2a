"""Row lists: each row that a step touches once, with all of its entries in the order of the text."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from tests.kernels.cpu.batches import (
    ROW_LENGTH,
    VOCABULARY_SIZE,
    Drawn,
    batches_of,
    draw,
    examples_of,
    pair_rules,
    small_text,
)

from wordvec.kernels.cpu.row_lists import (
    MAX_SECTIONS,
    RowLists,
    count_inputs,
    count_outputs,
    empty_row_lists,
    place_entries,
    rows_of_share,
    sections_for,
    write_inputs,
    write_outputs,
)
from wordvec.kernels.simd.compile import kernel

NOISE = np.full(VOCABULARY_SIZE, 1 / VOCABULARY_SIZE)
LOOKED_UP = pytest.mark.parametrize("looks_up_center", [True, False], ids=["center", "context"])
SHARED = pytest.mark.parametrize("sharing", ["window", "pair", "batch"])
SECTIONS = pytest.mark.parametrize("num_sections", [1, 2, 3, MAX_SECTIONS])
PARTS = pytest.mark.parametrize(("contexts_per_part", "part"), [(99, 0), (3, 0), (3, 2)])

Entries = dict[int, list[tuple[int, int]]]  # of each row, its places and offsets


@kernel
def sort_all_outputs(rules, batches, part, examples, row_length, lists):  # type: ignore[no-untyped-def]
    for section in range(len(lists.number)):
        count_outputs(rules, batches, 1, part, examples, lists, section)
    for section in range(len(lists.number)):
        place_entries(lists, section)
    for section in range(len(lists.number)):
        write_outputs(rules, batches, 1, part, row_length, examples, lists, section)


@kernel
def sort_all_inputs(rules, batches, part, row_length, lists):  # type: ignore[no-untyped-def]
    for section in range(len(lists.number)):
        count_inputs(rules, batches, 1, part, lists, section)
    for section in range(len(lists.number)):
        place_entries(lists, section)
    for section in range(len(lists.number)):
        write_inputs(rules, batches, 1, part, row_length, lists, section)


@kernel
def find_share(lists, section, share, num_shares):  # type: ignore[no-untyped-def]
    return rows_of_share(lists, section, share, num_shares)


def entries_of(lists: RowLists) -> Entries:
    """All entries; rows stand in the order of the vocabulary, each once, and what was counted is forgotten."""
    found: Entries = {}
    for section, number in enumerate(lists.number.tolist()):
        begin = 0
        for row, end in zip(
            lists.rows[section, :number].tolist(), lists.ends[section, :number].tolist(), strict=True
        ):
            assert row > max(found, default=-1)
            of_row = slice(section * lists.room + begin, section * lists.room + end)
            found[row] = list(zip(lists.places[of_row].tolist(), lists.offsets[of_row].tolist(), strict=True))
            begin = end
    assert not lists.counts.any()
    assert not lists.touched.any()
    assert not lists.touched_groups.any()
    return found


def nonsense(lists: RowLists) -> RowLists:
    for name, array in lists._asdict().items():
        if name not in ("room", "counts", "touched", "touched_groups"):
            array[:] = 10**8
    return lists


def drawn_with(looks_up_center: bool, sharing: str, contexts_per_part: int, part: int) -> Drawn:
    batches = batches_of(small_text(), NOISE, contexts_per_part)
    rules = pair_rules(looks_up_center, sharing, contexts_per_part=contexts_per_part)
    return draw(rules, batches, part=part)


@LOOKED_UP
@SHARED
@SECTIONS
@PARTS
@pytest.mark.parametrize("apart", [1, 41, 997], ids=["close", "apart", "far apart"])
def test_output_rows_have_all_pairs_in_which_they_are_targets(
    looks_up_center: bool, sharing: str, num_sections: int, contexts_per_part: int, part: int, apart: int
) -> None:
    """Also where many rows between them are not touched."""
    drawn = drawn_with(looks_up_center, sharing, contexts_per_part, part)
    drawn.examples.targets[:] *= apart
    expected: Entries = defaultdict(list)
    for example in examples_of(drawn):
        for pair in range(example.first_pair, example.first_pair + example.num_pairs):
            expected[int(drawn.examples.targets[pair])].append((pair, example.word * ROW_LENGTH))
    num_entries = sum(len(entries) for entries in expected.values())
    lists = nonsense(empty_row_lists(num_sections, apart * VOCABULARY_SIZE, num_entries))
    for _ in range(2):  # the second time in memory that has been used
        sort_all_outputs(drawn.rules, drawn.batches, part, drawn.examples, ROW_LENGTH, lists)
        assert entries_of(lists) == expected


@LOOKED_UP
@SECTIONS
@PARTS
def test_input_rows_have_all_examples_that_they_predict_in(
    looks_up_center: bool, num_sections: int, contexts_per_part: int, part: int
) -> None:
    drawn = drawn_with(looks_up_center, "window", contexts_per_part, part)
    expected: Entries = defaultdict(list)
    for example in examples_of(drawn):
        expected[example.word].append((example.place, example.place * ROW_LENGTH))
    num_entries = sum(len(entries) for entries in expected.values())
    lists = nonsense(empty_row_lists(num_sections, VOCABULARY_SIZE, num_entries))
    for _ in range(2):
        sort_all_inputs(drawn.rules, drawn.batches, part, ROW_LENGTH, lists)
        assert entries_of(lists) == expected
        assert (lists.weights != 10**8).sum() == num_entries
        assert (lists.weights == 1).sum() == num_entries


@pytest.mark.parametrize("number", [0, 1, 2, 15, 16, 17, 1_000])
def test_each_row_of_a_list_is_in_one_share(number: int) -> None:
    lists = empty_row_lists(1, number + 1, 10 * number + 1)
    lists.number[0] = number
    lists.ends[0, :number] = np.cumsum(1 + np.arange(number) % 7)
    shares = [find_share(lists, 0, share, 16) for share in range(16)]
    assert [row for first, end in shares for row in range(first, end)] == list(range(number))


def test_shares_are_about_the_same_work_where_first_rows_have_most_entries() -> None:
    """As in text: frequent words are soon seen."""
    number, num_shares = 5_000, 16
    entries = 20_000 // np.arange(1, number + 1)
    lists = empty_row_lists(1, number + 1, int(entries.sum()) + 1)
    lists.number[0] = number
    lists.ends[0, :number] = np.cumsum(entries)
    shares = [find_share(lists, 0, share, num_shares) for share in range(num_shares)]
    mean = (entries + 4).sum() / num_shares
    for first, end in shares:
        work = float((entries[first:end] + 4).sum())
        assert work < mean + (entries[first] if first < number else 0) + 4


def test_entries_are_counted_in_32_bits_so_larger_steps_have_fewer_sections() -> None:
    assert [sections_for(asked, 1_000) for asked in (1, 3, 99)] == [1, 3, MAX_SECTIONS]
    assert sections_for(8, 2**31 // 8 - 1) == 8
    assert sections_for(8, 2**31 // 4) == 3
    assert sections_for(8, 2**31) == 1
