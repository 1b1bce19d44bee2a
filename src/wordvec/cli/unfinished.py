"""Unfinished runs: where their checkpoints are, beside what they would have saved."""

from __future__ import annotations

from pathlib import Path

from wordvec.cli.output import say
from wordvec.errors import ConfigError

__all__ = ["checkpoint_of", "how_to_go_on", "output_of", "refuse_unfinished"]

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
        ConfigError: the name does not tell.

    >>> output_of(Path("models/news.wv.checkpoint")) == Path("models/news.wv")
    True
    """
    if checkpoint.suffix != CHECKPOINT or checkpoint.stem == "":
        raise ConfigError(
            f"the name of {checkpoint} does not tell where to save to, as OUTPUT{CHECKPOINT} would; give --output"
        )
    return checkpoint.with_suffix("")


def refuse_unfinished(checkpoint: Path, *, restart: bool) -> None:
    """Refuse to begin a run where another one could be gone on with, unless that is what is wanted.

    Raises:
        ConfigError: there is one, and restart is not set.
        FormatError: there is one that is at work, or restart is set and it cannot be removed.
    """
    from wordvec.formats.checkpoint import is_checkpoint, remove_checkpoint
    from wordvec.formats.claims import claimed

    if not is_checkpoint(checkpoint):
        return
    with claimed(checkpoint):
        pass  # so no other run is at work on it
    if not restart:
        raise ConfigError(
            f"{checkpoint} is of a run that was not finished; go on with it: {how_to_go_on(checkpoint)}; or begin anew "
            "with --restart, which removes it"
        )
    remove_checkpoint(checkpoint)
    say(f"removed {checkpoint}, of a run that was not finished")


def how_to_go_on(checkpoint: Path) -> str:
    """The command.

    >>> how_to_go_on(Path("news.wv.checkpoint"))
    'wordvec resume news.wv'
    """
    import shlex

    named = checkpoint.with_suffix("") if checkpoint.suffix == CHECKPOINT and checkpoint.stem else checkpoint
    return f"wordvec resume {shlex.quote(str(named))}"
