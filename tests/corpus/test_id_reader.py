from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from wordvec.corpus import encoded
from wordvec.corpus.encoded import IdReader
from wordvec.errors import CorpusError

NUM_POSITIONS = 100_003


def reader_of(path: Path) -> IdReader:
    return IdReader(path, min_id=-2, max_id=NUM_POSITIONS - 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ids.int32"
    np.arange(NUM_POSITIONS, dtype=np.int32).tofile(path)
    return path


@pytest.fixture(params=["held open", "opened for each read"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """As on most systems, or as on Windows."""
    if request.param == "opened for each read":
        monkeypatch.setattr(encoded, "_CAN_STAY_OPEN", False)
    return str(request.param)


@pytest.mark.parametrize(("start", "stop"), [(0, NUM_POSITIONS), (3, 5), (99_999, NUM_POSITIONS), (7, 7)])
def test_a_window_holds_the_positions_asked_for(start: int, stop: int, path: Path, way: str) -> None:
    assert reader_of(path).read(start, stop).tolist() == list(range(start, stop))


def test_threads_read_at_the_same_time_without_disturbing_each_other(path: Path, way: str) -> None:
    reader = reader_of(path)
    with ThreadPoolExecutor(8) as pool:
        windows = list(pool.map(lambda start: reader.read(start, start + 7), range(0, 50_000, 13)))
    assert [window.tolist() for window in windows] == [[*range(s, s + 7)] for s in range(0, 50_000, 13)]


def test_a_read_that_the_system_cuts_into_parts_is_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pread = os.pread
    monkeypatch.setattr(os, "pread", lambda file, size, place: pread(file, min(size, 1001), place))
    assert reader_of(path).read(5, 9000).tolist() == list(range(5, 9000))


def test_a_file_that_was_removed_can_still_be_read(path: Path) -> None:
    reader = reader_of(path)
    path.unlink()
    assert reader.read(70_000, 70_003).tolist() == [70_000, 70_001, 70_002]


def test_a_file_cut_short_is_an_error_and_not_the_end_of_the_process(path: Path, way: str) -> None:
    reader = reader_of(path)
    before = reader.read(50_000, 60_000)
    os.truncate(path, 4 * 55_000)
    message = r"ids\.int32 is lost: bytes 220,000 to 240,000 are missing; .*--temporary-folder"
    with pytest.raises(CorpusError, match=message):
        reader.read(50_000, 60_000)
    assert before.sum() == np.arange(50_000, 60_000).sum()
    assert len(reader.read(0, 55_000)) == 55_000


def test_a_failing_disk_is_an_error_and_not_the_end_of_the_process(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: int) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    reader = reader_of(path)
    monkeypatch.setattr(os, "pread", fail)
    with pytest.raises(CorpusError, match=r"ids\.int32 is lost: Input/output error"):
        reader.read(0, 1)


def test_a_file_that_is_not_there_is_refused(path: Path, way: str) -> None:
    path.unlink()
    with pytest.raises(CorpusError, match=r"ids\.int32 is lost: No such file or directory"):
        reader_of(path).read(0, 1)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_the_file_is_closed_when_nobody_reads_it_any_more(path: Path) -> None:
    def is_open() -> bool:
        links = (Path("/proc/self/fd") / name for name in os.listdir("/proc/self/fd"))  # noqa: PTH208
        return str(path) in [os.readlink(link) for link in links if link.is_symlink()]  # noqa: PTH115

    reader = reader_of(path)
    assert is_open()
    del reader
    assert not is_open()


@pytest.mark.parametrize("position", [40_000, 45_678, 49_999], ids=["first", "inside", "last"])
@pytest.mark.parametrize("strange", [-3, NUM_POSITIONS, 2**31 - 1, -(2**31)])
def test_an_id_that_was_never_written_is_refused_with_its_place(
    position: int, strange: int, path: Path, way: str
) -> None:
    reader = reader_of(path)
    with path.open("r+b") as file:
        file.seek(4 * position)
        file.write(np.int32(strange).tobytes())
    message = (
        rf"ids\.int32 is lost: at position {position:,} it has the id {strange:,}, and all that were written"
    )
    with pytest.raises(CorpusError, match=message):
        reader.read(40_000, 50_000)
    assert len(reader.read(0, 40_000)) == 40_000  # what is whole can be read


def test_the_smallest_and_the_largest_id_are_read(tmp_path: Path) -> None:
    np.array([-2, -1, 0, 9], dtype=np.int32).tofile(tmp_path / "few.int32")
    assert IdReader(tmp_path / "few.int32", min_id=-2, max_id=9).read(0, 4).tolist() == [-2, -1, 0, 9]
