import gzip

import numpy as np
import pytest

from wordvec.errors import FormatError
from wordvec.formats import text_vectors
from wordvec.formats.load import load
from wordvec.formats.save import save


@pytest.fixture
def path(tmp_path):
    return tmp_path / "glove.6B.2d.txt"


@pytest.mark.parametrize(
    "change", [bytes, bytes.rstrip, gzip.compress], ids=["plain", "no final line end", "gzip"]
)
def test_a_file_without_header_is_read(path, change):
    path.write_bytes(change(b"the 0.418 0.24968\n, 0.013441 0.23682\n. . . 1 2\n2024 3 4\n"))
    vectors = load(path)
    assert vectors.words == ["the", ",", ". . .", "2024"]
    assert (
        vectors.matrix.tolist()
        == np.float32([[0.418, 0.24968], [0.013441, 0.23682], [1, 2], [3, 4]]).tolist()
    )


def test_a_number_may_be_the_first_word(path):
    path.write_bytes(b"2024 3 4 5.5\n1 2 3 4\n")
    assert (load(path).words, load(path).dim) == (["2024", "1"], 3)


def test_awkward_words_and_numbers_come_back(plain, path, assert_same):
    save(plain, path, "glove")
    assert path.read_bytes().startswith(b"</s> ")
    assert_same(load(path), plain)


def test_lines_are_counted_across_blocks(plain, path, assert_same, monkeypatch):
    monkeypatch.setattr(text_vectors, "BYTES_PER_READ", 3)
    save(plain, path, "glove")
    assert_same(load(path), plain)


def test_a_damaged_row_is_named_by_its_line(path):
    path.write_bytes(b"the 1 2\nof 3 4\nand 5\n")
    with pytest.raises(FormatError, match="line 3: expected a word and 2 numbers"):
        load(path)


def test_another_format_is_refused_by_the_reader_itself(path):
    path.write_bytes(b"hello world\n")
    with pytest.raises(FormatError, match="is not a GloVe file"):
        text_vectors.read_glove(path)
