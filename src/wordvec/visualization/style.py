"""Style: what all pictures share: ink, resolution, lengths of texts, and fonts that have the letters."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from wordvec.packages import imported
from wordvec.visualization.output_kinds import PictureFormat

__all__ = [
    "DOTS_PER_INCH",
    "FAINT",
    "INK",
    "MAX_TITLE_LETTERS",
    "MAX_WORD_LETTERS",
    "families_for",
    "own_style",
    "save",
]

FIRST_FAMILY = "DejaVu Sans"  # comes with matplotlib: Latin, Greek, Cyrillic and much else
LAST_RESORT = "Last Resort"  # comes with matplotlib: a box for every letter
MAX_WORD_LETTERS, MAX_TITLE_LETTERS = 40, 80

DOTS_PER_INCH = 150
INK, FAINT = "#222222", "#8a8a8a"


def families_for(words: Iterable[str]) -> tuple[list[str], str]:
    """Choose font families, to try in this order, and find the letters that no installed font has.

    Raises:
        MissingPackageError: matplotlib is not installed.

    >>> families_for(["straße", "Αθήνα", "Москва"])
    (['DejaVu Sans'], '')
    """
    manager = imported("matplotlib.font_manager", "a map")
    regular = manager.FontProperties(family=FIRST_FAMILY)
    families = [FIRST_FAMILY]
    missing = set().union(*words) - _letters_of(manager.findfont(regular))
    for font in manager.fontManager.ttflist:
        if not missing:
            break
        if font.name in families or font.name.startswith(LAST_RESORT) or font.style != "normal":
            continue
        found = missing & _letters_of(font.fname)
        if found:
            families.append(font.name)
            missing -= found
    return families, "".join(sorted(missing))


def _letters_of(font_file: str) -> set[str]:
    try:
        return {
            chr(code) for code in imported("matplotlib.ft2font", "a map").FT2Font(font_file).get_charmap()
        }
    except (OSError, RuntimeError):  # matplotlib's list of fonts may be old: this font is gone or broken
        return set()


@contextmanager
def own_style(families: list[str]) -> Iterator[None]:
    """Use matplotlib's defaults inside this context: what users have set for their own plots would move our letters.

    Args:
        families: of fonts, to try in this order.

    Raises:
        MissingPackageError: matplotlib is not installed.

    >>> with own_style(["DejaVu Sans"]):
    ...     imported("matplotlib", "a picture").rcParams["svg.fonttype"]
    'none'
    """
    own = {"font.family": families, "svg.fonttype": "none", "svg.hashsalt": "wordvec"}
    with imported("matplotlib.style", "a picture").context(["default", own]), warnings.catch_warnings():
        for message in (
            "Glyph .* missing",
            "Matplotlib currently does not support",
        ):  # a warning for each letter
            warnings.filterwarnings("ignore", message, UserWarning)
        yield


def save(figure: Any, file: BinaryIO, file_format: PictureFormat) -> None:
    """Write a figure without a date, so that the same picture is the same bytes."""
    metadata = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[file_format]
    figure.savefig(file, format=file_format, metadata=metadata)
