"""Train: check, encode, build the engine, train, hand over. Start reading here."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import asdict, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.corpus.sources import SourceLike
from wordvec.corpus.tokenizers import Tokenizer
from wordvec.distributed.exchange import GroupExchange
from wordvec.distributed.group import Group, is_launched, joined_group
from wordvec.distributed.ranks import (
    RankedEngine,
    Ranks,
    check_same_run,
    replicas_in_memory,
    with_own_threads,
)
from wordvec.distributed.round_trainer import RoundTrainer
from wordvec.engines.choose import choose_engine
from wordvec.engines.engine import Engine, EngineSpec, RankEngine
from wordvec.engines.step_limits import remedies_of_divergence
from wordvec.errors import ConfigError, CorpusError
from wordvec.evaluation.word_tests import WordTest, read_test
from wordvec.formats.checkpoint import Checkpoint
from wordvec.formats.save import check_target
from wordvec.phrases.phrases import Phrases
from wordvec.pipeline.checkpoint_schedule import CheckpointSchedule, CheckpointWriter
from wordvec.pipeline.checkpoints import position_in
from wordvec.pipeline.epoch_evaluation import EpochEvaluation, choose_watched
from wordvec.pipeline.progress_display import ProgressOption, following, log_end
from wordvec.pipeline.run_log import Compiling, Progress, RunLog
from wordvec.pipeline.run_state import RunState
from wordvec.pipeline.stop_signals import StopWish, stop_signals
from wordvec.planning.available import max_distinct_words
from wordvec.planning.check import (
    check_disk,
    check_memory,
    check_room_for_text,
)
from wordvec.planning.request import (
    TrainingRequest,
    check_contradictions,
    check_tests,
    interval,
    request_for,
    with_published_data,
)
from wordvec.recipes.catalog import recipe as recipe_named
from wordvec.recipes.recipe import Recipe
from wordvec.sampling.seeds import Purpose, generator
from wordvec.storage.temporary import folder_for_corpora
from wordvec.training.corpora import Corpora, encode
from wordvec.training.progress import TrainingProgress
from wordvec.training.trainer import Trainer, schedule_of
from wordvec.vectors.growth import KnownWords, grown_matrices, only_words
from wordvec.vectors.word_vectors import WordVectors
from wordvec.version import __version__
from wordvec.vocabulary.encoding import CountingProgress
from wordvec.vocabulary.merging import ALONE
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary
from wordvec.vocabulary.vocabulary import CountedVocabulary

if TYPE_CHECKING:
    from wordvec.models.word2vec import ObjectiveFactory

__all__ = ["run", "train"]

SHOWN_WORDS = 5  # of those that are left out


def train(
    source: SourceLike | None = None,
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
    evaluate: Sequence[str | Path] = (),
    start_from: WordVectors | str | PathLike[str] | None = None,
    checkpoint: str | Path | None = None,
    checkpoint_every: str | None = None,
    custom_objective: ObjectiveFactory | None = None,
    temporary_folder: str | Path | None = None,
    simulate_ranks: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    progress: ProgressOption = "auto",
    **settings: Any,
) -> WordVectors:
    """Learn word vectors from text.

    The default is skip-gram with negative sampling (Mikolov et al., 2013b, equation 4), as word2vec.c trains it;
    docs/mathematics.md has every formula.

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
        weight: which column of tables, or key of dicts, says how often each text counts, as a whole number: as if the
            text were repeated that many times; 0 leaves it out (docs/feeding.md).
        recipe: a published system, by name or as `wordvec.recipe` gives it: its settings, tokenizer, watched words and
            checkpoints, where nothing else is asked for; without a source, its published data (from the Hugging Face
            hub), with its own split to validate on.
        config: all settings; or give single ones by name, as in `train(source, dim=300, window=8)`.
        tokenizer: "whitespace" (the default), "words" (lower-cased Unicode words), "alphanumeric" (lower-cased, those
            with a-z or 0-9), "punctuation" (lower-cased, marks as words), a function from a text to its words, or a
            tokenizer of Hugging Face `tokenizers` or `transformers`.
        phrases: phrases to join in the text, as `wordvec.find_phrases` returns them, or the path of their file
            (default: those of the model to start from, if it has any).
        validation_source: text to compute a loss on after each epoch, with the same column, format and encoding; or
            hold some out with the setting `validation`.
        watch: words whose nearest neighbors are reported after each epoch; a warning names those that are unknown.
        watch_sample: how many more words to watch, half of them frequent and half rarer (default: 0).
        start_from: a trained model to go on from, on another corpus, or the path of one, as for `wordvec.load`: its
            words stay, and new words are added (but see the setting `start_vocabulary`); `dim` may be larger than it
            was (by default, it stays).
        evaluate: files of analogies (word2vec's questions-words.txt) or of word pairs with their similarity (such as
            WordSim-353), for scores after each epoch.
        checkpoint: a model folder that is replaced from time to time, and when Ctrl-C or SIGTERM ends the run, for
            `wordvec.resume`; where torchrun starts all ranks again after one was lost, they go on from it.
            It holds the best vectors so far where the best are kept, else those of the moment.
        checkpoint_every: how often: a time such as "30s", "10m" or "2h"; a number of epochs, such as "1epoch" (the
            default); or "never", but for the end.
        custom_objective: makes a custom objective from the words' counts; see docs/custom-objectives.md.
        temporary_folder: where the encoded corpus is kept during training, 4 bytes a word, and twice that while it is
            shuffled (default: the system's).
        simulate_ranks: train as that many machines would, each on its share of the text, in this process: to see what
            is lost of the quality before there are machines (docs/machines.md).
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
        EngineError: the engine cannot honor a setting, or training diverged.
        MissingPackageError: the settings need the torch engine, and torch is not installed; or a URL needs a package.
        ResourceError: there is too little memory or disk, or the checkpoint cannot be written.

    >>> from wordvec import train
    >>> texts = [["sun", "warm", "day"], ["moon", "cold", "night"]] * 50
    >>> vectors = train(texts, dim=10, epochs=30, threads=1, subsample=0)
    >>> vectors.most_similar("sun", k=2)[0].word in {"warm", "day"}
    True
    """
    chosen = recipe_named(recipe) if isinstance(recipe, str) else recipe
    request = request_for(
        source,
        settings,
        recipe=chosen,
        column=column,
        input_format=input_format,
        encoding=encoding,
        errors=errors,
        weight=weight,
        config=config,
        tokenizer=tokenizer,
        phrases=phrases,
        validation_source=validation_source,
        watch=watch,
        watch_sample=watch_sample,
        evaluate=evaluate,
        start_from=start_from,
        checkpoint=None if checkpoint is None else Path(checkpoint),
        checkpoint_every=checkpoint_every,
        custom_objective=custom_objective,
        temporary_folder=temporary_folder,
        simulate_ranks=simulate_ranks,
        allowed=ARGUMENTS,
    )
    from wordvec.pipeline.resume import can_resume_after_loss, resume  # which imports `run`

    if can_resume_after_loss(request.checkpoint):
        return resume(
            str(checkpoint),
            source,
            tokenizer=tokenizer,
            recipe=chosen if source is None else None,
            custom_objective=custom_objective,
            validation_source=validation_source,
            temporary_folder=temporary_folder,
            on_progress=on_progress,
            progress=progress,
        )
    return run(request, recipe=chosen, on_progress=on_progress, progress=progress)


OF_THE_TEXT = ("vocabulary_sha256", "corpus_sha256", "held_out_sha256")
ARGUMENTS = [name for name in inspect.signature(train).parameters if name != "settings"]


def run(
    request: TrainingRequest,
    *,
    recipe: Recipe | None = None,
    resumed: Checkpoint | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    progress: ProgressOption = "auto",
) -> WordVectors:
    """Do what was asked for.

    Args:
        request: what was asked for.
        recipe: whose published data are loaded, where the request has no source.
        resumed: the checkpoint to go on from.
        on_progress: as for `train`.
        progress: as for `train`.

    Raises:
        WordvecError: see `train`.
    """
    if request.source is None and recipe is None:
        raise ConfigError(
            "there is no text to train on: give a path or lists of words first, train(source, ...)"
        )
    if request.source is None and recipe is not None:
        request = with_published_data(request, recipe)
    with joined_group() as group, _following(group, progress, on_progress) as report:
        ranks = ranks_of(request, group, resumed)
        request = replace(request, config=replace(request.config, shuffle_texts=request.shuffles_texts))
        if ranks is not None:
            request = for_rank(request, ranks, resumed)
        spec, tests = _check(request, resumed, ranks)
        log = RunLog(request, spec, resumed, ranks)
        with folder_for_corpora(request.temporary_folder) as folder:
            known = resumed.known if resumed else _known_words(request)
            corpora = _encode(request, known, folder, log, report, ranks)
            request, num_dropped = _without_dropped_words(request, corpora)
            _check_resources(request, spec, corpora, ranks)
            log.corpus_is_read(corpora, num_dropped)
            if ranks is not None and ranks.group is not None:
                check_same_run(ranks.group, {name: log.identity[name] for name in OF_THE_TEXT})

            log.enter("compiling")
            report(Compiling(spec))
            subwords = _subwords(request, corpora, resumed)
            engine = _build(request, spec, corpora, subwords, ranks)
            state = RunState(
                request.config,
                engine,
                corpora.vocabulary,
                subwords,
                resumed.known if resumed else _known_words(request),
                _evaluation(request, tests, corpora.vocabulary),
                log,
                request.phrases,
            )
            if resumed is not None:
                state.restore(resumed)

            log.enter("training")
            trainer = _trainer(request, corpora, engine, log, resumed)
            is_done = _train(request, trainer, state, report)
        if is_done and not log.has_loss and resumed is None:
            raise CorpusError(
                "no two words stood side by side after subsampling; raise subsample (now "
                f"{request.config.subsample:g}), or set it to 0"
            )
        return log_end(state.into_vectors(is_done=is_done))


def _check(
    request: TrainingRequest, resumed: Checkpoint | None, ranks: Ranks | None
) -> tuple[EngineSpec, list[WordTest]]:
    """Refuse what cannot be done before anything is read; the engine that trains, and the tests to take."""
    has_start = request.start_from is not None or (resumed is not None and resumed.known is not None)
    check_contradictions(request, has_start=has_start)
    interval(request.checkpoint_every, "checkpoint_every")
    tests = [read_test(path) for path in request.evaluate]
    check_tests(request.config, [test.name for test in tests], [test.kind for test in tests])
    spec = choose_engine(
        request.config,
        has_custom_objective=request.custom_objective is not None,
        has_ranks=ranks is not None,
    )
    if request.checkpoint is not None:
        check_target(request.checkpoint, "native")
    check_room_for_text(request)
    return spec, tests


def ranks_of(request: TrainingRequest, group: Group | None, resumed: Checkpoint | None) -> Ranks | None:
    """How many ranks train; None for a run on this machine alone.

    Raises:
        ConfigError: ranks are to be simulated, and there are some.
    """
    if group is not None and request.simulate_ranks is not None:
        raise ConfigError(
            f"simulate_ranks={request.simulate_ranks} simulates ranks in one process, and this is rank {group.rank} of "
            f"{group.size}; leave it out, or start without torchrun"
        )
    if group is not None:
        return Ranks(group.size, group)
    if request.simulate_ranks is not None:
        return Ranks(int(request.simulate_ranks))
    # What several ranks began, one goes on with.
    return Ranks(1) if resumed is not None and resumed.run["ranks"] else None


def for_rank(request: TrainingRequest, ranks: Ranks, resumed: Checkpoint | None) -> TrainingRequest:
    """What one rank does of a run: the first one reports and writes checkpoints, and all must run the same.

    Raises:
        ConfigError: the ranks do not run the same.
    """
    if ranks.group is None:
        return request
    settings = {
        name: value for name, value in asdict(request.config).items() if name not in ("threads", "device")
    }
    source = None if request.source is None else request.source.facts()
    goes_on_from = None if resumed is None else list(position_in(resumed.run))
    check_same_run(
        ranks.group, {"version": __version__, "goes_on_from": goes_on_from, "source": source, **settings}
    )
    request = replace(request, config=with_own_threads(request.config))
    if ranks.is_first:
        return request
    # Only scores that say which epoch is the best are needed, as all ranks must stop at the same one.
    needs_scores = request.config.keeps_best and request.config.best_by != "validation_loss"
    return replace(
        request, checkpoint=None, watch=(), watch_sample=0, evaluate=request.evaluate if needs_scores else ()
    )


def _following(
    group: Group | None, progress: ProgressOption, on_progress: Callable[[Progress], None] | None
) -> AbstractContextManager[Callable[[Progress], None]]:
    """Report what the first rank does; of the others, nothing is heard."""
    if group is None or group.rank == 0:
        return following(progress, on_progress)
    return nullcontext(lambda _: None)


def _encode(
    request: TrainingRequest,
    known: KnownWords | None,
    folder: Path,
    log: RunLog,
    on_progress: Callable[[Progress], None],
    ranks: Ranks | None,
) -> Corpora:
    """The text as word ids in a file, or this rank's share of it, and the vocabulary."""

    def on_counting(progress: CountingProgress) -> None:
        log.enter(progress.phase)
        on_progress(progress)

    config = request.config
    return encode(
        request.text,
        folder,
        config,
        request.tokenizer,
        phrases=request.phrases,
        validation_source=request.validation_source,
        keep_words=known.words if known and config.start_vocabulary != "new" else (),
        on_progress=on_counting,
        exchange=ALONE if ranks is None or ranks.group is None else GroupExchange(ranks.group),
        max_distinct=max_distinct_words(),
    )


def _check_resources(
    request: TrainingRequest, spec: EngineSpec, corpora: Corpora, ranks: Ranks | None
) -> None:
    """Refuse to train where there is not enough memory, or not enough disk for a checkpoint."""
    num_words = len(corpora.vocabulary)
    if request.custom_objective is None:  # what one of the user's own needs is not known
        check_memory(
            corpora.fitted(request.config),
            spec,
            num_words,
            writes_checkpoints=request.writes_checkpoints,
            is_asked=request.evaluates_epochs,
            replicas=1 if ranks is None else replicas_in_memory(ranks.number_here, request.config),
        )
    check_disk(
        request.config,
        spec,
        num_words,
        checkpoint=request.checkpoint if request.writes_checkpoints else None,
    )


def _subwords(
    request: TrainingRequest, corpora: Corpora, resumed: Checkpoint | None
) -> SubwordVocabulary | None:
    """How words are made of n-grams, with all rows that an earlier part of the run had; None if they are not."""
    rules = SubwordRules.of(request.config)
    if rules is None:
        return None
    found = SubwordVocabulary(corpora.vocabulary.words, rules)
    before = resumed.vectors if resumed else request.start_from
    if before is not None and isinstance(before.vocabulary, SubwordVocabulary):
        return found.with_buckets(before.vocabulary.used_buckets)
    return found


def _build(
    request: TrainingRequest,
    spec: EngineSpec,
    corpora: Corpora,
    subwords: SubwordVocabulary | None,
    ranks: Ranks | None,
) -> Engine | RankedEngine:
    """The engine, ready to train; of several ranks, those that are in this process."""
    start = _first_matrices(request, corpora, subwords)

    def build(config: Config) -> Engine:
        engine = spec.build(
            corpora.fitted(config),
            corpora.vocabulary.counts,
            start=start,
            custom_objective=request.custom_objective,
            word_rows=subwords.word_rows if subwords else None,
        )
        engine.compile()
        return engine

    if ranks is None:
        return build(request.config)
    # Engines of which `obstacles_to_ranks` names none can be ranks.
    return RankedEngine(ranks, request.config, cast("Callable[[Config], RankEngine]", build))


def _evaluation(
    request: TrainingRequest, tests: Sequence[WordTest], vocabulary: CountedVocabulary
) -> EpochEvaluation:
    """What is asked of the vectors after each epoch."""
    watched = choose_watched(vocabulary, request.watch, request.watch_sample, request.config.seed)
    return EpochEvaluation(vocabulary.words, watched, tests)


def _trainer(
    request: TrainingRequest,
    corpora: Corpora,
    engine: Engine | RankedEngine,
    log: RunLog,
    resumed: Checkpoint | None,
) -> Trainer | RoundTrainer:
    """What trains, from where the run stands."""
    remedies = remedies_of_divergence(request.config)
    if isinstance(engine, RankedEngine):
        return engine.trainer(
            corpora.training,
            held_out=corpora.held_out,
            shares=corpora.shares,
            start=log.position,
            facts=None if resumed is None else resumed.run,
            remedies=remedies,
        )
    return Trainer(
        engine,
        corpora.training,
        epochs=request.config.epochs,
        threads=engine.num_workers(request.config.num_threads),
        schedule=schedule_of(request.config),
        held_out=corpora.held_out,
        start=log.position,
        remedies=remedies,
    )


def _train(
    request: TrainingRequest,
    trainer: Trainer | RoundTrainer,
    state: RunState,
    on_progress: Callable[[Progress], None],
) -> bool:
    """Train to the end, or until somebody wants to stop; write checkpoints; say whether the end was reached."""
    schedule = CheckpointSchedule(interval(request.checkpoint_every, "checkpoint_every"))
    is_due = False
    if state.should_stop():
        return True
    with (
        stop_signals(is_patient=is_launched()) as wish,
        CheckpointWriter(request.checkpoint) as writer,
        closing(trainer.run()) as reports,
    ):
        for report in reports:
            answered = state.take(report)
            if writer.has_failed():
                schedule.failed()
            is_due = is_due or (request.checkpoint is not None and schedule.is_due(report))
            if is_due and (position := trainer.pause()) is not None:
                writer.begin(partial(state.checkpoint, position, trainer.facts()))
                schedule.written()
                is_due = False
            _show(answered, on_progress, wish)
            if state.should_stop():
                return True
            is_stopping = wish.is_there or trainer.must_stop
            if is_stopping and (position := trainer.pause(for_good=True)) is not None:
                writer.write(partial(state.checkpoint, position, trainer.facts()))
                return position.epochs_done == request.config.epochs
    return True


def _show(progress: TrainingProgress, on_progress: Callable[[Progress], None], wish: StopWish) -> None:
    try:
        on_progress(progress)
    except KeyboardInterrupt:  # the user's own way to end a run
        wish.is_there = True


def _known_words(request: TrainingRequest) -> KnownWords | None:
    before = request.start_from
    return None if before is None else KnownWords(before.words, before.counts)


def _without_dropped_words(request: TrainingRequest, corpora: Corpora) -> tuple[TrainingRequest, int]:
    """Leave words of the model to start from out where that is asked for, with a warning; and how many those are."""
    before, config = request.start_from, request.config
    if before is None or config.start_vocabulary != "new":
        return request, 0
    left = only_words(before, corpora.vocabulary.words)
    dropped = [word for word in before.words if word not in left]
    if dropped:
        shown = ", ".join(map(repr, dropped[:SHOWN_WORDS])) + (", ..." if len(dropped) > SHOWN_WORDS else "")
        warnings.warn(
            f"{len(dropped):,} of the {len(before):,} words of the model to start from are left out, as the text has "
            f"them fewer than {config.min_count} times (start_vocabulary='new'): {shown}",
            stacklevel=4,  # the line that calls train
        )
    return replace(request, start_from=left), len(dropped)


def _first_matrices(
    request: TrainingRequest, corpora: Corpora, subwords: SubwordVocabulary | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """The matrices of the model to start from, with room for new words and dimensions; None: the engine's own."""
    if request.start_from is None:
        return None
    chance = generator(request.config.seed, Purpose.INITIAL_VECTORS)
    words = subwords or corpora.vocabulary.words
    inputs, outputs = grown_matrices(request.start_from, words, request.config.dim, chance)
    if request.config.objective == "hierarchical":
        outputs[:] = 0  # of the nodes of a new tree, of which what was learned of words says nothing
    return inputs, outputs
