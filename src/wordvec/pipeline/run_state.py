"""Outcome: what comes out of a run, report by report: records, the best epoch, checkpoints, and vectors at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.engines.engine import Engine
from wordvec.engines.step_limits import remedies_of_divergence
from wordvec.errors import EngineError
from wordvec.evaluation.scores import Score
from wordvec.formats.checkpoint import Checkpoint
from wordvec.pipeline.early_stopping import Best, Matrices
from wordvec.pipeline.epoch_evaluation import neighbors_of
from wordvec.pipeline.run_log import Recorder
from wordvec.training.progress import Place, TrainingProgress
from wordvec.vectors.growth import KnownWords, with_counts_of_both
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.vocabulary import Vocabulary

__all__ = ["Asked", "Outcome"]


class Asked(NamedTuple):
    """What is asked of the vectors after each epoch."""

    watched: NDArray[np.int64]  # (W,)  ids of words whose neighbours are shown
    score: (
        Callable[[Sequence[str], NDArray[np.float32]], tuple[Score, ...]] | None
    )  # of words and (V, D) vectors


class Outcome:
    """Takes the reports of training.

    Args:
        config: the settings.
        settings: the same, as the vectors and checkpoints remember them.
        engine: what is trained.
        vocabulary: of the engine's rows.
        known: the words that a model had which this run has grown, if it has.
        asked: of the vectors after each epoch.
        recorder: what is remembered of the reports.
    """

    def __init__(
        self,
        config: Config,
        settings: Mapping[str, Any],
        engine: Engine,
        vocabulary: Vocabulary,
        known: KnownWords | None,
        asked: Asked,
        recorder: Recorder,
    ):
        self._config, self._settings, self._engine = config, settings, engine
        self._vocabulary, self._known = vocabulary, known
        self._asked, self.recorder = asked, recorder
        self.best = Best(config) if config.keeps_best else None

    def take(self, progress: TrainingProgress) -> TrainingProgress:
        """Record a report; at an epoch's end, ask the vectors and compare them with the best before.

        Returns:
            The report with the answers.
        """
        if progress.is_epoch_end:
            progress = self._with_answers(progress)
        self.recorder(progress)
        if progress.is_epoch_end and self.best is not None and self.best.is_best(progress):
            self.best.matrices = self._engine.vectors()
        return progress

    def checkpoint(self, facts: Mapping[str, Any], place: Place) -> Checkpoint:
        """All that is needed to go on; its vectors are the best so far, or the present ones."""
        matrices = (self.best and self.best.matrices) or self._engine.vectors()
        run = {**facts, **place._asdict(), **(self.best or Best(self._config)).facts()}
        return Checkpoint(self._assembled(matrices), self._engine.state(), run, self._known)

    def restore(self, found: Checkpoint) -> None:
        """Go on from a checkpoint.

        Raises:
            EngineError: it is that of another model or optimizer.
        """
        self._engine.restore(found.state)
        if self.best is not None:
            row_of = found.vectors.ids(self._vocabulary.words)  # grown vectors were sorted anew
            output = found.vectors.output_matrix
            self.best.restore(
                found.run, (found.vectors.matrix[row_of], None if output is None else output[row_of])
            )

    def vectors(self, end: dict[str, Any]) -> WordVectors:
        """The vectors of the last epoch, or of the best one; none of the engine's is left after this."""
        self.recorder.records.append(end)
        return self._assembled((self.best and self.best.matrices) or self._engine.hand_over())

    def _with_answers(self, progress: TrainingProgress) -> TrainingProgress:
        watched, score = self._asked
        if not len(watched) and score is None:
            return progress
        matrix, _ = self._engine.vectors()
        words = self._vocabulary.words
        return replace(
            progress,
            neighbors=neighbors_of(watched, matrix, words) if len(watched) else None,
            scores=score(words, matrix) if score else None,
        )

    def _assembled(self, matrices: Matrices) -> WordVectors:
        if not all(matrix is None or np.isfinite(matrix).all() for matrix in matrices):
            raise EngineError(
                "training diverged: vectors are no longer finite; lower learning_rate "
                f"({self._config.first_learning_rate:g}), {' or '.join(remedies_of_divergence(self._config))}"
            )
        vectors = WordVectors(
            self._vocabulary.words,
            matrices[0],
            counts=self._vocabulary.counts,
            output_matrix=matrices[1],
            config=self._settings,
            training=self.recorder.records,
        )
        return vectors if self._known is None else with_counts_of_both(vectors, self._known)
