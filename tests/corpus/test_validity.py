from __future__ import annotations

import pytest

from wordvec.corpus.blocks import Block, Piece
from wordvec.corpus.validity import check_text
from wordvec.errors import CorpusError


def block(*texts: bytes) -> Block:
    return Block(
        tuple(Piece(f"{number}.txt", text, 100, 7, 0) for number, text in enumerate(texts)), bytes_read=0
    )


def test_text_in_any_script_is_valid() -> None:
    check_text(block("caf\u00e9 日本 \U0001f600 \u200d\n".encode(), b"plain\n"))


@pytest.mark.parametrize(
    "wrong",
    [b"\xe9", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe6\x97"],
    ids=["latin1", "never", "overlong", "surrogate", "too large", "cut short"],
)
def test_invalid_utf8_is_refused_with_file_line_and_byte(wrong: bytes) -> None:
    with pytest.raises(
        CorpusError, match=rf"1\.txt is not valid UTF-8 in line 8, at byte 106 \(0x{wrong[0]:02x}\); .*iconv"
    ):
        check_text(block(b"fine\n", "é\ntwo".encode() + wrong + b"\n"))


def test_a_nul_byte_is_refused_with_file_line_and_byte() -> None:
    with pytest.raises(CorpusError, match=r"1\.txt has a NUL byte in line 9, at byte 105: .*utf-16.*tr -d"):
        check_text(block(b"fine\n", b"a\nb\nc\0d\n"))


def test_utf_16_without_a_mark_is_not_mistaken_for_latin1() -> None:
    with pytest.raises(CorpusError, match="iconv -f utf-16"):
        check_text(block("caf\u00e9".encode("utf-16-le")))
