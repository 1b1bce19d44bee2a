from itertools import pairwise

import numpy as np
import pytest

from wordvec.kernels.cpu import word_pairs
from wordvec.kernels.cpu.word_pairs import (
    NUM_PARTS,
    count_pairs,
    empty_pair_list,
    empty_pair_table,
    find_joins,
    key_of,
    list_pairs,
    make_join_table,
    move_pairs,
)

MAX_ID = 2**31 - 1
IS_CONNECTOR = np.array([False, True, False, False, True])


def keys_listed(ids, start, stop):
    pairs = empty_pair_list(max(1, stop - start))
    list_pairs(np.array(ids, np.int32), start, stop, IS_CONNECTOR, pairs)
    number = int(pairs.starts[NUM_PARTS])
    assert sorted(pairs.keys[:number]) == sorted(pairs.keys_by_part[:number])
    return dict(zip(pairs.places[:number].tolist(), pairs.keys[:number].tolist(), strict=True))


def key(*ids):
    return key_of(np.array(ids, np.int32))


def test_keys_of_neighbors_are_exact_and_those_with_words_between_are_negative():
    assert key(3, 2) == 3 * 2**32 + 2
    assert key(MAX_ID, MAX_ID) > key(MAX_ID, 0) > 0
    between = [key(3, 1, 2), key(3, 4, 2), key(3, 1, 4, 2), key(3, 4, 1, 2), key(2, 1, 3)]
    assert max(between) < 0
    assert len(set(between)) == len(between)


def test_listed_pairs_have_these_keys_and_the_places_of_their_first_words():
    ids = [1, 3, 1, 4, 2, 2, -1, 0, 1, -1, 3]
    assert keys_listed(ids, 0, len(ids)) == {1: key(3, 1, 4, 2), 4: key(2, 2)}


@pytest.mark.parametrize("cut", range(12))
def test_two_slices_list_each_pair_once(cut):
    ids = [3, 1, 4, 2, 2, -1, 0, 1, 3, 0, -1, 2]
    first, second = keys_listed(ids, 0, cut), keys_listed(ids, cut, len(ids))
    assert not first.keys() & second.keys()
    assert first | second == keys_listed(ids, 0, len(ids))


def test_a_full_table_stops_and_goes_on_when_it_has_grown():
    ids = np.array([0, 2, 3] * 5 + [0, 0, 2, 2, 3, 3], np.int32)
    pairs, table, counted = empty_pair_list(len(ids)), empty_pair_table(4), 0
    list_pairs(ids, 0, len(ids), IS_CONNECTOR, pairs)
    number = int(pairs.starts[NUM_PARTS])
    grown = 0
    while (counted := count_pairs(pairs, counted, number, 100, table)) < number:
        larger = empty_pair_table(2 * len(table.keys))
        move_pairs(table, larger, 1)
        table, grown = larger, grown + 1
    held = table.counts > 0
    found = dict(zip(table.keys[held].tolist(), table.counts[held].tolist(), strict=True))
    expected = {}
    for left, right in pairwise(ids):
        expected[key(left, right)] = expected.get(key(left, right), 0) + 1
    assert found == expected
    assert grown >= 1
    first = int(table.positions[held][table.keys[held] == key(0, 2)][0])
    assert first == 100


def test_moving_leaves_rare_pairs_out():
    table = empty_pair_table(8)
    table.keys[:3], table.counts[:3], table.number[0] = (5, 6, 7), (1, 2, 3), 3
    smaller = empty_pair_table(8)
    move_pairs(table, smaller, 2)
    assert sorted(smaller.keys[smaller.counts > 0].tolist()) == [6, 7]
    assert smaller.number[0] == 2


def test_lookups_find_phrases_and_no_others():
    keys = np.arange(50, dtype=np.int64) * 2**32 + 3
    table = make_join_table(keys, np.arange(100, 150, dtype=np.int32))
    ids = np.array([0, 3, 0, 2, 2, 3, -1, 3], np.int32)
    joins = np.full(len(ids), -7, np.int32)
    may_begin = np.ones(5, bool)
    find_joins(ids, 1, len(ids), IS_CONNECTOR, may_begin, table, joins)
    assert joins.tolist() == [-7, 100, -1, -1, -1, 102, -1, -1]
    may_begin[2] = False
    find_joins(ids, 1, len(ids), IS_CONNECTOR, may_begin, table, joins)
    assert joins[5] == -1
    assert word_pairs.NUM_PARTS == 64  # the shift of hashes knows it, too
