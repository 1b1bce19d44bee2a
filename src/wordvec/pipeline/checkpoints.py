"""Checkpoints: what a run must remember to be resumed, and whether it is still the same run."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from wordvec.corpus.decoding import ERRORS, UTF_8, is_encoding
from wordvec.corpus.file_kinds import KINDS
from wordvec.corpus.opening import has_secret, is_url
from wordvec.corpus.sources import (
    STANDARD_INPUT,
    Column,
    Files,
    TextSource,
    TokenLists,
    are_paths,
    how_to_read,
)
from wordvec.errors import CorpusError, FormatError
from wordvec.formats.checkpoint import Checkpoint, read_checkpoint
from wordvec.formats.native import read_object
from wordvec.planning.request import TrainingRequest
from wordvec.storage.own_files import CONFIG, RUN
from wordvec.storage.plain_json import is_unicode, to_json
from wordvec.training.corpora import Corpora
from wordvec.training.progress import Place

__all__ = [
    "check_same_corpus",
    "load_checkpoint",
    "position_in",
    "recipe_in",
    "run_identity",
    "settings_digest",
    "source_facts",
]

Facts = dict[str, Any]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_paths(value: Any) -> bool:
    return value is None or _is_text(value) or (_is_texts(value) and bool(value))


def _is_source(value: Any) -> bool:
    """Paths alone, or with what was said of them."""
    if not isinstance(value, dict):
        return _is_paths(value)
    names = {"paths", "column", "input_format"}
    return (
        names <= value.keys() <= names | {"encoding", "errors"}
        and _is_paths(value["paths"])
        and (value["column"] is None or _is_text(value["column"]))
        and value["input_format"] in (None, *KINDS)
        and is_encoding(value.get("encoding", UTF_8.encoding))
        and value.get("errors", UTF_8.errors) in ERRORS
    )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, float) and math.isfinite(value)


# What is in the facts of a run, and what it may be.
CHECKS: dict[str, Callable[[Any], bool]] = {
    "source": _is_source,
    "validation_source": _is_source,
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
}
LATER = {"recipe": None}  # what checkpoints of the first version lack


def run_identity(
    request: TrainingRequest, corpora: Corpora, corpus_sha256: str, settings: Mapping[str, Any]
) -> Facts:
    """What a run is made on, and how, as plain data: what a later part of the run must find again."""
    return {
        "source": source_facts(request.source),
        "validation_source": source_facts(request.validation_source),
        "vocabulary_sha256": _digest(to_json(corpora.vocabulary.words)),
        "corpus_sha256": corpus_sha256,
        "held_out_sha256": corpora.held_out.digest() if corpora.held_out else None,
        "settings_sha256": settings_digest(settings),
        "watch": [word for word in request.watch if is_unicode(word)],  # others are in no vocabulary
        "watch_sample": request.watch_sample,
        "evaluate": [os.path.abspath(path) for path in request.evaluate],  # noqa: PTH100
        "checkpoint_every": request.checkpoint_every,
        "recipe": request.recipe,
    }


def settings_digest(settings: Mapping[str, Any]) -> str:
    """SHA-256 of the settings, in hexadecimal digits.

    >>> settings_digest({"dim": 10, "seed": 1}) == settings_digest({"seed": 1, "dim": 10})
    True
    """
    return _digest(to_json(dict(sorted(settings.items()))))


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        FormatError: it is none, or damaged, or its settings have been changed.
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


def position_in(facts: Facts) -> Place:
    """How far the run has come."""
    return Place(**{name: facts[name] for name in Place._fields})


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
        if checkpoint.run[name] != facts[name]:
            raise CorpusError(
                f"{kind} has changed since the checkpoint (the same words, but not in the same places); resume with "
                "the text that the run began with"
            )


def source_facts(source: TextSource | TokenLists | None) -> Facts | list[str] | str | None:
    """A source as plain data: its paths, beside what was said of them, if anything was.

    >>> source_facts([["red", "green"]]), source_facts(Column(object(), "text"))
    (None, {'paths': None, 'column': 'text', 'input_format': None})
    """
    if isinstance(source, Column):
        return {"paths": None, "column": source.name, "input_format": None}
    if source is None or not are_paths(source):
        return None
    named: Any = source  # what are_paths has found out, mypy does not see
    how = how_to_read(named)
    paths = _whole_paths(how.paths)
    if how == Files(how.paths):
        return paths
    facts = {"paths": paths, "column": how.column, "input_format": how.input_format}
    if (how.encoding, how.errors) != UTF_8:
        facts |= {"encoding": how.encoding, "errors": how.errors}
    return facts


def _whole_paths(named: Any) -> list[str] | str | None:
    """Whole paths, as text; None for what cannot be read again from a name."""
    is_one = isinstance(named, str | os.PathLike)
    paths = [os.fspath(path) for path in ([named] if is_one else named)]
    if STANDARD_INPUT in paths or not all(map(_is_unicode, paths)) or any(map(has_secret, paths)):
        return None
    whole = [path if is_url(path) else _whole_path(path) for path in paths]
    return whole[0] if is_one else whole


def _whole_path(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111  (may be a pattern)


def _is_unicode(path: str) -> bool:
    """Whether JSON can hold it: a path may have bytes in it that are no UTF-8."""
    return path.encode(errors="ignore").decode() == path


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
