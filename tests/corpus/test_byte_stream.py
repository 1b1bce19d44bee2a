from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from wordvec.corpus.byte_stream import ByteStream, file_bytes
from wordvec.errors import CorpusError

TEXT = " ".join(f"word{number * number}" for number in range(20_000)).encode()


def zstd(data: bytes) -> bytes:
    compressed = pa.BufferOutputStream()
    with pa.CompressedOutputStream(compressed, "zstd") as stream:
        stream.write(data)
    return bytes(compressed.getvalue())


def as_it_is(data: bytes) -> bytes:
    return data


Compress = Callable[[bytes], bytes]
COMPRESSORS = {"gzip": gzip.compress, "zstd": zstd, "bzip2": bz2.compress, "xz": lzma.compress}
each_codec = pytest.mark.parametrize(("codec", "compress"), COMPRESSORS.items(), ids=COMPRESSORS)


def read_all(name: str, size: int = 10_007) -> bytes:
    with ByteStream(name) as stream:
        return b"".join(iter(lambda: stream.read(size), b""))


def written(folder: Path, data: bytes, name: str = "corpus.txt") -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


@each_codec
def test_compressed_text_is_known_by_its_content_not_its_name(
    codec: str, compress: Compress, tmp_path: Path
) -> None:
    assert read_all(written(tmp_path, compress(TEXT), "corpus.txt")) == TEXT


@pytest.mark.parametrize("name", ["corpus.gz", "corpus.zst", "corpus.bz2", "corpus.xz"])
def test_plain_text_is_known_by_its_content_not_its_name(name: str, tmp_path: Path) -> None:
    assert read_all(written(tmp_path, TEXT, name)) == TEXT


@each_codec
def test_compressed_files_put_one_after_the_other_are_read_whole(
    codec: str, compress: Compress, tmp_path: Path
) -> None:
    assert read_all(written(tmp_path, compress(b"one ") + compress(b"") + compress(TEXT))) == b"one " + TEXT


@each_codec
def test_a_compressed_empty_file_is_empty(codec: str, compress: Compress, tmp_path: Path) -> None:
    assert read_all(written(tmp_path, compress(b""))) == b""


@pytest.mark.parametrize("codec", ["gzip", "bzip2", "xz"])
@pytest.mark.parametrize("padding", [1, 4, 10_240], ids=str)
def test_zero_bytes_after_compressed_text_are_passed_over(codec: str, padding: int, tmp_path: Path) -> None:
    compress = COMPRESSORS[codec]
    assert read_all(written(tmp_path, compress(TEXT) + bytes(padding))) == TEXT
    assert read_all(written(tmp_path, compress(b"one ") + bytes(padding) + compress(TEXT))) == b"one " + TEXT


@each_codec
@pytest.mark.parametrize("gap", [0, 512], ids=["at once", "after zeros"])
def test_what_follows_compressed_text_and_is_not_compressed_is_refused(
    codec: str, compress: Compress, gap: int, tmp_path: Path
) -> None:
    name = written(tmp_path, compress(TEXT) + bytes(gap) + b"no compressed text")
    with pytest.raises(CorpusError, match=rf"damaged or incomplete {codec} data, after [1-9][\d,]+ bytes"):
        read_all(name)


def test_zstd_frames_without_text_are_passed_over_wherever_they_are(tmp_path: Path) -> None:
    skipped = b"\x5a\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"index"
    assert read_all(written(tmp_path, skipped + zstd(b"one ") + skipped + zstd(TEXT))) == b"one " + TEXT


@pytest.mark.parametrize("text", [b"", b"a", b"BZh", b"BZh9 is how bzip2 begins"], ids=repr)
def test_a_short_or_misleading_beginning_is_plain_text(text: bytes, tmp_path: Path) -> None:
    assert read_all(written(tmp_path, text)) == text


@each_codec
@pytest.mark.parametrize("share", [0.3, 0.999], ids=["early", "late"])
def test_a_compressed_file_cut_short_is_refused(
    codec: str, compress: Compress, share: float, tmp_path: Path
) -> None:
    compressed = compress(TEXT)
    name = written(tmp_path, compressed[: int(len(compressed) * share)])
    with pytest.raises(
        CorpusError, match=rf"corpus\.txt is damaged or incomplete {codec} data, after [\d,]+ bytes"
    ):
        read_all(name)


@each_codec
def test_a_damaged_compressed_file_is_refused(codec: str, compress: Compress, tmp_path: Path) -> None:
    compressed = bytearray(compress(TEXT))
    compressed[12:20] = b"damaged!"
    with pytest.raises(CorpusError, match=rf"damaged or incomplete {codec} data.*{codec} --test"):
        read_all(written(tmp_path, bytes(compressed)))


@each_codec
def test_a_damaged_compressed_file_leaves_no_memory_behind(
    codec: str, compress: Compress, tmp_path: Path
) -> None:
    path = tmp_path / "text"
    path.write_bytes(compress(TEXT)[:-20])
    tracemalloc.start()
    for _ in range(5):
        with pytest.raises(CorpusError):
            read_all(str(path), 2**24)
    left = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert left < 2**20


@pytest.mark.parametrize("compress", [as_it_is, *COMPRESSORS.values()], ids=["plain", *COMPRESSORS])
def test_standard_input_is_read_compressed_or_not(
    compress: Compress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(compress(TEXT))))
    assert read_all("-") == TEXT
    assert not sys.stdin.buffer.closed


@pytest.mark.parametrize("compress", [as_it_is, *COMPRESSORS.values()], ids=["plain", *COMPRESSORS])
def test_what_was_looked_at_is_read_afterwards(compress: Compress, tmp_path: Path) -> None:
    with ByteStream(written(tmp_path, compress(TEXT))) as stream:
        assert stream.peek(300) == stream.peek(300) == TEXT[:300]
        assert stream.read(100) + stream.read(len(TEXT)) == TEXT
        assert stream.peek(5) == b""


def test_a_pipe_that_gives_a_few_bytes_at_a_time_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dripping(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(3, size or 0))

    for compressed in [TEXT, gzip.compress(TEXT)]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Dripping(compressed)))
        with ByteStream("-") as stream:
            assert stream.read(1001) == TEXT[:1001]
            assert stream.read(len(TEXT)) == TEXT[1001:]
            assert stream.read(1) == b""


@each_codec
def test_progress_is_counted_in_bytes_on_disk(codec: str, compress: Compress, tmp_path: Path) -> None:
    compressed = compress(TEXT)
    name = written(tmp_path, compressed)
    with ByteStream(name) as stream:
        assert stream.bytes_read == 0
        while stream.read(5000):
            assert 0 < stream.bytes_read <= len(compressed)
        assert stream.bytes_read == len(compressed) == file_bytes(name)


def test_a_file_that_may_not_be_read_is_refused(open_folder: Path, an_ordinary_user: Any) -> None:
    name = written(open_folder, TEXT)
    Path(name).chmod(0)
    with (
        an_ordinary_user(),
        pytest.raises(CorpusError, match=r"cannot open .*corpus\.txt: permission denied"),
    ):
        read_all(name)


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "lost")
    with pytest.raises(CorpusError, match=r"cannot open .*link: No such file"):
        read_all(str(tmp_path / "link"))
    assert file_bytes(str(tmp_path / "link")) is None


class BrokenDisk(io.RawIOBase):
    """Fails once its first `good` bytes are read."""

    def __init__(self, good: int) -> None:
        self.good = good

    def readinto(self, buffer: Any) -> int:
        if not self.good:
            raise OSError(5, "Input/output error")
        size = min(self.good, len(buffer))
        buffer[:size] = b"x" * size
        self.good -= size
        return size

    def readable(self) -> bool:
        return True


@pytest.mark.parametrize("good", [0, 100], ids=["at once", "later"])
def test_a_file_that_fails_while_it_is_read_is_refused(good: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(BrokenDisk(good), 10)))
    with pytest.raises(CorpusError, match="cannot read standard input: Input/output error"):
        read_all("-")


@each_codec
def test_a_compressed_file_on_a_failing_disk_is_not_called_damaged(
    codec: str, compress: Compress, monkeypatch: pytest.MonkeyPatch
) -> None:
    class FailsLate(BrokenDisk):
        compressed = compress(TEXT)[:2000]

        def readinto(self, buffer: Any) -> int:
            size = super().readinto(buffer)
            place = len(self.compressed) - self.good - size
            buffer[:size] = self.compressed[place : place + size]
            return size

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(FailsLate(2000), 10)))
    with pytest.raises(CorpusError, match="cannot read standard input: Input/output error"):
        read_all("-")


@pytest.mark.parametrize("compress", [as_it_is, *COMPRESSORS.values()], ids=["plain", *COMPRESSORS])
@pytest.mark.parametrize("new_size", [0.5, 2], ids=["shrinks", "grows"])
def test_a_file_that_changes_while_it_is_read_is_refused_as_such(
    compress: Compress, new_size: float, tmp_path: Path
) -> None:
    name = written(tmp_path, compress(TEXT * 10))
    with ByteStream(name) as stream:
        assert stream.read(300) == TEXT[:300]
        os.truncate(name, int(new_size * Path(name).stat().st_size))
        with pytest.raises(CorpusError, match=r"corpus\.txt changed while it was read"):
            stream.read(20 * len(TEXT))


def test_a_file_that_changes_behind_standard_input_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = written(tmp_path, TEXT)
    with open(name) as file:  # noqa: PTH123
        monkeypatch.setattr(sys, "stdin", file)
        with ByteStream("-") as stream:
            stream.read(10)
            os.truncate(name, 20)
            with pytest.raises(CorpusError, match="standard input changed while it was read: it shrank"):
                stream.read(10)


def test_a_file_that_is_replaced_while_it_is_read_is_read_to_its_end(tmp_path: Path) -> None:
    name = written(tmp_path, TEXT)
    with ByteStream(name) as stream:
        start = stream.read(300)
        Path(written(tmp_path, b"another text", "new.txt")).replace(name)
        assert start + stream.read(2 * len(TEXT)) == TEXT


@pytest.mark.parametrize("stdin", [None, io.StringIO("text")], ids=["closed", "text alone"])
def test_a_standard_input_that_has_no_bytes_is_refused(stdin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    assert file_bytes("-") is None
    with pytest.raises(CorpusError, match="there is no standard input to read text from; name a file"):
        ByteStream("-")
