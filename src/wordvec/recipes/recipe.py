"""Recipe: what a published system trains on, with which settings, and what it shows."""

from __future__ import annotations

from dataclasses import dataclass

from wordvec.config import Config

__all__ = ["PublishedData", "Recipe"]


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
