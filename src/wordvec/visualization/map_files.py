"""Map files: which kinds of map can be written, and what may be replaced by one."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast

from wordvec.errors import ConfigError, FormatError
from wordvec.visualization.atlas import is_atlas
from wordvec.visualization.picture_files import PAGE_BEGINNING, PICTURES
from wordvec.visualization.projector import CONFIG, METADATA, TENSORS

__all__ = ["MapFormat", "check_map_target", "map_format"]

MapFormat = Literal["png", "svg", "pdf", "html", "parquet", "projector"]
FORMATS = (*PICTURES, "html", "parquet", "projector")
BEGINNINGS = (*(start for starts in PICTURES.values() for start in starts), PAGE_BEGINNING.encode())


def map_format(path: Path) -> MapFormat:
    """Tell the kind of map that a path asks for by its ending.

    Raises:
        ConfigError: it ends otherwise.

    >>> map_format(Path("Map.HTML"))
    'html'
    """
    ending = path.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        known = ", ".join(f".{known}" for known in FORMATS)
        raise ConfigError(f"the ending says which kind of map is written, one of {known}; got {path}")
    return cast("MapFormat", ending)


def check_map_target(path: Path) -> None:
    """Refuse a path where a map would replace something that is no map.

    Raises:
        ConfigError: its ending is not that of a map.
        FormatError: something else is there; it was not touched.
    """
    what = _not_a_projector(path) if map_format(path) == "projector" else _not_a_map_file(path)
    if what:
        raise FormatError(f"{path} is {what}; it was not touched: choose another place for the map")


def _not_a_projector(path: Path) -> str:
    if path.is_dir():
        others = {inside.name for inside in path.iterdir()} - {TENSORS, METADATA, CONFIG}
        return f"a folder with something other than a map in it ({min(others)})" if others else ""
    return "a file, and the projector's files need a folder" if path.exists() else ""


def _not_a_map_file(path: Path) -> str:
    if path.is_dir():
        return "a folder"
    if not path.is_file() or not path.stat().st_size:
        return ""
    with path.open("rb") as file:
        start = file.read(max(map(len, BEGINNINGS)))
    return "" if start.startswith(BEGINNINGS) or is_atlas(path) else "a file of something other than a map"
