"""Picture files: which kinds can be written, and what may be replaced by one."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast

from wordvec.errors import ConfigError, FormatError

__all__ = ["PictureFormat", "check_picture_target", "picture_format"]

PictureFormat = Literal["png", "svg", "pdf"]
BEGINNINGS = {"png": (b"\x89PNG",), "svg": (b"<?xml", b"<svg"), "pdf": (b"%PDF",)}


def picture_format(path: Path) -> PictureFormat:
    """Tell the kind of picture that a path asks for by its ending.

    Raises:
        ConfigError: it ends otherwise.

    >>> picture_format(Path("Map.PNG"))
    'png'
    """
    ending = path.suffix.lower().removeprefix(".")
    if ending not in BEGINNINGS:
        allowed = ", ".join(f".{name}" for name in BEGINNINGS)
        raise ConfigError(f"a map is a picture, and its file must end in one of {allowed}; got {path}")
    return cast("PictureFormat", ending)


def check_picture_target(path: Path) -> None:
    """Refuse a path where a picture would replace something that is none.

    Raises:
        ConfigError: its ending is not that of a picture.
        FormatError: a folder or a file of something else is there; it was not touched.
    """
    picture_format(path)
    what = None
    if path.is_dir():
        what = "a folder"
    elif path.is_file() and path.stat().st_size:
        with path.open("rb") as file:
            start = file.read(8)
        if not any(start.startswith(beginning) for kind in BEGINNINGS.values() for beginning in kind):
            what = "a file of something other than a picture"
    if what:
        raise FormatError(f"{path} is {what}; it was not touched: choose another place for the map")
