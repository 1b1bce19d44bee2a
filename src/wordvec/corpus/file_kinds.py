"""File kinds: lines of text, or a table, in one of the formats that have a column of text in them."""

from __future__ import annotations

import stat
from pathlib import Path
from urllib.parse import urlsplit

from wordvec.corpus.opening import is_url
from wordvec.corpus.sources import STANDARD_INPUT
from wordvec.errors import ConfigError

__all__ = ["KINDS", "check_input_format", "kind_of"]

KINDS = ("text", "csv", "tsv", "jsonl", "parquet")

_KIND_OF_ENDING = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
}
_PACKINGS = (".gz", ".zst", ".bz2", ".xz")
_PARQUET_MAGIC = b"PAR1"


def check_input_format(input_format: str | None) -> None:
    """Refuse what is no kind of file.

    Raises:
        ConfigError: so it is.

    >>> check_input_format("xlsx")
    Traceback (most recent call last):
    wordvec.errors.ConfigError: input_format must be 'text', 'csv', 'tsv', 'jsonl' or 'parquet', got 'xlsx'; ...
    """
    if input_format not in (None, *KINDS):
        *most, last = map(repr, KINDS)
        raise ConfigError(
            f"input_format must be {', '.join(most)} or {last}, got {input_format!r}; leave it out to go by the names "
            "of the files"
        )


def kind_of(file: str, input_format: str | None = None) -> str:
    """What a file is: what is said of it; else what its name ends with; else Parquet, if it begins so; else text.

    >>> kind_of("reviews.jsonl.gz"), kind_of("notes.txt"), kind_of("-", "csv")
    ('jsonl', 'text', 'csv')
    """
    check_input_format(input_format)
    if input_format is not None:
        return input_format
    name = (urlsplit(file).path if is_url(file) else file).lower()
    for packing in _PACKINGS:
        name = name.removesuffix(packing)
    kind = next((kind for ending, kind in _KIND_OF_ENDING.items() if name.endswith(ending)), "text")
    return "parquet" if kind == "text" and _begins_as_parquet(file) else kind


def _begins_as_parquet(file: str) -> bool:
    path = Path(file)
    try:
        # Of a pipe, what is looked at here would be gone.
        if file == STANDARD_INPUT or is_url(file) or not stat.S_ISREG(path.stat().st_mode):
            return False
        with path.open("rb") as beginning:
            return beginning.read(len(_PARQUET_MAGIC)) == _PARQUET_MAGIC
    except (OSError, ValueError):  # opening it to be read says why
        return False
