from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from wordvec.corpus.byte_stream import FileState, check_unchanged, state_of
from wordvec.errors import CorpusError

TEXT = b"a few words\n" * 100


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_bytes(TEXT)
    return path


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more\n")


def shrink(path: Path) -> None:
    os.truncate(path, 17)


def rewrite(path: Path) -> None:
    modified_ns = path.stat().st_mtime_ns
    with path.open("r+b") as file:
        file.write(b"Z")
    if path.stat().st_mtime_ns == modified_ns:  # within one tick of a coarse clock
        os.utime(path, ns=(modified_ns, modified_ns + 1))


def write_again(path: Path) -> None:
    path.write_bytes(TEXT[:600])
    grow(path)


CHANGES = {
    grow: r"it grew from 1,200 to 1,205 bytes .*head -c 1200 FILE > COPY",
    shrink: r"it shrank from 1,200 to 17 bytes .*train on a copy: cp",
    rewrite: r"it was written to when 55 bytes were read; .*train on a copy: cp",
    write_again: r"it shrank from 1,200 to 605 bytes",
}


@pytest.mark.parametrize(("change", "message"), CHANGES.items(), ids=[change.__name__ for change in CHANGES])
def test_whoever_writes_to_an_open_file_is_noticed(
    change: Callable[[Path], None], message: str, path: Path
) -> None:
    with path.open("rb") as file:
        before = state_of(file)
        check_unchanged("app.log", before, state_of(file), bytes_read=55)
        change(path)
        with pytest.raises(CorpusError, match=rf"app\.log changed while it was read: {message}"):
            check_unchanged("app.log", before, state_of(file), bytes_read=55)


def remove(path: Path) -> None:
    path.unlink()


def rotate(path: Path) -> None:
    path.rename(path.with_name("app.log.1"))
    path.write_bytes(b"a new one")


def replace(path: Path) -> None:
    path.with_name("new").write_bytes(b"another text")
    path.with_name("new").replace(path)


@pytest.mark.parametrize("happening", [remove, rotate, replace])
def test_what_happens_to_the_name_does_not_matter(happening: Callable[[Path], None], path: Path) -> None:
    with path.open("rb") as file:
        before = state_of(file)
        happening(path)
        assert state_of(file) == before == FileState(len(TEXT), before.modified_ns if before else 0)
        assert file.read() == TEXT


def test_pipes_and_streams_without_a_file_have_no_state() -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as pipe, open(writing, "wb"):  # noqa: PTH123
        assert state_of(pipe) is None
    assert state_of(io.BytesIO(b"in memory")) is None
    check_unchanged("standard input", None, None, 0)
