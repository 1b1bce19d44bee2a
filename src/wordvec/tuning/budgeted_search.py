"""Search: try the defaults, then what the study draws, on more and more of the text, until the budget is spent."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any, NamedTuple

import numpy as np

from wordvec.config import Config
from wordvec.errors import ConfigError, CorpusError, EngineError, ResourceError
from wordvec.pipeline.run_log import Progress, Tuning
from wordvec.pipeline.stop_signals import StopWish, stop_signals
from wordvec.training.progress import TrainingProgress
from wordvec.tuning.parts import Answers, TuningTest, reported
from wordvec.tuning.result import Trial, TuningResult
from wordvec.tuning.samples import TuningText
from wordvec.tuning.space import SearchSpace
from wordvec.tuning.study import Outcome, Study
from wordvec.tuning.trial import Stopped, fitted_epochs, relative_cost, train_on
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["A_FUNCTION", "Budget", "Search"]

A_FUNCTION = "a Python function"  # in place of a tokenizer's name
SHARE_FOR_DEFAULTS = 1 / 3  # of the budget, for the last training of the defaults
SHARE_FOR_A_TRIAL = (
    1 / 6
)  # of the budget, for one training on all of the text, where max_slowdown is not given
LATE = 1.25  # times as long as it may take, when a trial is stopped: times are noisy
SEEN_ENOUGH = 0.1  # of a training, from which its time can be told
MAX_SKIPPED = 5  # trials in a row that would not fit into the time that is left
DIGITS = 6  # of answers in the file


class Budget(NamedTuple):
    """When a search ends."""

    trials: int | None  # beside the defaults
    deadline: float | None  # time.monotonic()
    began: float

    def share_done(self, num_trials: int) -> float:
        """In [0, 1]."""
        if self.deadline is None:
            return min(1.0, num_trials / max(self.trials or 1, 1))
        return min(1.0, (time.monotonic() - self.began) / (self.deadline - self.began))


class Search:
    """Tries settings until the budget is spent.

    Args:
        space: the settings to search.
        text: what trials train on.
        judges: the tests.
        study: what was tried so far, and what comes next.
        shares: of the text that a trial trains on, one after the other.
        budget: when to end.
        max_slowdown: how much longer than the defaults a training may take; None for the usual limit.
        report: called with the progress.
        tokenizer: of the text, by name.
    """

    def __init__(
        self,
        space: SearchSpace,
        text: TuningText,
        judges: Sequence[TuningTest],
        study: Study,
        shares: Sequence[float],
        budget: Budget,
        max_slowdown: float | None,
        report: Callable[[Progress], None],
        tokenizer: str,
    ):
        self._space, self._text, self._judges, self._study = space, text, judges, study
        self._shares, self._budget, self._max_slowdown = list(shares), budget, max_slowdown
        self._report, self._tokenizer = report, tokenizer
        self._wish = StopWish()
        self._answers: dict[int, dict[str, Answers]] = {}  # by the place of the outcome
        self._seconds_of_defaults: dict[float, float] = {}  # by the share of the text
        self._cost_of_defaults = space.base.epochs * relative_cost(space.base, text.vocabulary.counts)

    def run(self, train_again: Callable[..., WordVectors]) -> TuningResult:
        """Search, and put together what came of it."""
        with stop_signals() as self._wish, suppress(Stopped):
            self._try_defaults()
            self._try_others()
        outcomes = self._study.outcomes
        if not outcomes or outcomes[0].score is None:
            raise KeyboardInterrupt("the search ended before the defaults were trained; nothing was learned")
        return self._result(train_again)

    def _try_defaults(self) -> None:
        """The defaults come first, and are trained on all of the text in any case."""
        before = self._study.defaults
        if before is None:
            outcome, answers = self._tried(self._space.base, is_default=True)
            if outcome.state == "failed":
                raise EngineError(f"the defaults cannot be trained: {outcome.reason}")
            self._answers[0] = answers or {}
            self._study.add_defaults(outcome)
            return
        self._seconds_of_defaults[before.share] = before.seconds
        self._shares = [share for share in self._shares if share <= before.share]

    def _try_others(self) -> None:
        skipped = 0
        while skipped < MAX_SKIPPED and not self._is_over():
            chooser = self._study.ask()
            try:
                config = self._fitted(self._space.suggest(chooser))
                outcome, answers = self._tried(config)
            except ConfigError as problem:  # settings that contradict each other
                outcome, answers = _failed({}, str(problem)), None
            if outcome.share == 0 and outcome.state == "stopped":  # no time is left for it
                self._study.skip()
                skipped += 1
                continue
            skipped = 0
            self._study.end(outcome)
            if answers is not None:
                self._answers[len(self._study.outcomes) - 1] = answers

    def _is_over(self) -> bool:
        num_trials = len(self._study.outcomes) - 1
        return self._budget.share_done(num_trials) >= 1 or (
            self._budget.trials is not None and num_trials >= self._budget.trials
        )

    def _fitted(self, config: Config) -> Config:
        """With as many epochs as the time for one training allows."""
        limit = self._limit()
        if limit is None:
            return config
        counts = self._text.vocabulary.counts
        return replace(config, epochs=fitted_epochs(config, self._cost_of_defaults, counts, limit))

    def _limit(self) -> float | None:
        """How many times as long as the defaults a training may take."""
        if self._max_slowdown is not None or self._budget.deadline is None:
            return self._max_slowdown
        budget = self._budget.deadline - self._budget.began
        share, seconds = max(self._seconds_of_defaults.items(), default=(1.0, 0.0))
        of_last = seconds * self._shares[-1] / share
        return max(1.0, SHARE_FOR_A_TRIAL * budget / of_last) if of_last else None

    def _tried(
        self, config: Config, *, is_default: bool = False
    ) -> tuple[Outcome, dict[str, Answers] | None]:
        """Train on one share of the text after the other, as long as the scores are good.

        Raises:
            Stopped: somebody wants the search to end, or its time is over.
        """
        settings = self._space.changed(config)
        outcome = Outcome(settings, "stopped", 0.0, None, {}, 0.0, [])
        for rung, share in enumerate(self._shares):
            if not is_default and not self._has_time(config, share):
                return outcome, None
            try:
                vectors, seconds = self._trained(config, share, is_default=is_default)
            except (ConfigError, CorpusError, EngineError, ResourceError) as problem:
                return _failed(settings, str(problem)), None
            except TooSlow:
                return _failed(settings, "too slow"), None
            scores = {judge.name: judge.choose(vectors) for judge in self._judges}
            score = float(np.mean(list(scores.values())))
            outcome = Outcome(
                settings, "stopped", share, score, scores, round(seconds, 3), [*outcome.share_scores, score]
            )
            if is_default:
                self._learn_speed(share, seconds)
            if share == self._shares[-1]:
                answers = {judge.name: judge.report(vectors) for judge in self._judges}
                kept = {name: np.round(one.items, DIGITS).tolist() for name, one in answers.items()}
                return replace(outcome, state="done", answers=kept), answers
            if not is_default and not self._study.is_promising(rung, score):
                return outcome, None
        raise AssertionError("the last share returns")

    def _learn_speed(self, share: float, seconds: float) -> None:
        """Where the budget is too small for all of the text, a sample must do."""
        self._seconds_of_defaults[share] = seconds
        if self._budget.deadline is None:
            return
        allowed = SHARE_FOR_DEFAULTS * (self._budget.deadline - self._budget.began)
        left = [one for one in self._shares if one <= share or seconds * one / share <= allowed]
        self._shares = left

    def _has_time(self, config: Config, share: float) -> bool:
        """Whether a training can end before the search does."""
        if self._budget.deadline is None or not self._seconds_of_defaults:
            return True
        of_share, seconds = max(self._seconds_of_defaults.items())
        cost = config.epochs * relative_cost(config, self._text.vocabulary.counts) / self._cost_of_defaults
        return time.monotonic() + seconds * cost * share / of_share < self._budget.deadline

    def _trained(self, config: Config, share: float, *, is_default: bool) -> tuple[WordVectors, float]:
        """The vectors, and the seconds of training."""
        part = self._text.part(share, config.min_count)
        limit = self._limit()
        of_defaults = self._seconds_of_defaults.get(share)
        has_clock = self._budget.deadline is not None and limit is not None and not is_default
        allowed = LATE * (limit or 0) * (of_defaults or 0) if has_clock else 0.0
        seconds = 0.0

        def should_stop(progress: TrainingProgress) -> bool:
            nonlocal seconds
            seconds = progress.seconds
            self._show(share, progress)
            if self._wish.is_there or (
                not is_default and self._budget.share_done(0) >= 1 and self._budget.deadline
            ):
                return True
            done = progress.share_done
            if allowed and done >= SEEN_ENOUGH and seconds / done > allowed:
                raise TooSlow
            return False

        vectors = train_on(config, part, should_stop, self._tokenizer)
        return vectors, seconds

    def _show(self, share: float, progress: TrainingProgress) -> None:
        outcomes = self._study.outcomes
        whole = [one.score for one in outcomes if one.share == self._shares[-1] and one.score is not None]
        record = Tuning(
            self._budget.share_done(max(0, len(outcomes) - 1)),
            len(outcomes),
            share,
            progress.share_done,
            max(whole, default=None),
            outcomes[0].score if outcomes else None,
        )
        try:
            self._report(record)
        except KeyboardInterrupt:  # the user's own way to end a search
            self._wish.is_there = True

    def _result(self, train_again: Callable[..., WordVectors]) -> TuningResult:
        outcomes, space = self._study.outcomes, self._space
        trials = [
            Trial(
                number,
                space.with_settings(one.settings),
                one.settings,
                one.state,
                one.share,
                one.score,
                one.scores,
                one.seconds,
                one.reason,
            )
            for number, one in enumerate(outcomes)
        ]
        last = outcomes[0].share
        done = [trial for trial in trials if trial.share == last and trial.score is not None]
        best = max(done, key=lambda one: (one.score, -one.number))
        reports = [
            reported(judge, self._answers_of(best.number, judge), self._answers_of(0, judge))
            for judge in self._judges
        ]
        return TuningResult(
            best.config,
            space.base,
            trials,
            best,
            reports,
            self._wish.is_there,
            None if self._tokenizer == A_FUNCTION else self._tokenizer,
            lambda **given: train_again(**{**_as_arguments(best.config), **given}),
        )

    def _answers_of(self, number: int, judge: TuningTest) -> Answers:
        if judge.name in self._answers.get(number, {}):
            return self._answers[number][judge.name]
        kept = (self._study.outcomes[number].answers or {})[judge.name]
        return Answers(np.array(kept, np.float64))


class TooSlow(Exception):  # noqa: N818  (nothing has gone wrong)
    """A training takes longer than it may."""


def _failed(settings: dict[str, Any], reason: str) -> Outcome:
    return Outcome(settings, "failed", 0.0, None, {}, 0.0, [], reason)


def _as_arguments(config: Config) -> dict[str, Any]:
    """The settings by name, so that some of them can be given anew."""
    defaults = asdict(Config())
    return {name: value for name, value in asdict(config).items() if value != defaults[name]}
