"""Progress on stderr: a live bar for each phase in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.text import Text

from wordvec.cli.output import say
from wordvec.pipeline import Progress
from wordvec.training.progress import TrainingProgress

__all__ = ["ProgressDisplay"]

SECONDS_BETWEEN_LINES = 5.0


class ProgressDisplay:
    """Shows the records of `wordvec.train(on_progress=...)` while it is entered."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._is_live = console.is_terminal
        self._bars = Bars(
            TextColumn("{task.description:<9}"),
            BarColumn(bar_width=24),
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
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def __call__(self, progress: Progress) -> None:
        """Show one record."""
        if isinstance(progress, TrainingProgress):
            self.show("training", progress.share_done, training_facts(progress))
        elif progress.phase == "compiling":
            self.show("compiling", None, "the kernels (a few seconds the first time)")
        else:
            done, total = progress.bytes_done, progress.bytes_total
            share = done / total if total else None
            self.show(
                progress.phase, share, f"{progress.words:,} words, {progress.distinct_words:,} distinct"
            )

    def show(self, phase: str, share_done: float | None, facts: str) -> None:
        """Show how far a phase has come; a new phase completes the one before."""
        if phase != self._phase:
            self._finish_phase()
            self._phase, self._last_line = phase, float("-inf")
            self._task = self._bars.add_task(phase, total=None, facts="")
        if self._is_live:
            self._bars.update(
                self._task,
                total=None if share_done is None else 1.0,
                completed=share_done or 0.0,
                facts=facts,
            )
        elif time.monotonic() >= self._last_line + SECONDS_BETWEEN_LINES:
            self._last_line = time.monotonic()
            shown = "" if share_done is None else f" {share_done:.0%}"
            say(f"{phase}{shown}: {facts}")

    def _finish_phase(self) -> None:
        if self._task is not None:
            self._bars.update(self._task, total=1.0, completed=1.0)
            self._bars.stop_task(self._task)


class _Facts(TextColumn):
    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Any) -> Text:
        return Text(task.fields["facts"], style="dim")


def training_facts(progress: TrainingProgress) -> str:
    """Speed, epoch, learning rate and losses, in a line."""
    facts = [
        f"{progress.words_per_second / 1e6:.2f}M words/s",
        f"epoch {progress.epoch}/{progress.epochs}",
        f"learning rate {progress.learning_rate:.4f}",
    ]
    if progress.recent_loss is not None and progress.epoch_loss is not None:
        facts.append(f"loss {progress.recent_loss:.4f} (epoch {progress.epoch_loss:.4f})")
    return ", ".join(facts)
