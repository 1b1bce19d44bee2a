"""Stability: how far nearest neighbors agree between runs that differ only in their seed (Antoniak and Mimno, 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError, EvaluationError
from wordvec.evaluation.change import shared_words
from wordvec.evaluation.questions import read_text
from wordvec.text import is_number, printable
from wordvec.vectors.top_k import top_k
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.vocabulary import NO_ID

__all__ = ["HEADING", "TRUSTED", "Band", "Stability", "bands_of", "read_agreement", "stability_of"]

Ints = NDArray[np.int64]

HEADING = "word\tagreement\ttrusted"  # of the table that `wordvec stability` writes
NEIGHBORS = 10
TRUSTED = 0.5  # agreement from which a word's neighbors say more about the text than about the seed
FIRST_BAND = 100  # ranks; each further band holds ten times as many


class Stability(NamedTuple):
    """How far each word's neighbors agree."""

    words: list[str]  # (S,)  that all models have, most frequent first
    agreement: NDArray[np.float64]  # (S,)  mean share of neighbors that two models share, in [0, 1]


class Band(NamedTuple):
    """Words of similar frequency."""

    first: int  # rank, from 1
    last: int
    agreement: float  # mean
    distrusted: int  # words below TRUSTED


def stability_of(models: Sequence[WordVectors], *, search_limit: int, k: int = NEIGHBORS) -> Stability:
    """Compare the k nearest neighbors of each word in all pairs of models.

    Args:
        models: at least two, of runs that differ by their seed.
        search_limit: compare only the N most frequent shared words, in the order of the first model.
        k: neighbors of each word.

    Raises:
        ConfigError: there are fewer than two models, or not more than k + 1 shared words.

    >>> one = WordVectors(["a", "b", "c"], [[1, 0], [1, 0.1], [0, 1]])
    >>> stability_of([one, one], search_limit=10, k=1).agreement.tolist()
    [1.0, 1.0, 1.0]
    """
    if len(models) < 2:
        raise ConfigError(
            f"stability is how far runs agree, and needs at least two models, got {len(models)}"
        )
    shared = shared_words(models, search_limit)
    if len(shared.words) <= k + 1:
        raise ConfigError(
            f"the {k} nearest of {len(shared.words)} shared words are all the others, with any vectors; ask for fewer "
            "neighbors (k, --k), or compare more words"
        )
    own = [[row] for row in range(len(shared.words))]
    found = [top_k(unit, unit, k, exclude=own).ids for unit in shared.units]
    pairs = [_overlap(one, other) for one, other in combinations(found, 2)]
    return Stability(shared.words, np.mean(pairs, axis=0))


def read_agreement(path: Path) -> dict[str, float]:
    """The agreement of each word, in [0, 1], from a table that `wordvec stability --output` has written.

    Raises:
        EvaluationError: it cannot be read, or is not such a table.
    """
    first, *lines = read_text(path).split("\n")
    if first != HEADING:
        raise EvaluationError(
            f"{path} is not a table of wordvec stability, as its first line is {printable(first, 40)!r}; "
            "wordvec stability MODEL MODEL --output stability.tsv writes one"
        )
    found: dict[str, float] = {}
    for number, line in enumerate(lines, 2):
        word, _, rest = line.partition("\t")
        agreement = rest.partition("\t")[0]
        if line and not (is_number(agreement) and 0 <= float(agreement) <= 1):
            raise EvaluationError(
                f"{path}, line {number}: the agreement of a word is a number in [0, 1], got "
                f"{printable(agreement, 40)!r}; write the table again with wordvec stability"
            )
        if line:
            found[word] = float(agreement)
    return found


def bands_of(agreement: NDArray[np.float64]) -> list[Band]:
    """Sum up words by their rank: the first 100, those up to 1,000, up to 10,000 and so on.

    >>> [(band.first, band.last) for band in bands_of(np.ones(2500))]
    [(1, 100), (101, 1000), (1001, 2500)]
    """
    bands, first, last = [], 0, FIRST_BAND
    while first < len(agreement):
        some = agreement[first:last]
        bands.append(Band(first + 1, first + len(some), float(some.mean()), int((some < TRUSTED).sum())))
        first, last = last, last * 10
    return bands


def _overlap(one: Ints, other: Ints) -> NDArray[np.float64]:
    """The share of neighbors, (S, k) each, that two models share, (S,)."""
    is_shared = (one[:, :, None] == other[:, None, :]).any(axis=2) & (one != NO_ID)
    overlap: NDArray[np.float64] = is_shared.sum(axis=1) / (one != NO_ID).sum(axis=1)
    return overlap
