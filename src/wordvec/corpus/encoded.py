"""Encoded corpus: the text as a file of word ids (int32), written once and read back in windows."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import weakref
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import CorpusError, ResourceError

__all__ = [
    "GAP",
    "ID_FILES",
    "MAX_ID",
    "TEXT_END",
    "EncodedCorpus",
    "IdReader",
    "TextWriter",
    "append_ids",
    "create_id_file",
    "lost",
    "open_to_rewrite",
]

ID_FILES = "corpus-*.int32"  # the pattern of their names

MAX_ID = int(np.iinfo(np.int32).max)
_ID_BYTES = np.dtype(np.int32).itemsize
_CAN_STAY_OPEN = hasattr(os, "pread")  # not on Windows, where an open file cannot be removed, either

TEXT_END = -1
GAP = -2  # the place of a word outside of the vocabulary, where windows count it

_DIGEST_POSITIONS = 2**18  # read at a time

_GAPS_AT_ONCE = 2**20


def create_id_file(folder: Path) -> FileIO:
    """Open a new file under an unused name; make the folder if it is missing.

    Raises:
        ResourceError: the folder cannot be made, or not be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        prefix, suffix = ID_FILES.split("*")
        descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=folder)
        os.close(descriptor)
        return open(name, "wb", buffering=0)  # noqa: PTH123  (a Path would not be the file's name)
    except OSError as problem:
        raise ResourceError(_refusal(folder, problem)) from problem


def append_ids(file: FileIO, ids: NDArray[np.int32], *, share_done: float | None = None) -> None:
    """Write ids at the position of the file; `share_done`, in (0, 1], is the share written after that, if known.

    Raises:
        ResourceError: the disk is full, or writing fails; the message says how much room is needed.
        CorpusError: what was written before is gone: the system would fill the gap with zeros, a word's id.
    """
    place = file.tell()
    if os.fstat(file.fileno()).st_size < place:
        raise CorpusError(lost(Path(file.name), f"it is shorter than {place:,} bytes"))
    bytes_needed = (place + ids.nbytes) / (share_done or 1.0)
    unwritten = memoryview(ids.tobytes())
    try:
        while unwritten:
            unwritten = unwritten[file.write(unwritten) :]
    except OSError as problem:
        raise ResourceError(_refusal(Path(file.name).parent, problem, bytes_needed)) from problem


def open_to_rewrite(path: Path) -> FileIO:
    """Open an existing file at its beginning, to write over its contents.

    Raises:
        CorpusError: the file no longer exists, or cannot be written.
    """
    try:
        return path.open("r+b", buffering=0)
    except OSError as problem:
        raise CorpusError(lost(path, problem.strerror)) from problem


def _refusal(folder: Path, problem: OSError, bytes_needed: float = 0) -> str:
    room = ""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        free = shutil.disk_usage(folder).free
        room = (
            f"; it needs about {bytes_needed / 1e6:,.0f} MB (4 bytes a word), {free / 1e6:,.0f} MB are free"
        )
    return (
        f"cannot write the encoded text to {folder}: {problem.strerror}{room}; choose another folder "
        "with --temporary-folder (in Python: temporary_folder=...)"
    )


class IdReader:
    """Reads a file of int32, which stays open, so that it can be read even after it has been removed.

    It is not mapped into memory: with a mapped file, a failing disk or another program that cuts the file short would
    kill the process (SIGBUS), where reading fails with a message. And each id is checked: kernels write to the rows
    that ids name, so an id without a row, which another program has put there, would kill the process, too.

    Args:
        path: the file.
        min_id: the smallest one that was written to it; negative ones are marks.
        max_id: the largest one.

    Raises:
        CorpusError: the file cannot be opened.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "ids.int32")
    ...     np.array([4, 2, 4, 7], dtype=np.int32).tofile(path)
    ...     IdReader(path, min_id=-1, max_id=7).read(1, 3).tolist()
    [2, 4]
    """

    def __init__(self, path: Path, *, min_id: int, max_id: int):
        self._path, self._min_id, self._max_id = path, min_id, max_id
        self._descriptor: int | None = None
        if _CAN_STAY_OPEN:
            try:
                self._descriptor = os.open(path, os.O_RDONLY)
            except OSError as problem:
                raise CorpusError(lost(path, problem.strerror)) from problem
            weakref.finalize(self, os.close, self._descriptor)

    def read(self, start: int, stop: int) -> NDArray[np.int32]:
        """The positions [start, stop), read-only.

        Raises:
            CorpusError: the file has become shorter, cannot be read, or has ids in it that were never written.
        """
        first_byte, size = start * _ID_BYTES, (stop - start) * _ID_BYTES
        try:
            data = self._read_at(first_byte, size)
            while len(data) < size and (more := self._read_at(first_byte + len(data), size - len(data))):
                data += more  # one call reads 2 GB at most
        except OSError as problem:
            raise CorpusError(lost(self._path, problem.strerror)) from problem
        if len(data) < size:
            missing = f"bytes {first_byte + len(data):,} to {first_byte + size:,} are missing"
            raise CorpusError(lost(self._path, missing))
        ids = np.frombuffer(data, dtype=np.int32)
        if len(ids) and (ids.min() < self._min_id or ids.max() > self._max_id):
            raise CorpusError(lost(self._path, self._first_strange(ids, start)))
        return ids

    def _first_strange(self, ids: NDArray[np.int32], start: int) -> str:
        place = int(np.flatnonzero((ids < self._min_id) | (ids > self._max_id))[0])
        return (
            f"at position {start + place:,} it has the id {ids[place]:,}, and all that were written are "
            f"{self._min_id:,} to {self._max_id:,}"
        )

    def _read_at(self, place: int, size: int) -> bytes:
        if self._descriptor is not None:
            return os.pread(self._descriptor, size, place)
        with open(self._path, "rb", buffering=0) as file:  # noqa: PTH123
            file.seek(place)
            return file.read(size)


def lost(path: Path, reason: str | None) -> str:
    """The message that a file of word ids has other contents than were written."""
    return (
        f"the encoded text {path} is lost: {reason}; another program has changed it, or the disk fails: start again, "
        "or resume, with a folder that nothing else writes to or cleans (temporary_folder, --temporary-folder)"
    )


@dataclass(frozen=True)
class EncodedCorpus:
    """A file of int32: the ids of each text in order, words and gaps, then `TEXT_END`; each text has a word.

    The file stays open as long as the corpus is used, so that it does no harm if somebody removes it.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "corpus.int32")
    ...     np.array([4, 2, 4, TEXT_END, 7, TEXT_END], dtype=np.int32).tofile(path)
    ...     corpus = EncodedCorpus(path, num_positions=6, num_words=4, num_texts=2)
    ...     corpus.read(2, 5).tolist()
    [4, -1, 7]
    """

    path: Path
    num_positions: int  # ids in the file: num_words + num_texts + num_gaps
    num_words: int
    num_texts: int
    num_gaps: int = 0
    max_id: int = MAX_ID  # of a word in it
    # Of several ranks, each has the positions [start, stop) in its file; to it, all others are the ends of texts.
    share: tuple[int, int] | None = None
    _reader: IdReader = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_reader", IdReader(self.path, min_id=GAP, max_id=self.max_id))

    def read(self, start: int, stop: int) -> NDArray[np.int32]:
        """The positions [start, stop), read-only, with no other ids than were written.

        Raises:
            CorpusError: the file has become shorter, cannot be read, or has been overwritten.
        """
        if self.share is None:
            return self._reader.read(start, stop)
        first, end = max(start, self.share[0]), min(stop, self.share[1])
        if (first, end) == (start, stop):
            return self._reader.read(start - self.share[0], stop - self.share[0])
        ids = np.full(stop - start, TEXT_END, np.int32)
        if first < end:
            ids[first - start : end - start] = self._reader.read(first - self.share[0], end - self.share[0])
        ids.flags.writeable = False  # as of those that are read
        return ids

    @property
    def own(self) -> tuple[int, int]:
        """The positions [start, stop) that this rank has; all of them where it is alone."""
        return self.share or (0, self.num_positions)

    def shared(
        self, share: tuple[int, int], *, num_positions: int, num_words: int, num_texts: int
    ) -> EncodedCorpus:
        """The same file, as the share that one rank has of a corpus of that many positions, words and texts.

        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "corpus.int32")
        ...     np.array([4, 2, TEXT_END], dtype=np.int32).tofile(path)
        ...     own = EncodedCorpus(path, num_positions=3, num_words=2, num_texts=1)
        ...     of_all = own.shared((10, 13), num_positions=20, num_words=14, num_texts=6)
        ...     of_all.read(8, 12).tolist()
        [-1, -1, 4, 2]
        """
        return EncodedCorpus(
            self.path,
            num_positions,
            num_words,
            num_texts,
            num_positions - num_words - num_texts,
            self.max_id,
            share,
        )

    def max_text_length(self) -> int:
        """How many words and gaps the longest text has.

        Raises:
            CorpusError: see `read`.
        """
        longest, begin = 0, 0  # position of the first word of the text that is open
        for start in range(0, self.num_positions, _DIGEST_POSITIONS):
            ids = self.read(start, min(start + _DIGEST_POSITIONS, self.num_positions))
            ends = start + np.flatnonzero(ids == TEXT_END)
            if len(ends):
                longest = max(longest, int(np.diff(ends, prepend=begin - 1).max()) - 1)
                begin = int(ends[-1]) + 1
        return longest

    def digest(self) -> str:
        """SHA-256 of the ids that this rank has, in hexadecimal digits: whether two corpora are the same, id for id.

        Raises:
            CorpusError: see `read`.
        """
        found = hashlib.sha256()
        first, end = self.own
        for start in range(first, end, _DIGEST_POSITIONS):
            found.update(self.read(start, min(start + _DIGEST_POSITIONS, end)).data)
        return found.hexdigest()


class TextWriter:
    """Writes texts that come in pieces, cut anywhere, and counts words, texts and gaps.

    >>> from tempfile import TemporaryDirectory
    >>> from wordvec.corpus.encoded import create_id_file
    >>> with TemporaryDirectory() as folder, create_id_file(Path(folder)) as file:
    ...     writer = TextWriter(file)
    ...     writer.add(np.array([TEXT_END, GAP, GAP], dtype=np.int32))
    ...     writer.add(np.array([7, TEXT_END, GAP, TEXT_END, 5, TEXT_END], dtype=np.int32))
    ...     corpus = writer.corpus()
    ...     corpus.read(0, corpus.num_positions).tolist()
    [-2, -2, 7, -1, 5, -1]
    """

    def __init__(self, file: FileIO):
        self._file = file
        self._num_words = self._num_texts = self._num_gaps = 0
        self._max_id = 0
        self._is_worded = False  # the text that is open has a word
        self._gaps_ahead = 0  # of the text that is open, unwritten as long as it has no word

    def add(self, ids: NDArray[np.int32], *, share_done: float | None = None) -> None:
        """Write the next piece; `share_done`, in (0, 1], is the share of everything up to its end, if known.

        Raises:
            ResourceError: the disk is full, or writing fails.
        """
        ends = np.flatnonzero(ids == TEXT_END)
        # (T + 1,)  the borders of T parts: the rest of the open text, whole ones, the beginning of another
        borders = np.concatenate([[0], ends + 1, [len(ids)]])
        num_words_before = np.concatenate([[0], np.cumsum(ids >= 0)])  # (P + 1,)
        is_worded = np.diff(num_words_before[borders]) > 0  # (T,)
        is_worded[0] |= self._is_worded
        if is_worded[0]:
            self._write_gaps_ahead(share_done)
        elif len(ends):
            self._gaps_ahead = 0
        if not is_worded[-1]:
            self._gaps_ahead += int(borders[-1] - borders[-2])
        self._is_worded = bool(is_worded[-1])
        self._write(ids[np.repeat(is_worded, np.diff(borders))] if not is_worded.all() else ids, share_done)

    def corpus(self) -> EncodedCorpus:
        """The corpus that has been written, from the beginning of the file on."""
        num_positions = self._num_words + self._num_texts + self._num_gaps
        path = Path(self._file.name)
        return EncodedCorpus(
            path, num_positions, self._num_words, self._num_texts, self._num_gaps, self._max_id
        )

    def _write_gaps_ahead(self, share_done: float | None) -> None:
        while self._gaps_ahead:
            num_gaps = min(self._gaps_ahead, _GAPS_AT_ONCE)
            self._write(np.full(num_gaps, GAP, dtype=np.int32), share_done)
            self._gaps_ahead -= num_gaps

    def _write(self, ids: NDArray[np.int32], share_done: float | None) -> None:
        append_ids(self._file, ids, share_done=share_done)
        num_texts = int(np.count_nonzero(ids == TEXT_END))
        num_gaps = int(np.count_nonzero(ids == GAP))
        self._num_words += len(ids) - num_texts - num_gaps
        self._num_texts += num_texts
        self._num_gaps += num_gaps
        self._max_id = max(self._max_id, int(ids.max(initial=0)))
