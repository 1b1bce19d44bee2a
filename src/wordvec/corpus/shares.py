"""Shares: what each of several ranks reads of a source, so that together they read all of it, each text once."""

from __future__ import annotations

import codecs
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, cycle
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wordvec.corpus.byte_stream import (
    MAX_MAGIC_BYTES,
    STANDARD_INPUT,
    FilePart,
    codec_of,
    is_url,
    open_file,
)
from wordvec.corpus.decoding import Decoding
from wordvec.corpus.listing import kind_of
from wordvec.corpus.parquet_files import parquet_rows
from wordvec.corpus.sources import FileSource, Source, TableSource, TokenSource
from wordvec.corpus.tables import Part, Records, Rows, check_rows
from wordvec.corpus.text_blocks import Block, Piece
from wordvec.corpus.token_lists import in_order
from wordvec.corpus.validity import check_text
from wordvec.errors import ConfigError, CorpusError
from wordvec.text import reason_of

__all__ = ["in_turns", "share_of"]

LOG = logging.getLogger("wordvec")

_TOLERANCE = 0.05  # of a share: a file's end as near as that to a border of shares is the border
_NUM_TURNS = 1000  # in which unequal shares of the lines of a file are dealt out
_MIN_GROUPS = 4  # for each share of a Parquet file, for shares of whole row groups
_LINE_BYTES = 2**16  # looked at for the end of a line, at a time
_READ_ONCE = ("/dev/", "/proc/")  # what is read there is gone, or is another text for each


def share_of(source: Source, rank: int, ranks: int, *, weights: Sequence[float] | None = None) -> Source:
    r"""The share of a source that one rank of several reads.

    Together, the shares of all ranks are the source: each text is in one of them, whole. The sizes of shares, in bytes
    or texts, are about in proportion to the weights. Nothing is read but the few bytes around borders.

    - **Several files** go to ranks one after the other, in order. A border that is nearer than 5 % of a share to the
      end of a file is moved there; else the file is cut.
    - **Text and JSON lines** are cut at the end of a line, by bytes: a rank starts reading at its own part, also of a
      URL. This takes UTF-8 or an encoding of one byte a character.
    - **Parquet files** are cut between row groups, or, where these are few, between rows.
    - **Other files** cannot be cut: compressed ones, CSV, where a line break may be inside of a cell, other
      encodings, and URLs without ranges. Ranks that share such a file all read it, and take its lines or rows in
      turns; a record of the logger `wordvec` says so.
    - **Lists, tables and data sets** are sliced; what can only be iterated over is taken in turns.

    The texts of all shares, one rank's after the other's, have the order of the source, but where they are taken in
    turns. One line may be so long that a rank gets nothing.

    Args:
        source: what to share; see `parse_source`. Each rank must be given the same, and the same other arguments.
        rank: whose share, from 0.
        ranks: how many there are.
        weights: how fast each rank is, (ranks,), compared with the others; None: all alike.

    Raises:
        ConfigError: there is no such rank; or there is not one weight above 0 for each.
        CorpusError: the source is standard input, or another that can be read only once; or a file cannot be read.

    >>> from wordvec.corpus.sources import TokenSource
    >>> texts = TokenSource([["red"], ["green"], ["blue"], ["gray"], ["pink"]])
    >>> [share_of(texts, rank, 2).texts for rank in range(2)]
    [[['red'], ['green']], [['blue'], ['gray'], ['pink']]]
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "corpus.txt")
    ...     size = path.write_bytes(b"one two\nthree four five six\nseven\n")
    ...     [
    ...         (part.start, part.stop)
    ...         for rank in range(2)
    ...         for part in share_of(FileSource(str(path)), rank, 2).parts
    ...     ]
    [(0, 28), (28, 34)]
    """
    borders = _borders(ranks, weights)
    if not 0 <= rank < ranks:
        raise ConfigError(f"rank must be from 0 to ranks - 1 = {ranks - 1}, got {rank}")
    if ranks == 1:
        return source
    if isinstance(source, FileSource):
        return replace(source, share=tuple(_file_parts(source, rank, borders)))
    if isinstance(source, TokenSource):
        return replace(source, texts=_some_texts(source.texts, rank, borders, source.description))
    return replace(source, table=_some_rows(source, rank, borders))


def _borders(ranks: int, weights: Sequence[float] | None) -> NDArray[np.float64]:
    """Where shares begin and end, (ranks + 1,), from 0 to 1."""
    if isinstance(ranks, bool) or not isinstance(ranks, int) or ranks < 1:
        raise ConfigError(f"ranks must be a whole number from 1 on, got {ranks!r}")
    if weights is None:
        return np.linspace(0, 1, ranks + 1)
    each = np.asarray(weights, np.float64)
    if each.shape != (ranks,) or not (np.isfinite(each).all() and (each > 0).all()):
        raise ConfigError(f"weights must be {ranks} numbers above 0, one for each rank, got {weights!r}")
    borders = np.concatenate([[0], np.cumsum(each)])
    return np.asarray(borders / borders[-1], np.float64)


# Files


def _file_parts(source: FileSource, rank: int, borders: NDArray[np.float64]) -> Iterator[FilePart]:
    """The files, and the parts of files, that a rank reads."""
    files = source.files
    for file in files:
        if file == STANDARD_INPUT or file.startswith(_READ_ONCE):
            name = "standard input" if file == STANDARD_INPUT else file
            raise CorpusError(
                f"{name} can be read only once, so that {len(borders) - 1} ranks cannot share it; save the text as a "
                "file that all of them can read"
            )
    sizes = _sizes(source.file_sizes)
    ends = np.cumsum(sizes)
    cuts = _snapped(borders * ends[-1], ends)
    begin, end = cuts[rank], cuts[rank + 1]
    is_last = rank == len(cuts) - 2
    for file, size, num_bytes, stop in zip(files, sizes, source.file_sizes, ends.tolist(), strict=True):
        start = stop - size
        if not size:
            if begin <= start < end or (is_last and start >= end):
                yield FilePart(file, num_bytes=num_bytes)
        elif begin <= start and stop <= end:
            yield FilePart(file, num_bytes=num_bytes)
        elif begin < stop and start < end:
            shares = np.clip((cuts - start) / size, 0, 1)  # (ranks + 1,)  of this file
            yield from _part(source, file, num_bytes, rank, shares)


def _sizes(known: Sequence[int | None]) -> list[float]:
    """The size of each file, (F,); as large as the others where it is not known."""
    sizes = [size for size in known if size is not None]
    usual = sum(sizes) / len(sizes) if sum(sizes) else 1.0
    return [usual if size is None else float(size) for size in known]


def _snapped(
    cuts: NDArray[np.float64],  # (ranks + 1,)  in all bytes
    ends: NDArray[np.float64],  # (F,)  of files
) -> NDArray[np.float64]:
    """The cuts, each moved to the nearest end of a file where one is near.

    >>> _snapped(np.array([0.0, 50, 100]), np.array([48.0, 100])).tolist()
    [0.0, 48.0, 100.0]
    """
    files = np.concatenate([[0.0], ends])
    after = np.clip(np.searchsorted(files, cuts), 1, len(files) - 1)
    nearest = np.where(cuts - files[after - 1] < files[after] - cuts, files[after - 1], files[after])
    room = np.minimum(np.diff(cuts, prepend=-np.inf), np.diff(cuts, append=np.inf))
    return np.where(np.abs(nearest - cuts) <= _TOLERANCE * room, nearest, cuts)


def _part(
    source: FileSource,
    file: str,
    num_bytes: int | None,
    rank: int,
    shares: NDArray[np.float64],  # (ranks + 1,)  borders in the file, from 0 to 1
) -> Iterator[FilePart]:
    """The part of a file that several ranks share."""
    kind = kind_of(file, source.input_format)
    if kind == "parquet":
        yield from _rows_of_parquet(file, num_bytes or 0, rank, shares)
        return
    reason = _why_uncut(file, kind, source.decoding, num_bytes)
    if reason is None and num_bytes is not None:
        start, stop = (
            _line_start(file, round(share * num_bytes), num_bytes) for share in shares[rank : rank + 2]
        )
        if start < stop:
            yield FilePart(file, start, stop, num_bytes=stop - start)
        else:
            LOG.warning(
                "rank %d of %d has nothing to read of %s, where a line is longer than a share; put line breaks between "
                "texts, or use fewer ranks",
                rank,
                len(shares) - 1,
                file,
            )
        return
    sharing = np.flatnonzero(np.diff(shares) > 0)
    LOG.info(
        "rank %d of %d reads all of %s, and takes its texts in turns with %d others, as %s",
        rank,
        len(shares) - 1,
        file,
        len(sharing) - 1,
        reason,
    )
    turns = _turns(np.diff(shares)[sharing], int(np.searchsorted(sharing, rank)))
    yield FilePart(file, turns=turns, num_bytes=num_bytes)


def _why_uncut(file: str, kind: str, decoding: Decoding, num_bytes: int | None) -> str | None:
    """Why a file cannot be read from its middle on; None where it can."""
    if kind in ("csv", "tsv"):
        return "its cells may have line breaks in them"
    if num_bytes is None:
        return "its size is not known"
    if not decoding.is_utf8 and not _is_of_single_bytes(decoding.encoding):
        return f"{decoding.encoding} can be read only from the beginning"
    with open_file(file) as stream:
        if not stream.seekable():
            return "its server does not give parts of it" if is_url(file) else "it can be read only once"
        try:
            codec = codec_of(stream.read(MAX_MAGIC_BYTES))
        except OSError as problem:
            raise CorpusError(f"cannot read {file}: {reason_of(problem)}") from problem
    return None if codec is None else f"it is compressed ({codec})"


def _is_of_single_bytes(encoding: str) -> bool:
    """Whether each byte is a character by itself, and a line break is the one of ASCII.

    >>> [_is_of_single_bytes(name) for name in ("cp1252", "gb18030", "utf-16-le", "cp037", "iso2022_jp")]
    [True, False, False, False, False]
    """
    every = bytes(range(256))
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    try:
        is_single = all(len(decoder.decode(bytes([byte]))) == 1 for byte in every)
        return is_single and len(every.decode(encoding, "replace")) == 256 and b"\n".decode(encoding) == "\n"
    except UnicodeError:
        return False


def _line_start(file: str, place: int, num_bytes: int) -> int:
    """The first byte, at this place or after it, at which a line begins; the size of the file if there is none."""
    if place <= 0:
        return 0
    with open_file(file) as stream:
        try:
            stream.seek(place - 1)
            while place < num_bytes and (data := stream.read(_LINE_BYTES)):
                end = data.find(b"\n")
                if end >= 0:
                    return min(place + end, num_bytes)
                place += len(data)
        except OSError as problem:
            raise CorpusError(f"cannot read {file}: {reason_of(problem)}") from problem
    return num_bytes


def _rows_of_parquet(file: str, num_bytes: int, rank: int, shares: NDArray[np.float64]) -> Iterator[FilePart]:
    """The rows of a Parquet file that are in a rank's share."""
    ends = [0, *accumulate(parquet_rows(file))]
    num_rows = ends[-1]
    cuts = [round(share * num_rows) for share in shares.tolist()]
    num_sharing = int(np.count_nonzero(np.diff(shares) > 0))
    if len(ends) > _MIN_GROUPS * num_sharing:
        cuts = [min(ends, key=lambda end, cut=cut: abs(end - cut)) for cut in cuts]  # type: ignore[misc]
    start, stop = cuts[rank : rank + 2]
    if start < stop:
        yield FilePart(file, start, stop, num_bytes=num_bytes * (stop - start) // max(1, num_rows))


# Turns


def _turns(shares: NDArray[np.float64], which: int) -> tuple[bool, ...]:
    """Which of some successive texts go to one of those who take them in turns, in proportion to their shares, (N,).

    >>> _turns(np.array([0.5, 0.5]), 1), sum(_turns(np.array([0.1, 0.3]), 0))
    ((False, True), 250)
    """
    shares = shares / shares.sum()
    if np.ptp(shares) < 1e-6:
        return tuple(turn == which for turn in range(len(shares)))
    taken = np.zeros(len(shares))
    turns = []
    for turn in range(1, _NUM_TURNS + 1):
        taker = int(np.argmax(shares * turn - taken))
        taken[taker] += 1
        turns.append(taker == which)
    return tuple(turns)


def in_turns(parts: Iterator[Part], turns: tuple[bool, ...]) -> Iterator[Part]:
    r"""Leave out the lines, or rows, of a file that are not one's turn; errors in them are raised all the same.

    Args:
        parts: all of a file.
        turns: which lines or rows to take, over and over; empty: all.

    Raises:
        CorpusError: a part is not text, or not of its format.

    >>> block = Block((Piece("corpus.txt", b"one\ntwo\nthree\n", 0, 1, 14),), 14)
    >>> [part.data for part in in_turns(iter([block]), (True, False))]
    [b'one\nthree\n']
    """
    if not turns:
        yield from parts
        return
    takes = np.array(turns)
    number = 0  # of the next line or row
    for part in parts:
        if isinstance(part, Block):
            pieces = []
            check_text(part)
            for piece in part.pieces:
                kept, number = _lines_in_turn(piece, takes, number)
                pieces += [kept] if kept.data else []
            if pieces:
                yield Block(tuple(pieces), part.bytes_read)
        else:
            rows = part.rows() if isinstance(part, Records) else part
            yield _rows_in_turn(rows, takes, number)
            number += len(rows.values)


def _lines_in_turn(piece: Piece, takes: NDArray[np.bool_], number: int) -> tuple[Piece, int]:
    """The lines of a piece that are one's turn; and the number of the line that comes next, or goes on."""
    codes = np.frombuffer(piece.data, np.uint8)
    ends = np.flatnonzero(codes == ord("\n")) + 1
    lengths = np.diff(ends, prepend=0, append=len(codes))  # (L + 1,)  the last one of what no line break ends
    is_taken = takes[(number + np.arange(len(lengths))) % len(takes)]
    data = codes[np.repeat(is_taken, lengths)].tobytes()
    return replace(piece, data=data), number + len(ends)


def _rows_in_turn(rows: Rows, takes: NDArray[np.bool_], number: int) -> Rows:
    check_rows(rows)
    rows.repeats()  # raises what is wrong with weights, while rows still have their numbers
    is_taken = pa.array(takes[(number + np.arange(len(rows.values))) % len(takes)])
    weights = None if rows.weights is None else rows.weights.filter(is_taken)
    return replace(rows, values=rows.values.filter(is_taken), weights=weights)


# What is in memory


@dataclass(frozen=True)
class _InTurns:
    """The items of something that can be iterated over, but for those that are not one's turn."""

    items: Iterable[Any]
    turns: tuple[bool, ...]

    def __iter__(self) -> Iterator[Any]:
        return (item for item, is_taken in zip(self.items, cycle(self.turns), strict=False) if is_taken)


def _some_texts(texts: Any, rank: int, borders: NDArray[np.float64], name: str) -> Any:
    """A rank's share of lists of words, or of dicts."""
    if isinstance(texts, (set, frozenset)):
        texts = list(in_order(texts, name=in_order))
    if isinstance(texts, Sequence):
        return texts[_slice(len(texts), rank, borders)]
    return _InTurns(texts, _said_turns(rank, borders, name))


def _said_turns(rank: int, borders: NDArray[np.float64], name: str) -> tuple[bool, ...]:
    LOG.info(
        "rank %d of %d reads all of %s, and takes texts in turns with the others, as their number is not known",
        rank,
        len(borders) - 1,
        name,
    )
    return _turns(np.diff(borders), rank)


def _slice(length: int, rank: int, borders: NDArray[np.float64]) -> slice:
    return slice(*(round(border * length) for border in borders[rank : rank + 2].tolist()))


def _some_rows(source: TableSource, rank: int, borders: NDArray[np.float64]) -> Any:
    """A rank's share of the rows of a table."""
    table = source.table
    if source.kind == "dicts":
        return _some_texts(table, rank, borders, source.description)
    if hasattr(table, "__len__"):
        rows = _slice(len(table), rank, borders)
        if source.kind == "data set":
            return table.select(range(rows.start, rows.stop))
        if hasattr(table, "iloc"):
            return table.iloc[rows]
        return table.slice(rows.start, rows.stop - rows.start) if hasattr(table, "slice") else table[rows]
    turns = _said_turns(rank, borders, source.description)
    if source.kind == "data set":
        return table.filter(lambda _, row: turns[row % len(turns)], with_indices=True)
    return _batches_in_turn(pa.RecordBatchReader.from_stream(table), np.array(turns))


def _batches_in_turn(batches: Any, takes: NDArray[np.bool_]) -> Any:
    """A stream of record batches, without the rows that are not one's turn."""

    def taken() -> Iterator[Any]:
        number = 0
        for batch in batches:
            yield batch.filter(pa.array(takes[(number + np.arange(batch.num_rows)) % len(takes)]))
            number += batch.num_rows

    return pa.RecordBatchReader.from_batches(batches.schema, taken())
