"""Run: one training run, from its text to its vectors, new or resumed."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.corpus.sources import TextSource, TokenLists
from wordvec.corpus.tokenizers import Tokenizer
from wordvec.engines.choose import EngineName, build_engine, choose_engine, device_of
from wordvec.engines.engine import Engine
from wordvec.engines.step_limits import remedies_of_divergence
from wordvec.errors import CorpusError
from wordvec.evaluation.scores import score_all
from wordvec.evaluation.word_tests import read_test
from wordvec.formats.checkpoint import Checkpoint
from wordvec.formats.target import check_target
from wordvec.pipeline.checkpoint_schedule import NEVER, CheckpointWriter, Interval, interval
from wordvec.pipeline.checkpoints import Due, check_same_corpus, place_in, run_facts
from wordvec.pipeline.epoch_evaluation import choose_watched
from wordvec.pipeline.progress_display import log_end
from wordvec.pipeline.run_log import (
    Compiling,
    PhaseClock,
    Progress,
    Recorder,
    as_recorded,
    corpus_facts,
    end_facts,
    machine_facts,
)
from wordvec.pipeline.run_state import Asked, Outcome
from wordvec.pipeline.stop_signals import StopWish, stop_signals
from wordvec.planning.check import (
    refuse_too_little_disk,
    refuse_too_little_memory,
    refuse_too_little_temporary_disk,
)
from wordvec.planning.contradictions import refuse_contradictions, refuse_tests
from wordvec.sampling.seeds import Purpose, generator
from wordvec.training.corpora import Corpora, encode, folder_for_corpora
from wordvec.training.progress import BEGINNING, Place
from wordvec.training.schedule import schedule_of
from wordvec.training.trainer import Trainer
from wordvec.vectors.growth import KnownWords, grown_matrices, only_words
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.encoding import CountingProgress

if TYPE_CHECKING:
    from wordvec.models.word2vec import ObjectiveFactory

__all__ = ["Run", "run"]

SHOWN_WORDS = 5  # of those that are left out


@dataclass(frozen=True, kw_only=True)
class Run:
    """What `wordvec.train` was asked for."""

    source: TextSource | TokenLists
    config: Config
    tokenizer: str | Tokenizer
    validation_source: TextSource | TokenLists | None
    watch: Sequence[str]
    watch_sample: int
    evaluate: Sequence[str | Path]
    start_from: WordVectors | None
    checkpoint: Path | None
    checkpoint_every: str
    custom_objective: ObjectiveFactory | None
    temporary_folder: str | Path | None
    on_progress: Callable[[Progress], None]
    recipe: str | None = None  # the name of the one that asked


def run(this: Run, resumed: Checkpoint | None = None) -> WordVectors:
    """Do a run, or the rest of one.

    Raises:
        WordvecError: see `wordvec.train`.
    """
    config = this.config
    refuse_contradictions(
        config,
        has_validation_source=this.validation_source is not None,
        has_start=this.start_from is not None or (resumed is not None and resumed.known is not None),
        watch=this.watch,
        watch_sample=this.watch_sample,
        evaluate=this.evaluate,
        has_checkpoint=this.checkpoint is not None,
    )
    every = interval(this.checkpoint_every, "checkpoint_every")
    tests = [read_test(path) for path in this.evaluate]
    refuse_tests(config, [test.name for test in tests], [test.kind for test in tests])
    engine_name = choose_engine(config, has_custom_objective=this.custom_objective is not None)
    if this.checkpoint is not None:
        check_target(this.checkpoint, "native")
    known = resumed.known if resumed else _known(this.start_from)
    clock = PhaseClock()

    def on_counting(progress: CountingProgress) -> None:
        clock.enter(progress.phase)
        this.on_progress(progress)

    refuse_too_little_temporary_disk(
        this.source, this.tokenizer, this.temporary_folder, this.validation_source
    )
    with folder_for_corpora(this.temporary_folder) as folder:
        corpora = encode(
            this.source,
            folder,
            config,
            this.tokenizer,
            validation_source=this.validation_source,
            keep_words=known.words if known and config.start_words == "keep" else (),
            on_progress=on_counting,
        )
        num_dropped = 0
        if this.start_from is not None and config.start_words == "drop":
            left = only_words(this.start_from, corpora.vocabulary.words)
            num_dropped = _warn_of_dropped(this.start_from, left, config)
            this = replace(this, start_from=left)
            known = _known(left)
        _refuse_what_does_not_fit(this, engine_name, len(corpora.vocabulary), every)
        corpus_sha256 = corpora.training.digest()
        settings = as_recorded(
            config,
            this.tokenizer,
            engine=engine_name,
            device="cpu" if engine_name == "numba" else str(device_of(config)),
            extra=_beside_the_settings(this, resumed),
        )
        facts = run_facts(
            this.source,
            this.validation_source,
            corpora,
            corpus_sha256,
            settings,
            watch=this.watch,
            watch_sample=this.watch_sample,
            evaluate=[os.path.abspath(path) for path in this.evaluate],  # noqa: PTH100
            checkpoint_every=this.checkpoint_every,
            recipe=this.recipe,
        )
        if resumed is not None:
            check_same_corpus(resumed, corpora, facts)
        clock.enter("compiling")
        this.on_progress(Compiling(engine_name))
        engine = build_engine(
            engine_name,
            config,
            corpora.vocabulary.counts,
            start=_start(this, corpora),
            custom_objective=this.custom_objective,
        )
        place = place_in(resumed.run) if resumed else BEGINNING
        words_before = place.epochs_done * corpora.training.num_words + place.words
        first_record = corpus_facts(
            corpora.read, corpora.vocabulary, corpora.training, corpora.held_out, corpus_sha256
        )
        if num_dropped:
            first_record["start_words_dropped"] = num_dropped
        outcome = Outcome(
            config,
            settings,
            engine,
            corpora.vocabulary,
            known,
            Asked(
                choose_watched(corpora.vocabulary, this.watch, this.watch_sample, config.seed),
                partial(score_all, tests) if tests else None,
            ),
            Recorder(resumed.vectors.training if resumed else [first_record], words_before),
        )
        if resumed is not None:
            outcome.restore(resumed)
        engine.compile()
        clock.enter("training")
        is_done = _train(this, corpora, engine, outcome, Due(every), facts, place)
    if is_done and outcome.recorder.loss is None and resumed is None:
        raise CorpusError(
            f"no two words stood side by side after subsampling; raise subsample (now {config.subsample:g}), or set "
            "it to 0"
        )
    stopped_early = outcome.best.waited if outcome.best and outcome.best.is_hopeless else None
    return log_end(
        outcome.vectors(
            end_facts(
                outcome.recorder,
                clock,
                corpora.training,
                config,
                is_done=is_done,
                stopped_early=stopped_early,
                machine=machine_facts(engine_name, settings["device"]),
            )
        )
    )


def _refuse_what_does_not_fit(this: Run, engine_name: EngineName, num_words: int, every: Interval) -> None:
    """Refuse to train where the machine has not the memory, or not the disk for a checkpoint."""
    writes = this.checkpoint is not None and every != NEVER
    if this.custom_objective is None:  # what one of the user's own needs is not known
        refuse_too_little_memory(
            this.config,
            engine_name,
            num_words,
            writes_checkpoints=writes,
            is_asked=bool(this.watch or this.watch_sample or this.evaluate),
        )
    refuse_too_little_disk(
        this.config, engine_name, num_words, checkpoint=this.checkpoint if writes else None
    )


def _train(
    this: Run,
    corpora: Corpora,
    engine: Engine,
    outcome: Outcome,
    due: Due,
    facts: dict[str, Any],
    start: Place,
) -> bool:
    """Train to the end, or until somebody wants to stop; write checkpoints; say whether the end was reached."""
    trainer = Trainer(
        engine,
        corpora.training,
        epochs=this.config.epochs,
        threads=engine.num_workers(this.config.num_threads),
        schedule=schedule_of(this.config),
        held_out=corpora.held_out,
        start=start,
        remedies=remedies_of_divergence(this.config),
    )

    def copy() -> Checkpoint:
        return outcome.checkpoint(facts, trainer.pause())

    def is_hopeless() -> bool:
        return outcome.best is not None and outcome.best.is_hopeless

    if is_hopeless():
        return True
    with (
        stop_signals() as wish,
        CheckpointWriter(this.checkpoint) as writer,
        closing(trainer.run()) as reports,
    ):
        for progress in reports:
            shown = outcome.take(progress)
            if writer.has_failed():
                due.failed()
            if due.at(progress):
                writer.begin(copy)
                due.written()
            _show(this, shown, wish)
            if is_hopeless():
                return True
            if wish.is_there:
                writer.write(copy)
                return trainer.pause().epochs_done == this.config.epochs
    return True


def _show(this: Run, progress: Any, wish: StopWish) -> None:
    try:
        this.on_progress(progress)
    except KeyboardInterrupt:  # the user's own way to end a run
        wish.is_there = True


def _known(start_from: WordVectors | None) -> KnownWords | None:
    return None if start_from is None else KnownWords(start_from.words, start_from.counts)


def _warn_of_dropped(before: WordVectors, left: WordVectors, config: Config) -> int:
    """Say which words of the model to start from are left out, and return how many."""
    dropped = [word for word in before.words if word not in left]
    if dropped:
        shown = ", ".join(map(repr, dropped[:SHOWN_WORDS])) + (", ..." if len(dropped) > SHOWN_WORDS else "")
        warnings.warn(
            f"{len(dropped):,} of the {len(before):,} words of the model to start from are left out, as the text has "
            f"them fewer than {config.min_count} times (start_words='drop'): {shown}",
            stacklevel=4,  # the line that calls train
        )
    return len(dropped)


def _start(this: Run, corpora: Corpora) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    if this.start_from is None:
        return None
    chance = generator(this.config.seed, Purpose.INITIAL_VECTORS)
    inputs, outputs = grown_matrices(this.start_from, corpora.vocabulary.words, this.config.dim, chance)
    if this.config.objective == "hierarchical":
        outputs[:] = 0  # of the nodes of a new tree, of which what was learned of words says nothing
    return inputs, outputs


def _beside_the_settings(this: Run, resumed: Checkpoint | None) -> dict[str, Any]:
    """What a run was made from that is no setting."""
    beside: dict[str, Any] = {}
    if this.custom_objective is not None:
        name = getattr(this.custom_objective, "__qualname__", type(this.custom_objective).__qualname__)
        beside["custom_objective"] = name
    if this.start_from is not None:
        beside["start_from"] = f"{len(this.start_from):,} words x {this.start_from.dim}"
    elif resumed is not None and "start_from" in (resumed.vectors.config or {}):
        beside["start_from"] = (resumed.vectors.config or {})["start_from"]
    return beside
