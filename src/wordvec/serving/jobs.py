"""Jobs: long work in the background of the server, with its progress, its result or what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, Thread
from typing import Generic, Literal, NamedTuple, TypeAlias, TypeVar

from wordvec.errors import WordvecError
from wordvec.text import one_line, reason_of, say

__all__ = ["Job", "JobState", "Report"]

Result = TypeVar("Result")
Report: TypeAlias = Callable[[float], None]  # called with the share that is done, in [0, 1]


class JobState(NamedTuple):
    """How far a job is."""

    name: Literal["waiting", "running", "done", "failed"]
    progress: float = 0.0  # in [0, 1]
    message: str = ""  # one line: what went wrong


class _StoppedError(Exception):
    """The server ends, and nobody waits for the result."""


class Job(Generic[Result]):
    """Work that one thread does once it is started, and again when it is started again.

    Args:
        title: what messages call it.
        work: gets a function to be called with the share that is done, and returns the result.

    >>> job = Job("the sum", lambda report: 1 + 1)
    >>> job.start()
    True
    >>> job.wait()
    >>> job.state, job.result
    (JobState(name='done', progress=1.0, message=''), 2)
    """

    def __init__(self, title: str, work: Callable[[Report], Result]) -> None:
        self._title, self._work = title, work
        self._lock = Lock()
        self._thread: Thread | None = None
        self._is_stopped = False
        self.state = JobState("waiting")
        self.result: Result | None = None  # of the last time that it was done

    def start(self) -> bool:
        """Begin, unless it is at work already; whether it began."""
        with self._lock:
            if self.state.name == "running" or self._is_stopped:
                return False
            self.state = JobState("running")
            self._thread = Thread(target=self._run, name=f"wordvec-{self._title}", daemon=True)
            self._thread.start()
            return True

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it is done, or for some time."""
        if self._thread is not None:
            self._thread.join(seconds)

    def stop(self) -> None:
        """End the work at its next report; it cannot be started again."""
        self._is_stopped = True

    def _run(self) -> None:
        try:
            self.result = self._work(self._report)
            self.state = JobState("done", 1.0)
        except _StoppedError:
            self.state = JobState("failed", message="the server ends")
        except (WordvecError, OSError, MemoryError) as problem:
            message = str(problem) if isinstance(problem, WordvecError) else reason_of(problem)
            self.state = JobState("failed", message=one_line(message))
            say(f"warning: {self._title} failed: {message}")

    def _report(self, progress: float) -> None:
        if self._is_stopped:
            raise _StoppedError
        self.state = JobState("running", min(1.0, max(self.state.progress, progress)))
