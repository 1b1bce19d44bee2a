import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wordvec.errors import FormatError
from wordvec.formats import parquet, text_vectors
from wordvec.formats.load import load
from wordvec.formats.save import save
from wordvec.vectors.word_vectors import WordVectors


@pytest.fixture
def path(tmp_path):
    return tmp_path / "v.parquet"


def test_any_words_and_their_counts_come_back(counted, path, assert_same):
    save(counted, path)
    assert_same(load(path), counted)


def test_counts_may_be_unknown(plain, path, assert_same):
    save(plain, path)
    assert_same(load(path), plain)
    assert pq.read_schema(path).names == ["word", "vector"]


def test_the_columns_are_those_of_the_page(counted, path):
    save(counted, path)
    table = pq.read_table(path)
    assert table.column_names == ["word", "count", "vector"]
    assert table.schema.field("vector").type == pa.list_(pa.float32(), 3)
    assert table["word"].to_pylist() == counted.words
    assert np.array(table["vector"].to_pylist(), np.float32).tobytes() == counted.matrix.tobytes()


@pytest.mark.parametrize("limit", [1, 3, 4, 1000])
def test_the_first_words_may_be_enough(counted, path, assert_same, limit, monkeypatch):
    monkeypatch.setattr(parquet, "NUMBERS_PER_GROUP", 9)  # three words
    save(counted, path)
    first = WordVectors(counted.words[:limit], counted.matrix[:limit], counts=counted.counts[:limit])
    assert_same(load(path, limit=limit), first)


def test_groups_beyond_the_limit_are_not_read(counted, path, monkeypatch):
    monkeypatch.setattr(parquet, "NUMBERS_PER_GROUP", 9)
    save(counted, path)
    read = []
    monkeypatch.setattr(parquet, "words_of", lambda chunk: read.append(len(chunk)) or chunk.to_pylist())
    load(path, limit=4)
    assert read == [3, 3]


WORDS, NUMBERS = ["a", "é", "c"], [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
KINDS = [
    pa.list_(pa.float32()),
    pa.list_(pa.float64()),
    pa.list_(pa.float32(), 2),
    pa.large_list(pa.float32()),
    pa.large_list(pa.field("element", pa.float32(), nullable=False)),
]


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("words", [pa.string(), pa.large_string()], ids=str)
@pytest.mark.parametrize(
    "packing", [{}, {"compression": "none", "use_dictionary": False, "data_page_version": "2.0"}]
)
def test_what_other_programs_write_is_read(path, kind, words, packing):
    table = pa.table(
        {
            "id": [1, 2, 3],
            "vector": pa.array(NUMBERS, kind),
            "word": pa.array(WORDS, words),
            "count": pa.array([3, 2, 1], pa.uint32()),
        }
    )
    pq.write_table(table, path, row_group_size=2, **packing)
    vectors = load(path)
    assert (vectors.words, vectors.matrix.tolist(), vectors.counts.tolist()) == (WORDS, NUMBERS, [3, 2, 1])


def written(path, packing=None, **columns):
    pq.write_table(pa.table({"word": WORDS, "vector": pa.array(NUMBERS), **columns}), path, **(packing or {}))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"word": [1, 2, 3]}, "got word int64, vector list"),
        ({"word": ["a", None, "c"]}, "there are words missing"),
        ({"vector": [[1.0], [2.0, 3.0], [4.0]]}, r"the same dimensions|must all have"),
        ({"vector": [[1.0, 2.0], [3.0], [4.0, 5.0, 6.0]]}, "must all have 2 numbers"),
        ({"vector": [[1.0, 2.0], None, [4.0, 5.0]]}, r"same dimensions|must all have"),
        ({"vector": [[1.0, None], [1.0, 2.0], [4.0, 5.0]]}, "must all have 2 numbers"),
        ({"vector": pa.array([[], [], []], KINDS[0])}, "same dimensions|must all have"),
        ({"vector": [[[1.0]], [[2.0]], [[3.0]]]}, "vector list<element: list<"),
        ({"vector": [["a"], ["b"], ["c"]]}, "vector list<element: string"),
        ({"vector": [1.0, 2.0, 3.0]}, "vector double"),
        ({"vector": [[1.0], [float("nan")], [2.0]]}, "must be finite"),
        ({"count": [0.5, 1.0, 2.0]}, "count double"),
        ({"count": [[1], [2], [3]]}, "count list"),
        ({"count": [3, -2, 1]}, "counts must be from 0 to .*, got -2 to 3"),
        ({"count": pa.array([2**64 - 1, 2, 1], pa.uint64())}, "counts must be from 0 to "),
    ],
)
def test_columns_that_do_not_fit_are_refused(path, columns, message):
    written(path, **columns)
    with pytest.raises(FormatError, match=message):
        load(path)


@pytest.mark.parametrize("counts", [[3, 2, 1], None])
def test_row_groups_without_rows_are_passed_over(path, counts):
    (rows,) = pa.table(
        {"word": WORDS, "vector": NUMBERS, **({"count": counts} if counts else {})}
    ).to_batches()
    with pq.ParquetWriter(path, rows.schema) as writer:
        for batch in (rows[:0], rows, rows[:0]):
            writer.write_batch(batch)
    assert pq.ParquetFile(path).num_row_groups == 3
    vectors = load(path)
    assert (vectors.words, vectors.matrix.tolist()) == (WORDS, NUMBERS)
    assert vectors.counts is None if counts is None else vectors.counts.tolist() == counts


def test_counts_that_are_all_missing_are_unknown(path):
    written(path, count=pa.nulls(3, pa.int64()))
    assert load(path).counts is None


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_counts_that_are_missing_in_part_are_refused(path, rows):
    written(path, {"row_group_size": rows}, count=[3, None, 1])
    with pytest.raises(FormatError, match="there are counts missing"):
        load(path)


def test_missing_columns_are_reported_with_those_that_there_are(path):
    pq.write_table(pa.table({"token": WORDS, "vector": NUMBERS}), path)
    with pytest.raises(FormatError, match='must have the columns "word", of strings, and "vector", of lists'):
        load(path)


@pytest.mark.parametrize("packing", ["zstd", "gzip", "brotli"])
def test_what_may_decompress_to_anything_is_refused(path, packing):
    written(path, {"compression": packing})
    with pytest.raises(FormatError, match=rf"compressed by {packing.upper()}.*compression='snappy' or none"):
        load(path)


def test_a_column_that_is_named_like_a_part_of_another_does_not_hide_its_codec(path):
    packing = {"word": "zstd", "word.x": "snappy", "vector.list.element": "snappy"}
    written(path, {"compression": packing}, **{"word.x": ["a", "b", "c"]})
    with pytest.raises(FormatError, match=r"compressed by ZSTD"):
        load(path)


def test_a_million_equal_vectors_in_a_few_bytes_are_refused_before_they_are_decompressed(path, monkeypatch):
    num_words = 20_000
    numbers = pa.FixedSizeListArray.from_arrays(pa.array(np.ones(num_words * 100, np.float32)), 100)
    pq.write_table(pa.table({"word": [str(word) for word in range(num_words)], "vector": numbers}), path)
    assert path.stat().st_size * 50 < num_words * 100 * 4
    monkeypatch.setattr(parquet, "MAX_TIMES", 50)
    monkeypatch.setattr(pq.ParquetFile, "read_row_group", pytest.fail)
    with pytest.raises(FormatError, match="more than 50 times as long as the file"):
        load(path)


def test_long_words_that_are_there_many_times_are_refused(path):
    pq.write_table(pa.table({"word": ["x" * 50_000] * 2000, "vector": [[1.0]] * 2000}), path)
    with pytest.raises(FormatError, match="its words are longer than the file"):
        load(path)


def test_a_page_that_says_more_values_than_its_column_is_refused(path, monkeypatch):
    written(path, {"use_dictionary": False})
    whole = path.read_bytes()
    with path.open("rb") as file:
        (chunks,) = parquet.column_chunks(file)
    start = chunks[1].start
    header = whole[start : start + 40]
    place = start + header.index(b"\x15\x0c")  # num_values: 6, as Thrift has it
    path.write_bytes(whole[:place] + b"\x15\x0e" + whole[place + 2 :])
    monkeypatch.setattr(pq.ParquetFile, "read_row_group", pytest.fail)
    with pytest.raises(FormatError, match=r"the pages of vector have \d+ values, but its footer says 6"):
        load(path)


def test_a_file_cut_anywhere_is_refused(path):
    written(path)
    whole = path.read_bytes()
    for length in range(4, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(FormatError):
            load(path)


def test_words_that_are_no_text_are_refused(path):
    with pytest.raises(FormatError, match="not valid Unicode text"):
        save(WordVectors(["\ud800"], [[1.0]]), path)
    assert not path.exists()


@pytest.mark.parametrize(
    "packing",
    [
        {},
        {"use_dictionary": False},
        {"use_dictionary": False, "compression": "none"},
        {"data_page_version": "2.0", "use_dictionary": False},
        {"use_dictionary": False, "column_encoding": {"word": "DELTA_LENGTH_BYTE_ARRAY"}},
    ],
    ids=["dictionary", "plain", "unpacked", "second version", "lengths"],
)
def test_a_word_longer_than_any_is_refused_before_it_is_decompressed(path, packing, monkeypatch):
    monkeypatch.setattr(parquet, "MAX_WORD_BYTES", 1000)
    monkeypatch.setattr(pq.ParquetFile, "read_row_group", pytest.fail)
    written(path, packing, word=["x" * 4000, "y" * 4000, "z" * 4000])
    with pytest.raises(
        FormatError, match=r"a word of it has [\d,]+ bytes or more, and a word may have 1,000"
    ):
        load(path)


def test_one_long_word_among_short_ones_is_refused_by_its_row(path, monkeypatch):
    monkeypatch.setattr(parquet, "MAX_WORD_BYTES", 1000)
    written(path, word=["a", "é" * 501, "c"])
    with pytest.raises(
        FormatError, match=r"the word 'é+' \(row 1\) has 1,002 bytes, and a word may have 1,000"
    ):
        load(path)
    written(path, word=["a", "é" * 500, "c"])
    assert len(load(path).words[1]) == 500


@pytest.mark.parametrize("name", ["v.parquet", "v.txt", "v.glove"])
def test_no_word_is_written_that_would_not_be_read(tmp_path, name, monkeypatch):
    for module in (parquet, text_vectors):
        monkeypatch.setattr(module, "MAX_WORD_BYTES", 10)
    vectors = WordVectors(["rose", "chrysanthemum"], [[1.0], [2.0]])
    with pytest.raises(
        FormatError, match=r"'chrysanthemum' \(row 1\) has 13 bytes, .*save as a wordvec folder"
    ):
        save(vectors, tmp_path / name, format="glove" if name.endswith("glove") else None)
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_tells_more_bytes_than_it_can_decompress_to_is_refused(path, monkeypatch):
    written(path, {"use_dictionary": False})
    whole = path.read_bytes()
    with path.open("rb") as file:
        (chunks,) = parquet.column_chunks(file)
    start = chunks[0].start
    assert whole[start : start + 3] == b"\x15\x00\x15"  # the kind of page, and then its size, unpacked
    told = b"\xfe\xff\xff\x0f"  # 16 MiB
    path.write_bytes(whole[: start + 3] + told + whole[start + 4 :])
    monkeypatch.setattr(pq.ParquetFile, "read_row_group", pytest.fail)
    with pytest.raises(
        FormatError, match=r"a page of word with \d+ bytes cannot decompress to the 16,777,215"
    ):
        load(path)


@pytest.mark.parametrize(
    "column",
    [
        {"vector": [[1, 2], [3, 4], [5, 6]]},
        {"vector": [{"x": 0.5, "y": 1.0}] * 3},
        {"vector": ["0.5 1"] * 3},
        {"word": [b"\xe9", b"b", b"c"]},
        {"vector": [[0.5, 1.0], [2.0], [4.0, 5.0]]},
        {"vector": [[0.5, 1.0], [2.0], [4.0, 5.0, 3.0]]},
    ],
    ids=["integers", "structs", "strings", "bytes", "short", "same mean"],
)
def test_a_whole_file_of_other_types_or_lengths_is_not_called_damaged(path, column):
    written(path, **column)
    with pytest.raises(
        FormatError, match=r"other types: .* convert them|different lengths.*write them again"
    ) as told:
        load(path)
    assert "damaged" not in str(told.value)
    assert "get the file again" not in str(told.value)


def test_a_page_that_has_text_of_many_terabytes_is_refused_before_there_is_memory_for_it(path):
    save(WordVectors(["a", "b"], [[1.0], [2.0]]), path)
    content = path.read_bytes()
    binary, terabytes = b"\x18", b"\xff\xff\xff\xff\xff\x7f"  # the kind of the second field, and its length
    path.write_bytes(content[:6] + binary + terabytes + content[13:])
    with pytest.raises(FormatError, match="cut short"):
        load(path)
