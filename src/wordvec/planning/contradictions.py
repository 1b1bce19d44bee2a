"""Contradictions: what a run is asked for that does not go together, refused before anything is read."""

from __future__ import annotations

import os
from collections.abc import Sequence

from wordvec.config import Config
from wordvec.errors import ConfigError
from wordvec.planning.request import TrainingRequest
from wordvec.text import is_unicode

__all__ = ["check_contradictions", "check_tests"]


def check_contradictions(request: TrainingRequest, *, has_start: bool) -> None:
    """Refuse what does not go together.

    Args:
        request: what was asked for.
        has_start: whether the run grows a model, or resumes a run that does.

    Raises:
        ConfigError: two things that were asked for contradict each other.
    """
    config, watch, evaluate = request.config, request.watch, request.evaluate
    watch_sample, has_checkpoint = request.watch_sample, request.checkpoint is not None
    has_validation_source = request.validation_source is not None
    if has_validation_source and config.validation:
        raise ConfigError(
            "validation and validation_source are two ways to say what to validate on, got both; leave one out"
        )
    if config.keeps_best:
        wanted = "keep='best'" if config.patience is None else f"patience={config.patience}"
        _check_comparable(config, wanted, has_validation=has_validation_source or config.validation > 0)
    for name, given in (("watch", watch), ("evaluate", evaluate)):
        if isinstance(given, str):
            raise ConfigError(f"{name} must be a list, got {given!r}; give [{given!r}]")
    nameless = next((path for path in evaluate if not is_unicode(os.fspath(path))), None)
    if has_checkpoint and nameless is not None:
        raise ConfigError(
            f"{nameless} is not UTF-8, so a checkpoint cannot name it for the rest of the run; rename it, or leave it "
            "out of evaluate (--evaluate) and use wordvec evaluate afterwards"
        )
    if not isinstance(watch_sample, int) or watch_sample < 0:
        raise ConfigError(f"watch_sample must be an integer of at least 0, got {watch_sample!r}")
    if config.start_words == "drop" and not has_start:
        raise ConfigError(
            "start_words='drop' is about the words of a model to start from, and there is none; give one (start_from, "
            "--start-from), or leave it out"
        )
    if has_start and config.initialization != "word2vec":
        raise ConfigError(
            f"initialization has no meaning with start_from, got {config.initialization!r}: new words start as "
            "in word2vec.c; leave it out"
        )


def _check_comparable(config: Config, wanted: str, *, has_validation: bool) -> None:
    if config.best_by == "validation_loss" and not has_validation:
        raise ConfigError(
            f"{wanted} needs a validation loss to tell which epoch is best; set validation, the share of the text "
            "to hold out (say, 0.01), or give text to validate on (validation_source, --validation-file); or name "
            "a score to tell it by (best_by)"
        )


def check_tests(config: Config, names: Sequence[str], kinds: Sequence[str]) -> None:
    """Refuse tests that records could not tell apart, or whose scores do not say which epoch is best.

    Raises:
        ConfigError: two tests have the same name, or none is of the kind that `best_by` names.
    """
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise ConfigError(
            f"scores are recorded by the names of their files, got two called {repeated}; rename one"
        )
    if config.keeps_best and config.best_by not in ("validation_loss", *kinds):
        raise ConfigError(
            f"best_by={config.best_by!r} needs a file of {config.best_by} to tell which epoch is best, got "
            f"{' and '.join(kinds) or 'none'}; give one (evaluate, --evaluate)"
        )
