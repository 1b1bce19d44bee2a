"""Saving what a run has learned, and finding the checkpoint of an unfinished run beside it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wordvec.cli.output import close, one_line, say
from wordvec.errors import ConfigError, FormatError, ResourceError, WordvecError
from wordvec.text import size

if TYPE_CHECKING:
    from wordvec.pipeline.run_log import Progress
    from wordvec.vectors.word_vectors import WordVectors

__all__ = ["after_saving", "check_unfinished", "checkpoint_of", "how_to_resume", "output_of", "run_and_save"]

CHECKPOINT = ".checkpoint"


def checkpoint_of(output: Path) -> Path:
    """Where the run that saves to this place writes its checkpoints.

    >>> checkpoint_of(Path("models/news.wv")).name
    'news.wv.checkpoint'
    """
    return output.with_name(output.name + CHECKPOINT)


def output_of(checkpoint: Path) -> Path:
    """Where a run saves whose checkpoint this is.

    Raises:
        ConfigError: the name does not say.

    >>> output_of(Path("models/news.wv.checkpoint")) == Path("models/news.wv")
    True
    """
    if checkpoint.suffix != CHECKPOINT or checkpoint.stem == "":
        raise ConfigError(
            f"the name of {checkpoint} is not OUTPUT{CHECKPOINT}, so it does not say where to save; give --output"
        )
    return checkpoint.with_suffix("")


def check_unfinished(checkpoint: Path, *, restart: bool) -> None:
    """Check that no unfinished run, which could be resumed, would be lost; with `restart`, remove it.

    Raises:
        ConfigError: there is one, and restart is not set.
        ResourceError: another run is at work on it, or restart is set and it cannot be removed.
    """
    from wordvec.formats.checkpoint import is_checkpoint, remove_checkpoint
    from wordvec.storage.atomic import locked_output

    if not is_checkpoint(checkpoint):
        return
    with locked_output(checkpoint):
        pass  # so no other run is at work on it
    if not restart:
        raise ConfigError(
            f"{checkpoint} belongs to an unfinished run; resume it: {how_to_resume(checkpoint)}; or start over with "
            "--restart, which removes it"
        )
    remove_checkpoint(checkpoint)
    say(f"removed {checkpoint}, of an unfinished run")


def how_to_resume(checkpoint: Path) -> str:
    """The command that resumes a run.

    >>> how_to_resume(Path("news.wv.checkpoint"))
    'wordvec resume news.wv'
    """
    import shlex

    named = checkpoint.with_suffix("") if checkpoint.suffix == CHECKPOINT and checkpoint.stem else checkpoint
    return f"wordvec resume {shlex.quote(str(named))}"


def run_and_save(
    learn: Callable[[Callable[[Progress], None]], WordVectors],
    output: Path,
    checkpoint: Path | None = None,
    to_give_again: str = "",
) -> WordVectors:
    """Do a run, save its vectors, and print a summary.

    An interrupted run leaves `output` as it was, and a checkpoint to resume from. Vectors that cannot
    be saved there are saved elsewhere.

    Args:
        learn: does the run; calls its argument with the progress.
        output: where the vectors go.
        checkpoint: what the run can be resumed from; removed when it has ended.
        to_give_again: arguments that `wordvec resume` needs besides the path.

    Raises:
        ResourceError: another run is at work there, or nothing can be saved there; the message says where they are.
        FormatError: the format cannot hold them; the message says where they are.
        KeyboardInterrupt: Ctrl-C or SIGTERM ended it early; the message says how to resume.
    """
    from wordvec.formats.checkpoint import remove_checkpoint
    from wordvec.pipeline.progress_display import ProgressDisplay, speed
    from wordvec.storage.atomic import locked_output

    nothing = f"nothing was saved to {output}"
    with locked_output(checkpoint or output), ProgressDisplay() as display:
        try:
            vectors = learn(display)
            if vectors.training[-1]["event"] == "interrupted":
                raise KeyboardInterrupt
        except KeyboardInterrupt as stop:
            raise type(stop)(*(_what_is_left(checkpoint, to_give_again) or (nothing,))) from None
        end = vectors.training[-1]
        display.show("saving", None, one_line(str(output)))
        try:
            vectors.save(output)
        except KeyboardInterrupt as stop:
            left = _what_is_left(checkpoint, to_give_again)
            raise type(stop)(*(left or _saved_elsewhere(vectors, output.name) or (nothing,))) from None
        except Exception as problem:
            rescued = _saved_elsewhere(vectors, output.name) or _what_is_left(checkpoint, to_give_again)
            kind = FormatError if isinstance(problem, FormatError) else ResourceError
            raise kind("; ".join([_why(output, problem), *(rescued or (nothing,))])) from problem
        with after_saving(output):
            if checkpoint is not None:
                remove_checkpoint(checkpoint)
    words = end["words_trained"] - end.get("words_before", 0)
    ranks = _of_ranks(end["ranks"]) if "ranks" in end else ""
    early = f"; stopped early, {end['stopped_early']}" if "stopped_early" in end else ""
    say(
        f"{len(vectors):,} words x {vectors.dim}, {words:,} words in {end['phases']['training']:.1f} s "
        f"({speed(end['words_per_second'])}{ranks}), saved to {output}{early}"
    )
    return vectors


def _of_ranks(ranks: dict[str, Any]) -> str:
    """How several ranks have trained, in a few words.

    >>> _of_ranks({"ranks": 8, "share_combining": 0.125, "bytes_sent": 3_200_000_000, "rounds": 500})
    ' on 8 ranks, 12 % of the time combining, 3.2 GB sent by each'
    """
    combining, sent = ranks["share_combining"], size(ranks["bytes_sent"])
    return f" on {ranks['ranks']} ranks, {100 * combining:.0f} % of the time combining, {sent} sent by each"


@contextmanager
def after_saving(output: Path) -> Iterator[None]:
    """Do a step after the vectors are saved: if it fails, that is a warning, as the vectors are safe.

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM ended it early; the message says where the vectors are.
    """
    try:
        yield
        sys.stdout.flush()
    except KeyboardInterrupt as stop:
        raise type(stop)(f"the vectors are saved in {output}") from None
    except BrokenPipeError:  # the reader, such as head, has stopped
        close(sys.stdout)
    except Exception as problem:  # of any kind: a status of 1 would say that nothing was saved
        if not isinstance(problem, WordvecError):
            close(sys.stdout)
        say(f"warning: the vectors are saved in {output}, but the step after it failed: {_reason(problem)}")


def _reason(problem: Exception) -> str:
    is_clear = isinstance(problem, WordvecError | OSError)
    return str(problem) if is_clear else f"{type(problem).__name__}: {problem}"


def _why(output: Path, problem: Exception) -> str:
    return (
        str(problem)
        if isinstance(problem, WordvecError)
        else f"{output} cannot be written: {_reason(problem)}"
    )


def _saved_elsewhere(vectors: WordVectors, name: str) -> tuple[str, ...]:
    """Hours of training are not lost with a disk that has become full, or with a word that a format cannot hold."""
    import tempfile  # here, as it would slow down every start

    if not name.isprintable():  # it could not be typed
        name = "vectors" + Path(name).suffix
    for place in (None, Path.cwd, Path.home):  # None: the system's own for temporary files
        with suppress(OSError, RuntimeError):  # RuntimeError: no home
            folder = Path(tempfile.mkdtemp(prefix="wordvec-saved-", dir=place and place()))
            for target, target_format in (
                (folder / name, None),
                (folder / f"{name}.wv", "native"),
                (folder / "vectors.npz", "numpy"),  # needs the least memory and disk
            ):
                with suppress(Exception):
                    vectors.save(target, target_format)
                    return (f"the vectors are saved in {target} instead: move them to where you want them",)
            folder.rmdir()
    return ()


def _what_is_left(checkpoint: Path | None, to_give_again: str) -> tuple[str, ...]:
    from wordvec.formats.checkpoint import is_checkpoint

    with suppress(FormatError):  # its folder cannot be looked into
        if checkpoint is not None and is_checkpoint(checkpoint):
            return (
                f"the vectors so far are in {checkpoint}",
                f"to resume: {how_to_resume(checkpoint)}{to_give_again}",
            )
    return ()
