"""Checkpoints: what a run must remember to be resumed, and whether it is still the same run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any, cast

from wordvec.corpus.sources import STANDARD_INPUT, TextSource, TokenLists, are_paths
from wordvec.errors import CorpusError
from wordvec.formats.checkpoint import Checkpoint, write_checkpoint
from wordvec.pipeline.corpora import Corpora
from wordvec.training.engine import Engine
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["check_same_corpus", "run_facts", "save_checkpoint"]

Facts = dict[str, Any]


def run_facts(
    source: TextSource | TokenLists,
    validation_source: TextSource | TokenLists | None,
    corpora: Corpora,
    watch: Sequence[str],
    watch_sample: int,
) -> Facts:
    """What a run is made on, as plain data."""
    return {
        "source": _paths(source),
        "validation_source": _paths(validation_source),
        "corpus_sha256": corpora.training.digest(),
        "held_out_sha256": corpora.held_out.digest() if corpora.held_out else None,
        "watch": list(watch),
        "watch_sample": watch_sample,
    }


def save_checkpoint(path: Path, vectors: WordVectors, engine: Engine, facts: Mapping[str, Any]) -> None:
    """Write a checkpoint.

    Raises:
        FormatError: it cannot be written; an older one is still there.
    """
    write_checkpoint(path, vectors, engine.state(), facts)


def check_same_corpus(checkpoint: Checkpoint, corpora: Corpora, facts: Facts) -> None:
    """Refuse to go on with another text than the one begun with.

    Raises:
        CorpusError: the words, their order, or what is held out are not the same.
    """
    if checkpoint.vectors.words != corpora.vocabulary.words:
        before, now = len(checkpoint.vectors), len(corpora.vocabulary)
        raise CorpusError(
            f"the text has changed since the checkpoint: its vocabulary had {before:,} words and now has {now:,}"
            f"{', other ones' if before == now else ''}; resume with the text that the run began with"
        )
    for name, kind in (("corpus_sha256", "the text"), ("held_out_sha256", "the text to validate on")):
        if checkpoint.run.get(name) != facts[name]:
            raise CorpusError(
                f"{kind} has changed since the checkpoint (the same words, but not in the same places); resume with "
                "the text that the run began with"
            )


def _paths(source: TextSource | TokenLists | None) -> list[str] | str | None:
    """Paths as text; None for what cannot be read again from a name."""
    if source is None or not are_paths(source):
        return None
    if isinstance(source, str | PathLike):
        return None if source == STANDARD_INPUT else fspath(source)
    return [fspath(path) for path in cast("Sequence[str | PathLike[str]]", source)]
