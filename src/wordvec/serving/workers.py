"""Workers: several processes that answer, forked from a supervisor that has loaded the models.

What the supervisor has made, its workers share, page by page, until one of them writes to it, which none does; so there
is one copy of the model, of its int8 copy and of its indexes, for all workers. Each generation of workers serves one
set of models: when there is a newer one, new workers are forked, and the old ones answer what they have begun, and end.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import NamedTuple, NoReturn

from wordvec.errors import ResourceError
from wordvec.serving.models import Models
from wordvec.serving.server import (
    END_SECONDS,
    Options,
    Serving,
    announce,
    application,
    make_service,
    reload_models,
    run_server,
)
from wordvec.text import one_line, say

__all__ = ["supervise"]

START_SECONDS = 60.0
UNPREPARED_END_SECONDS = 3.0  # they have nothing to answer that takes long
MAX_DEATHS, DEATH_SECONDS = 10, 60.0  # more workers that die in this time end the server
POLL_SECONDS = 0.5


class _Worker(NamedTuple):
    """A process that answers."""

    pid: int
    slot: int  # of its counts
    started: int  # file descriptor that has a byte once it accepts connections


def supervise(options: Options, listener: socket.socket, loading: Callable[[], Models]) -> None:
    """Load models, fork workers, and keep them, until SIGINT or SIGTERM, which end as Ctrl-C does.

    Raises:
        FormatError: a model cannot be read.
        ResourceError: workers die again and again.
    """
    models = loading()
    serving = application(options, make_service(options, models), 2 * options.workers)
    supervisor = _Supervisor(options, listener, serving)
    with _hangups(supervisor):
        try:
            supervisor.begin_unprepared()
            announce(options, listener, models)
            supervisor.begin_prepared()
            supervisor.watch()
        finally:
            supervisor.end()


class _Supervisor:
    """The parent of all workers; it answers nothing itself."""

    def __init__(self, options: Options, listener: socket.socket, serving: Serving):
        self._options, self._listener, self._serving = options, listener, serving
        self._workers: list[_Worker] = []
        self._old: list[_Worker] = []  # that end
        self._generation = 0
        self._deaths: list[float] = []
        self.is_asked_to_reload = False
        self._alive, self._held = (
            os.pipe()
        )  # workers see the end of the one when the other closes: we are gone

    def begin_unprepared(self) -> None:
        """Begin to answer what can be answered at once; other questions get the answer 503."""
        for _ in range(self._options.workers):
            self._workers.append(self._forked(len(self._workers), is_prepared=False))
        self._wait_for_start(self._workers)

    def begin_prepared(self) -> None:
        """Make everything that answers need, and let workers that have it take over."""
        service = self._serving.service
        for model in service.models.by_name.values():
            model.prepare()
            model.check_prepared()
        if service.sentences is not None:
            service.sentences.begin()
            service.sentences.wait()
        self._end_unprepared()
        self._replace_workers()

    def _end_unprepared(self) -> None:
        """Let them end before others begin, or a 503 could follow when one has said that it is ready.

        Who connects meanwhile waits in the queue of the socket.
        """
        for worker in self._workers:
            _send(worker.pid, signal.SIGTERM)
        deadline = time.monotonic() + UNPREPARED_END_SECONDS
        while self._workers and time.monotonic() < deadline:
            self._workers = [worker for worker in self._workers if not _has_ended(worker.pid)]
            time.sleep(0.02)
        self._old += self._workers
        self._workers = []

    def watch(self) -> None:
        """Replace workers that die, and reload when asked."""
        while True:
            time.sleep(POLL_SECONDS)  # a signal ends it
            self._collect_dead()
            if self.is_asked_to_reload:
                self.is_asked_to_reload = False
                self._reload()

    def end(self) -> None:
        """Let all workers answer what they have begun, and end; kill those that do not."""
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        everyone = [*self._workers, *self._old]
        for worker in everyone:
            _send(worker.pid, signal.SIGTERM)
        deadline = time.monotonic() + END_SECONDS + 2
        left = {worker.pid for worker in everyone}
        while left and time.monotonic() < deadline:
            left = {pid for pid in left if not _has_ended(pid)}
            time.sleep(0.02)
        for pid in left:
            _send(pid, signal.SIGKILL)
            _has_ended(pid, options=0)
        os.close(self._held)
        os.close(self._alive)

    def _reload(self) -> None:
        service = self._serving.service
        models = reload_models(self._options, service.models)
        has_other_sentences = service.sentences is not None and service.sentences.renew()
        if models is None:
            if has_other_sentences:
                self._replace_workers()
            return
        service.models = models
        self._serving.metrics.add("wordvec_reloads_total", 1)
        self._replace_workers()
        words = ", ".join(f"{model.name} ({len(model.vectors):,} words)" for model in models.by_name.values())
        say(f"reloaded: {words}")

    def _replace_workers(self) -> None:
        self._generation += 1
        newer = [self._forked(number, is_prepared=True) for number in range(self._options.workers)]
        self._wait_for_start(newer)
        for worker in self._workers:
            _send(worker.pid, signal.SIGTERM)
        self._old, self._workers = [*self._old, *self._workers], newer

    def _forked(self, number: int, *, is_prepared: bool) -> _Worker:
        slot = number + self._options.workers * (self._generation % 2)
        started, starting = os.pipe()
        gc.collect()
        gc.freeze()  # so that no collection touches, and copies, the pages that are shared
        pid = os.fork()
        if pid == 0:
            os.close(started)
            os.close(self._held)
            self._work(slot, starting, is_prepared=is_prepared)
        os.close(starting)
        return _Worker(pid, slot, started)

    def _work(self, slot: int, starting: int, *, is_prepared: bool) -> NoReturn:
        """Serve in a worker, and end its process."""
        status = 1
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the supervisor's; of a terminal, all get it
            service = self._serving.service
            service.restart_threads()
            self._serving.metrics.claim(slot)
            if not is_prepared:
                for model in service.models.by_name.values():
                    model.answer_not_ready()
            Thread(target=_end_with_supervisor, args=(self._alive,), daemon=True).start()
            run_server(
                self._serving,
                self._listener.dup(),
                on_start=lambda: _report_start(starting),
                ends_by_signal=False,
            )
            status = 0
        except BaseException as problem:  # nothing of the supervisor's may go on here
            with suppress(Exception):
                say(f"error: a worker ended: {one_line(str(problem)) or type(problem).__name__}")
        finally:
            os._exit(status)

    def _wait_for_start(self, workers: list[_Worker]) -> None:
        """Wait until they accept connections.

        Raises:
            ResourceError: one does not.
        """
        for worker in workers:
            readable, _, _ = select.select([worker.started], [], [], START_SECONDS)
            if not readable or not os.read(worker.started, 1):
                raise ResourceError("a worker process could not begin to serve; try fewer --workers")
            os.close(worker.started)

    def _collect_dead(self) -> None:
        """Fork new workers for those that died.

        Raises:
            ResourceError: too many die.
        """
        self._old = [worker for worker in self._old if not _has_ended(worker.pid)]
        for place, worker in enumerate(self._workers):
            if not _has_ended(worker.pid):
                continue
            now = time.monotonic()
            self._deaths = [*(death for death in self._deaths if now - death < DEATH_SECONDS), now]
            if len(self._deaths) > MAX_DEATHS:
                raise ResourceError(f"{len(self._deaths)} workers died within a minute; the log says why")
            say(f"warning: worker {worker.pid} died; another one takes its place")
            number = worker.slot % self._options.workers
            self._workers[place] = self._forked(number, is_prepared=True)
            self._wait_for_start([self._workers[place]])


@contextmanager
def _hangups(supervisor: _Supervisor) -> Iterator[None]:
    """Note SIGHUP, which asks for a reload."""

    def note(_number: int, _frame: object) -> None:
        supervisor.is_asked_to_reload = True

    before = signal.signal(signal.SIGHUP, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before if before is not None else signal.SIG_DFL)


def _report_start(starting: int) -> None:
    os.write(starting, b"1")
    os.close(starting)


def _end_with_supervisor(alive: int) -> None:
    """End this worker when its supervisor is gone, which closes the other end of a pipe."""
    os.read(alive, 1)
    _send(os.getpid(), signal.SIGTERM)


def _send(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _has_ended(pid: int, options: int = os.WNOHANG if hasattr(os, "WNOHANG") else 0) -> bool:
    try:
        return os.waitpid(pid, options)[0] == pid
    except ChildProcessError:
        return True
