"""Groups: which words belong together, found in all dimensions, to be told apart by colour on the plane."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wordvec.packages import imported

__all__ = ["MOST_GROUPS", "group", "group_names"]

# N words, D dimensions
MOST_GROUPS = 12  # more colours than these cannot be told apart
RESTARTS = 4
ENOUGH_WORDS = 10_000  # to find the groups' means; all others join the nearest one
WORDS_OF_A_NAME = 4


def group(unit_vectors: NDArray[np.float32], seed: int) -> NDArray[np.int64]:
    """Part words into about sqrt(N / 2) groups, MOST_GROUPS at most, by k-means (Lloyd, 1957).

    Args:
        unit_vectors: (N, D) vectors of length 1, so that the nearest mean is one of a high cosine.
        seed: start of the random draws.

    Returns:
        (N,) the group of each word; groups are numbered as they are met, so the first word is in group 0.

    Raises:
        MissingPackageError: scikit-learn is not installed.

    >>> towns_and_soups = np.array([[0.6, 0.8], [1.0, 0.0], [0.8, 0.6], [0.0, 1.0]], dtype=np.float32)
    >>> group(np.repeat(towns_and_soups[1::2], 4, axis=0), seed=1).tolist()
    [0, 0, 0, 0, 1, 1, 1, 1]
    """
    cluster, threadpoolctl = imported("sklearn.cluster", "a map"), imported("threadpoolctl", "a map")
    num_words = len(unit_vectors)
    sample = np.random.default_rng(seed).choice(num_words, min(num_words, ENOUGH_WORDS), replace=False)
    shown = unit_vectors[np.sort(sample)]
    num_groups = min(MOST_GROUPS, len(np.unique(shown, axis=0)), max(1, round((num_words / 2) ** 0.5)))
    random_state = int(np.random.SeedSequence(seed).generate_state(1)[0])
    means = cluster.KMeans(num_groups, n_init=RESTARTS, random_state=random_state)
    with threadpoolctl.threadpool_limits(1):  # as in projection.py
        found = means.fit(shown).predict(unit_vectors)
    _, first_seen, group_of_word = np.unique(found, return_index=True, return_inverse=True)
    number = np.argsort(np.argsort(first_seen))
    groups: NDArray[np.int64] = number[group_of_word].astype(np.int64)
    return groups


def group_names(words: Sequence[str], groups: NDArray[np.integer]) -> list[str]:
    """Name each group by its first words, which by habit are its most frequent ones.

    >>> group_names(["oak", "cod", "elm"], np.array([0, 1, 0]))
    ['oak, elm', 'cod']
    """
    names = []
    for number in range(int(groups.max()) + 1):
        members = np.flatnonzero(groups == number)[:WORDS_OF_A_NAME]
        names.append(", ".join(words[row] for row in members))
    return names
