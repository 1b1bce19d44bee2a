"""Published texts: a data set of the Hugging Face hub, read as lists of words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from wordvec.corpus.tokenizers import Tokenizer, spacing_named
from wordvec.errors import CorpusError, MissingPackageError
from wordvec.recipes.recipe import PublishedData

__all__ = ["PublishedTexts", "published_texts"]

ROWS_AT_A_TIME = 1000


class PublishedTexts:
    """One split of a data set; each row of its text column is a text. Can be gone through again and again."""

    def __init__(self, rows: Any, column: str, tokenizer: str | Tokenizer):
        self._rows, self._column = rows, column
        self._split = tokenizer if callable(tokenizer) else None
        self._spacing = spacing_named("whitespace" if callable(tokenizer) else tokenizer)

    def __iter__(self) -> Iterator[list[str]]:
        for batch in self._rows.iter(batch_size=ROWS_AT_A_TIME):
            texts = [text or "" for text in batch[self._column]]
            if self._split is not None:
                yield from (list(self._split(text)) for text in texts)
            else:
                spaced = pc.utf8_trim_whitespace(self._spacing(pa.array(texts, pa.string())))
                yield from pc.utf8_split_whitespace(spaced).to_pylist()


def published_texts(data: PublishedData, split: str, tokenizer: str | Tokenizer) -> PublishedTexts:
    """Load one split of a published data set, from the hub or the cache of an earlier load.

    Raises:
        MissingPackageError: Hugging Face `datasets` is not installed.
        CorpusError: the data set cannot be loaded, or has no such split or column.
    """
    try:
        import datasets
    except ImportError as missing:
        raise MissingPackageError(
            "loading a published data set needs Hugging Face datasets: pip install 'wordvec[datasets]' (or give the "
            "text yourself: a path instead of nothing)"
        ) from missing
    try:
        rows = datasets.load_dataset(data.repository, data.configuration, split=split, revision=data.revision)
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
