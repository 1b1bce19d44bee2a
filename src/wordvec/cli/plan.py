"""Plan: what a training run would do, setting by setting, before anything is read."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from wordvec.cli.output import print_columns, print_json, say
from wordvec.config import Config
from wordvec.corpus.sources import TextSource, describe
from wordvec.recipes.recipe import Recipe
from wordvec.recipes.run import plan

__all__ = ["print_plan"]


def print_plan(
    recipe: Recipe | None,
    source: TextSource | None,
    settings: dict[str, Any],
    tokenizer: str | None,
    watch: list[str],
    watch_sample: int | None,
    validation_file: str | None,
    *,
    as_json: bool,
) -> None:
    """Print every setting with its value and where that comes from: the default, the recipe, or a flag."""
    if recipe is None:
        config, data = Config(**settings), "nothing yet: give a path"
        planned_watch, planned_sample = tuple(watch), watch_sample or 0
        split = tokenizer or "whitespace"
    else:
        planned = plan(
            recipe,
            on_published_data=source is None,
            has_validation_source=validation_file is not None,
            tokenizer=tokenizer,
            watch=watch,
            watch_sample=watch_sample,
            **settings,
        )
        config, data, split = planned.config, f"{recipe.data} (Hugging Face hub)", str(planned.tokenizer)
        planned_watch, planned_sample = planned.watch, planned.watch_sample
    values = asdict(config) | {"learning_rate": config.first_learning_rate}
    defaults = asdict(Config())
    origins = {
        name: "flag"
        if name in settings
        else "default"
        if asdict(config)[name] == defaults[name]
        else "recipe"
        for name in values
    }
    facts: dict[str, Any] = {
        "recipe": recipe.name if recipe else None,
        "text": describe(source) if source is not None else data,
        "tokenizer": split,
        "validation_text": validation_file or _validation_text(recipe, config, source),
        "watch": list(planned_watch),
        "watch_sample": planned_sample,
        "map_words": recipe.map_words if recipe else 0,
        "differences": list(recipe.differences) if recipe else [],
    }
    if as_json:
        print_json(facts | {"settings": values, "origins": origins})
        return
    if recipe is not None:
        say(f"{recipe.title}. {recipe.about}")
    for difference in facts.pop("differences"):
        say(f"other than the original: {difference}")
    print_columns((name, _shown(value)) for name, value in facts.items())
    print_columns((name, f"{_shown(value)} ({origins[name]})") for name, value in values.items())


def _validation_text(recipe: Recipe | None, config: Config, source: TextSource | None) -> str | None:
    if config.validation:
        return f"{config.validation:.0%} of the text, held out"
    return f"{recipe.data.validation_split} split" if recipe and source is None else None


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(value) or "none"
    return "none" if value is None else str(value)
