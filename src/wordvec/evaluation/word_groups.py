"""Word groups: whether words fall into clusters by category, and which word of a set does not belong to the others.

Clusters are scored by their purity (Almuhareb, 2006; Baroni et al., 2014); outliers by the share found and by their
position (Camacho-Collados and Navigli, 2016).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from wordvec.errors import EvaluationError
from wordvec.evaluation.questions import Line, known_rows, row_lookup, unquoted
from wordvec.packages import imported
from wordvec.vectors.directions import unit_rows

__all__ = [
    "MIN_MEMBERS",
    "Categories",
    "Clusters",
    "Detected",
    "OutlierSets",
    "Topic",
    "cluster_words",
    "detect_outliers",
    "purity",
    "read_categories",
    "read_topic",
]

Ints = NDArray[np.int64]

NEEDED_FOR = "a test of categories"
RESTARTS = 20  # of k-means; the tightest clusters count
SEED = 1
WORDS_OF_A_LINE = 2

MAX_LINES = 1_000  # of a topic, sixty times as many as in the 8-8-8 data set
MIN_MEMBERS = 3  # known words of a cluster: with two and an outlier, the question has no answer


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
    with threadpool_limits(1):  # threads add up in any order
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


class Topic(NamedTuple):
    """Words that belong together, and words that do not belong to them."""

    name: str
    members: list[str]
    outliers: list[str]


class OutlierSets(NamedTuple):
    """Questions: the members of a topic with one of its outliers, which is to be found."""

    topics: list[Topic]

    @property
    def num_questions(self) -> int:
        """One for each outlier."""
        return sum(len(topic.outliers) for topic in self.topics)


class Detected(NamedTuple):
    """Where each outlier stood among its set, when ordered by how badly a word fits."""

    asked: NDArray[np.int64]  # (A,)  numbers of the questions
    positions: NDArray[np.float64]  # (A,)  in [0, 1]: 1 for last, which is right


def read_topic(place: str, text: str) -> Topic:
    r"""Read members, one a line, then an empty line, then outliers, as in the 8-8-8 data set.

    Raises:
        EvaluationError: one of the two parts is missing, or there are far too many lines.

    >>> read_topic("cats", "lion\ntiger\n\nbread\n")
    Topic(name='cats', members=['lion', 'tiger'], outliers=['bread'])
    """
    parts: list[list[str]] = [[]]
    for number, line in enumerate(untidy.strip() for untidy in io.StringIO(text, newline=None)):
        if number > MAX_LINES:
            raise EvaluationError(f"{place} is too long for a topic; at most {MAX_LINES:,} lines are read")
        if line and not line.startswith("#"):
            parts[-1].append(line)
        elif not line and parts[-1]:
            parts.append([])
    parts = [part for part in parts if part]
    if len(parts) != 2:
        raise EvaluationError(
            f"{place} must have words that belong together, one a line, an empty line, and words that do not, got "
            f"{len(parts)} such parts"
        )
    return Topic(place, parts[0], parts[1])


def detect_outliers(
    sets: OutlierSets,
    words: Sequence[str],  # (V,)
    matrix: NDArray[np.float32],  # (V, D)
) -> Detected:
    """Order each set by compactness, and see where its outlier stands.

    The compactness of a word is the mean cosine of all pairs of the others: without the outlier, the rest fits
    together best. Unknown members are left out; a set is asked where its outlier and three members are known.

    >>> pets = OutlierSets([Topic("pets", ["cat", "dog", "cow"], ["oak"])])
    >>> matrix = np.array([[1, 0], [1, 0.1], [1, 0.2], [0, 1]], np.float32)
    >>> detect_outliers(pets, ["cat", "dog", "cow", "oak"], matrix).positions.tolist()
    [1.0]
    """
    row_of = row_lookup(words)
    asked, positions, question = [], [], 0
    for topic in sets.topics:
        members = [row for row in map(row_of, topic.members) if row >= 0]
        for outlier in map(row_of, topic.outliers):
            if len(members) >= MIN_MEMBERS and outlier >= 0 and outlier not in members:
                asked.append(question)
                positions.append(_position(unit_rows(matrix[[*members, outlier]])))
            question += 1
    return Detected(np.array(asked, np.int64), np.array(positions, np.float64))


def _position(unit: NDArray[np.float32]) -> float:
    """The share of words before the last one, the outlier, in the order of compactness; equals are before it."""
    rows = unit.astype(np.float64)
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, 0.0)
    compactness = cosines.sum() - 2 * cosines.sum(axis=1)  # of the pairs without the word
    others = compactness[:-1]
    return float((others < compactness[-1]).sum() / len(others))
