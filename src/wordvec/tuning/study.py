"""Study: what a search has tried, and what it tries next, by Optuna; in a file of JSON lines, so that it can go on."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from wordvec.errors import ConfigError, FormatError
from wordvec.packages import imported
from wordvec.storage.atomic import replacing_file
from wordvec.storage.plain_json import parse_json
from wordvec.tuning.samples import REDUCTION
from wordvec.tuning.space import SearchSpace

__all__ = ["Outcome", "SamplerName", "Study"]

SamplerName = Literal["tpe", "random"]
State = Literal["done", "stopped", "failed"]

NAME = "wordvec tune"
NEEDED_FOR = "a search for settings"
RANDOM_TRIALS = 8  # before TPE has something to go by
IDENTITY, DEFAULTS, OUTCOME = "identity", "defaults", "outcome"  # keys of attributes in the file
CREATES_TRIAL, FINISHES_TRIAL = 4, 6  # op_code of Optuna's records
FINISHED = (1, 2, 3)  # state: complete, pruned, failed
MAX_FILE_BYTES = 2**28
WHAT_DAMAGE_RAISES = (AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


@dataclass(frozen=True)
class Outcome:
    """What came of one trial."""

    settings: dict[str, Any]  # those in which it differs from the settings of the others
    state: State  # done, trained on all of the text; stopped, others did better on a sample; failed
    share: float  # of the text that its score is from, in (0, 1]; 0 where it has none
    score: float | None  # mean over the tests, on the part that chooses
    scores: dict[str, float]  # by the name of the test
    seconds: float  # of training on that share
    share_scores: list[float]  # on each share that it was trained on, the smallest first
    reason: str = ""  # why it failed
    answers: dict[str, list[list[float]]] | None = (
        None  # by test, on the part that is reported; where it is done
    )

    def to_plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return dict(vars(self))

    @classmethod
    def from_plain(cls, found: Any) -> Outcome:
        """What `to_plain` gave.

        Raises:
            ValueError: it is something else.
        """
        one = cls(**found)
        numbers = [one.share, one.seconds, *one.share_scores, *one.scores.values()]
        numbers += [] if one.score is None else [one.score]
        is_right = (
            one.state in get_args(State)
            and all(isinstance(number, int | float) for number in numbers)
            and isinstance(one.reason, str)
            and isinstance(one.settings, dict)
            and (one.state == "failed") == (one.score is None)
        )
        if not is_right:
            raise ValueError("not what came of a trial")
        for items in (one.answers or {}).values():
            np.array(items, np.float64)  # fails where rows have no or unequal numbers
        return one


class Study:
    """A search, as Optuna keeps it.

    Args:
        space: the settings to search.
        shares: of the text that a trial trains on, one after the other.
        seed: of the draws; each trial's depend on it, and on the trials that have ended before.
        sampler: "tpe", tree-structured Parzen estimator (Bergstra et al., 2011), which begins with what has done well
            elsewhere; or "random".
        path: of the file; None keeps the study in memory.
        identity: what must be the same where the search goes on: the text, the tests, the space.

    Raises:
        MissingPackageError: Optuna is not installed.
        ConfigError: the file is of another search.
        FormatError: the file is not a study, or damaged.
        ResourceError: it cannot be written.
    """

    def __init__(
        self,
        space: SearchSpace,
        shares: Sequence[float],
        *,
        seed: int,
        sampler: SamplerName = "tpe",
        path: Path | None = None,
        identity: Mapping[str, Any] | None = None,
    ):
        self._optuna = imported("optuna", NEEDED_FOR)
        self._space, self._shares, self._seed, self._sampler = space, shares, seed, sampler
        self._starts = space.starts() if sampler == "tpe" else []
        self._running: Any = None
        self._num_skipped = 0
        identity = json.loads(json.dumps(identity or {}))
        with self._quietly():
            storage = None if path is None else self._storage(path)
            with _reading(path):
                self._study = self._optuna.create_study(
                    study_name=NAME, storage=storage, direction="maximize", load_if_exists=True
                )
                found = self._study.user_attrs.get(IDENTITY)
                self.outcomes = self._found_outcomes()
            self._study.pruner = self._optuna.pruners.SuccessiveHalvingPruner(
                min_resource=1, reduction_factor=REDUCTION
            )
        if found is None:
            self._study.set_user_attr(IDENTITY, identity)
        elif found != identity:
            different = sorted(name for name in {*found, *identity} if found.get(name) != identity.get(name))
            raise ConfigError(
                f"{path} is of another search, which differs in {', '.join(different)}; name another file, or remove it"
            )
        if self.outcomes and not self._study.trials:
            self._show_defaults(self.outcomes[0])

    @property
    def defaults(self) -> Outcome | None:
        """What came of the defaults, which are no trial of the sampler's; None before they are there."""
        return self.outcomes[0] if self.outcomes else None

    def add_defaults(self, outcome: Outcome) -> None:
        """Begin with the defaults."""
        with self._quietly():
            self._study.set_user_attr(DEFAULTS, outcome.to_plain())
        self.outcomes.append(outcome)
        self._show_defaults(outcome)

    def _show_defaults(self, outcome: Outcome) -> None:
        """Let the sampler know of the defaults, where they lie in the space."""
        values = self._space.values_of(self._space.base)
        scores = outcome.share_scores
        with self._quietly():
            if values is not None and outcome.score is not None:
                self._study.add_trial(
                    self._optuna.trial.create_trial(
                        value=outcome.score,
                        params=values,
                        distributions={name: self._distribution(name) for name in values},
                        intermediate_values={REDUCTION**rung: score for rung, score in enumerate(scores)},
                        system_attrs={
                            f"completed_rung_{rung}": score for rung, score in enumerate(scores[:-1])
                        },
                    )
                )

    def ask(self) -> Any:
        """A new trial, from which `SearchSpace.suggest` takes its values."""
        finished = self._optuna.trial.TrialState
        num_ended = len(
            self._study.get_trials(deepcopy=False, states=(finished.COMPLETE, finished.PRUNED, finished.FAIL))
        )
        # A sampler for each trial: a search that goes on from its file draws what it would have drawn.
        draws = np.random.SeedSequence([self._seed, num_ended, self._num_skipped])
        seed = int(draws.generate_state(1)[0])
        samplers = self._optuna.samplers
        turn = len(self.outcomes) - 1 + self._num_skipped  # the first outcome is that of the defaults
        with self._quietly():
            if 0 <= turn < len(self._starts):
                self._study.enqueue_trial(self._starts[turn])
            self._study.sampler = (
                samplers.RandomSampler(seed=seed)
                if self._sampler == "random"
                else samplers.TPESampler(
                    seed=seed,
                    n_startup_trials=RANDOM_TRIALS,
                    multivariate=True,
                    group=True,
                    constant_liar=False,
                )
            )
            self._running = self._study.ask()
        return _Quiet(self._running, self)

    def is_promising(self, rung: int, score: float) -> bool:
        """Whether the trial's score on its share is among the best third of those on this share."""
        with self._quietly():
            self._running.report(score, REDUCTION**rung)
            return not self._running.should_prune()

    def skip(self) -> None:
        """The trial was not made, or not to its end: it counts as nothing, and the next one is drawn anew."""
        self._num_skipped += 1

    def end(self, outcome: Outcome) -> None:
        """The trial has ended."""
        state = self._optuna.trial.TrialState
        with self._quietly():
            self._running.set_user_attr(OUTCOME, outcome.to_plain())
            if outcome.state == "done":
                self._study.tell(self._running, outcome.score)
            else:  # one that failed has no value, and counts as the worst
                self._study.tell(self._running, state=state.PRUNED)
        self.outcomes.append(outcome)

    def _found_outcomes(self) -> list[Outcome]:
        found = [self._study.user_attrs[DEFAULTS]] if DEFAULTS in self._study.user_attrs else []
        found += [trial.user_attrs[OUTCOME] for trial in self._study.trials if OUTCOME in trial.user_attrs]
        outcomes = list(map(Outcome.from_plain, found))
        for one in outcomes:
            self._space.with_settings(one.settings)
        return outcomes

    def _distribution(self, name: str) -> Any:
        parameter = next(one for one in self._space.parameters if one.name == name)
        kinds = self._optuna.distributions
        if parameter.choices:
            return kinds.CategoricalDistribution(list(parameter.choices))
        kind = kinds.IntDistribution if parameter.is_integer else kinds.FloatDistribution
        return kind(parameter.low, parameter.high, log=parameter.is_log)

    def _storage(self, path: Path) -> Any:
        _drop_unfinished(path)
        journal = imported("optuna.storages.journal", NEEDED_FOR)
        with _reading(path):
            backend = journal.JournalFileBackend(str(path), lock_obj=journal.JournalFileOpenLock(str(path)))
            return journal.JournalStorage(backend)

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Without what Optuna tells of itself."""
        logs = self._optuna.logging
        before = logs.get_verbosity()
        logs.set_verbosity(logs.ERROR)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        finally:
            logs.set_verbosity(before)


class _Quiet:
    """A trial of Optuna's that suggests without warnings."""

    def __init__(self, trial: Any, study: Study):
        self._trial, self._study = trial, study

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            with self._study._quietly():
                return getattr(self._trial, name)(*arguments, **named)

        return call


@contextmanager
def _reading(path: Path | None) -> Iterator[None]:
    """Say in a line that a file is not a study: what its records lack shows in many ways."""
    try:
        yield
    except OSError as problem:
        raise FormatError(
            f"{path} cannot be read: {problem.strerror}; name another file for the study"
        ) from problem
    except (
        AttributeError,
        AssertionError,
        ConfigError,
        KeyError,
        TypeError,
        ValueError,
        IndexError,
        RuntimeError,
    ) as problem:
        if path is None:
            raise
        raise FormatError(
            f"{path} is not a study of wordvec tune, or damaged; name another file, or remove it"
        ) from problem


def _drop_unfinished(path: Path) -> None:
    """Cut a study after the last trial that has ended, so that a trial that was interrupted is made again, whole.

    Raises:
        FormatError: it is not a file of JSON lines.
        ResourceError: it cannot be written.
    """
    if not path.exists():
        return
    if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
        raise FormatError(f"{path} is not a study of wordvec tune; name another file")
    content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    keep, has_trials = 0, False
    for number, line in enumerate(lines, 1):
        record = _record(line)
        if record is None and number < len(lines):
            raise FormatError(
                f"{path}, line {number} is not a record of a study; name another file, or remove it"
            )
        if record is None:  # a line that was being written when the process ended
            break
        creates, state = record.get("op_code") == CREATES_TRIAL, record.get("state")
        has_trials |= creates
        if (state in FINISHED and (creates or record.get("op_code") == FINISHES_TRIAL)) or not has_trials:
            keep = number
    if keep < len(lines):
        with replacing_file(path) as file:
            file.write(b"".join(lines[:keep]))


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        record = parse_json(line.decode("utf-8")) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return record if isinstance(record, dict) else None
