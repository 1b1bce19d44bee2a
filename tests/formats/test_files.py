import bz2
import gzip
import io
import lzma
import tracemalloc
from contextlib import suppress
from functools import partial

import numpy as np
import pyarrow as pa
import pytest

from wordvec.errors import ConfigError, FormatError
from wordvec.formats.files import open_vectors
from wordvec.formats.load import load
from wordvec.formats.save import save
from wordvec.vectors.word_vectors import WordVectors


def zstd(content):
    return pa.compress(content, codec="zstd", asbytes=True)


def halves(pack, between=b""):
    """Two members, one after the other."""
    return lambda content: pack(content[: len(content) // 2]) + between + pack(content[len(content) // 2 :])


SKIPPED_FRAME = b"\x5a\x2a\x4d\x18\x03\x00\x00\x00abc"
PACKERS = {
    "gzip": gzip.compress,
    "gzip, padded": lambda content: gzip.compress(content) + bytes(512),
    "bzip2": bz2.compress,
    "bzip2 -1": partial(bz2.compress, compresslevel=1),
    "bzip2 -5": partial(bz2.compress, compresslevel=5),
    "bzip2, two members": halves(bz2.compress),
    "xz": partial(lzma.compress, preset=0),
    "xz, two members": halves(partial(lzma.compress, preset=0)),
    "zstd": zstd,
    "zstd, two frames": halves(zstd, SKIPPED_FRAME),
    "zstd, after a skipped frame": lambda content: SKIPPED_FRAME + zstd(content),
}
PLAIN = {"word2vec-text", "word2vec-binary", "glove"}


@pytest.fixture
def vectors():
    numbers = np.random.default_rng(4).normal(size=(300, 7)).astype(np.float32)
    return WordVectors([f"wört{number}" for number in range(300)], numbers)


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
@pytest.mark.parametrize("name", sorted(PLAIN))
def test_compressed_vectors_are_read_under_any_name(tmp_path, vectors, assert_same, name, pack):
    save(vectors, tmp_path / "v", name)
    (tmp_path / "v").write_bytes(pack((tmp_path / "v").read_bytes()))
    assert_same(load(tmp_path / "v"), vectors)
    assert load(tmp_path / "v", limit=5).words == vectors.words[:5]


def test_a_file_named_like_standard_input_is_a_file(tmp_path, vectors, monkeypatch, assert_same):
    save(vectors, tmp_path / "v.txt")
    (tmp_path / "-").write_bytes(bz2.compress((tmp_path / "v.txt").read_bytes()))
    monkeypatch.chdir(tmp_path)
    assert_same(load("-"), vectors)


@pytest.mark.parametrize("name", sorted(PLAIN))
@pytest.mark.parametrize("packing", ["bzip2", "xz", "zstd", "gzip"])
def test_a_compressed_file_cut_anywhere_is_refused(tmp_path, vectors, name, packing):
    save(vectors, tmp_path / "v", name)
    packed = PACKERS[packing]((tmp_path / "v").read_bytes())
    for length in range(12, len(packed), len(packed) // 9):
        (tmp_path / "v").write_bytes(packed[:length])
        with pytest.raises(
            FormatError, match=rf"v is damaged or incomplete {packing} data, after [\d,]+ bytes"
        ):
            load(tmp_path / "v")


@pytest.mark.parametrize("packing", ["bzip2", "xz", "zstd"])
def test_damage_in_a_compressed_file_is_a_format_error(tmp_path, vectors, packing):
    save(vectors, tmp_path / "v.txt")
    packed = PACKERS[packing]((tmp_path / "v.txt").read_bytes())
    for place in range(0, len(packed), len(packed) // 50):
        (tmp_path / "v.txt").write_bytes(packed[:place] + bytes([packed[place] ^ 255]) + packed[place + 1 :])
        with suppress(FormatError):
            load(tmp_path / "v.txt")


@pytest.mark.parametrize("packing", ["gzip", "bzip2", "xz", "zstd"])
def test_going_back_in_a_compressed_file_unpacks_it_again(tmp_path, packing):
    content = np.random.default_rng(1).bytes(300_000)
    (tmp_path / "v").write_bytes(PACKERS[packing](content))
    with open_vectors(tmp_path / "v") as file:
        assert file.stream.read(200_000) == content[:200_000]
        file.stream.seek(70_000)
        assert file.stream.read(5) == content[70_000:70_005]
        with pytest.raises(io.UnsupportedOperation, match="read from its start"):
            file.stream.seek(0, io.SEEK_END)


@pytest.mark.parametrize("packing", ["bzip2", "xz", "zstd"])
@pytest.mark.parametrize("rest", [b"a 1 2\n", b"a\x00"], ids=["text", "binary"])
def test_a_compressed_header_that_promises_too_much_takes_no_memory(tmp_path, packing, rest):
    (tmp_path / "v").write_bytes(PACKERS[packing](b"1000000 100\n" + rest))
    load_refused = pytest.raises(FormatError, match=r"promises 1,000,000 words x 100.* only \d+ follow")
    tracemalloc.start()
    with load_refused:
        load(tmp_path / "v")
    assert tracemalloc.get_traced_memory()[1] < 30 * 2**20
    tracemalloc.stop()


@pytest.mark.parametrize("packing", ["bzip2", "zstd", "xz"])
def test_what_is_compressed_better_than_gzip_can_is_read(tmp_path, packing):
    content = b"2 200000\nfern" + b" 1" * 200_000 + b"\nmoss" + b" 1" * 200_000 + b"\n"
    (tmp_path / "v").write_bytes(PACKERS[packing](content))
    assert len(content) > 1032 * (tmp_path / "v").stat().st_size
    assert (load(tmp_path / "v").matrix == 1).all()


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst"])
@pytest.mark.parametrize("name", [None, "glove"])
def test_compressed_vectors_are_not_written_and_the_file_that_is_there_stays(tmp_path, vectors, suffix, name):
    path = tmp_path / f"v.txt{suffix}"
    path.write_bytes(b"as it was")
    with pytest.raises(ConfigError, match=rf"leave out \{suffix} and run (gzip|bzip2|xz|zstd) after"):
        save(vectors, path, name)
    assert path.read_bytes() == b"as it was"
