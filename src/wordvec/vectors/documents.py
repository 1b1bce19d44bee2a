"""Document vectors: a weighted mean of a text's words, without what all texts share (SIF; Arora et al., 2017)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError
from wordvec.vectors.directions import unit_rows
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.vocabulary import NO_ID

__all__ = ["SMOOTHING", "DocumentEncoder", "sif_weights"]

# V words, D dimensions, N texts, n words that are looked up
Floats = NDArray[np.float32]

SMOOTHING = (
    3e-4  # a of the paper, which found 1e-4 to 1e-3 to do well: the best of six on STS-B's training part
)


def sif_weights(
    vectors: WordVectors, words: Sequence[str], smoothing: float = SMOOTHING
) -> NDArray[np.float64]:
    """What words weigh in a text, a / (a + p), (n,): p is a word's relative frequency, 0 of one without an id.

    Raises:
        ConfigError: the words have no counts, or smoothing is not above 0.

    >>> cities = WordVectors(["the", "rome"], [[1, 1], [2, 0]], counts=[90, 10])
    >>> sif_weights(cities, ["rome", "the"], smoothing=0.1).tolist()
    [0.5, 0.1]
    """
    if vectors.counts is None:
        raise ConfigError(
            "document vectors weigh words by how frequent they are, and these vectors have no counts; "
            "wordvec's own folders keep them, word2vec's and GloVe's files do not"
        )
    if not smoothing > 0:
        raise ConfigError(f"smoothing must be above 0, got {smoothing}; {SMOOTHING:g} is usual")
    ids = vectors.vocabulary.find_ids(words)
    # A word without an id, which has a vector by its n-grams, does not occur in the corpus.
    frequencies = np.where(ids == NO_ID, 0.0, vectors.counts[ids]) / max(1, vectors.counts.sum())
    weights: NDArray[np.float64] = smoothing / (smoothing + frequencies)
    return weights


class DocumentEncoder:
    """Turns texts into vectors whose cosines say how alike they are.

    A word of relative frequency p weighs a / (a + p), so that frequent words count little; then the direction that the
    example texts have most in common is taken out (algorithm 1 of Arora et al.).

    Args:
        vectors: of the words; their counts give the frequencies.
        examples: texts like those that will be encoded, usually all of them, as lists of words; they show what texts
            have in common. None to take nothing out.
        smoothing: a, above 0: the smaller, the less frequent words count.

    Raises:
        ConfigError: the words have no counts, smoothing is not above 0, or no example has a known word.

    >>> cities = WordVectors(["the", "rome", "soup"], [[1, 1], [2, 0], [0, 2]], counts=[90, 5, 5])
    >>> DocumentEncoder(cities).encode([["the", "rome"], ["unknown"]]).round(2)
    array([[1.  , 0.03],
           [0.  , 0.  ]], dtype=float32)
    """

    def __init__(
        self,
        vectors: WordVectors,
        examples: Iterable[Sequence[str]] | None = None,
        *,
        smoothing: float = SMOOTHING,
    ):
        self._vectors = vectors
        self._weights = sif_weights(vectors, vectors.words, smoothing)  # (V,)  in (0, 1]
        self.common: Floats | None = None  # (D,)  the direction that is taken out, of length 1
        if examples is not None:
            self.common = self._common_direction(self._means(examples))

    def encode(self, texts: Iterable[Sequence[str]]) -> Floats:
        """Turn texts into vectors.

        Args:
            texts: N lists of words, split as the corpus of the vectors was.

        Returns:
            Vectors of length 1, (N, D); zeros for a text without a known word.

        Raises:
            ConfigError: a text is a str instead of a list of words.

        >>> cities = WordVectors(["rome", "soup"], [[2, 0], [0, 2]], counts=[5, 5])
        >>> DocumentEncoder(cities).encode([["soup", "soup"]]).tolist()
        [[0.0, 1.0]]
        """
        means = self._means(texts)
        if self.common is not None:
            means -= np.outer(means @ self.common, self.common)
        return unit_rows(means)

    def _means(self, texts: Iterable[Sequence[str]]) -> NDArray[np.float64]:
        """The weighted mean of each text's words, (N, D)."""
        means = []
        for text in texts:
            if isinstance(text, str):
                raise ConfigError(
                    f"a text must be a list of words, got the str {text[:40]!r}; cut it into words"
                )
            known = {
                word: times
                for word, times in Counter(text).items()
                if self._vectors.vocabulary.has_vector(word)
            }
            words, times = list(known), np.fromiter(known.values(), float, len(known))
            ids = self._vectors.vocabulary.find_ids(words)
            # A word without an id, which has a vector by its n-grams, does not occur in the corpus.
            weights = np.where(ids == NO_ID, 1.0, self._weights[ids]) * times
            means.append(weights @ self._vectors.lookup(words).astype(np.float64) / max(1, times.sum()))
        return np.array(means).reshape(-1, self._vectors.dim)

    def _common_direction(self, means: NDArray[np.float64]) -> Floats:
        if not means.any():
            raise ConfigError(
                "no example has a word that has a vector; are they cut into words as the corpus was?"
            )
        products = means.T @ means  # (D, D)
        _, directions = np.linalg.eigh(products)
        return np.asarray(directions[:, -1], np.float32)
