"""Weights: a text with a weight is read as if it stood there that many times, whatever table it is from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.corpus.tables import written

import wordvec
from wordvec.corpus.encoded import TEXT_END
from wordvec.corpus.sources import parse_source
from wordvec.corpus.weights import repeated
from wordvec.errors import ConfigError, CorpusError
from wordvec.vocabulary.encoding import encode_corpus

TEXTS = ["red green", None, "blue", "", "red\nred blue", "never read", "green blue red red"]
WEIGHTS = [3, None, 1, 2, 40, 0, 7]
EXPANDED = [
    text.split() for text, times in zip(TEXTS, WEIGHTS, strict=True) if text for _ in range(times or 0)
]


def encoded(source: Any, folder: Path, **reading: Any) -> tuple[list[str], list[int], list[int]]:
    """Words, counts and ids of a source."""
    vocabulary, corpus = encode_corpus(source, folder=folder, min_count=1, **reading)
    return vocabulary.words, vocabulary.counts.tolist(), corpus.read(0, corpus.num_positions).tolist()


def rows() -> Iterator[dict[str, Any]]:
    for text, times in zip(TEXTS, WEIGHTS, strict=True):
        yield {"text": text, "n": times} if text is not None else {"text": text}


def csv_file(delimiter: str = ",") -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(["n", "other", "text"])
    writer.writerows(
        [f" {'' if times is None else times}", "x", text or ""]
        for text, times in zip(TEXTS, WEIGHTS, strict=True)
        if text is not None
    )
    return file.getvalue().encode()


def json_file() -> bytes:
    return "\n".join(json.dumps(row) for row in rows()).encode()


def parquet_file(kind: Any) -> bytes:
    file = io.BytesIO()
    table = pa.table({"n": pa.array(WEIGHTS, kind), "text": TEXTS, "other": WEIGHTS})
    pq.write_table(table, file, row_group_size=2)
    return file.getvalue()


FILES = {
    "a.csv": csv_file(),
    "semicolon.csv": csv_file(";"),
    "a.tsv": csv_file("\t"),
    "a.jsonl": json_file(),
    "integers.parquet": parquet_file(pa.int16()),
    "floats.parquet": parquet_file(pa.float32()),
    "decimals.parquet": parquet_file(pa.decimal128(9, 2)),
}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", FILES)
def test_a_row_of_a_file_is_read_as_often_as_its_weight_says(name: str, threads: int, tmp_path: Path) -> None:
    path = written(tmp_path, name, FILES[name])
    source = parse_source(path, column="text", weight="n")
    for block_bytes in (1, 2**20):
        found = encoded(source, tmp_path, threads=threads, block_bytes=block_bytes)
        assert found == encoded(parse_source(EXPANDED), tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_a_tokenizer_of_ones_own_is_called_once_for_each_row(name: str, tmp_path: Path) -> None:
    calls = []

    def tokenizer(text: str) -> list[str]:
        calls.append(text)
        return text.split()

    path = written(tmp_path, name, FILES[name])
    source = parse_source(path, column="text", weight="n")
    assert encoded(source, tmp_path, tokenizer=tokenizer) == encoded(parse_source(EXPANDED), tmp_path)
    assert len(calls) == 4  # of 5 with words, one has weight 0


COLUMNS = {"n": WEIGHTS, "text": TEXTS, "other": WEIGHTS}
IN_MEMORY: dict[str, Callable[[], Any]] = {
    "dicts": lambda: list(rows()),
    "iterator of dicts": rows,
    "pandas": lambda: pytest.importorskip("pandas").DataFrame(COLUMNS),
    "polars": lambda: pytest.importorskip("polars").DataFrame(COLUMNS),
    "pyarrow": lambda: pa.table(COLUMNS),
    "pyarrow, dictionary": lambda: pa.table({**COLUMNS, "n": pa.array(WEIGHTS).dictionary_encode()}),
    "data set": lambda: pytest.importorskip("datasets").Dataset.from_dict(COLUMNS),
    "streaming data set": lambda: pytest.importorskip("datasets").IterableDataset.from_generator(whole_rows),
}


def whole_rows() -> Iterator[dict[str, Any]]:
    yield from ({"text": text, "n": times} for text, times in zip(TEXTS, WEIGHTS, strict=True))


@pytest.mark.parametrize("name", IN_MEMORY)
def test_a_row_in_memory_is_read_as_often_as_its_weight_says(name: str, tmp_path: Path) -> None:
    source = parse_source(IN_MEMORY[name](), column="text", weight="n")
    assert encoded(source, tmp_path) == encoded(parse_source(EXPANDED), tmp_path)


def test_lists_of_words_have_weights_too(tmp_path: Path) -> None:
    texts = [["red", "", "green"], None, [], ["blue"]]
    table = pa.table({"text": pa.array(texts, pa.list_(pa.string())), "n": [2, None, 5, 3]})
    source = parse_source(table, column="text", weight="n")
    expanded = [["red", "green"]] * 2 + [["blue"]] * 3
    assert encoded(source, tmp_path) == encoded(parse_source(expanded), tmp_path)


@given(st.lists(st.tuples(st.lists(st.integers(0, 9), max_size=5), st.integers(1, 9)), max_size=8))
def test_texts_are_repeated_as_often_as_they_count(texts: list[tuple[list[int], int]]) -> None:
    ids = np.array([id_ for text, _ in texts for id_ in [*text, TEXT_END]], np.int32)
    repeats = np.array([times for _, times in texts], np.int64)
    expected = [id_ for text, times in texts for _ in range(times) for id_ in [*text, TEXT_END]]
    assert [id_ for piece in repeated(ids, repeats) for id_ in piece.tolist()] == expected


def test_many_repeats_come_in_pieces() -> None:
    """No piece has more than some megabytes, however often a text counts."""
    ids = np.array([5, 6, TEXT_END, 7, TEXT_END, 8, TEXT_END], np.int32)
    repeats = np.array([10**6, 3, 10**6])
    pieces = list(repeated(ids, repeats))
    assert max(map(len, pieces)) <= 2**20
    joined = np.concatenate(pieces)
    assert np.array_equal(
        joined, np.concatenate([np.tile([5, 6, -1], 10**6), [7, -1] * 3, np.tile([8, -1], 10**6)])
    )


WRONG: dict[str, tuple[Any, str]] = {
    "fraction": (2.5, "the weight in {} is 2.5, but must be a whole number from 0 to 100,000: its text is"),
    "negative": (-1, "the weight in {} is -1, but must be"),
    "a million": (10**6, "the weight in {} is 1,000,000, but must be"),
    "missing": (None, "{} has no weight; write 1"),
}


@pytest.mark.parametrize("wrong", list(WRONG.values()), ids=list(WRONG))
@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "dicts"])
@pytest.mark.parametrize("tokenizer", ["whitespace", str.split], ids=["built-in", "function"])
def test_what_is_not_a_weight_is_refused_with_its_place(
    kind: str, wrong: tuple[Any, str], tokenizer: Any, tmp_path: Path
) -> None:
    value, message = wrong
    weights = [1, 2, value, 4]
    texts = ["a b", "c", "d e", "f"]
    source: Any = [{"text": text, "n": weight} for text, weight in zip(texts, weights, strict=True)]
    place = {"csv": "record 3 after line 1", "jsonl": "record 3", "parquet": "row 3", "dicts": "row 3"}[kind]
    title = "the list" if kind == "dicts" else str(tmp_path / f"a.{kind}")
    if kind == "csv":
        lines = [
            f"{'' if weight is None else weight},{text}" for text, weight in zip(texts, weights, strict=True)
        ]
        source = written(tmp_path, "a.csv", "\n".join(["n,text", *lines]).encode())
    elif kind == "jsonl":
        source = written(tmp_path, "a.jsonl", "\n".join(map(json.dumps, source)).encode())
    elif kind == "parquet":
        file = io.BytesIO()
        pq.write_table(pa.table({"text": texts, "n": pa.array(weights, pa.float64())}), file)
        source = written(tmp_path, "a.parquet", file.getvalue())
    with pytest.raises(CorpusError) as problem:
        encoded(parse_source(source, column="text", weight="n"), tmp_path, tokenizer=tokenizer)
    assert str(problem.value).startswith(message.format(f"{place} of {title}"))
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize("value", ["two", True, float("nan"), float("inf"), [1], 10**400], ids=str)
def test_what_is_not_a_number_is_refused(value: Any, tmp_path: Path) -> None:
    source = [{"text": "a b", "n": 1}, {"text": None, "n": "ignored"}, {"text": "c", "n": value}]
    with pytest.raises(CorpusError, match=r"(the weight in )?row 3 of the list (is|has)"):
        encoded(parse_source(source, column="text", weight="n"), tmp_path)
    if isinstance(value, (str, bool)):
        path = written(tmp_path, "a.jsonl", "\n".join(map(json.dumps, source)).encode())
        with pytest.raises(CorpusError, match=r"the weight in record 1 after line 2 of .*a\.jsonl is '?[tT]"):
            encoded(parse_source(path, column="text", weight="n"), tmp_path)


def test_a_bad_weight_of_a_row_without_text_is_of_no_account(tmp_path: Path) -> None:
    source = [{"text": "a b", "n": 2}, {"text": None, "n": "bad"}, {"text": "b", "n": 3}]
    found = encoded(parse_source(source, column="text", weight="n"), tmp_path)
    assert found == encoded(parse_source([["a", "b"]] * 2 + [["b"]] * 3), tmp_path)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "dicts", "pandas"])
def test_an_unknown_column_is_named(kind: str, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    source: Any = {"dicts": list(rows()), "pandas": pandas.DataFrame({"text": TEXTS, "n": WEIGHTS})}.get(kind)
    if source is None:
        data = {"csv": csv_file(), "jsonl": json_file(), "parquet": parquet_file(pa.int8())}[kind]
        source = written(tmp_path, f"a.{kind}", data)
    with pytest.raises(CorpusError, match=r"has no (column|field) 'times'.*; its (columns|fields) are .*n"):
        encoded(parse_source(source, column="text", weight="times"), tmp_path)


def test_a_column_without_numbers_is_refused(tmp_path: Path) -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"words": ["to be"], "text": ["two"]}), file)
    path = written(tmp_path, "a.parquet", file.getvalue())
    with pytest.raises(
        CorpusError, match=r"column 'text' of .* holds string, but a weight must be a whole number"
    ):
        encoded(parse_source(path, column="words", weight="text"), tmp_path)


def test_a_weight_needs_a_table(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", b"to be\n")
    with pytest.raises(ConfigError, match=r"weight applies only to tables, got 'n' for .*a\.txt"):
        encoded(parse_source(path, weight="n"), tmp_path)
    with pytest.raises(ConfigError, match="weight applies only to tables and texts that are dicts, got 'n'"):
        parse_source([["a", "b"]], weight="n")
    with pytest.raises(ConfigError, match="weight applies only to tables, got 'n' for the ChunkedArray"):
        encoded(parse_source(pa.chunked_array([["a b"]]), weight="n"), tmp_path)
    with pytest.raises(ConfigError, match="weight and column must be two columns, got 'n' for both"):
        parse_source(path, column="n", weight="n")
    with pytest.raises(ConfigError, match="weight"):
        wordvec.train(recipe="d2l-ptb", weight="n")
