"""Saving what a run has learned: progress on stderr, a model in its place, and what was done, in a line."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from wordvec.cli.output import say

if TYPE_CHECKING:  # not needed for --help
    from wordvec.pipeline.records import Progress
    from wordvec.vectors.word_vectors import WordVectors

__all__ = ["run_and_save"]


def run_and_save(
    learn: Callable[[Callable[[Progress], None]], WordVectors], output: Path, checkpoint: Path | None = None
) -> WordVectors:
    """Do a run, save its vectors, and say what was done; if Ctrl-C ended it early, save and say so, too.

    Args:
        learn: does the run; calls with its progress what it is given.
        output: where the vectors go.
        checkpoint: what the run could be resumed from; removed when it has ended.

    Raises:
        KeyboardInterrupt: Ctrl-C ended it early; the message, if any, says how to go on.
    """
    from wordvec.cli.progress import ProgressDisplay, speed
    from wordvec.formats.checkpoint import remove_checkpoint

    with ProgressDisplay() as display:
        try:
            vectors = learn(display)
        except KeyboardInterrupt:  # before there were vectors
            raise KeyboardInterrupt(*_how_to_go_on(checkpoint)) from None
        end = vectors.training[-1]
        is_done = end["event"] == "done"
        if not is_done:
            say("stopped; saving what there is")
        display.show("saving", None, str(output))
        vectors.save(output)
    words = end["words_trained"] - end.get("words_before", 0)
    say(
        f"{len(vectors):,} words x {vectors.dim}, {words:,} words in {end['phases']['training']:.1f} s "
        f"({speed(end['words_per_second'])}), saved to {output}"
    )
    if not is_done:
        say("what was saved is the state at that moment, not a finished run")
        raise KeyboardInterrupt(*_how_to_go_on(checkpoint))
    if checkpoint is not None:
        remove_checkpoint(checkpoint)
    return vectors


def _how_to_go_on(checkpoint: Path | None) -> tuple[str, ...]:
    if checkpoint is None or not checkpoint.exists():
        return ()
    return (f"to go on: wordvec resume {shlex.quote(str(checkpoint))}",)
