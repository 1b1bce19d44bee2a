"""The plan of `train --dry-run`: what a run would do, setting by setting, and what it would need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from math import floor, log10
from pathlib import Path
from typing import Any

from wordvec.cli.output import print_columns, print_json, say
from wordvec.config import Config
from wordvec.corpus.sources import FileSource, Source
from wordvec.planning.estimate import Estimate, estimate
from wordvec.planning.request import TrainingRequest
from wordvec.recipes.recipe import Recipe
from wordvec.text import duration, size

__all__ = ["estimate_of", "estimate_rows", "print_plan"]

DIGITS = 3  # of an estimated count that are shown


def estimate_rows(found: Estimate, epochs: int) -> Iterator[tuple[str, str]]:
    """The rows.

    >>> from dataclasses import fields
    >>> found = Estimate(**{one.name: 16_918_040 for one in fields(Estimate)} | {"is_exact": False})
    >>> for name, value in estimate_rows(found, epochs=5):
    ...     print(name, "=", value)
    words = about 16,900,000, and about 16,900,000 of them in the vocabulary
    vocabulary = about 16,900,000 of about 16,900,000 distinct words
    memory = about 17 MB (17 MB free)
    temporary_disk = about 17 MB (17 MB free)
    output_disk = about 17 MB for the model and 17 MB for a checkpoint (17 MB free)
    time = about 587 d 10 h: 195 d 19 h to read, 195 d 19 h to get ready, 195 d 19 h to train (5 epochs, ...)
    """

    def counted(count: int) -> str:
        return f"{count:,}" if found.is_exact else f"about {_rounded(count):,}"

    yield (
        "words",
        f"{counted(found.words)}, and {counted(found.words_in_vocabulary)} of them in the vocabulary",
    )
    yield "vocabulary", f"{counted(found.vocabulary)} of {counted(found.distinct_words)} distinct words"
    yield "memory", f"about {size(found.memory_bytes)}{_free(found.memory_free_bytes)}"
    yield "temporary_disk", f"about {size(found.temporary_bytes)}{_free(found.temporary_free_bytes)}"
    checkpoint = f" and {size(found.checkpoint_bytes)} for a checkpoint" if found.checkpoint_bytes else ""
    yield (
        "output_disk",
        f"about {size(found.model_bytes)} for the model{checkpoint}{_free(found.output_free_bytes)}",
    )
    yield "time", _times(found, epochs)


def _times(found: Estimate, epochs: int) -> str:
    if found.seconds is None or found.compiling_seconds is None or found.training_seconds is None:
        return f"about {duration(found.reading_seconds)} to read; training was not tried, as it would fail"
    speed = _rounded(round(found.words_per_second or 0))
    return (
        f"about {duration(found.seconds)}: {duration(found.reading_seconds)} to read, "
        f"{duration(found.compiling_seconds)} to get ready, {duration(found.training_seconds)} to train "
        f"({epochs} epochs, {speed:,} words a second)"
    )


def _free(num_bytes: int | None) -> str:
    return "" if num_bytes is None else f" ({size(num_bytes)} free)"


def _rounded(count: int) -> int:
    """A count with as many digits as an estimate has.

    >>> _rounded(16_918_040), _rounded(42), _rounded(0)
    (16900000, 42, 0)
    """
    return round(count, DIGITS - 1 - floor(log10(count))) if count else 0


def estimate_of(request: TrainingRequest) -> Estimate | str:
    """What the run would need, or why that is unknown.

    Raises:
        WordvecError: what the run would raise when it has read the text.
    """
    source = request.source
    if source is None:
        return "there is no text to look at: give a path"
    if not (isinstance(source, FileSource) and source.is_standard_input):
        say("looking at the text, and training for a second, to estimate the rest")
    found = estimate(request)
    return found or "the text can be read only once, so a dry run does not read it: give a file"


def print_plan(
    request: TrainingRequest,
    recipe: Recipe | None,
    settings: Mapping[str, Any],
    estimated: Estimate | str,
    *,
    start_from: str | None,
    validation_file: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Print every setting with its value and its origin: default, recipe, flag, or the model to start from.

    And what the run would need, with "about" before estimates; or why that is unknown.
    """
    config, source = request.config, request.source
    values = asdict(config) | {
        "learning_rate": config.first_learning_rate,
        "shuffle_texts": request.shuffles_texts,
    }
    origins = {name: _origin(name, config, settings, has_model=start_from is not None) for name in values}
    facts: dict[str, Any] = {
        "recipe": request.recipe,
        "text": _text(recipe, source),
        "tokenizer": str(request.tokenizer),
        "phrases": f"{len(request.phrases):,} in the file" if request.phrases is not None else None,
        "validation_text": validation_file or _validation_text(recipe, config, source),
        "start_from": start_from,
        "watch": list(request.watch),
        "watch_sample": request.watch_sample,
        "output": str(output) if output else None,
        "checkpoint_every": request.checkpoint_every,
        "evaluate": list(request.evaluate),
        "map_words": recipe.map_words if recipe else 0,
        "differences": list(recipe.differences) if recipe else [],
    }
    if as_json:
        told: dict[str, Any] = {"estimate": None, "no_estimate": estimated}
        if isinstance(estimated, Estimate):
            told = {"estimate": asdict(estimated), "no_estimate": None}
        print_json(facts | told | {"settings": values, "origins": origins})
        return
    if recipe is not None:
        say(f"{recipe.title}. {recipe.about}")
    for difference in facts.pop("differences"):
        say(f"unlike the original: {difference}")
    rows = [(name, _shown(value)) for name, value in facts.items()]
    if isinstance(estimated, Estimate):
        rows += estimate_rows(estimated, config.epochs)
    else:
        rows.append(("estimate", f"none: {estimated}"))
    print_columns(rows + [(name, f"{_shown(value)} ({origins[name]})") for name, value in values.items()])
    if isinstance(estimated, Estimate) and estimated.refusal:
        say(f"this run would fail: {estimated.refusal}")
    if isinstance(estimated, Estimate) and estimated.risk:
        say(f"warning: {estimated.risk}")


def _origin(name: str, config: Config, settings: Mapping[str, Any], *, has_model: bool) -> str:
    if name in settings:
        return "flag"
    if has_model and name in ("dim", "initialization"):
        return "the model to start from"
    return "default" if getattr(config, name) == getattr(Config(), name) else "recipe"


def _text(recipe: Recipe | None, source: Source | None) -> str:
    if source is not None:
        return source.description
    return f"{recipe.data} (Hugging Face hub)" if recipe else "nothing yet: give a path"


def _validation_text(recipe: Recipe | None, config: Config, source: Source | None) -> str | None:
    if config.validation:
        return f"{config.validation:.3g} of the text, held out"
    return f"{recipe.data.validation_split} split" if recipe and source is None else None


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(value) or "none"
    return "none" if value is None else str(value)
