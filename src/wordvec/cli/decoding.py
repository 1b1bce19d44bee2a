"""The flags of every verb that reads vectors, which say how the words in files of word2vec and GloVe are encoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Parameter

__all__ = ["STRICT", "DecodingFlags"]


@Parameter(name="*")  # no prefix, so --errors and not --decoding.errors
@dataclass(frozen=True)
class DecodingFlags:
    """What `wordvec.load` takes by the same names."""

    encoding: Annotated[
        str, Parameter(help="of the words in a file of word2vec or GloVe, as cp1252 or gbk")
    ] = "utf-8"
    errors: Annotated[
        Literal["strict", "replace", "ignore"],
        Parameter(
            help="bytes of words that are not of that encoding: refuse them, mark them, leave them out"
        ),
    ] = "strict"


STRICT = DecodingFlags()
