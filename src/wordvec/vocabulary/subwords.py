"""Subwords: a word is the mean of several rows, its own and those of its character n-grams, as in fastText.

N-grams have no rows of their own but share *buckets*, by a hash; of the buckets, only those have a row that an n-gram
of a word falls into. A word that was never seen is the mean of its n-grams' rows (Bojanowski et al., 2017, §3.2).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.errors import ConfigError
from wordvec.vocabulary.vocabulary import NO_ID, SimpleVocabulary

__all__ = ["SubwordRules", "SubwordVocabulary", "WordRows", "ngram_buckets", "ngrams"]

# V words, n words that are looked up, N n-grams of all of these together; B buckets with a row, R = V + B rows
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

BEGIN, END = "<", ">"  # of a word
TEXT_END_WORD = "</s>"  # fastText's own word for the end of a line, which has no n-grams
FNV_OFFSET, FNV_PRIME = np.uint32(2166136261), np.uint32(16777619)
WORDS_AT_A_TIME = 32_768
ROWS_AT_A_TIME = 65_536
BUCKETS_AT_A_TIME = 2**20
MAX_BUCKETS = 2**31 - 1
NGRAMS_PER_WORD = (
    5.5  # that no word before it has: of 36,000 words of the English Wikipedia 5.3, of more words fewer
)
MAX_N = 100  # characters of an n-gram: longer ones would only cost memory


class SubwordRules(NamedTuple):
    """Which n-grams a word has, and how many buckets they share."""

    min_n: int = 3  # characters of the shortest n-gram; the word stands between < and >, which count
    max_n: int = 6  # of the longest
    buckets: int = 2_000_000

    @classmethod
    def of(cls, config: Config) -> SubwordRules | None:
        """Those that the settings ask for; None where words have vectors of their own alone."""
        return cls(config.min_n, config.max_n, config.buckets) if config.has_subwords else None

    def expected_rows(self, num_words: int) -> int:
        """About how many rows that many words need: buckets fill as if n-grams fell into them at random."""
        distinct_ngrams = NGRAMS_PER_WORD * num_words
        return num_words + round(self.buckets * -math.expm1(-distinct_ngrams / self.buckets))


class WordRows(NamedTuple):
    """Which rows of a matrix make the vector of each word."""

    starts: Ints  # (V + 1,)  where in `rows` those of each word begin
    rows: NDArray[
        np.int32
    ]  # its own first, then its n-grams'; an n-gram that it has twice stands there twice
    num_rows: int  # R, of the matrix

    @property
    def max_rows(self) -> int:
        """Rows of the word that has most."""
        return int(np.diff(self.starts).max())


def ngrams(word: str, rules: SubwordRules) -> list[str]:
    """The n-grams of a word, in the order of where they begin.

    >>> ngrams("Ei", SubwordRules(2, 3))
    ['<E', '<Ei', 'Ei', 'Ei>', 'i>']
    """
    if word == TEXT_END_WORD:
        return []
    whole = f"{BEGIN}{word}{END}"
    return [
        whole[first : first + size]
        for first in range(len(whole))
        for size in range(rules.min_n, min(rules.max_n, len(whole) - first) + 1)
        if not (size == 1 and first in (0, len(whole) - 1))
    ]


def ngram_buckets(words: Sequence[str], rules: SubwordRules) -> tuple[Ints, NDArray[np.int32]]:
    """The bucket of each n-gram of each word.

    A bucket is the FNV-1a hash of the n-gram's UTF-8 bytes, which count as signed as in fastText, modulo `buckets`.

    Returns:
        Where those of each word begin, (n + 1,), and the buckets, (N,), each in [0, buckets).

    >>> starts, buckets = ngram_buckets(["Ei", "</s>"], SubwordRules(3, 6, 1000))
    >>> starts.tolist(), buckets.tolist()
    ([0, 3, 3], [...])
    """
    numbers, found = [np.zeros(1, np.int64)], [np.zeros(0, np.int32)]
    for first in range(0, len(words), WORDS_AT_A_TIME):
        of_words, buckets = _buckets_of_block(words[first : first + WORDS_AT_A_TIME], rules)
        numbers.append(of_words)
        found.append(buckets)
    return np.cumsum(np.concatenate(numbers)), np.concatenate(found)


def _buckets_of_block(words: Sequence[str], rules: SubwordRules) -> tuple[Ints, NDArray[np.int32]]:
    """How many n-grams each word has, and their buckets."""
    wholes = [
        b"" if word == TEXT_END_WORD else f"{BEGIN}{word}{END}".encode("utf-8", "surrogatepass")
        for word in words
    ]
    text = np.frombuffer(b"".join(wholes) + bytes(4), np.uint8)
    bytes_of_words = np.array([len(whole) for whole in wholes], np.int64)
    is_first = (text[:-4] & 0xC0) != 0x80  # of a character
    begins = np.flatnonzero(is_first)  # (characters,)
    sizes = np.diff(np.append(begins, len(text) - 4))  # bytes of each
    word_of = np.repeat(np.arange(len(words)), bytes_of_words)[begins]
    characters = np.bincount(word_of, minlength=len(words))
    first_of_word = np.cumsum(characters) - characters
    place = np.arange(len(begins)) - first_of_word[word_of]  # of a character in its word
    left = characters[word_of] - place  # characters from there on

    signed = text.astype(np.int8).astype(np.int32).view(np.uint32)
    hashes = np.full(len(begins), FNV_OFFSET, np.uint32)
    max_n = min(rules.max_n, int(characters.max(initial=0)))
    lengths = range(rules.min_n, max_n + 1)
    is_ngram = np.zeros((len(begins), len(lengths)), bool)
    buckets = np.zeros((len(begins), len(lengths)), np.int32)
    for length in range(1, max_n + 1):
        going_on = np.flatnonzero(left >= length)
        last = going_on + length - 1  # the character that makes them longer
        for byte in range(int(sizes.max(initial=0))):
            longer, at = going_on[sizes[last] > byte], last[sizes[last] > byte]
            hashes[longer] = (hashes[longer] ^ signed[begins[at] + byte]) * FNV_PRIME
        if length >= rules.min_n:
            column = length - rules.min_n
            buckets[going_on, column] = hashes[going_on] % np.uint32(rules.buckets)
            is_edge = (length == 1) & ((place[going_on] == 0) | (left[going_on] == 1))
            is_ngram[going_on, column] = ~is_edge
    numbers = np.bincount(word_of, weights=is_ngram.sum(1), minlength=len(words)).astype(np.int64)
    return numbers, buckets[is_ngram]


class SubwordVocabulary:
    """A vocabulary in which a word is the mean of its own row and the rows of its n-grams' buckets.

    Row i < V is that of word i alone, row V + j that of the j-th bucket that has one. An n-gram whose bucket has none
    was never seen in training; it counts as a row of zeros, as it would in the file that fastText reads.

    Args:
        words: at least one, each of them once.
        rules: which n-grams words have.
        used_buckets: (B,) the buckets that have a row, ascending; by default, those of the words.

    Raises:
        ConfigError: the words, rules or buckets are not what they must be.

    >>> vocabulary = SubwordVocabulary(["ab"], SubwordRules(3, 3, 100))
    >>> vocabulary.num_rows, vocabulary.word_rows.rows.tolist()  # <ab and ab>
    (3, [0, ..., ...])
    >>> vocabulary.vector_of("ab", np.array([[3.0], [6.0], [0.0]], np.float32)).tolist()
    [3.0]
    >>> vocabulary.has_vector("abab"), "abab" in vocabulary
    (True, False)
    """

    def __init__(
        self, words: Iterable[str], rules: SubwordRules, used_buckets: NDArray[np.integer] | None = None
    ):
        self._simple = SimpleVocabulary(words)
        self.words = self._simple.words
        self.rules = _checked_rules(rules)
        self.first_buckets, self.buckets = ngram_buckets(self.words, rules)  # (V + 1,), (N,)
        if used_buckets is None:
            self.used_buckets: NDArray[np.int32] = np.unique(self.buckets)
        else:
            self.used_buckets = _checked_buckets(used_buckets, rules)
            self._check_words_have_rows()

    def with_buckets(self, buckets: NDArray[np.integer]) -> SubwordVocabulary:
        """The same words, with rows for more buckets."""
        return SubwordVocabulary(self.words, self.rules, np.union1d(self.used_buckets, buckets))

    @property
    def num_rows(self) -> int:
        """One for each word, and one for each bucket that is used."""
        return len(self.words) + len(self.used_buckets)

    @cached_property
    def word_rows(self) -> WordRows:
        """The rows of each word that has an id."""
        num_words = len(self.words)
        own, of_ngrams = np.arange(num_words), self._rows_of_buckets(self.buckets)
        num_rows = np.diff(self.first_buckets) + 1
        starts, rows = _own_first(own, of_ngrams, num_rows, np.ones(num_words, bool))
        return WordRows(starts, rows, self.num_rows)

    def __contains__(self, word: object) -> bool:
        return word in self._simple

    def id_of(self, word: str) -> int:
        """The id of a word; UnknownWordError if it has none, though it may have a vector."""
        return self._simple.id_of(word)

    def ids(self, words: str | Sequence[str]) -> Ints:
        """The ids of words, (n,); UnknownWordError if one has none."""
        return self._simple.ids(words)

    def find_ids(self, words: str | Sequence[str]) -> Ints:
        """The ids of words, (n,); NO_ID where a word has none."""
        return self._simple.find_ids(words)

    def has_vector(self, word: str) -> bool:
        """Whether a word is known, or one of its n-grams' buckets has a row."""
        if word in self._simple:
            return True
        return isinstance(word, str) and bool((self._rows_of_ngrams(word) >= 0).any())

    def vector_of(self, word: str, rows: Floats) -> Floats:
        """The vector of a word, (D,), made of rows, (R, D); read-only.

        Raises:
            UnknownWordError: it is unknown, and none of its n-grams' buckets has a row.
        """
        vector: Floats = self.vectors_of([word], rows)[0]
        vector.flags.writeable = False
        return vector

    def vectors_of(self, words: str | Sequence[str], rows: Floats) -> Floats:
        """The vectors of words, (n, D), made of rows, (R, D); UnknownWordError if one has none."""
        several = [words] if isinstance(words, str) else list(words)
        ids = self.find_ids(several)
        is_known = ids != NO_ID
        texts = [word if isinstance(word, str) else TEXT_END_WORD for word in several]
        first_buckets, buckets = ngram_buckets(texts, self.rules)
        of_ngrams = self._rows_of_buckets(buckets)
        num_ngrams = np.diff(first_buckets)
        word_of = np.repeat(np.arange(len(several)), num_ngrams)[of_ngrams >= 0]
        num_rows = np.bincount(word_of, minlength=len(several)) + is_known
        if not num_rows.all():
            self.id_of(several[int(np.argmin(num_rows))])  # says that it is unknown, or not a word
        starts, of_words = _own_first(ids[is_known], of_ngrams[of_ngrams >= 0], num_rows, is_known)
        return _means(rows, of_words, starts, num_ngrams + is_known)

    def all_vectors(self, rows: Floats) -> Floats:
        """The vector of each word that has an id, (V, D), made of rows, (R, D); read-only."""
        starts, of_words, _ = self.word_rows
        vectors = _means(rows, of_words, starts, np.diff(starts))
        vectors.flags.writeable = False
        return vectors

    def num_rows_of(self, words: Sequence[str]) -> Ints:
        """How many rows the vector of each word is the mean of, (n,): those that count as zeros, too."""
        first_buckets, _ = ngram_buckets(words, self.rules)
        numbers: Ints = np.diff(first_buckets) + (self.find_ids(words) != NO_ID)
        return numbers

    def _check_words_have_rows(self) -> None:
        """ConfigError: an n-gram of a word has no row."""
        if len(self.used_buckets) == self.rules.buckets:
            return
        for start in range(0, len(self.buckets), BUCKETS_AT_A_TIME):
            has_none = self._rows_of_buckets(self.buckets[start : start + BUCKETS_AT_A_TIME]) < 0
            if has_none.any():
                first = start + int(np.argmax(has_none))
                word = self.words[int(np.searchsorted(self.first_buckets, first, "right")) - 1]
                raise ConfigError(
                    f"used_buckets must have those of all words, got none for an n-gram of {word!r}"
                )

    def _rows_of_ngrams(self, word: str) -> Ints:
        return self._rows_of_buckets(ngram_buckets([word], self.rules)[1])

    def _rows_of_buckets(self, buckets: NDArray[np.int32]) -> Ints:
        """The row of each bucket; -1 where it has none."""
        if not len(self.used_buckets):
            return np.full(len(buckets), -1, np.int64)
        places = np.minimum(np.searchsorted(self.used_buckets, buckets), len(self.used_buckets) - 1)
        has_row = self.used_buckets[places] == buckets
        return np.where(has_row, len(self.words) + places, -1)


def _own_first(
    own: Ints,  # of the words that have a row of their own
    of_ngrams: Ints,  # rows of all words' n-grams, word by word
    num_rows: Ints,  # (n,)  that each word has
    has_own: NDArray[np.bool_],  # (n,)
) -> tuple[Ints, NDArray[np.int32]]:
    """Where the rows of each word begin, (n + 1,), and the rows: a word's own, if it has one, before its n-grams'."""
    starts = np.append(0, np.cumsum(num_rows))
    rows = np.empty(starts[-1], np.int32)
    is_own = np.zeros(len(rows), bool)
    is_own[starts[:-1][has_own]] = True
    rows[is_own] = own
    rows[~is_own] = of_ngrams
    return starts, rows


def _means(rows: Floats, of_words: NDArray[np.int32], starts: Ints, sizes: Ints) -> Floats:
    """The sum of each word's rows, at least one, divided by a size of its own, (n, D)."""
    vectors = np.empty((len(sizes), rows.shape[1]), np.float32)
    first = 0
    while first < len(sizes):
        end = int(np.searchsorted(starts, starts[first] + ROWS_AT_A_TIME, "right")) - 1
        end = min(max(end, first + 1), len(sizes))
        block = rows[of_words[starts[first] : starts[end]]]
        begins, divisors = starts[first:end] - starts[first], sizes[first:end, None].astype(np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            vectors[first:end] = np.add.reduceat(block, begins, axis=0)
        vectors[first:end] /= divisors
        if not np.isfinite(vectors[first:end]).all():  # the sum of huge rows, not their mean
            vectors[first:end] = np.add.reduceat(block.astype(np.float64), begins, axis=0) / divisors
        first = end
    return vectors


def _checked_rules(rules: SubwordRules) -> SubwordRules:
    if not 1 <= rules.min_n <= rules.max_n <= MAX_N:
        raise ConfigError(
            f"n-grams must have from min_n to max_n characters, 1 to {MAX_N}, got {rules.min_n} to {rules.max_n}"
        )
    if not 1 <= rules.buckets <= MAX_BUCKETS:
        raise ConfigError(f"buckets must be in [1, {MAX_BUCKETS}], got {rules.buckets}")
    return rules


def _checked_buckets(buckets: NDArray[np.integer], rules: SubwordRules) -> NDArray[np.int32]:
    found = np.asarray(buckets)
    if found.ndim != 1 or not np.issubdtype(found.dtype, np.integer):
        raise ConfigError(f"used_buckets must be a row of whole numbers, got {found.dtype} {found.shape}")
    if len(found) and (found.min() < 0 or found.max() >= rules.buckets or (np.diff(found) <= 0).any()):
        raise ConfigError(f"used_buckets must be ascending, each in [0, {rules.buckets}) and once")
    return found.astype(np.int32, copy=False)
