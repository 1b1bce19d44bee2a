"""Word map: words on a plane, in groups, with their neighbors: what pages, files and the server are given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from wordvec.packages import imported
from wordvec.visualization.projection import Method, project

__all__ = ["MAX_GROUPS", "WordMap", "frequent_words", "group", "group_names", "lay_out"]

# N words, D dimensions, k neighbors of each

MAX_GROUPS = 12  # more colors are hard to distinguish
RESTARTS = 4
SAMPLE_WORDS = 10_000  # enough to find the means of MAX_GROUPS groups
WORDS_OF_A_NAME = 4
NEIGHBORS_SHOWN = 10
SHARE_OF_PROJECTING = 0.9  # of the work, about


class WordMap(NamedTuple):
    """Words with their places, the most important ones first."""

    words: Sequence[str]
    points: NDArray[np.float32]  # (N, 2)  both axes in one unit
    groups: NDArray[np.int64]  # (N,)  numbered in order of their first word
    neighbors: NDArray[
        np.int64
    ]  # (N, k)  rows of this map, the nearest first; a word is not its own neighbor
    cosines: NDArray[np.float32]  # (N, k)  in [-1, 1]
    counts: NDArray[np.int64] | None = None  # (N,)


def lay_out(
    words: Sequence[str],
    unit_vectors: NDArray[np.float32],
    neighbors: NDArray[np.int64],
    cosines: NDArray[np.float32],
    *,
    method: Method,
    seed: int,
    counts: NDArray[np.int64] | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> WordMap:
    """Make a map of words: project them, and divide them into groups.

    Args:
        words: N words, the most important ones first.
        unit_vectors: (N, D) of length 1 or 0.
        neighbors: (N, k) rows, the nearest first, of each word as many as `num_neighbors` says.
        cosines: (N, k) with these neighbors.
        method: "tsne", "umap" or "pca"; see `project`.
        seed: start of the random draws.
        counts: (N,) how often each word occurs, where that is known.
        on_progress: called with the share that is done, in [0, 1].

    Raises:
        MissingPackageError: a package is not installed.

    >>> axes, near = np.eye(3, dtype=np.float32), np.array([[1], [0], [0]])
    >>> lay_out(["a", "b", "c"], axes, near, np.zeros((3, 1), np.float32), method="pca", seed=1).points.shape
    (3, 2)
    """
    report = on_progress or (lambda _: None)
    iterating = None if on_progress is None else lambda share: report(SHARE_OF_PROJECTING * share)
    points = project(unit_vectors, neighbors, cosines, method, seed, iterating)
    report(SHARE_OF_PROJECTING)
    found = WordMap(
        words=words,
        points=points,
        groups=group(unit_vectors, seed),
        neighbors=neighbors[:, :NEIGHBORS_SHOWN],
        cosines=cosines[:, :NEIGHBORS_SHOWN],
        counts=counts,
    )
    report(1.0)
    return found


def frequent_words(words: Sequence[str], counts: NDArray[np.int64] | None, num_words: int) -> Sequence[str]:
    """The most frequent words, or fewer; without counts the first ones, which by convention they are.

    >>> frequent_words(["of", "the", "a"], np.array([5, 9, 7]), 2)
    ['the', 'a']
    """
    if counts is None:
        return words[:num_words]
    by_count = (-counts).argsort(kind="stable")[:num_words]
    return [words[row] for row in by_count]


def group(
    unit_vectors: NDArray[np.float32], seed: int, *, sample_words: int = SAMPLE_WORDS
) -> NDArray[np.int64]:
    """Divide words into about sqrt(N / 2) groups, at most MAX_GROUPS, by k-means (Lloyd, 1957).

    Args:
        unit_vectors: (N, D) vectors of length 1, so that the nearest mean is the one with the highest cosine.
        seed: start of the random draws.
        sample_words: how many words find the groups' means; all others join the group of the nearest mean.

    Returns:
        (N,) the group of each word; groups are numbered in order of their first word, which is in group 0.

    Raises:
        MissingPackageError: scikit-learn is not installed.

    >>> towns_and_soups = np.array([[0.6, 0.8], [1.0, 0.0], [0.8, 0.6], [0.0, 1.0]], dtype=np.float32)
    >>> group(np.repeat(towns_and_soups[1::2], 4, axis=0), seed=1).tolist()
    [0, 0, 0, 0, 1, 1, 1, 1]
    """
    cluster = imported("sklearn.cluster", "a map")
    num_words = len(unit_vectors)
    sample = np.random.default_rng(seed).choice(num_words, min(num_words, sample_words), replace=False)
    shown = unit_vectors[np.sort(sample)]
    num_groups = min(MAX_GROUPS, len(np.unique(shown, axis=0)), max(1, round((num_words / 2) ** 0.5)))
    random_state = int(np.random.SeedSequence(seed).generate_state(1)[0])
    means = cluster.KMeans(num_groups, n_init=RESTARTS, random_state=random_state)
    with threadpool_limits(1):  # threads add up in any order, and another last bit is another map
        found = means.fit(shown).predict(unit_vectors)
    _, first_seen, group_of_word = np.unique(found, return_index=True, return_inverse=True)
    number = np.argsort(np.argsort(first_seen))
    groups: NDArray[np.int64] = number[group_of_word].astype(np.int64)
    return groups


def group_names(words: Sequence[str], groups: NDArray[np.integer]) -> list[str]:
    """Name each group by its first words, by convention its most frequent ones.

    >>> group_names(["oak", "cod", "elm"], np.array([0, 1, 0]))
    ['oak, elm', 'cod']
    """
    names = []
    for number in range(int(groups.max()) + 1):
        members = np.flatnonzero(groups == number)[:WORDS_OF_A_NAME]
        names.append(", ".join(words[row] for row in members))
    return names
