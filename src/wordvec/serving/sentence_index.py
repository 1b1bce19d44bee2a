"""Sentence index: a file that says where in a corpus each word stands, with the text itself; it is mapped and asked.

A passage is a text of the corpus, or of a long one a part, cut at the end of a sentence if there is one. The file has

    blocks          the text, compressed, BLOCK_BYTES at a time; what follows are arrays
    block_ends      (B,)    byte in blocks where each ends
    passage_starts  (P + 1,)  byte in the text
    passage_tokens  (P + 1,)  position of its first token
    passage_lines   (P,)    line of its file, from 1
    words           the tokens' spellings in UTF-8, one after the other, in the order of their bytes
    word_ends       (W,)    byte in words
    word_passages   (W,)    how many passages have the word
    position_ends   (W,)    place in positions
    positions       (N,)    positions of tokens: of the first word in ascending order, then of the next

and a table of contents in JSON at its end. Answers cost as much as the rarer word has occurrences, not as the corpus.
"""

from __future__ import annotations

import json
import mmap
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple
from unicodedata import normalize

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wordvec.corpus.encoded import TEXT_END
from wordvec.corpus.reading import read_parts
from wordvec.corpus.sources import FileSource
from wordvec.corpus.token_blocks import lines_of, tokenize_text
from wordvec.corpus.token_spans import TokenSpan, token_spans
from wordvec.corpus.tokenizers import spacing_named, tokenized
from wordvec.errors import FormatError, ResourceError
from wordvec.storage.atomic import replacing_file

__all__ = ["FoundSentences", "Sentence", "SentenceIndex", "build_index"]

# P passages, N tokens, W words, B blocks, n occurrences
Ints = NDArray[np.int64]

MAGIC = b"WVSENT01"
READ_BYTES = 2**22  # of text at a time
BLOCK_BYTES = 2**16  # of text that is compressed together: what one answer decompresses for each sentence
CODEC = "zstd"
MAX_PASSAGE_BYTES = 2_000
WINDOW_TOKENS = 2**20  # sorted at a time
MAX_WORDS = 5_000_000  # distinct ones; a word that is first seen after them is not found
ALIGNMENT = 64
SORTING = 0.75  # share of the work that is done when the positions are sorted

EXCERPT = 400  # characters of a long passage that are shown
SENTENCE_ENDS = (". ", "! ", "? ", ".\u201d ", '." ')
ELLIPSIS = "\u2026"


class Sentence(NamedTuple):
    """A passage, or an excerpt of a long one, as it stands in its file."""

    text: str
    file: str  # its name, without the folders that it is in
    line: int  # from 1
    spans: list[tuple[int, int]]  # (n, 2)  characters of text, in code points, where the words stand


class FoundSentences(NamedTuple):
    """Some of the sentences with a word."""

    total: int  # in the corpus
    sentences: list[Sentence]


def build_index(
    source: FileSource,
    tokenizer: str,
    path: Path,
    facts: dict[str, Any],
    on_progress: Callable[[float], None] = lambda _: None,
) -> None:
    """Read a corpus once and write its index; memory grows with its distinct words, up to a limit, not with the text.

    Args:
        source: the files.
        tokenizer: a built-in one by name.
        path: of the index; an older one stays there until the new one is complete.
        facts: plain data to be kept with it.
        on_progress: called with the share that is done, in [0, 1]; what it raises ends the work.

    Raises:
        CorpusError: the corpus cannot be read, or changes meanwhile.
        ConfigError: no tokenizer has this name.
        ResourceError: the index cannot be written, or the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack, replacing_file(path) as file:
        scratch = [stack.enter_context(tempfile.TemporaryFile(dir=path.parent)) for _ in range(5)]
        _Builder(tokenizer, file, *scratch).build(source, facts, on_progress)


class _Builder:
    """The work on one index."""

    def __init__(
        self,
        tokenizer: str,
        file: BinaryIO,
        ids: IO[bytes],
        starts: IO[bytes],
        tokens: IO[bytes],
        lines: IO[bytes],
        positions: IO[bytes],
    ) -> None:
        self._spacing = spacing_named(tokenizer)
        self._tokenizer = tokenizer
        self._file = file
        self._ids, self._starts, self._tokens, self._lines = ids, starts, tokens, lines
        self._positions = positions
        self._codec = pa.Codec(CODEC)
        self._sections: dict[str, list[Any]] = {}
        self._number_of: dict[str, int] = {}
        self._block_ends: list[int] = []
        self._text = bytearray()  # not compressed yet
        self._num_bytes = self._num_tokens = self._num_passages = self._num_left_out = 0
        self._files: list[list[Any]] = []  # title and first passage of each

    def build(self, source: FileSource, facts: dict[str, Any], report: Callable[[float], None]) -> None:
        self._file.write(MAGIC)
        self._file.write(bytes(ALIGNMENT - len(MAGIC)))
        total = source.num_bytes
        for part in read_parts(source, READ_BYTES):
            for title, first_line, data in lines_of(part):
                self._add(title, first_line, data)
            report(SORTING * min(1.0, part.bytes_read / total) if total else 0.0)
        self._compress(len(self._text))
        self._append(self._starts, np.array([self._num_bytes], np.int64))
        self._append(self._tokens, np.array([self._num_tokens], np.int64))
        self._section("blocks", np.uint8, self._block_ends[-1] if self._block_ends else 0, ALIGNMENT)
        self._write("block_ends", np.array(self._block_ends, np.int64))
        passage_tokens = _mapped(self._tokens, np.int64, self._num_passages + 1)
        self._write_words(passage_tokens, report)
        self._write("passage_starts", _mapped(self._starts, np.int64, self._num_passages + 1))
        self._write("passage_tokens", passage_tokens)
        self._write("passage_lines", _mapped(self._lines, np.int64, self._num_passages))
        contents = {
            "facts": facts,
            "tokenizer": self._tokenizer,
            "files": self._files,
            "sections": self._sections,
            "text_bytes": self._num_bytes,
            "left_out": self._num_left_out,
        }
        footer = json.dumps(contents).encode()
        self._file.write(footer + len(footer).to_bytes(8, "little") + MAGIC)
        report(1.0)

    def _add(self, title: str, first_line: int, data: bytes) -> None:
        """Take some lines of a file."""
        if not data:
            return
        if not self._files or self._files[-1][0] != title:
            self._files.append([title, self._num_passages])
        starts, lines, cuts = _passages(data, first_line)
        lined = bytearray(data)
        for cut in cuts:
            lined[cut] = ord("\n")
        if not data.endswith(b"\n"):
            lined += b"\n"
        words, ids = tokenize_text(bytes(lined), self._spacing)
        numbers = np.empty(len(words) + 1, np.int32)
        numbers[-1] = TEXT_END  # which is -1, the last place
        number_of = self._number_of
        for place, word in enumerate(words):
            number = number_of.get(word)
            if number is None:
                number = len(number_of) if len(number_of) < MAX_WORDS else TEXT_END - 1
                if number >= 0:
                    number_of[word] = number
                else:
                    self._num_left_out += 1
            numbers[place] = number
        is_end = ids == TEXT_END
        before = np.cumsum(~is_end)[is_end]  # tokens up to the end of each passage
        self._append(self._ids, numbers[ids[~is_end]])
        self._append(self._starts, starts + self._num_bytes)
        self._append(self._tokens, np.concatenate([[0], before[:-1]]) + self._num_tokens)
        self._append(self._lines, lines)
        self._num_tokens += int(before[-1])
        self._num_passages += len(starts)
        self._num_bytes += len(data)
        self._text += data
        self._compress(len(self._text) // BLOCK_BYTES * BLOCK_BYTES)

    def _compress(self, size: int) -> None:
        """Write the first bytes of the text that waits."""
        for start in range(0, size, BLOCK_BYTES):
            block = self._codec.compress(bytes(self._text[start : start + BLOCK_BYTES]), asbytes=True)
            self._file.write(block)
            self._block_ends.append(len(block) + (self._block_ends[-1] if self._block_ends else 0))
        del self._text[:size]

    def _write_words(self, passage_tokens: Ints, report: Callable[[float], None]) -> None:
        """Sort the positions by word, window by window, each beginning with a passage; write them and the words."""
        spellings = [word.encode() for word in self._number_of]
        order = sorted(range(len(spellings)), key=spellings.__getitem__)
        self._number_of.clear()
        rank = np.empty(len(order), np.int32)  # of a word by its number
        rank[order] = np.arange(len(order), dtype=np.int32)
        ids = _mapped(self._ids, np.int32, self._num_tokens)
        borders = [0]
        while borders[-1] < self._num_passages:
            stop = np.searchsorted(passage_tokens, passage_tokens[borders[-1]] + WINDOW_TOKENS, "right") - 1
            borders.append(max(borders[-1] + 1, min(int(stop), self._num_passages)))
        windows = list(pairwise(borders))
        counts = np.zeros(len(order), np.int64)
        for first, stop in windows:
            some = ids[passage_tokens[first] : passage_tokens[stop]]
            counts += np.bincount(rank[some[some >= 0]], minlength=len(order))
        ends = np.cumsum(counts)
        kind = np.uint32 if self._num_tokens < 2**32 else np.int64
        self._positions.truncate(max(1, int(counts.sum())) * np.dtype(kind).itemsize)
        positions = np.memmap(self._positions, kind, "r+")
        filled, num_passages = ends - counts, np.zeros(len(order), np.int64)
        for number, (first, stop) in enumerate(windows, 1):
            begin = int(passage_tokens[first])
            some = ids[begin : passage_tokens[stop]]
            places = np.flatnonzero(some >= 0)
            ranks = rank[some[places]]
            by_word = np.argsort(ranks, kind="stable")
            ranks, places = ranks[by_word], places[by_word]
            here = np.bincount(ranks, minlength=len(order))
            within = np.arange(len(ranks)) - np.repeat(np.cumsum(here) - here, here)
            positions[filled[ranks] + within] = places + begin
            filled += here
            passage = np.repeat(np.arange(stop - first), np.diff(passage_tokens[first : stop + 1]))[places]
            is_new = np.ones(len(ranks), bool)
            is_new[1:] = (ranks[1:] != ranks[:-1]) | (passage[1:] != passage[:-1])
            num_passages += np.bincount(ranks[is_new], minlength=len(order))
            report(SORTING + (1 - SORTING) * number / (len(windows) + 1))
        lengths = np.array([len(spellings[number]) for number in order], np.int64)
        self._write("words", np.frombuffer(b"".join(spellings[number] for number in order), np.uint8))
        self._write("word_ends", np.cumsum(lengths))
        self._write("word_passages", num_passages)
        self._write("position_ends", ends)
        self._write("positions", positions[: int(counts.sum())])

    def _append(self, scratch: IO[bytes], values: NDArray[Any]) -> None:
        scratch.write(values.tobytes())

    def _write(self, name: str, values: NDArray[Any]) -> None:
        place = self._file.tell()
        self._file.write(bytes(-place % ALIGNMENT))
        self._section(name, values.dtype, len(values), self._file.tell())
        for start in range(0, len(values), READ_BYTES):
            self._file.write(values[start : start + READ_BYTES].tobytes())

    def _section(self, name: str, kind: Any, length: int, place: int) -> None:
        self._sections[name] = [np.dtype(kind).str, length, place]


def _mapped(scratch: IO[bytes], kind: Any, length: int) -> NDArray[Any]:
    scratch.flush()
    return np.memmap(scratch, kind, "r", shape=(length,)) if length else np.zeros(0, kind)


def _passages(data: bytes, first_line: int) -> tuple[Ints, Ints, list[int]]:
    r"""Where passages begin, in bytes; their lines; and the places of spaces at which long lines are cut.

    >>> starts, lines, cuts = _passages(b"a b\n\nc\n", first_line=7)
    >>> starts.tolist(), lines.tolist(), cuts
    ([0, 4, 5], [7, 8, 9], [])
    """
    codes = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(codes == ord("\n"))
    if not data.endswith(b"\n"):
        ends = np.append(ends, len(data))
    starts = np.concatenate([[0], ends[:-1] + 1])
    cuts: list[int] = []
    for line in np.flatnonzero(ends - starts > MAX_PASSAGE_BYTES).tolist():
        cuts += _cuts(data, int(starts[line]), int(ends[line]))
    if not cuts:
        return starts, first_line + np.arange(len(starts)), cuts
    all_starts = np.sort(np.concatenate([starts, np.array(cuts, np.int64) + 1]))
    lines = np.searchsorted(starts, all_starts, "right") - 1
    return all_starts, first_line + lines, cuts


def _cuts(data: bytes, start: int, end: int) -> Iterator[int]:
    """Places of spaces at which a long line is cut: after a sentence, or else after a word."""
    while end - start > MAX_PASSAGE_BYTES:
        half, stop = start + MAX_PASSAGE_BYTES // 2, start + MAX_PASSAGE_BYTES
        cut = max(data.rfind(mark, half, stop) for mark in (b". ", b"! ", b"? ")) + 1
        cut = cut or data.rfind(b" ", half, stop)
        if cut <= 0:
            cut = data.find(b" ", stop, end)
        if cut < 0 or cut + 1 >= end:
            return
        yield cut
        start = cut + 1


class SentenceIndex:
    """An index that is there, mapped into memory; several threads may ask at once.

    Args:
        path: of the file that `build_index` wrote.

    Raises:
        FormatError: it is not such a file, or is damaged.
        FileNotFoundError: there is none.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self.size_bytes = os.fstat(file.fileno()).st_size
            try:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                end = len(self._map) - len(MAGIC) - 8
                if self._map[: len(MAGIC)] != MAGIC or self._map[end + 8 :] != MAGIC:
                    raise ValueError("it does not begin and end as one")
                size = int.from_bytes(self._map[end : end + 8], "little")
                contents = json.loads(self._map[end - size : end])
                self.facts: dict[str, Any] = contents["facts"]
                self.tokenizer: str = contents["tokenizer"]
                self._files: list[list[Any]] = contents["files"]
                self.text_bytes: int = contents["text_bytes"]
                self._sections: dict[str, list[Any]] = contents["sections"]
                self._block_ends = self._array("block_ends")
                self._passage_starts = self._array("passage_starts")
                self._passage_tokens = self._array("passage_tokens")
                self._passage_lines = self._array("passage_lines")
                self._words = self._array("words")
                self._word_ends = self._array("word_ends")
                self._word_passages = self._array("word_passages")
                self._position_ends = self._array("position_ends")
                self._positions = self._array("positions")
            except (ValueError, KeyError, TypeError) as problem:
                raise FormatError(f"{path} is not an index of sentences: {problem}; remove it") from problem
        self._first_passages = [first for _, first in self._files]
        self._codec = pa.Codec(CODEC)

    def find(self, word: str, other: str | None = None, *, k: int = 10, offset: int = 0) -> FoundSentences:
        """Find sentences with a word, in the order of the corpus; or with two, those first in which they are nearest.

        Args:
            word: a word, or a phrase with spaces or underscores in it, as it stands in the text or in a model.
            other: a second one.
            k: how many sentences, at most.
            offset: how many to leave out first.

        Returns:
            The sentences, and how many there are; none where the text does not have the word.

        Raises:
            ResourceError: the index is damaged.
        """
        try:
            return self._find(word, other, k, offset)
        except (IndexError, ValueError, OSError, pa.ArrowException) as problem:
            raise ResourceError(
                f"the index of sentences is damaged ({problem}); remove it, and start again"
            ) from problem

    def _find(self, word: str, other: str | None, k: int, offset: int) -> FoundSentences:
        one = self._spelled(word)
        two = None if other is None else self._spelled(other)
        if one is None or (other is not None and two is None):
            return FoundSentences(0, [])
        if two is None and len(one) == 1:
            total = int(self._word_passages[self._id_of(one[0])])
            first = self._first_occurrences(self._occurrences(one), offset + k)[offset:]
        else:
            places = self._occurrences(one)
            if two is None:
                passages, firsts = np.unique(self._passage_of(places), return_index=True)
                first, total = places[firsts], len(passages)
            else:
                first = self._nearest_pairs(places, self._occurrences(two), is_same=one == two)
                total = len(first)
            first = first[offset : offset + k]
        shown = [one] if two is None else [one, two]
        return FoundSentences(total, self._sentences(first, shown))

    def _spelled(self, word: str) -> tuple[str, ...] | None:
        """The tokens of a word or phrase as the text has them; None where it does not have one of them."""
        if self._id_of(word) >= 0:
            return (word,)
        for spelling in (word, normalize("NFC", word).replace("_", " ")):
            tokens = tuple(tokenized([spelling], self.tokenizer)[0])
            if tokens and all(self._id_of(token) >= 0 for token in tokens):
                return tokens
        return None

    def _id_of(self, token: str) -> int:
        """The place of a token among the sorted words; -1 where it is not among them."""
        wanted = token.encode(errors="replace")
        low, high = 0, len(self._word_ends)
        while low < high:
            middle = (low + high) // 2
            if self._word(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self._word_ends) and self._word(low) == wanted else -1

    def _word(self, place: int) -> bytes:
        begin = self._word_ends[place - 1] if place else 0
        return self._words[begin : self._word_ends[place]].tobytes()

    def _occurrences(self, tokens: tuple[str, ...]) -> NDArray[Any]:
        """The positions, ascending, at which these tokens stand one after the other in a passage."""
        lists = [self._positions_of(self._id_of(token)) for token in tokens]
        if len(lists) == 1:
            return lists[0]
        rarest = min(range(len(lists)), key=lambda place: len(lists[place]))
        starts = lists[rarest].astype(np.int64) - rarest
        for place, positions in enumerate(lists):
            if place != rarest:
                near = np.searchsorted(positions, np.maximum(starts + place, 0))
                found = positions[np.minimum(near, len(positions) - 1)]
                starts = starts[(found == starts + place) & (starts >= 0)]
        is_whole = self._passage_of(starts) == self._passage_of(starts + len(tokens) - 1)
        whole: Ints = starts[is_whole]
        return whole

    def _positions_of(self, word: int) -> NDArray[Any]:
        begin = self._position_ends[word - 1] if word else 0
        return self._positions[begin : self._position_ends[word]]

    def _passage_of(self, positions: NDArray[Any]) -> Ints:
        return np.searchsorted(self._passage_tokens, positions, "right") - 1

    def _first_occurrences(self, positions: NDArray[Any], num_passages: int) -> NDArray[Any]:
        """The first occurrence in each of the first passages; no more occurrences are looked at than are needed."""
        size = 4 * num_passages
        while True:
            some = positions[:size]
            passages, firsts = np.unique(self._passage_of(some), return_index=True)
            if len(passages) >= num_passages or size >= len(positions):
                return some[firsts[:num_passages]]
            size *= 4

    def _nearest_pairs(self, one: NDArray[Any], two: NDArray[Any], *, is_same: bool) -> NDArray[Any]:
        """An occurrence of the rarer word in each passage that has both, where they are nearest to each other."""
        if is_same:
            left, right = one[:-1].astype(np.int64), one[1:].astype(np.int64)
        else:
            rare, frequent = (one, two) if len(one) <= len(two) else (two, one)
            after = np.searchsorted(frequent, rare)
            neighbors = [
                (np.maximum(after - 1, 0), after > 0),
                (np.minimum(after, len(frequent) - 1), after < len(frequent)),
            ]
            left = np.concatenate([rare[there] for _, there in neighbors]).astype(np.int64)
            right = np.concatenate([frequent[near[there]] for near, there in neighbors]).astype(np.int64)
        passage = self._passage_of(left)
        together = passage == self._passage_of(right)
        left, right, passage = left[together], right[together], passage[together]
        distance = np.abs(left - right)
        order = np.lexsort((left, distance, passage))
        left, distance, passage = left[order], distance[order], passage[order]
        is_first = np.ones(len(left), bool)
        is_first[1:] = passage[1:] != passage[:-1]
        nearest: Ints = left[is_first][np.argsort(distance[is_first], kind="stable")]
        return nearest

    def _sentences(self, positions: NDArray[Any], shown: Sequence[tuple[str, ...]]) -> list[Sentence]:
        """The passages of some occurrences, or excerpts around them, with the places of the words."""
        passages = self._passage_of(positions)
        texts = [self._text_of(int(passage)) for passage in passages]
        spans = token_spans(texts, self.tokenizer)
        within = positions.astype(np.int64) - self._passage_tokens[passages]
        return [
            self._sentence(int(passage), text, tokens, int(place), shown)
            for passage, text, tokens, place in zip(passages, texts, spans, within, strict=True)
        ]

    def _sentence(
        self, passage: int, text: str, tokens: list[TokenSpan], place: int, shown: Sequence[tuple[str, ...]]
    ) -> Sentence:
        file = int(np.searchsorted(self._first_passages, passage, "right")) - 1
        start, excerpt = _excerpt(text, tokens[place].start, tokens[place].stop)
        found = sorted({span for word in shown for span in _places(tokens, word)})
        inside = [
            (begin - start, end - start)
            for begin, end in found
            if begin - start >= 0 and end - start <= len(excerpt)
        ]
        if start:
            excerpt = f"{ELLIPSIS} {excerpt}"
            inside = [(begin + 2, end + 2) for begin, end in inside]
        if start + len(excerpt) - (2 if start else 0) < len(text):
            excerpt = f"{excerpt} {ELLIPSIS}"
        return Sentence(excerpt, Path(self._files[file][0]).name, int(self._passage_lines[passage]), inside)

    def _text_of(self, passage: int) -> str:
        """A passage as it stands in the file, without the line break at its end."""
        return self._bytes(*self._passage_starts[passage : passage + 2].tolist()).decode().rstrip()

    def _bytes(self, start: int, stop: int) -> bytes:
        """Bytes of the text."""
        parts = []
        begin_of_blocks = self._sections["blocks"][2]
        for block in range(start // BLOCK_BYTES, -(-stop // BLOCK_BYTES)):
            begin = int(self._block_ends[block - 1]) if block else 0
            compressed = self._map[begin_of_blocks + begin : begin_of_blocks + int(self._block_ends[block])]
            size = min(BLOCK_BYTES, self.text_bytes - block * BLOCK_BYTES)
            text = self._codec.decompress(compressed, decompressed_size=size, asbytes=True)
            parts.append(text[max(0, start - block * BLOCK_BYTES) : stop - block * BLOCK_BYTES])
        return b"".join(parts)

    def _array(self, name: str) -> NDArray[Any]:
        kind, length, place = self._sections[name]
        return np.frombuffer(self._map, np.dtype(kind), length, place)


def _places(tokens: list[TokenSpan], word: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Where in a text a word stands, or the tokens of a phrase side by side."""
    spelled = [token.token for token in tokens]
    for place in range(len(tokens) - len(word) + 1):
        if tuple(spelled[place : place + len(word)]) == word:
            yield tokens[place].start, tokens[place + len(word) - 1].stop


def _excerpt(text: str, start: int, stop: int) -> tuple[int, str]:
    """The part of a text around some characters, and where it begins: whole words, from a sentence's beginning if near.

    >>> _excerpt("short", 0, 5)
    (0, 'short')
    """
    if len(text) <= EXCERPT:
        return 0, text
    begin = max(0, min(start - EXCERPT // 2, len(text) - EXCERPT))
    end = min(len(text), max(begin + EXCERPT, stop))
    if begin:
        sentence = max(text.rfind(mark, begin, start) + len(mark) for mark in SENTENCE_ENDS)
        space = text.find(" ", begin, start) + 1
        begin = sentence if sentence > begin and text[sentence - 1] == " " else (space or begin)
    end = min(len(text), max(begin + EXCERPT, stop))
    if end < len(text):
        sentence = max(text.rfind(mark, stop, end) for mark in SENTENCE_ENDS)
        space = text.rfind(" ", stop, end)
        end = sentence + 1 if sentence > stop else (space if space > stop else end)
    return begin, text[begin:end].rstrip()
