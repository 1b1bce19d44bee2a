"""Nearest n-grams: which pieces of words, such as endings, have rows that point where the vector of a word does."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError
from wordvec.settings import check_count
from wordvec.vectors.directions import check_direction, unit_rows
from wordvec.vectors.top_k import Neighbor, cosines_with
from wordvec.vocabulary.subwords import SubwordVocabulary, ngrams
from wordvec.vocabulary.vocabulary import Vocabulary

__all__ = ["nearest_ngrams"]

# V words, B buckets that words fall into, R rows of words and buckets, N n-grams of all words, D dimensions
Floats = NDArray[np.float32]

ROWS_AT_A_TIME = 65_536


def nearest_ngrams(
    vocabulary: Vocabulary,
    rows: Floats,  # (R, D)
    vector: Floats,  # (D,)
    k: int,
) -> list[Neighbor]:
    """Find the k n-grams of the vocabulary's words whose rows have the highest cosine with a vector.

    N-grams that share a bucket have one row and one cosine: the one that most words have comes first.

    Raises:
        ConfigError: words have no n-grams, k is not an integer or below 1, or the vector is all zeros.
    """
    if not isinstance(vocabulary, SubwordVocabulary):
        raise ConfigError(
            "nearest n-grams need a model with subwords, and these words have none; a model of fastText (.bin) has"
        )
    check_count("k", k, "how many n-grams to find")
    check_direction(vector)
    of_words = np.unique(vocabulary.buckets)  # (B,)  of a model of fastText, not all that have a row
    places = len(vocabulary.words) + np.searchsorted(vocabulary.used_buckets, of_words)
    unit = unit_rows(vector[None])[0]
    cosines = np.empty(len(places), np.float32)
    for start in range(0, len(places), ROWS_AT_A_TIME):
        block = slice(start, start + ROWS_AT_A_TIME)
        cosines[block] = cosines_with(unit_rows(rows[places[block]]), unit)
    best = np.argsort(-cosines, kind="stable")[:k]  # each has at least one n-gram
    names = _names(vocabulary, of_words[best])
    return [
        Neighbor(ngram, cosine)
        for bucket, cosine in zip(of_words[best].tolist(), cosines[best].tolist(), strict=True)
        for ngram, _ in names[bucket].most_common()
    ][:k]


def _names(vocabulary: SubwordVocabulary, buckets: NDArray[np.int32]) -> dict[int, Counter[str]]:
    """The n-grams in each of some buckets, and how many words have each of them."""
    places = np.flatnonzero(np.isin(vocabulary.buckets, buckets))  # among the N
    words = np.searchsorted(vocabulary.first_buckets, places, side="right") - 1
    names: dict[int, Counter[str]] = {bucket: Counter() for bucket in buckets.tolist()}
    for place, word in zip(places.tolist(), words.tolist(), strict=True):
        number = place - int(vocabulary.first_buckets[word])  # of the n-gram in its word
        ngram = ngrams(vocabulary.words[word], vocabulary.rules)[number]
        names[int(vocabulary.buckets[place])][ngram] += 1
    return names
