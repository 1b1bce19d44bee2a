from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from wordvec.corpus.sources import are_paths, describe, find_files
from wordvec.errors import CorpusError


@pytest.fixture
def library(tmp_path: Path) -> Path:
    for name in ["b.txt", "a/z.txt", "a/deep/y.txt.gz", ".hidden", ".git/config", "a/.cache/x.txt"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("words")
    return tmp_path


def names(files: list[str], folder: Path) -> list[str]:
    return [str(Path(file).relative_to(folder)) for file in files]


def test_a_folder_is_all_files_below_it_sorted_without_hidden_ones(library: Path) -> None:
    assert names(find_files(library), library) == ["a/deep/y.txt.gz", "a/z.txt", "b.txt"]


def test_a_pattern_is_the_files_that_match_sorted(library: Path) -> None:
    assert names(find_files(f"{library}/**/*.txt"), library) == ["a/z.txt", "b.txt"]


def test_a_pattern_that_matches_a_folder_takes_the_files_below_it(library: Path) -> None:
    assert names(find_files(f"{library}/*"), library) == ["a/deep/y.txt.gz", "a/z.txt", "b.txt"]


def test_several_paths_are_read_in_the_order_given(library: Path) -> None:
    assert names(find_files([library / "b.txt", library / "a"]), library) == [
        "b.txt",
        "a/deep/y.txt.gz",
        "a/z.txt",
    ]


def test_a_hidden_file_is_read_if_named(library: Path) -> None:
    assert names(find_files(library / ".hidden"), library) == [".hidden"]


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "[1999] news.txt"
    path.write_text("words")
    assert find_files(str(path)) == [str(path)]


def test_a_home_folder_is_found(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(library))
    assert names(find_files("~/b.txt"), library) == ["b.txt"]


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no file .*lost\.txt; check the path"):
        find_files(tmp_path / "lost.txt")


def test_a_pattern_without_matches_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no file matches the pattern .*\*\.txt"):
        find_files(f"{tmp_path}/*.txt")


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".hidden").write_text("words")
    with pytest.raises(CorpusError, match="holds no files"):
        find_files(tmp_path)


def test_a_folder_that_may_not_be_read_is_refused(open_folder: Path, an_ordinary_user: Any) -> None:
    locked = open_folder / "locked"
    locked.mkdir(mode=0o000)
    with an_ordinary_user(), pytest.raises(CorpusError, match=r"cannot read the folder .*locked: Permission"):
        find_files(open_folder)


def test_a_file_in_a_closed_folder_is_not_called_missing(open_folder: Path, an_ordinary_user: Any) -> None:
    (open_folder / "locked").mkdir()
    (open_folder / "locked" / "corpus.txt").write_text("words")
    (open_folder / "locked").chmod(0o600)
    with (
        an_ordinary_user(),
        pytest.raises(
            CorpusError, match=r"cannot look for .*corpus\.txt: permission denied; open the folders"
        ),
    ):
        find_files(open_folder / "locked" / "corpus.txt")


def test_a_pipe_a_socket_or_a_device_is_read_only_if_named(library: Path) -> None:
    os.mkfifo(library / "pipe")
    (library / "null").symlink_to("/dev/null")
    (library / "lost").symlink_to("nowhere")  # opening it will say so
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(library / "socket"))
    assert names(find_files(library), library) == ["a/deep/y.txt.gz", "a/z.txt", "b.txt", "lost"]
    assert find_files(library / "pipe") == [str(library / "pipe")]


@pytest.mark.parametrize("text", ["cat " * 5000, "the cat\0sat"], ids=["long", "with a NUL byte"])
def test_a_text_given_as_a_path_is_no_file(text: str) -> None:
    with pytest.raises(CorpusError, match="there is no file"):
        find_files([text])


def test_texts_given_as_strings_are_told_from_paths_in_the_message() -> None:
    with pytest.raises(CorpusError, match=r"if these are texts, .*text\.split\(\)"):
        find_files(["the cat sat", "on the mat"])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a.txt", True),
        (Path("a.txt"), True),
        (["a.txt", Path("b.txt")], True),
        (("a.txt",), True),
        ([["a", "b"]], False),
        ([], False),
        (iter(["a.txt"]), False),
    ],
    ids=["str", "path", "list of paths", "tuple", "token lists", "empty list", "iterator"],
)
def test_only_paths_and_lists_of_paths_are_paths(source: object, expected: bool) -> None:
    assert are_paths(source) is expected


def test_a_source_is_described_in_a_few_words() -> None:
    assert describe(["-", "b.txt", "c.txt"]) == "standard input and 2 more"
