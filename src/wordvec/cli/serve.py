"""`wordvec serve`: questions by HTTP, a page to explore vectors, or tools for agents."""

from __future__ import annotations

import os
import signal
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, NoReturn

from cyclopts import App, Parameter

from wordvec.cli.options import unfolded
from wordvec.errors import ConfigError
from wordvec.packages import imported
from wordvec.text import say

if TYPE_CHECKING:  # not needed for --help
    from wordvec.serving.server import Options

__all__ = ["app"]

app = App(
    name="serve",
    help_epilogue="""Examples:
  wordvec serve model.wv
  wordvec serve before.wv after.wv --corpus text.txt --port 9000""",
)


@app.default
@unfolded
def serve(
    *models: str,
    host: str = "127.0.0.1",
    port: int = 8765,
    token: Annotated[str | None, Parameter(env_var="WORDVEC_TOKEN")] = None,
    corpus: Annotated[list[str] | None, Parameter(consume_multiple=True, negative=())] = None,
    map: Annotated[str | None, Parameter(name="--map")] = None,  # noqa: A002
    stability: str | None = None,
    encoder: str | None = None,
    texts: str | None = None,
    limit: int | None = None,
    workers: int = 1,
    allow_host: Annotated[list[str] | None, Parameter(consume_multiple=True, negative=())] = None,
    access_log: bool = True,
    mcp: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Answer questions by HTTP on this machine, with a page to explore the vectors.

    SIGHUP loads models again that have changed on disk. Another address than this machine's own needs a token.

    Args:
        models: model folders, or files of vectors in known formats; the first is the default
        host: address to listen at
        port: port to listen at; 0 takes any that is free
        token: what requests must carry, as Authorization: Bearer TOKEN, or once as /?token=TOKEN in a browser
        corpus: files of text, to show the sentences of words
        map: a map that wordvec map has written as .parquet, to show for the first model
        stability: a table that wordvec stability has written, of how far the first model's neighbors can be trusted
        encoder: folder of wordvec encoder, to encode texts (default: the mean of the vectors of their words)
        texts: a file with a text per line, to search in by meaning (needs --encoder)
        limit: load only the N most frequent words of each model
        workers: processes that answer, sharing one copy of the models
        allow_host: further names by which requests may call this server, such as the one of a proxy
        access_log: write a line for each request to stderr
        mcp: offer the questions as tools to agents, by the Model Context Protocol on standard input and output
    """
    if not models:
        raise ConfigError("name at least one model to serve, such as model.wv")
    _check_packages()
    from wordvec.serving.server import Options
    from wordvec.serving.server import serve as run

    options = Options(
        models=models,
        host=host,
        port=port,
        token=token,
        corpus=corpus or (),
        map=map,
        stability=stability,
        encoder=encoder,
        texts=texts,
        limit=limit,
        workers=workers,
        allowed_hosts=allow_host or (),
        access_log=access_log,
    )
    if mcp:
        _check_mcp(options)
        _serve_mcp(options)
        return
    run(options)


def _check_packages() -> None:
    """Check that there is what serves, without loading it, which is done while the models are loaded.

    Raises:
        MissingPackageError: a package of the extra `serve` is not installed.
    """
    for module in ("fastapi", "uvicorn"):
        if find_spec(module) is None:
            imported(module, "wordvec serve")


def _serve_mcp(options: Options) -> None:
    """Serve agents; a signal ends the process at once: a thread of the SDK waits for input, and Python would for it."""
    from wordvec.serving.mcp import serve_mcp

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end_at_once)
    serve_mcp(options)


def _end_at_once(number: int, _frame: object) -> NoReturn:
    """End without an exception, which the event loop would report wherever it was at that moment."""
    from wordvec.cli.app import INTERRUPTED, TERMINATED

    try:
        say("interrupted")
    finally:
        os._exit(INTERRUPTED if number == signal.SIGINT else TERMINATED)


def _check_mcp(options: Options) -> None:
    """Check that nothing is asked of a server without a port, and that its packages are there.

    Raises:
        ConfigError: an option has no meaning with --mcp.
        MissingPackageError: a package is not installed.
    """
    defaults = type(options)._field_defaults
    for name in ("host", "port", "workers", "allowed_hosts"):
        if getattr(options, name) != defaults[name]:
            flag = "allow-host" if name == "allowed_hosts" else name
            raise ConfigError(f"--mcp answers on standard input and output: leave out --{flag}")
    imported("mcp", "wordvec serve --mcp")
    imported("fastapi", "wordvec serve --mcp")
