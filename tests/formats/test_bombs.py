"""Small files that stand for far more than they are: none takes memory or time that its size does not explain."""

import gzip
import itertools
import json
import os
import pickle
import struct
import time
import tracemalloc

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wordvec.errors import FormatError, ResourceError
from wordvec.formats import detect, text_layout, text_vectors, word2vec_binary
from wordvec.formats.load import load
from wordvec.formats.save import save
from wordvec.storage.format_table import TRAINING, VECTORS, VOCABULARY
from wordvec.vectors.word_vectors import WordVectors

NUM_WORDS = 2000
MAX_BYTES = 30 * 2**20  # taken for a file of some kilobytes


@pytest.fixture
def model(tmp_path):
    """A model of words that are numbers."""
    words = [str(number) for number in range(NUM_WORDS)]
    save(WordVectors(words, np.ones((NUM_WORDS, 1))), tmp_path / "model.wv")
    return tmp_path / "model.wv"


def put_words(model, words, **packing):
    table = pa.table({"word": words, "count": pa.nulls(len(words), pa.int64())})
    pq.write_table(table, model / VOCABULARY, **packing)


def refused(path):
    """The message; that little memory and time was taken is checked, too."""
    pa.default_memory_pool().release_unused()
    before = pa.total_allocated_bytes()
    began = time.process_time()
    tracemalloc.start()
    try:
        with pytest.raises(FormatError) as problem:
            load(path)
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.process_time() - began < 5
    assert taken + pa.total_allocated_bytes() - before < MAX_BYTES
    return str(problem.value)


@pytest.mark.parametrize("encoding", ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
def test_words_that_share_their_beginnings_are_refused_before_they_are_decompressed(model, encoding):
    words = pa.array(["x" * 20_000 + str(number) for number in range(NUM_WORDS)])  # 40 MB
    put_words(model, words, use_dictionary=False, column_encoding={"word": encoding})
    assert "vocabulary.parquet is damaged" in refused(model)


def test_a_long_word_that_is_there_many_times_is_refused_before_it_is_multiplied(model):
    put_words(model, pa.array(["x" * 50_000] * NUM_WORDS))  # 100 MB
    assert "vocabulary.parquet is damaged: its words are longer than the file" in refused(model)


@pytest.mark.parametrize("packing", ["zstd", "gzip", "brotli"])
def test_a_vocabulary_that_is_compressed_too_well_is_refused(model, packing):
    words = ["x" * 50_000_000, *map(str, range(1, NUM_WORDS))]
    put_words(model, pa.array(words), use_dictionary=False, compression=packing)
    assert f"compressed by {packing.upper()}, not by SNAPPY" in refused(model)


def test_a_vocabulary_rewritten_with_a_dictionary_or_without_codec_is_read(model):
    words = load(model).words
    for packing in ({"use_dictionary": True}, {"compression": "none"}, {"row_group_size": 7}):
        put_words(model, pa.array(words), **packing)
        assert load(model).words == words


def test_lists_in_place_of_words_are_refused_before_they_are_read(model, monkeypatch):
    monkeypatch.setattr(pq.ParquetFile, "read_row_group", pytest.fail)
    put_words(model, pa.array([[None] * 5_000_000] + [[]] * (NUM_WORDS - 1), pa.list_(pa.string())))
    assert "vocabulary.parquet is damaged: it has no words or no counts" in refused(model)


def with_rows(file, said, truth):
    """A Parquet file whose end says another number of rows than there are in its parts."""
    content = file.read_bytes()
    size = struct.unpack("<I", content[-8:-4])[0]
    end = content[-8 - size : -8].replace(
        zigzag(truth), zigzag(said), 1
    )  # of the whole; those of parts come later
    file.write_bytes(content[: -8 - size] + end + struct.pack("<I", len(end)) + b"PAR1")


def zigzag(number):
    """A number as Thrift's compact protocol writes it."""
    number, digits = 2 * number, []
    while number > 127:
        digits.append(number & 127 | 128)
        number >>= 7
    return bytes([*digits, number])


@pytest.mark.parametrize("said", [NUM_WORDS, 100_003], ids=["a lie", "the truth"])
def test_a_vocabulary_with_more_words_than_vectors_is_refused_before_it_is_read(model, said, monkeypatch):
    put_words(model, pa.array(["same"] * 100_003))
    with_rows(model / VOCABULARY, said, 100_003)
    assert pq.read_metadata(model / VOCABULARY).num_rows == said
    monkeypatch.setattr(pq.ParquetFile, "read_row_group", pytest.fail)
    assert "vocabulary.parquet is damaged: it has 100,003 words, for 2,000 vectors" in refused(model)


def test_what_pyarrow_raises_as_no_error_of_its_own_is_refused_too(model):
    content = (model / VOCABULARY).read_bytes()
    optional, required = b"\x25\x02\x18\x04word", b"\x25\x00\x18\x04word"  # which its statistics do not fit
    assert optional in content
    (model / VOCABULARY).write_bytes(content.replace(optional, required))
    assert "vocabulary.parquet is damaged" in refused(model)


def test_a_trillion_vectors_of_no_dimensions_are_refused(model):
    header = json.dumps({"input": {"dtype": "F32", "shape": [10**12, 0], "data_offsets": [0, 0]}}).encode()
    (model / VECTORS).write_bytes(struct.pack("<Q", len(header)) + header)
    assert "input must be float32 (V, D), got F32 (1000000000000, 0)" in refused(model)


def test_a_pickle_in_the_schema_of_a_vocabulary_is_not_run(model, tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "run"),)

    metadata = {
        "ARROW:extension:name": "arrow.py_extension_type",
        "ARROW:extension:metadata": pickle.dumps(Evil()),
    }
    fields = [pa.field("word", pa.string(), metadata=metadata), pa.field("count", pa.int64())]
    words = load(model).words
    table = pa.table([pa.array(words), pa.nulls(NUM_WORDS, pa.int64())], schema=pa.schema(fields))
    pq.write_table(table, model / VOCABULARY)
    assert b"cposix\nmkdir" in pickle.dumps(Evil(), 0)  # it would
    assert load(model).words == words
    assert not (tmp_path / "run").exists()


def test_first_rows_far_longer_than_the_others_are_refused_before_memory_is_taken(tmp_path):
    path = tmp_path / "glove.txt"
    path.write_bytes(50 * (b"word" + b" 1" * 3_000 + b"\n") + b"x\n" * 99_950)  # the matrix would have 1.2 GB
    assert "its rows have 3,000 numbers, for which not all of its 100,000 lines" in refused(path)


@pytest.mark.parametrize(
    ("start", "rest", "message"),
    [
        (
            b"9 3\nriver 0.5 0.25 1\n",
            b"x",
            "line 3: expected a word and 3 numbers, got a line that does not end",
        ),
        (
            b"9 3\nriver 0.5 0.25 1\n",
            b" 1",
            "line 3: expected a word and 3 numbers, got a line that does not end",
        ),
        (
            b"1 4000000\nriver",
            b" 1",
            "line 2: expected a word and 4,000,000 numbers, got a line that does not end",
        ),
        (
            b"river",
            b" 1",
            "line 1: expected a word and numbers, got a line that does not end within 65,536",
        ),
        (
            b"river\t1",
            b"\t.5",
            "line 1: expected a word and numbers, got a line that does not end within 65,536",
        ),
        (b"river 0.5 1\nlake", b" 1", "line 2: expected a word and 2 numbers, got a line that does not end"),
    ],
    ids=["word", "numbers", "dimensions", "GloVe", "tabs", "GloVe's second line"],
)
def test_a_row_that_never_ends_is_refused_before_it_is_taken_apart(
    tmp_path, start, rest, message, monkeypatch
):
    for room, name in itertools.product(
        (detect, text_layout, text_vectors), ("SAMPLE_BYTES", "MAX_ROW_BYTES")
    ):
        monkeypatch.setattr(room, name, 1 << (12 if name == "SAMPLE_BYTES" else 16), raising=False)
    monkeypatch.setattr(text_vectors, "MAX_WORD_BYTES", 1 << 14)
    path = tmp_path / "v.txt.gz"
    path.write_bytes(gzip.compress(start + rest * (40_000_000 // len(rest)), 1))
    assert message in refused(path)


def test_a_binary_file_without_spaces_is_given_up_soon(tmp_path):
    path = tmp_path / "v.bin.gz"
    path.write_bytes(gzip.compress(b"1000 5\n" + bytes(60_000_000)))
    assert "row 0 of 1,000, at byte 7, begins with no word" in refused(path)


def test_a_row_longer_than_what_is_read_at_a_time_is_read_in_few_pieces(tmp_path, monkeypatch, assert_same):
    vectors = WordVectors(["a", "b"], np.arange(200_000, dtype=np.float32).reshape(2, -1))
    save(vectors, tmp_path / "v.bin")
    monkeypatch.setattr(word2vec_binary, "BYTES_PER_READ", 1)  # one after the other, that takes minutes
    began = time.process_time()
    assert_same(load(tmp_path / "v.bin"), vectors)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("name", [TRAINING, VOCABULARY, VECTORS])
def test_what_never_ends_is_not_read(model, name):
    (model / name).unlink()
    (model / name).symlink_to("/dev/zero")
    assert "is a device or a pipe" in refused(model)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_in_a_model_is_not_waited_for(model):
    (model / TRAINING).unlink()
    os.mkfifo(model / TRAINING)
    assert "is a device or a pipe" in refused(model)


def test_a_linked_file_is_a_file(model, tmp_path):
    (model / VECTORS).rename(tmp_path / "blob")
    (model / VECTORS).symlink_to(tmp_path / "blob")  # as the Hugging Face hub's cache has them
    assert load(model).dim == 1


def test_memory_that_there_is_not_is_reported(tmp_path, monkeypatch):
    def empty(*_arguments, **_settings):
        raise MemoryError

    (tmp_path / "v.txt").write_bytes(b"1 2\na 1 2\n")
    monkeypatch.setattr(np, "empty", empty)
    with pytest.raises(ResourceError, match=r"v\.txt cannot be read: not enough memory; load fewer words"):
        load(tmp_path / "v.txt")


@pytest.mark.parametrize("dim", [1, 10, 1000])
@pytest.mark.parametrize("header", ["%d %d\n", ""], ids=["word2vec", "GloVe"])
def test_a_text_of_vectors_takes_memory_of_at_most_64_times_its_bytes(tmp_path, header, dim):
    num_rows = 50_000 // (dim + 2)
    rows = "".join(f"w{number:x}{' 1' * dim}\n" for number in range(num_rows))
    (tmp_path / "v.txt").write_text((header and header % (num_rows, dim)) + rows, encoding="ascii")
    read = text_vectors.read_word2vec_text if header else text_vectors.read_glove
    read(tmp_path / "v.txt")  # what is imported does not count
    tracemalloc.start()
    read(tmp_path / "v.txt")
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 64 * len(rows) + 2**20


def test_a_long_word_of_digits_is_looked_at_once(tmp_path):
    word = "1" * 70_000 + "!"
    (tmp_path / "v").write_text(f"{word} 0.5 1\n7 0.25 2\n", encoding="ascii")
    began = time.process_time()
    assert load(tmp_path / "v").words == [word, "7"]
    assert time.process_time() - began < 2
