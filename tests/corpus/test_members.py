from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from wordvec.corpus.byte_stream import GzipDecompressor, MemberReader

TEXT = " ".join(f"word{number * number}" for number in range(3_000)).encode()
WAYS = {
    "gzip": (gzip.compress, GzipDecompressor),
    "bzip2": (bz2.compress, bz2.BZ2Decompressor),
    "xz": (lzma.compress, lzma.LZMADecompressor),
}
each_codec = pytest.mark.parametrize(("compress", "decompressor"), WAYS.values(), ids=WAYS)


def decompressed(
    data: bytes, decompressor: Callable[[], Any], size: int = 1_009, max_bytes: int = 2**16
) -> bytes:
    compressed = io.BytesIO(data)
    reader = MemberReader(lambda wanted: compressed.read(min(wanted, max_bytes)), decompressor)
    return b"".join(iter(lambda: reader.read(size), b""))


@each_codec
@pytest.mark.parametrize("max_bytes", [1, 7, 2**16])
def test_members_are_read_whole_however_they_are_cut(
    compress: Any, decompressor: Any, max_bytes: int
) -> None:
    compressed = compress(TEXT) + compress(b"") + compress(b"end")
    assert decompressed(compressed, decompressor, max_bytes=max_bytes) == TEXT + b"end"


@each_codec
def test_zero_bytes_between_and_after_members_are_passed_over(compress: Any, decompressor: Any) -> None:
    assert (
        decompressed(compress(b"one ") + bytes(8) + compress(TEXT) + bytes(512), decompressor)
        == b"one " + TEXT
    )
    assert decompressed(compress(b"one") + bytes(200_000), decompressor) == b"one"


@each_codec
def test_no_read_gives_more_than_asked_for(compress: Any, decompressor: Any) -> None:
    reader = MemberReader(io.BytesIO(compress(TEXT)).read, decompressor)
    assert len(reader.read(5)) <= 5


@each_codec
def test_a_member_with_a_damaged_beginning_does_not_pass_for_the_end(
    compress: Any, decompressor: Any
) -> None:
    damaged = bytearray(compress(TEXT))
    damaged[0] ^= 1
    with pytest.raises((OSError, lzma.LZMAError, zlib.error)):
        decompressed(compress(b"one ") + bytes(damaged), decompressor)


@each_codec
def test_a_member_that_is_cut_short_does_not_pass_for_the_end(compress: Any, decompressor: Any) -> None:
    for length in (1, 5, 100):
        with pytest.raises(EOFError):
            decompressed(compress(b"one ") + compress(TEXT)[:length], decompressor)


@pytest.mark.parametrize("damaged", [-8, -1], ids=["checksum", "length"])
def test_a_gzip_member_is_held_to_its_checksum_and_its_length(damaged: int) -> None:
    compressed = bytearray(gzip.compress(TEXT))
    compressed[damaged] ^= 1
    with pytest.raises(zlib.error, match="incorrect"):
        decompressed(bytes(compressed), GzipDecompressor)


@pytest.mark.parametrize("size", [1, 3, 1_000_000])
def test_gzip_data_that_decompress_to_a_thousand_times_their_size_are_read_piece_by_piece(size: int) -> None:
    text = b"a" * (10_000 if size < 10 else 5_000_000)
    assert decompressed(gzip.compress(text), GzipDecompressor, size=size) == text
