import bz2
import gzip
import io
import lzma
import os
import pickle
import zipfile

import numpy as np
import pytest

from wordvec.errors import FormatError
from wordvec.formats.detect import detect
from wordvec.formats.load import load
from wordvec.formats.save import save
from wordvec.storage.format_table import NAMES
from wordvec.vectors.word_vectors import WordVectors


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dim", [2, 3, 300])
def test_the_content_decides_not_the_name(tmp_path, name, dim):
    rng = np.random.default_rng(dim)
    vectors = WordVectors(["0.5", "1", "the", "東京"], rng.normal(size=(4, dim)))
    save(vectors, tmp_path / "vectors.misleading", name)
    assert detect(tmp_path / "vectors.misleading") == name


@pytest.mark.parametrize("seed", range(20))
def test_a_binary_file_is_never_taken_for_text(tmp_path, seed):
    bits = np.random.default_rng(seed).integers(0, 2**32, size=40, dtype=np.uint32)
    numbers = np.nan_to_num(bits.view(np.float32)).reshape(5, 8)
    save(WordVectors(list("abcde"), numbers), tmp_path / "v.bin")
    assert detect(tmp_path / "v.bin") == "word2vec-binary"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"2 3\nfoo 0.1 abc 0.2\nbar 1 2 3\n", "word2vec-text"),
        (b"2 3\nfoo 0.1 0.2\nbar 1 2 3\n", "word2vec-text"),
        (b"2 3\nfoo 0.1 0.2 0.3", "word2vec-text"),
        (b"2 3\nf\xffo 0.1 0.2 0.3\n", "word2vec-text"),
        (b"2 1\na 333?\nb 333?", "word2vec-binary"),
        (b"1 2\na 1 2 \xff\xff\xff\xff\n", "word2vec-binary"),
        (b"1 2\na 1 2 \x00\x00\x00\x00\n", "word2vec-binary"),
        (b"2 3\n", "word2vec-binary"),
    ],
    ids=[
        "word for number",
        "short row",
        "one row",
        "bytes",
        "printable",
        "half printable",
        "zeros",
        "header alone",
    ],
)
def test_damaged_files_go_to_the_reader_that_can_say_what_is_wrong(tmp_path, content, expected):
    (tmp_path / "v").write_bytes(content)
    assert detect(tmp_path / "v") == expected


def test_rows_longer_than_the_sample_are_still_recognized(tmp_path):
    vectors = WordVectors(["a", "b"], np.random.default_rng(1).normal(size=(2, 150_000)))
    for name in ("word2vec-binary", "word2vec-text"):
        save(vectors, tmp_path / name, name)
        assert detect(tmp_path / name) == name


def zip_archive():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("vectors.txt", "a 1 2")
    return file.getvalue()


def npy_file():
    file = io.BytesIO()
    np.save(file, np.eye(2))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"the quick brown fox\n", r"not of a known format, it begins with b'the quick brown fox"),
        (b"In 1999\nand 2001\n", "not of a known format"),
        (b"the 1 2\njumps over the dog\n", "line 2: expected a word and 2 numbers, got 0 numbers"),
        (b"1 2 words\n", "not of a known format"),
        (b"\x00" * 100, "not of a known format"),
        (
            pickle.dumps({"a": [1.0]}),
            "a Python pickle .*never opened: in gensim, vectors.save_word2vec_format",
        ),
        (zip_archive(), "a zip archive: extract it"),
        (npy_file(), "a NumPy array"),
    ],
    ids=[
        "empty",
        "prose",
        "two columns",
        "prose later",
        "three words",
        "zeros",
        "pickle",
        "zip",
        "npy",
    ],
)
def test_what_is_not_vectors_is_named(tmp_path, content, message):
    (tmp_path / "v").write_bytes(content)
    with pytest.raises(FormatError, match=message):
        load(tmp_path / "v")


def test_a_missing_path_is_named(tmp_path):
    with pytest.raises(FormatError, match=r"model.wv does not exist"):
        load(tmp_path / "model.wv")


def test_a_folder_of_other_things_is_not_a_model(tmp_path):
    with pytest.raises(FormatError, match=r"is a folder without config\.json and vectors\.safetensors"):
        load(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FormatError, match="neither a file nor a folder"):
        load(tmp_path / "pipe")


def test_a_path_through_a_file_is_reported(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FormatError, match="cannot be read: Not a directory"):
        load(tmp_path / "file" / "model.wv")


@pytest.mark.parametrize(
    "content", ["2 2\nfern 1 2\nmoss 3 4\n", "fern 1 2\nmoss 3 4\n"], ids=["word2vec", "glove"]
)
def test_vectors_stored_in_a_zip_archive_are_not_read_with_its_bytes_in_a_word(tmp_path, content):
    with zipfile.ZipFile(tmp_path / "plants.txt", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("plants.vec", content)
    with pytest.raises(FormatError, match="looks like a zip archive: extract it"):
        detect(tmp_path / "plants.txt")


def test_a_file_of_pytorch_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "plants.pt", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("plants/data.pkl", b"\x80\x02}q\x00.")
    with pytest.raises(FormatError, match=r"looks like a PyTorch file.*weights_only=True"):
        detect(tmp_path / "plants.pt")


def test_a_file_of_the_older_pytorch_is_named(tmp_path):
    start = pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2)  # its magic number
    (tmp_path / "plants.pt").write_bytes(start + pickle.dumps(1001, protocol=2))
    with pytest.raises(FormatError, match=r"looks like a PyTorch file.*weights_only=True"):
        detect(tmp_path / "plants.pt")


@pytest.mark.parametrize("name", ["safetensors", "numpy", "parquet"])
@pytest.mark.parametrize(
    ("pack", "unpacker"),
    [(gzip.compress, "gzip -dk"), (bz2.compress, "bzip2 -dk"), (lzma.compress, "xz -dk")],
)
def test_a_compressed_file_that_is_not_read_compressed_is_named_with_the_command_that_decompresses_it(
    tmp_path, name, pack, unpacker
):
    save(WordVectors(["fern", "moss"], np.eye(2)), tmp_path / "plants", name)
    (tmp_path / "plants.gz").write_bytes(pack((tmp_path / "plants").read_bytes()))
    with pytest.raises(FormatError, match=rf"is {name}, compressed by .*;.*\({unpacker}\)"):
        load(tmp_path / "plants.gz")


@pytest.mark.parametrize("inner", [gzip.compress, bz2.compress, lzma.compress])
def test_what_is_compressed_twice_is_reported(tmp_path, inner):
    (tmp_path / "plants.vec").write_bytes(gzip.compress(inner(b"fern 1 2\nmoss 3 4\n")))
    with pytest.raises(FormatError, match=r"is compressed twice, with .* inside"):
        load(tmp_path / "plants.vec")
