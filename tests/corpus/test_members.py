from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from wordvec.corpus.compression import GzipUnpacker, MemberReader

TEXT = " ".join(f"word{number * number}" for number in range(3_000)).encode()
WAYS = {
    "gzip": (gzip.compress, GzipUnpacker),
    "bzip2": (bz2.compress, bz2.BZ2Decompressor),
    "xz": (lzma.compress, lzma.LZMADecompressor),
}
each_packing = pytest.mark.parametrize(("pack", "unpacker"), WAYS.values(), ids=WAYS)


def unpacked(data: bytes, unpacker: Callable[[], Any], size: int = 1_009, most_bytes: int = 2**16) -> bytes:
    packed = io.BytesIO(data)
    reader = MemberReader(lambda wanted: packed.read(min(wanted, most_bytes)), unpacker)
    return b"".join(iter(lambda: reader.read(size), b""))


@each_packing
@pytest.mark.parametrize("most_bytes", [1, 7, 2**16])
def test_members_are_read_whole_however_they_are_cut(pack: Any, unpacker: Any, most_bytes: int) -> None:
    packed = pack(TEXT) + pack(b"") + pack(b"end")
    assert unpacked(packed, unpacker, most_bytes=most_bytes) == TEXT + b"end"


@each_packing
def test_zero_bytes_between_and_after_members_are_passed_over(pack: Any, unpacker: Any) -> None:
    assert unpacked(pack(b"one ") + bytes(8) + pack(TEXT) + bytes(512), unpacker) == b"one " + TEXT
    assert unpacked(pack(b"one") + bytes(200_000), unpacker) == b"one"


@each_packing
def test_no_read_gives_more_than_asked_for(pack: Any, unpacker: Any) -> None:
    reader = MemberReader(io.BytesIO(pack(TEXT)).read, unpacker)
    assert len(reader.read(5)) <= 5


@each_packing
def test_a_member_with_a_damaged_beginning_does_not_pass_for_the_end(pack: Any, unpacker: Any) -> None:
    damaged = bytearray(pack(TEXT))
    damaged[0] ^= 1
    with pytest.raises((OSError, lzma.LZMAError, zlib.error)):
        unpacked(pack(b"one ") + bytes(damaged), unpacker)


@each_packing
def test_a_member_that_is_cut_short_does_not_pass_for_the_end(pack: Any, unpacker: Any) -> None:
    for length in (1, 5, 100):
        with pytest.raises(EOFError):
            unpacked(pack(b"one ") + pack(TEXT)[:length], unpacker)


@pytest.mark.parametrize("damaged", [-8, -1], ids=["checksum", "length"])
def test_a_gzip_member_is_held_to_its_checksum_and_its_length(damaged: int) -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[damaged] ^= 1
    with pytest.raises(zlib.error, match="incorrect"):
        unpacked(bytes(packed), GzipUnpacker)


@pytest.mark.parametrize("size", [1, 3, 1_000_000])
def test_gzip_data_that_unpack_to_a_thousand_times_their_size_are_read_piece_by_piece(size: int) -> None:
    text = b"a" * (10_000 if size < 10 else 5_000_000)
    assert unpacked(gzip.compress(text), GzipUnpacker, size=size) == text
