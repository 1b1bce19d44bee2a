"""Merging: counts of words from ranks and parts of a text, added up by hash, to the words that may be chosen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple, Protocol
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wordvec import errors
from wordvec.errors import CorpusError, ResourceError, WordvecError
from wordvec.text import reason_of

__all__ = [
    "ALONE",
    "Exchange",
    "HashedWords",
    "MergedWords",
    "failing_together",
    "merge_words",
    "numbers_of",
    "sums_of",
]

_BUCKETS = 1024  # of words, by their hashes: as many as are ever merged at a time
_STEP_WORDS = 2**21  # that a rank sends at a time, about

_COUNTS = pa.schema([("word", pa.large_string()), ("count", pa.int64())])
_IDS = pa.schema([*_COUNTS, ("id", pa.int32())])


class Exchange(Protocol):
    """How ranks tell each other bytes; each calls the same methods in the same order."""

    @property
    def rank(self) -> int:
        """Which of them this one is, from 0."""

    @property
    def size(self) -> int:
        """How many there are."""

    def all_gather(self, part: bytes) -> list[bytes]:
        """What each rank gave, (size,), in the order of ranks; parts may differ in length."""

    def all_to_all(self, parts: Sequence[bytes]) -> list[bytes]:
        """What each rank gave for this one, (size,), where `parts`, (size,), are what this one gives to each."""


class _Alone:
    """The only rank."""

    rank, size = 0, 1

    def all_gather(self, part: bytes) -> list[bytes]:
        return [part]

    def all_to_all(self, parts: Sequence[bytes]) -> list[bytes]:
        return list(parts)


ALONE: Exchange = _Alone()


@contextmanager
def failing_together(exchange: Exchange) -> Iterator[None]:
    """Raise an error of one rank in all of them, so that none waits for one that has failed; at the end, all meet.

    Raises:
        WordvecError: another rank failed; its message, and which rank it was.

    >>> with failing_together(ALONE):
    ...     raise CorpusError("there is no file a.txt")
    Traceback (most recent call last):
    wordvec.errors.CorpusError: there is no file a.txt
    """
    try:
        yield
    except Exception as problem:
        message = str(problem) if isinstance(problem, WordvecError) else reason_of(problem)
        exchange.all_gather(json.dumps([type(problem).__name__, message]).encode())
        raise
    for rank, failure in enumerate(exchange.all_gather(b"")):
        if failure:
            name, text = json.loads(failure)
            kind = getattr(errors, name, None)
            is_ours = isinstance(kind, type) and issubclass(kind, WordvecError)
            raise (kind if is_ours and kind else WordvecError)(f"rank {rank} of {exchange.size}: {text}")


class HashedWords:
    """Words with their counts and ids in buckets by their hashes, in memory or in a file; not in order.

    Args:
        words: (W,) all different.
        counts: (W,)
        folder: for the file; None keeps them in memory.

    Raises:
        ResourceError: the disk is full, or the folder cannot be written to.

    >>> hashed = HashedWords(["red", "green"], np.array([3, 4]))
    >>> sorted((row for bucket in hashed.buckets() for row in bucket.to_pylist()), key=lambda row: row["id"])
    [{'word': 'red', 'count': 3, 'id': 0}, {'word': 'green', 'count': 4, 'id': 1}]
    """

    def __init__(self, words: list[str], counts: NDArray[np.int64], folder: Path | None = None) -> None:
        self.num_words = len(words)
        batches = _in_buckets(words, counts)
        self.path: Path | None = None
        self._batches = list(batches) if folder is None else []
        if folder is None:
            return
        try:
            with NamedTemporaryFile(dir=folder, prefix="words-", suffix=".arrow", delete=False) as new:
                self.path = Path(new.name)
            with pa.OSFile(str(self.path), "wb") as file, pa.ipc.new_file(file, _IDS) as writer:
                for batch in batches:
                    writer.write_batch(batch)
        except OSError as problem:
            self.remove()
            raise ResourceError(
                f"cannot write counts of words to {folder}: {reason_of(problem)}; choose another folder with "
                "--temporary-folder (in Python: temporary_folder=...)"
            ) from problem

    def buckets(self, numbers: Sequence[int] = range(_BUCKETS)) -> Iterator[Any]:
        """Some of the buckets, in turn, as record batches of words, counts and ids.

        Raises:
            CorpusError: the file has been lost.
        """
        if self.path is None:
            yield from (self._batches[number] for number in numbers)
            return
        try:
            with pa.OSFile(str(self.path), "rb") as file, pa.ipc.open_file(file) as reader:
                for number in numbers:
                    yield reader.get_batch(number)
        except (OSError, pa.ArrowException) as problem:
            raise CorpusError(
                f"the counts of words in {self.path} are lost: {reason_of(problem)}; start again, with a folder that "
                "nothing else writes to or cleans (temporary_folder, --temporary-folder)"
            ) from problem

    def remove(self) -> None:
        """Remove the file."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def _in_buckets(words: list[str], counts: NDArray[np.int64]) -> Iterator[Any]:
    """The buckets of words, one record batch each."""
    hashes = np.fromiter((crc32(word.encode()) for word in words), np.uint32, len(words))
    order = np.argsort(hashes, kind="stable")
    borders = np.searchsorted(hashes[order], np.arange(_BUCKETS + 1) * (2**32 // _BUCKETS))
    of_words = pa.array(words, pa.large_string()).take(pa.array(order))
    of_counts, of_ids = pa.array(counts[order], pa.int64()), pa.array(order, pa.int32())
    for start, stop in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True):
        columns = [column.slice(start, stop - start) for column in (of_words, of_counts, of_ids)]
        yield pa.record_batch(columns, schema=_IDS)


class MergedWords(NamedTuple):
    """The words of a text that may be chosen for its vocabulary, and some facts about all others."""

    words: list[str]  # (W,)
    counts: NDArray[np.int64]  # (W,)
    num_words: int  # read, of every frequency
    num_distinct: int  # among these
    unknown_count: int  # of the word that marks unknown words
    max_count: int  # of another


def merge_words(
    parts: Sequence[HashedWords],
    exchange: Exchange,
    *,
    min_count: int,
    keep_words: Sequence[str],
    unknown_word: str | None = None,
    choose: Callable[[list[str], NDArray[np.int64]], NDArray[np.int64]],
) -> MergedWords:
    """Add up the counts of words of all parts and all ranks; each rank gets the same.

    Each word has one rank that adds up its counts, by its hash. That rank leaves out those that cannot be chosen; the
    others go to all ranks. No count is estimated: words are left out only when all of their occurrences are counted.

    Args:
        parts: those of this rank; the same word may be in several.
        exchange: with the other ranks.
        min_count: rarer words are not chosen, but for those to keep.
        keep_words: those that are chosen, however rare.
        unknown_word: marks unknown words.
        choose: gives the indices of those words that are chosen if there are no others: what is not chosen then is not
            chosen among more, either.

    >>> parts = [HashedWords(["a", "b"], np.array([1, 3])), HashedWords(["c", "a"], np.array([1, 1]))]
    >>> merged = merge_words(
    ...     parts, ALONE, min_count=2, keep_words=[], choose=lambda words, counts: np.arange(len(words))
    ... )
    >>> sorted(zip(merged.words, merged.counts.tolist())), merged[2:]
    ([('a', 2), ('b', 3)], (6, 3, 0, 3))
    """
    num_steps = _num_steps(sum(part.num_words for part in parts), exchange)
    kept = pa.array(keep_words, pa.large_string())
    may_stay = _Chosen(choose)
    totals = np.zeros(4, np.int64)  # words, distinct ones, count of the unknown word, largest other count
    for step in range(num_steps):
        sent = [
            _as_bytes(parts, _buckets_of(rank, step, num_steps, exchange.size))
            for rank in range(exchange.size)
        ]
        received = pa.concat_tables([_from_bytes(one) for one in exchange.all_to_all(sent)])
        summed = received.group_by("word", use_threads=False).aggregate([("count", "sum")])
        words, counts = summed["word"], summed["count_sum"]
        is_unknown = pc.equal(words, pa.scalar(unknown_word, pa.large_string())).fill_null(False)
        others = counts.filter(pc.invert(is_unknown))
        num_known, num_unknown = (pc.sum(one).as_py() or 0 for one in (others, counts.filter(is_unknown)))
        totals[:3] += [num_known + num_unknown, len(summed), num_unknown]
        totals[3] = max(totals[3], pc.max(others).as_py() or 0)
        is_left = pc.or_(pc.greater_equal(counts, min_count), pc.is_in(words, value_set=kept))
        may_stay.add(pa.table([words.filter(is_left), counts.filter(is_left)], schema=_COUNTS))
    own = _table_bytes(may_stay.words())
    together = pa.concat_tables([_from_bytes(one) for one in exchange.all_gather(own)])
    num_words, num_distinct, unknown_count = sums_of(exchange, *totals[:3].tolist())
    max_count = max(numbers_of(exchange, int(totals[3])))
    counts = together["count"].to_numpy().astype(np.int64)
    return MergedWords(
        together["word"].to_pylist(), counts, num_words, num_distinct, unknown_count, max_count
    )


class _Chosen:
    """Words that may be chosen, as they come; those that cannot be any more make room for others.

    Of a billion words, ten million occur five times, and a vocabulary has some hundred thousand.
    """

    def __init__(self, choose: Callable[[list[str], NDArray[np.int64]], NDArray[np.int64]]) -> None:
        self._choose, self._tables, self._room = choose, [_COUNTS.empty_table()], _STEP_WORDS

    def add(self, table: Any) -> None:
        """Some more, with their counts, all of them other words."""
        self._tables.append(table)
        if sum(map(len, self._tables)) > self._room:
            self._room = max(_STEP_WORDS, 2 * len(self.words()))

    def words(self) -> Any:
        """A table of those that are chosen so far."""
        found = pa.concat_tables(self._tables)
        chosen = self._choose(found["word"].to_pylist(), found["count"].to_numpy())
        self._tables = [found.take(pa.array(chosen))]
        return self._tables[0]


def numbers_of(exchange: Exchange, number: float) -> list[Any]:
    """The number that each rank has, (size,)."""
    return [json.loads(one) for one in exchange.all_gather(json.dumps(number).encode())]


def sums_of(exchange: Exchange, *numbers: int) -> list[int]:
    """The sums of some numbers over all ranks.

    >>> sums_of(ALONE, 3, 4)
    [3, 4]
    """
    of_ranks = [json.loads(one) for one in exchange.all_gather(json.dumps(numbers).encode())]
    return [sum(each) for each in zip(*of_ranks, strict=True)]


def _num_steps(num_words: int, exchange: Exchange) -> int:
    """In how many steps words are sent, so that none is large; the same for all ranks."""
    most = int(max(numbers_of(exchange, num_words)))
    return min(-(-most // _STEP_WORDS) or 1, max(1, _BUCKETS // exchange.size))


def _buckets_of(rank: int, step: int, num_steps: int, size: int) -> range:
    """The buckets that a rank adds up in a step: (rank, step) has those of one remainder.

    >>> sorted(
    ...     bucket for rank in range(3) for step in range(2) for bucket in _buckets_of(rank, step, 2, 3)
    ... ) == list(range(1024))
    True
    """
    return range(rank + size * step, _BUCKETS, size * num_steps)


def _as_bytes(parts: Sequence[HashedWords], buckets: range) -> bytes:
    batches = [batch.select(_COUNTS.names) for part in parts for batch in part.buckets(buckets)]
    return _table_bytes(pa.Table.from_batches(batches, _COUNTS))


def _table_bytes(table: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, _COUNTS) as writer:
        writer.write_table(table.cast(_COUNTS))
    return bytes(sink.getvalue())


def _from_bytes(data: bytes) -> Any:
    with pa.ipc.open_stream(data) as reader:
        return reader.read_all()
