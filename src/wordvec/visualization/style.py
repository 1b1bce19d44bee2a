"""Style: what all pictures have in common, whatever users have set for their own plots."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from wordvec.packages import imported
from wordvec.visualization.picture_files import PictureFormat

__all__ = ["DOTS_PER_INCH", "FAINT", "INK", "own_style", "save"]

DOTS_PER_INCH = 150
INK, FAINT = "#222222", "#8a8a8a"


@contextmanager
def own_style(families: list[str]) -> Iterator[None]:
    """Set matplotlib's defaults for a while: what users have set for their plots would move our letters.

    Args:
        families: of fonts, to be tried in turn.

    Raises:
        MissingPackageError: matplotlib is not installed.

    >>> with own_style(["DejaVu Sans"]):
    ...     imported("matplotlib", "a picture").rcParams["svg.fonttype"]
    'none'
    """
    own = {"font.family": families, "svg.fonttype": "none", "svg.hashsalt": "wordvec"}
    with imported("matplotlib.style", "a picture").context(["default", own]), warnings.catch_warnings():
        for said in ("Glyph .* missing", "Matplotlib currently does not support"):  # once for each letter
            warnings.filterwarnings("ignore", said, UserWarning)
        yield


def save(figure: Any, file: BinaryIO, file_format: PictureFormat) -> None:
    """Write a figure without a date, so that the same picture is the same bytes."""
    metadata = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[file_format]
    figure.savefig(file, format=file_format, metadata=metadata)
