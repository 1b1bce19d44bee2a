"""Resume: go on with a run from its checkpoint, to the vectors that it would have had without the interruption."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wordvec.config import Config
from wordvec.corpus.sources import (
    FileSource,
    SourceLike,
    TableSource,
    options_from_facts,
    parse_source,
    source_from_facts,
)
from wordvec.corpus.tokenizers import Tokenizer, as_tokenizer
from wordvec.distributed.group import is_launched, is_restarted, launch_name
from wordvec.errors import ConfigError, CorpusError, FormatError
from wordvec.formats.checkpoint import Checkpoint, is_checkpoint
from wordvec.formats.files import AGAIN
from wordvec.formats.native import read_object
from wordvec.pipeline.checkpoints import launch_in, load_checkpoint
from wordvec.pipeline.progress_display import ProgressOption
from wordvec.pipeline.run_log import Progress
from wordvec.pipeline.train import run
from wordvec.planning.request import TrainingRequest, checked_config
from wordvec.recipes.catalog import recipe as recipe_named
from wordvec.recipes.recipe import Recipe, load_published
from wordvec.storage.format_table import CONFIG, PHRASES
from wordvec.vectors.word_vectors import WordVectors

if TYPE_CHECKING:
    from wordvec.models.word2vec import ObjectiveFactory

__all__ = ["can_resume_after_loss", "check_same_settings", "resume"]

OF_A_RANK = ("threads", "device")  # settings in which ranks may differ

HOW_TO_GIVE = {
    "source": "source=... (wordvec resume CHECKPOINT CORPUS, or --recipe NAME)",
    "validation_source": "validation_source=... (--validation-file)",
}


def resume(
    checkpoint: str | Path,
    source: SourceLike | None = None,
    *,
    tokenizer: str | Tokenizer | Any | None = None,
    recipe: str | Recipe | None = None,
    custom_objective: ObjectiveFactory | None = None,
    validation_source: SourceLike | None = None,
    temporary_folder: str | Path | None = None,
    simulate_ranks: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    progress: ProgressOption = "auto",
) -> WordVectors:
    """Go on with a run from the checkpoint that `train(..., checkpoint=...)` wrote last.

    The text is read again, and refused if it is not the same. With one thread, with `deterministic`, or in batches of
    the numba engine, the vectors are those of a run that was never interrupted, to the bit (on the same machine and
    with the same versions). Else, each part of the text is still trained on once in each epoch, at the learning rate
    that it would have had.

    Args:
        checkpoint: the folder.
        source: the text, where the run did not read it from files, or where they have moved; the column, the
            format and the encoding are those of the run.
        tokenizer: the function or tokenizer that the run used, where it was not one of those with a name.
        recipe: the recipe that began the run, if it did so on its published data, which is loaded again.
        custom_objective: the one that the run had, if it had one.
        validation_source: as for source.
        temporary_folder: where the encoded corpus is kept during training.
        simulate_ranks: how many ranks to simulate from here on (default: as many as the run did, if it did so).
        on_progress: called with a record several times a second.
        progress: "auto", a bar by itself in a terminal and in a notebook, unless on_progress is given; True, always
            (elsewhere, a line now and then); False, never. The logger "wordvec" gets records in any case.

    Returns:
        The finished vectors, as from `wordvec.train`.

    Raises:
        FormatError: the folder holds no checkpoint, or it is damaged.
        ConfigError: the text or the tokenizer must be given, or the run cannot be resumed.
        CorpusError: the text is not there any more, or not the one that the run began with.

    >>> import wordvec, tempfile
    >>> texts = [["sun", "warm", "day"], ["moon", "cold", "night"]] * 50
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     vectors = wordvec.train(texts, dim=10, threads=1, checkpoint=f"{folder}/run.wv")
    ...     again = wordvec.resume(f"{folder}/run.wv", texts)  # nothing was left to do
    ...     bool((again.matrix == vectors.matrix).all())
    True
    """
    found = load_checkpoint(Path(checkpoint))
    settings = dict(found.vectors.config or {})
    settings.pop("start_from", None)  # what it has known is in the checkpoint
    if (settings.pop("phrases", None) is None) != (found.vectors.phrases is None):
        raise FormatError(f"{checkpoint} is damaged: its settings and {PHRASES} do not agree; train again")
    settings.pop("ranks", None)  # how many there were; how many there are now, the launcher says
    simulated = settings.pop("simulate_ranks", None)
    settings.setdefault("shuffle_texts", False)  # of runs from before texts were shuffled
    own_objective = settings.pop("custom_objective", None)
    if own_objective is not None and custom_objective is None:
        raise ConfigError(
            f"the run of {checkpoint} had the objective {own_objective} of its own; give it: "
            "wordvec.resume(..., custom_objective=...)"
        )
    if own_objective is None and custom_objective is not None:
        raise ConfigError(f"the run of {checkpoint} had no objective of its own; leave custom_objective out")
    named = settings.pop("tokenizer", None)
    config = _config(settings, named, found, checkpoint)
    if tokenizer is None and named == "a Python function":
        raise ConfigError(
            f"the run of {checkpoint} had a Python function as tokenizer; give it: wordvec.resume(..., tokenizer=...)"
        )
    if recipe is not None:
        if source is not None or validation_source is not None:
            raise ConfigError(
                "recipe loads the recipe's published data again, so it goes with no other text; leave one out"
            )
        chosen = recipe_named(recipe) if isinstance(recipe, str) else recipe
        source, validation_source = _published(chosen, config)
        tokenizer = tokenizer or chosen.tokenizer
    options = options_from_facts(found.run["source"])
    if source is None:
        source = _recorded_source(found, "source", "text", checkpoint)
    has_validation_source = found.run["held_out_sha256"] is not None and not config.validation
    if validation_source is None and has_validation_source:
        validation_source = _recorded_source(found, "validation_source", "text to validate on", checkpoint)
    request = TrainingRequest(
        source=parse_source(source, **options),
        config=config,
        tokenizer=as_tokenizer(tokenizer or str(named)),
        phrases=found.vectors.phrases,
        validation_source=None if validation_source is None else parse_source(validation_source, **options),
        watch=found.run["watch"],
        watch_sample=found.run["watch_sample"],
        evaluate=found.run["evaluate"],
        checkpoint=Path(checkpoint),
        checkpoint_every=found.run["checkpoint_every"],
        custom_objective=custom_objective,
        temporary_folder=temporary_folder,
        recipe=found.run["recipe"],
        simulate_ranks=None if is_launched() else simulate_ranks or simulated,
    )
    return run(request, resumed=found, on_progress=on_progress, progress=progress)


def can_resume_after_loss(checkpoint: Path | None) -> bool:
    """Whether a launcher has started its ranks again, and there is a checkpoint to go on from.

    After a loss, torchrun counts its starts; where other ranks join or leave, it does not, but the launch has the name
    that it had.
    """
    if checkpoint is None or not is_launched() or not is_checkpoint(checkpoint):
        return False
    return is_restarted() or (launch_name() is not None and launch_name() == launch_in(checkpoint))


def check_same_settings(checkpoint: Path, config: Config) -> None:
    """Check that a command asks for the settings that the run of a checkpoint has.

    Raises:
        ConfigError: it does not; a launcher's own start of a run that is another one.
        FormatError: the checkpoint is damaged.
    """
    recorded = read_object(checkpoint / CONFIG).get("settings")
    if not isinstance(recorded, dict):
        raise FormatError(f"{checkpoint / CONFIG} is damaged: it has no settings; {AGAIN}")
    for name, value in asdict(config).items():
        is_chosen_later = value is None or value == "auto"
        if name in recorded and name not in OF_A_RANK and not is_chosen_later and recorded[name] != value:
            raise ConfigError(
                f"{name} is {value!r} here, and {recorded[name]!r} in the run of {checkpoint}, which this launch would "
                "go on with; start with the same settings, or begin anew under another --rdzv-id, with --restart"
            )


def _published(recipe: Recipe, config: Config) -> tuple[TableSource, TableSource | None]:
    """The published data, to train on and to validate on."""
    data = recipe.data
    validates = data.validation_split is not None and not config.validation
    held_out = load_published(data, data.validation_split or "") if validates else None
    return load_published(data, data.train_split), held_out


def _config(
    settings: dict[str, Any], tokenizer: str | None, found: Checkpoint, checkpoint: str | Path
) -> Config:
    try:
        config = checked_config(None, settings)
    except ConfigError as problem:
        raise FormatError(
            f"{checkpoint} has settings that this version of wordvec does not take: {problem}"
        ) from problem
    if tokenizer is None or found.run["epochs_done"] > config.epochs:
        raise FormatError(
            f"{checkpoint} is damaged: its settings are missing, or of fewer epochs than are done; train again"
        )
    return config


def _recorded_source(found: Checkpoint, name: str, kind: str, checkpoint: str | Path) -> FileSource:
    """The files that the run has read, if they are still there."""
    source = source_from_facts(found.run[name])
    if source is None:
        raise ConfigError(
            f"the run of {checkpoint} did not read its {kind} from files, so it must be given again: "
            f"{HOW_TO_GIVE[name]}"
        )
    try:
        source.files  # noqa: B018  (lists them)
    except CorpusError as problem:
        raise CorpusError(
            f"the {kind} of the run is not where it was: {problem}; if it has moved, give its new place: "
            f"{HOW_TO_GIVE[name]}"
        ) from problem
    return source
