"""`wordvec train`: word vectors from text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from wordvec.cli.options import NO_FLAGS, ConfigFlags, check_sources, given, unfolded
from wordvec.cli.output import JsonFlag, print_columns, say
from wordvec.cli.saving import check_unfinished, checkpoint_of
from wordvec.errors import ConfigError

if TYPE_CHECKING:  # not needed for --help
    from wordvec.pipeline.run_log import Progress
    from wordvec.planning.request import TrainingRequest
    from wordvec.recipes.recipe import Recipe
    from wordvec.vectors.word_vectors import WordVectors

__all__ = ["app"]

NEIGHBORS = 5  # to print of each watched word
CHECKPOINT_EVERY = "10m"
OUTPUT = Path("model.wv")  # what a dry run takes where --output is not given yet

app = App(
    name="train",
    usage="Usage: wordvec train [OPTIONS] [SOURCES...]",
    help_epilogue="""Examples:
  zcat articles.gz | wordvec train - --output model.wv --tokenizer words
  wordvec train --recipe d2l-ptb ptb.train.txt --output ptb.wv""",
)


@app.default
@unfolded
def train(
    *sources: Annotated[str, Parameter(allow_leading_hyphen=True)],  # a lone - is standard input
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    column: str | None = None,
    weight: str | None = None,
    input_format: Literal["text", "csv", "tsv", "jsonl", "parquet"] | None = None,
    encoding: str = "utf-8",
    errors: Literal["strict", "replace", "ignore"] = "strict",
    recipe: str | None = None,
    config: Path | None = None,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    as_json: JsonFlag = False,
    tokenizer: Literal["whitespace", "words", "alphanumeric", "punctuation"] | None = None,
    phrases: Path | None = None,
    validation_file: str | None = None,
    watch: Annotated[list[str] | None, Parameter(negative=())] = None,
    watch_sample: int | None = None,
    evaluate: Annotated[list[str] | None, Parameter(consume_multiple=True, negative=())] = None,
    start_from: str | None = None,
    checkpoint_every: str | None = None,
    restart: Annotated[bool, Parameter(negative=())] = False,
    temporary_folder: Path | None = None,
    simulate_ranks: int | None = None,
    flags: ConfigFlags = NO_FLAGS,
) -> None:
    """Learn word vectors from text: one text a line or a row, plain or compressed (gz, zst, bz2, xz).

    Args:
        sources: files, folders, glob patterns in quotes, URLs (s3://, gs://, https://, hf://), or - for standard input;
            with a recipe, they replace its data
        column: the column of Parquet, CSV, TSV or JSON-lines files that holds the text, as strings or lists of words
        weight: the column of Parquet, CSV, TSV or JSON-lines files that says how often each text counts, as a whole
            number
        input_format: format of the files (default: by their names and contents)
        encoding: encoding of files other than Parquet, as Python names it: utf-16, cp1252, gb18030 ...
        errors: bytes that are invalid in the encoding: strict, stop with an error; replace, use U+FFFD; ignore, leave
            them out
        output: where to save the vectors: a model folder; or NAME.bin, NAME.txt in word2vec's formats
        recipe: the settings and data of a published system: wikitext103, d2l-ptb, text8-sgns or tiny-softmax; other
            flags override them
        config: a file of settings, from wordvec tune or your own: a JSON object such as {"dim": 300}; other flags
            override them
        dry_run: do not train, but print every setting, its origin, and an estimate of words, memory, disk and time from
            the first megabytes of the text and one second of training
        as_json: with --dry-run, print JSON
        tokenizer: how to split a text into words: whitespace (default); words, lower-cased Unicode words; alphanumeric,
            lower-cased words with a-z or 0-9; punctuation, lower-cased words and punctuation marks
        phrases: a file of phrases to join in the text, from wordvec phrases, found with the same tokenizer
        validation_file: a text to compute the validation loss on after each epoch (or hold some out: --validation)
        watch: words whose nearest neighbors to print after each epoch, separated by commas: military,chip
        watch_sample: how many more words to watch, half frequent, half rare
        evaluate: files of analogies or word similarities to score the vectors in after each epoch
        start_from: a trained model to continue from, on another text: its words stay, and new words join them
            (see --start-vocabulary)
        checkpoint_every: how often to write OUTPUT.checkpoint, for wordvec resume: 30s, 10m (default), 2h, 1epoch or
            never; Ctrl-C and SIGTERM also write one
        restart: remove the checkpoint of an unfinished run, and start over
        temporary_folder: where to keep the encoded corpus during training, 4 bytes per word, and twice that while it is
            shuffled (default: the system's)
        simulate_ranks: train as that many machines would, in this process, to see what is lost of the quality
        flags: the settings of training
    """
    from wordvec.cli.plan import estimate_of, print_plan
    from wordvec.formats.config_file import SavedSettings, read_config
    from wordvec.planning.request import interval, request_for
    from wordvec.recipes.catalog import recipe as recipe_named

    check_sources(app, sources)
    if not sources:
        _check_no_options_of_files(column, weight, input_format, encoding, errors)
    if config is not None and recipe is not None:
        raise ConfigError("--config and --recipe both say all settings, got both; leave one out")
    saved = SavedSettings({}, None) if config is None else read_config(config)
    settings = {**saved.settings, **given(flags)}
    chosen = recipe_named(recipe) if recipe else None
    request = request_for(
        list(sources) if len(sources) > 1 else sources[0] if sources else None,
        settings,
        recipe=chosen,
        column=column,
        weight=weight,
        input_format=input_format,
        encoding=encoding,
        errors=errors,
        tokenizer=tokenizer or saved.tokenizer,
        phrases=phrases,
        validation_source=validation_file,
        watch=_watched(watch),
        watch_sample=watch_sample,
        evaluate=evaluate or (),
        start_from=start_from,
        checkpoint=checkpoint_of(output or OUTPUT),
        checkpoint_every=checkpoint_every or (chosen and chosen.checkpoint_every) or CHECKPOINT_EVERY,
        temporary_folder=temporary_folder,
        simulate_ranks=simulate_ranks,
        output=output or OUTPUT,
    )
    interval(request.checkpoint_every, "checkpoint_every")
    if dry_run:
        print_plan(
            request,
            chosen,
            settings,
            estimate_of(request),
            start_from=start_from,
            validation_file=validation_file,
            output=output,
            as_json=as_json,
        )
        return
    if as_json:
        raise ConfigError("--json needs --dry-run, whose plan it prints; add it, or leave --json out")
    if request.source is None and chosen is None:
        raise ConfigError("there is no text to train on: give a file, a folder, or - for standard input")
    if output is None:
        raise ConfigError("--output is missing: where to save the vectors (--output model.wv)")
    _train_and_save(request, output, chosen, _what_to_give_again(sources, recipe), restart=restart)


def _check_no_options_of_files(*options: str | None) -> None:
    """Check that nothing is said of files where there are none.

    Raises:
        ConfigError: an option of files is given.
    """
    if options != (None, None, None, "utf-8", "strict"):
        raise ConfigError(
            "--column, --weight, --input-format, --encoding and --errors describe files; name the files, or leave "
            "these flags out"
        )


def _check_places(request: TrainingRequest, output: Path, recipe: Recipe | None, *, restart: bool) -> None:
    """Check, before reading anything, that the outputs can be written and replace nothing else."""
    from wordvec.cli.map import check_map_beside
    from wordvec.engines.choose import choose_engine
    from wordvec.formats.save import check_target
    from wordvec.planning.check import check_disk, min_vocabulary

    checkpoint = checkpoint_of(output)
    check_target(output)
    check_unfinished(checkpoint, restart=restart)
    check_target(checkpoint, "native")
    if recipe is not None:
        check_map_beside(output, recipe)
    if request.source is not None:
        check_disk(
            request.config,
            choose_engine(request.config, has_ranks=request.has_ranks),
            min_vocabulary(request.source, request.tokenizer, request.config, request.words_to_keep),
            checkpoint=checkpoint if request.writes_checkpoints else None,
            output=output,
        )


def _train_and_save(
    request: TrainingRequest, output: Path, recipe: Recipe | None, to_give_again: str, *, restart: bool
) -> None:
    from wordvec.cli.map import draw_map_beside
    from wordvec.cli.saving import after_saving, run_and_save
    from wordvec.distributed.group import is_silent_rank
    from wordvec.pipeline.resume import can_resume_after_loss, check_same_settings, resume
    from wordvec.pipeline.train import run

    checkpoint = checkpoint_of(output)
    goes_on = can_resume_after_loss(checkpoint) and not restart
    if goes_on:
        check_same_settings(checkpoint, request.config)

    def learn(on_progress: Callable[[Progress], None] | None) -> WordVectors:
        if not goes_on:
            return run(request, recipe=recipe, on_progress=on_progress, progress=False)
        published = recipe if request.source is None else None
        return resume(
            checkpoint,
            recipe=published,
            temporary_folder=request.temporary_folder,
            on_progress=on_progress,
            progress=False,
        )

    if is_silent_rank():  # rank 0 reports and saves
        learn(None)
        return
    if goes_on:
        _say_what_is_lost(checkpoint)
    else:
        _check_places(request, output, recipe, restart=restart)
    if recipe is not None and request.source is None:
        say(f"loading the published data of this recipe: {recipe.data}")
    vectors = run_and_save(learn, output, checkpoint, to_give_again)
    with after_saving(output):
        _print_neighbors(vectors)
    if recipe is not None:
        draw_map_beside(output, recipe)


def _say_what_is_lost(checkpoint: Path) -> None:
    """Say that ranks were started again, and how much of the training was lost."""
    import time

    from wordvec.distributed.group import is_restarted

    lost = "a rank was lost" if is_restarted() else "ranks have joined or left"
    minutes = max(0.0, time.time() - checkpoint.stat().st_mtime) / 60
    say(
        f"{lost}; all go on from {checkpoint}, written {minutes:.1f} minutes ago: what was learned since then "
        "is learned again"
    )


def _watched(watch: list[str] | None) -> list[str]:
    """The words of --watch, which may be given more than once.

    >>> _watched(["military,chip", "ocean"])
    ['military', 'chip', 'ocean']
    """
    return [word for words in watch or [] for word in words.split(",") if word]


def _print_neighbors(vectors: WordVectors) -> None:
    """Print the words nearest to the watched words, in the vectors that were kept."""
    records = [record["neighbors"] for record in vectors.training if "neighbors" in record]
    watched = list(records[-1]) if records else []
    print_columns(
        (word, ", ".join(f"{near} {cosine:.2f}" for near, cosine in found))
        for word, found in zip(watched, vectors.neighbors(watched, k=NEIGHBORS), strict=True)
    )


def _what_to_give_again(sources: Sequence[str], recipe: str | None) -> str:
    """The arguments that `wordvec resume` needs where a checkpoint has no path to the text.

    >>> (
    ...     _what_to_give_again([], "d2l-ptb"),
    ...     _what_to_give_again(["-"], None),
    ...     _what_to_give_again(["a.txt"], None),
    ... )
    (' --recipe d2l-ptb', ' -', '')
    """
    if not sources:
        return f" --recipe {recipe}"
    return " -" if list(sources) == ["-"] else ""
