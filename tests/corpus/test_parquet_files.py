"""Parquet files: damage, changes and columns of other kinds are refused."""

from __future__ import annotations

import datetime as dt
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.corpus.tables import parquet, texts_in, written

from wordvec.corpus import parquet_files, tables
from wordvec.corpus.reading import read_tokens
from wordvec.corpus.sources import FileSource
from wordvec.errors import CorpusError

DAMAGED = (
    r"is not a Parquet file, or it is damaged or cut short, after .* rows \(.*\); fetch or write it again"
)


def test_a_file_that_is_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    data = parquet(["to be", "or not"] * 20, row_group_size=10)
    for size in range(0, len(data), 29):
        with pytest.raises(CorpusError, match=DAMAGED):
            texts_in(written(tmp_path, "a.parquet", data[:size]))


def test_damage_in_the_middle_is_refused(tmp_path: Path) -> None:
    data = bytearray(
        parquet([f"{number} to be" for number in range(60)], row_group_size=20, compression="zstd")
    )
    last = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(2).column(1)
    start = last.dictionary_page_offset
    data[start : start + last.total_compressed_size] = bytes(last.total_compressed_size)
    with pytest.raises(CorpusError, match=DAMAGED):
        texts_in(written(tmp_path, "a.parquet", bytes(data)))


def test_a_page_that_claims_gigabytes_in_a_small_file_takes_no_memory(tmp_path: Path) -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"text": ["to be"] * 9}), file, compression="none", use_dictionary=False)
    data = file.getvalue()
    start = pq.ParquetFile(file).metadata.row_group(0).column(0).data_page_offset
    # Its kind, the 87 bytes of its values, and then those on disk, as many.
    assert data[start : start + 6] == b"\x15\x00\x15\xae\x01\x15"
    claimed = b"\xfe\xff\xff\xff\x0f"  # 2**31 - 1, as Thrift has it
    path = written(tmp_path, "a.parquet", data[: start + 6] + claimed + data[start + 8 :])
    with pytest.raises(CorpusError, match=DAMAGED):
        texts_in(path)
    assert pa.default_memory_pool().max_memory() < 2**30


@pytest.mark.parametrize("is_small", [True, False], ids=["whole", "through a buffer"])
def test_columns_of_many_pages_are_read(
    is_small: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_small:
        monkeypatch.setattr(parquet_files, "_SMALL_FILE_BYTES", 0)
        monkeypatch.setattr(parquet_files, "_BUFFER_BYTES", 100)
    texts = [f"{number} to be" for number in range(3_000)]
    path = written(tmp_path, "a.parquet", parquet(texts, data_page_size=500, row_group_size=1_000))
    assert texts_in(path) == [text.split() for text in texts]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ([1, 2], "int64"),
        ([b"a", b"b"], "binary"),
        ([[1.0], [2.0]], r"list<element: double>"),
        ([[True], [False]], r"list<element: bool>"),
        ([[["a"]], [["b"]]], r"list<element: list<"),
        ([{"a": "b"}, {"a": "c"}], "struct<"),
        ([dt.date(2020, 1, 1), None], "date32"),
    ],
    ids=[
        "integers",
        "bytes",
        "lists of floats",
        "lists of booleans",
        "lists of lists",
        "structures",
        "dates",
    ],
)
def test_columns_without_text_are_refused_with_the_names_of_all(
    column: list[object], kind: str, tmp_path: Path
) -> None:
    message = rf"column 'text' of .*a\.parquet holds {kind}.*, but must hold text: .*; its columns are id"
    with pytest.raises(CorpusError, match=message):
        texts_in(written(tmp_path, "a.parquet", parquet(column)))


@pytest.mark.parametrize(
    "texts", [[b"tea", b"caf\xe9"], [[b"tea"], [b"a", b"caf\xe9"]]], ids=["strings", "words"]
)
def test_strings_that_are_not_utf8_are_reported_with_their_row(texts: list[object], tmp_path: Path) -> None:
    kind = pa.string() if isinstance(texts[0], bytes) else pa.list_(pa.string())
    raw = pa.array(texts * 3)
    if isinstance(texts[0], bytes):
        strings = raw.view(kind)
    else:
        strings = pa.ListArray.from_arrays(raw.offsets, raw.values.view(pa.string()))
    file = io.BytesIO()
    pq.write_table(pa.table({"text": strings}), file)
    with pytest.raises(
        CorpusError, match=r"a\.parquet is not valid UTF-8 in row 2 \(0xe9\); write the table again"
    ):
        texts_in(written(tmp_path, "a.parquet", file.getvalue()))


def test_a_nul_character_is_reported_with_its_row(tmp_path: Path) -> None:
    path = written(tmp_path, "a.parquet", parquet(["to be"] * 300 + ["a\0b"]))
    with pytest.raises(CorpusError, match=r"has a NUL character in row 301; remove it"):
        texts_in(path, block_bytes=300)


@pytest.mark.parametrize("change", ["appended", "rewritten"])
def test_whoever_writes_to_the_file_meanwhile_is_noticed(change: str, tmp_path: Path) -> None:
    path = written(
        tmp_path, "a.parquet", parquet([f"{number} to be" for number in range(9_000)], row_group_size=1_000)
    )
    blocks = read_tokens(FileSource(str(path), "text"), block_bytes=10_000)
    next(blocks)
    if change == "appended":
        with path.open("ab") as file:
            file.write(b"more")
    else:
        with path.open("r+b") as file:
            file.write(b"PAR1" + b"\xff" * 50_000)
        os.utime(path, ns=(5, 5))
    with pytest.raises(CorpusError, match=r"a\.parquet changed while it was read"):
        list(blocks)


def test_a_file_without_rows_has_no_texts(tmp_path: Path) -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), file)
    assert texts_in(written(tmp_path, "a.parquet", file.getvalue())) == []
    assert texts_in(written(tmp_path, "b.parquet", parquet([None, None]))) == []


def test_standard_input_is_refused() -> None:
    with pytest.raises(CorpusError, match=r"Parquet cannot be read from standard input.*name a file"):
        texts_in("-", input_format="parquet")


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.parquet")
    writer = threading.Thread(target=lambda: (tmp_path / "a.parquet").open("wb").close())
    writer.start()
    with pytest.raises(
        CorpusError, match=r"a\.parquet can be read only from start to end, but Parquet .* save it first"
    ):
        texts_in(tmp_path / "a.parquet")
    writer.join()


def test_large_strings_and_lists_are_text(tmp_path: Path) -> None:
    file = io.BytesIO()
    words = pa.array([["to", "be"]], pa.large_list(pa.large_string()))
    pq.write_table(pa.table({"text": pa.array(["or not"], pa.large_string()), "words": words}), file)
    path = written(tmp_path, "a.parquet", file.getvalue())
    assert texts_in(path) == [["or", "not"]]
    assert texts_in(path, "words") == [["to", "be"]]


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint64(), pa.int32()], ids=str)
@pytest.mark.parametrize("list_of", [pa.list_, pa.large_list], ids=["list", "large list"])
def test_lists_of_integers_are_words(list_of: Callable[..., Any], kind: Any, tmp_path: Path) -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"text": pa.array([[17, 4, None], None, [], [17]], list_of(kind))}), file)
    assert texts_in(written(tmp_path, "a.parquet", file.getvalue())) == [["17", "4"], ["17"]]


@pytest.mark.parametrize("beside", [["to", "be"], {"list": {"element": "other"}}], ids=["list", "structure"])
def test_a_column_whose_name_is_a_path_into_another_is_itself(beside: object, tmp_path: Path) -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"text": [beside], "text.list.element": ["or not"]}), file)
    path = written(tmp_path, "a.parquet", file.getvalue())
    assert texts_in(path, "text.list.element") == [["or", "not"]]


def test_names_and_types_of_columns_take_one_short_line_of_a_message(tmp_path: Path) -> None:
    file = io.BytesIO()
    record = {f"field {number}": number for number in range(1000)}
    pq.write_table(pa.table({"a\nb": [1], "long" * 1000: [2], "record": [record]}), file)
    path = written(tmp_path, "a.parquet", file.getvalue())
    for column, message in {
        "text": r"its columns are 'a\\nb' \(int64\), [long]*\.\.\. \(int64\), record \(struct<.*\.\.\.\)$",
        "record": r"column 'record' of .* holds struct<field 0: .*\.\.\., but must hold text",
    }.items():
        with pytest.raises(CorpusError, match=message) as refused:
            texts_in(path, column)
        assert len(str(refused.value)) < 700


@pytest.mark.parametrize(
    ("row", "size"),
    [("tea " + "x" * 101 + " or", 101), ("x" * 300, 300), (["tea", "é" * 80], 160), ("a\n" + "x" * 102, 102)],
    ids=["within", "alone", "of a list", "after a line"],
)
def test_a_word_longer_than_a_text_may_have_is_refused_with_its_row(
    row: object, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MAX_WORD_BYTES", 100)
    short = ["tea"] if isinstance(row, list) else "to be " * 30
    path = written(tmp_path, "a.parquet", parquet([short, row, short]))
    with pytest.raises(
        CorpusError, match=rf"has a word of {size} bytes in row 2, and a word may have 100; cut it"
    ):
        texts_in(path)


def test_long_texts_of_short_words_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_WORD_BYTES", 100)
    texts = ["to be " * 50, "x" * 100]
    found = texts_in(written(tmp_path, "a.parquet", parquet(texts)))
    assert found == [text.split() for text in texts]
    of_words = [None, ["tea", None, "x" * 100] * 2]
    assert texts_in(written(tmp_path, "b.parquet", parquet(of_words)))[-1] == ["tea", "x" * 100] * 2
