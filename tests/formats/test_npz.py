import io
import os
import pickle
import zipfile

import numpy as np
import pytest

from wordvec.errors import FormatError
from wordvec.formats import npz
from wordvec.formats.load import load
from wordvec.formats.npz import read_header
from wordvec.formats.save import save
from wordvec.vectors.word_vectors import WordVectors


@pytest.fixture
def path(tmp_path):
    return tmp_path / "v.npz"


@pytest.fixture
def counted(full):
    """What such a file can hold of a model."""
    words = [word.rstrip("\0") for word in full.words]
    return WordVectors(words, full.matrix, counts=full.counts)


def test_words_vectors_and_counts_come_back(counted, path, assert_same):
    save(counted, path)
    assert_same(load(path), counted)


def test_numpy_reads_what_is_written_without_pickle(counted, path):
    save(counted, path)
    with np.load(path, allow_pickle=False) as arrays:
        assert arrays["words"].tolist() == counted.words
        assert arrays["vectors"].tobytes() == counted.matrix.tobytes()
        assert arrays["counts"].tobytes() == counted.counts.tobytes()


@pytest.mark.parametrize("write", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", "<f2"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("limit", [None, 2, 9])
def test_what_numpy_writes_is_read(path, write, dtype, order, limit):
    matrix = np.arange(15, dtype=dtype).reshape(3, 5)
    write(path, words=["a", "é", "ccc"], vectors=np.asarray(matrix, order=order), counts=np.uint8([3, 2, 1]))
    vectors = load(path, limit=limit)
    assert vectors.words == ["a", "é", "ccc"][:limit]
    assert vectors.matrix.tolist() == matrix[:limit].tolist()
    assert vectors.counts.tolist() == [3, 2, 1][:limit]


def test_a_pickle_inside_is_not_opened(path, tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "run"),)

    np.savez(path, words=np.array([Evil()], dtype=object), vectors=np.eye(1))
    with pytest.raises(FormatError, match="holds Python objects, as a pickle, which may run any code"):
        load(path)
    assert not (tmp_path / "run").exists()
    with np.load(path, allow_pickle=True) as arrays:
        arrays["words"]
    assert (tmp_path / "run").exists()  # it would have


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"vectors": np.eye(2)}, r'must have the arrays "words" and "vectors", got vectors\.npy; with them'),
        ({"words": ["a"], "vectors": np.eye(2)}, "arrays do not fit together"),
        ({"words": ["a", "b"], "vectors": np.ones(2)}, "arrays do not fit together"),
        ({"words": [["a", "b"]], "vectors": np.eye(1)}, "arrays do not fit together"),
        ({"words": ["a", "b"], "vectors": np.ones((2, 0))}, "arrays do not fit together"),
        ({"words": ["a"], "vectors": np.ones((1, 1, 1))}, "an array"),
        ({"words": [b"a"], "vectors": np.eye(1)}, "an array"),
        ({"words": ["a"], "vectors": [[True]]}, "an array"),
        ({"words": ["a"], "vectors": [[1]]}, "vectors has the type int64"),
        ({"words": ["a"], "vectors": np.eye(1), "counts": [0.5]}, "counts has the type float64"),
        ({"words": ["a"], "vectors": np.eye(1), "counts": [-1]}, "counts must be from 0 to .*, got -1 to -1"),
        ({"words": ["a"], "vectors": np.eye(1), "counts": np.uint64([2**63])}, "counts must be from 0 to "),
        ({"words": ["a"], "vectors": [[np.nan]]}, "must be finite"),
        ({"words": ["\ud800"], "vectors": np.eye(1)}, "surrogates not allowed"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(path, arrays, message):
    np.savez(path, **arrays)
    with pytest.raises(FormatError, match=message):
        load(path)


def archive_of(path, content, packing=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("words.npy", content)
        archive.writestr("vectors.npy", npy(np.eye(2)))


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (npy(np.array(["a", "b"]))[:-1], r"words promises 8 bytes, and has \d+"),
        (npy(np.array(["a", "b"]))[:9], "an array"),
        (b"PK", "does not begin as in a .npy file"),
        (
            npy(np.array(["a", "b"])).replace(b"(2,)", b"(9" + b"9" * 16 + b",)"),
            "an array does not begin|promises",
        ),
        (npy(np.array(["a", "b"])).replace(b"<U1", b"<U0"), "an array"),
        (npy(np.array(["a", "b"])).replace(b"b\0\0\0", b"\0\0\x11\0"), "numbers that are not characters"),
        (
            npy(np.array(["a", "b"], ">U1")).replace(b"\0\0\0b", b"\0\x11\0\0"),
            "numbers that are not characters",
        ),
    ],
    ids=["short", "no header", "nothing", "many", "no letters", "no character", "no character, turned"],
)
def test_damage_in_an_array_is_reported(path, content, message):
    archive_of(path, content)
    with pytest.raises(FormatError, match=message):
        load(path)


def test_damage_in_an_array_compressed_with_lzma_is_reported(path):
    archive_of(path, npy(np.array(["a", "b"])), zipfile.ZIP_LZMA)
    data = bytearray(path.read_bytes())
    start = data.index(b"words.npy") + len("words.npy") + 10
    data[start : start + 40] = b"\xff" * 40
    path.write_bytes(data)
    with pytest.raises(FormatError, match=r"is damaged or cut short: .*; get the file again"):
        load(path)


def test_the_names_of_other_arrays_take_one_short_line(path):
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a\nb.npy", "c" * 5000):
            archive.writestr(name, b"")
    with pytest.raises(FormatError, match=r"got 'a\\nb\.npy, c*'; with them, np\.savez") as refused:
        npz.read_npz(path)
    assert len(str(refused.value)) < 400


def test_an_archive_that_lies_about_sizes_is_refused_before_memory_is_taken(path):
    words = npy(np.zeros(2, "<U1000000"))
    archive_of(path, words, zipfile.ZIP_LZMA)  # 8 MB in some hundred bytes
    with pytest.raises(FormatError, match="words cannot be as long as it says"):
        load(path)


def test_a_file_cut_anywhere_is_refused(path, plain):
    save(WordVectors(["a", "b"], np.eye(2)), path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(FormatError):
            load(path)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nul\0", "a"], r"cannot hold the word 'nul\\x00' \(row 0\)"),
        (["a", "b" * 10_000_000], "the room of the longest, which has 10,000,000 characters"),
    ],
    ids=["nul", "long"],
)
def test_words_that_numpy_cannot_hold_are_refused(path, words, message):
    with pytest.raises(FormatError, match=rf"{message}.*save as \.safetensors or \.parquet"):
        save(WordVectors(words, np.eye(2)), path)
    assert not path.exists()


def test_half_a_character_is_refused_before_anything_is_written(path):
    with pytest.raises(FormatError, match=r"the word '\\ud800' \(row 1\) is not valid Unicode text"):
        save(WordVectors(["a", "\ud800"], np.eye(2)), path)
    assert not path.exists()


def test_a_header_is_read_without_running_it():
    header = npy(np.eye(1)).replace(b"'<f8'", b"str()")
    with pytest.raises(ValueError, match="an array"):
        read_header(io.BytesIO(header))


def test_a_pickle_in_the_place_of_an_archive_is_named(path):
    path.write_bytes(pickle.dumps({}))
    with pytest.raises(FormatError, match="a Python pickle"):
        load(path)
    with pytest.raises(FormatError, match="damaged or cut short: File is not a zip file"):
        npz.read_npz(path)


def test_a_long_word_that_numpy_cannot_hold_is_not_repeated_whole(tmp_path):
    with pytest.raises(FormatError, match="NumPy cannot hold the word 'xxx") as problem:
        save(WordVectors(["x" * 5000 + "\0"], [[1.0]] * 1), tmp_path / "v.npz", "numpy")
    assert len(str(problem.value)) < 300 + len(str(tmp_path))
