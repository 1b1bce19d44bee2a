"""Text encoder: texts to vectors by a table of weighted word vectors, small enough to send along with a program.

A text's vector is the sum of its words' rows, at length 1. A row is the word's vector times its weight a / (a + p)
(SIF; Arora et al., 2017), in its principal components, in float32, float16, int8, or one bit a dimension.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.tokenizers import TOKENIZERS, Tokenizer, tokenized
from wordvec.errors import ConfigError
from wordvec.phrases.phrases import Phrases
from wordvec.settings import check_count
from wordvec.vectors.directions import unit_rows
from wordvec.vectors.documents import SMOOTHING, sif_weights
from wordvec.vectors.shrinking import Packed, Precision, pack, principal_axes, random_rotation, unpack
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary, ngram_buckets
from wordvec.vocabulary.vocabulary import NO_ID, SimpleVocabulary

__all__ = ["Ngrams", "TextEncoder"]

# V words, B buckets of n-grams with a row, D dimensions, N texts
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

TEXTS_PER_BLOCK = 4096  # of fewer, calls of NumPy and Arrow take longer than their work
WORDS_AT_A_TIME = 64  # of each text
WORDS_PER_BLOCK = 16_384  # of a long text


class Ngrams(NamedTuple):
    """What unknown words are made of, in a model with subwords."""

    rules: SubwordRules
    buckets: NDArray[np.int32]  # (B,)  ascending
    rows: Packed  # (B, D)


class _Numbers(dict[str, int]):
    """Ids of words, in which a word that is not there has NO_ID."""

    def __missing__(self, _word: str) -> int:
        return NO_ID


class TextEncoder:
    """Turns texts into vectors whose cosines say how alike they are; made by `TextEncoder.of`, or loaded.

    Args:
        words: (V,) each of them once.
        rows: what each word adds to a text, (V, D), packed.
        dim: D.
        precision: of the rows: float32, float16, int8 or bit.
        tokenizer: what cuts texts into words: the name of a built-in one, or a function; None if texts come as lists of
            words.
        phrases: words that are one word here.
        ngrams: what unknown words are made of; None: they add nothing.

    Raises:
        ConfigError: the parts do not fit together.

    >>> from wordvec import WordVectors
    >>> cities = WordVectors(["the", "rome", "soup"], [[1, 1], [2, 0], [0, 2]], counts=[90, 5, 5])
    >>> encoder = TextEncoder.of(cities, tokenizer="words")
    >>> texts = encoder.encode(["The soup!", "Rome", "soup", "unknown"])
    >>> (texts @ texts[0]).round(1)
    array([1., 0., 1., 0.], dtype=float32)
    """

    def __init__(
        self,
        words: Iterable[str],
        rows: Packed,
        *,
        dim: int,
        precision: Precision,
        tokenizer: str | Tokenizer | None,
        phrases: Phrases | None = None,
        ngrams: Ngrams | None = None,
    ):
        self._vocabulary = SimpleVocabulary(words)
        self.rows, self.dim, self.precision = rows, dim, precision
        self.phrases, self.ngrams = phrases, ngrams
        self.tokenizer = tokenizer
        if isinstance(tokenizer, str) and tokenizer not in TOKENIZERS:
            raise ConfigError(
                f"tokenizer must be {', '.join(map(repr, TOKENIZERS))} or a function, got {tokenizer!r}"
            )
        if len(rows.codes) != len(self.words):
            raise ConfigError(
                f"rows must be one for each of {len(self.words):,} words, got {len(rows.codes):,}"
            )
        self._numbers = _Numbers(zip(self.words, range(len(self.words)), strict=True))

    @classmethod
    def of(
        cls,
        vectors: WordVectors,
        *,
        smoothing: float | None = SMOOTHING,
        dim: int | None = None,
        precision: Precision = "float32",
        tokenizer: str | Tokenizer | None = None,
        subwords: bool = True,
    ) -> TextEncoder:
        """Make an encoder of word vectors.

        Rows are turned to their principal components, widest first, so that `truncated` gives a smaller encoder. Bits
        are signs after another rotation, by which all dimensions spread alike.

        Args:
            vectors: of the words; their counts give the frequencies p.
            smoothing: a, above 0: the smaller, the less frequent words count; None weighs all words alike.
            dim: D, the dimensions to keep; None keeps all.
            precision: float32, float16, int8 (a quarter of the size), or bit (a thirtieth).
            tokenizer: what cuts texts into words; None: that of the training run, if it was a built-in one. Where that
                was "whitespace", and "words" leaves each word of the vocabulary as it is, the encoder has "words",
                which finds these words in texts with capitals and punctuation, too.
            subwords: whether unknown words are made of n-grams, if the model has some; that takes most of the room.

        Returns:
            The encoder.

        Raises:
            ConfigError: the words have no counts and smoothing is not None, or a value is out of range.

        >>> from wordvec import WordVectors
        >>> cities = WordVectors(["rome", "soup"], [[2, 0], [0, 2]], counts=[5, 5])
        >>> TextEncoder.of(cities, precision="int8", dim=1)
        TextEncoder(2 words x 1, int8, tokenizer None)
        """
        dim = vectors.dim if dim is None else dim
        check_count("dim", dim, "dimensions to keep")
        if dim > vectors.dim:
            raise ConfigError(f"dim must be at most {vectors.dim}, as many as the vectors have, got {dim}")
        weights = (
            np.ones(len(vectors)) if smoothing is None else sif_weights(vectors, vectors.words, smoothing)
        )
        weighted = vectors.matrix * weights[:, None]
        axes = principal_axes(weighted)[:, :dim]
        if precision == "bit":
            axes = axes @ random_rotation(dim)
        ngrams = None
        if subwords and isinstance(vectors.vocabulary, SubwordVocabulary):
            vocabulary = vectors.vocabulary
            of_buckets = (vectors.rows[len(vectors) :] @ axes).astype(np.float32)
            ngrams = Ngrams(vocabulary.rules, vocabulary.used_buckets, pack(of_buckets, precision))
        return cls(
            vectors.words,
            pack((weighted @ axes).astype(np.float32), precision),
            dim=dim,
            precision=precision,
            tokenizer=_tokenizer_of(vectors) if tokenizer is None else tokenizer,
            phrases=vectors.phrases,
            ngrams=ngrams,
        )

    @property
    def words(self) -> list[str]:
        """All words, in the order of the rows; read-only."""
        return self._vocabulary.words

    def __len__(self) -> int:
        return len(self.words)

    def __repr__(self) -> str:
        named = self.tokenizer if isinstance(self.tokenizer, str | None) else "of its own"
        return f"TextEncoder({len(self):,} words x {self.dim}, {self.precision}, tokenizer {named})"

    def encode(self, texts: Sequence[str] | Sequence[Sequence[str]]) -> Floats:
        """Turn texts into vectors.

        Args:
            texts: N texts; or lists of words, cut as the corpus of the vectors was.

        Returns:
            Vectors of length 1, (N, D), so that a dot product is a cosine; zeros for a text without a known word.

        Raises:
            ConfigError: texts is a str; or texts are str, and the encoder has no tokenizer.

        >>> from wordvec import WordVectors
        >>> cities = WordVectors(["rome", "soup"], [[0, 2], [1, 0]], counts=[5, 5])
        >>> TextEncoder.of(cities, tokenizer="words").encode(["Soup, soup", "rome"]).tolist()
        [[0.0, 1.0], [1.0, 0.0]]
        """
        if isinstance(texts, str):
            raise ConfigError(
                f"texts must be a list of texts, got the str {texts[:40]!r}: put it in brackets"
            )
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), TEXTS_PER_BLOCK):
            block = texts[start : start + TEXTS_PER_BLOCK]
            vectors[start : start + len(block)] = unit_rows(self._sums(self.tokens(block)))
        return vectors

    def truncated(self, dim: int) -> TextEncoder:
        """The same encoder with its first dimensions alone, which are the widest.

        Args:
            dim: how many, at least 1.

        Returns:
            An encoder of that many dimensions.

        Raises:
            ConfigError: there are fewer, or the precision is bit: make another encoder then, `of(vectors, dim=...)`.

        >>> from wordvec import WordVectors
        >>> cities = WordVectors(["rome", "soup"], [[2, 0], [0, 2]], counts=[5, 5])
        >>> TextEncoder.of(cities).truncated(1).dim
        1
        """
        check_count("dim", dim, "dimensions to keep")
        if dim > self.dim or self.precision == "bit":
            raise ConfigError(
                f"dim must be at most {self.dim} and the precision not bit, got {dim} of {self.precision}; "
                "TextEncoder.of(vectors, dim=...) makes an encoder of any precision"
            )
        ngrams = self.ngrams and self.ngrams._replace(rows=_first_columns(self.ngrams.rows, dim))
        return TextEncoder(
            self.words,
            _first_columns(self.rows, dim),
            dim=dim,
            precision=self.precision,
            tokenizer=self.tokenizer,
            phrases=self.phrases,
            ngrams=ngrams,
        )

    def tokens(self, texts: Sequence[str] | Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
        """The words of each text, as `encode` looks them up, with phrases joined.

        Args:
            texts: as for `encode`.

        Returns:
            For each text, its words.

        Raises:
            ConfigError: see `encode`.

        >>> from wordvec import WordVectors
        >>> TextEncoder.of(WordVectors(["rome"], [[1, 0]], counts=[5]), tokenizer="words").tokens(["Rome!"])
        [['rome']]
        """
        is_text = [isinstance(text, str) for text in texts]
        if not any(is_text):
            tokens: Sequence[Sequence[str]] = texts
        elif not all(is_text):
            raise ConfigError("texts must be all str, or all lists of words, got both")
        elif self.tokenizer is None:
            raise ConfigError(
                "this encoder has no tokenizer, as its text was cut by a function: give lists of words, or make it "
                "with tokenizer=..."
            )
        else:
            tokens = tokenized(texts, self.tokenizer)  # type: ignore[arg-type]  # all are str
        return tokens if self.phrases is None else [self.phrases.join(text) for text in tokens]

    def _sums(self, tokens: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """The sum of each text's rows, (N, D), in float64, so that it is the same everywhere."""
        sizes = np.fromiter(map(len, tokens), np.int64, len(tokens))
        ids = np.fromiter(map(self._numbers.__getitem__, chain.from_iterable(tokens)), np.int64, sizes.sum())
        distinct, places = np.unique(ids, return_inverse=True)
        is_unknown = bool(len(distinct)) and distinct[0] == NO_ID
        table = _unpacked(self.rows, np.maximum(distinct, 0), self.dim)
        if is_unknown:
            table[0] = 0.0
            if self.ngrams is not None:
                table, places = self._with_unknown(table, places, tokens)
        return _segment_sums(table, places, sizes)

    def _with_unknown(
        self, table: NDArray[np.float64], places: Ints, tokens: Sequence[Sequence[str]]
    ) -> tuple[NDArray[np.float64], Ints]:
        """Rows for unknown words, made of n-grams, after those of known ones; the words that have them are there."""
        where = np.flatnonzero(places == 0)
        flat = list(chain.from_iterable(tokens))
        words: dict[str, int] = {}
        numbers = [words.setdefault(flat[place], len(words)) for place in where.tolist()]
        made = self._of_ngrams(list(words))
        places = places.copy()
        places[where] = len(table) + np.array(numbers, np.int64)
        return np.concatenate([table, made]), places

    def _of_ngrams(self, words: Sequence[str]) -> NDArray[np.float64]:
        """The mean of the rows of each word's n-grams, (n, D), in which buckets without a row count as zeros."""
        if self.ngrams is None or not len(self.ngrams.buckets):
            return np.zeros((len(words), self.dim))
        rules, used, rows = self.ngrams
        firsts, buckets = ngram_buckets(words, rules)
        places = np.minimum(np.searchsorted(used, buckets), len(used) - 1)
        table = _unpacked(rows, places, self.dim)
        table[used[places] != buckets] = 0.0
        sums = np.zeros((len(words), self.dim))
        sizes = np.diff(firsts)
        has_ngrams = sizes > 0
        if has_ngrams.any():
            sums[has_ngrams] = (
                np.add.reduceat(table, firsts[:-1][has_ngrams], axis=0) / sizes[has_ngrams, None]
            )
        return sums


def _tokenizer_of(vectors: WordVectors) -> str | None:
    """The tokenizer of the training run, or one that cuts its text alike, and others better; None of a function."""
    name = (vectors.config or {}).get("tokenizer")
    if name == "whitespace" and tokenized(vectors.words, "words") == [[word] for word in vectors.words]:
        return "words"
    return name if name in TOKENIZERS else None


def _segment_sums(table: NDArray[np.float64], places: Ints, sizes: Ints) -> NDArray[np.float64]:
    """The sum of the rows of each text, (N, D): of all texts at once first words, then second words, and so on.

    That takes half the time of `np.add.reduceat`; what is left of long texts is added text by text.
    """
    by_size = np.argsort(-sizes, kind="stable")
    firsts, sizes = (np.cumsum(sizes) - sizes)[by_size], sizes[by_size]
    sums = np.zeros((len(sizes), table.shape[1]))
    for position in range(min(WORDS_AT_A_TIME, int(sizes.max(initial=0)))):
        longer = int(np.searchsorted(-sizes, -position, "left"))
        sums[:longer] += table.take(places[firsts[:longer] + position], axis=0)
    longer = int(np.searchsorted(-sizes, -WORDS_AT_A_TIME, "left"))
    for text in range(longer):
        rest = places[firsts[text] + WORDS_AT_A_TIME : firsts[text] + sizes[text]]
        for start in range(0, len(rest), WORDS_PER_BLOCK):
            sums[text] += table.take(rest[start : start + WORDS_PER_BLOCK], axis=0).sum(axis=0)
    found = np.empty_like(sums)
    found[by_size] = sums
    return found


def _first_columns(rows: Packed, dim: int) -> Packed:
    return Packed(np.ascontiguousarray(rows.codes[:, :dim]), rows.scales)


def _unpacked(rows: Packed, ids: Ints, dim: int) -> NDArray[np.float64]:
    """Some rows, (n, D), in float64."""
    scales = None if rows.scales is None else rows.scales[ids]
    return unpack(Packed(rows.codes[ids], scales), dim).astype(np.float64)
