"""The layout of a text of vectors is found from several rows; what is odd is refused with its line."""

import numpy as np
import pytest

from wordvec.errors import ConfigError, FormatError
from wordvec.formats import text_layout, text_vectors
from wordvec.formats.load import load
from wordvec.formats.save import save
from wordvec.formats.text_layout import SAMPLE_BYTES, find_dim, sample_rows
from wordvec.vectors.word_vectors import WordVectors

MARK = b"\xef\xbb\xbf"
ROWS = b"river 0.5 -0.25 2\nlake 1e-1 3 0.75\nsea -1 0 0.125\n"
WORDS = ["river", "lake", "sea"]
NUMBERS = np.float32([[0.5, -0.25, 2], [0.1, 3, 0.75], [-1, 0, 0.125]])

with_and_without_header = pytest.mark.parametrize("header", [b"3 3\n", b""], ids=["word2vec", "GloVe"])


@pytest.fixture
def read(tmp_path):
    """Read vectors from a file with this content."""

    def read_content(content, **how):
        (tmp_path / "v.txt").write_bytes(content)
        return load(tmp_path / "v.txt", **how)

    return read_content


@pytest.fixture
def refusal(read):
    """The message with which this content is refused."""

    def refusal_of(content, **how):
        with pytest.raises(FormatError) as problem:
            read(content, **how)
        message = str(problem.value)
        assert "\n" not in message
        return message

    return refusal_of


def tab_after_the_word(rows):
    return b"".join(row.replace(b" ", b"\t", 1) for row in rows.splitlines(keepends=True))


@with_and_without_header
@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.replace(b" ", b"\t"),
        tab_after_the_word,
        lambda rows: b"".join(
            row.replace(b" ", b"\t").replace(b"\t", b" ", 1) for row in rows.splitlines(True)
        ),
        lambda rows: rows.replace(b" ", b"\t").replace(b"\n", b"\t\r\n"),
        lambda rows: rows.replace(b"river ", b"river  "),
        lambda rows: rows.replace(b" ", b"   "),
        lambda rows: b"".join(b"  " + row for row in rows.splitlines(keepends=True)),
        lambda rows: rows + b"\n",
        lambda rows: rows + b"\n \n\t\n\r\n",
        lambda rows: rows.replace(b"\n", b"\r\n") + b"\r\n",
    ],
    ids=[
        "tabs",
        "a tab after the word",
        "a space after the word",
        "tabs and a last one",
        "two spaces once",
        "three spaces",
        "spaces before",
        "a blank line at the end",
        "several blank lines",
        "a blank line of Windows",
    ],
)
def test_rows_are_read_with_any_white_space(read, header, change):
    vectors = read(header + change(ROWS))
    assert vectors.words == WORDS
    assert vectors.matrix.tobytes() == NUMBERS.tobytes()


@pytest.mark.parametrize(
    "header",
    [b"3\t3\n", b" 3 3\n", b"# 3 3\n", b"#3 3\n", MARK + b"3 3\n", MARK + b"3 3\r\n", MARK],
    ids=["tab", "space before", "savetxt", "savetxt without space", "mark", "mark and Windows", "mark alone"],
)
def test_headers_and_marks_of_other_tools_are_no_part_of_a_word(read, header):
    vectors = read(header + ROWS)
    assert vectors.words == WORDS
    assert vectors.matrix.tobytes() == NUMBERS.tobytes()


def test_the_number_sign_is_a_word_where_its_row_is_like_the_others(read):
    assert read(b"# 5 7\nriver 0.5 1\nlake 0.25 2\n").words == ["#", "river", "lake"]
    assert read(b"# 2 2\nriver 0.5 1\nlake 0.25 2\n").words == [
        "river",
        "lake",
    ]  # which is how many there are
    assert read(b"lake 0.25 2\n# 2 2\n").words == ["lake", "#"]


@with_and_without_header
def test_words_have_spaces_and_numbers_where_nothing_else_is_possible(read, header):
    rows = [b". . . 0.5 1 2", b"at name@example.org 1.5 1 2", b"area 51 0.5 1 2", b"2024 0.5 1 2"]
    vectors = read(header.replace(b"3 ", b"4 ") + b"\n".join(rows))
    assert vectors.words == [". . .", "at name@example.org", "area 51", "2024"]


def test_what_a_tab_follows_is_the_word_with_any_numbers_in_it(read):
    vectors = read(b"python 2.7\t0.5\t1\nnew york\t1\t0.5\n1 000\t0.5 1\nsea\t1\t.5\n")
    assert vectors.words == ["python 2.7", "new york", "1 000", "sea"]
    assert vectors.matrix.tolist() == [[0.5, 1], [1, 0.5], [0.5, 1], [1, 0.5]]
    assert read(b"item 17\t0.5\t1\nitem 18\t1\t0.5\n").words == ["item 17", "item 18"]
    assert read(b"river 7\t5\t1\nlake 8\t1\t2\n").words == ["river", "lake"]  # 7 is a number like the others


def test_rows_are_read_in_blocks_of_any_size(read, monkeypatch):
    monkeypatch.setattr(text_vectors, "BYTES_PER_BLOCK", 20)
    for rows in (ROWS, tab_after_the_word(ROWS).replace(b"lake", b"lake 51")):
        assert read(rows).matrix.tobytes() == NUMBERS.tobytes()


@with_and_without_header
@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (lambda rows: rows.replace(b" 2\nl", b" 2l"), 1, "more numbers, in b'river 0.5 -0.25 2lake"),
        (lambda rows: rows.replace(b"\nl", b" l"), 1, "more numbers, in b'river 0.5 -0.25 2 lake"),
        (lambda rows: rows.replace(b"\ns", b" s"), 2, "more numbers, in b'lake 1e-1 3 0.75 sea"),
        (lambda rows: rows.replace(b" ", b"\t").replace(b"\nl", b"l"), 1, "more numbers, in b'river"),
        (lambda rows: rows.replace(b" 2\n", b"\n"), 1, "2 numbers in b'river 0.5 -0.25'"),
        (lambda rows: rows.replace(b" ", b"\t").replace(b"\t2\n", b"\n"), 1, "2 numbers in b'river"),
        (lambda rows: rows.replace(b"river 0.5 ", b"red river 0.5 "), 1, None),
        (lambda rows: rows.replace(b" 0.125", b""), 3, "2 numbers in b'sea -1 0'"),
        (lambda rows: rows.replace(b"lake ", b"lake 0.5 "), 2, "more numbers, in b'lake 0.5"),
        (lambda rows: rows.replace(b"lake ", b"lake .5\t"), 2, "more numbers, in b'lake .5"),
        (lambda rows: rows.replace(b"\nlake", b"\n\nlake"), 2, "a blank line"),
        (lambda rows: b"\n" + rows, 1, "a blank line"),
        (lambda rows: rows.replace(b"\n", b"\r"), 1, "more numbers, in b'river"),
    ],
    ids=[
        "lost line break",
        "space for a line break",
        "space for the last line break",
        "tabs and a lost line break",
        "cut first row",
        "tabs and a cut first row",
        "a word of two",
        "cut last row",
        "a number too many",
        "a tab after one too many",
        "blank line between",
        "blank line at first",
        "lines of an old Macintosh",
    ],
)
def test_a_row_with_other_numbers_than_the_rest_is_named(refusal, read, header, change, line, message):
    content = header + change(ROWS)
    if message is None:
        assert read(content).words[0] == "red river"
        return
    line += header != b""
    assert f"v.txt, line {line}: expected a word and 3 numbers, got {message}" in refusal(content)


def test_a_word_is_not_completed_by_the_numbers_of_a_cut_row(refusal):
    message = refusal(b"area 51\t0.5\narea 52\t1\t0.5\nlake\t1\t0.5\n")
    assert "line 1: expected a word and 2 numbers, got 1 numbers" in message


@pytest.mark.parametrize("dim", [1, 2])
def test_no_number_of_a_lost_line_break_is_part_of_a_word(refusal, dim):
    rows = b"".join(b"%s%s\n" % (word.encode(), b" 7" * dim) for word in WORDS)
    message = refusal(b"3 %d\n" % dim + rows.replace(b"7\nlake", b"7lake") + b"more 1.5 2\n")
    assert f"line 2: expected a word and {dim} numbers, got more numbers" in message


@pytest.mark.parametrize("rows", [ROWS, ROWS.replace(b" ", b"\t")], ids=["spaces", "tabs"])
@pytest.mark.parametrize(
    ("first", "message"),
    [
        (b" 0 1 2\n", "line 1: its numbers 0, ... count the columns"),
        (b"\t0\t1\t2\n", "line 1: its numbers 0, ... count the columns"),
        (b"word 1 2 3\n", "line 1: its numbers 1, ... count the columns"),
        (
            b"word x y z\n",
            "line 1: expected a word and 3 numbers, got 0 numbers in b'word x y z'; remove the line",
        ),
        (b"word\td0\td1\td2\n", "line 1: expected a word and 3 numbers, got 0 numbers in b'word"),
        (b"# from a survey\n", "line 1: expected a word and 3 numbers, got 0 numbers in b'# from a survey'"),
    ],
    ids=["pandas", "pandas with tabs", "from 1", "names", "names with tabs", "comment"],
)
def test_the_header_of_a_table_is_not_a_vector(refusal, rows, first, message):
    assert message in refusal(first + rows)


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("separator", [b" ", b"\t"], ids=["spaces", "tabs"])
def test_the_index_of_a_table_is_not_a_part_of_a_word(refusal, start, separator):
    rows = ROWS.replace(b" ", separator).splitlines(keepends=True)
    content = b"".join(b"%d%s%s" % (start + row, separator, line) for row, line in enumerate(rows))
    assert f"line 1: b'{start}" in refusal(content)
    assert "begins with a row number" in refusal(content)


def test_words_may_begin_with_numbers_that_count_no_rows(read):
    assert read(b"1 row 0.5 1\n2 rows 1 0.5\nriver 0.5 2\n").words == ["1 row", "2 rows", "river"]


def test_a_vector_that_could_count_columns_is_one_where_others_are_integers_too(read):
    assert read(b"a 0 1 2\nb 2 0 1\nc 0.5 1 0\n").words == ["a", "b", "c"]


@pytest.mark.parametrize("separator", [",", ";", "|", ", "])
def test_a_csv_file_is_reported_by_what_stands_between_its_columns(refusal, separator):
    rows = "word 0 1\n" + "river 0.5 0.25\nlake 1 0.75\n"
    assert f"has '{separator[0]}' between its columns" in refusal(rows.replace(" ", separator).encode())


@pytest.mark.parametrize(
    "content",
    [
        b"7 7 8 9 10 11\n",
        b"7 7 8 9\n8 1\n9 7 7\n",
        b"12 7 8 9\n13 7 9 9\n14 1 1 1\n",
        b"12\t7\t8\n13\t7\t9\n",
        b"12 345\n7 8 9\n10 11 12 13\n",
        b"12 345\n7 8\n",
        MARK + b"7 7 8 9 10 11\r\n\r\n",
    ],
    ids=["one session", "sessions", "table", "tabs", "first of two", "pairs", "mark"],
)
def test_a_text_of_integers_is_not_a_file_of_vectors(refusal, content):
    message = refusal(content)
    assert "holds integers and nothing else from line 1 on" in message
    assert "wordvec train learns vectors" in message


def test_integers_are_vectors_where_a_header_says_so(read):
    vectors = read(b"2 3\n7 8 9 10\n12 1 2 3\n")
    assert (vectors.words, vectors.matrix.tolist()) == (["7", "12"], [[8, 9, 10], [1, 2, 3]])


def test_words_may_all_be_whole_numbers(read):
    assert read(b"7 0.5 9 10\n12 1 2 3\n").words == ["7", "12"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"0.5 0.25 1\n2 1 0.75\n", "has no words: each line begins with a number, as '0.5' in line 1"),
        (b"1.0e+00 2.5e-01 1e0\n2.0e+00 1.0 7e-1\n", "has no words"),
        (b"2 0.25 1\n2.5 1 0.75\n", "as '2.5' in line 2"),
        (b" 0.5 0.25 1\n 2 1 0.75\n", "line 2: expected a word before the numbers, got none"),
        (b"2 3\n0.5 0.25 1\n2 1 0.75\n", "line 2: expected a word and 3 numbers, got 2 numbers"),
        (b"2 3\n 0.5 0.25 1\n 2 1 0.75\n", "line 3: expected a word before the numbers, got none"),
    ],
    ids=["fractions", "exponents", "some whole", "aligned", "header", "aligned with header"],
)
def test_a_matrix_without_words_is_refused(refusal, content, message):
    assert message in refusal(content)


def test_numbers_may_come_first_where_words_follow(read, monkeypatch):
    rows = b"0.5 1.5 2\n0.25 1.5 3\nriver 1 0.5\n"
    assert read(rows).words == ["0.5", "0.25", "river"]
    assert read(rows, limit=2).words == ["0.5", "0.25"]
    monkeypatch.setattr(text_layout, "MAX_SAMPLE_ROWS", 2)
    assert read(rows).words == ["0.5", "0.25", "river"]


def test_the_dimensions_are_those_of_most_rows():
    rows = [b"area 51 0.5 1", b"river 1 0.5", b"no numbers", b"sea 1 0.5"]
    assert find_dim("v", b"\n".join(rows)) == 2
    assert find_dim("v", b"\n".join([*rows, b"a b", b"c d", b"e f", b"g h"])) == 0


def test_a_row_that_the_sample_cuts_is_not_counted():
    whole = b"river 0.5 1"
    cut = (whole + b"\n").ljust(SAMPLE_BYTES, b"7")
    assert sample_rows(cut) == [whole]
    assert sample_rows(cut[:-1]) == [whole, b"7" * (SAMPLE_BYTES - len(whole) - 2)]
    assert sample_rows(b"7" * SAMPLE_BYTES) == [b"7" * SAMPLE_BYTES]


def test_a_first_row_longer_than_the_sample_is_read_whole(tmp_path, assert_same):
    numbers = np.random.default_rng(3).normal(size=(2, SAMPLE_BYTES // 9))
    vectors = WordVectors(["river", "lake"], numbers)
    save(vectors, tmp_path / "long", "glove")
    assert_same(load(tmp_path / "long"), vectors)


@pytest.mark.parametrize(
    ("words", "matrix"),
    [
        (["7", "12"], [[1, 0], [0, 1]]),
        (["0.5", "2"], [[0.5, 0.25], [1, 2]]),
        (["river", "lake"], [[1, 2], [0.5, 0.25]]),
        (["river", "lake"], [[0.5], [0.25]]),
        (["\ufeffriver", "lake"], [[0.5, 1], [0.25, 1]]),
        (["#"], [[3, 2]]),
        (["PK\x03\x04", "lake"], [[0.5, 0.25], [0.5, 1]]),
    ],
    ids=[
        "integers",
        "numbers for words",
        "counts columns",
        "one dimension",
        "mark",
        "a header's sign",
        "the start of an archive",
    ],
)
def test_what_could_not_be_told_without_a_header_is_not_written_without_one(
    tmp_path, words, matrix, assert_same
):
    vectors = WordVectors(words, matrix)
    save(WordVectors(["kept"], [[0.5, 1]]), tmp_path / "v", "glove")
    with pytest.raises(
        FormatError, match=r"could not be recognized without a first line.*--format word2vec-text"
    ):
        save(vectors, tmp_path / "v", "glove")
    assert load(tmp_path / "v").words == ["kept"]
    save(vectors, tmp_path / "v.txt")
    assert_same(load(tmp_path / "v.txt"), vectors)


def test_text_in_utf_16_is_reported(refusal):
    assert "UTF-16 text: rewrite it in UTF-8" in refusal(ROWS.decode().encode("utf-16"))


@pytest.mark.parametrize("name", ["word2vec-text", "word2vec-binary", "glove"])
@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("latin-1", ["café", "thé"]),
        ("cp1252", ["prix…", "5€"]),
        ("gbk", ["北京", "上海"]),
        ("shift-jis", ["表示", "東京"]),
        ("utf-8-sig", ["café", "thé"]),
    ],
)
def test_words_of_other_encodings_are_read(tmp_path, name, encoding, words):
    marks = [f"word{number}" for number in range(len(words))]
    save(WordVectors(marks, [[0.5, 1], [0.25, 2]]), tmp_path / "v", name)
    content = (tmp_path / "v").read_bytes()
    for mark, word in zip(marks, words, strict=True):
        content = content.replace(mark.encode(), word.encode(encoding.removesuffix("-sig")))
    (tmp_path / "v").write_bytes(content)
    vectors = load(tmp_path / "v", encoding=encoding)
    assert (vectors.words, vectors.matrix.tolist()) == (words, [[0.5, 1], [0.25, 2]])


@pytest.fixture(params=["word2vec-text", "word2vec-binary", "glove"])
def cut_words(tmp_path, request):
    """A file with words that are cut in a character, as word2vec.c cuts long ones."""
    save(
        WordVectors(["caf1", "caf2", "sea", "3"], np.arange(8).reshape(4, 2) / 2),
        tmp_path / "v",
        request.param,
    )
    content = (tmp_path / "v").read_bytes()
    for mark, cut in ((b"caf1", b"caf\xc3"), (b"caf2", b"caf\xe2"), (b"\n3 ", b"\n\xff ")):
        assert mark in content
        content = content.replace(mark, cut)
    (tmp_path / "v").write_bytes(content)
    return tmp_path / "v"


def test_words_that_are_not_utf8_are_refused_with_what_to_do(cut_words):
    with pytest.raises(FormatError, match=r"'caf\\xc3' is not valid UTF-8.* encoding= .*errors='replace'"):
        load(cut_words)


def test_of_words_that_replacement_makes_alike_the_first_vector_is_kept(cut_words, assert_same, tmp_path):
    with pytest.warns(
        UserWarning, match=r"repeats 1 words, as 'caf\ufffd'; .*errors='replace' can make words"
    ):
        vectors = load(cut_words, errors="replace")
    assert (vectors.words, vectors.matrix.tolist()) == (
        ["caf\ufffd", "sea", "\ufffd"],
        [[0, 0.5], [2, 2.5], [3, 3.5]],
    )
    for name in ("v.txt", "v.bin"):  # whose headers say how many there are now
        save(vectors, tmp_path / name)
        assert_same(load(tmp_path / name), vectors)


def test_words_of_which_nothing_is_left_are_left_out(cut_words, assert_same, tmp_path):
    with pytest.warns(UserWarning, match="words") as warnings:
        vectors = load(cut_words, errors="ignore")
    assert [str(warning.message).split(" ", 1)[1] for warning in warnings] == [
        "1 words are left out, as no byte of them can be decoded",
        "repeats 1 words, as 'caf'; the first vector of each is kept (errors='ignore' can make words alike)",
    ]
    assert (vectors.words, vectors.matrix.tolist()) == (["caf", "sea"], [[0, 0.5], [2, 2.5]])
    save(vectors, tmp_path / "v.txt")
    assert_same(load(tmp_path / "v.txt"), vectors)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (
            {"encoding": "utf-16"},
            "spaces and digits are those of ASCII, got 'utf-16'.*iconv -f utf-16 -t utf-8",
        ),
        ({"encoding": "cp037"}, "spaces and digits are those of ASCII"),
        ({"encoding": "klingon"}, "encoding must be one that Python knows.*got 'klingon'"),
        ({"encoding": "rot13"}, "encoding must be one that Python knows"),
        ({"encoding": None}, "encoding must be one that Python knows"),
        (
            {"errors": "surrogateescape"},
            "errors must be one of strict, replace, ignore, got 'surrogateescape'",
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_encodings_that_cannot_be_are_refused(read, how, message):
    with pytest.raises(ConfigError, match=message):
        read(ROWS, **how)


def test_formats_that_are_utf8_have_no_other_encoding(tmp_path, plain, assert_same):
    save(plain, tmp_path / "v.parquet")
    with pytest.raises(ConfigError, match=r"encoding must be utf-8 for .*v\.parquet, which is parquet"):
        load(tmp_path / "v.parquet", encoding="latin-1")
    assert_same(load(tmp_path / "v.parquet", errors="replace"), plain)


@pytest.mark.parametrize("text", [b"# 3 2", b"3 2", b"\xef\xbb\xbf3 2 ", b"3 2\n"])
def test_a_header_without_rows_is_cut_short_even_if_its_line_has_no_end(tmp_path, text):
    (tmp_path / "v").write_bytes(text)
    with pytest.raises(FormatError):
        load(tmp_path / "v")
