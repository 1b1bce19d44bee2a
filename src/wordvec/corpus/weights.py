"""Weights: how often each row of a table counts, checked, and the ids of its text repeated as often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt
from numpy.typing import NDArray

from wordvec.corpus.encoded import TEXT_END
from wordvec.errors import CorpusError
from wordvec.text import shortened

__all__ = ["MAX_WEIGHT", "as_weights", "check_weight_kind", "repeated", "repeats_of", "weighted"]

MAX_WEIGHT = 100_000  # each repeat of a text is written to the disk
_MAX_POSITIONS = 2**20  # written at a time


def weighted(texts: Any, weights: Any) -> Any:
    """Texts and their weights as one array of pairs, which is cut and put together as a whole."""
    return pa.StructArray.from_arrays([texts, as_weights(weights)], ["text", "weight"])


def as_weights(values: Any) -> Any:
    """Numbers of any kind, or strings of digits, as float64 where all are numbers; else as they are, to be refused.

    >>> as_weights(pa.array(["3", " 2 "])).to_pylist(), as_weights(pa.array(["3", "two"])).to_pylist()
    ([3.0, 2.0], ['3', 'two'])
    """
    if pt.is_dictionary(values.type):
        values = values.dictionary_decode()
    try:
        if pt.is_string(values.type) or pt.is_large_string(values.type):
            return pc.utf8_trim_whitespace(values).cast(pa.float64())
        return values.cast(pa.float64(), safe=False)
    except pa.ArrowException:
        return values.cast(pa.string())


def check_weight_kind(kind: Any, name: str) -> None:
    """Check that a column can hold weights.

    Raises:
        CorpusError: it holds no numbers.

    >>> check_weight_kind(pa.string(), "column 'id' of a.parquet")
    Traceback (most recent call last):
    wordvec.errors.CorpusError: column 'id' of a.parquet holds string, but a weight must be a whole number
    """
    kind = kind.value_type if pt.is_dictionary(kind) else kind
    if not (pt.is_integer(kind) or pt.is_floating(kind) or pt.is_decimal(kind) or pt.is_null(kind)):
        raise CorpusError(f"{name} holds {shortened(str(kind))}, but a weight must be a whole number")


def repeats_of(
    weights: Any,  # (R,)  as `as_weights` gives them
    has_text: NDArray[np.bool_],  # (R,)  rows without a text need no weight
    place_of: Callable[[int], str],  # what a row, from 0, is called in messages
) -> NDArray[np.int64]:
    """How often each row counts, (R,); 0 where it has no text.

    Raises:
        CorpusError: a weight is missing, is not a whole number, is negative, or is too large.

    >>> rows = np.array([True, True, False])
    >>> repeats_of(pa.array([3.0, 0.0, None]), rows, lambda row: f"row {row + 1}").tolist()
    [3, 0, 0]
    >>> repeats_of(pa.array([3.0, 2.5, None]), rows, lambda row: f"row {row + 1}")
    Traceback (most recent call last):
    wordvec.errors.CorpusError: the weight in row 2 is 2.5, but must be a whole number from 0 to 100,000: ...
    """
    if pt.is_floating(weights.type):
        values = weights.fill_null(np.nan).to_numpy(zero_copy_only=False)
    else:
        values = np.array([_number(value) for value in weights.to_pylist()], np.float64)
    is_allowed = (values >= 0) & (values <= MAX_WEIGHT) & (values == np.floor(values))
    wrong = np.flatnonzero(has_text & ~is_allowed)
    if len(wrong):
        raise _not_a_weight(weights[int(wrong[0])].as_py(), place_of(int(wrong[0])))
    return np.where(has_text & is_allowed, values, 0).astype(np.int64)


def _number(value: str | None) -> float:
    try:
        return float(value or "nan")
    except ValueError:
        return float("nan")


def _not_a_weight(value: Any, place: str) -> CorpusError:
    if value is None or value == "":
        return CorpusError(f"{place} has no weight; write 1 to count its text once, or 0 to leave it out")
    shown = f"{value:,.10g}" if isinstance(value, float) else shortened(str(value))
    return CorpusError(
        f"the weight in {place} is {shown}, but must be a whole number from 0 to {MAX_WEIGHT:,}: its text is repeated "
        "that many times; round the weights, or multiply or divide all of them"
    )


def repeated(ids: NDArray[np.int32], repeats: NDArray[np.int64] | None) -> Iterator[NDArray[np.int32]]:
    """The texts of a block, each as often as it counts, in pieces of some megabytes.

    Args:
        ids: (P,) whole texts, with TEXT_END after each.
        repeats: (T,) at least 1; None: each once.

    >>> [piece.tolist() for piece in repeated(np.array([4, 2, -1, 7, -1], np.int32), np.array([2, 1]))]
    [[4, 2, -1, 4, 2, -1, 7, -1]]
    """
    if repeats is None:
        yield ids
        return
    lengths = np.diff(np.flatnonzero(ids == TEXT_END), prepend=-1)  # (T,)  with the ends
    starts = np.cumsum(lengths) - lengths
    sizes = np.cumsum(lengths * repeats)
    first = 0
    while first < len(repeats):
        before = int(sizes[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(sizes, before + _MAX_POSITIONS, side="right")))
        if last == first + 1:
            text = ids[starts[first] : starts[first] + lengths[first]]
            yield from _one_repeated(text, int(repeats[first]))
        else:
            each = np.repeat(np.arange(first, last), repeats[first:last])  # the texts, one after the other
            ends = np.cumsum(lengths[each])
            places = np.arange(ends[-1]) + np.repeat(starts[each] - (ends - lengths[each]), lengths[each])
            yield ids[places]
        first = last


def _one_repeated(text: NDArray[np.int32], times: int) -> Iterator[NDArray[np.int32]]:
    at_once = max(1, _MAX_POSITIONS // len(text))
    for done in range(0, times, at_once):
        yield np.tile(text, min(at_once, times - done))
