"""Run one command and measure it from outside: wall seconds and peak memory.

A process begins life with the peak memory of the process that started it: the kernel carries the figure
across fork and exec. So the command is started by this file, run as a small process of its own, and never by
the benchmark itself, which may have loaded vectors.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import NamedTuple

__all__ = ["CommandFailedError", "Measurement", "measure"]

SAMPLING_SECONDS = 0.1
LOG_LINES_SHOWN = 15
MAXRSS_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024


class CommandFailedError(RuntimeError):
    """A measured command did not do what it was started for."""


class Measurement(NamedTuple):
    """What one command took."""

    job_seconds: float
    """Wall time from start to exit."""
    cpu_seconds: float
    """Of all its threads; little beside the wall time where other work took the cores."""
    peak_memory_bytes: int
    """Most memory resident at once (ru_maxrss), pages of mapped files among it."""
    peak_private_bytes: int | None
    """The same without pages of mapped files, which the kernel may drop at any time; sampled; Linux only."""


def measure(command: list[str], log: Path, environment: dict[str, str] | None = None) -> Measurement:
    """Run `command` with its output sent to `log`, and wait for it.

    Raises:
        CommandFailedError: the command exited with anything but 0; the message ends with its last words.
    """
    launcher = subprocess.Popen(
        [sys.executable, "-I", "-S", __file__, str(log), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={**os.environ, **(environment or {})},
        text=True,
    )
    try:
        report, _ = launcher.communicate()
    except BaseException:
        launcher.terminate()
        launcher.wait()
        raise
    outcome = json.loads(report or '{"exit_code": null}')
    if outcome.pop("exit_code") != 0:
        last_words = "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:])
        raise CommandFailedError(f"this command failed: {' '.join(command)}\n{last_words}")
    return Measurement(**outcome)


def _launch(log: Path, command: list[str]) -> None:
    """Run `command`, then print its exit code and its measurement as JSON."""
    # The terminal sends Ctrl-C to the command as well, which decides for itself how to end.
    signal.signal(signal.SIGINT, _let_the_command_decide)
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=output)
    signal.signal(signal.SIGTERM, lambda *_: process.kill())
    peak = _PrivateMemoryPeak(process.pid)
    peak.start()
    _, status, usage = os.wait4(process.pid, 0)
    job_seconds = time.perf_counter() - started
    measurement = Measurement(
        job_seconds=job_seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_memory_bytes=usage.ru_maxrss * MAXRSS_UNIT_BYTES,
        peak_private_bytes=peak.peak_bytes,
    )
    print(json.dumps({"exit_code": os.waitstatus_to_exitcode(status), **measurement._asdict()}))


def _let_the_command_decide(_signal: int, _frame: FrameType | None) -> None:
    """Do nothing; unlike SIG_IGN, a function is not inherited by the command."""


class _PrivateMemoryPeak(threading.Thread):
    """Watches a process from a thread that ends with this one's."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.status = Path(f"/proc/{process}/status")
        self.peak_bytes: int | None = None

    def run(self) -> None:
        while True:
            try:
                fields = dict(line.split(":", 1) for line in self.status.read_text().splitlines())
                kilobytes = sum(int(fields[name].split()[0]) for name in ("RssAnon", "RssShmem"))
            except (OSError, KeyError):  # the process has ended, or this is not Linux
                return
            self.peak_bytes = max(self.peak_bytes or 0, kilobytes * 1024)
            time.sleep(SAMPLING_SECONDS)


if __name__ == "__main__":
    _launch(Path(sys.argv[1]), sys.argv[2:])
