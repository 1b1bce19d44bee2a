"""Validity: check that text is UTF-8; say where it is not, and what it is instead."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from wordvec.corpus.decoding import has_controls
from wordvec.corpus.text_blocks import Block, Piece
from wordvec.errors import CorpusError
from wordvec.text import shortened

__all__ = ["check_text"]

_SAMPLE_BYTES = 2**16  # looked at, to tell what is there instead of UTF-8
_MIN_ZEROS = 0.3  # of the bytes of ASCII text in UTF-16
_MIN_SPACES = 0.005  # of the characters of text in any language; a line break is one
_MAX_CONTROLS = 0.001  # of the bytes of text in a single-byte encoding
_MAX_ACCENTED = 0.25  # of the letters of text in a Western European language


def check_text(block: Block) -> None:
    r"""Check that bytes are UTF-8, without NUL bytes, which only look like text.

    Raises:
        CorpusError: they are not; the message names the file, the line (from 1), the byte (from 0, in the decompressed
            file), and what to do.

    >>> check_text(Block((Piece("menu.txt", b"tea\ncaf\xe9\n", 0, 1, 9),), 9))
    Traceback (most recent call last):
    wordvec.errors.CorpusError: menu.txt is not valid UTF-8 in line 2, at byte 7 (0xe9); ...
    """
    data = block.data
    if b"\0" in data:
        raise _nul_byte(next(piece for piece in block.pieces if b"\0" in piece.data))
    whole = pa.py_buffer(np.array([0, len(data)], dtype=np.int32))
    try:
        pa.StringArray.from_buffers(1, whole, pa.py_buffer(data)).validate(full=True)
    except pa.ArrowInvalid:
        for piece in block.pieces:
            _check_utf8(piece)


def _nul_byte(piece: Piece) -> CorpusError:
    """The error that says where a NUL byte is, and what the data seem to be."""
    place = piece.data.index(b"\0")
    line, byte = piece.locate(place)
    where = f"{piece.title} has a NUL byte in line {line:,}, at byte {byte:,}"
    from_there = piece.data[max(0, place - 64) :][:_SAMPLE_BYTES]
    encoding = _wide_encoding(from_there, piece.first_byte + max(0, place - 64))
    if encoding is not None:
        return CorpusError(
            f"{where}, as it seems to be {encoding.upper()}; give encoding={encoding!r} (--encoding {encoding})"
        )
    if not _is_text(from_there.replace(b"\0", b"")):
        return CorpusError(f"{where}: it is not text, but binary data; leave the file out")
    return CorpusError(f"{where}; remove the NUL bytes (tr -d '\\000' < FILE | wordvec train -)")


def _wide_encoding(data: bytes, first_byte: int) -> str | None:
    r"""The encoding of some bytes that are UTF-16 or UTF-32 without a mark; None if they are neither.

    >>> _wide_encoding("red green\nblue".encode("utf-16-be"), 0), _wide_encoding(b"red\0green\0", 0)
    ('utf-16-be', None)
    """
    has_many_zeros = data.count(b"\0") >= _MIN_ZEROS * len(data)
    if not has_many_zeros and _is_text(data.replace(b"\0", b"")):
        return None
    for encoding, width in (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2)):
        aligned = data[-first_byte % width :]
        try:
            text = aligned[: len(aligned) // width * width].decode(encoding)
        except UnicodeDecodeError as problem:
            if problem.start < len(aligned) - width:  # else the sample ends within a character
                continue
            text = aligned[: problem.start].decode(encoding)
        if _are_in_use(text) and (has_many_zeros or _has_spaces(text)):
            return encoding
    return None


def _is_text(data: bytes) -> bool:
    """Whether a sample is UTF-8 without control characters, but for what the edges cut."""
    return not has_controls(data) and "\ufffd" not in data.decode(errors="replace")[4:-4]


def _are_in_use(text: str) -> bool:
    """Whether all characters are those of texts: no controls, surrogates, private or unassigned ones."""
    return all(character in "\r\n\t" or unicodedata.category(character)[0] != "C" for character in set(text))


def _has_spaces(text: str) -> bool:
    """Whether there are enough spaces and line breaks for a text."""
    return sum(map(text.count, " \r\n\t")) > _MIN_SPACES * len(text)


class _Damage(NamedTuple):
    """What is not UTF-8 in a piece."""

    place: int  # of the first bad byte
    bad: int  # places that are not UTF-8
    good: int  # characters of UTF-8, of more than a byte each

    @property
    def is_mostly_utf8(self) -> bool:
        """Whether the text is in UTF-8 but for these places: other encodings look like it by chance alone."""
        return self.good >= self.bad


def _check_utf8(piece: Piece) -> None:
    damage = _damage(piece.data)
    if damage is None:
        return
    line, byte = piece.locate(damage.place)
    code = piece.data[damage.place]
    last_line = piece.first_line + max(0, piece.data.count(b"\n") - 1)
    places = "place" if damage.bad == 2 else "places"
    more = f", and in {damage.bad - 1:,} more {places} up to line {last_line:,}" if damage.bad > 1 else ""
    raise CorpusError(
        f"{piece.title} is not valid UTF-8 in line {line:,}, at byte {byte:,} (0x{code:02x}){more}; "
        f"{_advice(piece.data, damage)}"
    )


def _damage(data: bytes) -> _Damage | None:
    try:
        data.decode()
    except UnicodeDecodeError as problem:
        replaced = data.decode(errors="replace")
        bad = replaced.count("\ufffd") - data.count("\ufffd".encode())
        num_ascii = int(np.count_nonzero(np.frombuffer(data, np.uint8) < 0x80))
        return _Damage(problem.start, bad, len(replaced) - num_ascii - bad)
    return None


def _advice(data: bytes, damage: _Damage) -> str:
    replace = "errors='replace' (--errors replace)"
    if damage.is_mostly_utf8:
        return f"the rest of this block of text is UTF-8, so replace what is not: {replace}"
    sample = data[max(0, damage.place - 64) :][:_SAMPLE_BYTES]
    if _has_many_controls(sample):
        return "it is not text, but binary data; leave the file out"
    word = _word_at(data, damage.place)
    western = _as_western(word)
    if western is not None and _is_mostly_ascii(sample):
        return (
            f"in cp1252 (Western Europe) this is {shortened(repr(western))}: if that is right, give encoding='cp1252' "
            f"(--encoding cp1252), or another encoding likewise; if the file is damaged, {replace}"
        )
    return (
        "name the encoding that it is in (encoding=..., --encoding): cp1251 for Cyrillic, gb18030 for Chinese, cp932 "
        f"for Japanese, euc_kr for Korean, or another one of Python's; if the file is damaged, {replace}"
    )


def _has_many_controls(sample: bytes) -> bool:
    controls = sum(has_controls(bytes([code])) * sample.count(code) for code in range(0x80))
    return controls > _MAX_CONTROLS * len(sample)


def _is_mostly_ascii(sample: bytes) -> bool:
    """Whether most letters have no accents, as in languages of Western Europe."""
    codes = np.frombuffer(sample, np.uint8)
    accented = np.count_nonzero(codes >= 0x80)
    letters = np.count_nonzero((codes | 0x20 >= ord("a")) & (codes | 0x20 <= ord("z")) & (codes < 0x80))
    return bool(accented <= _MAX_ACCENTED * (accented + letters))


def _word_at(data: bytes, place: int) -> bytes:
    before = re.split(rb"\s", data[max(0, place - 20) : place])[-1]
    after = re.split(rb"\s", data[place : place + 20])[0]
    return before + after


def _as_western(word: bytes) -> str | None:
    """A word in cp1252; None where that has no such word."""
    try:
        text = word.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None
