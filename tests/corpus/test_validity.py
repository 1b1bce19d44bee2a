from __future__ import annotations

import numpy as np
import pytest

from wordvec.corpus.text_blocks import Block, Piece
from wordvec.corpus.validity import check_text
from wordvec.errors import CorpusError

FRENCH = "le café près de la forêt est très bon\n" * 30
RUSSIAN = "привет мир, как дела\n" * 30
JAPANESE = "東京は日本の首都です\n" * 30


def block(*texts: bytes, first_byte: int = 100) -> Block:
    return Block(
        tuple(Piece(f"{number}.txt", text, first_byte, 7, 0) for number, text in enumerate(texts)),
        bytes_read=0,
    )


def message_on(data: bytes, first_byte: int = 100) -> str:
    with pytest.raises(CorpusError) as raised:
        check_text(block(data, first_byte=first_byte))
    message = str(raised.value)
    assert "\n" not in message
    assert "latin" not in message
    return message


def test_text_in_any_script_is_valid() -> None:
    check_text(block("caf\u00e9 日本 \U0001f600 \u200d\n".encode(), b"plain\n"))


@pytest.mark.parametrize(
    "wrong",
    [b"\xe9", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe6\x97"],
    ids=["accent", "never", "overlong", "surrogate", "too large", "cut short"],
)
def test_invalid_utf8_is_refused_with_file_line_and_byte(wrong: bytes) -> None:
    with pytest.raises(
        CorpusError, match=rf"1\.txt is not valid UTF-8 in line 8, at byte 106 \(0x{wrong[0]:02x}\)[;,] "
    ):
        check_text(block(b"fine\n", "é\ntwo".encode() + wrong + b"\n"))


@pytest.mark.parametrize("text", [FRENCH, RUSSIAN, JAPANESE], ids=["fr", "ru", "ja"])
@pytest.mark.parametrize("bad", [1, 2, 40])
def test_text_that_is_utf8_but_for_some_bytes_is_not_said_to_be_in_another_encoding(
    text: str, bad: int
) -> None:
    message = message_on(text.encode() + b"caf\xe9 \n" * bad + text.encode())
    assert "the rest of this block of text is UTF-8, so replace what is not: errors='replace'" in message
    assert "encoding=" not in message
    assert "in line 37, at byte" in message
    assert (", and in" in message) == (bad > 1)
    if bad > 1:
        assert (
            f", and in {bad - 1} more place{'s' if bad > 2 else ''} up to line {7 + 60 + bad - 1};" in message
        )


def test_text_of_western_europe_is_shown_as_it_would_be_read() -> None:
    message = message_on(FRENCH.encode("cp1252"))
    assert "in cp1252 (Western Europe) this is 'café': if that is right, give encoding='cp1252'" in message
    assert "and in 119 more places up to line 36" in message
    assert "this is 'don’t'" in message_on("I don’t know\n".encode("cp1252"))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "cp932"),
        (JAPANESE, "gb18030"),
        (JAPANESE, "euc_jp"),
    ],
)
def test_text_of_no_western_encoding_is_not_said_to_be_in_one(text: str, encoding: str) -> None:
    message = message_on(text.encode(encoding))
    assert "name the encoding that it is in (encoding=..., --encoding): cp1251 for Cyrillic" in message
    assert "cp1252" not in message


def test_a_byte_that_cp1252_has_not_is_not_said_to_be_in_it() -> None:
    assert "cp1252" not in message_on(b"harbor \x81\n" * 9)


@pytest.mark.parametrize("text", [FRENCH, RUSSIAN, JAPANESE], ids=["fr", "ru", "ja"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_utf_16_and_32_without_a_mark_are_known_by_their_zeros(text: str, encoding: str, cut: int) -> None:
    message = message_on(text.encode(encoding)[cut:-1], first_byte=cut)
    assert f"as it seems to be {encoding.upper()}; give encoding='{encoding}'" in message


def test_a_word_of_utf_16_is_enough() -> None:
    assert "encoding='utf-16-le'" in message_on("caf\u00e9".encode("utf-16-le"))


@pytest.mark.parametrize(
    "text",
    [
        b"a\nb\nc\0d\n",
        b"red green\nblue\0 white\n" * 50,
        b"harbor\0ship\0sail\0" * 50,
        b"caf\xc3\xa9 \0\n" * 9,
    ],
)
def test_nul_bytes_in_text_are_said_to_be_removed(text: bytes) -> None:
    message = message_on(text)
    assert f"0.txt has a NUL byte in line {7 + text[: text.index(0)].count(10)}, at byte" in message
    assert "remove the NUL bytes (tr -d '\\000' < FILE | wordvec train -)" in message


@pytest.mark.parametrize("has_zeros", [True, False])
def test_noise_is_said_to_be_binary(has_zeros: bool) -> None:
    noise = np.random.default_rng(5).integers(not has_zeros, 256, size=50_000).astype(np.uint8).tobytes()
    assert "it is not text, but binary data; leave the file out" in message_on(noise)
