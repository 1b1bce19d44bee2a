import json
import struct

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from wordvec.errors import ConfigError, FormatError
from wordvec.formats.load import load
from wordvec.formats.safetensors_file import open_tensors
from wordvec.formats.save import save
from wordvec.vectors.word_vectors import WordVectors


@pytest.fixture
def path(tmp_path):
    return tmp_path / "v.safetensors"


def test_any_words_and_their_counts_come_back(counted, path, assert_same):
    save(counted, path)
    assert_same(load(path), counted)


def test_counts_may_be_unknown(plain, path, assert_same):
    save(plain, path)
    assert_same(load(path), plain)


def test_the_tensors_are_those_of_the_page(path):
    save(WordVectors(["é", "", "no"], np.eye(3), counts=[7, 5, 5]), path)
    tensors = load_file(path)
    assert {name: array.tolist() for name, array in tensors.items()} == {
        "vectors": np.eye(3).tolist(),
        "words": list("éno".encode()),
        "word_ends": [2, 2, 4],
        "counts": [7, 5, 5],
    }


def test_the_empty_word_may_be_the_only_one(path, assert_same):
    vectors = WordVectors([""], [[1.0]])
    save(vectors, path)
    assert_same(load(path), vectors)


@pytest.mark.parametrize("mmap", [False, True])
@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_the_first_words_may_be_enough(counted, path, assert_same, limit, mmap):
    save(counted, path)
    first = WordVectors(counted.words[:limit], counted.matrix[:limit], counts=counted.counts[:limit])
    assert_same(load(path, limit=limit, mmap=mmap), first)


def test_a_mapped_matrix_stays_on_the_disk(counted, path, assert_same):
    save(counted, path)
    vectors = load(path, mmap=True)
    assert_same(vectors, counted)
    base = vectors.matrix
    while not isinstance(base, np.memmap):
        base = base.base
    assert base.filename == str(path)


def test_what_cannot_be_mapped_is_reported(plain, tmp_path):
    save(plain, tmp_path / "v.bin")
    with pytest.raises(ConfigError, match=r"mmap must be False for .*v\.bin, which is word2vec-binary"):
        load(tmp_path / "v.bin", mmap=True)


def test_tensors_of_other_programs_are_named(path):
    save_file({"embedding.weight": np.eye(2, dtype=np.float32)}, path)
    with pytest.raises(
        FormatError, match=r"no tensors vectors, word_ends, words, only \['embedding.weight'\]"
    ):
        load(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vectors": np.eye(2)}, r"vectors must be float32 \(V, D\), got F64 \(2, 2\)"),
        ({"vectors": np.eye(3, 2, dtype=np.float32)}, "tensors differ in their rows"),
        ({"vectors": np.ones((0, 2), np.float32)}, r"got F32 \(0, 2\)"),
        ({"vectors": np.float32([[1, np.inf], [2, 3]])}, "must be finite"),
        ({"words": np.array([97, 98])}, "words must be bytes, got I64"),
        ({"words": np.array([97, 255], np.uint8)}, "can't decode byte 0xff"),
        ({"word_ends": np.array([2, 1])}, "the ends of its words do not follow each other"),
        ({"word_ends": np.array([1, 3])}, "the ends of its words do not follow each other"),
        ({"word_ends": np.array([-1, 2])}, "the ends of its words do not follow each other"),
        ({"counts": np.array([1])}, "tensors differ in their rows"),
    ],
)
def test_tensors_that_do_not_fit_are_refused(path, changes, message):
    whole = {
        "vectors": np.eye(2, dtype=np.float32),
        "words": np.array([97, 98], np.uint8),
        "word_ends": np.array([1, 2]),
    }
    save_file(whole | changes, path)
    with pytest.raises(FormatError, match=rf"v\.safetensors is damaged.*{message}"):
        load(path)


def test_a_repeated_word_is_kept_once_with_its_count(path):
    save_file(
        {
            "vectors": np.float32([[1], [2], [3]]),
            "words": np.frombuffer(b"aba", np.uint8),
            "word_ends": np.array([1, 2, 3]),
            "counts": np.array([7, 5, 3]),
        },
        path,
    )
    with pytest.warns(UserWarning, match="repeats 1 words, as 'a'"):
        vectors = load(path)
    assert (vectors.words, vectors.matrix.tolist(), vectors.counts.tolist()) == (
        ["a", "b"],
        [[1], [2]],
        [7, 5],
    )


def test_words_that_are_no_text_are_refused(path):
    with pytest.raises(FormatError, match="not valid Unicode text"):
        save(WordVectors(["\ud800"], [[1.0]]), path)
    assert not path.exists()


def test_the_file_is_for_those_whom_others_are_for(plain, path, tmp_path):
    save(plain, path)
    save(plain, tmp_path / "v.bin")
    assert path.stat().st_mode == (tmp_path / "v.bin").stat().st_mode


def test_a_mapped_matrix_is_where_the_checked_header_says(path):
    header = json.dumps(
        {
            "vectors": {"dtype": "F32", "shape": [1, 1], "data_offsets": [0, 4]},
            "words": {"dtype": "U8", "shape": [1], "data_offsets": [12, 13]},
            "word_ends": {"dtype": "I64", "shape": [1], "data_offsets": [4, 12]},
        }
    ).encode()
    data = struct.pack("<fq", 2.5, 1) + b"a"
    path.write_bytes(struct.pack("<Q", len(header)) + header + data)
    assert load(path, mmap=True)["a"].tolist() == [2.5]
    path.write_bytes(struct.pack("<Q", len(header)) + header + data[:-1])
    with pytest.raises(FormatError, match="damaged or cut short"):
        load(path, mmap=True)


def test_the_file_that_was_opened_is_the_one_that_is_mapped(tmp_path):
    path = tmp_path / "v.safetensors"
    save(WordVectors(["tide", "moon"], [[1.0, 2.0], [3.0, 4.0]]), path)
    with open_tensors(path, "get it again") as tensors:
        save(WordVectors(["x"], [[9.0]]), path)
        assert tensors.floats("vectors", None, mmap=True).tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize("size", [0x2031, 0x0A20, 0x2009])
def test_a_file_whose_first_bytes_are_printable_is_not_taken_for_text(tmp_path, size):
    """The length of the header comes first, and what it has in it may look like the numbers of vectors."""
    vectors = WordVectors(["river", "1 0.25 0.5 1.5"], [[0.5, 1, 2], [1, 2, 3]])
    save(vectors, tmp_path / "v.safetensors")
    content = (tmp_path / "v.safetensors").read_bytes()
    old = int.from_bytes(content[:8], "little")
    header = content[8 : 8 + old].rstrip() + b" " * size
    padded = size.to_bytes(8, "little") + header[:size] + content[8 + old :]
    (tmp_path / "padded").write_bytes(padded)
    assert load(tmp_path / "padded").words == vectors.words
