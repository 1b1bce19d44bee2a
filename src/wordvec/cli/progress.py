"""Progress on stderr: a live bar for each phase in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.text import Text

from wordvec.cli.output import one_line, say
from wordvec.evaluation.scores import Score
from wordvec.pipeline.records import Progress
from wordvec.training.progress import TrainingProgress

__all__ = ["ProgressDisplay", "speed"]

SECONDS_BETWEEN_LINES = 5.0
COLUMNS_BESIDE_THE_BAR = 78  # of the longest facts, those of training
NARROWEST_BAR = 6
GONE = suppress(OSError)  # a terminal that is gone, or a full disk behind stderr, must not end a training
GETTING_READY = {
    "numba": ("compiling", None, "the kernels (a few seconds the first time)"),
    "torch": ("loading", None, "PyTorch (a few seconds)"),
}


class ProgressDisplay:
    """Shows the records of `wordvec.train(on_progress=...)` while it is entered."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._is_live = console.is_terminal
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
        if isinstance(progress, TrainingProgress):
            facts = training_facts(progress) + ("" if self._is_live else time_left(progress))
            self.show("training", progress.share_done, facts)
            for line in epoch_facts(progress):
                self._say(line)
        elif progress.phase == "compiling":
            self.show(*GETTING_READY[progress.engine])
        else:
            done, total = progress.bytes_done, progress.bytes_total
            share = done / total if total else None
            self.show(
                progress.phase, share, f"{progress.words:,} words, {progress.distinct_words:,} distinct"
            )

    def show(self, phase: str, share_done: float | None, facts: str) -> None:
        """Show how far a phase has come; a new phase ends the one before."""
        is_new = phase != self._phase
        if is_new:
            self._phase, self._last_line = phase, float("-inf")
        if self._is_live:
            with GONE:
                self._move_bar(share_done, facts, is_new=is_new)
        elif share_done == 1.0 or time.monotonic() >= self._last_line + SECONDS_BETWEEN_LINES:
            self._last_line = time.monotonic()
            shown = "" if share_done is None else f" {share_done:.0%}"
            self._say(f"{phase}{shown}: {facts}")

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
    """What is known at an epoch's end alone: the validation loss, scores, and the neighbours of watched words.

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
