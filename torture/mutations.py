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


MUTATIONS: tuple[Mutation, ...] = (_flip, _cut, _drop, _double, _insert, _number, _token, _length)
