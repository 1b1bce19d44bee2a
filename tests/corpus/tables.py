"""Tables: the same texts in each kind of file, and what reading them gives."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from wordvec.corpus.reading import read_tokens
from wordvec.corpus.sources import parse_source

TEXTS = ["to be, or not", None, "", 'she said "no"', "line\r\nbreak and\ttab", '5" nail; é 日本 | x', "NULL"]
WORDS = [text.split() for text in TEXTS if text]  # of the texts that have some


def parquet(texts: list[Any], **options: Any) -> bytes:
    """A Parquet file with another column on each side of the text."""
    file = io.BytesIO()
    numbers = list(range(len(texts)))
    pq.write_table(pa.table({"id": numbers, "text": texts, "stars": numbers}), file, **options)
    return file.getvalue()


def separated(texts: list[Any], delimiter: str = ",", line_end: str = "\r\n") -> bytes:
    """A CSV file, as Python writes it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([["id", "text", "stars"], *([number, text, 5] for number, text in enumerate(texts))])
    return file.getvalue().encode()


def json_lines(texts: list[Any]) -> bytes:
    """A JSON-lines file, with a field that is of another kind in each line, and a blank line."""
    lines = [
        json.dumps({"id": [number, str(number), {"a": number}][number % 3], "text": text})
        for number, text in enumerate(texts)
    ]
    return "\n".join([lines[0], "", *lines[1:]]).encode()


FILES: dict[str, bytes] = {
    "a.parquet": parquet(TEXTS),
    "dictionary.parquet": parquet(TEXTS, use_dictionary=["text"], store_schema=False),
    "row-groups.parquet": parquet(TEXTS, row_group_size=2, compression="zstd"),
    "parquet-by-its-beginning.bin": parquet(TEXTS),
    "comma.csv": separated(TEXTS),
    "newlines.CSV": separated(TEXTS, line_end="\n"),
    "mark.csv": b"\xef\xbb\xbf" + separated(TEXTS),
    "semicolon.csv": separated(TEXTS, ";"),
    "bar.csv": separated(TEXTS, "|"),
    "tab.tsv": separated(TEXTS, "\t"),
    "a.jsonl": json_lines(TEXTS),
    "mark.ndjson": b"\xef\xbb\xbf" + json_lines(TEXTS).replace(b"\n", b"\r\n"),
    "a.json": json_lines(TEXTS),
}
COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda data: pa.compress(data, codec="zstd", asbytes=True),
}


def written(folder: Path, name: str, data: bytes) -> Path:
    """A file in a folder."""
    path = folder / name
    path.write_bytes(data)
    return path


def texts_in(
    source: Any, column: str | None = "text", tokenizer: Any = "whitespace", **reading: Any
) -> list[list[str]]:
    """The texts of a source that have words."""
    said = {name: reading.pop(name) for name in ("input_format", "encoding", "errors") if name in reading}
    blocks = read_tokens(parse_source(source, column, **said), tokenizer, **reading)
    texts: list[list[str]] = [[]]
    for block in blocks:
        for word in block.ids.tolist():
            if word < 0:
                texts.append([])
            else:
                texts[-1].append(block.words[word])
    return [text for text in texts if text]
