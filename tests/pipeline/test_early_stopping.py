"""The best epoch, by loss or by scores; and when to stop waiting for a better one."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from wordvec.config import Config
from wordvec.errors import EvaluationError
from wordvec.evaluation.scores import Score
from wordvec.pipeline.epoch_evaluation import EarlyStopping
from wordvec.training.progress import TrainingProgress

MATRICES = (np.ones((2, 2), np.float32), None)


def end(epoch: int, loss: float | None = None, **scores: float | None) -> TrainingProgress:
    found = tuple(
        Score(name, "similarity" if name.startswith("s") else "analogies", value, 1, 1)
        for name, value in scores.items()
    )
    return TrainingProgress(
        epoch, 9, 1, 9, 1.0, 1.0, 0.1, 0.5, 0.5, is_epoch_end=True, validation_loss=loss, scores=found
    )


def best_of(losses: list[float], **settings: Any) -> tuple[EarlyStopping, list[bool]]:
    best = EarlyStopping(Config(keep="best", **settings))
    return best, [best.is_best(end(number, loss)) for number, loss in enumerate(losses, start=1)]


def test_the_lowest_loss_is_the_best_and_an_equal_one_is_not_better() -> None:
    assert best_of([0.5, 0.4, 0.4, 0.45, 0.3])[1] == [True, True, False, False, True]


def test_patience_counts_epochs_since_the_best_one() -> None:
    assert not best_of([0.5, 0.4, 0.45], patience=2)[0].should_stop
    assert best_of([0.5, 0.4, 0.45, 0.41], patience=2)[0].should_stop
    assert not best_of([0.5, 0.4, 0.45, 0.39], patience=2)[0].should_stop
    assert not best_of([0.5, *[0.6] * 50])[0].should_stop
    assert best_of([0.5, 0.6, 0.7], patience=2)[0].reason == "validation loss no better for 2 epochs"


def test_scores_are_the_better_the_higher_and_only_those_of_the_kind_count() -> None:
    best = EarlyStopping(Config(keep="best", best_by="analogies"))
    found = [
        best.is_best(end(1, 0.1, a1=0.2, a2=0.4, s=0.9)),
        best.is_best(end(2, 0.9, a1=0.1, a2=0.6, s=0.1)),  # a mean of 0.35
        best.is_best(end(3, 0.0, a1=0.34, a2=0.34, s=1.0)),
        best.is_best(end(4, 0.0, a1=None, a2=0.36, s=1.0)),  # of those that have a score
    ]
    assert found == [True, True, False, True]


def test_what_is_remembered_goes_on_where_it_was() -> None:
    first, _ = best_of([0.5, 0.4, 0.45], patience=2)
    second = EarlyStopping(Config(patience=2))
    second.restore(json.loads(json.dumps(first.facts())), MATRICES)
    assert second.matrices is MATRICES
    assert not second.is_best(end(4, 0.4))
    assert second.should_stop


def test_before_the_first_epoch_there_is_no_best_one() -> None:
    first, second = EarlyStopping(Config(keep="best")), EarlyStopping(Config(keep="best"))
    assert first.facts() == {"best_value": None, "epochs_since_best": 0}
    second.restore(first.facts(), MATRICES)
    assert second.matrices is None
    assert second.is_best(end(1, 1e9))


def test_nothing_to_compare_by_is_said() -> None:
    with pytest.raises(EvaluationError, match="no loss to tell the best epoch by; give more of it"):
        EarlyStopping(Config(keep="best")).is_best(end(1))
    with pytest.raises(EvaluationError, match="not one question of the tests of similarity can be asked"):
        EarlyStopping(Config(keep="best", best_by="similarity")).is_best(end(1, 0.5, s=None, a=0.5))
