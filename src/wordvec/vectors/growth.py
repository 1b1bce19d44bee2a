"""Growth: a trained model's matrices, with more words and more dimensions, to be trained on another corpus."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordVocabulary
from wordvec.vocabulary.vocabulary import NO_ID, SimpleVocabulary

__all__ = ["KnownWords", "grown_matrices", "only_words", "rows_of_words", "with_counts_of_both"]


class KnownWords(NamedTuple):
    """What a grown model knew before."""

    words: list[str]
    counts: NDArray[np.int64] | None  # (len(words),)  in the corpus before


def grown_matrices(
    vectors: WordVectors,
    words: list[str] | SubwordVocabulary,
    dim: int,
    generator: np.random.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Start a model where another one ended, with room for new words and dimensions.

    Known words keep their vectors. All other numbers are those of an untrained model (word2vec.c): uniform in ±0.5/dim
    in the input matrix and zero in the output matrix. New dimensions thus add nothing to the score of an input and
    an output vector, and what the model knew, it knows.

    Args:
        vectors: the trained model; without an output matrix, known words' output vectors start at zero, too.
        words: (V,) the words of the grown model, each once, all of those of `vectors` among them, in any order; or
            their vocabulary, if they have subwords, with all buckets of `vectors`.
        dim: at least that of `vectors`.
        generator: what the new numbers are drawn from.

    Returns:
        Input and output matrix, each (V, dim), with a row for each of `words`; with subwords, the first has the rows
        that words are made of, (R, dim).

    Raises:
        ConfigError: dim is smaller than before, a word is left out, or n-grams are others than before.

    >>> trained = WordVectors(["a", "b"], [[1.0], [2.0]], output_matrix=[[3.0], [4.0]])
    >>> inputs, outputs = grown_matrices(trained, ["b", "new", "a"], 2, np.random.default_rng(0))
    >>> inputs[[0, 2], 0].tolist(), outputs.tolist()
    ([2.0, 1.0], [[4.0, 0.0], [0.0, 0.0], [3.0, 0.0]])
    """
    if dim < vectors.dim:
        raise ConfigError(
            f"dim must be at least {vectors.dim}, that of the model which training starts from, got {dim}; "
            "a model can grow, but not shrink"
        )
    vocabulary = words if isinstance(words, SubwordVocabulary) else SimpleVocabulary(words)
    known = vocabulary.find_ids(vectors.words)  # (words of `vectors`,)
    if (known == NO_ID).any():
        left_out = vectors.words[int(np.argmax(known == NO_ID))]
        raise ConfigError(
            f"words must hold every word of the model which training starts from, got {len(vocabulary.words):,} words "
            f"without {left_out!r}; add it, with count 0 where the new corpus lacks it"
        )
    matrix = generator.random((vocabulary.num_rows, dim), np.float32)
    matrix -= np.float32(0.5)
    matrix /= np.float32(dim)
    output_matrix = np.zeros((len(vocabulary.words), dim), np.float32)
    if isinstance(vocabulary, SimpleVocabulary):
        matrix[known, : vectors.dim] = vectors.matrix
    else:
        before = _subwords_of(vectors, vocabulary)
        buckets = len(vocabulary.words) + np.searchsorted(vocabulary.used_buckets, before.used_buckets)
        matrix[np.concatenate([known, buckets]), : vectors.dim] = vectors.rows
    if vectors.output_matrix is not None:
        output_matrix[known, : vectors.dim] = vectors.output_matrix
    return matrix, output_matrix


def _subwords_of(vectors: WordVectors, subwords: SubwordVocabulary) -> SubwordVocabulary:
    """The vocabulary of a trained model, if its n-grams are these.

    Raises:
        ConfigError: it has none, or others.
    """
    before = vectors.vocabulary
    if not isinstance(before, SubwordVocabulary):
        raise ConfigError(
            f"max_n={subwords.rules.max_n} needs a model to start from that has n-grams, too, and this one has vectors "
            "of words alone; leave max_n out, or leave start_from out"
        )
    if before.rules != subwords.rules:
        asked, there = (
            ", ".join(f"{name}={value}" for name, value in rules._asdict().items())
            for rules in (subwords.rules, before.rules)
        )
        raise ConfigError(
            f"the model to start from has n-grams of {there}, got {asked}; leave these settings out"
        )
    return before


def rows_of_words(vectors: WordVectors, words: list[str]) -> NDArray[np.float32]:
    """The rows of a model, with those of its words in the order of `words`, which are all that it has."""
    ids = vectors.ids(words)
    return np.concatenate([vectors.rows[ids], vectors.rows[len(vectors) :]])


def only_words(vectors: WordVectors, words: list[str]) -> WordVectors:
    """Leave out the words of a trained model that are not among others.

    Raises:
        ConfigError: no word is left.

    >>> trained = WordVectors(["a", "b"], [[1.0], [2.0]], counts=[9, 2])
    >>> left = only_words(trained, ["new", "b"])
    >>> left.words, left.matrix.tolist(), left.counts.tolist()
    (['b'], [[2.0]], [2])
    """
    wanted = frozenset(words)
    ids = np.array([id_ for id_, word in enumerate(vectors.words) if word in wanted], np.int64)
    if not len(ids):
        raise ConfigError(
            f"none of the {len(vectors):,} words of the model to start from is in the vocabulary of the text, so there "
            "is nothing to go on with; leave start_from out, or lower min_count"
        )
    return _taken(vectors, ids, None if vectors.counts is None else vectors.counts[ids])


def with_counts_of_both(grown: WordVectors, before: KnownWords) -> WordVectors:
    """Add the counts of the corpus before to those of a grown model, and sort its words by them.

    >>> before = KnownWords(["a", "b"], np.array([9, 2]))
    >>> grown = WordVectors(["new", "b", "a"], [[5.0], [2.0], [1.0]], counts=[5, 4, 0])
    >>> both = with_counts_of_both(grown, before)
    >>> both.words, both.counts.tolist(), both.matrix.ravel().tolist()
    (['a', 'b', 'new'], [9, 6, 5], [1.0, 2.0, 5.0])
    """
    counts = np.zeros(len(grown), np.int64) if grown.counts is None else grown.counts.copy()
    if before.counts is not None:
        counts[grown.ids(before.words)] += before.counts
    order = np.argsort(-counts, kind="stable")
    return _taken(grown, order, counts[order])


def _taken(vectors: WordVectors, ids: NDArray[np.int64], counts: NDArray[np.int64] | None) -> WordVectors:
    """Some words of a model, (n,), in the order of these ids, with other counts; of subwords, with all buckets."""
    words = [vectors.words[id_] for id_ in ids.tolist()]
    vocabulary: list[str] | SubwordVocabulary = words
    rows = vectors.rows[ids]
    if isinstance(vectors.vocabulary, SubwordVocabulary):
        vocabulary = SubwordVocabulary(words, vectors.vocabulary.rules, vectors.vocabulary.used_buckets)
        rows = np.concatenate([rows, vectors.rows[len(vectors) :]])
    return WordVectors(
        vocabulary,
        rows,
        counts=counts,
        output_matrix=None if vectors.output_matrix is None else vectors.output_matrix[ids],
        position_weights=vectors.position_weights,
        config=vectors.config,
        training=vectors.training,
        phrases=vectors.phrases,
    )
