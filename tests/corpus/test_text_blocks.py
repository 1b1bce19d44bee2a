from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from wordvec.corpus import text_blocks
from wordvec.corpus.text_blocks import Block, Piece, read_blocks
from wordvec.errors import CorpusError


def written(folder: Path, *texts: bytes) -> list[str]:
    paths = [folder / f"{number}.txt" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text)
    return [str(path) for path in paths]


def data(files: list[str], block_bytes: int) -> list[bytes]:
    return [block.data for block in read_blocks(files, block_bytes)]


def random_text(random_numbers: np.random.Generator) -> bytes:
    parts = ["a", "bcd", "é", "日本", " ", " ", "\t", "\n", "\r\n", "\u3000", "\u00a0"]
    return "".join(random_numbers.choice(parts, size=random_numbers.integers(40))).encode()


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 5, 8, 13, 1000])
def test_blocks_put_together_are_the_files_and_each_ends_after_whitespace(
    block_bytes: int, tmp_path: Path
) -> None:
    random_numbers = np.random.default_rng(block_bytes)
    for _ in range(50):
        texts = [random_text(random_numbers) for _ in range(3)]
        found = data(written(tmp_path, *texts), block_bytes)
        lines = [line for text in texts for line in text.split(b"\n") if line]
        assert [line for line in b"".join(found).split(b"\n") if line] == lines
        assert all(block.decode()[-1].isspace() for block in found)


def test_a_block_ends_after_a_line_where_it_can(tmp_path: Path) -> None:
    assert data(written(tmp_path, b"one two\nthree four\nfive\n"), 12) == [
        b"one two\n",
        b"three four\n",
        b"five\n",
    ]


def test_a_line_longer_than_a_block_is_cut_after_whitespace(tmp_path: Path) -> None:
    assert data(written(tmp_path, b"one two three"), 5) == [b"one ", b"two ", b"three\n"]


def test_a_long_line_is_cut_after_whitespace_that_only_unicode_knows(tmp_path: Path) -> None:
    text = "日本\u3000東京\u3000大阪".encode()
    assert [block.decode() for block in data(written(tmp_path, text), 12)] == [
        "日本\u3000",
        "東京\u3000",
        "大阪\n",
    ]


def test_a_word_longer_than_a_block_is_not_cut(tmp_path: Path) -> None:
    word = b"w" * 1_000_000
    found = data(written(tmp_path, b"a " + word + b" b"), 4096)
    assert b"".join(found) == b"a " + word + b" b\n"
    assert any(word in block for block in found)


def test_a_word_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_blocks, "MAX_WORD_BYTES", 1000)
    assert data(written(tmp_path, b"w" * 1000), 100) == [b"w" * 1000 + b"\n"]
    with pytest.raises(
        CorpusError, match=r"0\.txt has [\d,]+ bytes without whitespace, from byte 2 on: .* spaces"
    ):
        data(written(tmp_path, b"a " + b"w" * 5000), 100)


def test_the_end_of_a_file_ends_its_last_line(tmp_path: Path) -> None:
    assert data(written(tmp_path, b"one", b"two ", b"three\n"), 100) == [b"one\ntwo \nthree\n"]
    assert data(written(tmp_path, b"one two "), 4) == [b"one ", b"two ", b"\n"]


def test_small_files_share_a_block(tmp_path: Path) -> None:
    assert data(written(tmp_path, b"one\n", b"two\n", b"three\n"), 8) == [b"one\ntwo\n", b"three\n"]


def test_empty_files_give_no_blocks(tmp_path: Path) -> None:
    assert data(written(tmp_path, b"", b"\xef\xbb\xbf"), 8) == []


def test_a_byte_order_mark_is_left_out_at_the_start_of_each_file(tmp_path: Path) -> None:
    assert data(written(tmp_path, b"\xef\xbb\xbfa\n", b"\xef\xbb\xbfb \xef\xbb\xbfc"), 100) == [
        b"a\nb \xef\xbb\xbfc\n"
    ]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_with_its_remedy(encoding: str, tmp_path: Path) -> None:
    with pytest.raises(
        CorpusError, match=r"0\.txt begins with the byte order mark of UTF-16, .*--encoding utf-16"
    ):
        data(written(tmp_path, "\ufeffword".encode(encoding)), 100)


def test_a_zip_archive_is_refused_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"is not text, but a zip archive; .*unzip -p"):
        data(written(tmp_path, b"PK\x03\x04..."), 100)


def test_places_are_counted_from_the_start_of_the_file(tmp_path: Path) -> None:
    files = written(tmp_path, b"one\n", b"\xef\xbb\xbftwo three four\nfive\nsix\n")
    pieces = [piece for block in read_blocks(files, 6) for piece in block.pieces]
    assert [(piece.data, piece.first_byte, piece.first_line) for piece in pieces] == [
        (b"one\n", 0, 1),
        (b"two ", 3, 1),
        (b"three ", 7, 1),
        (b"four\n", 13, 1),
        (b"five\n", 18, 2),
        (b"six\n", 23, 3),
    ]
    assert Piece("a.txt", b"b\nc\n", 18, 2, 22).locate(2) == (3, 20)


def test_progress_is_the_bytes_read_of_all_files(tmp_path: Path) -> None:
    files = written(tmp_path, b"one\n" * 500, gzip.compress(b"two\n" * 500), b"three\n" * 500)
    seen = [block.bytes_read for block in read_blocks(files, 1000)]
    assert seen == sorted(seen)
    assert seen[-1] == sum(Path(file).stat().st_size for file in files)


def test_a_block_of_one_piece_is_not_a_copy() -> None:
    piece = Piece("a.txt", b"one two\n", 0, 1, 8)
    assert Block((piece,), 8).data is piece.data
