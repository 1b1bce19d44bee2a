"""`wordvec train`: word vectors from text."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

from cyclopts import App, Parameter

from wordvec.cli.options import NO_FLAGS, ConfigFlags, check_sources, given
from wordvec.cli.output import JsonFlag, print_columns, say
from wordvec.cli.saving import checkpoint_of, refuse_unfinished
from wordvec.errors import ConfigError

if TYPE_CHECKING:  # not needed for --help
    from wordvec.corpus.sources import TextSource
    from wordvec.vectors.word_vectors import WordVectors

__all__ = ["app"]

NEIGHBORS = 5  # to print of each watched word
CHECKPOINT_EVERY = "10m"

app = App(
    name="train",
    usage="Usage: wordvec train [OPTIONS] [SOURCES...]",
    help_epilogue="""Examples:
  zcat articles.gz | wordvec train - --output model.wv --tokenizer words
  wordvec train --recipe d2l-ptb ptb.train.txt --output ptb.wv""",
)


@app.default
def train(
    *sources: Annotated[str, Parameter(allow_leading_hyphen=True)],  # a lone - is standard input
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    column: str | None = None,
    input_format: Literal["text", "csv", "tsv", "jsonl", "parquet"] | None = None,
    encoding: str = "utf-8",
    errors: Literal["strict", "replace", "ignore"] = "strict",
    recipe: str | None = None,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    as_json: JsonFlag = False,
    tokenizer: Literal["whitespace", "words", "alphanumeric", "punctuation"] | None = None,
    validation_file: str | None = None,
    watch: Annotated[list[str] | None, Parameter(negative=())] = None,
    watch_sample: int | None = None,
    evaluate: Annotated[list[str] | None, Parameter(consume_multiple=True, negative=())] = None,
    start_from: str | None = None,
    checkpoint_every: str | None = None,
    restart: Annotated[bool, Parameter(negative=())] = False,
    temporary_folder: Path | None = None,
    flags: ConfigFlags = NO_FLAGS,
) -> None:
    """Learn word vectors from text: one text a line or a row, plain or compressed (gz, zst, bz2, xz).

    Args:
        sources: files, folders, glob patterns in quotes, URLs (s3://, gs://, https://, hf://), or - for standard input;
            with a recipe, instead of its data
        column: which column of Parquet, CSV, TSV or JSON-lines files is the text: strings, or lists of words
        input_format: what the files are (default: by their names and contents)
        encoding: of the files, but for Parquet: any that Python knows, such as utf-16, cp1252 or gb18030
        errors: what is done with bytes that are not of the encoding: strict, they end the run; replace, they become
            U+FFFD; ignore, they are left out
        output: where to save the vectors: a model folder; or NAME.bin, NAME.txt in word2vec's formats
        recipe: what a published system does: wikitext103, d2l-ptb, text8-sgns or tiny-softmax; flags change it
        dry_run: print every setting, where it comes from, and what the run would take: words, memory, disk and time, by
            the first megabytes of the text and a second of training
        as_json: print what --dry-run prints as JSON
        tokenizer: how a text is cut into words: at whitespace (default); lower-cased Unicode words; lower-cased, those
            with a-z or 0-9; lower-cased, with punctuation marks as words
        validation_file: a text to compute a loss on after each epoch (or hold some out: --validation)
        watch: words whose nearest neighbours are printed after each epoch, with commas between: military,chip
        watch_sample: watch so many words, half of them frequent and half rarer
        evaluate: files of analogies or of word pairs with their similarity, for scores after each epoch
        start_from: a trained model to go on from, on another text: its words stay (see --start-words), new words are
            added
        checkpoint_every: how often to write OUTPUT.checkpoint, for wordvec resume: 30s, 10m (default), 2h, 1epoch, or
            never; Ctrl-C and SIGTERM write one, too
        restart: begin anew where an unfinished run would have been resumed
        temporary_folder: where to keep the encoded corpus during training, 4 bytes a word (default: the system's)
        flags: the settings of training
    """
    from wordvec.cli.map_output import check_map_beside, draw_map_beside
    from wordvec.cli.plan import estimate_of, plan_of, print_plan, words_to_keep
    from wordvec.cli.saving import after_saving, run_and_save
    from wordvec.corpus.decoding import check_decoding
    from wordvec.corpus.sources import said_of
    from wordvec.engines.choose import choose_engine
    from wordvec.formats.detect import load
    from wordvec.formats.target import check_target
    from wordvec.pipeline.checkpoint_schedule import NEVER, interval
    from wordvec.pipeline.train import train as train_on
    from wordvec.planning.check import least_vocabulary, refuse_too_little_disk
    from wordvec.recipes.catalog import recipe as recipe_named
    from wordvec.recipes.run import train_recipe

    check_decoding(encoding, errors)
    said = (column, input_format, encoding, errors)
    source = _source(sources, *said)
    validation_source = None if validation_file is None else said_of(validation_file, *said)
    settings = given(flags)
    watched = _watched(watch)
    chosen = recipe_named(recipe) if recipe else None
    before = load(start_from) if start_from else None
    planned = plan_of(
        chosen,
        source,
        settings,
        tokenizer=tokenizer,
        watch=watched,
        watch_sample=watch_sample,
        validation_file=validation_file,
        start_from=before,
    )
    every = checkpoint_every or (chosen and chosen.checkpoint_every) or CHECKPOINT_EVERY
    writes_checkpoints = interval(every, "checkpoint_every") != NEVER
    if dry_run:
        print_plan(
            planned,
            chosen,
            source,
            settings,
            estimate_of(
                planned,
                source,
                validation_source=validation_source,
                start_from=before,
                evaluate=evaluate or [],
                writes_checkpoints=writes_checkpoints,
                temporary_folder=temporary_folder,
                output=output,
            ),
            validation_file=validation_file,
            start_from=start_from,
            output=output,
            checkpoint_every=every,
            evaluate=evaluate or [],
            as_json=as_json,
        )
        return
    if as_json:
        raise ConfigError("--json is how to print what --dry-run prints; add --dry-run, or leave it out")
    if source is None and chosen is None:
        raise ConfigError("there is no text to train on: give a file, a folder, or - for standard input")
    if output is None:
        raise ConfigError("--output is missing: where to save the vectors (--output model.wv)")
    check_target(output)
    checkpoint = checkpoint_of(output)
    refuse_unfinished(checkpoint, restart=restart)
    check_target(checkpoint, "native")
    if chosen is not None:
        check_map_beside(output, chosen)
    if source is not None:
        refuse_too_little_disk(
            planned.config,
            choose_engine(planned.config),
            least_vocabulary(
                source, planned.tokenizer, planned.config, words_to_keep(before, planned.config)
            ),
            checkpoint=checkpoint if writes_checkpoints else None,
            output=output,
        )
    if chosen is not None and source is None:
        say(f"loading the published data of this recipe: {chosen.data}")
    if chosen is None:
        learn = partial(
            train_on,
            cast("TextSource", source),
            config=planned.config,
            tokenizer=planned.tokenizer,
            watch_sample=planned.watch_sample,
        )
    else:
        learn = partial(
            train_recipe, chosen, source, tokenizer=tokenizer, watch_sample=watch_sample, **settings
        )
    vectors = run_and_save(
        lambda on_progress: learn(
            validation_source=validation_source,
            watch=watched,
            evaluate=evaluate or (),
            start_from=before,
            checkpoint=checkpoint,
            checkpoint_every=every,
            temporary_folder=temporary_folder,
            on_progress=on_progress,
        ),
        output,
        checkpoint,
        _what_to_give_again(source, recipe),
    )
    with after_saving(output):
        _print_neighbors(vectors)
    if chosen is not None:
        draw_map_beside(output, chosen)


def _watched(watch: list[str] | None) -> list[str]:
    """The words of --watch, which may be given more than once.

    >>> _watched(["military,chip", "ocean"])
    ['military', 'chip', 'ocean']
    """
    return [word for words in watch or [] for word in words.split(",") if word]


def _print_neighbors(vectors: WordVectors) -> None:
    """The words nearest to those that were watched, in the vectors that were kept."""
    records = [record["neighbors"] for record in vectors.training if "neighbors" in record]
    watched = list(records[-1]) if records else []
    print_columns(
        (word, ", ".join(f"{near} {cosine:.2f}" for near, cosine in found))
        for word, found in zip(watched, vectors.neighbors(watched, k=NEIGHBORS), strict=True)
    )


def _what_to_give_again(source: TextSource | None, recipe: str | None) -> str:
    """What `wordvec resume` must be told, as a checkpoint has no path to find it by.

    >>> (
    ...     _what_to_give_again(None, "d2l-ptb"),
    ...     _what_to_give_again("-", None),
    ...     _what_to_give_again("a.txt", None),
    ... )
    (' --recipe d2l-ptb', ' -', '')
    """
    from wordvec.corpus.sources import is_standard_input

    if source is None:
        return f" --recipe {recipe}"
    return " -" if is_standard_input(source) else ""


def _source(
    sources: tuple[str, ...], column: str | None, input_format: str | None, encoding: str, errors: str
) -> TextSource | None:
    from wordvec.corpus.sources import Files, said_of

    check_sources(app, sources)
    if sources:
        return said_of(
            sources[0] if len(sources) == 1 else list(sources), column, input_format, encoding, errors
        )
    if Files("", column, input_format, encoding, errors) != Files(""):
        raise ConfigError(
            "--column, --input-format, --encoding and --errors say what is in files; name the files, or leave them out"
        )
    return None
