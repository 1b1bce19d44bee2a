"""Train: read → count → encode → train → WordVectors. Start reading here."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wordvec.config import Config
from wordvec.corpus.columns import as_source
from wordvec.corpus.hf_tokenizers import as_tokenizer
from wordvec.corpus.sources import TextSource, TokenLists
from wordvec.corpus.tokenizers import Tokenizer
from wordvec.errors import ConfigError
from wordvec.foreign_names import unknown_settings
from wordvec.formats.detect import load
from wordvec.pipeline.progress_display import ProgressOption, following
from wordvec.pipeline.run import Run, run
from wordvec.pipeline.run_log import Progress
from wordvec.vectors.word_vectors import WordVectors

if TYPE_CHECKING:
    from wordvec.models.word2vec import ObjectiveFactory

__all__ = ["train"]


def train(
    source: TextSource | TokenLists | Any | None = None,
    *,
    column: str | None = None,
    input_format: str | None = None,
    encoding: str = "utf-8",
    errors: str = "strict",
    config: Config | None = None,
    tokenizer: str | Tokenizer | Any = "whitespace",
    validation_source: TextSource | TokenLists | Any | None = None,
    watch: Sequence[str] = (),
    watch_sample: int = 0,
    evaluate: Sequence[str | Path] = (),
    start_from: WordVectors | str | PathLike[str] | None = None,
    checkpoint: str | Path | None = None,
    checkpoint_every: str = "1epoch",
    custom_objective: ObjectiveFactory | None = None,
    temporary_folder: str | Path | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    progress: ProgressOption = "auto",
    **settings: Any,
) -> WordVectors:
    """Learn word vectors from text.

    Args:
        source: a path, several paths, a folder, a glob pattern, "-" for standard input; or an iterable of texts, each
            a list or set of words or integers, or a dict; or a Hugging Face data set, or a table, Series or array of
            pandas, polars or pyarrow. Files hold one text a line, or are tables in Parquet, CSV, TSV or JSON lines
            (docs/feeding.md); all but Parquet may be compressed (gz, zst, bz2, xz). Paths may be URLs, such as
            s3://bucket/reviews.parquet.
        column: which column of tables, or key of dicts, is the text: strings, or lists of words or integers.
        input_format: "text", "csv", "tsv", "jsonl" or "parquet" (default: by the files' names and contents).
        encoding: of files, but for Parquet: any of Python's text encodings, such as "utf-16", "cp1252" or "gb18030".
        errors: what is done with bytes that are not of the encoding: "strict", they end the run; "replace", they become
            U+FFFD; "ignore", they are left out.
        config: all settings; or give single ones by name, as in `train(source, dim=300, window=8)`.
        tokenizer: "whitespace", "words" (lower-cased Unicode words), "alphanumeric" (lower-cased, those with a-z or
            0-9), "punctuation" (lower-cased, marks as words), a function from a text to its words, or a tokenizer of
            Hugging Face `tokenizers` or `transformers`.
        validation_source: text to compute a loss on after each epoch, with the same column, format and encoding; or
            hold some out with the setting `validation`.
        watch: words whose nearest neighbours are reported after each epoch; a warning names those that are unknown.
        watch_sample: so many more, half of them frequent, half of them rarer.
        start_from: a trained model to go on from, on another corpus, or the path of one, as for `wordvec.load`: its
            words stay (but see the setting `start_words`), new words are added, and `dim` may be larger than it was
            (by default, it stays).
        evaluate: files of analogies (word2vec's questions-words.txt) or of word pairs with their similarity (such as
            WordSim-353), for scores after each epoch.
        checkpoint: a model folder that is replaced from time to time, and when Ctrl-C or SIGTERM ends the run, for
            `wordvec.resume`. It holds the best vectors so far where the best are kept, else those of the moment.
        checkpoint_every: how often: a time such as "30s", "10m" or "2h"; so many epochs, such as "1epoch"; or
            "never", but for the end.
        custom_objective: makes an objective of your own from the words' counts; see docs/custom-objectives.md.
        temporary_folder: where the encoded corpus is kept during training, 4 bytes a word (default: the system's).
        on_progress: called with a record several times a second.
        progress: "auto", a bar by itself in a terminal and in a notebook, unless on_progress is given; True, always
            (elsewhere, a line now and then); False, never. The logger "wordvec" gets records in any case.
        settings: settings of `Config`, by name. gensim's, word2vec.c's and fastText's names are refused with ours.

    Returns:
        The vectors, most frequent word first; `training` holds the run's reports, the last of them
        with event "done", or "interrupted" if Ctrl-C ended training early. SIGTERM ends the process, as it would have
        without training, after the checkpoint is written.

    Raises:
        ConfigError: a setting is unknown or out of range.
        CorpusError: the text cannot be read, or there is too little of it.
        EngineError: the engine cannot honour a setting, or training diverged.
        MissingPackageError: the settings need the torch engine, and torch is not installed; or a URL needs a package.
        ResourceError: there is too little memory or disk, or the checkpoint cannot be written.

    >>> from wordvec import train
    >>> texts = [["sun", "warm", "day"], ["moon", "cold", "night"]] * 50
    >>> vectors = train(texts, dim=10, epochs=30, threads=1, subsample=0)
    >>> vectors.most_similar("sun", k=2)[0].word in {"warm", "day"}
    True
    """
    if source is None:
        checked_config(config, settings)  # the text may be among them, by another name
        raise ConfigError(
            "there is no text to train on: give a path or lists of words first, train(source, ...)"
        )
    before = model_to_start_from(start_from)
    if before is not None and config is None:
        settings.setdefault("dim", before.dim)
    with following(progress, on_progress) as follow:
        return run(
            Run(
                source=as_source(source, column, input_format, encoding, errors),
                config=checked_config(config, settings),
                tokenizer=as_tokenizer(tokenizer),
                validation_source=None
                if validation_source is None
                else as_source(validation_source, column, input_format, encoding, errors),
                watch=watch,
                watch_sample=watch_sample,
                evaluate=evaluate,
                start_from=before,
                checkpoint_every=checkpoint_every,
                checkpoint=None if checkpoint is None else Path(checkpoint),
                custom_objective=custom_objective,
                temporary_folder=temporary_folder,
                on_progress=follow,
            )
        )


ARGUMENTS = [name for name in inspect.signature(train).parameters if name != "settings"]


def model_to_start_from(given: WordVectors | str | PathLike[str] | None) -> WordVectors | None:
    """The model to start from, read from its path if it is one.

    Raises:
        ConfigError: it is neither a model nor a path.
        WordvecError: see `wordvec.load`.
    """
    if given is None or isinstance(given, WordVectors):
        return given
    if isinstance(given, str | PathLike):
        return load(given)
    raise ConfigError(
        f"start_from must be word vectors or the path of a model, got {type(given).__name__}; save it in a format that "
        "wordvec reads (docs/formats.md), and give the path"
    )


def checked_config(config: Config | None, settings: dict[str, Any]) -> Config:
    """The settings with some of them replaced, by name.

    Raises:
        ConfigError: one is unknown, or out of range.
    """
    names = [one.name for one in dataclasses.fields(Config)]
    problem = unknown_settings(settings, names, ARGUMENTS)
    if problem is not None:
        raise ConfigError(problem)
    return dataclasses.replace(config or Config(), **settings)
