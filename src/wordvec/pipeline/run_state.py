"""Run state: the engine with what was learned of each epoch so far; it becomes checkpoints, and vectors at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from wordvec.config import Config
from wordvec.distributed.ranks import RankedEngine
from wordvec.engines.engine import Engine
from wordvec.engines.step_limits import remedies_of_divergence
from wordvec.errors import EngineError
from wordvec.formats.checkpoint import Checkpoint
from wordvec.phrases.phrases import Phrases
from wordvec.pipeline.epoch_evaluation import EarlyStopping, EpochEvaluation, Matrices
from wordvec.pipeline.run_log import RunLog
from wordvec.training.progress import RunPosition, TrainingProgress
from wordvec.vectors.growth import KnownWords, rows_of_words, with_counts_of_both
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordVocabulary
from wordvec.vocabulary.vocabulary import CountedVocabulary

__all__ = ["RunState"]

NO_RANKS = {"ranks": None, "plan": None}


class RunState:
    """Takes the reports of training.

    Args:
        config: the settings.
        engine: what is trained.
        vocabulary: of the engine's rows.
        known: the words of the model that this run grows, if it grows one.
        evaluation: what is asked of the vectors after each epoch.
        log: what the run remembers of itself.
        phrases: that were joined in the text.
    """

    def __init__(
        self,
        config: Config,
        engine: Engine | RankedEngine,
        vocabulary: CountedVocabulary,
        subwords: SubwordVocabulary | None,
        known: KnownWords | None,
        evaluation: EpochEvaluation,
        log: RunLog,
        phrases: Phrases | None = None,
    ):
        self._config, self._engine, self._vocabulary, self._known = config, engine, vocabulary, known
        self._subwords, self._phrases = subwords, phrases
        self._evaluation, self._log = evaluation, log
        self._best = EarlyStopping(config) if config.keeps_best else None

    def should_stop(self) -> bool:
        """Whether no better epoch is waited for any longer."""
        return self._best is not None and self._best.should_stop

    def take(self, progress: TrainingProgress) -> TrainingProgress:
        """Record a report; at an epoch's end, ask the vectors and compare them with the best before.

        Returns:
            The report with the answers.
        """
        if progress.is_epoch_end and self._evaluation.asks:
            rows = self._engine.vectors()[0]
            matrix = self._subwords.all_vectors(rows) if self._subwords else rows
            progress = self._evaluation.answered(progress, matrix)
        self._log.report(progress)
        if progress.is_epoch_end and self._best is not None and self._best.is_best(progress):
            self._best.matrices = self._present()
        return progress

    def checkpoint(self, position: RunPosition, of_ranks: Mapping[str, Any] | None = None) -> Checkpoint:
        """All that is needed to go on from a position; its vectors are the best so far, or the present ones.

        Args:
            position: how far the run has come.
            of_ranks: how it was shared out among ranks.
        """
        matrices = (self._best and self._best.matrices) or self._present()
        best = self._best or EarlyStopping(self._config)
        run = {**self._log.identity, **position._asdict(), **best.facts(), **(of_ranks or NO_RANKS)}
        return Checkpoint(self._assembled(matrices), self._engine.state(), run, self._known)

    def restore(self, found: Checkpoint) -> None:
        """Go on from a checkpoint.

        Raises:
            EngineError: it is that of another model or optimizer.
        """
        self._engine.restore(found.state)
        if self._best is not None:
            row_of = found.vectors.ids(self._vocabulary.words)  # grown vectors were sorted anew
            output = found.vectors.output_matrix
            rows = rows_of_words(found.vectors, self._vocabulary.words)
            output = None if output is None else output[row_of]
            self._best.restore(found.run, (rows, output, found.vectors.position_weights))

    def into_vectors(self, *, is_done: bool) -> WordVectors:
        """The vectors of the last epoch, or of the best one; the engine has none afterwards."""
        self._log.end(
            is_done=is_done, stopped_early=self._best.reason if self._best and self.should_stop() else None
        )
        if self._best and self._best.matrices:
            return self._assembled(self._best.matrices)
        positions = self._engine.position_weights()
        return self._assembled((*self._engine.into_vectors(), positions))

    def _present(self) -> Matrices:
        return (*self._engine.vectors(), self._engine.position_weights())

    def _assembled(self, matrices: Matrices) -> WordVectors:
        if not all(matrix is None or np.isfinite(matrix).all() for matrix in matrices):
            raise EngineError(
                "training diverged: vectors are no longer finite; lower learning_rate "
                f"({self._config.first_learning_rate:g}), {' or '.join(remedies_of_divergence(self._config))}"
            )
        vectors = WordVectors(
            self._subwords or self._vocabulary.words,
            matrices[0],
            counts=self._vocabulary.counts,
            output_matrix=matrices[1],
            position_weights=matrices[2],
            config=self._log.settings,
            training=self._log.records,
            phrases=self._phrases,
        )
        return vectors if self._known is None else with_counts_of_both(vectors, self._known)
