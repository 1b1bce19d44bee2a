"""Text blocks: from text to numbered words, by looking into each distinct chunk between whitespace once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wordvec.corpus.blocks import Block
from wordvec.corpus.encoded import TEXT_END
from wordvec.corpus.token_block import TokenBlock
from wordvec.corpus.tokenizers import Spacing
from wordvec.corpus.validity import check_text

__all__ = ["tokenize_block", "tokenize_text"]

_NO_WORD = -2
_STRIDE_BYTES = 2**18  # keeps intermediate results in the processor's cache


def tokenize_block(block: Block, spacing: Spacing) -> TokenBlock:
    """Turn a block into numbered tokens, a text a line; the whole work of a thread.

    Raises:
        CorpusError: the block holds a NUL byte, or bytes that are not UTF-8.
    """
    check_text(block)
    words, ids = tokenize_text(block.data, spacing)
    return TokenBlock(words, ids, block.bytes_read)


def tokenize_text(data: bytes, spacing: Spacing) -> tuple[list[str], NDArray[np.int32]]:
    r"""Give the distinct words, (W,), and the text as places in them, (P,); a newline becomes `TEXT_END`.

    >>> from wordvec.corpus.tokenizers import spacing_named
    >>> words, ids = tokenize_text(b" Spam, spam-\r\n \n eggs;spam", spacing_named("words"))
    >>> words, ids.tolist()
    (['spam', 'eggs'], [0, 0, -1, -1, 1, 0])
    """
    # No word crosses whitespace, so it is enough to look into each distinct chunk once.
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
