"""Row tokens: from rows of a table to numbered words, by way of the text that they would be as lines of a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow.compute as pc

from wordvec.corpus.blocks import AT_WHITESPACE, Block, Piece
from wordvec.corpus.encoded import TEXT_END
from wordvec.corpus.records import Part, Records
from wordvec.corpus.rows import Rows, check_rows, codes_of, refuse_words
from wordvec.corpus.text_blocks import tokenize_block, tokenize_text
from wordvec.corpus.token_block import TokenBlock
from wordvec.corpus.tokenizers import TOKENIZERS, Spacing

__all__ = ["tokenize_part", "with_long_rows_cut"]


def tokenize_part(part: Part, spacing: Spacing) -> TokenBlock:
    """Turn a part of a source into numbered tokens; the whole work of a thread.

    Raises:
        CorpusError: it holds something else than text.
        ConfigError: it holds words already, and the tokenizer is one for text.

    >>> import pyarrow as pa
    >>> rows = Rows("a table", pa.array(["to be", None, "or not"]), first_row=1, bytes_read=0)
    >>> list(tokenize_part(rows, TOKENIZERS["whitespace"]).stretches())
    [['to', 'be'], ['or', 'not']]
    """
    if isinstance(part, Block):
        return tokenize_block(part, spacing)
    rows = part.rows() if isinstance(part, Records) else part
    check_rows(rows)
    if not rows.are_words:
        return TokenBlock(*tokenize_text(_as_lines(rows.values), spacing), rows.bytes_read)
    if spacing is not TOKENIZERS["whitespace"]:
        refuse_words(rows)
    return _number_words(rows)


def with_long_rows_cut(parts: Iterable[Part], block_bytes: int) -> Iterator[Part]:
    """Cut rows of many megabytes at whitespace, as long lines of files are, into blocks of text."""
    for part in parts:
        is_long = isinstance(part, Rows) and not part.are_words and part.num_bytes > 2 * block_bytes
        if isinstance(part, Rows) and is_long and len(part.values) == 1:
            check_rows(part)
            yield from _blocks(_as_lines(part.values), part, block_bytes)
        else:
            yield part


def _blocks(data: bytes, rows: Rows, block_bytes: int) -> Iterator[Block]:
    start = 0
    while start < len(data):
        size = block_bytes
        while not (end := AT_WHITESPACE.last_place(data[start : start + size])):
            size *= 2
        piece = Piece(rows.title, data[start : start + end], start, 1, rows.bytes_read)
        yield Block((piece,), rows.bytes_read)
        start += end


def _as_lines(strings: Any) -> bytes:
    r"""The texts as lines of a file; a line break inside of one is a space.

    >>> import pyarrow as pa
    >>> _as_lines(pa.array(["to be\nor", None, "", "not"]))
    b'to be or\n\nnot\n'
    """
    if (codes_of(strings) == ord("\n")).any():
        strings = pc.replace_substring(strings, "\n", " ")
    return codes_of(pc.binary_join_element_wise(strings, "", "\n")).tobytes()


def _number_words(rows: Rows) -> TokenBlock:
    """Number lists of words; null and empty words are left out."""
    lists = rows.values.drop_null()
    encoded = lists.flatten().dictionary_encode()  # (P,)
    words: list[str] = encoded.dictionary.to_pylist()
    indices = encoded.indices
    is_word = pc.is_valid(indices).to_numpy(zero_copy_only=False)
    ids = indices.fill_null(0).to_numpy().astype(np.int32)
    if "" in words:
        empty = words.index("")
        words.pop(empty)
        is_word &= ids != empty
        ids -= ids > empty
    ends = np.cumsum(pc.list_value_length(lists).to_numpy())  # (T,)
    ids = np.insert(ids, ends, TEXT_END)
    is_word = np.insert(is_word, ends, True)
    return TokenBlock(words, ids[is_word], rows.bytes_read)
