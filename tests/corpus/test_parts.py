"""Parts: each kind of table gives the texts of its column, however it is written, compressed and cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.corpus.tables import (
    COMPRESSORS,
    FILES,
    TEXTS,
    WORDS,
    json_lines,
    parquet,
    separated,
    texts_in,
    written,
)

from wordvec.corpus.reading import read_parts, read_sample
from wordvec.corpus.sources import FileSource
from wordvec.errors import ConfigError, CorpusError


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_table_gives_the_same_texts(name: str, tmp_path: Path) -> None:
    assert texts_in(written(tmp_path, name, FILES[name])) == WORDS


@pytest.mark.parametrize("codec", COMPRESSORS)
@pytest.mark.parametrize("name", ["a.jsonl", "semicolon.csv", "tab.tsv"])
def test_compressed_tables_are_decompressed(name: str, codec: str, tmp_path: Path) -> None:
    assert texts_in(written(tmp_path, name + codec, COMPRESSORS[codec](FILES[name]))) == WORDS


@pytest.mark.parametrize("name", FILES)
def test_a_function_gets_each_text_as_it_is(name: str, tmp_path: Path) -> None:
    got: list[str] = []

    def tokenizer(text: str) -> list[str]:
        got.append(text)
        return [text]

    assert texts_in(written(tmp_path, name, FILES[name]), tokenizer=tokenizer) == [[text] for text in got]
    assert got == [text for text in TEXTS if text]


@pytest.mark.parametrize("name", ["a.parquet", "comma.csv", "a.jsonl"])
def test_a_format_can_be_named(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, "table.txt", FILES[name])
    kind = {"comma.csv": "csv", "a.jsonl": "jsonl", "a.parquet": "parquet"}[name]
    assert texts_in(path, input_format=kind) == WORDS
    as_lines = written(tmp_path, "lines.csv", b"to be\nor not, to be\n")
    assert texts_in(as_lines, None, input_format="text") == [["to", "be"], ["or", "not,", "to", "be"]]


def many_texts() -> list[str]:
    """Texts of some hundred kilobytes, with line breaks, delimiters and quotation marks in all places."""
    chance = np.random.default_rng(5)
    parts = ["a", "bc", " ", "  ", '"', '""', ",", "\n", "\r\n", "é日", '",', '\n"', '5" ']
    texts = ["".join(chance.choice(parts, chance.integers(1, 40))) for _ in range(9_000)]
    return [f"{number} {text}" for number, text in enumerate(texts)]


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("make", [parquet, separated, json_lines], ids=lambda make: make.__name__)
def test_where_blocks_are_cut_changes_nothing(make: Any, threads: int, tmp_path: Path) -> None:
    texts = many_texts()
    name = {"parquet": "a.parquet", "separated": "a.csv", "json_lines": "a.jsonl"}[make.__name__]
    path = written(tmp_path, name, make(texts))
    blocks = list(read_parts(FileSource(str(path), "text"), 20_000))
    assert len(blocks) > 3
    assert all(block.num_bytes <= 70_000 for block in blocks)
    seen = [block.bytes_read for block in blocks]
    assert seen == sorted(seen)
    assert seen[-1] == path.stat().st_size
    assert texts_in(path, block_bytes=20_000, threads=threads) == [text.split() for text in texts]


def test_a_folder_of_tables_and_a_pattern_are_read_in_order(tmp_path: Path) -> None:
    written(tmp_path, "1.parquet", parquet(["one two"]))
    written(tmp_path, "2.csv", separated(["three"]))
    (tmp_path / "more").mkdir()
    written(tmp_path / "more", "3.jsonl", json_lines(["four"]))
    assert texts_in(tmp_path) == [["one", "two"], ["three"], ["four"]]
    assert texts_in(tmp_path / "*.parquet") == [["one", "two"]]
    sizes = [file.stat().st_size for file in sorted(tmp_path.rglob("*.*"))]
    source = FileSource(str(tmp_path), "text")
    assert [part.bytes_read for part in read_parts(source, 1000)] == np.cumsum(sizes).tolist()
    assert source.num_bytes == sum(sizes)


def test_text_among_tables_is_refused_where_a_column_is_named(tmp_path: Path) -> None:
    written(tmp_path, "1.parquet", parquet(["one"]))
    written(tmp_path, "README.md", b"About this data.\n")
    with pytest.raises(
        ConfigError, match=r"column applies only to tables, got 'text' for .*README\.md, which is text.*leave"
    ):
        texts_in(tmp_path)


def test_a_column_that_one_of_several_files_does_not_have_is_reported_with_the_file(tmp_path: Path) -> None:
    written(tmp_path, "1.csv", separated(["one"]))
    written(tmp_path, "2.csv", b"id,body\n1,two\n")
    with pytest.raises(CorpusError, match=r"2\.csv has no column 'text'; its columns are id, body$"):
        texts_in(tmp_path)


@pytest.mark.parametrize("name", ["a.parquet", "comma.csv", "a.jsonl"])
def test_a_table_of_several_columns_needs_a_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(
        CorpusError, match=r"say which .* is the text: column='NAME' \(--column NAME\); its .* are '?id"
    ):
        texts_in(written(tmp_path, name, FILES[name]), None)
    with pytest.raises(CorpusError, match=r"has no (column|field) 'body'.*id.*text"):
        texts_in(written(tmp_path, name, FILES[name]), "body")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b"text\nto be\n\nor\n"),
        ("a.jsonl", b'{"text": "to be"}\n{"text": "or"}'),
        ("a.tsv", b"text\r\nto be\r\nor"),
    ],
)
def test_the_only_column_needs_no_name(name: str, data: bytes, tmp_path: Path) -> None:
    assert texts_in(written(tmp_path, name, data), None) == [["to", "be"], ["or"]]


@pytest.mark.parametrize("make", [parquet, json_lines], ids=lambda make: make.__name__)
def test_lists_of_strings_are_words_already(make: Any, tmp_path: Path) -> None:
    name = {"parquet": "a.parquet", "json_lines": "a.jsonl"}[make.__name__]
    path = written(tmp_path, name, make([["to", "be or", None, ""], None, [], ["to", "é", "to"]]))
    assert texts_in(path) == [["to", "be or"], ["to", "é", "to"]]
    for tokenizer in ("words", str.split):
        with pytest.raises(
            ConfigError, match="has lists of words, which are tokenized already; leave it out"
        ):
            texts_in(path, tokenizer=tokenizer)


def test_lists_of_words_are_cut_into_blocks_and_put_together(tmp_path: Path) -> None:
    texts = [[f"w{word}" for word in range(number % 7)] for number in range(3_000)]
    path = written(tmp_path, "a.parquet", parquet(texts))
    assert texts_in(path, block_bytes=5_000) == [text for text in texts if text]


@pytest.mark.parametrize("name", ["a.parquet", "comma.csv", "a.jsonl"])
def test_a_sample_is_of_the_beginning(name: str, tmp_path: Path) -> None:
    texts = many_texts()
    data = {"a.parquet": parquet, "comma.csv": separated, "a.jsonl": json_lines}[name](texts)
    path = written(tmp_path, name, data)
    sample = read_sample(FileSource(str(path), "text"), sample_bytes=100_000)
    assert sample is not None
    assert not sample.is_whole
    assert 0.1 < sample.share < 0.9
    whole = read_sample(FileSource(str(path), "text"), sample_bytes=10_000_000)
    assert whole is not None
    assert whole.is_whole


def test_a_row_of_many_megabytes_is_one_text_that_is_cut_into_blocks(tmp_path: Path) -> None:
    text = "to be or not " * 800_000
    path = written(tmp_path, "a.parquet", parquet([text, "end"]))
    assert [len(found) for found in texts_in(path)] == [3_200_000, 1]
