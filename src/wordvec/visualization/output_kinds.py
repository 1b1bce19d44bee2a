"""Output kinds: which pictures, pages and files can be written, and what may be replaced by one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, cast

from wordvec.errors import ConfigError, FormatError
from wordvec.storage.format_table import PROJECTOR

__all__ = [
    "ATLAS_MARK",
    "PAGE_BEGINNING",
    "MapFormat",
    "PictureFormat",
    "PlotFormat",
    "check_map_target",
    "check_plot_target",
    "is_atlas",
    "map_format",
    "plot_format",
]

PictureFormat = Literal["png", "svg", "pdf"]
PlotFormat = Literal["png", "svg", "pdf", "html"]  # of losses
MapFormat = Literal["png", "svg", "pdf", "html", "parquet", "projector"]

# How our files begin: nothing else is replaced.
PAGE_BEGINNING = "<!doctype html>\n<!-- wordvec -->\n"
PICTURE_BEGINNINGS = {"png": (b"\x89PNG",), "svg": (b"<?xml", b"<svg"), "pdf": (b"%PDF",)}
BEGINNINGS = (*(start for starts in PICTURE_BEGINNINGS.values() for start in starts), PAGE_BEGINNING.encode())
ATLAS_MARK = {b"made_by": b"wordvec map"}  # in the metadata of a Parquet file

PLOT_FORMATS = (*PICTURE_BEGINNINGS, "html")
MAP_FORMATS = (*PLOT_FORMATS, "parquet", "projector")


def plot_format(path: Path) -> PlotFormat:
    """Tell the kind of plot, a picture or a page, that a path asks for by its ending.

    Raises:
        ConfigError: it has another ending.

    >>> plot_format(Path("losses.html"))
    'html'
    """
    return cast("PlotFormat", _ending(path, PLOT_FORMATS, "plot"))


def map_format(path: Path) -> MapFormat:
    """Tell the kind of map that a path asks for by its ending.

    Raises:
        ConfigError: it has another ending.

    >>> map_format(Path("Map.HTML"))
    'html'
    """
    return cast("MapFormat", _ending(path, MAP_FORMATS, "map"))


def _ending(path: Path, formats: Iterable[str], what: str) -> str:
    ending = path.suffix.lower().removeprefix(".")
    if ending not in formats:
        known = ", ".join(f".{known}" for known in formats)
        raise ConfigError(f"the name of a {what} must end in one of {known}; got {path}")
    return ending


def check_plot_target(path: Path) -> None:
    """Check that a plot would replace nothing but a picture, or a page of ours.

    Raises:
        ConfigError: its ending is not that of a plot.
        FormatError: a folder or a file of something else is there; it was not touched.
    """
    plot_format(path)
    _check_replaceable(path, _not_ours(path, "plot"), "plot")


def check_map_target(path: Path) -> None:
    """Check that a map would replace nothing but another map.

    Raises:
        ConfigError: its ending is not that of a map.
        FormatError: something else is there; it was not touched.
    """
    is_projector = map_format(path) == "projector"
    _check_replaceable(path, _not_a_projector(path) if is_projector else _not_ours(path, "map"), "map")


def _check_replaceable(path: Path, found: str, what: str) -> None:
    if found:
        raise FormatError(f"{path} is {found}; it was not touched: choose another place for the {what}")


def _not_ours(path: Path, what: str) -> str:
    """What a path holds, if that is not a file of ours that may be replaced."""
    if path.is_dir():
        return "a folder"
    if not path.is_file() or not path.stat().st_size:
        return ""
    with path.open("rb") as file:
        start = file.read(max(map(len, BEGINNINGS)))
    is_ours = start.startswith(BEGINNINGS) or (what == "map" and is_atlas(path))
    return "" if is_ours else f"a file of something other than a {what}"


def is_atlas(path: Path) -> bool:
    """Whether a file is one that `map_files.write_atlas` has written."""
    import pyarrow as pa  # here, as most plots and maps do not need it
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as stream:  # pyarrow takes no path that is not UTF-8
            metadata = pq.read_schema(stream).metadata or {}
    except pa.ArrowException:
        return False
    return ATLAS_MARK.items() <= metadata.items()


def _not_a_projector(path: Path) -> str:
    if path.is_dir():
        others = {inside.name for inside in path.iterdir()} - PROJECTOR
        return f"a folder with something other than a map in it ({min(others)})" if others else ""
    return "a file, and the projector's files need a folder" if path.exists() else ""
