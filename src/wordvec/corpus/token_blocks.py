"""Token blocks: text as numbers beside its distinct words; each distinct chunk of text is tokenized once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wordvec.corpus.encoded import TEXT_END
from wordvec.corpus.tables import Part, Records, Rows, check_rows, codes_of, tokenized_already
from wordvec.corpus.text_blocks import AT_WHITESPACE, Block, Piece
from wordvec.corpus.tokenizers import TOKENIZERS, Spacing
from wordvec.corpus.validity import check_text

__all__ = ["TokenBlock", "lines_of", "tokenize_block", "tokenize_part", "tokenize_text", "with_long_rows_cut"]

_NO_WORD = -2
_STRIDE_BYTES = 2**18  # keeps intermediate results in the processor's cache


@dataclass(frozen=True, slots=True, eq=False)
class TokenBlock:
    """Successive tokens; a text that no `TEXT_END` closes goes on in the next block.

    >>> ids = np.array([0, 1, 0, TEXT_END, 1], dtype=np.int32)
    >>> list(TokenBlock(["spam", "eggs"], ids).stretches())
    [['spam', 'eggs', 'spam'], ['eggs']]
    """

    words: list[str]  # (W,)  distinct, in the order they are first seen
    ids: NDArray[np.int32]  # (P,)  indices into words, and TEXT_END after each text
    bytes_read: int = 0  # of the files as they lie on disk, up to this block
    repeats: NDArray[np.int64] | None = (
        None  # (T,)  how often each text counts, all of them closed; None: once
    )

    def stretches(self) -> Iterator[list[str]]:
        """The words of each text, or of the part of it that is in this block."""
        names = np.array([*self.words, None], dtype=object)
        start = 0
        for end in np.flatnonzero(self.ids == TEXT_END).tolist():
            yield names[self.ids[start:end]].tolist()
            start = end + 1
        if start < len(self.ids):
            yield names[self.ids[start:]].tolist()


def tokenize_block(block: Block, spacing: Spacing) -> TokenBlock:
    """Turn a block into numbered tokens, a text a line; the whole work of a thread.

    Raises:
        CorpusError: the block holds a NUL byte, or bytes that are not UTF-8.
    """
    check_text(block)
    words, ids = tokenize_text(block.data, spacing)
    return TokenBlock(words, ids, block.bytes_read)


def tokenize_text(data: bytes, spacing: Spacing) -> tuple[list[str], NDArray[np.int32]]:
    r"""Give the distinct words, (W,), and the text as indices into them, (P,); a newline becomes `TEXT_END`.

    >>> from wordvec.corpus.tokenizers import spacing_named
    >>> words, ids = tokenize_text(b" Spam, spam-\r\n \n eggs;spam", spacing_named("words"))
    >>> words, ids.tolist()
    (['spam', 'eggs'], [0, 0, -1, -1, 1, 0])
    """
    # No word crosses whitespace: each distinct chunk is tokenized once.
    chunks = _chunks(data).dictionary_encode()  # (C,) distinct
    spaced = pc.utf8_trim_whitespace(spacing(chunks.dictionary))
    words_in_chunk = pc.utf8_split_whitespace(spaced)  # (C,) lists; an empty string's is [""]
    found = words_in_chunk.flatten().dictionary_encode()
    words: list[str] = found.dictionary.to_numpy(zero_copy_only=False).tolist()
    numbers = np.arange(len(words), dtype=np.int32)
    if has_no_word := "" in words:
        empty = words.index("")
        words.pop(empty)
        numbers -= numbers > empty
        numbers[empty] = _NO_WORD
    number_of_found = numbers[found.indices.to_numpy()]
    offsets = words_in_chunk.offsets.to_numpy()
    newline = pc.index(chunks.dictionary, "\n").as_py()
    if newline >= 0:
        number_of_found[offsets[newline]] = TEXT_END
    if len(number_of_found) == len(chunks.dictionary):  # a word a chunk
        ids = number_of_found[chunks.indices.to_numpy()]
    else:
        numbers_in_chunk = pa.ListArray.from_arrays(words_in_chunk.offsets, pa.array(number_of_found))
        ids = numbers_in_chunk.take(chunks.indices).flatten().to_numpy()
    return words, ids[ids != _NO_WORD] if has_no_word else ids


def _chunks(data: bytes) -> Any:
    r"""Cut after each common whitespace and before each newline, into pyarrow strings without a copy.

    Rarer whitespace stays inside of chunks.

    >>> _chunks(b"to  be\r\nor").to_pylist()
    ['to ', ' ', 'be\r', '\n', 'or']
    """
    codes = np.frombuffer(data, dtype=np.uint8)
    borders = [np.zeros(1, dtype=np.int32)]
    for start in range(1, len(codes), _STRIDE_BYTES):
        codes_here = codes[start : start + _STRIDE_BYTES]
        codes_before = codes[start - 1 : start - 1 + len(codes_here)]
        # Codes 9 to 13 are tab, newline and their like; smaller ones wrap around to large ones.
        follows_space = (codes_before == ord(" ")) | (codes_before - np.uint8(9) < 5)
        is_border = follows_space | (codes_here == ord("\n"))
        borders.append(np.flatnonzero(is_border).astype(np.int32) + np.int32(start))
    borders.append(np.array([len(codes)], dtype=np.int32))
    ends = np.concatenate(borders)
    return pa.StringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), pa.py_buffer(data))


def tokenize_part(part: Part, spacing: Spacing) -> TokenBlock:
    """Turn a part of a source into numbered tokens; the whole work of a thread.

    Raises:
        CorpusError: it is not text.
        ConfigError: it has lists of words, and the tokenizer is one for text.

    >>> import pyarrow as pa
    >>> rows = Rows("a table", pa.array(["to be", None, "or not"]), first_row=1, bytes_read=0)
    >>> list(tokenize_part(rows, TOKENIZERS["whitespace"]).stretches())
    [['to', 'be'], ['or', 'not']]
    """
    if isinstance(part, Block):
        return tokenize_block(part, spacing)
    rows = part.rows() if isinstance(part, Records) else part
    check_rows(rows)
    if (repeats := rows.repeats()) is not None:
        rows = replace(rows, values=rows.values.filter(pa.array(repeats > 0)), weights=None)
        return replace(_tokenize_rows(rows, spacing), repeats=repeats[repeats > 0])
    return _tokenize_rows(rows, spacing)


def _tokenize_rows(rows: Rows, spacing: Spacing) -> TokenBlock:
    if not rows.are_words:
        return TokenBlock(*tokenize_text(_as_lines(rows.values), spacing), rows.bytes_read)
    if spacing is not TOKENIZERS["whitespace"]:
        raise tokenized_already(rows)
    return _number_words(rows)


def lines_of(part: Part) -> Iterator[tuple[str, int, bytes]]:
    r"""The texts of a part as lines, for those who show them: the name of the file, the number of the first, the lines.

    A row without a text is an empty line, so that numbers are right. A line that goes on in the next part has no
    newline at its end.

    Raises:
        CorpusError: it is not text.

    >>> import pyarrow as pa
    >>> rows = Rows("a table", pa.array(["to be", None, "or\nnot"]), first_row=7, bytes_read=0)
    >>> list(lines_of(rows))
    [('a table', 7, b'to be\n\nor not\n')]
    """
    if isinstance(part, Block):
        check_text(part)
        for piece in part.pieces:
            yield piece.title, piece.first_line, piece.data
        return
    rows = part.rows() if isinstance(part, Records) else part
    first = part.piece.first_line if isinstance(part, Records) else rows.first_row
    check_rows(rows)
    values = pc.binary_join(rows.values, " ") if rows.are_words else rows.values
    yield rows.title, first, _as_lines(pc.fill_null(values, ""))


def with_long_rows_cut(parts: Iterable[Part], block_bytes: int) -> Iterator[Part]:
    """Cut rows of many megabytes at whitespace, as long lines of files are, into blocks of text.

    Rows with weights stay whole, as all of a text is repeated.
    """
    for part in parts:
        is_long = isinstance(part, Rows) and not part.are_words and part.num_bytes > 2 * block_bytes
        is_long = is_long and isinstance(part, Rows) and part.weights is None
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
