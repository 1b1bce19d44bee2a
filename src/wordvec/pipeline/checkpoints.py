"""Checkpoints: what a run must remember to be resumed, and whether it is still the same run."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wordvec.corpus.sources import STANDARD_INPUT, TextSource, TokenLists, are_paths
from wordvec.errors import CorpusError, FormatError
from wordvec.formats.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from wordvec.formats.native_files import RUN
from wordvec.pipeline.corpora import Corpora
from wordvec.training.engine import Engine
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["check_same_corpus", "load_checkpoint", "run_facts", "save_checkpoint"]

Facts = dict[str, Any]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_source(value: Any) -> bool:
    return value is None or _is_text(value) or (_is_texts(value) and bool(value))


def _is_at_least(least: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_loss(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isfinite(value))


# What is in the facts of a run, and what it may be.
CHECKS: dict[str, Callable[[Any], bool]] = {
    "source": _is_source,
    "validation_source": _is_source,
    "corpus_sha256": _is_text,
    "held_out_sha256": lambda value: value is None or _is_text(value),
    "watch": _is_texts,
    "watch_sample": _is_at_least(0),
    "epochs_done": _is_at_least(1),
    "best_loss": _is_loss,
}


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


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        FormatError: it is none, or damaged.
    """
    found = read_checkpoint(path)
    for name, is_right in CHECKS.items():
        if name not in found.run or not is_right(found.run[name]):
            got = repr(found.run[name]) if name in found.run else "nothing"
            raise FormatError(
                f"{path / RUN} is damaged: {name} cannot be {got}; train again, from another copy if there is one"
            )
    return found


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
    """Whole paths, as text; None for what cannot be read again from a name."""
    if source is None or not are_paths(source):
        return None
    named: Any = source  # what are_paths has found out, mypy does not see
    is_one = isinstance(named, str | os.PathLike)
    paths = [os.fspath(path) for path in ([named] if is_one else named)]
    if STANDARD_INPUT in paths or not all(map(_is_unicode, paths)):
        return None
    whole = [os.path.abspath(os.path.expanduser(path)) for path in paths]  # noqa: PTH100, PTH111  (may be patterns)
    return whole[0] if is_one else whole


def _is_unicode(path: str) -> bool:
    """Whether JSON can hold it: a path may have bytes in it that are no UTF-8."""
    return path.encode(errors="ignore").decode() == path
