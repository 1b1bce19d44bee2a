"""Validity: refuse what is not UTF-8 text, and say where it is not."""

from __future__ import annotations

from typing import NoReturn

import numpy as np
import pyarrow as pa

from wordvec.corpus.blocks import Block, Piece
from wordvec.errors import CorpusError

__all__ = ["check_text"]


def check_text(block: Block) -> None:
    r"""Refuse bytes that are not UTF-8, and NUL bytes, which only look like text.

    Raises:
        CorpusError: names the file, the line (from 1) and the byte (from 0, in the unpacked file).

    >>> check_text(Block((Piece("menu.txt", b"tea\ncaf\xe9\n", 0, 1, 9),), 9))
    Traceback (most recent call last):
    wordvec.errors.CorpusError: menu.txt is not valid UTF-8 in line 2, at byte 7 (0xe9); convert it ...
    """
    data = block.data
    if b"\0" in data:
        _refuse_nul(next(piece for piece in block.pieces if b"\0" in piece.data))
    whole = pa.py_buffer(np.array([0, len(data)], dtype=np.int32))
    try:
        pa.StringArray.from_buffers(1, whole, pa.py_buffer(data)).validate(full=True)
    except pa.ArrowInvalid:
        for piece in block.pieces:
            _refuse_invalid_utf8(piece)


def _refuse_nul(piece: Piece) -> NoReturn:
    line, byte = piece.locate(piece.data.index(b"\0"))
    raise CorpusError(
        f"{piece.title} has a NUL byte in line {line:,}, at byte {byte:,}: it is not plain text, or it is "
        "UTF-16; convert it first (iconv -f utf-16 -t utf-8), or remove the NUL bytes (tr -d '\\000')"
    )


def _refuse_invalid_utf8(piece: Piece) -> None:
    try:
        piece.data.decode()
    except UnicodeDecodeError as problem:
        line, byte = piece.locate(problem.start)
        raise CorpusError(
            f"{piece.title} is not valid UTF-8 in line {line:,}, at byte {byte:,} "
            f"(0x{piece.data[problem.start]:02x}); convert it first, for example: iconv -f latin1 -t utf-8"
        ) from None
