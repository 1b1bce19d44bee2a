"""Columns: data sets, data frames and arrays give the texts of their column; what has none is refused."""

from __future__ import annotations

from collections import UserDict, namedtuple
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.corpus.tables import TEXTS, WORDS, texts_in

from wordvec.corpus.sources import parse_source
from wordvec.errors import ConfigError, CorpusError

datasets = pytest.importorskip("datasets")
pandas = pytest.importorskip("pandas")

TABLE = pa.table({"id": list(range(len(TEXTS))), "text": TEXTS})
FRAME = pandas.DataFrame({"id": range(len(TEXTS)), "text": TEXTS, "mixed": [1, "a", *[None] * 5]})
DATA_SET = datasets.Dataset.from_dict({"id": list(range(len(TEXTS))), "text": TEXTS})


def rows() -> Iterator[dict[str, Any]]:
    for text in TEXTS:
        yield {"text": text, "id": 1}


TABLES = {
    "pandas": FRAME,
    "pyarrow table": TABLE,
    "pyarrow batch": TABLE.to_batches()[0],
    "data set": DATA_SET,
    "data set with rows chosen": DATA_SET.select(range(6, -1, -1)).select(range(6, -1, -1)),
    "formatted data set": DATA_SET.with_format("numpy"),
    "streaming data set": DATA_SET.to_iterable_dataset(),
    "streaming data set of unknown columns": datasets.IterableDataset.from_generator(rows),
}


# A series of pandas before 3 gives no data as Arrow: it is read as the frame that it is a part of.
gives_arrow = hasattr(pandas.Series, "__arrow_c_stream__")
needs_new_series = pytest.mark.skipif(not gives_arrow, reason="pandas before 3")
SERIES = [pytest.param(FRAME[name], marks=needs_new_series, id="series") for name in ("text", "id")]


class OldSeries:
    """As of pandas before 3, whose frames give their data as Arrow, and whose series do not."""

    def to_frame(self) -> Any:
        return pandas.DataFrame({"text": TEXTS})


ALONE = {
    "pandas": FRAME["text"],
    "older pandas": OldSeries(),
    "pyarrow chunks": TABLE["text"],
    "pyarrow array": TABLE["text"].chunk(0),
    "pyarrow dictionary": TABLE["text"].dictionary_encode(),
    "pyarrow string view": TABLE["text"].cast(pa.string_view()),
    "column of a data set": DATA_SET["text"],
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_give_the_texts_of_a_column_again_and_again(name: str) -> None:
    assert texts_in(TABLES[name]) == WORDS
    assert texts_in(TABLES[name]) == WORDS


def test_a_reader_of_batches_is_read_once() -> None:
    assert texts_in(TABLE.to_reader()) == WORDS


@pytest.mark.parametrize("name", ALONE)
def test_columns_alone_need_no_name(name: str) -> None:
    assert texts_in(ALONE[name], None) == WORDS


@pytest.mark.parametrize("array", [TABLE["text"], TABLE["text"].chunk(0), SERIES[0]])
def test_a_column_alone_has_no_column(array: Any) -> None:
    with pytest.raises(
        ConfigError,
        match=r"column applies only to tables, got 'text' for the .*, which is one column; leave it out",
    ):
        texts_in(array, "text")


def test_a_column_of_a_data_set_has_no_other_column() -> None:
    assert texts_in(DATA_SET["text"], "text") == WORDS
    with pytest.raises(ConfigError, match=r"got 'id' for the column 'text' of one; leave it out"):
        texts_in(DATA_SET["text"], "id")


@pytest.mark.parametrize("name", ["pandas", "pyarrow table", "data set", "streaming data set"])
def test_a_column_that_is_not_there_is_reported_with_those_that_are(name: str) -> None:
    with pytest.raises(CorpusError, match=r"^the \w+ has no column 'body'; its columns are id.*, text"):
        texts_in(TABLES[name], "body")
    with pytest.raises(
        CorpusError, match=r"^the \w+ is a table, so say which column is the text: column='NAME'"
    ):
        texts_in(TABLES[name], None)


@pytest.mark.parametrize("source", [TABLE["id"], SERIES[1], pa.array([1])])
def test_numbers_alone_are_refused(source: Any) -> None:
    with pytest.raises(CorpusError, match=r"^the \w+ holds int64, but must hold text: .* already$"):
        texts_in(source, None)


def test_a_pandas_column_of_many_kinds_is_refused() -> None:
    with pytest.raises(
        CorpusError, match=r"the DataFrame cannot be read as Arrow: .*give one with a column of strings"
    ):
        texts_in(FRAME, "mixed")


@pytest.mark.parametrize(
    ("frame", "column"),
    [
        (pandas.DataFrame(["to be", "or not"]), None),
        (pandas.DataFrame({7: [1, 2], 0: ["to be", "or not"]}), "0"),
        (pandas.DataFrame({("a", "n"): [1, 2], ("a", "text"): ["to be", "or not"]}), "('a', 'text')"),
        (pandas.Index(["to be", "or not"]), None),
    ],
    ids=["one column", "two columns", "columns of two levels", "index"],
)
def test_pandas_columns_may_be_named_by_other_things_than_text(frame: Any, column: str | None) -> None:
    assert texts_in(frame, column) == [["to", "be"], ["or", "not"]]


def test_half_a_character_is_refused() -> None:
    frame = pandas.DataFrame({"text": pandas.Series(["to be", "or \ud83d"], dtype=object)})
    stream = datasets.IterableDataset.from_generator(lambda: iter([{"text": "or \ud83d"}]))
    for source in (frame, stream):
        with pytest.raises(CorpusError, match=r"cannot be read as Arrow: .*surrogates not allowed; give one"):
            texts_in(source)


def test_a_stream_of_rows_of_many_kinds_is_refused() -> None:
    rows = [{"text": "a"}, {"text": 5}]
    stream = datasets.IterableDataset.from_generator(lambda: iter(rows))
    with pytest.raises(
        CorpusError, match=r"column 'text' of the IterableDataset cannot be read as Arrow: .*; give one"
    ):
        texts_in(stream)
    with pytest.raises(CorpusError, match="column 'text' of the IterableDataset holds int64, but must"):
        texts_in(datasets.IterableDataset.from_generator(lambda: iter(rows[1:])))


def test_lists_of_strings_are_words_already() -> None:
    words = [["to", "be or"], None, [], ["not"]]
    for source in (
        pa.table({"text": words}),
        pandas.DataFrame({"text": words}),
        datasets.Dataset.from_dict({"text": words}),
    ):
        assert texts_in(source) == [["to", "be or"], ["not"]]


def test_lists_of_integers_are_words_already() -> None:
    items = [[17, 4], None, [], [17]]
    for source in (
        pa.table({"text": items}),
        pa.table({"text": pa.array(items, pa.list_(pa.dictionary(pa.int32(), pa.uint8())))}),
        pandas.DataFrame({"text": items}),
        datasets.Dataset.from_dict({"text": items}),
        datasets.IterableDataset.from_generator(lambda: iter([{"text": text} for text in items])),
        [{"text": text} for text in items],
    ):
        assert texts_in(source) == [["17", "4"], ["17"]]
    with pytest.raises(ConfigError, match="has lists of words, which are tokenized already; leave it out"):
        texts_in(pa.table({"text": items}), tokenizer="words")


DICTS = [{"id": number, "text": text} for number, text in enumerate(TEXTS)]


@pytest.mark.parametrize(
    "source",
    [DICTS, tuple(DICTS), map(UserDict, DICTS), iter(DICTS), FRAME.to_dict("records"), DATA_SET.to_list()],
    ids=["list", "tuple", "other mappings", "iterator", "records of pandas", "rows of a data set"],
)
def test_dicts_give_the_texts_under_a_name(source: Any) -> None:
    assert texts_in(source) == WORDS


def test_dicts_may_lack_the_text_and_hold_words() -> None:
    dicts: list[Any] = [{"id": 1}, {"text": "to be"}, {"text": float("nan")}, {"text": ("or", "not")}]
    assert texts_in([*dicts, {"text": {"or"}}, {"text": np.array([3])}]) == [
        ["to", "be"],
        ["or", "not"],
        ["or"],
        ["3"],
    ]
    assert texts_in(dicts[:2] * 2000, tokenizer=str.split) == [["to", "be"]] * 2000


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        ({"text": 5}, r"column 'text' in row 3 of the list holds 5, but must hold text"),
        ({"text": True}, r"column 'text' in row 3 of the list holds True, but must hold text"),
        ({"text": {"a": 1}}, r"column 'text' in row 3 of the list holds \{'a': 1\}, but must hold text"),
        ({"text": b"to be"}, r"column 'text' in row 3 of the list holds b'to be', but must hold text"),
        ({"text": ["to", 5]}, r"column 'text' in row 3 of the list holds 5 \(int\), but words must be"),
        ({"text": "\ud83d"}, r"column 'text' of the list cannot be read as Arrow: .*surrogates"),
        (
            ["to", "be"],
            r"row 3 of the list must be a dict with the text under 'text', got \['to', 'be'\]; leave",
        ),
    ],
    ids=["number", "boolean", "dict", "bytes", "mixed words", "half a character", "words"],
)
def test_a_dict_without_text_is_reported_with_its_row(odd: Any, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        texts_in([{"text": "to be"}, {"text": "to be"}, odd])


def test_dicts_that_all_lack_the_name_are_refused_with_the_names_there_are() -> None:
    with pytest.raises(
        CorpusError, match=r"the list has no column 'body' in its first 7 rows; .* are id, text$"
    ):
        texts_in(DICTS, "body")
    with pytest.raises(
        CorpusError, match=r"^text 1 is a dict, .*'id', 'text'; say which one is the text: column="
    ):
        texts_in(DICTS, None)


@pytest.mark.parametrize("key", ["train", 7, ("tea", "jam")], ids=["name", "number", "basket"])
def test_a_dict_is_not_one_text(key: Any) -> None:
    with pytest.raises(
        CorpusError, match=r"a dict of .* is not one text .* data\[.*\], or list\(data\.values\(\)\)"
    ):
        parse_source({key: [["red", "green"]]})


def test_slices_of_a_table_are_read_without_what_is_beside_them() -> None:
    table = pa.table(
        {"text": ["a\0", "to\nbe", None, "or", "\0"], "words": [["\0"], ["a"], None, ["b", ""], ["\0"]]}
    )
    assert texts_in(table.slice(1, 3)) == [["to", "be"], ["or"]]
    assert texts_in(table.slice(1, 3), "words") == [["a"], ["b"]]


def long_texts(*ends: int) -> Any:
    """Texts of zeros, of which no memory is taken before it is looked at, and two words."""
    codes = np.zeros(ends[-1], np.uint8)
    codes[:5] = codes[-5:] = np.frombuffer(b"to be", np.uint8)
    places = pa.py_buffer(np.array([0, *ends], np.int64))
    return pa.Array.from_buffers(pa.large_string(), len(ends), [None, places, pa.py_buffer(codes)])


def test_a_column_may_have_more_bytes_than_an_arrow_array_of_strings() -> None:
    texts = long_texts(5, 2**31 + 1, 2**31 + 6)
    lists = pa.LargeListArray.from_arrays([0, 1, 2, 3], texts)
    for column in (texts, lists):
        chunks = pa.chunked_array([column[:1], column[2:]])
        assert [word for text in texts_in(chunks, None) for word in text] in (["to", "be"] * 2, ["to be"] * 2)


def test_a_text_that_is_too_long_is_reported_with_its_row() -> None:
    with pytest.raises(
        CorpusError, match=r"the LargeStringArray has 2,147,483,\d+ bytes in row 2, and a text"
    ):
        texts_in(long_texts(5, 2**31 + 5), None)


def test_texts_and_lists_of_words_may_follow_each_other_in_a_stream() -> None:
    rows = [{"text": "to be"}] * 1000 + [{"text": ["or", "not"]}] * 1000 + [{"text": None}] * 1000
    stream = datasets.IterableDataset.from_generator(lambda: iter(rows))
    assert texts_in(stream) == [["to", "be"]] * 1000 + [["or", "not"]] * 1000


def test_several_data_sets_are_refused_with_advice() -> None:
    with pytest.raises(
        CorpusError, match=r"a DatasetDict of train, test is not one text .* such as data\['train'\]"
    ):
        parse_source(datasets.DatasetDict(train=DATA_SET, test=DATA_SET), "text")


def test_what_is_said_of_tables_is_refused_for_token_lists() -> None:
    with pytest.raises(
        ConfigError, match=r"column applies only to tables and texts that are dicts, got 'text' for the token"
    ):
        parse_source([["red"]], "text")
    with pytest.raises(
        ConfigError, match=r"input_format applies only to files, got 'csv' for something else"
    ):
        parse_source([["red"]], None, "csv")
    with pytest.raises(ConfigError, match=r"input_format must be 'text', .* got 'xlsx'"):
        parse_source("a.xlsx", None, "xlsx")


def test_texts_that_are_named_tuples_are_still_token_lists() -> None:
    pair = namedtuple("pair", "first second")  # noqa: PYI024
    assert texts_in([pair("a", "b")], None) == [["a", "b"]]


def test_a_column_is_named_in_messages() -> None:
    assert parse_source(FRAME, "text").description == "column 'text' of the DataFrame"


@needs_new_series
def test_a_column_alone_is_named_in_messages() -> None:
    assert parse_source(FRAME["text"]).description == "the Series"
