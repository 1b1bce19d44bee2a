"""The server: checks its options, listens, loads models, serves until a signal ends it, and reloads on another signal.

One process serves by itself, and puts newer models in the place of older ones. Several are forked from a supervisor
(`workers`), which has loaded the models, so that all share one copy of them.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from wordvec.errors import ConfigError, ResourceError, WordvecError
from wordvec.evaluation.stability import read_agreement
from wordvec.serving.corpus_sentences import Sentences, cache_folder, tokenizer_of
from wordvec.serving.guards import Guard, Rules, is_loopback
from wordvec.serving.maps import Maps
from wordvec.serving.models import Models, load_models, reloaded
from wordvec.serving.observing import Metrics, Observer
from wordvec.text import one_line, say, size

if TYPE_CHECKING:
    from wordvec.serving.service import Service

__all__ = [
    "Options",
    "Serving",
    "check_options",
    "listening",
    "make_service",
    "prepare",
    "run_server",
    "serve",
]

MAX_PORT = 65_535
MAX_WORKERS = 64
BACKLOG = 2048
KEEP_ALIVE_SECONDS = 75
END_SECONDS = 10.0  # for answers that have begun


class Options(NamedTuple):
    """How to serve; the flags of `wordvec serve`."""

    models: Sequence[str]
    host: str = "127.0.0.1"
    port: int = 8765
    token: str | None = None
    corpus: Sequence[str] = ()
    map: str | None = None
    stability: str | None = None
    encoder: str | None = None
    texts: str | None = None
    limit: int | None = None
    workers: int = 1
    allowed_hosts: Sequence[str] = ()
    access_log: bool = True

    @property
    def rules(self) -> Rules:
        """What requests must keep."""
        names = frozenset(name.lower() for name in self.allowed_hosts)
        return Rules(host=self.host, allowed_hosts=names, token=self.token)


class Serving(NamedTuple):
    """A server that is about to begin."""

    service: Service
    app: Any  # of ASGI, with its guards
    metrics: Metrics


def serve(options: Options) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Raises:
        ConfigError: an option is not valid.
        FormatError: a model cannot be read.
        ResourceError: the port is in use.
    """
    check_options(options)
    loading = partial(_loaded, options)
    with listening(options.host, options.port) as listener:
        if options.workers > 1:
            from wordvec.serving.workers import supervise

            supervise(options, listener, loading)
            return
        models = loading()
        service = make_service(options, models)
        serving = application(options, service)
        Thread(target=prepare, args=(models, service.sentences), daemon=True).start()
        announce(options, listener, models)
        run_server(serving, listener, on_reload=partial(_reload, options, serving))


def _loaded(options: Options) -> Models:
    """Load the models; meanwhile, import what serves them, which takes about as long."""
    with ThreadPoolExecutor(1) as beside:
        models = beside.submit(load_models, options.models, options.limit)
        import uvicorn  # noqa: F401

        from wordvec.serving import application, connections, texts  # noqa: F401

        return models.result()


def check_options(options: Options) -> None:
    """Check what can be checked before anything is loaded.

    Raises:
        ConfigError: an option is not valid.
    """
    if not options.models:
        raise ConfigError("name at least one model to serve, such as model.wv")
    if not 0 <= options.port <= MAX_PORT:
        raise ConfigError(f"--port must be 0 to {MAX_PORT}, got {options.port}; 0 takes any that is free")
    if not 1 <= options.workers <= MAX_WORKERS:
        raise ConfigError(f"--workers must be 1 to {MAX_WORKERS}, got {options.workers}")
    if options.workers > 1 and not hasattr(signal, "SIGCHLD"):
        raise ConfigError("--workers needs a system that can fork processes; leave it out on Windows")
    if options.limit is not None and options.limit < 1:
        raise ConfigError(f"--limit must be at least 1, got {options.limit}")
    if options.token is not None and (
        not options.token or not options.token.isascii() or " " in options.token
    ):
        raise ConfigError(
            "--token must be ASCII without spaces, and not empty; openssl rand -hex 32 makes one"
        )
    if options.token is None and not is_loopback(options.host):
        raise ConfigError(
            f"--host {options.host} lets other machines ask, which needs a --token (or WORDVEC_TOKEN); "
            "without one, serve on 127.0.0.1"
        )


def listening(host: str, port: int) -> socket.socket:
    """Take the port, before models are loaded.

    Raises:
        ResourceError: it is in use, or not ours to take.
        ConfigError: there is no such address.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as problem:
        raise ConfigError(
            f"--host must be an address or a name of this machine, got {host}: {problem}"
        ) from problem
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    if sys.platform != "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as problem:
        listener.close()
        reason = one_line(problem.strerror or str(problem))
        raise ResourceError(
            f"port {port} of {host} cannot be used: {reason}; choose another with --port, or end what uses it"
        ) from problem
    listener.setblocking(False)
    return listener


def make_service(options: Options, models: Models) -> Service:
    """What answers questions, with the corpus, the texts and the maps.

    Raises:
        WordvecError: a file of the options cannot be read.
    """
    from wordvec.serving.service import Service
    from wordvec.serving.texts import Texts

    sentences = None
    if options.corpus:
        sentences = Sentences(options.corpus, tokenizer=tokenizer_of(models.default.vectors))
    maps = Maps(cache_folder())
    if options.map is not None:
        maps.load(models.default.fingerprint, Path(options.map))
    agreement = {} if options.stability is None else read_agreement(Path(options.stability))
    return Service(
        models,
        agreement=agreement,
        sentences=sentences,
        texts=Texts(options.encoder, options.texts),
        maps=maps,
        draws_maps=options.workers == 1,
    )


def application(options: Options, service: Service, num_slots: int = 1) -> Serving:
    """The application with its guards, and what is counted of it."""
    from wordvec.serving.application import make_app, route_paths

    app = make_app(service)
    metrics = Metrics(route_paths(), num_slots)
    service.metrics = metrics
    guarded = Observer(Guard(app, options.rules), metrics, is_logging=options.access_log)
    return Serving(service, guarded, metrics)


def announce(options: Options, listener: socket.socket, models: Models) -> None:
    """Say where to ask."""
    host, port = options.host, listener.getsockname()[1]
    named = f"[{host}]" if ":" in host else host
    for model in models.by_name.values():
        say(
            f"{model.name}: {len(model.vectors):,} words x {model.vectors.dim}, {size(model.vectors.rows.nbytes)}"
        )
    ending = "" if options.token is None else "; in a browser, open it with ?token=TOKEN"
    say(f"serving on http://{named}:{port}/ (the API: /api){ending}; Ctrl-C ends it")


def run_server(
    serving: Serving,
    listener: socket.socket,
    *,
    on_reload: Callable[[], None] | None = None,
    on_start: Callable[[], None] | None = None,
    ends_by_signal: bool = True,
) -> None:
    """Serve in this process until SIGINT or SIGTERM.

    Args:
        serving: what to serve.
        listener: a socket that listens.
        on_reload: called in a thread of its own at SIGHUP, once at a time.
        on_start: called once connections are accepted.
        ends_by_signal: whether the signal is raised again afterwards, as who started the process expects.
    """
    import uvicorn

    from wordvec.serving.connections import connection_class

    config = uvicorn.Config(
        serving.app,
        http=connection_class(),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=int(END_SECONDS),
    )
    server = _server(config)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        # Only the main thread can handle signals, and Windows has no SIGHUP.
        is_main_thread = threading.current_thread() is threading.main_thread()
        if on_reload is not None and is_main_thread and hasattr(signal, "SIGHUP"):
            loop.add_signal_handler(signal.SIGHUP, _Reloads(on_reload).begin)
        serving_task = asyncio.ensure_future(server.serve(sockets=[listener]))
        while not server.started and not serving_task.done():
            await asyncio.sleep(0.005)
        if on_start is not None and not serving_task.done():
            on_start()
        await serving_task

    try:
        _run_with(config.get_loop_factory() or asyncio.new_event_loop, run)
    finally:
        serving.service.close()
    if ends_by_signal and server.ended_by is not None:
        signal.raise_signal(server.ended_by)


def _server(config: Any) -> Any:
    """A server that remembers the signal that ended it; uvicorn's own raises it again where the loop still runs."""
    import uvicorn

    class Server(uvicorn.Server):
        ended_by: int | None = None

        def handle_exit(self, sig: int, frame: Any) -> None:
            super().handle_exit(sig, frame)
            self._captured_signals.clear()
            self.ended_by = self.ended_by or sig

    return Server(config)


class _Reloads:
    """Reloads, one after the other; what is asked while one goes on is done once more after it."""

    def __init__(self, reload: Callable[[], None]):
        self._reload = reload
        self._is_at_work = self._is_asked_again = False

    def begin(self) -> None:
        """Begin, in a thread; called by the event loop."""
        if self._is_at_work:
            self._is_asked_again = True
            return
        self._is_at_work = True
        Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            self._is_asked_again = False
            self._reload()
            if not self._is_asked_again:
                self._is_at_work = False
                return


def reload_models(options: Options, before: Models) -> Models | None:
    """Load models that have changed, and prepare them; None, with a line that says why, if one cannot be.

    Args:
        options: of the server.
        before: what is served now; models that have not changed on disk stay as they are.
    """
    try:
        models = reloaded(options.models, options.limit, before)
        for model in models.by_name.values():
            if not model.is_ready:
                model.prepare()
            model.check_prepared()
    except (WordvecError, OSError, MemoryError) as problem:
        say(
            f"not reloaded, and the models of before are still served: {one_line(str(problem)) or 'not enough memory'}"
        )
        return None
    if models == before:
        say("not reloaded: no model has changed on disk")
        return None
    return models


def _reload(options: Options, serving: Serving) -> None:
    models = reload_models(options, serving.service.models)
    if models is not None:
        serving.service.models = models
        serving.metrics.add("wordvec_reloads_total", 1)
        words = ", ".join(f"{model.name} ({len(model.vectors):,} words)" for model in models.by_name.values())
        say(f"reloaded: {words}")
    if serving.service.sentences is not None:
        serving.service.sentences.begin()


def prepare(models: Models, sentences: Sentences | None) -> None:
    """Make what answers need, most urgent first: for a thread in the background."""
    for model in models.by_name.values():
        model.prepare()
    if sentences is not None:
        sentences.begin()


def _run_with(loop_factory: Any, run: Callable[[], Any]) -> None:
    """`asyncio.run` with another kind of event loop, as only newer Pythons can be told."""
    loop = loop_factory()
    try:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(run())
    finally:
        with suppress(Exception):
            loop.run_until_complete(loop.shutdown_asyncgens())
        asyncio.set_event_loop(None)
        loop.close()
