"""Atlas: a map of words as a Parquet file for embedding-atlas, with the columns that it takes."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wordvec.visualization.glyphs import printable
from wordvec.visualization.groups import group_names
from wordvec.visualization.word_map import WordMap

__all__ = ["is_atlas", "write_atlas"]

# N words, k neighbours of each
MADE_BY = {b"made_by": b"wordvec map"}  # so that no Parquet file of someone else's is replaced


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
