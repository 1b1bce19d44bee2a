import math

import numpy as np
import pytest

from wordvec.errors import FormatError
from wordvec.storage.plain_json import parse_json, to_json


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.1), "0.10000000149011612"),
        (np.bool_(True), "true"),
        ({"a": {2: [np.int8(1), (None, "é")]}}, '{"a": {"2": [1, [null, "é"]]}}'),
        (-math.inf, "null"),
        (np.float64("nan"), "null"),
    ],
    ids=["float32", "bool", "nested", "infinity", "nan"],
)
def test_plain_data_becomes_strict_json(value, expected):
    assert to_json(value) == expected


@pytest.mark.parametrize("value", [{1, 2}, object, b"bytes"], ids=["set", "class", "bytes"])
def test_other_data_is_refused(value):
    with pytest.raises(FormatError, match="must be plain data"):
        to_json({"setting": value})


@pytest.mark.parametrize("text", ["NaN", '{"loss": -Infinity}', "[1e999]"])
def test_numbers_that_json_cannot_hold_are_not_read(text):
    with pytest.raises(ValueError, match=r"is not a number of JSON|too large for a float"):
        parse_json(text)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a": ', "}")], ids=["lists", "objects"])
@pytest.mark.parametrize("depth", [102, 900, 200_000])
def test_deep_nesting_is_not_read(opening, closing, depth):
    with pytest.raises(ValueError, match="nested more than 100 deep"):
        parse_json(opening * depth + "1" + closing * depth)


def test_what_nests_too_deeply_to_be_read_is_not_written():
    value = 1
    for _ in range(900):
        value = [value]
    with pytest.raises(FormatError, match="nested more than 100 deep"):
        to_json(value)


def test_what_is_written_at_the_limit_is_read():
    value = 1
    for _ in range(100):
        value = [value]
    assert parse_json(to_json(value)) == value
