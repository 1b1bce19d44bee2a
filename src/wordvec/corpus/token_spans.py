"""Token spans: where in a text, as it is written, its tokens stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from wordvec.corpus.tokenizers import tokenized

__all__ = ["TokenSpan", "token_spans"]

_CHUNK = re.compile(r"\S+")  # no token crosses whitespace


class TokenSpan(NamedTuple):
    """A token, and the characters of the text that it was made of."""

    token: str
    start: int  # in code points
    stop: int


def token_spans(texts: Sequence[str], tokenizer: str) -> list[list[TokenSpan]]:
    """Find the tokens of some texts, with their places.

    A token that is spelled otherwise than the text, as with composed accents, has the place of all characters between
    the two spaces around it.

    Args:
        texts: T texts.
        tokenizer: a built-in one by name.

    Returns:
        For each text its tokens, the same ones as `tokenized` finds.

    Raises:
        ConfigError: no tokenizer has this name.

    >>> token_spans(["Well-known!"], "words")[0]
    [TokenSpan(token='well', start=0, stop=4), TokenSpan(token='known', start=5, stop=10)]
    """
    chunks = [(number, found) for number, text in enumerate(texts) for found in _CHUNK.finditer(text)]
    spans: list[list[TokenSpan]] = [[] for _ in texts]
    tokens_of = tokenized([found.group() for _, found in chunks], tokenizer)
    for (number, found), tokens in zip(chunks, tokens_of, strict=True):
        spans[number] += _in_chunk(found.group(), found.start(), tokens)
    return spans


def _in_chunk(chunk: str, start: int, tokens: list[str]) -> list[TokenSpan]:
    lowered = chunk.lower()
    if len(lowered) != len(chunk):  # İ is two characters in lower case
        lowered = chunk
    spellings = (chunk, lowered, lowered.replace("\u2019", "'"))
    spans, place = [], 0
    for token in tokens:
        first = next((at for spelled in spellings if (at := spelled.find(token, place)) >= 0), None)
        if first is None:
            spans.append(TokenSpan(token, start, start + len(chunk)))
        else:
            place = first + len(token)
            spans.append(TokenSpan(token, start + first, start + place))
    return spans
