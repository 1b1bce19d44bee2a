import math

import numpy as np
import pytest

from wordvec.errors import FormatError
from wordvec.formats.plain_json import to_json


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
