"""Estimate rows: what a run would take, as rows of the plan; what was not counted has "about" before it."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor, log10

from wordvec.pipeline.estimate import Estimate
from wordvec.pipeline.quantities import duration, size

__all__ = ["estimate_rows"]

DIGITS = 3  # of an estimated count that are shown


def estimate_rows(found: Estimate, epochs: int) -> Iterator[tuple[str, str]]:
    """The rows.

    >>> from dataclasses import fields
    >>> found = Estimate(**{one.name: 16_918_040 for one in fields(Estimate)} | {"is_exact": False})
    >>> for name, value in estimate_rows(found, epochs=5):
    ...     print(name, "=", value)
    words = about 16,900,000, and about 16,900,000 of them in the vocabulary
    vocabulary = about 16,900,000 of about 16,900,000 distinct words
    memory = about 17 MB (17 MB free)
    temporary_disk = about 17 MB (17 MB free)
    output_disk = about 17 MB for the model and 17 MB for a checkpoint (17 MB free)
    time = about 587 d 10 h: 195 d 19 h to read, 195 d 19 h to get ready, 195 d 19 h to train (5 epochs, ...)
    """

    def counted(count: int) -> str:
        return f"{count:,}" if found.is_exact else f"about {_rounded(count):,}"

    yield (
        "words",
        f"{counted(found.words)}, and {counted(found.words_in_vocabulary)} of them in the vocabulary",
    )
    yield "vocabulary", f"{counted(found.vocabulary)} of {counted(found.distinct_words)} distinct words"
    yield "memory", f"about {size(found.memory_bytes)}{_free(found.memory_free_bytes)}"
    yield "temporary_disk", f"about {size(found.temporary_bytes)}{_free(found.temporary_free_bytes)}"
    checkpoint = f" and {size(found.checkpoint_bytes)} for a checkpoint" if found.checkpoint_bytes else ""
    yield (
        "output_disk",
        f"about {size(found.model_bytes)} for the model{checkpoint}{_free(found.output_free_bytes)}",
    )
    yield "time", _times(found, epochs)


def _times(found: Estimate, epochs: int) -> str:
    if found.seconds is None or found.compiling_seconds is None or found.training_seconds is None:
        return (
            f"about {duration(found.reading_seconds)} to read; training was not tried, as it would be refused"
        )
    speed = _rounded(round(found.words_per_second or 0))
    return (
        f"about {duration(found.seconds)}: {duration(found.reading_seconds)} to read, "
        f"{duration(found.compiling_seconds)} to get ready, {duration(found.training_seconds)} to train "
        f"({epochs} epochs, {speed:,} words a second)"
    )


def _free(num_bytes: int | None) -> str:
    return "" if num_bytes is None else f" ({size(num_bytes)} free)"


def _rounded(count: int) -> int:
    """A count with as many digits as an estimate has.

    >>> _rounded(16_918_040), _rounded(42), _rounded(0)
    (16900000, 42, 0)
    """
    return round(count, DIGITS - 1 - floor(log10(count))) if count else 0
