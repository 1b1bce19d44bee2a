"""Checkpoints: what a run must remember to be resumed, and whether it is still the same run."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from wordvec.corpus.encoded import EncodedCorpus
from wordvec.corpus.sources import is_source_facts
from wordvec.distributed.group import is_launched, launch_name
from wordvec.errors import CorpusError, FormatError
from wordvec.formats.checkpoint import Checkpoint, read_checkpoint
from wordvec.formats.native import read_object
from wordvec.planning.request import TrainingRequest
from wordvec.storage.format_table import CONFIG, RUN
from wordvec.storage.plain_json import to_json
from wordvec.text import is_unicode
from wordvec.training.corpora import Corpora
from wordvec.training.progress import RunPosition

__all__ = [
    "check_same_corpus",
    "launch_in",
    "load_checkpoint",
    "position_in",
    "recipe_in",
    "run_identity",
    "settings_digest",
]

Facts = dict[str, Any]

OF_COUNTS = "of counts: "  # begins the digest of a text that several ranks have shares of


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, float) and math.isfinite(value)


# What is in the facts of a run, and what it may be.
CHECKS: dict[str, Callable[[Any], bool]] = {
    "source": is_source_facts,
    "validation_source": is_source_facts,
    "vocabulary_sha256": _is_text,
    "corpus_sha256": _is_text,
    "held_out_sha256": lambda value: value is None or _is_text(value),
    "settings_sha256": _is_text,
    "watch": _is_texts,
    "watch_sample": _is_count,
    "evaluate": _is_texts,
    "checkpoint_every": _is_text,
    "epochs_done": _is_count,
    "position": _is_count,
    "words": _is_count,
    "pairs": _is_count,
    "loss": _is_number,
    "best_value": lambda value: value is None or _is_number(value),
    "epochs_since_best": _is_count,
    "recipe": lambda value: value is None or _is_text(value),
    "ranks": lambda value: value is None or (_is_count(value) and value > 0),
    "plan": lambda value: value is None or isinstance(value, dict),  # looked at where it is used
    "launch": lambda value: value is None or _is_text(value),
}
LATER = {
    "recipe": None,
    "ranks": None,
    "plan": None,
    "launch": None,
}  # what checkpoints of earlier versions lack


def run_identity(
    request: TrainingRequest, corpora: Corpora, corpus_sha256: str, settings: Mapping[str, Any]
) -> Facts:
    """What a run is made on, and how, as plain data: what a later part of the run must find again."""
    return {
        "source": request.text.facts(),
        "validation_source": request.validation_source.facts() if request.validation_source else None,
        "vocabulary_sha256": _digest(to_json(corpora.vocabulary.words)),
        "corpus_sha256": corpus_sha256,
        "held_out_sha256": digest_of(corpora, corpora.held_out) if corpora.held_out else None,
        "settings_sha256": settings_digest(settings),
        "watch": [word for word in request.watch if is_unicode(word)],  # others are in no vocabulary
        "watch_sample": request.watch_sample,
        "evaluate": [os.path.abspath(path) for path in request.evaluate],  # noqa: PTH100
        "checkpoint_every": request.checkpoint_every,
        "recipe": request.recipe,
        "launch": launch_name() if is_launched() else None,
    }


def digest_of(corpora: Corpora, corpus: EncodedCorpus) -> str:
    """Whether the text is the same: a digest of its ids or, where each rank has a share, of the numbers of its words.

    The latter does not depend on the number of ranks, which may be another one when the run goes on.
    """
    if corpus.share is None:
        return corpus.digest()
    counts = hashlib.sha256(corpora.vocabulary.counts.tobytes()).hexdigest()
    return f"{OF_COUNTS}{counts}, {corpus.num_words} words, {corpus.num_texts} texts, {corpus.num_gaps} gaps"


def settings_digest(settings: Mapping[str, Any]) -> str:
    """SHA-256 of the settings, in hexadecimal digits.

    >>> settings_digest({"dim": 10, "seed": 1}) == settings_digest({"seed": 1, "dim": 10})
    True
    """
    return _digest(to_json(dict(sorted(settings.items()))))


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        FormatError: the folder is not a checkpoint, or is damaged, or its settings have been changed.
    """
    found = read_checkpoint(path)
    found = found._replace(run=LATER | found.run)
    for name, is_right in CHECKS.items():
        if name not in found.run or not is_right(found.run[name]):
            got = repr(found.run[name]) if name in found.run else "nothing"
            raise FormatError(
                f"{path / RUN} is damaged: {name} cannot be {got}; train again, from another copy if there is one"
            )
    if settings_digest(found.vectors.config or {}) != found.run["settings_sha256"]:
        raise FormatError(
            f"{path / CONFIG} has other settings than the run began with, so it would be another run; put them back, "
            "or train again (with start_from, --start-from, to keep what was learned)"
        )
    return found


def recipe_in(path: Path) -> str | None:
    """The name of the recipe that began the run of a checkpoint; None if none did.

    Raises:
        FormatError: the checkpoint is damaged.
    """
    name = read_object(path / RUN).get("recipe")
    return name if isinstance(name, str) else None


def launch_in(path: Path) -> str | None:
    """What the launcher called the launch whose ranks began the run of a checkpoint; None if it had no name.

    Raises:
        FormatError: the checkpoint is damaged.
    """
    name = read_object(path / RUN).get("launch")
    return name if isinstance(name, str) else None


def position_in(facts: Facts) -> RunPosition:
    """How far the run has come."""
    return RunPosition(**{name: facts[name] for name in RunPosition._fields})


def check_same_corpus(checkpoint: Checkpoint, corpora: Corpora, facts: Facts) -> None:
    """Refuse to go on with another text than the one begun with.

    Raises:
        CorpusError: the words, their order, or what is held out are not the same.
    """
    if checkpoint.run["vocabulary_sha256"] != facts["vocabulary_sha256"]:
        before, now = len(checkpoint.vectors), len(corpora.vocabulary)
        raise CorpusError(
            f"the text has changed since the checkpoint: its vocabulary had {before:,} words and now has {now:,}"
            f"{', other ones' if before == now else ''}; resume with the text that the run began with"
        )
    for name, kind in (("corpus_sha256", "the text"), ("held_out_sha256", "the text to validate on")):
        before, now = checkpoint.run[name], facts[name]
        is_by_counts = [str(one).startswith(OF_COUNTS) for one in (before, now)]
        if before is not None and now is not None and is_by_counts[0] != is_by_counts[1]:
            continue  # one by the ids, as of one machine, and one by the counts, as of several: the words are the same
        if before != now:
            raise CorpusError(
                f"{kind} has changed since the checkpoint (the same words, but not in the same places); resume with "
                "the text that the run began with"
            )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
