"""The formats that can be written, by name, and which one a path means."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from wordvec.errors import ConfigError

__all__ = ["NAMES", "FormatName", "format_of"]

FormatName = Literal["native", "word2vec-binary", "word2vec-text", "glove"]
NAMES: tuple[FormatName, ...] = get_args(FormatName)
BY_SUFFIX: dict[str, FormatName] = {
    ".bin": "word2vec-binary",
    ".txt": "word2vec-text",
    ".vec": "word2vec-text",
}


def format_of(path: Path, name: str | None = None) -> FormatName:
    """Tell the format to write: the one that is named, or else the one that the path's ending means.

    Raises:
        ConfigError: there is no format of that name.

    >>> format_of(Path("vectors.bin")), format_of(Path("news.wv")), format_of(Path("a.txt"), "glove")
    ('word2vec-binary', 'native', 'glove')
    """
    if name is None:
        if path.suffix == ".gz":
            raise ConfigError(
                f"{path}: compressed files are read, not written; leave out .gz and run gzip after"
            )
        return BY_SUFFIX.get(path.suffix, "native")
    if name not in NAMES:
        raise ConfigError(f"format must be one of {', '.join(NAMES)}, got {name!r}")
    return name
