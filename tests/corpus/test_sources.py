from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from wordvec.corpus.reading import read_tokens
from wordvec.corpus.sources import (
    FileSource,
    is_source_facts,
    options_from_facts,
    parse_source,
    source_from_facts,
)
from wordvec.errors import CorpusError


@pytest.fixture
def library(tmp_path: Path) -> Path:
    for name in ["b.txt", "a/z.txt", "a/deep/y.txt.gz", ".hidden", ".git/config", "a/.cache/x.txt"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("words")
    return tmp_path


def find_files(source: Any) -> list[str]:
    parsed = parse_source(source)
    assert isinstance(parsed, FileSource)
    return list(parsed.files)


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
    with pytest.raises(CorpusError, match="has no files"):
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
def test_a_text_given_as_a_path_is_not_a_file(text: str) -> None:
    with pytest.raises(CorpusError, match="there is no file"):
        find_files([text])


def test_texts_given_as_strings_are_distinguished_from_paths_in_the_message() -> None:
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
    assert isinstance(parse_source(source), FileSource) is expected


def test_a_source_is_described_in_a_few_words() -> None:
    assert parse_source(["-", "b.txt", "c.txt"]).description == "standard input and 2 more"


@pytest.mark.parametrize("source", [7, None], ids=["int", "none"])
def test_what_is_not_a_source_at_all_is_refused(source: Any) -> None:
    with pytest.raises(CorpusError, match=rf"give a path.*got {type(source).__name__}"):
        parse_source(source)


def test_a_source_that_is_parsed_already_stays_as_it_is() -> None:
    for source in (FileSource("a.csv", "text"), parse_source([["a", "b"]])):
        assert parse_source(source) is source


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("texts.txt", "texts.txt"),
        (Path("folder"), "folder"),
        ("./-", "-"),
        (["b*.txt", Path("a.txt")], ["b*.txt", "a.txt"]),
    ],
    ids=str,
)
def test_paths_are_kept_whole(source: Any, kept: Any) -> None:
    here = os.getcwd()  # noqa: PTH109
    whole = f"{here}/{kept}" if isinstance(kept, str) else [f"{here}/{name}" for name in kept]
    assert parse_source(source).facts() == whole


def test_the_home_folder_is_spelled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert parse_source("~/a.txt").facts() == "/home/ada/a.txt"


@pytest.mark.parametrize(
    "source", ["-", ["a.txt", "-"], [["a", "b"]], b"\xff.txt".decode(errors="surrogateescape")]
)
def test_what_cannot_be_found_again_by_name_is_not_kept(source: Any) -> None:
    assert parse_source(source).facts() is None


@pytest.mark.parametrize(
    "url", ["s3://bucket/a.parquet?region=eu-west-1", "hf://datasets/me/reviews@main/a.csv"]
)
def test_urls_are_kept_as_they_are(url: str) -> None:
    assert parse_source([url, "/a.txt"]).facts() == [url, "/a.txt"]


@pytest.mark.parametrize("url", ["s3://key:secret@bucket/a.csv", "https://host/a.csv?signature=5ecret"])
def test_urls_with_what_may_be_a_secret_are_not_kept(url: str) -> None:
    assert parse_source(url, column="text").facts() == {"paths": None, "column": "text", "input_format": None}


def test_what_was_said_of_files_is_kept_with_them() -> None:
    facts = parse_source(["/a.bin"], "text", "jsonl").facts()
    assert facts == {"paths": ["/a.bin"], "column": "text", "input_format": "jsonl"}
    facts_of_bytes = {"encoding": "cp1251", "errors": "ignore"}
    assert parse_source(["/a.bin"], "text", "jsonl", "cp1251", "ignore").facts() == facts | facts_of_bytes
    assert is_source_facts(facts | facts_of_bytes)
    assert parse_source("-", input_format="jsonl").facts() == {**facts, "paths": None, "column": None}


@pytest.mark.parametrize(
    ("source", "options"),
    [
        ("/a.txt", {}),
        (["/a.txt", "s3://bucket/b.txt"], {}),
        ("/a.csv", {"column": "text"}),
        (["/a.bin"], {"input_format": "jsonl", "encoding": "cp1251", "errors": "ignore"}),
    ],
    ids=str,
)
def test_facts_give_the_same_source_again(source: Any, options: dict[str, Any]) -> None:
    facts = parse_source(source, **options).facts()
    assert source_from_facts(facts) == parse_source(source, **options)
    assert parse_source(source, **options_from_facts(facts)) == parse_source(source, **options)


def test_what_has_no_path_gives_its_options_alone() -> None:
    facts = parse_source([{"text": "red green"}], column="text").facts()
    assert is_source_facts(facts)
    assert source_from_facts(facts) is None
    assert options_from_facts(facts) == {"column": "text", "input_format": None}


def test_a_source_does_not_look_for_files_before_they_are_asked_for() -> None:
    assert parse_source("no/such/file.txt").description == "no/such/file.txt"


def test_files_are_listed_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("red green")
    source = parse_source(tmp_path)
    assert isinstance(source, FileSource)
    assert (len(source.files), source.num_bytes) == (1, 9)
    (tmp_path / "b.txt").write_text("blue")
    assert (len(source.files), source.num_bytes) == (1, 9)
    assert [block.words for block in read_tokens(source)] == [["red", "green"]]
