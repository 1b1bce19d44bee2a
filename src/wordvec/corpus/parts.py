"""Parts: what the files of a source hold, block by block: lines of text, or rows of a table's column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from wordvec.corpus.blocks import read_blocks
from wordvec.corpus.csv_files import read_csv
from wordvec.corpus.decoding import UTF_8, Decoding
from wordvec.corpus.file_kinds import kind_of
from wordvec.corpus.json_lines import read_json_lines
from wordvec.corpus.parquet_files import read_parquet
from wordvec.corpus.records import Part
from wordvec.errors import ConfigError

__all__ = ["read_parts"]


def read_parts(
    files: Iterable[str],
    block_bytes: int,
    *,
    column: str | None = None,
    input_format: str | None = None,
    decoding: Decoding = UTF_8,
) -> Iterator[Part]:
    r"""Read files part by part.

    Args:
        files: in the order in which they are read.
        block_bytes: of text in a part, about.
        column: of tables, that is the text.
        input_format: of all files; None to go by their names and contents.
        decoding: of all files.

    Raises:
        CorpusError: a file cannot be read, or is not what it seems.
        ConfigError: a column is named, and a file is no table; or an encoding, and a file is Parquet.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "reviews.csv")
    ...     size = path.write_text('stars,text\n5,"good, cheap"\n')
    ...     [part.rows().values.to_pylist() for part in read_parts([str(path)], 1000, column="text")]
    [['good, cheap']]
    """
    bytes_before = 0
    for kind, group in groupby(files, key=lambda file: kind_of(file, input_format)):
        together: Iterable[Iterator[Part]]
        if kind == "text":
            together = [_text(group, block_bytes, column, decoding)]
        else:
            together = (_table(kind, file, block_bytes, column, decoding) for file in group)
        for parts in together:
            bytes_read = 0
            for part in parts:
                bytes_read = part.bytes_read
                yield replace(part, bytes_read=bytes_before + bytes_read)
            bytes_before += bytes_read


def _text(files: Iterable[str], block_bytes: int, column: str | None, decoding: Decoding) -> Iterator[Part]:
    for file in files if column is not None else ():
        raise ConfigError(
            f"column is of tables, got {column!r} for {file}, which is text, a line each; leave column out, or say "
            "what the file is (input_format, --input-format), or leave the file out: 'FOLDER/*.parquet'"
        )
    yield from read_blocks(files, block_bytes, decoding)


def _table(kind: str, file: str, block_bytes: int, column: str | None, decoding: Decoding) -> Iterator[Part]:
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
