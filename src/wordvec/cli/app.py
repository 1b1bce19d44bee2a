"""The command `wordvec`: its verbs, its exit status (0 done, 1 failed, 2 misused), its one-line errors."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cyclopts import App, CycloptsError, UnknownOptionError

from wordvec.cli.output import close, flush_or_close, say
from wordvec.errors import ConfigError, WordvecError
from wordvec.version import __version__

__all__ = ["main", "run"]

# Each verb is the `app` of the module of that name, which is imported only when the verb is used.
VERBS = {
    "train": "Learn word vectors from text.",
    "tune": "Find settings that suit a text and a task.",
    "phrases": "Find phrases in text, such as new york, to train on as words.",
    "resume": "Continue a run that was interrupted.",
    "similar": "Print the words nearest to a word.",
    "analogy": "Print the words that are to C as B is to A.",
    "predict": "Print the words, or items, most likely beside others.",
    "encoder": "Make a small encoder of texts, for Python, browsers and Node.",
    "search": "Find the texts of a file that are nearest to a query.",
    "evaluate": "Score vectors in tests of word meaning.",
    "stability": "Print how far nearest neighbors depend on the seed.",
    "compare": "Print the words that changed most between two models.",
    "map": "Draw a map of words: a picture, or a page to search.",
    "serve": "Answer questions by HTTP, with a page to explore vectors.",
    "info": "Print what a model contains and how it was trained.",
    "convert": "Write vectors in another file format.",
    "demo": "Train on the documentation of this Python, in one minute.",
}

DONE, FAILED, MISUSED = 0, 1, 2
INTERRUPTED, PIPE_CLOSED, TERMINATED = 130, 141, 143  # 128 + the signal's number, as shells report it


class Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a command as Ctrl-C does."""


app = App(
    name="wordvec",
    help="Learn word vectors from your own text, ask them questions, convert them.",
    help_format="plaintext",
    help_epilogue="""Examples:
  wordvec demo
  wordvec train corpus.txt.gz --output model.wv""",
    version=__version__,
    suppress_keyboard_interrupt=False,
    result_action="return_value",
)
for place, (verb, summary) in enumerate(VERBS.items()):
    app.command(f"wordvec.cli.{verb}:app", name=verb, help=summary, sort_key=place)


def main() -> None:
    """Run the command line and leave with its exit status."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller; print to None would go to stdout
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
    status = run(sys.argv[1:])
    flush_or_close(sys.stdout)  # Python would fail at its own flush, and change the status
    flush_or_close(sys.stderr)
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a letter that the encoding lacks becomes an escape
            stream.reconfigure(errors="backslashreplace")
    with _stopping_at_sigterm(), warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = _say_warning  # type: ignore[assignment]  # it takes more than it names
        try:
            return _run(arguments)
        except ConfigError as problem:
            say(f"error: {problem}")
            return MISUSED
        except WordvecError as problem:
            say(f"error: {problem}")
            return FAILED
        except MemoryError:
            say("error: not enough memory; lower dim, window or max_vocab")
            return FAILED
        except KeyboardInterrupt as stop:  # its message, if any, says how to resume
            say("; ".join(["interrupted", *map(str, stop.args)]))
            return TERMINATED if isinstance(stop, Terminated) else INTERRUPTED
        except BrokenPipeError:  # the reader, such as head, has stopped
            close(sys.stdout)
            return PIPE_CLOSED
        except OSError as problem:
            close(sys.stdout)
            say(f"error: {problem}")
            return FAILED


def _run(arguments: Sequence[str]) -> int:
    if not arguments:
        app.help_print([], console=_stderr_console())
        return MISUSED
    if list(arguments) in (
        ["--help"],
        ["-h"],
        ["--version"],
    ):  # without the options of verbs, for a quick start
        app(arguments, exit_on_error=False, print_error=False)
        sys.stdout.flush()
        return DONE
    from wordvec.cli.options import misread_option, with_help  # here, as the main help does without

    try:
        misread = misread_option(app[arguments[0]], arguments[1:]) if arguments[0] in VERBS else None
        if misread is not None:
            raise ConfigError(with_help(misread, f"wordvec {arguments[0]}"))
        app(arguments, exit_on_error=False, print_error=False)
    except UnknownOptionError as problem:
        command = " ".join(["wordvec", *(problem.command_chain or ())])
        say(f"error: {with_help(_meant(problem, arguments), command)}")
        return MISUSED
    except CycloptsError as problem:
        command = " ".join(["wordvec", *(problem.command_chain or ())])
        say(f"error: {problem} Try: {command} --help")
        return MISUSED
    sys.stdout.flush()
    return DONE


def _meant(problem: UnknownOptionError, arguments: Sequence[str]) -> str:
    """The unknown option, and the option that was probably meant."""
    from wordvec.cli.options import unknown_option

    option = problem.token.keyword or problem.token.value
    after = list(arguments[arguments.index(option) + 1 :]) if option in arguments else []
    value = after[0] if after and not after[0].startswith("-") else None
    names = [name for argument in problem.argument_collection for name in argument.names]
    return unknown_option(option, value, [name for name in names if name.startswith("--")])


@contextmanager
def _stopping_at_sigterm() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does, with its message; only Python's main thread receives signals."""

    def end(_number: int, _frame: object) -> None:
        raise Terminated

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before if before is not None else signal.SIG_DFL)


def _stderr_console() -> Any:
    from rich.console import Console

    return Console(stderr=True)


def _say_warning(message: Warning | str, *_where: object) -> None:
    say(f"warning: {message}")
