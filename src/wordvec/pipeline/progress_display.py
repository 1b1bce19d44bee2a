"""Progress: a bar for each phase in a terminal or a notebook, a line now and then elsewhere, records for logging."""

from __future__ import annotations

import importlib
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from types import TracebackType
from typing import Any, Literal

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.text import Text

from wordvec.errors import ConfigError
from wordvec.evaluation.scores import Score
from wordvec.pipeline.run_log import Progress, Tuning
from wordvec.text import one_line, say
from wordvec.training.progress import TrainingProgress
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["ProgressDisplay", "ProgressOption", "following", "log_end", "speed"]

ProgressOption = bool | Literal["auto"]

LOG = logging.getLogger("wordvec")
SECONDS_BETWEEN_RECORDS = 10.0  # for logging
SECONDS_BETWEEN_UPDATES = 0.25  # of a notebook
BAR_IN_A_NOTEBOOK = 24

SECONDS_BETWEEN_LINES = 5.0
COLUMNS_BESIDE_THE_BAR = 78  # of the longest facts, those of training
NARROWEST_BAR = 6
GONE = suppress(
    Exception
)  # a terminal that is gone, a full disk behind stderr, or a bug must not end a training


@contextmanager
def following(
    progress: ProgressOption, on_progress: Callable[[Progress], None] | None
) -> Iterator[Callable[[Progress], None]]:
    """Show the records of a run, if that is wanted, and pass them to logging and to a function of the user.

    Args:
        progress: True, show them; False, do not; "auto", in a terminal and in a notebook, unless on_progress is given.
        on_progress: called with each record.

    Raises:
        ConfigError: progress is something else.
    """
    if progress != "auto" and not isinstance(progress, bool):
        raise ConfigError(f"progress must be 'auto', True or False, got {progress!r}")
    if progress == "auto":
        progress = on_progress is None and (notebook_display() is not None or _is_terminal())
    display = ProgressDisplay() if progress else None
    log = _Log()

    def follow(record: Progress) -> None:
        with GONE:
            log(record)
        if display is not None:
            display(record)
        if on_progress is not None:
            on_progress(record)

    if display is None:
        yield follow
        return
    with display:
        yield follow


def log_end(vectors: WordVectors) -> WordVectors:
    """Pass the end of a run to logging."""
    with GONE:
        end = vectors.training[-1]
        seconds, words = end["wall_seconds"], end["words_trained"]
        LOG.info("%s: %r, %s words in %.1f s", end["event"], vectors, f"{words:,}", seconds)
    return vectors


def notebook_display() -> Callable[..., Any] | None:
    """IPython's function that shows something in a notebook, where there is one: in Jupyter, not in IPython's shell."""
    with GONE:
        ipython = sys.modules.get("IPython")
        shell = ipython.get_ipython() if ipython is not None else None
        if getattr(shell, "kernel", None) is not None:
            show: Callable[..., Any] = importlib.import_module("IPython.display").display
            return show
    return None


def _is_terminal() -> bool:
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError, OSError):  # None, closed, or gone
        return False


def stage_of(progress: Progress) -> tuple[str, float | None, str]:
    """The phase that a record is of, how far it has come, in [0, 1] where that is known, and what else there is."""
    if isinstance(progress, TrainingProgress):
        return "training", progress.share_done, training_facts(progress)
    if isinstance(progress, Tuning):
        return progress.phase, progress.share_done, tuning_facts(progress)
    if progress.phase == "compiling":
        phase, what = progress.engine.getting_ready
        return phase, None, what
    share = progress.bytes_done / progress.bytes_total if progress.bytes_total else None
    return progress.phase, share, f"{progress.words:,} words, {progress.distinct_words:,} distinct"


class _Log:
    """Passes records to the logger "wordvec": each phase, each epoch's end, and one every ten seconds."""

    def __init__(self) -> None:
        self._phase, self._next = "", 0.0

    def __call__(self, progress: Progress) -> None:
        if not LOG.isEnabledFor(logging.INFO):
            return
        phase, share, facts = stage_of(progress)
        is_epoch_end = isinstance(progress, TrainingProgress) and progress.is_epoch_end
        if phase == self._phase and not is_epoch_end and time.monotonic() < self._next:
            return
        self._phase, self._next = phase, time.monotonic() + SECONDS_BETWEEN_RECORDS
        LOG.info("%s", _line(phase, share, facts + _time_left_of(progress)))
        if isinstance(progress, TrainingProgress):
            for line in epoch_facts(progress):
                LOG.info("%s", one_line(line))


def _line(phase: str, share: float | None, facts: str) -> str:
    return one_line(f"{phase}{'' if share is None else f' {share:.0%}'}: {facts}")


def _time_left_of(progress: Progress) -> str:
    return time_left(progress) if isinstance(progress, TrainingProgress) else ""


class ProgressDisplay:
    """Shows the records of `wordvec.train(on_progress=...)` while it is entered."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._notebook = notebook_display()
        self._shown_in_notebook: Any = None  # what the next update replaces
        self._is_live = console.is_terminal and self._notebook is None
        bar_width = min(24, console.width - COLUMNS_BESIDE_THE_BAR)
        self._bars = Bars(
            TextColumn("{task.description:<9}"),
            *([BarColumn(bar_width=bar_width)] if bar_width >= NARROWEST_BAR else []),
            TaskProgressColumn(),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            _Facts(),
            console=console,
            disable=not self._is_live,
        )
        self._phase = ""
        self._task: Any = None
        self._last_line = float("-inf")

    def __enter__(self) -> ProgressDisplay:
        with GONE:
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with GONE:
            self._bars.stop()

    def __call__(self, progress: Progress) -> None:
        """Show one record."""
        with GONE:
            phase, share, facts = stage_of(progress)
            self.show(phase, share, facts + ("" if self._is_live else _time_left_of(progress)))
            if isinstance(progress, TrainingProgress):
                for line in epoch_facts(progress):
                    self._say(line)

    def show(self, phase: str, share_done: float | None, facts: str) -> None:
        """Show how far a phase has come; a new phase ends the one before."""
        is_new = phase != self._phase
        if is_new:
            self._phase, self._last_line = phase, float("-inf")
        if self._is_live:
            with GONE:
                self._move_bar(share_done, facts, is_new=is_new)
        elif self._notebook is not None:
            with GONE:
                self._update_notebook(self._notebook, share_done, facts, is_new=is_new)
        elif share_done == 1.0 or time.monotonic() >= self._last_line + SECONDS_BETWEEN_LINES:
            self._last_line = time.monotonic()
            shown = "" if share_done is None else f" {share_done:.0%}"
            self._say(f"{phase}{shown}: {facts}")

    def _update_notebook(
        self, show: Callable[..., Any], share_done: float | None, facts: str, *, is_new: bool
    ) -> None:
        """Show a phase in a line that the next update of the same phase replaces; needs no widgets."""
        now = time.monotonic()
        if not is_new and share_done != 1.0 and now < self._last_line + SECONDS_BETWEEN_UPDATES:
            return
        self._last_line = now
        bar = "" if share_done is None else f" {_bar(share_done)} {share_done:4.0%}"
        line = {"text/plain": one_line(f"{self._phase}{bar} {facts}")}
        if is_new or self._shown_in_notebook is None:
            self._shown_in_notebook = show(line, raw=True, display_id=True)
        else:
            self._shown_in_notebook.update(line, raw=True)

    def _move_bar(self, share_done: float | None, facts: str, *, is_new: bool) -> None:
        if is_new:
            finished, self._task = self._task, None  # and None it stays where the terminal is gone
            self._finish(finished)
            self._task = self._bars.add_task(self._phase, total=None, facts="")
        if self._task is not None:
            total = None if share_done is None else 1.0
            self._bars.update(self._task, total=total, completed=share_done or 0.0, facts=facts)

    def _say(self, line: str) -> None:
        """Print a line that stays, above the bars where there are any."""
        with GONE:
            if self._is_live:
                self._bars.console.print(Text(f"wordvec: {one_line(line)}"), soft_wrap=True)
            else:
                say(line)

    def _finish(self, task: Any) -> None:
        if task is not None:
            if self._bars.tasks[task].total is None:
                self._bars.update(task, total=1.0, completed=1.0)
            self._bars.stop_task(task)


def _bar(share_done: float) -> str:
    """How far a phase has come, drawn with letters.

    >>> _bar(0.25)
    '██████░░░░░░░░░░░░░░░░░░'
    """
    filled = round(BAR_IN_A_NOTEBOOK * min(max(share_done, 0.0), 1.0))
    return "█" * filled + "░" * (BAR_IN_A_NOTEBOOK - filled)


class _Facts(TextColumn):
    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Any) -> Text:
        return Text(task.fields["facts"], style="dim")


def training_facts(progress: TrainingProgress) -> str:
    """Speed, epoch, learning rate and mean loss of a pair (recently, and in this epoch), in at most 52 columns."""
    facts = [
        speed(progress.words_per_second),
        f"{progress.epoch}/{progress.epochs}",
        f"rate {progress.learning_rate:.4f}",
    ]
    if progress.recent_loss is not None and progress.epoch_loss is not None:
        facts.append(f"loss {progress.recent_loss:.3f} ({progress.epoch_loss:.3f})")
    return ", ".join(facts)


def tuning_facts(progress: Tuning) -> str:
    """Which trial is under way, on how much of the text, and the best score so far.

    >>> tuning_facts(Tuning(0.5, 7, 1 / 9, 0.2, 0.4, 0.35))
    'trial 7, 20 % of 11 % of the text, best 0.4000 (defaults 0.3500)'
    """
    named = "the defaults" if progress.trial == 0 else f"trial {progress.trial}"
    facts = [
        named,
        f"{100 * progress.share_of_trial:.0f} % of {100 * progress.share_of_text:.0f} % of the text",
    ]
    if progress.best_score is not None and progress.score_of_defaults is not None:
        facts.append(f"best {progress.best_score:.4f} (defaults {progress.score_of_defaults:.4f})")
    return ", ".join(facts)


def speed(words_per_second: float) -> str:
    """In millions, thousands or single words, short enough for a line of progress.

    >>> speed(2_345_678), speed(13_400), speed(960)
    ('2.35M words/s', '13k words/s', '960 words/s')
    """
    if words_per_second >= 999_500:
        return f"{words_per_second / 1e6:.2f}M words/s"
    if words_per_second >= 9_999.5:
        return f"{words_per_second / 1e3:.0f}k words/s"
    return f"{words_per_second:,.0f} words/s"


def epoch_facts(progress: TrainingProgress) -> list[str]:
    """What is known at an epoch's end alone: the validation loss, scores, and the neighbors of watched words.

    >>> end = TrainingProgress(2, 5, 9, 9, 1.0, 1.0, 0.1, 0.5, 0.41, True, 0.43, {"chip": [("intel", 0.6)]})
    >>> epoch_facts(end)
    ['epoch 2 of 5: train loss 0.4100, validation loss 0.4300', 'chip: intel 0.60']
    """
    if progress.validation_loss is None and not progress.neighbors and not progress.scores:
        return []
    losses = {"train loss": progress.epoch_loss, "validation loss": progress.validation_loss}
    known = ", ".join(f"{name} {loss:.4f}" for name, loss in losses.items() if loss is not None)
    lines = [f"epoch {progress.epoch} of {progress.epochs}: {known or 'no loss yet'}"]
    lines += map(score_facts, progress.scores or ())
    for word, neighbors in (progress.neighbors or {}).items():
        lines.append(f"{word}: " + ", ".join(f"{near} {cosine:.2f}" for near, cosine in neighbors))
    return lines


def score_facts(score: Score) -> str:
    """A score, and how much of the test it is of.

    >>> score_facts(Score("questions-words.txt", "analogies", 0.3761, 11777, 19544))
    'questions-words.txt: 37.6 % right of 11,777 analogies (of 19,544)'
    >>> score_facts(Score("wordsim353.tsv", "similarity", 0.6487, 351, 353))
    "wordsim353.tsv: Spearman's rho 0.649 over 351 pairs (of 353)"
    >>> score_facts(Score("pairs.tsv", "similarity", None, 1, 20))
    'pairs.tsv: no score, as 1 of its 20 pairs have no order to compare'
    """
    if score.value is None and score.asked:
        return (
            f"{score.name}: no score, as {score.asked:,} of its {score.of:,} pairs have no order to compare"
        )
    if score.value is None:
        return f"{score.name}: no score, as the vocabulary lacks words of each of its {score.of:,} questions"
    found, asked = f"{score.value:.1%}".replace("%", " %"), f"{score.asked:,}"
    done = {
        "analogies": f"{found} right of {asked} analogies",
        "similarity": f"Spearman's rho {score.value:.3f} over {asked} pairs",
        "categories": f"purity {found} of {asked} words",
        "outliers": f"{found} found of {asked} outliers",
        "sentences": f"Spearman's rho {score.value:.3f} over {asked} pairs of sentences",
        "next item": f"hit@10 {found} of {asked} sessions, by cosines",
    }
    return f"{score.name}: {done[score.kind]} (of {score.of:,})"


def time_left(progress: TrainingProgress) -> str:
    """Hours, minutes and seconds to go, for the lines that are no bars.

    >>> time_left(TrainingProgress(1, 1, 25, 100, 30.0, 1.0, 0.1, None, None))
    ', 0:01:30 left'
    """
    if progress.seconds_left is None:
        return ""
    return f", {timedelta(seconds=round(progress.seconds_left))} left"
