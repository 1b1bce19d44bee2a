"""Row lists: each row that a step touches in one group, with all of its entries in the order of the text."""

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

from wordvec.kernels.cpu.row_lists import RowLists, empty_row_lists, sort_inputs, sort_outputs
from wordvec.kernels.simd.compile import kernel

NOISE = np.full(VOCABULARY_SIZE, 1 / VOCABULARY_SIZE)
LOOKED_UP = pytest.mark.parametrize("looks_up_center", [True, False], ids=["center", "context"])
SHARED = pytest.mark.parametrize("sharing", ["window", "pair", "batch"])
GROUPS = pytest.mark.parametrize("num_groups", [1, 2, 3, 40])
PARTS = pytest.mark.parametrize(("contexts_per_part", "part"), [(99, 0), (3, 0), (3, 2)])

Entries = dict[int, list[tuple[int, int]]]  # of each row, its places and offsets


@kernel
def sort_all_outputs(rules, batches, part, examples, row_length, lists):  # type: ignore[no-untyped-def]
    for group in range(len(lists.number)):
        sort_outputs(rules, batches, 1, part, examples, row_length, lists, group)


@kernel
def sort_all_inputs(rules, batches, part, row_length, lists):  # type: ignore[no-untyped-def]
    for group in range(len(lists.number)):
        sort_inputs(rules, batches, 1, part, row_length, lists, group)


def entries_of(lists: RowLists) -> Entries:
    """All entries; no row may stand in two groups, and what was counted is forgotten."""
    found: Entries = {}
    for group, number in enumerate(lists.number.tolist()):
        begin = 0
        for row, end in zip(
            lists.rows[group, :number].tolist(), lists.ends[group, :number].tolist(), strict=True
        ):
            assert row not in found
            places, offsets = (array[group, begin:end].tolist() for array in (lists.places, lists.offsets))
            found[row] = list(zip(places, offsets, strict=True))
            begin = end
    assert not lists.counts.any()
    assert (lists.weights == 1).all()
    return found


def nonsense(lists: RowLists) -> RowLists:
    for array in (lists.rows, lists.ends, lists.places, lists.offsets):
        array[:] = 10**8
    lists.number[:] = 5
    return lists


def drawn_with(looks_up_center: bool, sharing: str, contexts_per_part: int, part: int) -> Drawn:
    batches = batches_of(small_text(), NOISE, contexts_per_part)
    rules = pair_rules(looks_up_center, sharing, contexts_per_part=contexts_per_part)
    return draw(rules, batches, part=part)


@LOOKED_UP
@SHARED
@GROUPS
@PARTS
def test_output_rows_have_all_pairs_in_which_they_are_targets(
    looks_up_center: bool, sharing: str, num_groups: int, contexts_per_part: int, part: int
) -> None:
    drawn = drawn_with(looks_up_center, sharing, contexts_per_part, part)
    expected: Entries = defaultdict(list)
    for example in examples_of(drawn):
        for pair in range(example.first_pair, example.first_pair + example.num_pairs):
            expected[int(drawn.examples.targets[pair])].append((pair, example.place * ROW_LENGTH))
    num_entries = sum(len(entries) for entries in expected.values())
    lists = nonsense(empty_row_lists(num_groups, VOCABULARY_SIZE, num_entries))
    for _ in range(2):  # the second time in memory that has been used
        sort_all_outputs(drawn.rules, drawn.batches, part, drawn.examples, ROW_LENGTH, lists)
        assert entries_of(lists) == expected


@LOOKED_UP
@GROUPS
@PARTS
def test_input_rows_have_all_examples_that_they_predict_in(
    looks_up_center: bool, num_groups: int, contexts_per_part: int, part: int
) -> None:
    drawn = drawn_with(looks_up_center, "window", contexts_per_part, part)
    expected: Entries = defaultdict(list)
    for example in examples_of(drawn):
        expected[example.word].append((example.place, example.place * ROW_LENGTH))
    num_entries = sum(len(entries) for entries in expected.values())
    lists = nonsense(empty_row_lists(num_groups, VOCABULARY_SIZE, num_entries))
    for _ in range(2):
        sort_all_inputs(drawn.rules, drawn.batches, part, ROW_LENGTH, lists)
        assert entries_of(lists) == expected


def test_groups_share_the_rows_about_evenly() -> None:
    """Also neighboring rows, which are about equally frequent."""
    drawn = drawn_with(True, "pair", 99, 0)
    lists = empty_row_lists(3, VOCABULARY_SIZE, len(drawn.examples.targets))
    sort_all_outputs(drawn.rules, drawn.batches, 0, drawn.examples, ROW_LENGTH, lists)
    assert lists.number.sum() == VOCABULARY_SIZE
    assert lists.number.min() >= 2
