import gzip

import numpy as np
import pytest

from wordvec.errors import FormatError
from wordvec.formats import text_vectors
from wordvec.formats.load import load
from wordvec.formats.save import save
from wordvec.vectors.word_vectors import WordVectors

# As word2vec.c writes it: "%s ", then D times "%lf ", then "\n".
WORD2VEC_C = b"3 2\n</s> 0.100000 -2.500000 \nna\xc3\xafve 0.000000 1.000000 \na -0.000000 33.333333 \n"
NUMBERS = np.array([[0.1, -2.5], [0.0, 1.0], [-0.0, 33.333333]], dtype=np.float32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vectors.txt"


@pytest.mark.parametrize(
    "content",
    [
        WORD2VEC_C,
        WORD2VEC_C.replace(b" \n", b"\n"),
        WORD2VEC_C.replace(b" \n", b"\r\n").replace(b"3 2\n", b"3 2\r\n"),
        WORD2VEC_C.rstrip(),
        WORD2VEC_C + b"\n",
        WORD2VEC_C.replace(b"1.000000", b"1E0").replace(b"0.100000", b"1.e-1").replace(b"0.000000", b"0"),
        gzip.compress(WORD2VEC_C),
    ],
    ids=["word2vec.c", "gensim", "windows", "no final line end", "blank line", "exponents", "gzip"],
)
def test_what_other_tools_write_reads_back_exactly(path, content):
    path.write_bytes(content)
    vectors = load(path)
    assert vectors.words == ["</s>", "naïve", "a"]
    assert vectors.matrix.tobytes() == NUMBERS.tobytes()


def test_numbers_are_written_in_the_fewest_digits(path):
    save(WordVectors(["a", "b"], np.array([[0.1, 1 / 3], [-0.0, 16777216]], dtype=np.float32)), path)
    header, first, second = path.read_bytes().splitlines()
    assert (header, first) == (b"2 2", b"a 0.1 0.33333334")
    assert second.split()[0] == b"b"
    assert np.array(second.split()[1:], dtype=np.float32).tobytes() == np.float32([-0.0, 16777216]).tobytes()


def test_awkward_words_and_numbers_come_back(plain, path, assert_same):
    save(plain, path)
    assert_same(load(path), plain)


def test_every_kind_of_float32_comes_back(path, assert_same):
    bits = np.random.default_rng(11).integers(0, 2**32, size=30_000, dtype=np.uint32)
    numbers = bits.view(np.float32)
    numbers = numbers[np.isfinite(numbers)][:29_000].reshape(-1, 29)
    vectors = WordVectors([f"w{row}" for row in range(len(numbers))], numbers)
    save(vectors, path)
    assert_same(load(path), vectors)


def test_blocks_of_rows_are_written_in_order(plain, path, assert_same, monkeypatch):
    monkeypatch.setattr(text_vectors, "NUMBERS_PER_BLOCK", 7)  # two rows of three, so an odd row is left over
    save(plain, path)
    assert_same(load(path), plain)


def test_words_with_spaces_are_read(path):
    path.write_bytes(b"2 2\n. . . 0.5 1\n 2 3\n")
    assert load(path).words == [". . .", ""]


@pytest.mark.parametrize(
    "promise",
    [b"9 2\n", b"999999999999999999 2\n", b"3 999999999999\n"],
    ids=["rows", "many rows", "many dimensions"],
)
def test_a_header_that_promises_too_much_is_refused_before_memory_is_taken(path, promise):
    path.write_bytes(promise + b"a 1 2\nb 3 4\nc 5 6\n")
    with pytest.raises(FormatError, match=r"vectors.txt is cut short or damaged: its header promises"):
        text_vectors.read_word2vec_text(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"3 2\nlong-word 1 2\nanother 3 4\n", "cut short: it ends before line 4, with 2 of 3 words"),
        (
            b"2 2\na 1 2\nb 3\n",
            "line 3: expected a word and 2 numbers, got 1 numbers in b'b 3'",
        ),
        (b"2 2\na 1 2\n\nb 3 4\n", "line 3: expected a word and 2 numbers, got a blank line"),
        (b"2 2\na 1 2\nb x 4\n", r"line 3: could not convert .*'x'"),
        (b"2 2\na 1 2\nb 3 4\nc 5 6\n", "goes on after its 2 words x 2"),
        (b"2 2\na 1 2\nb nan 4\n", r"damaged: .*row 1 \('b'\)"),
        (b"2 2\na 1 2\nb 1e999 4\n", r"damaged: .*row 1 \('b'\)"),
        (b"2 2\na 1 2\n\xff 3 4\n", r"line 3: the word b'\\xff' is not valid UTF-8"),
        (b"0 2\n", "holds no vectors"),
    ],
    ids=[
        "cut at a line",
        "cut in a line",
        "blank",
        "word for number",
        "more",
        "nan",
        "overflow",
        "bytes",
        "nothing",
    ],
)
def test_damage_is_refused_with_its_line(path, content, message):
    path.write_bytes(content)
    with pytest.raises(FormatError, match=message):
        text_vectors.read_word2vec_text(path)


def test_of_a_repeated_word_the_first_vector_is_kept(path):
    path.write_bytes(b"3 1\na 1\nb 2\na 3\n")
    with pytest.warns(UserWarning, match="repeats 1 words, as 'a'"):
        vectors = load(path)
    assert (vectors.words, vectors.matrix.tolist()) == (["a", "b"], [[1.0], [2.0]])


@pytest.mark.parametrize("word", ["two words", "line\nend", "tab\t", "", "\r", "\x0b", "\x0c"], ids=repr)
def test_words_that_the_format_cannot_hold_are_refused(path, word):
    path.write_bytes(b"")
    with pytest.raises(FormatError, match=r"vectors.txt: this format cannot hold the word .* \(row 1\)"):
        save(WordVectors(["a", word], np.eye(2)), path)
    assert path.read_bytes() == b""
    assert list(path.parent.iterdir()) == [path]


def test_another_format_is_refused_by_the_reader_itself(path):
    path.write_bytes(b"hello world\n")
    with pytest.raises(FormatError, match="is not a word2vec text file"):
        text_vectors.read_word2vec_text(path)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (b"word " + b"1.5" * 5000 + b" 2", r"line 2: could not convert string to float: .*\.\.\.; the file"),
        (b"\xff" * 5000 + b" 1 2", r"line 2: the word b'.*' is not valid UTF-8"),
    ],
    ids=["number", "word"],
)
def test_a_message_does_not_repeat_the_whole_file(row, message, tmp_path):
    (tmp_path / "v.txt").write_bytes(b"2 2\n" + row + b"\nother 1 2\n")
    with pytest.raises(FormatError, match=message) as problem:
        load(tmp_path / "v.txt")
    assert len(str(problem.value)) < 600


@pytest.mark.parametrize(
    ("count", "said"), [(4, "the first 3 words: limit=3"), (2, "only these words: limit=2")]
)
def test_a_wrong_count_names_the_words_that_can_be_read(path, count, said):
    path.write_bytes(b"%d 2\nlighthouse 1 2\nharbor 3 4\nquay-side 5 6\n" % count)
    with pytest.raises(
        FormatError, match=rf"correct it(s first line)?, or read {said} \(wordvec convert --limit"
    ):
        load(path)
    limit = int(said[-1])
    assert load(path, limit=limit).words == ["lighthouse", "harbor", "quay-side"][:limit]


def test_a_count_that_the_file_cannot_hold_does_not_keep_its_first_words_from_being_read(path):
    path.write_bytes(b"999999999999999999 2\nquay 1 2\npier 3 4\n")
    with pytest.raises(FormatError, match=r"correct its first line, or read at most \d words: limit=\d"):
        load(path)
    assert load(path, limit=2).words == ["quay", "pier"]
