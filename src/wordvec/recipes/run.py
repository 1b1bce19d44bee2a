"""Running a recipe: on its published data, or on a text of one's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from wordvec.config import Config
from wordvec.corpus.columns import as_source
from wordvec.corpus.hf_tokenizers import as_tokenizer
from wordvec.corpus.sources import Column, Files, TextSource, TokenLists, are_paths
from wordvec.corpus.tokenizers import Tokenizer
from wordvec.errors import ConfigError
from wordvec.pipeline.progress_display import ProgressOption, following
from wordvec.pipeline.run import Run, run
from wordvec.pipeline.run_log import Progress
from wordvec.pipeline.train import checked_config, model_to_start_from
from wordvec.recipes.published_texts import published_texts
from wordvec.recipes.recipe import Recipe
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["RecipePlan", "plan", "settings_with", "train_recipe"]


@dataclass(frozen=True)
class RecipePlan:
    """What a recipe comes to, with what was asked for otherwise."""

    config: Config
    tokenizer: str | Tokenizer
    watch: tuple[str, ...]
    watch_sample: int


def plan(
    recipe: Recipe,
    *,
    on_published_data: bool,
    has_validation_source: bool = False,
    start_from: WordVectors | None = None,
    tokenizer: str | Tokenizer | None = None,
    watch: Sequence[str] = (),
    watch_sample: int | None = None,
    **settings: Any,
) -> RecipePlan:
    """Put a recipe's settings and one's own together.

    Raises:
        ConfigError: a setting is unknown, or out of range; or text to validate on is given, but none to train on.

    >>> from wordvec.recipes.catalog import recipe
    >>> plan(recipe("d2l-ptb"), on_published_data=False, dim=50).config.dim
    50
    """
    if on_published_data and has_validation_source:
        raise ConfigError(
            "text to validate on goes with text of your own; the recipe's published data set has its own, or a "
            "share of it is held out (validation)"
        )
    if start_from is not None:
        settings = settings_with(start_from) | settings
    config = checked_config(recipe.config, settings)
    brings_own = has_validation_source or (on_published_data and recipe.data.validation_split is not None)
    if not brings_own and "validation" not in settings:
        config = replace(config, validation=recipe.validation)
    return RecipePlan(
        config,
        tokenizer or recipe.tokenizer,
        tuple(watch) or recipe.watch,
        recipe.watch_sample if watch_sample is None and not watch else watch_sample or 0,
    )


def settings_with(start_from: WordVectors) -> dict[str, Any]:
    """The settings that a model to start from brings, in place of a recipe's or the defaults.

    >>> settings_with(WordVectors(["red", "green"], [[1, 0, 0], [0, 1, 0]]))
    {'dim': 3, 'initialization': 'word2vec'}
    """
    return {"dim": start_from.dim, "initialization": Config().initialization}


def train_recipe(
    recipe: Recipe,
    source: TextSource | TokenLists | Any | None = None,
    *,
    column: str | None = None,
    input_format: str | None = None,
    encoding: str = "utf-8",
    errors: str = "strict",
    validation_source: TextSource | TokenLists | Any | None = None,
    tokenizer: str | Tokenizer | Any | None = None,
    watch: Sequence[str] = (),
    watch_sample: int | None = None,
    evaluate: Sequence[str | Path] = (),
    start_from: WordVectors | str | PathLike[str] | None = None,
    checkpoint: str | Path | None = None,
    checkpoint_every: str | None = None,
    temporary_folder: str | Path | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    progress: ProgressOption = "auto",
    **settings: Any,
) -> WordVectors:
    """Train what a published system trains.

    Args:
        recipe: from `wordvec.recipe(name)`.
        source: text to train on instead of the system's own data set.
        column: as for `wordvec.train`.
        input_format: as for `wordvec.train`.
        encoding: as for `wordvec.train`.
        errors: as for `wordvec.train`.
        validation_source: text to validate on; by default the data set's own, or a share of a text of yours.
        tokenizer: instead of the recipe's.
        watch: words to watch instead of the recipe's; a warning names those that are unknown.
        watch_sample: how many more to watch.
        start_from: as for `wordvec.train`; `dim` is then that model's, unless given, and nothing is initialized.
        evaluate: as for `wordvec.train`.
        checkpoint: as for `wordvec.train`.
        checkpoint_every: instead of the recipe's, if it has one; see `wordvec.train`.
        temporary_folder: as for `wordvec.train`.
        on_progress: as for `wordvec.train`.
        progress: as for `wordvec.train`.
        settings: settings of `Config` that shall differ from the recipe's.

    Raises:
        MissingPackageError: PyTorch is not installed; or no source is given, and Hugging Face `datasets` is not.
        WordvecError: see `wordvec.train`.
    """
    before = model_to_start_from(start_from)
    planned = plan(
        recipe,
        on_published_data=source is None,
        has_validation_source=validation_source is not None,
        start_from=before,
        tokenizer=tokenizer,
        watch=watch,
        watch_sample=watch_sample,
        **settings,
    )
    how = planned.tokenizer
    if source is not None:
        source = as_source(source, column, input_format, encoding, errors)
    elif Files("", column, input_format, encoding, errors) != Files(""):
        raise ConfigError(
            "column, input_format, encoding and errors say what is in a source; give one, or leave them out"
        )
    if validation_source is not None:
        validation_source = as_source(validation_source, column, input_format, encoding, errors)
    if source is None:
        source = published_texts(recipe.data, recipe.data.train_split, how)
        if recipe.data.validation_split and not planned.config.validation:
            validation_source = published_texts(recipe.data, recipe.data.validation_split, how)
        how = "whitespace"  # they come as lists of words
    elif tokenizer is None and not are_paths(source) and not isinstance(source, Column):
        how = "whitespace"  # lists of words have nothing that the recipe's tokenizer could cut
    with following(progress, on_progress) as follow:
        return run(
            Run(
                source=as_source(source),
                config=planned.config,
                tokenizer=as_tokenizer(how),
                validation_source=None if validation_source is None else as_source(validation_source),
                watch=watch or planned.watch,
                watch_sample=planned.watch_sample,
                start_from=before,
                evaluate=evaluate,
                checkpoint=None if checkpoint is None else Path(checkpoint),
                checkpoint_every=checkpoint_every or recipe.checkpoint_every or "1epoch",
                custom_objective=None,
                temporary_folder=temporary_folder,
                on_progress=follow,
                recipe=recipe.name,
            )
        )
