"""Change page: the words that changed most between two models, as a table in one HTML file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import BinaryIO

from wordvec.visualization.glyphs import printable
from wordvec.visualization.plain_page import plain_page

__all__ = ["write_change_page"]

LONGEST_NAME = 200  # letters
LONGEST_WORD = 80
WORD_COLUMNS = {0, 3, 4}


def write_change_page(
    heads: Sequence[str], rows: Iterable[Sequence[str]], file: BinaryIO, *, title: str, note: str
) -> None:
    """Write a page with a heading, what was compared, and a table.

    Args:
        heads: of the columns: word, change, chance, and its neighbours in the two models.
        rows: the words, those that changed most first.
        file: where the page is written to.
        title: of the page.
        note: what the table says, in some sentences.

    >>> import io
    >>> file = io.BytesIO()
    >>> row = ["<cell>", "0.9", "0.2", "jail", "phone"]
    >>> write_change_page(["word"] * 5, [row], file, title="Then and now", note="")
    >>> '<td class="words">&lt;cell&gt;</td>' in file.getvalue().decode()
    True
    """
    name = printable(title, LONGEST_NAME)
    shown = [
        "".join(_cell("td", text, column in WORD_COLUMNS) for column, text in enumerate(row)) for row in rows
    ]
    head = "".join(_cell("th", text, column in WORD_COLUMNS) for column, text in enumerate(heads))
    table = "".join(f"<tr>{row}</tr>\n" for row in [head, *shown])
    body = f"<h1>{escape(name)}</h1>\n<p>{escape(printable(note, 2000))}</p>\n<table>\n{table}</table>\n"
    file.write(plain_page(body, title=name))


def _cell(kind: str, text: str, is_of_words: bool) -> str:
    style = ' class="words"' if is_of_words else ""
    return f"<{kind}{style}>{escape(printable(text, 5 * LONGEST_WORD))}</{kind}>"
