"""Run: one training run, from its text to its vectors, new or resumed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.corpus.sources import TextSource, TokenLists
from wordvec.corpus.tokenizers import Tokenizer
from wordvec.errors import ConfigError, CorpusError, EngineError
from wordvec.formats.checkpoint import Checkpoint
from wordvec.formats.target import check_target
from wordvec.pipeline.checkpoints import check_same_corpus, run_facts, save_checkpoint
from wordvec.pipeline.corpora import Corpora, encode, folder_for_corpora
from wordvec.pipeline.engines import build_engine, choose_engine, device_of, schedule_of
from wordvec.pipeline.records import (
    Compiling,
    PhaseClock,
    Progress,
    Recorder,
    as_recorded,
    corpus_facts,
    end_facts,
)
from wordvec.pipeline.watching import choose_watched, neighbors_of
from wordvec.sampling.seeds import Purpose, generator
from wordvec.training.engine import Engine
from wordvec.training.progress import TrainingProgress
from wordvec.training.trainer import Trainer
from wordvec.vectors.growth import grown_matrices, with_counts_of_both
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.encoding import CountingProgress

if TYPE_CHECKING:
    from wordvec.models.build import ObjectiveFactory

__all__ = ["Run", "run"]

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Run:
    """What `wordvec.train` was asked for."""

    source: TextSource | TokenLists
    config: Config
    tokenizer: str | Tokenizer
    validation_source: TextSource | TokenLists | None
    watch: Sequence[str]
    watch_sample: int
    start_from: WordVectors | None
    checkpoint: Path | None
    custom_objective: ObjectiveFactory | None
    temporary_folder: str | Path | None
    on_progress: Callable[[Progress], None]

    @property
    def has_validation(self) -> bool:
        """Whether there is text to compute a loss on after each epoch."""
        return self.validation_source is not None or self.config.validation > 0


def run(this: Run, resumed: Checkpoint | None = None) -> WordVectors:
    """Do a run, or the rest of one.

    Raises:
        WordvecError: see `wordvec.train`.
    """
    config = this.config
    _refuse_contradictions(this)
    engine_name = choose_engine(config, has_custom_objective=this.custom_objective is not None)
    if this.checkpoint is not None:
        check_target(this.checkpoint, "native")
    clock = PhaseClock()

    def on_counting(progress: CountingProgress) -> None:
        clock.enter(progress.phase)
        this.on_progress(progress)

    with folder_for_corpora(this.temporary_folder) as folder:
        corpora = encode(
            this.source,
            folder,
            config,
            this.tokenizer,
            validation_source=this.validation_source,
            keep_words=this.start_from.words if this.start_from else (),
            on_progress=on_counting,
        )
        facts: dict[str, Any] = {}
        if this.checkpoint is not None:
            facts = run_facts(this.source, this.validation_source, corpora, this.watch, this.watch_sample)
        if resumed is not None:
            check_same_corpus(resumed, corpora, facts)
        watched = choose_watched(corpora.vocabulary, this.watch, this.watch_sample, config.seed)
        clock.enter("compiling")
        this.on_progress(Compiling(engine_name))
        engine = build_engine(
            engine_name,
            config,
            corpora.vocabulary.counts,
            start=_start(this, corpora),
            custom_objective=this.custom_objective,
        )
        if resumed is not None:
            engine.restore(resumed.state)
        engine.compile()
        clock.enter("training")
        outcome = _Outcome(this, corpora, engine, engine_name, watched, facts, resumed)
        trainer = Trainer(
            engine,
            corpora.training,
            epochs=config.epochs,
            threads=engine.num_workers(config.num_threads),
            schedule=schedule_of(config),
            held_out=corpora.held_out,
            epochs_done=resumed.run["epochs_done"] if resumed else 0,
        )
        is_done = trainer.run(outcome.on_training)
    if is_done and outcome.recorder.loss is None and resumed is None:
        raise CorpusError(
            f"no two words stood side by side after subsampling; raise subsample (now {config.subsample:g}), or set "
            "it to 0"
        )
    return outcome.vectors(end_facts(outcome.recorder, clock, corpora.training, config, is_done=is_done))


def _refuse_contradictions(this: Run) -> None:
    if this.validation_source is not None and this.config.validation:
        raise ConfigError(
            "validation and validation_source are two ways to say what to validate on, got both; leave one out"
        )
    if this.config.keep == "best" and not this.has_validation:
        raise ConfigError(
            "keep='best' needs a validation loss to tell which epoch is best; set validation, the share of the text "
            "to hold out (say, 0.01), or give text to validate on (validation_source, --validation-file)"
        )
    if isinstance(this.watch, str):
        raise ConfigError(f"watch must be a list of words, got {this.watch!r}; give [{this.watch!r}]")
    if not isinstance(this.watch_sample, int) or this.watch_sample < 0:
        raise ConfigError(f"watch_sample must be an integer of at least 0, got {this.watch_sample!r}")
    if this.start_from is not None and this.config.initialization != "word2vec":
        raise ConfigError(
            f"initialization has no meaning with start_from, got {this.config.initialization!r}: new words start as "
            "in word2vec.c; leave it out"
        )


def _start(this: Run, corpora: Corpora) -> tuple[Floats, Floats] | None:
    if this.start_from is None:
        return None
    chance = generator(this.config.seed, Purpose.INITIAL_VECTORS)
    inputs, outputs = grown_matrices(this.start_from, corpora.vocabulary.words, this.config.dim, chance)
    if this.config.objective == "hierarchical":
        outputs[:] = 0  # of the nodes of a new tree, of which what was learned of words says nothing
    return inputs, outputs


class _Outcome:
    """What comes out of the run, epoch by epoch."""

    def __init__(
        self,
        this: Run,
        corpora: Corpora,
        engine: Engine,
        engine_name: str,
        watched: NDArray[np.int64],
        facts: dict[str, Any],
        resumed: Checkpoint | None,
    ):
        self._this, self._corpora, self._engine, self._facts = this, corpora, engine, facts
        self._watched = watched
        before = resumed.vectors.training if resumed else [_first_record(corpora)]
        words_before = resumed.run["epochs_done"] * corpora.training.num_words if resumed else 0
        self.recorder = Recorder(before, words_before)
        self._settings = as_recorded(
            this.config,
            this.tokenizer,
            engine=engine_name,
            device="cpu" if engine_name == "numba" else str(device_of(this.config)),
            extra=_beside_the_settings(this),
        )
        best_loss = resumed.run["best_loss"] if resumed else None
        self._best_loss = math.inf if best_loss is None else best_loss
        self._best: tuple[Floats, Floats | None] | None = None
        if resumed and this.config.keep == "best":
            self._best = resumed.vectors.matrix, resumed.vectors.output_matrix

    def on_training(self, progress: TrainingProgress) -> None:
        if progress.is_epoch_end and len(self._watched):
            matrix, _ = self._engine.vectors()
            neighbors = neighbors_of(self._watched, matrix, self._corpora.vocabulary.words)
            progress = replace(progress, neighbors=neighbors)
        self.recorder(progress)
        if progress.is_epoch_end:
            self._keep(progress)
        self._this.on_progress(progress)  # last, as it may end the run

    def _keep(self, progress: TrainingProgress) -> None:
        """Keep the best vectors, if that is what is asked for, and write the checkpoint."""
        loss, keeps_best = progress.validation_loss, self._this.config.keep == "best"
        if loss is None and keeps_best:
            raise CorpusError(
                "no two words of the text to validate on stood side by side after subsampling, so there is no loss to "
                "tell the best epoch by; give more of it, or raise subsample"
            )
        is_best = loss is not None and loss < self._best_loss
        if loss is not None and is_best:
            self._best_loss = loss
        if keeps_best and is_best:
            self._best = self._engine.vectors()
        if self._this.checkpoint is not None and (is_best or not keeps_best):
            best_loss = self._best_loss if self._best_loss < math.inf else None
            facts = {**self._facts, "epochs_done": progress.epoch, "best_loss": best_loss}
            save_checkpoint(
                self._this.checkpoint, self._assembled(self._engine.vectors()), self._engine, facts
            )

    def vectors(self, end: dict[str, Any]) -> WordVectors:
        """The vectors of the last epoch, or of the best one; none of the engine's is left after this."""
        self.recorder.records.append(end)
        return self._assembled(self._best or self._engine.hand_over())

    def _assembled(self, matrices: tuple[Floats, Floats | None]) -> WordVectors:
        if not all(matrix is None or np.isfinite(matrix).all() for matrix in matrices):
            raise EngineError(
                "training diverged: vectors are no longer finite; lower learning_rate (now "
                f"{self._this.config.first_learning_rate:g})"
            )
        vocabulary, start_from = self._corpora.vocabulary, self._this.start_from
        vectors = WordVectors(
            vocabulary.words,
            matrices[0],
            counts=vocabulary.counts,
            output_matrix=matrices[1],
            config=self._settings,
            training=self.recorder.records,
        )
        return vectors if start_from is None else with_counts_of_both(vectors, start_from)


def _first_record(corpora: Corpora) -> dict[str, Any]:
    return corpus_facts(corpora.read, corpora.vocabulary, corpora.training, corpora.held_out)


def _beside_the_settings(this: Run) -> dict[str, Any]:
    """What a run was made from that is no setting."""
    beside: dict[str, Any] = {}
    if this.custom_objective is not None:
        name = getattr(this.custom_objective, "__qualname__", type(this.custom_objective).__qualname__)
        beside["custom_objective"] = name
    if this.start_from is not None:
        beside["start_from"] = f"{len(this.start_from):,} words x {this.start_from.dim}"
    return beside
