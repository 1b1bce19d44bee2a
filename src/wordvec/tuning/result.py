"""Result of a search: the best settings, how they do on questions that did not choose them, and what was tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from wordvec.config import Config
from wordvec.errors import ConfigError
from wordvec.formats.config_file import write_config
from wordvec.storage.atomic import replacing_file
from wordvec.tuning.parts import Report
from wordvec.vectors.word_vectors import WordVectors
from wordvec.visualization.output_kinds import check_plot_target, plot_format
from wordvec.visualization.trial_picture import TriedPoint, draw_trials

__all__ = ["Trial", "TuningResult", "table_rows"]


@dataclass(frozen=True)
class Trial:
    """One attempt: the defaults, number 0, or settings that the search has drawn."""

    number: int
    config: Config
    changed: dict[str, Any]  # the settings in which it differs from the defaults
    state: str  # done, trained on all of the text; stopped, others did better on a sample; failed
    share: float  # of the text that its score is from, in (0, 1]; 0 where it failed
    score: float | None  # mean over the tests, on the part of their questions that chooses
    scores: dict[str, float]  # by the name of the test
    seconds: float  # of training on that share
    reason: str  # why it failed


@dataclass(frozen=True)
class TuningResult:
    """What `wordvec.tune` returns."""

    config: Config  # the best settings
    defaults: Config  # the settings that a run would have had without the search
    trials: list[Trial]  # in order; the first one is of the defaults
    best: Trial
    reports: list[Report]  # one a test: the best settings beside the defaults
    is_interrupted: bool  # Ctrl-C ended the search early
    tokenizer: str | None  # of the text; None for a function
    _train: Callable[..., WordVectors] = field(repr=False, compare=False)

    @property
    def is_of_all_text(self) -> bool:
        """Whether the best settings were trained on all of the text, and not only on a sample."""
        return self.best.share == 1

    @property
    def slowdown(self) -> float | None:
        """The time that training takes, beside that of the defaults: measured on the same share of the text."""
        first = self.trials[0]
        if first.share != self.best.share or not first.seconds:
            return None
        return self.best.seconds / first.seconds

    def train(self, **arguments: Any) -> WordVectors:
        """Train with the best settings on the same source, which is read again: all of it, held-out items, too.

        Args:
            arguments: of `wordvec.train`, such as `checkpoint`, or settings, such as another `seed`.

        Raises:
            WordvecError: see `wordvec.train`.
        """
        return self._train(**arguments)

    def save(self, path: str | Path) -> None:
        """Write the best settings to a file that `wordvec train --config` takes.

        Raises:
            ConfigError: a setting cannot be written.
            ResourceError: the file cannot be written.
        """
        write_config(path, self.config, self.tokenizer)

    def table(self) -> list[tuple[str, ...]]:
        """What was tried, as text: a row of names, and a row a trial, the best first."""
        return table_rows(self.trials)

    def to_plain(self) -> dict[str, Any]:
        """The best settings, their scores beside the defaults, and each trial, as plain data that becomes JSON."""
        return {
            "settings": asdict(self.config),
            "tokenizer": self.tokenizer,
            "best": self.best.number,
            "slowdown": self.slowdown,
            "share_of_text": self.best.share,
            "interrupted": self.is_interrupted,
            "reports": [
                {
                    **report._asdict(),
                    "tuned": report.tuned._asdict(),
                    "defaults": report.defaults._asdict(),
                    "difference": None if report.difference is None else report.difference._asdict(),
                }
                for report in self.reports
            ],
            "trials": [
                {
                    "number": trial.number,
                    "settings": trial.changed,
                    "state": trial.state,
                    "share_of_text": trial.share,
                    "score": trial.score,
                    "scores": trial.scores,
                    "seconds": trial.seconds,
                    "reason": trial.reason,
                }
                for trial in self.trials
            ],
        }

    def plot(self, path: str | Path) -> None:
        """Draw what was tried: the scores in the order of trials, and over each setting that was searched.

        Args:
            path: ends in .png, .svg or .pdf.

        Raises:
            ConfigError: it ends otherwise.
            FormatError: something other than a picture is there.
            MissingPackageError: matplotlib is not installed.
            ResourceError: the file cannot be written.
        """
        path = Path(path)
        check_plot_target(path)
        file_format = plot_format(path)
        if file_format == "html":
            raise ConfigError(f"the name of this plot must end in .png, .svg or .pdf; got {path}")
        names = dict.fromkeys(name for trial in self.trials for name in trial.changed)
        points = [
            TriedPoint(
                trial.number,
                trial.score,
                trial.share,
                {name: _value_of(trial.config, name) for name in names},
                is_best=trial == self.best,
            )
            for trial in self.trials
            if trial.score is not None
        ]
        with replacing_file(path) as file:
            draw_trials(points, file, file_format=file_format, title="Settings that were tried")


def _value_of(config: Config, name: str) -> Any:
    return config.first_learning_rate if name == "learning_rate" else getattr(config, name)


def table_rows(trials: Sequence[Trial]) -> list[tuple[str, ...]]:
    """A row of names, and a row a trial: those on more of the text first, of these the best ones."""
    names = list(dict.fromkeys(name for trial in trials for name in trial.changed))
    tests = list(dict.fromkeys(name for trial in trials for name in trial.scores))
    shown = tests if len(tests) > 1 else []
    ranked = sorted(
        trials, key=lambda one: (-one.share, -(one.score if one.score is not None else -1e9), one.number)
    )
    return [
        ("trial", "score", *shown, "text", "seconds", *names, ""),
        *(_row(trial, shown, names) for trial in ranked),
    ]


def _row(trial: Trial, tests: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    return (
        "defaults" if trial.number == 0 else str(trial.number),
        "none" if trial.score is None else f"{trial.score:.4f}",
        *(f"{trial.scores[name]:.4f}" if name in trial.scores else "" for name in tests),
        f"{trial.share:.0%}",
        f"{trial.seconds:.1f}",
        *(str(_value_of(trial.config, name)) for name in names),
        trial.reason,
    )
