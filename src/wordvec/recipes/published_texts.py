"""Published texts: a data set of the Hugging Face hub, read as lists of words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, groupby
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from wordvec.corpus.token_lists import words_found
from wordvec.corpus.tokenizers import Tokenizer, spacing_named
from wordvec.errors import CorpusError
from wordvec.packages import imported
from wordvec.recipes.recipe import PublishedData

__all__ = ["PublishedTexts", "published_texts"]

ROWS_AT_A_TIME = 1000
CHARACTERS_AT_A_TIME = 2**20  # of a longer text: text8 is a single row of 90 million

_WHITESPACE = re.compile(r"\s")


class PublishedTexts:
    """One split of a data set; each row of its text column is a text. Can be gone through again and again."""

    def __init__(self, rows: Any, column: str, tokenizer: str | Tokenizer):
        self._rows, self._column = rows, column
        self._tokenizer = tokenizer if callable(tokenizer) else None
        self._spacing = spacing_named("whitespace" if callable(tokenizer) else tokenizer)

    def __iter__(self) -> Iterator[Iterable[str]]:
        for batch in self._rows.iter(batch_size=ROWS_AT_A_TIME):
            texts = (text or "" for text in batch[self._column])
            for is_long, group in groupby(texts, key=lambda text: len(text) > CHARACTERS_AT_A_TIME):
                if is_long:
                    yield from map(self._words_part_by_part, group)
                else:
                    yield from self._words(list(group))

    def _words(self, texts: list[str]) -> list[list[str]]:
        if self._tokenizer is not None:
            place = f"a row of column {self._column!r}"
            return [words_found(self._tokenizer, text, place) for text in texts]
        spaced = pc.utf8_trim_whitespace(self._spacing(pa.array(texts, pa.string())))
        words: list[list[str]] = pc.utf8_split_whitespace(spaced).to_pylist()
        return words

    def _words_part_by_part(self, text: str) -> Iterator[str]:
        return chain.from_iterable(self._words([part])[0] for part in _parts(text))


def _parts(text: str) -> Iterator[str]:
    """Cut a long text where no word is broken."""
    start = 0
    while start < len(text):
        space = _WHITESPACE.search(text, start + CHARACTERS_AT_A_TIME)
        end = space.start() if space else len(text)
        yield text[start:end]
        start = end


@contextmanager
def _only_errors_logged() -> Iterator[None]:
    """The hub's client warns at each new try; when it gives up, there is an error that says so."""
    from datasets.utils import logging as of_datasets
    from huggingface_hub.utils import logging as of_the_hub

    before = [(one, one.get_verbosity()) for one in (of_datasets, of_the_hub)]
    try:
        for one, verbosity in before:
            one.set_verbosity(max(verbosity, one.ERROR))
        yield
    finally:
        for one, verbosity in before:
            one.set_verbosity(verbosity)


def published_texts(data: PublishedData, split: str, tokenizer: str | Tokenizer) -> PublishedTexts:
    """Load one split of a published data set, from the hub or the cache of an earlier load.

    Raises:
        MissingPackageError: Hugging Face `datasets` is not installed.
        CorpusError: the data set cannot be loaded, or has no such split or column.
    """
    datasets = imported(
        "datasets",
        "loading a published data set",
        otherwise=" (or give the path of a text to train on instead)",
    )
    try:
        with _only_errors_logged():
            rows = datasets.load_dataset(
                data.repository, data.configuration, split=split, revision=data.revision
            )
    # What is raised depends on the hub's client, the network and the data: OSError, ValueError, its own kinds.
    except Exception as problem:
        reason = " ".join(str(problem).split()) or type(problem).__name__
        raise CorpusError(
            f"the data set {data} (split {split}) could not be loaded: {reason[:200]}; give the path of a text "
            "instead, or try again with a network"
        ) from problem
    if data.column not in rows.column_names:
        raise CorpusError(
            f"the data set {data} has no column {data.column!r}, only {', '.join(rows.column_names)}; give the path "
            "of a text instead"
        )
    return PublishedTexts(rows, data.column, tokenizer)
