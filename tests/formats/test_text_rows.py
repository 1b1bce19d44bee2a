"""What word2vec's text files and GloVe's have in common, with and without a first line."""

import pytest

from wordvec.formats.load import load

with_and_without_header = pytest.mark.parametrize("has_header", [True, False], ids=["word2vec", "GloVe"])


@with_and_without_header
@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_the_first_words_may_be_enough(tmp_path, has_header, limit):
    (tmp_path / "v").write_bytes((b"3 2\n" if has_header else b"") + b"a 1 2\nb c 3 4\nd 5 6\n")
    vectors = load(tmp_path / "v", limit=limit)
    assert vectors.words == ["a", "b c", "d"][:limit]
    assert vectors.matrix.tolist() == [[1, 2], [3, 4], [5, 6]][:limit]


@with_and_without_header
def test_what_follows_the_first_words_is_not_read(tmp_path, has_header):
    (tmp_path / "v").write_bytes((b"3 2\n" if has_header else b"") + b"a 1 2\nb 3 4\nd broken\nand on")
    assert load(tmp_path / "v", limit=2).words == ["a", "b"]


@with_and_without_header
def test_words_with_spaces_and_odd_numbers_are_read_among_thousands_of_others(tmp_path, has_header):
    rows = [f"w{row} {row} 0.5" for row in range(9000)]
    rows[5], rows[8500] = "new york city 1 2", "odd +1.5 1_0"
    header = "9000 2\n" if has_header else ""
    (tmp_path / "v").write_text(header + "\n".join(rows), encoding="utf-8")
    vectors = load(tmp_path / "v")
    assert (vectors.words[5], vectors["new york city"].tolist()) == ("new york city", [1, 2])
    assert vectors["odd"].tolist() == [1.5, 10]
    assert vectors.matrix[[4, 6, 8499, 8999], 0].tolist() == [4, 6, 8499, 8999]
