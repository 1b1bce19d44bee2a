"""Sample: the beginnings of a source's files, from which the rest can be estimated."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wordvec.corpus.compression import file_bytes
from wordvec.corpus.decoding import Decoding
from wordvec.corpus.reading import BLOCK_BYTES, read_parts
from wordvec.corpus.sources import (
    STANDARD_INPUT,
    Files,
    TextSource,
    TokenLists,
    are_paths,
    find_files,
    how_to_read,
)
from wordvec.corpus.table_rows import Part

__all__ = ["Sample", "read_sample"]

FEWEST_FILES = 16  # to look into, if there are more
_READ_ONCE = ("/dev/", "/proc/")  # such as /dev/stdin: what is read there is gone


@dataclass(frozen=True, slots=True)
class Sample:
    """Some of a source's text, or all of it."""

    blocks: tuple[Part, ...]
    bytes_read: int  # of the files as they lie on disk
    bytes_total: int  # of all files of the source
    is_whole: bool

    @property
    def share(self) -> float:
        """Of the source, in (0, 1]."""
        return 1.0 if self.is_whole else self.bytes_read / self.bytes_total


def read_sample(source: TextSource | TokenLists, sample_bytes: int) -> Sample | None:
    r"""Read about so many bytes of text from the beginnings of some files; None for what can be read only once.

    The files are those at even steps through all bytes of the source, so that large ones count for more. A source
    with less text than that is read whole.

    Raises:
        CorpusError: a file does not exist, or cannot be read.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "corpus.txt")
    ...     size = path.write_bytes(b"one two\n" * 1000)
    ...     sample = read_sample(path, sample_bytes=2000)
    >>> sample.share, sample.is_whole, sample.blocks[0].data[:8]
    (0.25, False, b'one two\n')
    """
    if not are_paths(source):
        return None
    paths: Any = source  # what are_paths has found out, mypy does not see
    how = how_to_read(paths)
    files = find_files(paths)
    if any(file == STANDARD_INPUT or os.fspath(file).startswith(_READ_ONCE) for file in files):
        return None
    sizes = [file_bytes(file) for file in files]
    known = [size for size in sizes if size is not None]
    if len(known) < len(files):
        return None
    chosen = _chosen(known, sample_bytes)
    left = sample_bytes
    read: dict[int, tuple[list[Part], bool]] = {}
    for num_left, file in zip(range(len(chosen), 0, -1), sorted(chosen, key=known.__getitem__), strict=True):
        read[file] = _beginning(files[file], left // num_left, how)
        left = max(0, left - sum(block.num_bytes for block in read[file][0]))
    blocks = [read[file][0] for file in chosen]
    return Sample(
        blocks=tuple(block for of_file in blocks for block in of_file),
        bytes_read=sum(of_file[-1].bytes_read for of_file in blocks if of_file),
        bytes_total=sum(known),
        is_whole=len(chosen) == len(files) and all(is_whole for _, is_whole in read.values()),
    )


def _chosen(sizes: Sequence[int], sample_bytes: int) -> list[int]:
    """Which files to read from, in their order: a few large ones, or as many small ones as there is room for.

    >>> _chosen([10] * 100, sample_bytes=100)
    [3, 9, 15, 21, 28, 34, 40, 46, 53, 59, 65, 71, 78, 84, 90, 96]
    >>> len(_chosen([10] * 100, sample_bytes=500))
    50
    """
    most = max(FEWEST_FILES, int(sample_bytes * len(sizes) / max(1, sum(sizes))))
    if len(sizes) <= most:
        return list(range(len(sizes)))
    ends = np.cumsum(sizes)
    steps = (np.arange(most) + 0.5) / most * ends[-1]
    return [int(file) for file in np.unique(np.searchsorted(ends, steps, side="right"))]


def _beginning(file: str, most_bytes: int, how: Files) -> tuple[list[Part], bool]:
    """The first blocks of a file, up to about so many bytes; and whether they are all of it."""
    blocks: list[Part] = []
    left = most_bytes
    block_bytes = min(max(most_bytes, 1), BLOCK_BYTES)
    decoding = Decoding(how.encoding, how.errors)
    for block in read_parts(
        [file], block_bytes, column=how.column, input_format=how.input_format, decoding=decoding
    ):
        if left <= most_bytes // 16:  # blocks end with a line, a little short
            return blocks, False
        blocks.append(block)
        left -= block.num_bytes
    return blocks, True
