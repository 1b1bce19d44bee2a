"""Map files: maps for other tools, TensorFlow's Embedding Projector and Apple's embedding-atlas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from wordvec.errors import FormatError
from wordvec.text import printable, reason_of
from wordvec.visualization.output_kinds import ATLAS_MARK
from wordvec.visualization.style import MAX_WORD_LETTERS
from wordvec.visualization.word_map import WordMap, group_names

__all__ = ["CONFIG", "METADATA", "TENSORS", "Atlas", "read_atlas", "write_atlas", "write_projector"]

# N words, D dimensions

TENSORS, METADATA = "tensors.tsv", "metadata.tsv"
CONFIG = "projector_config.pbtxt"  # without it, TensorBoard finds nothing in the folder
EMBEDDING = f"""embeddings {{
  tensor_name: "words"
  tensor_path: "{TENSORS}"
  metadata_path: "{METADATA}"
}}
"""
MAX_LETTERS = 1_000  # of a word
METHOD = b"method"  # in the metadata of the Parquet file, where the method is known

# What JavaScript reads as a number, and the numbers that it shows as they were written.
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|0[box][\da-f]+", re.ASCII | re.IGNORECASE)
PLAIN_NUMBER = re.compile(r"-?(?:[1-9]\d{0,9}(?:\.\d{0,4}[1-9])?|0\.\d{0,4}[1-9])|0", re.ASCII)


def write_projector(
    words: Sequence[str],
    matrix: NDArray[np.float32],
    folder: Path,
    *,
    counts: NDArray[np.int64] | None = None,
) -> None:
    r"""Write `tensors.tsv`, a vector a line, and `metadata.tsv`, a word a line, for https://projector.tensorflow.org.

    A third file names the two for `tensorboard --logdir`. As the projector's guide says, metadata have a first line
    with names where there are several columns, and none where there is one. Escapes stand for what would end a line
    or a column.

    Args:
        words: N words.
        matrix: (N, D) their vectors; numbers are written so that they read back exactly.
        folder: an existing one.
        counts: (N,) how often each word occurs: a second column.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     write_projector(["a", "b"], np.array([[1, 0.1], [0, 2]], dtype=np.float32), Path(name))
    ...     (Path(name) / TENSORS).read_text(), (Path(name) / METADATA).read_text()
    ('1\t0.1\n0\t2\n', 'a\nb\n')
    """
    columns = [pa.array(np.ascontiguousarray(column)) for column in matrix.T]
    table = pa.table(columns, names=[str(number) for number in range(len(columns))])
    with (folder / TENSORS).open("wb") as stream:  # pyarrow takes no path that is not UTF-8
        pyarrow.csv.write_csv(table, stream, pyarrow.csv.WriteOptions(include_header=False, delimiter="\t"))
    lines = [_label(word) for word in words]
    if counts is not None:
        lines = [
            "word\tcount",
            *(f"{label}\t{count}" for label, count in zip(lines, counts.tolist(), strict=True)),
        ]
    (folder / METADATA).write_bytes("".join(f"{line}\n" for line in lines).encode())
    (folder / CONFIG).write_text(EMBEDDING, encoding="utf-8", newline="\n")


def _label(word: str) -> str:
    """A word as it can stand in a line; in quotes where the projector would show something else, or skip the line.

    It skips empty lines, and all words after one would have wrong vectors. It turns 007 into 7, and 1e3 into 1000.

    >>> [_label(word) for word in ("oak", " ", "2024", "007", "3.1", "3.10")]
    ['oak', "' '", '2024', "'007'", '3.1', "'3.10'"]
    """
    becomes_another = NUMBER.fullmatch(word.strip()) and not PLAIN_NUMBER.fullmatch(word)
    return printable(repr(word) if becomes_another or not word.strip() else word, MAX_LETTERS)


def write_atlas(word_map: WordMap, file: BinaryIO, method: str | None = None) -> None:
    """Write a Parquet file for embedding-atlas, with the columns text, x, y, neighbors, group and, where known, count.

    Neighbors are `{"ids": [...], "distances": [...]}` as https://apple.github.io/embedding-atlas/tool.html has them:
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
    names = group_names([printable(word, MAX_WORD_LETTERS) for word in word_map.words], word_map.groups)
    columns = {
        "text": pa.array(word_map.words, pa.string()),
        "x": word_map.points[:, 0].astype(np.float32),
        "y": word_map.points[:, 1].astype(np.float32),
        "neighbors": pa.StructArray.from_arrays(lists, ["ids", "distances"]),
        "group": pa.array([names[number] for number in word_map.groups.tolist()], pa.string()),
    }
    if word_map.counts is not None:
        columns["count"] = word_map.counts
    metadata = ATLAS_MARK if method is None else {**ATLAS_MARK, METHOD: method.encode()}
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), file, compression="zstd")


class Atlas(NamedTuple):
    """What a map that was written for embedding-atlas shows."""

    words: list[str]
    points: NDArray[np.float32]  # (N, 2)
    groups: NDArray[np.int64]  # (N,)
    group_names: list[str]
    method: str | None  # that it was made by, where the file says so


def read_atlas(path: Path) -> Atlas:
    """Read a map that `write_atlas` has written.

    Raises:
        FormatError: it is something else, or damaged.
        OSError: it cannot be read.

    >>> import tempfile
    >>> points, near = np.array([[0, 0], [1, 2]], dtype=np.float32), np.array([[1], [0]])
    >>> pair = WordMap(["a", "b"], points, np.array([0, 0]), near, np.ones((2, 1), dtype=np.float32))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with (path := Path(folder, "map.parquet")).open("wb") as file:
    ...         write_atlas(pair, file, "pca")
    ...     read_atlas(path).method, read_atlas(path).words
    ('pca', ['a', 'b'])
    """
    try:
        with path.open("rb") as stream:  # pyarrow takes no path that is not UTF-8
            table = pq.read_table(stream, columns=["text", "x", "y", "group"])
        metadata = table.schema.metadata or {}
        if not ATLAS_MARK.items() <= metadata.items():
            raise FormatError(
                f"{path} is not a map; wordvec map MODEL --output {path.with_suffix('.parquet').name} makes one"
            )
        points = np.stack([table[axis].to_numpy().astype(np.float32) for axis in ("x", "y")], axis=1)
        groups = table["group"].combine_chunks().dictionary_encode()
        words: list[str] = table["text"].to_pylist()
        if not words or not np.isfinite(points).all() or groups.null_count or None in words:
            raise FormatError(f"{path} is damaged: it has no words, or a word without a place")
    except (pa.ArrowException, KeyError, ValueError) as problem:
        if isinstance(problem, FormatError):
            raise
        raise FormatError(f"{path} is not a map, or is damaged: {reason_of(problem)}") from problem
    method = metadata.get(METHOD)
    return Atlas(
        words,
        points,
        groups.indices.to_numpy().astype(np.int64),
        groups.dictionary.to_pylist(),
        None if method is None else method.decode(errors="replace"),
    )
