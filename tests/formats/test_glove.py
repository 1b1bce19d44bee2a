import gzip

import numpy as np
import pytest

from wordvec.errors import FormatError
from wordvec.formats import glove
from wordvec.formats.detect import load, save


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
    path.write_bytes(b"2024 3 4 5\n1 2 3 4\n")
    assert (load(path).words, load(path).dim) == (["2024", "1"], 3)


def test_awkward_words_and_numbers_come_back(plain, path, assert_same):
    save(plain, path, "glove")
    assert path.read_bytes().startswith(b"</s> ")
    assert_same(load(path), plain)


def test_lines_are_counted_across_blocks(plain, path, assert_same, monkeypatch):
    monkeypatch.setattr(glove, "BYTES_PER_READ", 3)
    save(plain, path, "glove")
    assert_same(load(path), plain)


def test_a_damaged_row_is_named_by_its_line(path):
    path.write_bytes(b"the 1 2\nof 3 4\nand 5\n")
    with pytest.raises(FormatError, match="line 3: expected a word and 2 numbers"):
        load(path)


def test_another_format_is_refused_by_the_reader_itself(path):
    path.write_bytes(b"hello world\n")
    with pytest.raises(FormatError, match="no GloVe file"):
        glove.read(path)


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_the_first_words_may_be_enough(tmp_path, limit):
    (tmp_path / "v").write_bytes(b"" + b"a 1 2\nb c 3 4\nd 5 6\n")
    vectors = load(tmp_path / "v", limit=limit)
    assert vectors.words == ["a", "b c", "d"][:limit]
    assert vectors.matrix.tolist() == [[1, 2], [3, 4], [5, 6]][:limit]


def test_what_follows_the_first_words_is_not_read(tmp_path):
    (tmp_path / "v").write_bytes(b"" + b"a 1 2\nb 3 4\nd broken\nand on")
    assert load(tmp_path / "v", limit=2).words == ["a", "b"]


def test_words_with_spaces_and_odd_numbers_are_read_among_thousands_of_others(tmp_path):
    rows = [f"w{row} {row} 0.5" for row in range(9000)]
    rows[5], rows[8500] = "new york city 1 2", "odd +1.5 1_0"
    header = ""
    (tmp_path / "v").write_text(header + "\n".join(rows), encoding="utf-8")
    vectors = load(tmp_path / "v")
    assert (vectors.words[5], vectors["new york city"].tolist()) == ("new york city", [1, 2])
    assert vectors["odd"].tolist() == [1.5, 10]
    assert vectors.matrix[[4, 6, 8499, 8999], 0].tolist() == [4, 6, 8499, 8999]
