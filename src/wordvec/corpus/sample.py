"""Sample: the beginnings of a source's files, from which the rest can be estimated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wordvec.corpus.byte_stream import STANDARD_INPUT
from wordvec.corpus.reading import BLOCK_BYTES, read_parts
from wordvec.corpus.sources import FileSource, Source
from wordvec.corpus.table_rows import Part

__all__ = ["Sample", "read_sample"]

MIN_FILES = 16  # to look into, if there are more
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


def read_sample(source: Source, sample_bytes: int) -> Sample | None:
    r"""Read about `sample_bytes` of text from the beginnings of some files; None for what can be read only once.

    The files are those at even steps through all bytes of the source, so that large ones count for more. A source
    with less text than that is read whole.

    Raises:
        CorpusError: a file does not exist, or cannot be read.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "corpus.txt")
    ...     size = path.write_bytes(b"one two\n" * 1000)
    ...     sample = read_sample(FileSource(str(path)), sample_bytes=2000)
    >>> sample.share, sample.is_whole, sample.blocks[0].data[:8]
    (0.25, False, b'one two\n')
    """
    if not isinstance(source, FileSource) or any(
        file == STANDARD_INPUT or file.startswith(_READ_ONCE) for file in source.files
    ):
        return None
    files = source.files
    sizes = [size for size in source.file_sizes if size is not None]
    if len(sizes) < len(files):
        return None
    chosen = _chosen(sizes, sample_bytes)
    left = sample_bytes
    read: dict[int, tuple[list[Part], bool]] = {}
    for num_left, file in zip(range(len(chosen), 0, -1), sorted(chosen, key=sizes.__getitem__), strict=True):
        read[file] = _beginning(source, files[file], left // num_left)
        left = max(0, left - sum(block.num_bytes for block in read[file][0]))
    blocks = [read[file][0] for file in chosen]
    return Sample(
        blocks=tuple(block for of_file in blocks for block in of_file),
        bytes_read=sum(of_file[-1].bytes_read for of_file in blocks if of_file),
        bytes_total=sum(sizes),
        is_whole=len(chosen) == len(files) and all(is_whole for _, is_whole in read.values()),
    )


def _chosen(sizes: Sequence[int], sample_bytes: int) -> list[int]:
    """Which files to read from, in their order: a few large ones, or as many small ones as there is room for.

    >>> _chosen([10] * 100, sample_bytes=100)
    [3, 9, 15, 21, 28, 34, 40, 46, 53, 59, 65, 71, 78, 84, 90, 96]
    >>> len(_chosen([10] * 100, sample_bytes=500))
    50
    """
    max_files = max(MIN_FILES, int(sample_bytes * len(sizes) / max(1, sum(sizes))))
    if len(sizes) <= max_files:
        return list(range(len(sizes)))
    ends = np.cumsum(sizes)
    steps = (np.arange(max_files) + 0.5) / max_files * ends[-1]
    return [int(file) for file in np.unique(np.searchsorted(ends, steps, side="right"))]


def _beginning(source: FileSource, file: str, max_bytes: int) -> tuple[list[Part], bool]:
    """The first blocks of a file, up to about `max_bytes`; and whether they are all of it."""
    blocks: list[Part] = []
    left = max_bytes
    for block in read_parts(source, min(max(max_bytes, 1), BLOCK_BYTES), files=[file]):
        if left <= max_bytes // 16:  # blocks end with a line, a little short
            return blocks, False
        blocks.append(block)
        left -= block.num_bytes
    return blocks, True
