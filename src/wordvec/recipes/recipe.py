"""Recipe: what a published system trains on, with which settings, and what it shows; and how to load its data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from wordvec.config import Config
from wordvec.corpus.sources import TableSource
from wordvec.errors import CorpusError
from wordvec.packages import imported
from wordvec.text import reason_of

__all__ = ["PublishedData", "Recipe", "load_published"]


@dataclass(frozen=True)
class PublishedData:
    """A data set on the Hugging Face hub, or in a folder of the same form."""

    repository: str
    configuration: str | None = None
    revision: str | None = None
    column: str = "text"
    train_split: str = "train"  # several, to be read one after the other, with + between
    validation_split: str | None = None

    def __str__(self) -> str:
        """As in messages."""
        return " ".join(filter(None, (self.repository, self.configuration)))


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One published system.

    Where the original has a defect, the recipe does what the system's text says; `differences` tells.
    """

    name: str
    title: str
    about: str  # where it was published, and what it shows
    config: Config
    tokenizer: str
    data: PublishedData
    validation: float  # share of the text to hold out, where there is no text of its own to validate on
    watch: tuple[str, ...] = ()
    watch_sample: int = 0
    map_words: int = 0  # of the t-SNE picture that is drawn afterwards
    checkpoint_every: str | None = None  # where the system writes checkpoints; see wordvec.train
    differences: tuple[str, ...] = ()


def load_published(data: PublishedData, split: str) -> TableSource:
    """Load one split of a published data set, from the hub or from the cache of an earlier load.

    Args:
        data: the data set.
        split: one split, or several with + between.

    Returns:
        Its column of texts, each a text to train on; it can be read again and again.

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
        raise CorpusError(
            f"the data set {data} (split {split}) could not be loaded: {reason_of(problem)}; give the path of a text "
            "instead, or try again with a network"
        ) from problem
    if data.column not in rows.column_names:
        raise CorpusError(
            f"the data set {data} has no column {data.column!r}, only {', '.join(rows.column_names)}; give the path "
            "of a text instead"
        )
    return TableSource(rows, "data set", data.column)


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
