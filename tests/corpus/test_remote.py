"""Remote files: read through fsspec and pyarrow, from memory, from this disk and from a server on this machine."""

from __future__ import annotations

import functools
import gzip
import http.server
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from tests.corpus.tables import TEXTS, WORDS, parquet, separated, texts_in, written

import wordvec
from wordvec.corpus import remote
from wordvec.corpus.byte_stream import file_bytes, has_secret
from wordvec.corpus.sources import FileSource
from wordvec.errors import CorpusError, MissingPackageError

fsspec = pytest.importorskip("fsspec")
MemoryFileSystem = fsspec.filesystem("memory").__class__


@pytest.fixture
def memory() -> Iterator[str]:
    """A folder in memory."""
    files = fsspec.filesystem("memory")
    for name, data in {
        "b.parquet": parquet(TEXTS),
        "a.parquet": parquet(["first"]),
        "more/c.parquet": parquet(["last"]),
        ".hidden/d.parquet": parquet(["hidden"]),
        ".e.parquet": b"hidden",
    }.items():
        files.pipe(f"/reviews/{name}", data)
    files.pipe("/lines.txt.gz", gzip.compress(b"to be\nor not\n"))
    yield "memory://reviews"
    files.rm("/", recursive=True)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Gives whole files only, as many servers do, and keeps quiet."""

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The URL of a server of the test's folder."""
    pytest.importorskip("aiohttp")
    handler = functools.partial(Handler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def test_a_remote_file_a_folder_and_a_pattern_are_read(memory: str) -> None:
    assert texts_in(f"{memory}/b.parquet") == WORDS
    assert texts_in(memory) == [["first"], *WORDS, ["last"]]
    assert FileSource(f"{memory}/*.parquet").files == (f"{memory}/a.parquet", f"{memory}/b.parquet")
    assert texts_in("memory://lines.txt.gz", None) == [["to", "be"], ["or", "not"]]
    assert file_bytes(f"{memory}/a.parquet") == len(parquet(["first"]))


def test_urls_and_paths_may_stand_side_by_side(memory: str, tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", separated(["here"]))
    assert texts_in([str(path), f"{memory}/a.parquet", path.as_uri()]) == [["here"], ["first"], ["here"]]


def test_a_server_that_gives_files_is_enough(server: str, tmp_path: Path) -> None:
    written(tmp_path, "a.csv", separated(TEXTS))
    written(tmp_path, "lines.txt.gz", gzip.compress(b"to be\nor not\n"))
    assert texts_in(f"{server}/a.csv?version=2") == WORDS
    assert texts_in(f"{server}/lines.txt.gz", None) == [["to", "be"], ["or", "not"]]


@pytest.mark.parametrize("name", ["nothing.parquet", "nothing/*.parquet", "nothing"])
def test_what_is_not_there_is_reported(name: str, memory: str) -> None:
    with pytest.raises(CorpusError, match=r"^there is no file memory://reviews/nothing.*; check the URL$"):
        texts_in(f"{memory}/{name}")


def test_a_pattern_that_nothing_matches_is_reported(memory: str) -> None:
    with pytest.raises(
        CorpusError, match=r"there is no file memory://reviews/\*\.csv; check the name, the folder or"
    ):
        texts_in(f"{memory}/*.csv")


def test_the_size_of_what_is_not_there_is_not_told(memory: str) -> None:
    with pytest.raises(CorpusError, match=r"^there is no file memory://reviews/nothing; check the URL$"):
        file_bytes(f"{memory}/nothing")


def test_what_a_server_does_not_have_is_reported(server: str) -> None:
    with pytest.raises(CorpusError, match=rf"^there is no file {server}/nothing\.csv; check the URL$"):
        texts_in(f"{server}/nothing.csv")


def test_what_goes_wrong_elsewhere_is_reported_in_a_line(server: str) -> None:
    with pytest.raises(
        CorpusError, match=r"^cannot read http://127.0.0.1:1/a.txt: Cannot connect to host .*; check"
    ):
        texts_in("http://127.0.0.1:1/a.txt", None)
    with pytest.raises(CorpusError, match=r"^cannot read nowhere://a: Protocol not known: nowhere; check"):
        texts_in("nowhere://a", None)


def test_secrets_in_urls_are_not_told(server: str) -> None:
    for url in ("http://me:secret@127.0.0.1:1/a.txt", "http://127.0.0.1:1/a.txt?signature=secret"):
        with pytest.raises(CorpusError, match=r"^cannot read http://127\.0\.0\.1:1/a\.txt: ") as refused:
            texts_in(url, None)
        assert "secret" not in str(refused.value)


def test_a_server_that_gives_no_parts_of_files_gives_long_ones_as_a_stream(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "_BLOCK_BYTES", 1000)
    written(tmp_path, "long.csv", separated(TEXTS * 500))
    written(tmp_path, "long.parquet", parquet(TEXTS * 500))
    assert texts_in(f"{server}/long.csv") == WORDS * 500
    with pytest.raises(CorpusError, match=r"long\.parquet can be read only from start to end, but Parquet"):
        texts_in(f"{server}/long.parquet")


@pytest.mark.parametrize("name", ["a.txt", "a.csv"])
def test_a_broken_url_is_refused_without_repeating_it(name: str) -> None:
    with pytest.raises(
        CorpusError, match=r"^http://\.\.\. is not a URL, as no host can have this name"
    ) as refused:
        texts_in(f"http://me:secret@[x/{name}", None)
    assert "secret" not in str(refused.value)
    assert has_secret(f"http://me:secret@[x/{name}")


@pytest.mark.slow
def test_s3_needs_no_other_package_and_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "s3://key:secret@bucket/a.txt?endpoint_override=127.0.0.1:1&scheme=http&region=none"
    with pytest.raises(
        CorpusError, match=r"^cannot read s3://bucket/a\.txt: OSError; check the URL, the network, and"
    ):
        texts_in(url, None)


def test_a_connection_that_breaks_off_is_reported(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise RuntimeError("the line\nis dead")

    monkeypatch.setattr(fsspec.implementations.memory.MemoryFile, "read", fail)
    with pytest.raises(CorpusError, match=r"cannot read memory://lines.txt.gz: the line is dead"):
        texts_in("memory://lines.txt.gz", None)


def test_packages_that_are_missing_are_named(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "adlfs", None)
    with pytest.raises(
        MissingPackageError, match=r"reading abfs://a/b needs a package: .*adlfs.*; pip install 'wordvec"
    ):
        texts_in("abfs://a/b", None)
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(
        MissingPackageError, match=r"reading s3://a/b needs fsspec: pip install 'wordvec\[remote\]'"
    ):
        texts_in("s3://a/b", None)


class CountingFileSystem(MemoryFileSystem):  # type: ignore[misc]
    """A store elsewhere that counts what it is asked."""

    protocol = "counting"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    calls: ClassVar[Counter[str]] = Counter()

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        stripped: str = super()._strip_protocol(path.removeprefix("counting://"))
        return stripped

    def find(self, path: str, **options: Any) -> Any:
        self.calls["find"] += 1
        return super().find(path, **options)

    def info(self, path: str, **options: Any) -> Any:
        self.calls["info"] += 1
        return super().info(path, **options)


@pytest.fixture
def counting() -> Iterator[str]:
    """A folder of three files in such a store."""
    fsspec.register_implementation("counting", CountingFileSystem, clobber=True)
    files = fsspec.filesystem("counting")
    for number in range(3):
        files.pipe(f"/texts/{number}.txt", b"red green blue\ngreen red\n" * 50)
    CountingFileSystem.calls.clear()
    yield "counting://texts"
    files.rm("/", recursive=True)


def test_a_run_lists_a_folder_elsewhere_once_and_asks_for_no_size(counting: str, tmp_path: Path) -> None:
    vectors = wordvec.train(
        counting, dim=4, epochs=1, threads=1, progress=False, checkpoint=tmp_path / "run.wv"
    )
    assert len(vectors) == 3
    calls = CountingFileSystem.calls
    assert calls["find"] == 1
    listed = 1  # whether the URL is of a file
    opened = 3  # each file once
    assert calls["info"] <= listed + opened
