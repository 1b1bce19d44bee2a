"""Projector: words and vectors as the files that TensorFlow's Embedding Projector loads, here or on the web."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, cast

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from wordvec.errors import ConfigError, FormatError
from wordvec.visualization.picture_files import PAGE_BEGINNING, PICTURES
from wordvec.visualization.style import printable
from wordvec.visualization.word_map import is_atlas

__all__ = ["CONFIG", "METADATA", "TENSORS", "MapFormat", "check_map_target", "map_format", "write_projector"]

TENSORS, METADATA = "tensors.tsv", "metadata.tsv"
CONFIG = "projector_config.pbtxt"  # without it, TensorBoard finds nothing in the folder
EMBEDDING = f"""embeddings {{
  tensor_name: "words"
  tensor_path: "{TENSORS}"
  metadata_path: "{METADATA}"
}}
"""
LONGEST = 1_000  # letters of a word

# What JavaScript takes for a number, and those among them that it shows as they were written.
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|0[box][\da-f]+", re.ASCII | re.IGNORECASE)
PLAIN_NUMBER = re.compile(r"-?(?:[1-9]\d{0,9}(?:\.\d{0,4}[1-9])?|0\.\d{0,4}[1-9])|0", re.ASCII)

MapFormat = Literal["png", "svg", "pdf", "html", "parquet", "projector"]
FORMATS = (*PICTURES, "html", "parquet", "projector")
BEGINNINGS = (*(start for starts in PICTURES.values() for start in starts), PAGE_BEGINNING.encode())


def write_projector(
    words: Sequence[str],
    matrix: NDArray[np.float32],
    folder: Path,
    *,
    counts: NDArray[np.int64] | None = None,
) -> None:
    r"""Write `tensors.tsv`, a vector a line, and `metadata.tsv`, a word a line, for https://projector.tensorflow.org.

    A third file names the two for `tensorboard --logdir`. As the projector's guide says, metadata have a first line
    with names where there are several columns, and none where words stand alone. What would end a line or a column
    is written as an escape.

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
    return printable(repr(word) if becomes_another or not word.strip() else word, LONGEST)


def map_format(path: Path) -> MapFormat:
    """Tell the kind of map that a path asks for by its ending.

    Raises:
        ConfigError: it ends otherwise.

    >>> map_format(Path("Map.HTML"))
    'html'
    """
    ending = path.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        known = ", ".join(f".{known}" for known in FORMATS)
        raise ConfigError(f"the ending says which kind of map is written, one of {known}; got {path}")
    return cast("MapFormat", ending)


def check_map_target(path: Path) -> None:
    """Refuse a path where a map would replace something that is no map.

    Raises:
        ConfigError: its ending is not that of a map.
        FormatError: something else is there; it was not touched.
    """
    what = _not_a_projector(path) if map_format(path) == "projector" else _not_a_map_file(path)
    if what:
        raise FormatError(f"{path} is {what}; it was not touched: choose another place for the map")


def _not_a_projector(path: Path) -> str:
    if path.is_dir():
        others = {inside.name for inside in path.iterdir()} - {TENSORS, METADATA, CONFIG}
        return f"a folder with something other than a map in it ({min(others)})" if others else ""
    return "a file, and the projector's files need a folder" if path.exists() else ""


def _not_a_map_file(path: Path) -> str:
    if path.is_dir():
        return "a folder"
    if not path.is_file() or not path.stat().st_size:
        return ""
    with path.open("rb") as file:
        start = file.read(max(map(len, BEGINNINGS)))
    return "" if start.startswith(BEGINNINGS) or is_atlas(path) else "a file of something other than a map"
