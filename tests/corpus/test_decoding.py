from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.corpus.tables import json_lines, separated, texts_in, written

from wordvec.corpus.byte_stream import ByteStream
from wordvec.corpus.decoding import Decoding, TextStream, check_decoding, is_encoding
from wordvec.corpus.reading import read_sample
from wordvec.corpus.sources import FileSource
from wordvec.errors import ConfigError, CorpusError

FRENCH = "Le café près de la forêt\nest très bon\n" * 20
RUSSIAN = "привет мир\nкак дела\n" * 20
JAPANESE = "東京 は 日本 の 首都 です\n" * 20


def decoded(path: Path, decoding: Decoding, size: int = 1_000) -> str:
    with ByteStream(str(path)) as stream:
        text = TextStream(stream, decoding)
        return b"".join(iter(lambda: text.read(size), b"")).decode()


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "cp1252"),
        (FRENCH, "utf-16"),
        (FRENCH, "utf-7"),
        (FRENCH, "cp037"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "utf-16-be"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "iso2022_jp"),
        (JAPANESE, "utf-32"),
        (JAPANESE, "gb18030"),
    ],
)
def test_text_in_another_encoding_is_the_text(text: str, encoding: str, size: int, tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", text.encode(encoding))
    assert decoded(path, Decoding(encoding), size) == text


def test_no_read_gives_more_than_asked_for_and_only_the_last_gives_less(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", ("é" * 1_000).encode("latin-1"))  # two bytes for one
    with ByteStream(str(path)) as stream:
        text = TextStream(stream, Decoding("latin-1"))
        assert [len(text.read(300)) for _ in range(8)] == [300] * 6 + [200, 0]


@pytest.mark.parametrize(
    ("errors", "words"),
    [("replace", ["th\ufffd", "caf\ufffd", "noir"]), ("ignore", ["th", "caf", "noir"])],
)
@pytest.mark.parametrize("size", [1, 2, 100])
def test_bytes_that_are_not_text_are_replaced_or_left_out(
    errors: str, words: list[str], size: int, tmp_path: Path
) -> None:
    path = written(tmp_path, "a.txt", b"th\xe9 caf\xe9 noir")
    assert decoded(path, Decoding("utf-8", errors), size).split() == words


@pytest.mark.parametrize("size", [1, 3, 100])
def test_replacing_is_what_python_replaces_wherever_reads_are_cut(size: int, tmp_path: Path) -> None:
    random_numbers = np.random.default_rng(5)
    parts = [b"a", b" ", b"\n", "é".encode(), "日".encode(), b"\xe9", b"\xff", b"\xf0\x9f", b"\xc0"]
    data = b"".join(parts[number] for number in random_numbers.integers(len(parts), size=500))
    for errors in ("replace", "ignore"):
        assert decoded(written(tmp_path, "a", data), Decoding(errors=errors), size) == data.decode(
            errors=errors
        )


@pytest.mark.parametrize("encoding", ["shift_jis", "utf-16-le", "ascii"])
def test_a_byte_that_the_encoding_has_not_is_named_with_its_line_and_place(
    encoding: str, tmp_path: Path
) -> None:
    good = "one\ntwo\n" if encoding == "ascii" else JAPANESE[:30]
    bad = {"shift_jis": b"\xa0", "utf-16-le": b"\x00\xdc", "ascii": b"\x80"}[encoding]
    path = written(tmp_path, "a.txt", good.encode(encoding) + bad + "\n\n".encode(encoding))
    line, byte = good.count("\n") + 1, len(good.encode(encoding))
    for size in (2, 1_000):
        with pytest.raises(
            CorpusError,
            match=rf"a\.txt is not valid {encoding} in line {line}, at byte {byte} \(0x{bad[0]:02x}\); .*replace",
        ):
            decoded(path, Decoding(encoding), size)
    assert decoded(path, Decoding(encoding, "ignore")) == good + "\n\n"


@pytest.mark.parametrize("size", [1, 10_000])
def test_a_bad_place_is_found_in_the_byte_order_that_the_mark_has_told(size: int, tmp_path: Path) -> None:
    good = "\ufeff" + FRENCH
    data = good.encode("utf-16-be")
    path = written(tmp_path, "a.txt", data + b"\x00\n\xdc\x00\x00\n\x00\n")
    line = FRENCH.count("\n") + 2
    with pytest.raises(CorpusError, match=rf"not valid utf-16 in line {line}, at byte {len(data) + 2:,} "):
        decoded(path, Decoding("utf-16"), size)


def test_half_a_character_at_the_end_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", "harbor".encode("utf-16-be") + b"\x00")
    with pytest.raises(CorpusError, match=r"not valid utf-16-be in line 1, at byte 12"):
        decoded(path, Decoding("utf-16-be"))


def test_half_of_a_surrogate_pair_is_refused_replaced_or_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", b"one\nt+2AA-o")
    with pytest.raises(CorpusError, match=r"a\.txt has U\+D800 in line 2, which is not a character"):
        decoded(path, Decoding("utf-7"))
    assert decoded(path, Decoding("utf-7", "replace")) == "one\nt\ufffdo"
    assert decoded(path, Decoding("utf-7", "ignore")) == "one\nto"


@pytest.mark.parametrize(
    ("written_in", "read_in", "advised"),
    [
        ("utf-8-sig", "cp1252", "utf-8"),
        ("utf-16", "utf-8", "utf-16"),
        ("utf-16", "latin-1", "utf-16"),
        ("utf-32", "utf-8", "utf-32"),
        ("utf-32", "utf-16", "utf-32"),
    ],
)
def test_a_mark_of_another_encoding_is_believed(
    written_in: str, read_in: str, advised: str, tmp_path: Path
) -> None:
    path = written(tmp_path, "a.txt", FRENCH.encode(written_in))
    with pytest.raises(CorpusError, match=rf"byte order mark of {advised.upper()}, .*encoding='{advised}'"):
        texts_in(path, None, encoding=read_in)
    assert texts_in(path, None, encoding=advised)[0][1] == "café"


def test_a_mark_of_the_other_byte_order_is_believed(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", "\ufeffharbor".encode("utf-16-be"))
    with pytest.raises(CorpusError, match="mark of UTF-16, but encoding is 'utf-16-le'"):
        texts_in(path, None, encoding="utf-16-le")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "UTF8", "utf-16", "utf-16-le", "utf-32"])
def test_a_mark_is_not_part_of_the_first_word(encoding: str, tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", "\ufeffharbor".encode(encoding.removesuffix("-sig")))
    assert texts_in(path, None, encoding=encoding) == [["harbor"]]


def test_compressed_text_and_standard_input_have_an_encoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compressed = gzip.compress(RUSSIAN.encode("cp1251"))
    assert texts_in(written(tmp_path, "a.gz", compressed), None, encoding="cp1251")[0] == ["привет", "мир"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(compressed)))
    assert texts_in("-", None, encoding="cp1251")[1] == ["как", "дела"]


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.csv", separated),
        ("a.tsv", lambda texts: separated(texts, "\t")),
        ("a.jsonl", lambda texts: json_lines(texts).decode("unicode_escape").encode()),
    ],
    ids=["csv", "tsv", "jsonl"],
)
def test_tables_of_text_have_an_encoding(name: str, make: object, tmp_path: Path) -> None:
    table = make(["très bon", "café"]).decode()  # type: ignore[operator]
    for encoding in ("cp1252", "utf-16"):
        path = written(tmp_path, name, table.encode(encoding))
        assert texts_in(path, encoding=encoding) == [["très", "bon"], ["café"]]
    path = written(tmp_path, name, table.encode("cp1252"))
    with pytest.raises(CorpusError, match=r"not valid UTF-8 in line .*encoding='cp1252'"):
        texts_in(path)
    assert texts_in(path, errors="ignore") == [["trs", "bon"], ["caf"]]


def test_names_of_columns_have_an_encoding_too(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "prix,qualité\n5,bon\n".encode("latin-1"))
    assert texts_in(path, "qualité", encoding="latin-1") == [["bon"]]
    with pytest.raises(CorpusError, match=r"not valid UTF-8 in line 1, at byte 11 \(0xe9\)"):
        texts_in(path, "qualité")


def test_an_encoding_is_refused_for_parquet_and_for_token_lists(tmp_path: Path) -> None:
    path = written(tmp_path, "a.parquet", b"PAR1")
    for said in ({"encoding": "cp1252"}, {"errors": "replace"}):
        with pytest.raises(
            ConfigError, match=r"apply only to text, CSV, TSV and JSON lines, got .*a\.parquet"
        ):
            texts_in(path, **said)
        with pytest.raises(ConfigError, match="encoding and errors apply only to files, got"):
            texts_in([["red", "green"]], None, **said)


def test_a_sample_of_text_in_another_encoding_is_the_share_that_its_bytes_are(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", ("привет мир\n" * 5_000).encode("cp1251"))
    sample = read_sample(FileSource(str(path), decoding=Decoding("cp1251")), sample_bytes=20_000)
    assert sample is not None
    words = sum(block.data.decode().count("привет") for block in sample.blocks)  # type: ignore[union-attr]
    assert words / sample.share == pytest.approx(5_000, rel=0.02)


@pytest.mark.parametrize(
    "name",
    ["base64", "rot13", "zip", "idna", "punycode", "undefined", "klingon", "", "a\0b", None, 5],
    ids=repr,
)
def test_a_name_that_is_not_a_text_encoding_is_refused(name: str) -> None:
    assert not is_encoding(name)
    with pytest.raises(ConfigError, match="encoding must name one of Python's text encodings"):
        check_decoding(name, "strict")


@pytest.mark.parametrize("errors", ["surrogateescape", "backslashreplace", "", None], ids=repr)
def test_another_way_with_errors_is_refused(errors: str) -> None:
    with pytest.raises(ConfigError, match="errors must be 'strict', 'replace' or 'ignore', got"):
        texts_in("a.txt", None, errors=errors)


@pytest.mark.parametrize("errors", ["strict", "replace", "ignore"])
@pytest.mark.parametrize("encoding", ["utf-16", "UTF16", "utf-32"])
@pytest.mark.parametrize("order", ["le", "be"])
def test_a_text_without_the_mark_that_tells_its_order_of_bytes_is_refused(tmp_path, encoding, errors, order):
    path = written(tmp_path, "a.txt", "harbor café".encode(f"{encoding}-{order}".replace("UTF16", "utf-16")))
    with pytest.raises(
        CorpusError, match=r"a\.txt does not begin with a byte order mark.*--encoding utf-(16|32)-le.*-be'"
    ):
        decoded(path, Decoding(encoding, errors))


@pytest.mark.parametrize("data", [b"\x00\xd8\x41", b"a", bytes(7), b"\xdc" * 9])
def test_no_bytes_without_a_mark_raise_what_python_raises(tmp_path, data):
    with pytest.raises(CorpusError):
        decoded(written(tmp_path, "a.txt", data), Decoding("utf-16"))


def test_an_empty_file_needs_no_mark(tmp_path):
    assert not decoded(written(tmp_path, "a.txt", b""), Decoding("utf-16"))
