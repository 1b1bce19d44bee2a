"""Picture files: which kinds can be written, and what may be replaced by one."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast

from wordvec.errors import ConfigError, FormatError

__all__ = [
    "PAGE_BEGINNING",
    "PictureFormat",
    "PlotFormat",
    "check_picture_target",
    "check_plot_target",
    "picture_format",
    "plot_format",
]

PictureFormat = Literal["png", "svg", "pdf"]
PlotFormat = Literal["png", "svg", "pdf", "html"]
PAGE_BEGINNING = "<!doctype html>\n<!-- wordvec -->\n"  # so that no page of someone else's is replaced
PICTURES = {"png": (b"\x89PNG",), "svg": (b"<?xml", b"<svg"), "pdf": (b"%PDF",)}
PLOTS = {**PICTURES, "html": (PAGE_BEGINNING.encode(),)}


def picture_format(path: Path) -> PictureFormat:
    """Tell the kind of picture that a path asks for by its ending.

    Raises:
        ConfigError: it ends otherwise.

    >>> picture_format(Path("Map.PNG"))
    'png'
    """
    ending = _ending(path)
    if ending not in PICTURES:
        raise ConfigError(
            f"a map is a picture, and its file must end in one of {_endings(PICTURES)}; got {path}"
        )
    return cast("PictureFormat", ending)


def plot_format(path: Path) -> PlotFormat:
    """Tell the kind of plot, a picture or a page, that a path asks for by its ending.

    Raises:
        ConfigError: it ends otherwise.

    >>> plot_format(Path("losses.html"))
    'html'
    """
    ending = _ending(path)
    if ending not in PLOTS:
        raise ConfigError(
            f"a plot is a picture or a page, and its file must end in one of {_endings(PLOTS)}; got {path}"
        )
    return cast("PlotFormat", ending)


def check_picture_target(path: Path) -> None:
    """Refuse a path where a map would replace something that is no picture.

    Raises:
        ConfigError: its ending is not that of a picture.
        FormatError: a folder or a file of something else is there; it was not touched.
    """
    picture_format(path)
    _check_place(path, PICTURES, "map")


def check_plot_target(path: Path) -> None:
    """Refuse a path where a plot would replace something that is neither a picture nor a page of ours.

    Raises:
        ConfigError: its ending is not that of a plot.
        FormatError: a folder or a file of something else is there; it was not touched.
    """
    plot_format(path)
    _check_place(path, PLOTS, "plot")


def _check_place(path: Path, kinds: dict[str, tuple[bytes, ...]], thing: str) -> None:
    beginnings = tuple(beginning for kind in kinds.values() for beginning in kind)
    what = None
    if path.is_dir():
        what = "a folder"
    elif path.is_file() and path.stat().st_size:
        with path.open("rb") as file:
            start = file.read(max(map(len, beginnings)))
        if not start.startswith(beginnings):
            what = f"a file of something other than a {'picture' if thing == 'map' else thing}"
    if what:
        raise FormatError(f"{path} is {what}; it was not touched: choose another place for the {thing}")


def _ending(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")


def _endings(kinds: dict[str, tuple[bytes, ...]]) -> str:
    return ", ".join(f".{kind}" for kind in kinds)
