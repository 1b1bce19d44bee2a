"""Records: whole lines or rows of a table in a text format, to be parsed on a thread of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from wordvec.corpus.blocks import Block, Piece
from wordvec.corpus.rows import Rows
from wordvec.corpus.schemas import as_texts
from wordvec.corpus.validity import check_text

__all__ = ["Part", "Records"]


@dataclass(frozen=True, slots=True)
class Records:
    """A piece of a file that ends with a record, and how to find the texts in it."""

    piece: Piece
    bytes_read: int  # of all files as they lie on disk
    parse: Callable[[Piece], Any]  # to an array of texts, a record each

    @property
    def num_bytes(self) -> int:
        """Of the piece."""
        return len(self.piece.data)

    def rows(self) -> Rows:
        """Parse it.

        Raises:
            CorpusError: it is no text, or not of its format.
        """
        check_text(Block((self.piece,), self.bytes_read))
        place = (
            "record {:,}"  # of this piece; and records have line breaks inside, so that the line is not known
        )
        if self.piece.first_line > 1:
            place += f" after line {self.piece.first_line - 1:,}"
        return Rows(self.piece.title, as_texts(self.parse(self.piece)), 1, self.bytes_read, place)


Part: TypeAlias = Block | Records | Rows  # of a source: what is tokenized at a time
