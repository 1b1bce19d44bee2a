"""Request: what a run is asked for, by `train`, a recipe, `resume` or a dry run, and what of it contradicts."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from wordvec.config import Config
from wordvec.corpus.sources import FileSource, Source, SourceLike, TokenSource, parse_source
from wordvec.corpus.tokenizers import Tokenizer, as_tokenizer
from wordvec.distributed.group import is_launched
from wordvec.distributed.ranks import replicas_in_memory
from wordvec.errors import ConfigError
from wordvec.foreign_names import unknown_settings
from wordvec.formats.load import load
from wordvec.phrases.phrases import Phrases, as_phrases
from wordvec.recipes.catalog import recipe as recipe_named
from wordvec.recipes.recipe import Recipe, load_published
from wordvec.settings import check_count
from wordvec.text import is_unicode
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordVocabulary

if TYPE_CHECKING:
    from wordvec.models.word2vec import ObjectiveFactory

__all__ = [
    "NEVER",
    "Interval",
    "TrainingRequest",
    "check_contradictions",
    "check_tests",
    "checked_config",
    "interval",
    "request_for",
    "with_published_data",
]

CHECKPOINT_EVERY = "1epoch"
MAX_SIMULATED_RANKS = 1024
SECONDS_OF = {"s": 1.0, "m": 60.0, "h": 3600.0}
WRITTEN = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>s|m|h|epochs?)")


class Interval(NamedTuple):
    """A time, or a number of epochs; never, where both are 0."""

    seconds: float = 0.0
    epochs: int = 0


NEVER = Interval()


def interval(written: str, name: str) -> Interval:
    """Read an interval as people write it.

    Args:
        written: such as 30s, 10m, 1.5h, 1epoch, 2epochs; or never.
        name: of the setting, for the message.

    Raises:
        ConfigError: it is neither a time, a number of epochs, nor "never".

    >>> interval("10m", "checkpoint_every"), interval("1epoch", "checkpoint_every")
    (Interval(seconds=600.0, epochs=0), Interval(seconds=0.0, epochs=1))
    """
    if written == "never":
        return NEVER
    found = WRITTEN.fullmatch(written) if isinstance(written, str) else None
    number = float(found["number"]) if found else 0.0
    is_epochs = found is not None and found["unit"].startswith("epoch")
    if found is None or number == 0 or (is_epochs and not number.is_integer()):
        raise ConfigError(
            f"{name} must be a time (30s, 10m, 1.5h), a number of epochs (1epoch, 2epochs) or never, got {written!r}"
        )
    return Interval(epochs=int(number)) if is_epochs else Interval(seconds=number * SECONDS_OF[found["unit"]])


@dataclass(frozen=True, kw_only=True)
class TrainingRequest:
    """What a training run is asked for."""

    source: Source | None  # None: the published data of the recipe, until they are loaded
    config: Config
    tokenizer: str | Tokenizer = "whitespace"
    phrases: Phrases | None = None  # to join in the text
    validation_source: Source | None = None
    watch: Sequence[str] = ()
    watch_sample: int = 0
    evaluate: Sequence[str | Path] = ()
    start_from: WordVectors | None = None
    checkpoint: Path | None = None
    checkpoint_every: str = CHECKPOINT_EVERY
    custom_objective: ObjectiveFactory | None = None
    temporary_folder: str | Path | None = None
    recipe: str | None = None  # its name
    simulate_ranks: int | None = None  # how many ranks to train as, in this process
    output: Path | None = None  # where the vectors will be saved, where that is known beforehand

    @property
    def text(self) -> Source:
        """The source, where it is known that published data are loaded."""
        return cast("Source", self.source)

    @property
    def evaluates_epochs(self) -> bool:
        """Whether the vectors are asked for neighbors or scores after each epoch."""
        return bool(self.watch or self.watch_sample or self.evaluate)

    @property
    def writes_checkpoints(self) -> bool:
        """Whether the run writes checkpoints while it trains."""
        return self.checkpoint is not None and interval(self.checkpoint_every, "checkpoint_every") != NEVER

    @property
    def has_ranks(self) -> bool:
        """Whether several ranks train, or are simulated."""
        return self.simulate_ranks is not None or is_launched()

    @property
    def replicas(self) -> int:
        """How many times this process holds all matrices."""
        if not self.has_ranks:
            return 1
        number_here = 1 if self.simulate_ranks is None else int(self.simulate_ranks)
        return replicas_in_memory(number_here, self.config)

    @property
    def shuffles_texts(self) -> bool:
        """Whether texts are put in random order; by default not for several ranks, each of which would read all."""
        chosen = self.config.shuffle_texts
        return not self.has_ranks if chosen is None else chosen

    @property
    def words_to_keep(self) -> Sequence[str]:
        """Words of the model to start from, which are in the vocabulary even where the text has none of them."""
        if self.start_from is None or self.config.start_vocabulary == "new":
            return ()
        return self.start_from.words


def request_for(  # noqa: D417  (the others are those of train)
    source: SourceLike | None,
    settings: dict[str, Any],
    *,
    recipe: str | Recipe | None = None,
    column: str | None = None,
    input_format: str | None = None,
    encoding: str = "utf-8",
    errors: str = "strict",
    weight: str | None = None,
    config: Config | None = None,
    tokenizer: str | Tokenizer | Any | None = None,
    phrases: Phrases | str | PathLike[str] | None = None,
    validation_source: SourceLike | None = None,
    watch: Sequence[str] = (),
    watch_sample: int | None = None,
    start_from: WordVectors | str | PathLike[str] | None = None,
    checkpoint_every: str | None = None,
    allowed: Collection[str] = (),
    **further: Any,
) -> TrainingRequest:
    """Put together what was asked for; where a recipe is named, it says everything that was not.

    Args:
        source: the text; None for the recipe's published data.
        settings: single settings of `Config`, by name.
        allowed: names that are not settings and that the caller takes, for messages about unknown ones.
        further: other fields of `TrainingRequest`, as they are.

    The other arguments are those of `wordvec.train`.

    Raises:
        ConfigError: a setting is unknown or out of range, or two things that were asked for do not go together.
        WordvecError: see `wordvec.load`, where `start_from` is a path.

    >>> request_for([["red", "green"]], {"dim": 50}, recipe="d2l-ptb").config.negatives
    5
    """
    if recipe is not None and config is not None:
        raise ConfigError(
            "recipe and config both say all settings, got both; give the recipe and single settings by name"
        )
    before = _model(start_from)
    chosen = recipe_named(recipe) if isinstance(recipe, str) else recipe
    if before is not None and config is None:
        # What the model to start from decides: the dimension, and that nothing is initialized.
        decided = {"dim": before.dim, "initialization": Config().initialization}
        if isinstance(before.vocabulary, SubwordVocabulary):
            decided |= before.vocabulary.rules._asdict()
        settings = decided | settings
    config = checked_config(chosen.config if chosen else config, settings, allowed)
    how = (column, input_format, encoding, errors, weight)
    if source is None and parse_source("", *how) != FileSource(""):
        raise ConfigError(
            "column, weight, input_format, encoding and errors say what is in a source; give one, or leave them out"
        )
    request = TrainingRequest(
        source=None if source is None else parse_source(source, *how),
        config=config,
        tokenizer=as_tokenizer(tokenizer or "whitespace"),
        phrases=before.phrases if phrases is None and before is not None else as_phrases(phrases),
        validation_source=None if validation_source is None else parse_source(validation_source, *how),
        watch=watch,
        watch_sample=0 if watch_sample is None else watch_sample,
        start_from=before,
        checkpoint_every=checkpoint_every or CHECKPOINT_EVERY,
        **further,
    )
    if chosen is None:
        return request
    return _with_recipe(
        request,
        chosen,
        has_tokenizer=tokenizer is not None,
        has_watch_sample=watch_sample is not None,
        has_interval=checkpoint_every is not None,
        has_validation="validation" in settings,
    )


def _with_recipe(
    request: TrainingRequest,
    recipe: Recipe,
    *,
    has_tokenizer: bool,
    has_watch_sample: bool,
    has_interval: bool,
    has_validation: bool,
) -> TrainingRequest:
    """The request, with the recipe's own choice of all that was not asked for."""
    source, on_published_data = request.source, request.source is None
    has_validation_source = request.validation_source is not None
    if on_published_data and has_validation_source:
        raise ConfigError(
            "text to validate on goes with text of your own; the recipe's published data set has its own, or a "
            "share of it is held out (validation)"
        )
    config = request.config
    brings_own = has_validation_source or (on_published_data and recipe.data.validation_split is not None)
    if not brings_own and not has_validation:
        config = replace(config, validation=recipe.validation)
    # Lists of words have nothing that the recipe's tokenizer could cut.
    are_words = isinstance(source, TokenSource)
    return replace(
        request,
        config=config,
        tokenizer=request.tokenizer if has_tokenizer or are_words else recipe.tokenizer,
        watch=request.watch or recipe.watch,
        watch_sample=request.watch_sample if has_watch_sample or request.watch else recipe.watch_sample,
        checkpoint_every=request.checkpoint_every
        if has_interval
        else recipe.checkpoint_every or CHECKPOINT_EVERY,
        recipe=recipe.name,
    )


def with_published_data(request: TrainingRequest, recipe: Recipe) -> TrainingRequest:
    """Load the recipe's published data, to train on and, where they have a split for that, to validate on.

    Raises:
        MissingPackageError: Hugging Face `datasets` is not installed.
        CorpusError: the data cannot be loaded.
    """
    data = recipe.data
    validates = data.validation_split is not None and not request.config.validation
    return replace(
        request,
        source=load_published(data, data.train_split),
        validation_source=load_published(data, data.validation_split or "") if validates else None,
    )


def checked_config(config: Config | None, settings: dict[str, Any], allowed: Collection[str] = ()) -> Config:
    """The settings with some of them replaced, by name.

    Raises:
        ConfigError: one is unknown, or out of range.
    """
    names = [one.name for one in dataclasses.fields(Config)]
    problem = unknown_settings(settings, names, list(allowed))
    if problem is not None:
        raise ConfigError(problem)
    return replace(config or Config(), **settings)


def _model(given: WordVectors | str | PathLike[str] | None) -> WordVectors | None:
    """The model to start from, read from its path if it is one."""
    if given is None or isinstance(given, WordVectors):
        return given
    if isinstance(given, str | PathLike):
        return load(given)
    raise ConfigError(
        f"start_from must be word vectors or the path of a model, got {type(given).__name__}; save it in a format that "
        "wordvec reads (docs/formats.md), and give the path"
    )


def check_contradictions(request: TrainingRequest, *, has_start: bool) -> None:
    """Check that the arguments go together.

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
    if request.simulate_ranks is not None:
        check_count("simulate_ranks", request.simulate_ranks, "how many ranks to simulate")
        if request.simulate_ranks > MAX_SIMULATED_RANKS:
            raise ConfigError(
                f"simulate_ranks must be at most {MAX_SIMULATED_RANKS}, got {request.simulate_ranks}: each rank has "
                "matrices of its own"
            )
    if not isinstance(watch_sample, int) or watch_sample < 0:
        raise ConfigError(f"watch_sample must be an integer of at least 0, got {watch_sample!r}")
    if config.start_vocabulary != "union" and not has_start:
        raise ConfigError(
            f"start_vocabulary={config.start_vocabulary!r} is about the words of a model to start from, and there is "
            "none; give one (start_from, --start-from), or leave it out"
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
    """Check that records can tell the tests apart, and that their scores say which epoch is best.

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
