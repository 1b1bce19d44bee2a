"""Reading: a source block by block as numbered words, tokenized on threads while it is read; or a sample of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

import numpy as np

from wordvec.corpus.byte_stream import STANDARD_INPUT, FilePart
from wordvec.corpus.columns import read_column
from wordvec.corpus.csv_files import read_csv
from wordvec.corpus.decoding import UTF_8
from wordvec.corpus.json_lines import read_json_lines
from wordvec.corpus.listing import kind_of
from wordvec.corpus.parquet_files import read_parquet
from wordvec.corpus.shares import in_turns
from wordvec.corpus.sources import FileSource, Source, TableSource, TokenSource
from wordvec.corpus.tables import Part
from wordvec.corpus.text_blocks import read_blocks
from wordvec.corpus.token_blocks import TokenBlock, tokenize_part, with_long_rows_cut
from wordvec.corpus.token_lists import number_token_lists, tokenize_by_function
from wordvec.corpus.tokenizers import Tokenizer, spacing_named
from wordvec.errors import ConfigError

__all__ = ["BLOCK_BYTES", "Sample", "read_parts", "read_sample", "read_tokens", "tokenize_blocks"]

BLOCK_BYTES = 4 * 2**20
MIN_FILES = 16  # to look into for a sample, if there are more
_READ_ONCE = ("/dev/", "/proc/")  # such as /dev/stdin: what is read there is gone
_BYTES_PER_POSITION = 6  # in English text; gives blocks of token lists about the size of blocks of text


def read_parts(source: FileSource, block_bytes: int, *, files: Iterable[str] | None = None) -> Iterator[Part]:
    r"""Read files part by part.

    Args:
        source: the files, and what is in them.
        block_bytes: of text in a part, about.
        files: those to read, in this order; None for all of the source.

    Raises:
        CorpusError: a file cannot be read, or is not of its format.
        ConfigError: a column is named, and a file is not a table; or an encoding, and a file is Parquet.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "reviews.csv")
    ...     size = path.write_text('stars,text\n5,"good, cheap"\n')
    ...     [
    ...         part.rows().values.to_pylist()
    ...         for part in read_parts(FileSource(str(path), column="text"), 1000)
    ...     ]
    [['good, cheap']]
    """
    bytes_before = 0
    each_part = source.parts if files is None else map(FilePart, files)
    for (kind, turns), group in groupby(
        each_part, key=lambda part: (kind_of(part.file, source.input_format), part.turns)
    ):
        together: Iterable[Iterator[Part]]
        if kind == "text" and not turns:
            together = [_text(group, source, block_bytes)]
        elif kind == "text":
            together = (in_turns(_text([part], source, block_bytes), turns) for part in group)
        else:
            together = (in_turns(_table(kind, part, source, block_bytes), turns) for part in group)
        for parts in together:
            bytes_read = 0
            for part in parts:
                bytes_read = part.bytes_read
                yield replace(part, bytes_read=bytes_before + bytes_read)
            bytes_before += bytes_read


def _text(files: Iterable[FilePart], source: FileSource, block_bytes: int) -> Iterator[Part]:
    option = "column" if source.column is not None else "weight"
    for part in files if (source.column, source.weight) != (None, None) else ():
        raise ConfigError(
            f"{option} applies only to tables, got {getattr(source, option)!r} for {part.file}, which is text, a line "
            f"each; leave {option} out, or name the format (input_format, --input-format), or leave the file out: "
            "'FOLDER/*.parquet'"
        )
    yield from read_blocks(files, block_bytes, source.decoding)


def _table(kind: str, part: FilePart, source: FileSource, block_bytes: int) -> Iterator[Part]:
    column, decoding = source.column, source.decoding
    if kind == "parquet":
        if decoding != UTF_8:
            raise ConfigError(
                f"encoding and errors apply only to text, CSV, TSV and JSON lines, got {decoding.encoding!r} and "
                f"{decoding.errors!r} for {part.file}, a Parquet file, whose text is in UTF-8; leave them out"
            )
        return read_parquet(part, column, block_bytes, source.weight)
    if kind == "jsonl":
        return read_json_lines(part, column, block_bytes, decoding, source.weight)
    delimiter = "\t" if kind == "tsv" else None
    return read_csv(
        part.file, column, block_bytes, delimiter=delimiter, decoding=decoding, weight=source.weight
    )


def read_tokens(
    source: Source,
    tokenizer: str | Tokenizer = "whitespace",
    *,
    threads: int = 1,
    block_bytes: int = BLOCK_BYTES,
) -> Generator[TokenBlock, None, None]:
    """Read a source once, and give its tokens in order: the same ones for any number of threads.

    Args:
        source: what to read; see `parse_source`.
        tokenizer: a built-in one by name, or a function from a text to its words.
        threads: how many tokenize, beside the one that reads; a function as tokenizer is called on one.
        block_bytes: how much text is worked on at a time, by each thread.

    Raises:
        CorpusError: the source cannot be read, or holds something else than text or lists of words.
        ConfigError: the tokenizer is unknown, or is given for what is tokenized already.

    >>> for block in read_tokens(TokenSource([["a", "b"], ["b"]])):
    ...     list(block.stretches())
    [['a', 'b'], ['b']]
    """
    if not callable(tokenizer):
        spacing_named(tokenizer)
    if isinstance(source, TokenSource):
        if tokenizer != "whitespace":
            raise ConfigError(
                f"tokenizer is for text from files, got {tokenizer!r} for token lists, which are tokenized "
                "already; leave it out"
            )
        return number_token_lists(source.texts, max(1, block_bytes // _BYTES_PER_POSITION))
    if isinstance(source, TableSource):
        return tokenize_blocks(read_column(source, block_bytes), tokenizer, threads=threads)
    return tokenize_blocks(read_parts(source, block_bytes), tokenizer, threads=threads)


def tokenize_blocks(
    blocks: Iterable[Part], tokenizer: str | Tokenizer, *, threads: int
) -> Generator[TokenBlock, None, None]:
    """Turn parts of a source into blocks of tokens, in order; see `read_tokens`.

    Raises:
        CorpusError: a block holds something else than text.
        ConfigError: the tokenizer is unknown.
    """
    if callable(tokenizer):
        return tokenize_by_function(blocks, tokenizer)
    work = partial(tokenize_part, spacing=spacing_named(tokenizer))
    return _map_in_order(work, with_long_rows_cut(blocks, BLOCK_BYTES), threads)


def _map_in_order(
    work: Callable[[Part], TokenBlock], blocks: Iterable[Part], threads: int
) -> Generator[TokenBlock, None, None]:
    """Map blocks on threads, in order, with at most one block waiting beside those in work."""
    waiting: deque[Future[TokenBlock]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="wordvec-reading")
    try:
        for block in blocks:
            waiting.append(pool.submit(work, block))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


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
