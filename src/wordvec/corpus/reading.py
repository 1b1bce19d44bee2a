"""Reading: from any source to numbered words, block by block; threads tokenize one block while the next is read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import groupby

from wordvec.corpus.columns import read_column
from wordvec.corpus.csv_files import read_csv
from wordvec.corpus.decoding import UTF_8
from wordvec.corpus.json_lines import read_json_lines
from wordvec.corpus.listing import kind_of
from wordvec.corpus.parquet_files import read_parquet
from wordvec.corpus.sources import FileSource, Source, TableSource, TokenSource
from wordvec.corpus.table_rows import Part
from wordvec.corpus.text_blocks import read_blocks
from wordvec.corpus.token_blocks import TokenBlock, tokenize_part, with_long_rows_cut
from wordvec.corpus.token_lists import number_token_lists, tokenize_by_function
from wordvec.corpus.tokenizers import Tokenizer, spacing_named
from wordvec.errors import ConfigError

__all__ = ["BLOCK_BYTES", "read_parts", "read_tokens", "tokenize_blocks"]

BLOCK_BYTES = 4 * 2**20
_BYTES_PER_POSITION = 6  # in English text; gives blocks of token lists about the size of blocks of text


def read_parts(source: FileSource, block_bytes: int, *, files: Iterable[str] | None = None) -> Iterator[Part]:
    r"""Read files part by part.

    Args:
        source: the files, and what is in them.
        block_bytes: of text in a part, about.
        files: those to read, in this order; None for all of the source.

    Raises:
        CorpusError: a file cannot be read, or is not what it seems.
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
    for kind, group in groupby(
        source.files if files is None else files, key=lambda file: kind_of(file, source.input_format)
    ):
        together: Iterable[Iterator[Part]]
        if kind == "text":
            together = [_text(group, source, block_bytes)]
        else:
            together = (_table(kind, file, source, block_bytes) for file in group)
        for parts in together:
            bytes_read = 0
            for part in parts:
                bytes_read = part.bytes_read
                yield replace(part, bytes_read=bytes_before + bytes_read)
            bytes_before += bytes_read


def _text(files: Iterable[str], source: FileSource, block_bytes: int) -> Iterator[Part]:
    for file in files if source.column is not None else ():
        raise ConfigError(
            f"column applies only to tables, got {source.column!r} for {file}, which is text, a line each; leave "
            "column out, or name the format (input_format, --input-format), or leave the file out: 'FOLDER/*.parquet'"
        )
    yield from read_blocks(files, block_bytes, source.decoding)


def _table(kind: str, file: str, source: FileSource, block_bytes: int) -> Iterator[Part]:
    column, decoding = source.column, source.decoding
    if kind == "parquet":
        if decoding != UTF_8:
            raise ConfigError(
                f"encoding and errors apply only to text, CSV, TSV and JSON lines, got {decoding.encoding!r} and "
                f"{decoding.errors!r} for {file}, a Parquet file, whose text is in UTF-8; leave them out"
            )
        return read_parquet(file, column, block_bytes)
    if kind == "jsonl":
        return read_json_lines(file, column, block_bytes, decoding)
    delimiter = "\t" if kind == "tsv" else None
    return read_csv(file, column, block_bytes, delimiter=delimiter, decoding=decoding)


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
    """Map blocks on threads, in order, at most one block waiting beside those in work."""
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
