"""CSV rows: they end where pyarrow's parser says that they end, also with stray quotation marks."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from wordvec.corpus.csv_files import at_rows, find_delimiter, first_row, open_quote


def parsed(data: bytes, delimiter: str) -> list[list[str]]:
    table = pyarrow.csv.read_csv(
        pa.BufferReader(data),
        read_options=pyarrow.csv.ReadOptions(
            column_names=["a", "b"], use_threads=False, block_size=len(data) + 1
        ),
        parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(column_types={"a": pa.string(), "b": pa.string()}),
    )
    return [list(row.values()) for row in table.to_pylist()]


def random_cell(chance: np.random.Generator, delimiter: str) -> str:
    inside = "".join(
        chance.choice(["x", "é", " ", '"', '""', ";", "\t", ",", "\n", "\r\n"], chance.integers(6))
    )
    kind = chance.integers(4)
    if kind == 0:
        return '"' + inside.replace('"', '""') + '"'
    if kind == 1:  # what follows the closing mark is taken as it is
        return '"' + inside.replace('"', '""') + '"' + str(chance.choice(["y", 'y"', 'y"z', " "]))
    plain = inside.replace(delimiter, "").replace("\n", "").replace("\r", "")
    return "x" + plain if plain.startswith('"') else plain  # stray marks, but none that opens


@pytest.fixture
def few_objects_to_look_through() -> Iterator[None]:
    """After each reading, pyarrow goes through all objects that are not frozen: many, after other tests."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("few_objects_to_look_through")
@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_rows_cut_anywhere_are_the_rows_of_the_whole(delimiter: str) -> None:
    chance = np.random.default_rng(11)
    num_cuts = 0
    for _ in range(9):
        rows = [
            f"{random_cell(chance, delimiter)}{delimiter}{random_cell(chance, delimiter)}"
            for _ in range(chance.integers(1, 8))
        ]
        data = "".join(row + str(chance.choice(["\n", "\r\n"])) for row in rows).encode()
        whole = parsed(data, delimiter)
        assert len(whole) == len(rows)
        for size in range(1, len(data)):
            end = at_rows(delimiter).last_place(data[:size])
            if end:
                num_cuts += 1
                assert parsed(data[:end], delimiter) + parsed(data[end:], delimiter) == whole
    assert num_cuts > 80


def test_names_are_read_with_marks_and_line_breaks_in_them() -> None:
    assert first_row(b'\r\n"the ""text""","a\nb",\xc3\xa9\r\n1,2,3\r\n', ",") == (
        ['the "text"', "a\nb", "é"],
        27,
    )
    assert first_row(b"", ",") == ([], 0)


@pytest.mark.parametrize(
    ("data", "delimiter"),
    [
        (b"id,text\n", ","),
        (b"id;text\n", ";"),
        (b"id\ttext\n", "\t"),
        (b"id|text\n", "|"),
        (b"id:text\n", ","),
    ],
    ids=["comma", "semicolon", "tab", "bar", "none"],
)
def test_the_delimiter_is_the_one_that_makes_a_cell_of_the_column(data: bytes, delimiter: str) -> None:
    assert find_delimiter(data, "text") == delimiter


def test_a_comma_comes_first() -> None:
    assert find_delimiter(b"text,a;text\n", "text") == ","


def test_the_mark_that_is_not_closed_is_found() -> None:
    assert open_quote(b'1,"a"\n2,"b ""\n', ",") == 12
    assert open_quote(b'1,"a"\n2,5"\n', ",") is None
