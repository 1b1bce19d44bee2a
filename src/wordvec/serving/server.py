"""The server: sockets, signals and processes around the application."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from threading import Thread
from typing import NamedTuple

from wordvec.errors import ConfigError
from wordvec.packages import imported
from wordvec.serving.models import load_models
from wordvec.text import say

__all__ = ["Options", "serve"]


class Options(NamedTuple):
    """How to serve."""

    models: Sequence[str]
    host: str = "127.0.0.1"
    port: int = 8765
    token: str | None = None
    limit: int | None = None
    workers: int = 1
    allowed_hosts: Sequence[str] = ()


def serve(options: Options) -> None:
    """Serve until a signal ends it."""
    uvicorn = imported("uvicorn", "wordvec serve")
    imported("fastapi", "wordvec serve")
    from wordvec.serving.app import make_app
    from wordvec.serving.service import Service

    models = load_models(options.models, options.limit)
    service = Service(models)
    app = make_app(service)
    for model in models.by_name.values():
        Thread(target=model.prepare, daemon=True).start()
    say(f"serving on http://{options.host}:{options.port}/")
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning", server_header=False)
