"""Word pairs: list the neighboring words of a text, count them in hash tables, and join those that are phrases.

A pair is a word, the connector words that follow it, and the next other word; no pair crosses the end of a text. Its
key is exact where nothing is in between: both ids, in an int64 of at least 0. Else it is a negative hash of all ids.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.windows import hash64
from wordvec.kernels.simd.compile import kernel, kernel_part

__all__ = [
    "NUM_PARTS",
    "JoinTable",
    "PairList",
    "PairTable",
    "count_pairs",
    "empty_pair_list",
    "empty_pair_table",
    "find_joins",
    "join_words",
    "key_of",
    "list_pairs",
    "make_join_table",
    "move_pairs",
]

NUM_PARTS = (
    64  # tables that pairs are counted in, by their hash: small enough for a cache, and each for one thread
)
_PART_SHIFT = np.uint64(58)
_MAX_LOAD = 0.7  # of a table
_HASH_STREAM = np.uint64(0x5851F42D4C957F2D)

# L positions of a piece of text; N pairs in it; S slots, a power of two; W words


class PairList(NamedTuple):
    """The pairs of a piece of text, first in its order, then part by part."""

    keys: NDArray[np.int64]  # (N,)
    places: NDArray[np.int32]  # (N,)  of the first word of each
    keys_by_part: NDArray[np.int64]  # (N,)
    places_by_part: NDArray[np.int32]  # (N,)
    starts: NDArray[np.int64]  # (NUM_PARTS + 1,)  of the parts
    cursors: NDArray[np.int64]  # (NUM_PARTS,)


class PairTable(NamedTuple):
    """Pairs with their counts, in slots by their hash; a count of 0 marks an empty slot."""

    keys: NDArray[np.int64]  # (S,)
    counts: NDArray[np.int64]  # (S,)
    positions: NDArray[np.int64]  # (S,)  where in the text each occurs first
    number: NDArray[np.int64]  # (1,)  of pairs


class JoinTable(NamedTuple):
    """Phrases by the key of their pair."""

    keys: NDArray[np.int64]  # (S,)
    words: NDArray[np.int32]  # (S,)  the id of the phrase; -1 marks an empty slot


def empty_pair_list(num_pairs: int) -> PairList:
    """Room for the pairs of a piece of text."""
    return PairList(
        keys=np.empty(num_pairs, np.int64),
        places=np.empty(num_pairs, np.int32),
        keys_by_part=np.empty(num_pairs, np.int64),
        places_by_part=np.empty(num_pairs, np.int32),
        starts=np.zeros(NUM_PARTS + 1, np.int64),
        cursors=np.zeros(NUM_PARTS, np.int64),
    )


def empty_pair_table(num_slots: int) -> PairTable:
    """A table without pairs; `num_slots` is a power of two."""
    return PairTable(
        keys=np.empty(num_slots, np.int64),
        counts=np.zeros(num_slots, np.int64),
        positions=np.empty(num_slots, np.int64),
        number=np.zeros(1, np.int64),
    )


def make_join_table(
    keys: NDArray[np.int64],  # (N,)  each once
    words: NDArray[np.int32],  # (N,)
) -> JoinTable:
    """A table of phrases, at most half full."""
    num_slots = 1 << max(3, (2 * len(keys)).bit_length())
    table = JoinTable(np.zeros(num_slots, np.int64), np.full(num_slots, -1, np.int32))
    _fill_joins(keys, words, table)
    return table


@kernel_part
def _begin_before(ids, start, is_connector):  # type: ignore[no-untyped-def]
    """The place from which to read, so that the pair that ends first at or after `start` is found."""
    begin = start
    while begin > 0 and ids[begin - 1] >= 0:
        begin -= 1
        if not is_connector[ids[begin]]:
            break
    return begin


@kernel_part
def _spread(key):  # type: ignore[no-untyped-def]
    return hash64(_HASH_STREAM, key)


@kernel_part
def _key(chain, gap, first_word, word):  # type: ignore[no-untyped-def]
    if gap == 0:
        return (np.int64(first_word) << np.int64(32)) | np.int64(word)
    return -np.int64(hash64(chain, np.uint64(word)) >> np.uint64(1)) - np.int64(1)


@kernel
def key_of(ids):  # type: ignore[no-untyped-def]
    """The key of a pair: its two words, with the connector words between them, (2 or more,) int32."""
    chain = np.uint64(ids[0])
    for place in range(1, len(ids) - 1):
        chain = hash64(chain, np.uint64(ids[place]))
    return _key(chain, len(ids) - 2, ids[0], ids[len(ids) - 1])


@kernel
def list_pairs(  # type: ignore[no-untyped-def]
    ids,  # (L,) int32  a piece of text: word ids, and a negative number after each text
    start,  # pairs that end in [start, stop) are listed
    stop,
    is_connector,  # (W,) bool
    pairs,  # PairList, overwritten; at least stop - start pairs
):
    """List the pairs of a piece of text, sorted by the part of the tables in which they are counted."""
    number: Any = np.int64(0)  # a literal 0 would be a type of its own
    gap: Any = np.int64(0)
    first, chain = np.int64(-1), np.uint64(0)
    pairs.starts[:] = 0
    for place in range(_begin_before(ids, start, is_connector), stop):
        word = ids[place]
        if word < 0:
            first = np.int64(-1)
        elif is_connector[word]:
            chain = hash64(chain, np.uint64(word))
            gap += 1
        else:
            if first >= 0 and place >= start:
                key = _key(chain, gap, ids[first], word)
                pairs.keys[number] = key
                pairs.places[number] = first
                pairs.starts[np.int64(_spread(key) >> _PART_SHIFT) + 1] += 1
                number += 1
            first, gap, chain = np.int64(place), np.int64(0), np.uint64(word)
    for before in range(NUM_PARTS):
        pairs.starts[before + 1] += pairs.starts[before]
        pairs.cursors[before] = pairs.starts[before]
    for pair in range(number):
        key = pairs.keys[pair]
        part = np.int64(_spread(key) >> _PART_SHIFT)
        cursor = pairs.cursors[part]
        pairs.keys_by_part[cursor] = key
        pairs.places_by_part[cursor] = pairs.places[pair]
        pairs.cursors[part] = cursor + 1


@kernel
def count_pairs(  # type: ignore[no-untyped-def]
    pairs,  # PairList
    start,  # of the pairs to count, by part
    stop,
    first_position,  # of the piece of text, in all of it
    table,  # PairTable
):
    """Count listed pairs; return where it stopped: before `stop`, where the table must grow first."""
    mask = np.int64(len(table.keys) - 1)
    limit = np.int64(_MAX_LOAD * len(table.keys))
    for pair in range(start, stop):
        key = pairs.keys_by_part[pair]
        slot = np.int64(_spread(key)) & mask
        while table.counts[slot] > 0 and table.keys[slot] != key:
            slot = (slot + 1) & mask
        if table.counts[slot] == 0:
            if table.number[0] >= limit:
                return pair
            table.number[0] += 1
            table.keys[slot] = key
            table.positions[slot] = first_position + pairs.places_by_part[pair]
        table.counts[slot] += 1
    return stop


@kernel
def move_pairs(old, new, min_count):  # type: ignore[no-untyped-def]
    """Put the pairs of a PairTable that occur at least `min_count` times into another one, which has room for them."""
    mask = np.int64(len(new.keys) - 1)
    for place in range(len(old.keys)):
        count = old.counts[place]
        if count >= min_count:
            slot = np.int64(_spread(old.keys[place])) & mask
            while new.counts[slot] > 0:
                slot = (slot + 1) & mask
            new.keys[slot] = old.keys[place]
            new.counts[slot] = count
            new.positions[slot] = old.positions[place]
            new.number[0] += 1


@kernel
def _fill_joins(keys, words, table):  # type: ignore[no-untyped-def]
    mask = np.int64(len(table.keys) - 1)
    for place in range(len(keys)):
        slot = np.int64(_spread(keys[place])) & mask
        while table.words[slot] >= 0:
            slot = (slot + 1) & mask
        table.keys[slot] = keys[place]
        table.words[slot] = words[place]


@kernel
def find_joins(  # type: ignore[no-untyped-def]
    ids,  # (L,) int32  as for list_pairs
    start,
    stop,
    is_connector,  # (W,) bool
    may_begin,  # (W,) bool  whether some phrase begins with the word; most lookups end here
    table,  # JoinTable
    joins,  # (L,) int32, overwritten from start to stop: the phrase of the pair that ends there, or -1
):
    """Look up which pairs of a piece of text are phrases."""
    mask = np.int64(len(table.keys) - 1)
    gap: Any = np.int64(0)
    first, chain = np.int64(-1), np.uint64(0)
    for place in range(_begin_before(ids, start, is_connector), stop):
        word = ids[place]
        phrase = np.int32(-1)
        if word < 0:
            first = np.int64(-1)
        elif is_connector[word]:
            chain = hash64(chain, np.uint64(word))
            gap += 1
        else:
            if first >= 0 and place >= start and may_begin[ids[first]]:
                key = _key(chain, gap, ids[first], word)
                slot = np.int64(_spread(key)) & mask
                while table.words[slot] >= 0 and table.keys[slot] != key:
                    slot = (slot + 1) & mask
                phrase = table.words[slot]
            first, gap, chain = np.int64(place), np.int64(0), np.uint64(word)
        if place >= start:
            joins[place] = phrase


@kernel
def join_words(  # type: ignore[no-untyped-def]
    ids,  # (L,) int32  as for list_pairs
    joins,  # (L,) int32  from find_joins
    is_connector,  # (W,) bool
    is_last,  # whether nothing follows the piece
    joined,  # (L,) int32, overwritten: the text with its phrases
    counts,  # (W,) int64, added to: how often each word and phrase is in `joined`
):
    """Join the phrases of a text, from left to right; return how long `joined` is, and how much of `ids` is in it.

    What is left over at the end of the piece is a word that may begin a phrase, and the connector words after it.
    """
    length, first = np.int64(0), np.int64(-1)
    for place in range(len(ids)):
        word = ids[place]
        is_open = first >= 0
        if word >= 0 and is_connector[word]:
            if not is_open:
                length = _append(joined, counts, length, word)
        elif is_open and word >= 0 and joins[place] >= 0:
            length = _append(joined, counts, length, joins[place])
            first = np.int64(-1)
        else:
            if is_open:
                for earlier in range(first, place):
                    length = _append(joined, counts, length, ids[earlier])
            first = np.int64(place)
            if word < 0:
                joined[length] = word
                length += 1
                first = np.int64(-1)
    if first < 0:
        return length, np.int64(len(ids))
    if is_last:
        for earlier in range(first, len(ids)):
            length = _append(joined, counts, length, ids[earlier])
        first = np.int64(len(ids))
    return length, first


@kernel_part
def _append(joined, counts, length, word):  # type: ignore[no-untyped-def]
    joined[length] = word
    counts[word] += 1
    return length + 1
