import gzip
import struct
import time
from contextlib import suppress

import numpy as np
import pytest

from wordvec.errors import FormatError
from wordvec.formats import word2vec_binary
from wordvec.formats.load import load
from wordvec.formats.save import save
from wordvec.vectors.word_vectors import WordVectors

# As word2vec.c writes it: fprintf("%s ", word), D times fwrite(float), fprintf("\n").
WORD2VEC_C = (
    b"3 2\n"
    b"</s> " + struct.pack("<2f", 0.1, -2.5) + b"\n"
    b"na\xc3\xafve " + struct.pack("<2f", 1e-45, 0.0) + b"\n"
    b"a " + b"  \n\n" + struct.pack("<f", -0.0) + b"\n"  # a number that looks like white space
)  # fmt: skip
NUMBERS = np.array([[0.1, -2.5], [1e-45, 0.0], [struct.unpack("<f", b"  \n\n")[0], -0.0]], dtype=np.float32)
GENSIM = WORD2VEC_C.replace(struct.pack("<f", -2.5) + b"\n", struct.pack("<f", -2.5)).replace(
    struct.pack("<f", 0.0) + b"\n", struct.pack("<f", 0.0)
)[:-1]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vectors.bin"


@pytest.mark.parametrize("content", [WORD2VEC_C, GENSIM], ids=["line ends", "no line ends"])
def test_a_file_in_the_layout_of_word2vec_c_reads_back_exactly(path, content):
    path.write_bytes(content)
    vectors = load(path)
    assert vectors.words == ["</s>", "naïve", "a"]
    assert vectors.matrix.tobytes() == NUMBERS.tobytes()
    assert vectors.counts is None


def test_a_written_file_has_the_layout_of_word2vec_c(path):
    save(WordVectors(["</s>", "naïve", "a"], NUMBERS), path)
    assert path.read_bytes() == WORD2VEC_C


def test_awkward_words_and_numbers_come_back(plain, path, assert_same):
    save(plain, path)
    assert_same(load(path), plain)


def test_rows_may_lie_across_the_blocks_that_are_read(plain, path, assert_same, monkeypatch):
    save(plain, path)
    monkeypatch.setattr(word2vec_binary, "BYTES_PER_READ", 5)
    monkeypatch.setattr(word2vec_binary, "MAX_WORD_BYTES", 20)
    assert_same(load(path), plain)


def test_compressed_files_are_read(plain, path, assert_same):
    save(plain, path)
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert_same(load(path), plain)


def test_one_word_and_one_dimension_are_enough(path, assert_same):
    vectors = WordVectors(["a"], [[0.7]])  # its bytes are printable: 333?
    save(vectors, path)
    assert_same(load(path), vectors)


@pytest.mark.parametrize(
    "promise",
    [b"4 2\n", b"999999999999999999 2\n", b"3 999999999999\n"],
    ids=["rows", "many rows", "many dimensions"],
)
def test_a_header_that_promises_too_much_is_refused_before_memory_is_taken(path, promise):
    path.write_bytes(promise + WORD2VEC_C[4:])
    start = time.perf_counter()
    with pytest.raises(FormatError, match=r"vectors.bin is cut short.*(promises .* only 40 follow|byte)"):
        load(path)
    assert time.perf_counter() - start < 1


def test_a_compressed_header_that_promises_too_much_is_refused_too(path):
    path.write_bytes(gzip.compress(b"9999999999 300\n" + WORD2VEC_C[4:]))
    with pytest.raises(FormatError, match="promises"):
        load(path)


def test_a_file_cut_anywhere_is_refused(path):
    whole = len(WORD2VEC_C) - 1  # the last line end is not missed
    for length in range(len(b"3 2\n"), whole):
        path.write_bytes(WORD2VEC_C[:length])
        with pytest.raises(
            FormatError, match=rf"cut short.*(only {length - 4} follow|ends at byte {length}, in row \d)"
        ):
            load(path)


def test_a_compressed_file_cut_anywhere_is_refused(path):
    content = gzip.compress(WORD2VEC_C)
    for length in range(2, len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(FormatError, match=r"vectors\.bin"):
            load(path)


def test_damage_in_a_compressed_file_is_a_format_error(path):
    content = gzip.compress(WORD2VEC_C)
    for place in range(2, len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])
        with suppress(FormatError):
            load(path)


def test_bytes_after_the_promised_rows_are_refused(path):
    path.write_bytes(WORD2VEC_C + b"b ")
    with pytest.raises(FormatError, match=rf"goes on after its 3 words x 2, at byte {len(WORD2VEC_C) - 1}"):
        load(path)


def test_a_word_that_is_not_utf8_is_named_with_its_row(path):
    path.write_bytes(WORD2VEC_C.replace(b"na\xc3\xafve", b"na\xc3ve"))
    with pytest.raises(FormatError, match=r"row 1 at byte 17: the word b'na\\xc3ve' is not valid UTF-8"):
        load(path)


def test_of_a_repeated_word_the_first_vector_is_kept(path):
    path.write_bytes(WORD2VEC_C.replace(b"\na ", b"\n</s> "))
    with pytest.warns(UserWarning, match=r"repeats 1 words, as '</s>'; the first vector"):
        vectors = load(path)
    assert vectors.words == ["</s>", "naïve"]
    assert vectors.matrix.tobytes() == NUMBERS[:2].tobytes()


def test_an_empty_word_is_read(path):
    path.write_bytes(WORD2VEC_C.replace(b"\na ", b"\n "))
    assert load(path).words[2] == ""


def test_numbers_that_are_not_finite_are_refused(path):
    path.write_bytes(WORD2VEC_C.replace(struct.pack("<f", -2.5), struct.pack("<f", np.nan)))
    with pytest.raises(FormatError, match=r"vectors.bin is damaged: .*row 0 \('</s>'\)"):
        load(path)


@pytest.mark.parametrize("header", [b"0 2\n", b"3 0\n"])
def test_a_header_of_nothing_is_refused(path, header):
    path.write_bytes(header + WORD2VEC_C[4:])
    with pytest.raises(FormatError, match="holds no vectors"):
        load(path)


@pytest.mark.parametrize("word", ["two words", "line\nend", "tab\t", "", "\r"], ids=repr)
def test_words_that_the_format_cannot_hold_are_refused(path, word):
    with pytest.raises(FormatError, match=r"cannot hold the word .* \(row 1\).*wordvec folder"):
        save(WordVectors(["a", word], np.eye(2)), path)
    assert list(path.parent.iterdir()) == []


def test_a_word_that_is_not_unicode_text_is_refused(path):
    with pytest.raises(FormatError, match="not valid Unicode"):
        save(WordVectors(["caf\udce9"], [[1.0]]), path)


def test_another_format_is_refused_by_the_reader_itself(path):
    path.write_bytes(b"hello world\n")
    with pytest.raises(FormatError, match="is not a word2vec binary file"):
        word2vec_binary.read_word2vec_binary(path)


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
@pytest.mark.parametrize("content", [WORD2VEC_C, GENSIM], ids=["line ends", "no line ends"])
def test_the_first_words_may_be_enough(path, content, limit):
    path.write_bytes(content)
    vectors = load(path, limit=limit)
    assert vectors.words == ["</s>", "naïve", "a"][:limit]
    assert vectors.matrix.tobytes() == NUMBERS[:limit].tobytes()


def test_what_follows_the_first_words_is_not_read(path):
    path.write_bytes(WORD2VEC_C[:-5] + b" broken, and goes on")
    assert load(path, limit=2).words == ["</s>", "naïve"]


def test_a_word_that_is_too_long_is_refused_where_it_stands(path, monkeypatch):
    monkeypatch.setattr(word2vec_binary, "MAX_WORD_BYTES", 5)
    path.write_bytes(WORD2VEC_C)
    with pytest.raises(FormatError, match=r"row 1 of 3, at byte 17, begins with no word, as 5 bytes without"):
        load(path)


def test_more_dimensions_than_fit_into_a_record_are_refused(path):
    with path.open("wb") as file:
        file.write(b"1 600000000\n")
        file.truncate(2_500_000_000)  # takes no room on the disk
    with pytest.raises(FormatError, match=r"600,000,000 dimensions; wordvec reads up to 536,870,911"):
        word2vec_binary.read_word2vec_binary(path)


def big_endian(vectors):
    rows = zip(vectors.words, vectors.matrix.astype(">f4"), strict=True)
    header = f"{len(vectors)} {vectors.dim}\n".encode()
    return header + b"".join(word.encode() + b" " + row.tobytes() + b"\n" for word, row in rows)


@pytest.mark.parametrize("scale", [1e-4, 0.3, 100])
@pytest.mark.parametrize("shape", [(2, 3), (40, 5), (1, 50)])
def test_big_endian_numbers_are_refused_by_name(path, scale, shape):
    numbers = np.random.default_rng(shape[1]).normal(scale=scale, size=shape)
    path.write_bytes(big_endian(WordVectors([f"w{row}" for row in range(shape[0])], numbers)))
    with pytest.raises(FormatError, match=r"vectors\.bin has its numbers big-endian.*'>f4'"):
        load(path)


def test_big_endian_numbers_that_are_round_are_refused_by_name(path):
    path.write_bytes(big_endian(WordVectors(["fern", "moss"], [[1.0, -2.0, 0.5], [0.0, 0.25, 8.0]])))
    with pytest.raises(FormatError, match="big-endian"):
        load(path, limit=1)


def test_numbers_that_would_be_taken_for_big_endian_ones_are_not_written(path):
    noise = np.float32([[0.5, -0.25], [2.0, 1.0]]).byteswap()
    with pytest.raises(FormatError, match="would be taken for big-endian"):
        save(WordVectors(["fern", "moss"], noise), path)
    assert not path.exists()


@pytest.mark.parametrize("tiny", [1e-45, 1e-30, 1e30])
def test_numbers_of_odd_sizes_are_still_read(path, tiny, assert_same):
    vectors = WordVectors(["fern", "moss"], np.full((2, 5), tiny, np.float32))
    save(vectors, path)
    assert_same(load(path), vectors)


def test_a_count_that_is_too_high_names_the_words_that_can_be_read(path):
    path.write_bytes(b"4" + WORD2VEC_C[1:])
    with pytest.raises(
        FormatError,
        match=r"correct its first line, or read the first 3 words: limit=3 \(wordvec convert --limit 3\)",
    ):
        load(path)
    assert load(path, limit=3).words == ["</s>", "naïve", "a"]


def test_a_count_that_is_too_low_names_the_words_that_can_be_read(path):
    path.write_bytes(b"2" + WORD2VEC_C[1:])
    with pytest.raises(
        FormatError, match=r"correct it, or read only these words: limit=2 \(wordvec convert --limit 2\)"
    ):
        load(path)
    assert load(path, limit=2).words == ["</s>", "naïve"]
    with pytest.raises(FormatError, match="goes on after its 2 words"):
        load(path, limit=3)


def test_the_first_words_of_a_cut_file_can_be_read_as_the_message_says(path):
    rows = [b"%d " % row + struct.pack("<2f", 0.5, row) for row in range(10_000, 10_020)]
    path.write_bytes(b"20 2\n" + b"\n".join(rows)[:-3])
    with pytest.raises(FormatError, match=r"in row 19 of 20;.*read the first 19 words: limit=19"):
        load(path)
    assert len(load(path, limit=19)) == 19


def test_what_would_be_taken_for_text_is_not_written(tmp_path):
    digits = np.frombuffer(b"1111", "<f4")[0]
    vectors = WordVectors(["river", "7" * 30, "lake"], np.full((3, 1), digits))
    with pytest.raises(FormatError, match=r"would be taken for another format.*save as \.safetensors"):
        save(vectors, tmp_path / "v.bin")
    assert not (tmp_path / "v.bin").exists()
