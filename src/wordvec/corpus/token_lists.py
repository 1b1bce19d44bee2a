"""Token lists: texts that are lists of words already, from Python or from a user's own tokenizer."""

from __future__ import annotations

import os
import random
import zlib
from array import array
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from itertools import islice, repeat
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np

from wordvec.corpus.encoded import TEXT_END
from wordvec.corpus.tables import Part, Records, Rows, check_rows, tokenized_already
from wordvec.corpus.text_blocks import Block
from wordvec.corpus.token_blocks import TokenBlock
from wordvec.corpus.tokenizers import SubwordTokenizer, Tokenizer
from wordvec.corpus.validity import check_text
from wordvec.errors import CorpusError
from wordvec.text import MAX_NAMES, shortened

__all__ = ["in_order", "number_token_lists", "tokenize_by_function", "words_found", "words_of_text"]

_TEXTS_AT_A_TIME = 1000


def number_token_lists(
    texts: Iterable[Iterable[str]], block_positions: int
) -> Generator[TokenBlock, None, None]:
    """Number texts that are lists of words, or of integers; empty words are left out.

    A set has no order, so its words come in one that is drawn from the set itself: the same in each run.

    Raises:
        CorpusError: a text is a string, a dict, or not a list at all, or a word is neither a string nor an integer.

    >>> for block in number_token_lists(iter([["a", "b", "a"], ["", "c"], ["b"]]), block_positions=4):
    ...     block.words, block.ids.tolist()
    (['a', 'b'], [0, 1, 0, -1])
    (['c', 'b'], [0, -1, 1, -1])
    """
    collector = _Collector()
    for number, text in enumerate(in_order(texts, name=in_order), start=1):
        place = f"text {number:,}"
        if not isinstance(text, (list, tuple)):
            _check_iterable(text, place)
        words = iter(in_order(text))
        while len(part := list(islice(words, block_positions))) == block_positions:  # more may follow
            collector.add(_as_strings(part, place), place)
            yield collector.take()
        collector.add(_as_strings(part, place), place)
        collector.end_text()
        if collector.num_positions >= block_positions:
            yield collector.take()
    if collector.num_positions:
        yield collector.take()


def _check_iterable(text: Any, place: str) -> None:
    if isinstance(text, (str, bytes)):
        raise CorpusError(
            f"{place} is a string, {shortened(repr(text))}, but must be a list of words; split it first: "
            "text.split() (or give a path, or a list of paths, to read text from files)"
        )
    if isinstance(text, Mapping):
        keys = ", ".join(shortened(repr(key)) for key in islice(text, MAX_NAMES)) or "none"
        raise CorpusError(
            f"{place} is a {type(text).__name__}, not a list of words; its keys are {keys}; say which one is the text: "
            "column='NAME' (or, if the keys are the words, give list(text))"
        )
    if isinstance(text, os.PathLike) or not isinstance(text, Iterable):
        raise CorpusError(
            f"{place} must be a list of words, got {shortened(repr(text))}; give a list of lists of words, or a "
            "list of paths"
        )


def in_order(items: Iterable[Any], name: Callable[[Any], Any] = str) -> Iterable[Any]:
    """Draw an order for a set, from what is in it; leave alone what has one.

    A sorted set would make neighbors of words that begin alike, and hashes of strings are others in each process.

    >>> in_order({"tea", "jam", "egg", "ham"}), in_order(["tea", "jam"])
    (['egg', 'tea', 'jam', 'ham'], ['tea', 'jam'])
    """
    if not isinstance(items, (set, frozenset)):
        return items
    by_name = sorted(items, key=lambda item: str(name(item)))
    names = "\0".join(str(name(item)) for item in by_name)
    draw = random.Random(zlib.crc32(names.encode(errors="surrogatepass")))  # noqa: S311  (an order, not a secret)
    return sorted(by_name, key=lambda _: draw.random())


def words_of_text(text: Any, place: str) -> list[str]:
    """The words of a text that is a list of words or of integers; `place` says in a message where it is found.

    Raises:
        CorpusError: see `number_token_lists`.

    >>> words_of_text([7, 12], "row 1"), words_of_text({"sun"}, "row 2")
    (['7', '12'], ['sun'])
    """
    _check_iterable(text, place)
    words = _as_strings(list(in_order(text)), place)
    for word in words:
        if not isinstance(word, str):
            raise _not_a_word(word, place)
    return words


def _as_strings(words: list[Any], place: str) -> list[str]:
    """Integers as their digits, where all words of a text are integers; other words as they are."""
    if not words or not _is_integer(words[0]):
        return words
    if not all(map(_is_integer, words)):
        raise _not_a_word(next(word for word in words if not _is_integer(word)), place)
    return [str(int(word)) for word in words]


def _is_integer(word: Any) -> bool:
    return type(word) is int or (isinstance(word, Integral) and not isinstance(word, bool))


def _not_a_word(word: Any, place: str) -> CorpusError:
    return CorpusError(
        f"{place} holds {shortened(repr(word))} ({type(word).__name__}), but words must be strings, or all of them "
        "integers; convert them first: [str(word) for word in text]"
    )


def tokenize_by_function(parts: Iterable[Part], tokenizer: Tokenizer) -> Generator[TokenBlock, None, None]:
    """Call a user's tokenizer for each line, or for each row of a table.

    A line longer than a block comes in parts, cut at whitespace; a row comes whole, with the line breaks in it.

    Raises:
        CorpusError: a part is not text, or the tokenizer gives something else than words.
        ConfigError: a part holds words already.
    """
    collector = _Collector()
    for part in parts:
        texts = _lines(part) if isinstance(part, Block) else _rows(part)
        while some := list(islice(texts, _TEXTS_AT_A_TIME)):
            for text, words in zip(some, _words_of(some, tokenizer), strict=True):
                collector.add(words, text.place)
                if text.is_end:
                    collector.end_text(text.repeats)
        yield collector.take(part.bytes_read)


class _Text(NamedTuple):
    text: str
    place: str  # where it is found
    is_end: bool  # or it goes on in the next block
    repeats: int | None = None  # how often it counts, where texts have weights


def _lines(block: Block) -> Iterator[_Text]:
    check_text(block)
    for piece in block.pieces:
        lines = piece.data.decode().split("\n")
        for number, line in enumerate(lines):
            is_end = number < len(lines) - 1
            if line or is_end:
                place = f"line {piece.first_line + number:,} of {piece.title}"
                yield _Text(line.removesuffix("\r"), place, is_end)


def _rows(part: Records | Rows) -> Iterator[_Text]:
    rows = part.rows() if isinstance(part, Records) else part
    check_rows(rows)
    if rows.are_words:
        raise tokenized_already(rows)
    repeats = rows.repeats()
    each = repeat(None) if repeats is None else repeats.tolist()
    for row, (text, times) in enumerate(zip(rows.values.to_pylist(), each), start=rows.first_row):  # noqa: B905
        if text is not None and times != 0:
            yield _Text(text, f"{rows.place.format(row)} of {rows.title}", is_end=True, repeats=times)


def _words_of(texts: list[_Text], tokenizer: Tokenizer) -> Iterable[list[str]]:
    """The words of each text; a user's function sees no empty ones."""
    if isinstance(tokenizer, SubwordTokenizer):
        return tokenizer.batch([text.text for text in texts])
    return (words_found(tokenizer, text.text, text.place) if text.text else [] for text in texts)


def words_found(tokenizer: Tokenizer, text: str, place: str) -> list[str]:
    """Call a user's tokenizer for a text; `place` says in a message where that is found.

    Raises:
        CorpusError: it gives something else than words.

    >>> words_found(str.split, "red green", "line 1")
    ['red', 'green']
    """
    found: Any = tokenizer(text)
    if isinstance(found, (str, bytes, Mapping)) or not isinstance(found, Iterable):
        raise CorpusError(
            f"the tokenizer {getattr(tokenizer, '__name__', tokenizer)} must return the words of a text as a "
            f"list of strings, but returned {shortened(repr(found))} for {place}"
        )
    return list(in_order(found))


class _Collector:
    """Numbers words until a token block is taken."""

    def __init__(self) -> None:
        self._numbers = _Numbers()
        self._ids = array("i")
        self._repeats: list[int] = []

    @property
    def num_positions(self) -> int:
        return len(self._ids)

    def add(self, words: list[str], place: str) -> None:
        """Number some words of the text that is found at `place`."""
        self._numbers.place = place
        try:
            self._ids.extend(map(self._numbers.__getitem__, words))
        except TypeError:  # what cannot be looked up in a dict
            raise _not_a_word(next(word for word in words if not isinstance(word, str)), place) from None

    def end_text(self, repeats: int | None = None) -> None:
        self._ids.append(TEXT_END)
        if repeats is not None:
            self._repeats.append(repeats)

    def take(self, bytes_read: int = 0) -> TokenBlock:
        """Everything since the last time, as a block."""
        ids = np.array(self._ids, dtype=np.int32)
        repeats = np.array(self._repeats, np.int64) if self._repeats else None
        block = TokenBlock(list(self._numbers), ids[ids != _EMPTY_WORD], bytes_read, repeats)
        self._numbers, self._ids, self._repeats = _Numbers(), array("i"), []
        return block


_EMPTY_WORD = -2


class _Numbers(dict[str, int]):
    """Numbers words in the order in which they are first seen; checks only new ones."""

    place = ""

    def __missing__(self, word: Any) -> int:
        if not isinstance(word, str):
            raise _not_a_word(word, self.place)
        if not word:
            return _EMPTY_WORD
        try:
            word.encode()
        except UnicodeEncodeError:
            raise CorpusError(
                f"{self.place} holds {word!r}, which is not valid Unicode (half a surrogate pair); read the "
                "text as UTF-8, without errors='surrogateescape'"
            ) from None
        self[str(word)] = number = len(self)
        return number
