"""Saving what a run has learned: progress on stderr, a model in its place, and what was done, in a line."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from wordvec.cli.output import say
from wordvec.cli.unfinished import how_to_go_on
from wordvec.errors import FormatError

if TYPE_CHECKING:  # not needed for --help
    from wordvec.pipeline.records import Progress
    from wordvec.vectors.word_vectors import WordVectors

__all__ = ["run_and_save"]


def run_and_save(
    learn: Callable[[Callable[[Progress], None]], WordVectors],
    output: Path,
    checkpoint: Path | None = None,
    to_give_again: str = "",
) -> WordVectors:
    """Do a run, save its vectors, and say what was done.

    A run that is interrupted leaves what is at `output` as it is, and its checkpoint to go on from.

    Args:
        learn: does the run; calls with its progress what it is given.
        output: where the vectors go.
        checkpoint: what the run can be resumed from; removed when it has ended.
        to_give_again: arguments that `wordvec resume` needs beside the path.

    Raises:
        FormatError: another run is at work there, or they cannot be saved there; the message says where they are.
        KeyboardInterrupt: Ctrl-C or SIGTERM ended it early; the message says how to go on.
    """
    from wordvec.cli.progress import ProgressDisplay, speed
    from wordvec.formats.checkpoint import remove_checkpoint
    from wordvec.formats.claims import claimed

    with claimed(checkpoint or output), ProgressDisplay() as display:
        try:
            vectors = learn(display)
            if vectors.training[-1]["event"] == "interrupted":
                raise KeyboardInterrupt
        except KeyboardInterrupt as stop:
            raise type(stop)(*_what_is_left(checkpoint, to_give_again)) from None
        end = vectors.training[-1]
        display.show("saving", None, str(output))
        try:
            vectors.save(output)
        except FormatError as problem:
            rescued = _saved_elsewhere(vectors, output.name) or _what_is_left(checkpoint, to_give_again)
            raise FormatError("; ".join([str(problem), *rescued])) from problem
        if checkpoint is not None:
            remove_checkpoint(checkpoint)
    words = end["words_trained"] - end.get("words_before", 0)
    early = f"; stopped early, {end['stopped_early']}" if "stopped_early" in end else ""
    say(
        f"{len(vectors):,} words x {vectors.dim}, {words:,} words in {end['phases']['training']:.1f} s "
        f"({speed(end['words_per_second'])}), saved to {output}{early}"
    )
    return vectors


def _saved_elsewhere(vectors: WordVectors, name: str) -> tuple[str, ...]:
    """Hours of training are not lost with a disk that has become full, or with a word that a format cannot hold."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="wordvec-saved-"))
    except OSError:
        return ()
    for target, target_format in ((folder / name, None), (folder / f"{name}.wv", "native")):
        with suppress(FormatError):
            vectors.save(target, target_format)
            return (f"what was to be saved is in {target}: move it to where you want it",)
    folder.rmdir()
    return ()


def _what_is_left(checkpoint: Path | None, to_give_again: str) -> tuple[str, ...]:
    from wordvec.formats.checkpoint import is_checkpoint

    if checkpoint is None or not is_checkpoint(checkpoint):
        return ("nothing was saved",)
    return (
        f"the vectors so far are in {checkpoint}",
        f"to go on: {how_to_go_on(checkpoint)}{to_give_again}",
    )
