"""Word map: words on a plane, and what is known about each; what pages and hand-off files are made from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from wordvec.packages import imported
from wordvec.visualization.style import printable

__all__ = ["MOST_GROUPS", "WordMap", "group", "group_names", "is_atlas", "write_atlas"]

# N words, k neighbours of each

# N words, D dimensions
MOST_GROUPS = 12  # more colours than these cannot be told apart
RESTARTS = 4
ENOUGH_WORDS = 10_000  # to find the groups' means; all others join the nearest one
WORDS_OF_A_NAME = 4

# N words, k neighbours of each
MADE_BY = {b"made_by": b"wordvec map"}  # so that no Parquet file of someone else's is replaced


class WordMap(NamedTuple):
    """Words with their places, the most important ones first."""

    words: Sequence[str]
    points: NDArray[np.float32]  # (N, 2)  both axes in one unit
    groups: NDArray[np.int64]  # (N,)  numbered as they are met
    neighbors: NDArray[np.int64]  # (N, k)  rows of this map, the nearest first; a word is not its own
    cosines: NDArray[np.float32]  # (N, k)  in [-1, 1]
    counts: NDArray[np.int64] | None = None  # (N,)


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


def write_atlas(word_map: WordMap, file: BinaryIO) -> None:
    """Write the columns text, x, y, neighbors, group and, where known, count.

    Neighbours are `{"ids": [...], "distances": [...]}` as https://apple.github.io/embedding-atlas/tool.html has them:
    ids are rows from 0, distances are 1 - cosine.

    >>> import io
    >>> points, near = np.array([[0, 0], [1, 2]], dtype=np.float32), np.array([[1], [0]])
    >>> pair = WordMap(["a", "b"], points, np.array([0, 0]), near, np.ones((2, 1), dtype=np.float32))
    >>> write_atlas(pair, file := io.BytesIO())
    >>> pq.read_table(file)["neighbors"].to_pylist()
    [{'ids': [1], 'distances': [0.0]}, {'ids': [0], 'distances': [0.0]}]
    """
    num_words, num_neighbors = word_map.neighbors.shape
    ends = np.arange(num_words + 1, dtype=np.int32) * num_neighbors
    lists = [
        pa.ListArray.from_arrays(ends, numbers.ravel())
        for numbers in (word_map.neighbors, 1.0 - word_map.cosines.astype(np.float32))
    ]
    names = group_names([printable(word) for word in word_map.words], word_map.groups)
    columns = {
        "text": pa.array(word_map.words, pa.string()),
        "x": word_map.points[:, 0].astype(np.float32),
        "y": word_map.points[:, 1].astype(np.float32),
        "neighbors": pa.StructArray.from_arrays(lists, ["ids", "distances"]),
        "group": pa.array([names[number] for number in word_map.groups.tolist()], pa.string()),
    }
    if word_map.counts is not None:
        columns["count"] = word_map.counts
    pq.write_table(pa.table(columns).replace_schema_metadata(MADE_BY), file, compression="zstd")


def is_atlas(path: Path) -> bool:
    """Tell whether a file is one that `write_atlas` has written."""
    try:
        with path.open("rb") as stream:  # pyarrow takes no path that is not UTF-8
            metadata = pq.read_schema(stream).metadata or {}
    except pa.ArrowException:
        return False
    return MADE_BY.items() <= metadata.items()
