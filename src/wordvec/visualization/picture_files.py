"""Picture files: which kinds can be written, and what may be replaced by one."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast

from wordvec.errors import ConfigError, FormatError

__all__ = [
    "PAGE_BEGINNING",
    "PICTURES",
    "PictureFormat",
    "PlotFormat",
    "check_plot_target",
    "plot_format",
]

PictureFormat = Literal["png", "svg", "pdf"]
PlotFormat = Literal["png", "svg", "pdf", "html"]
PAGE_BEGINNING = "<!doctype html>\n<!-- wordvec -->\n"  # so that no page of someone else's is replaced
PICTURES = {"png": (b"\x89PNG",), "svg": (b"<?xml", b"<svg"), "pdf": (b"%PDF",)}
PLOTS = {**PICTURES, "html": (PAGE_BEGINNING.encode(),)}


def plot_format(path: Path) -> PlotFormat:
    """Tell the kind of plot, a picture or a page, that a path asks for by its ending.

    Raises:
        ConfigError: it ends otherwise.

    >>> plot_format(Path("losses.html"))
    'html'
    """
    ending = path.suffix.lower().removeprefix(".")
    if ending not in PLOTS:
        known = ", ".join(f".{kind}" for kind in PLOTS)
        raise ConfigError(
            f"a plot is a picture or a page, and its file must end in one of {known}; got {path}"
        )
    return cast("PlotFormat", ending)


def check_plot_target(path: Path) -> None:
    """Refuse a path where a plot would replace something that is neither a picture nor a page of ours.

    Raises:
        ConfigError: its ending is not that of a plot.
        FormatError: a folder or a file of something else is there; it was not touched.
    """
    plot_format(path)
    beginnings = tuple(beginning for starts in PLOTS.values() for beginning in starts)
    what = None
    if path.is_dir():
        what = "a folder"
    elif path.is_file() and path.stat().st_size:
        with path.open("rb") as file:
            start = file.read(max(map(len, beginnings)))
        if not start.startswith(beginnings):
            what = "a file of something other than a plot"
    if what:
        raise FormatError(f"{path} is {what}; it was not touched: choose another place for the plot")
