from __future__ import annotations

import numpy as np
import pytest

from wordvec.corpus import token_blocks
from wordvec.corpus.encoded import TEXT_END
from wordvec.corpus.text_blocks import Block, Piece
from wordvec.corpus.token_blocks import tokenize_block, tokenize_text
from wordvec.corpus.tokenizers import spacing_named
from wordvec.errors import CorpusError

KEEP = spacing_named("whitespace")


def test_each_newline_is_one_text_end_and_nothing_else_is() -> None:
    _, ids = tokenize_text(b"\n\na\r\n b c\x0bd \n", KEEP)
    assert ids.tolist() == [-1, -1, 0, -1, 1, 2, 3, -1]


@pytest.mark.parametrize("text", [b"\n", b" ", b" \n ", "\u3000".encode()], ids=repr)
def test_text_without_words_has_none(text: bytes) -> None:
    words, ids = tokenize_text(text, KEEP)
    assert words == []
    assert ids.tolist() == [TEXT_END] * text.count(b"\n")


@pytest.mark.parametrize("stride", [1, 2, 3, 7])
def test_text_is_cut_the_same_at_every_stride(stride: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = " one  two\r\n\nthree\u00a0four\tone \n five".encode()
    expected_words, expected_ids = tokenize_text(text, KEEP)
    monkeypatch.setattr(token_blocks, "_STRIDE_BYTES", stride)
    words, ids = tokenize_text(text, KEEP)
    assert words == expected_words == ["one", "two", "three", "four", "five"]
    assert np.array_equal(ids, expected_ids)


def test_a_block_that_is_not_text_is_refused() -> None:
    with pytest.raises(CorpusError, match="NUL"):
        tokenize_block(Block((Piece("a.txt", b"a\0b\n", 0, 1, 4),), 4), KEEP)


def test_a_block_keeps_its_progress() -> None:
    assert tokenize_block(Block((Piece("a.txt", b"a b\n", 0, 1, 4),), 1234), KEEP).bytes_read == 1234
