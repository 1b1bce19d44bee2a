"""Completion: the words that begin with what was typed, or are spelled like it, in milliseconds among a million words.

Upper and lower case count as equal, and so do composed and decomposed accents. Words are sorted by the first bytes of
their UTF-8, so that those with one beginning stand side by side; the most frequent of them are found among these, or by
going through all words from the most frequent on until there are enough: the way that takes fewer steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.vocabulary.spelling import MAX_COMPARED, allowed_edits, edit_distances, folded

__all__ = ["Matches", "PrefixIndex", "SpellingIndex"]

# V words, P pairs of characters of all words, n matches
Ints = NDArray[np.int64]
Ids = NDArray[np.int32]

KEY_BYTES = (
    32  # of each word, by which words are sorted; of longer beginnings, the rest is compared one by one
)
IDS_PER_STEP = 16_384  # most frequent words that are looked at first; then twice as many
PAIR_KINDS = 1 << 16  # numbers that pairs of characters are hashed to
MAX_CANDIDATES = 8192  # words with most pairs in common, whose edit distance is computed
BORDER = "\x00"  # before and after each word


class Matches(NamedTuple):
    """Words that match, by id."""

    ids: list[int]  # at most as many as were asked for
    total: int  # how many there are


class PrefixIndex:
    """Finds the most frequent words that begin with some characters.

    Args:
        words: (V,) most frequent first.

    >>> index = PrefixIndex(["the", "The", "king", "then"])
    >>> index.starting_with("th", k=2)
    Matches(ids=[0, 1], total=3)
    """

    def __init__(self, words: Sequence[str]):
        self._words = words
        keys = np.array([_key(word) for word in words], dtype=f"S{KEY_BYTES}")  # (V,)
        self._order: Ids = np.argsort(keys, kind="stable").astype(np.int32)  # (V,)  ids, sorted by key
        self._keys = keys[self._order]  # (V,)  sorted
        self._places = np.empty(len(words), np.int32)  # (V,)  where each word stands in that order
        self._places[self._order] = np.arange(len(words), dtype=np.int32)

    def starting_with(self, prefix: str, k: int) -> Matches:
        """Find the k most frequent words with a prefix; all words have the empty one.

        Args:
            prefix: the first characters of a word, in upper or lower case.
            k: at least 1.
        """
        wanted = _encoded(folded(prefix))
        if not wanted:
            return Matches(list(range(min(k, len(self._words)))), len(self._words))
        key = wanted[:KEY_BYTES]
        first = int(np.searchsorted(self._keys, np.array(key, self._keys.dtype)))
        after = _next_key(key)
        stop = len(self._keys)
        if after is not None:
            stop = int(np.searchsorted(self._keys, np.array(after, self._keys.dtype)))
        if len(wanted) > KEY_BYTES:
            ids = np.sort(self._order[first:stop]).tolist()
            found = [word for word in ids if _encoded(folded(self._words[word])).startswith(wanted)]
            return Matches(found[:k], len(found))
        return Matches(self._most_frequent(first, stop, k), stop - first)

    def _most_frequent(self, first: int, stop: int, k: int) -> list[int]:
        """The k lowest ids in a stretch of the order."""
        number = stop - first
        if number <= k or number * number <= k * len(self._words):
            ids = self._order[first:stop]
            lowest = ids if number <= k else np.partition(ids, k - 1)[:k]
            return np.sort(lowest).tolist()  # type: ignore[no-any-return]  # NumPy says Any
        found: list[int] = []
        start, step = 0, IDS_PER_STEP
        while len(found) < k and start < len(self._words):
            places = self._places[start : start + step]
            found += (start + np.flatnonzero((places >= first) & (places < stop))).tolist()
            start, step = start + step, 2 * step
        return found[:k]


class SpellingIndex:
    """Finds the words that a misspelled word may have meant, by the pairs of characters that it shares with them.

    As `closest_spellings`, but each word is asked about many times, so that all pairs are indexed once. Of very many
    words with as many pairs in common, rare ones may be missed.

    Args:
        words: (V,) most frequent first.

    >>> SpellingIndex(["rome", "pari", "parish", "paris"]).like("Pariss", k=2)
    Matches(ids=[2, 3], total=3)
    """

    def __init__(self, words: Sequence[str]):
        self._folded = [folded(word) for word in words]
        lengths = np.fromiter(map(len, self._folded), np.int64, len(words))  # (V,)
        self._lengths = np.minimum(lengths, 2 * MAX_COMPARED).astype(np.uint8)
        ids = np.repeat(np.arange(len(words), dtype=np.int32), lengths + 1)  # (P,)
        kinds = _pair_kinds(self._folded)  # (P,)
        order = np.argsort(kinds, kind="stable")
        self._ids = ids[order]  # (P,)  words, by the kind of pair
        self._starts = np.zeros(PAIR_KINDS + 1, np.int64)  # where those of each kind begin
        np.cumsum(np.bincount(kinds, minlength=PAIR_KINDS), out=self._starts[1:])

    def like(self, word: str, k: int) -> Matches:
        """Find the k words that are spelled most like a word: by edit distance, then by frequency.

        Args:
            word: a word, as a rule an unknown one.
            k: at least 1.
        """
        wanted = folded(word)
        if not wanted or len(wanted) > MAX_COMPARED:
            return Matches([], 0)
        allowed = allowed_edits(wanted)
        candidates = self._candidates(wanted, allowed)
        distances = edit_distances(wanted, [self._folded[one] for one in candidates.tolist()], allowed)
        is_near = distances <= allowed
        near = candidates[is_near]
        order = np.lexsort((near, distances[is_near]))
        return Matches(near[order][:k].tolist(), len(near))

    def _candidates(self, wanted: str, allowed: int) -> Ints:
        """Ids of words that share enough pairs, and have about the same length, (n,)."""
        kinds = np.unique(_pair_kinds([wanted]))
        lists = [self._ids[self._starts[kind] : self._starts[kind + 1]] for kind in kinds.tolist()]
        shared = np.bincount(np.concatenate(lists), minlength=len(self._folded))  # (V,)
        length = len(wanted)
        least = max(1, len(kinds) - 3 * allowed)  # an edit changes two pairs, a swap of neighbors three
        found = np.flatnonzero(shared >= least)
        lengths = self._lengths[found].astype(np.int64)
        found = found[np.abs(lengths - length) <= allowed]
        if len(found) > MAX_CANDIDATES:
            unlike = np.abs(self._lengths[found].astype(np.int64) - length) - 2 * shared[found]
            found = np.sort(found[np.argsort(unlike, kind="stable")[:MAX_CANDIDATES]])
        return found


def _key(word: str) -> bytes:
    return _encoded(folded(word))[:KEY_BYTES]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _next_key(key: bytes) -> bytes | None:
    r"""The lowest key above all that begin with this one; None if there is none.

    >>> _next_key(b"ab"), _next_key(b"a\xff"), _next_key(b"\xff")
    (b'ac', b'b', None)
    """
    kept = key.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1]) if kept else None


def _pair_kinds(words: Sequence[str]) -> NDArray[np.uint16]:
    """The kind of each pair of successive characters, borders included: one more than characters of each word."""
    text = BORDER + BORDER.join(words) + BORDER
    characters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return ((characters[:-1] * np.uint32(31_337) + characters[1:]) % np.uint32(65_521)).astype(np.uint16)
