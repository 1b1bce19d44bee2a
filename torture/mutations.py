"""Mutations: how the fuzzer damages a file."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

__all__ = ["mutated"]

NUMBERS = (
    b"0",
    b"-1",
    b"1e400",
    b"nan",
    b"inf",
    b"NaN",
    b"-Infinity",
    b"1.5",
    b"2147483648",
    b"9999999999999999999",
    b"18446744073709551616",
    b"null",
    b"true",
    b'""',
    b"[]",
    b"{}",
)
LENGTHS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFFFFFF, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
DIGITS = re.compile(rb"-?\d+(\.\d+)?")
TOKEN = re.compile(rb"[^\s,:\[\]{}\"]+")

HEADERS = (  # of other tools and of other kinds of files
    b"3 2\n",
    b"400000 300\n",
    b"# 3 2\n",
    b",0,1,2\n",
    b"word,d0,d1\n",
    b"word\td0\td1\n",
    b"text\n",
    b"%%MatrixMarket matrix array real general\n",
    b"version https://git-lfs.github.com/spec/v1\n",
    b"<!DOCTYPE html>\n<html>\n",
    b'{"text": ',
    b"%PDF-1.4\n",
    b"PK\x03\x04",
    b"7z\xbc\xaf\x27\x1c",
    b"\x89PNG\r\n\x1a\n",
    b"\x80\x02}q\x00",
    b"\x93NUMPY\x01\x00",
    b"SQLite format 3\x00",
)
NO_UTF8 = (b"\xff", b"\xe9", b"\xc3", b"\xe6\x97", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\x93word\x94")
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-8-sig", "shift_jis")
OPENINGS = (b"[", b'{"a":', b"((", b'"')
DEPTHS = (50, 900, 3000, 60_000)
WORD_BYTES = (300, 5000, 70_000)

Mutation = Callable[[bytes, random.Random], bytes]


def mutated(content: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """Damage a file in one to four ways; `others` are files to take pieces from."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 4))):
        if others and chance.random() < 0.1:
            content = _spliced(content, chance.choice(others), chance)
        else:
            content = chance.choice(MUTATIONS)(content, chance)
    return content


def _span(content: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randint(0, len(content))
    return start, min(len(content), start + chance.choice((1, 2, 4, 8, 64, 4096)))


def _flip(content: bytes, chance: random.Random) -> bytes:
    if not content:
        return b"\x00"
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randint(0, len(content))]


def _drop(content: bytes, chance: random.Random) -> bytes:
    start, stop = _span(content, chance)
    return content[:start] + content[stop:]


def _double(content: bytes, chance: random.Random) -> bytes:
    start, stop = _span(content, chance)
    return content[:stop] + content[start:stop] * chance.choice((1, 1, 2, 50)) + content[stop:]


def _insert(content: bytes, chance: random.Random) -> bytes:
    start, _ = _span(content, chance)
    more = chance.choice(
        (b"\n", b" ", b"\t", b"\x00", b"\xff", b"\r\n", b"\xef\xbb\xbf", chance.randbytes(8))
    )
    return content[:start] + more + content[start:]


def _number(content: bytes, chance: random.Random) -> bytes:
    return _replaced(DIGITS, chance.choice(NUMBERS), content, chance)


def _token(content: bytes, chance: random.Random) -> bytes:
    tokens = TOKEN.findall(content[:100_000]) or [b"x"]
    return _replaced(TOKEN, chance.choice((*NUMBERS, chance.choice(tokens), b"a b")), content, chance)


def _replaced(pattern: re.Pattern[bytes], new: bytes, content: bytes, chance: random.Random) -> bytes:
    places = list(pattern.finditer(content[:100_000]))
    if not places:
        return content + new
    place = chance.choice(places)
    return content[: place.start()] + new + content[place.end() :]


def _length(content: bytes, chance: random.Random) -> bytes:
    size = chance.choice((1, 2, 4, 8))
    start = chance.randint(0, max(0, len(content) - size)) if chance.random() < 0.7 else 0
    number: bytes = (chance.choice(LENGTHS) & (256**size - 1)).to_bytes(size, "little")
    return content[:start] + number + content[start + size :]


def _spliced(content: bytes, other: bytes, chance: random.Random) -> bytes:
    return content[: chance.randint(0, len(content))] + other[chance.randint(0, len(other)) :]


def _bom(content: bytes, chance: random.Random) -> bytes:
    return chance.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) + content


def _encode(content: bytes, chance: random.Random) -> bytes:
    """As a text of another encoding, where it is a text."""
    try:
        return content.decode("utf-8").encode(chance.choice(ENCODINGS), errors="replace")
    except UnicodeDecodeError:
        return content[1:]


def _break_utf8(content: bytes, chance: random.Random) -> bytes:
    start, _ = _span(content, chance)
    return content[:start] + chance.choice(NO_UTF8) + content[start:]


def _separate(content: bytes, chance: random.Random) -> bytes:
    """Other signs between columns: in one place, in a line, or everywhere."""
    old = chance.choice([sign for sign in (b" ", b"\t", b",", b";") if sign in content] or [b" "])
    new = chance.choice((b" ", b"\t", b"  ", b"\t\t", b" \t", b",", b"\xc2\xa0", b""))
    start, _ = _span(content, chance)
    many = chance.choice((1, 3, -1))
    return (
        content.replace(old, new) if many < 0 else content[:start] + content[start:].replace(old, new, many)
    )


def _join_lines(content: bytes, chance: random.Random) -> bytes:
    start, _ = _span(content, chance)
    return content[:start] + content[start:].replace(b"\n", chance.choice((b"", b" ", b"\r")), 1)


def _add_blank_lines(content: bytes, chance: random.Random) -> bytes:
    blank = chance.choice((b"\n", b"\n\n", b" \n", b"\r\n", b"\t\n", b"\x00" * 512, b"\x1a"))
    if chance.random() < 0.7:
        return content + blank
    start = content.find(b"\n", _span(content, chance)[0]) + 1
    return content[:start] + blank + content[start:]


def _add_header(content: bytes, chance: random.Random) -> bytes:
    header = chance.choice(HEADERS)
    return header + (content if chance.random() < 0.7 else content[content.find(b"\n") + 1 :])


def _grow_word(content: bytes, chance: random.Random) -> bytes:
    size = chance.choice(WORD_BYTES)
    return _replaced(TOKEN, chance.choice((b"w", b"1", b"\xe6\x97\xa5")) * size, content, chance)


def _nest(content: bytes, chance: random.Random) -> bytes:
    nested = chance.choice(OPENINGS) * chance.choice(DEPTHS)
    return _replaced(TOKEN, nested, content, chance)


MUTATIONS: tuple[Mutation, ...] = (
    *(_flip, _cut, _drop, _double, _insert, _number, _token, _length),
    *(_bom, _encode, _break_utf8, _separate, _join_lines, _add_blank_lines, _add_header, _grow_word, _nest),
)
