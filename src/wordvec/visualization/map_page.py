"""Map page: a map of words to zoom, search and ask, in one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from wordvec.text import printable
from wordvec.visualization.output_kinds import PAGE_BEGINNING
from wordvec.visualization.word_map import WordMap, group_names

__all__ = ["MODULES", "POLICY", "csp_hash", "safe_json", "write_map_page"]

# N words, k neighbors of each
PLANE = 2**16 - 1  # positions along the longer axis: as fine as a screen shows at thirtyfold zoom
SHORT_IDS = 2**16  # words whose ids fit in two bytes
MAX_TITLE_LETTERS = 200

# The scripts share one scope, in this order; the explorer of `wordvec serve` imports the first three as modules.
MODULES = ("plane", "gestures", "labels")
SCRIPTS = (*MODULES, "data", "colors", "points", "ink", "panel", "search", "start")
# A browser loads nothing and runs only these scripts, even if a word looks like markup.
POLICY = "default-src 'none'; script-src '{script}'; style-src '{style}'; base-uri 'none'; form-action 'none'"
PAGE = """<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""
EXPORT = re.compile("^export ", re.MULTILINE)  # of a module, which a script must not say
UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")  # ends a script early, or is not UTF-8


def write_map_page(
    word_map: WordMap, file: BinaryIO, *, title: str, caption: str = "", labels: Sequence[str] = ()
) -> None:
    """Write a page that opens in any browser, offline.

    Args:
        word_map: browsers move 100,000 words smoothly.
        file: where the page is written to.
        title: of the page.
        caption: a line about how the map was made.
        labels: words that always have their label, in a list that readers can change.

    >>> import io
    >>> near = np.array([[1], [0]])
    >>> points = np.array([[0, 0], [1, 2]], dtype=np.float32)
    >>> pair = WordMap(["</script>", "b"], points, np.array([0, 0]), near, np.ones((2, 1), dtype=np.float32))
    >>> page = io.BytesIO()
    >>> write_map_page(pair, page, title="Two words")
    >>> page.getvalue().decode().count("</script>")  # that of the data, and that of the program
    2
    """
    folder = files("wordvec.visualization") / "page"
    style = (folder / "map.css").read_text(encoding="utf-8")
    parts = [EXPORT.sub("", (folder / f"{name}.js").read_text(encoding="utf-8")) for name in SCRIPTS]
    script = "\n".join(['"use strict";', "{", *parts, "}\n"])  # a block: no name of ours is one of the window
    page = PAGE.format(
        policy=POLICY.format(script=csp_hash(script), style=csp_hash(style)),
        title=escape(printable(title, MAX_TITLE_LETTERS)),
        style=style,
        body=(folder / "map.html").read_text(encoding="utf-8"),
        data=safe_json(_data(word_map, title, caption, labels)),
        script=script,
    )
    file.write(PAGE_BEGINNING.encode() + page.encode())


def _data(word_map: WordMap, title: str, caption: str, labels: Sequence[str]) -> dict[str, Any]:
    """What data.js reads, as compact as is simple: about 55 bytes a word with ten neighbors, and the word itself."""
    low = word_map.points.min(axis=0)
    extent = float(np.ptp(word_map.points, axis=0).max()) or 1.0
    places = np.round((word_map.points - low) / extent * PLANE)  # (N, 2)
    is_short = len(word_map.words) <= SHORT_IDS
    return {
        "title": title,
        "caption": caption,
        "words": list(word_map.words),
        "counts": None if word_map.counts is None else word_map.counts.tolist(),
        "x": _base64(places[:, 0], "<u2"),
        "y": _base64(places[:, 1].max() - places[:, 1], "<u2"),  # screens count from the top
        "groups": _base64(word_map.groups, "<u1"),
        "groupNames": group_names(word_map.words, word_map.groups),
        "neighbors": _base64(word_map.neighbors, "<u2" if is_short else "<u4"),
        "cosines": _base64(np.round((word_map.cosines + 1) / 2 * 255), "<u1"),
        "listed": list(labels),
    }


def _base64(numbers: NDArray[Any], kind: str) -> str:
    return base64.b64encode(numbers.astype(kind).tobytes()).decode()


def safe_json(document: Any) -> str:
    """JSON that can stand inside a script element: nothing in it looks like markup."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return UNSAFE.sub(lambda letter: f"\\u{ord(letter.group()):04x}", text)


def csp_hash(text: str) -> str:
    """How a Content-Security-Policy names one script or style sheet that may be used."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
