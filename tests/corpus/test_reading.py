from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from wordvec.corpus.reading import read_tokens
from wordvec.corpus.sources import parse_source
from wordvec.errors import ConfigError, CorpusError


def written(folder: Path, text: bytes, name: str = "corpus.txt") -> Path:
    path = folder / name
    path.write_bytes(text)
    return path


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_blocks_come_in_order_for_any_number_of_threads(threads: int, tmp_path: Path) -> None:
    text = " ".join(str(number) for number in range(5000)).encode()
    blocks = list(read_tokens(parse_source(written(tmp_path, text)), threads=threads, block_bytes=64))
    assert len(blocks) > 100
    assert [word for block in blocks for word in block.words] == text.decode().split()


def test_threads_end_when_reading_is_given_up(tmp_path: Path) -> None:
    path = written(tmp_path, b"one two three\n" * 1000)
    with closing(read_tokens(parse_source(path), threads=3, block_bytes=64)) as blocks:
        next(blocks)
        assert any(thread.name.startswith("wordvec-reading") for thread in threading.enumerate())
    assert not any(thread.name.startswith("wordvec-reading") for thread in threading.enumerate())


def test_an_error_in_a_thread_is_raised_in_place(tmp_path: Path) -> None:
    path = written(tmp_path, b"fine\n" * 100 + b"\xff\n" + b"fine\n" * 100)
    with pytest.raises(CorpusError, match=r"line 101, at byte 500"):
        list(read_tokens(parse_source(path), threads=2, block_bytes=64))


@pytest.mark.parametrize("tokenizer", ["words", str.split], ids=["name", "function"])
def test_a_tokenizer_for_token_lists_is_refused(tokenizer: Any) -> None:
    with pytest.raises(ConfigError, match="tokenizer is for text from files"):
        read_tokens(parse_source([["a", "b"]]), tokenizer)


@pytest.mark.parametrize("source", ["corpus.txt", [["a"]]], ids=["text", "token lists"])
def test_an_unknown_tokenizer_is_refused(source: Any) -> None:
    with pytest.raises(ConfigError, match="tokenizer must be 'whitespace'"):
        read_tokens(parse_source(source), "sentences")


def test_open_files_are_refused_as_lines_of_text(tmp_path: Path) -> None:
    with written(tmp_path, b"a b\n").open() as file, pytest.raises(CorpusError, match="or give a path"):
        list(read_tokens(parse_source(file)))


def test_the_size_of_files_is_known_and_of_streams_is_not(tmp_path: Path) -> None:
    files = [
        written(tmp_path, b"one\n", "1.txt"),
        written(tmp_path, b"", "2.txt"),
        written(tmp_path, b"two", "3.txt"),
    ]
    assert parse_source(files).num_bytes == parse_source(tmp_path).num_bytes == 7
    assert parse_source([["a"]]).num_bytes is None
    assert parse_source([files[0], "-"]).num_bytes is None
