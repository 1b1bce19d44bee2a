"""Categories: do words of one kind fall into one cluster? (purity; Almuhareb, 2006; Baroni et al., 2014)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import EvaluationError
from wordvec.evaluation.questions import Line, known_rows, unquoted
from wordvec.packages import imported
from wordvec.vectors.directions import unit_rows

__all__ = ["Categories", "Clusters", "cluster_words", "purity", "read_categories"]

Ints = NDArray[np.int64]

NEEDED_FOR = "a test of categories"
RESTARTS = 20  # of k-means; the tightest clusters count
SEED = 1
WORDS_OF_A_LINE = 2


class Categories(NamedTuple):
    """Words, and the category of each."""

    words: list[str]  # (N,)
    categories: list[str]  # (N,)


class Clusters(NamedTuple):
    """The cluster of each word, beside its category."""

    asked: Ints  # (A,)  the numbers of the words that are known
    clusters: Ints  # (A,)
    categories: Ints  # (A,)  as numbers


def read_categories(lines: Iterable[Line]) -> Categories:
    """Read lines of a word and its category.

    Raises:
        EvaluationError: a line has something else.

    >>> read_categories([Line("", "tiger animal"), Line("", "oak tree")])
    Categories(words=['tiger', 'oak'], categories=['animal', 'tree'])
    """
    found = Categories([], [])
    for line in lines:
        words = list(map(unquoted, line.text.replace(",", " ").replace(";", " ").split()))
        if len(words) != WORDS_OF_A_LINE:
            raise EvaluationError(f"{line.place} must have a word and its category, got {line.text[:60]!r}")
        found.words.append(words[0])
        found.categories.append(words[1])
    return found


def cluster_words(
    test: Categories,
    words: Sequence[str],  # (V,)
    matrix: NDArray[np.float32],  # (V, D)
) -> Clusters:
    """Divide the known words of a test into as many clusters as they have categories, by k-means on unit vectors.

    Raises:
        MissingPackageError: scikit-learn is not installed.

    >>> matrix = np.array([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9]], np.float32)
    >>> test = Categories(["cat", "dog", "oak", "elm"], ["animal", "animal", "tree", "tree"])
    >>> purity(*cluster_words(test, ["cat", "dog", "oak", "elm"], matrix)[1:])
    1.0
    """
    asked, rows = known_rows([(word,) for word in test.words], words, 1)
    _, categories = np.unique([test.categories[number] for number in asked.tolist()], return_inverse=True)
    unit = unit_rows(matrix[rows[:, 0]])
    num_clusters = min(int(categories.max(initial=-1)) + 1, len(np.unique(unit, axis=0)))
    if num_clusters == 0:
        return Clusters(asked, asked, asked)
    means = imported("sklearn.cluster", NEEDED_FOR).KMeans(num_clusters, n_init=RESTARTS, random_state=SEED)
    with imported("threadpoolctl", NEEDED_FOR).threadpool_limits(1):  # threads add up in any order
        clusters = means.fit_predict(unit)
    return Clusters(asked, clusters.astype(np.int64), categories.astype(np.int64))


def purity(clusters: Ints, categories: Ints) -> float | None:
    """The share of words whose category is the commonest one of their cluster; None without words.

    >>> purity(np.array([0, 0, 0, 1]), np.array([5, 5, 7, 7]))
    0.75
    """
    if not len(clusters):
        return None
    pairs, sizes = np.unique(np.stack([clusters, categories]), axis=1, return_counts=True)
    commonest = np.zeros(int(clusters.max()) + 1)
    np.maximum.at(commonest, pairs[0], sizes)
    return float(commonest.sum() / len(clusters))
