"""`wordvec serve`: questions by HTTP, and the explorer."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from wordvec.cli.options import unfolded

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
    limit: int | None = None,
) -> None:
    """Answer questions by HTTP on this machine, with a page to explore the vectors.

    Args:
        models: model folders, or files of vectors in known formats; the first is the default
        host: address to listen at; another than this machine's own needs a token
        port: to listen at
        token: that requests must carry
        limit: load only the N most frequent words of each model
    """
    from wordvec.serving.server import Options
    from wordvec.serving.server import serve as run

    run(Options(models, host, port, token, limit))
