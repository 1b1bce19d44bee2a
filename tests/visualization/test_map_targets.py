from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wordvec.errors import ConfigError, FormatError
from wordvec.visualization.output_kinds import PAGE_BEGINNING, check_map_target, map_format


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.png", "png"), ("dir.pdf/b.SVG", "svg"), ("a.html", "html"), ("a.tar.parquet", "parquet")],
)
def test_the_ending_says_the_kind(name, expected):
    assert map_format(Path(name)) == expected


@pytest.mark.parametrize("name", ["map.htm", "map.jpeg", "map", "png", ".png"])
def test_other_endings_are_refused_with_the_allowed_ones(name):
    with pytest.raises(
        ConfigError, match=rf"one of \.png, \.svg, \.pdf, \.html, \.parquet, \.projector; got {name}$"
    ):
        check_map_target(Path(name))


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n...", b"%PDF-1.4", b"<?xml version", b"<svg>", PAGE_BEGINNING.encode()],
)
def test_a_map_or_an_empty_file_may_be_replaced(tmp_path, content):
    (tmp_path / "map.png").write_bytes(content)
    check_map_target(tmp_path / "map.png")
    check_map_target(tmp_path / "new" / "map.png")


@pytest.mark.parametrize("content", [b"mine", b"<!doctype html>\n<p>mine", b"PAR1 not really"])
def test_what_is_not_a_map_is_not_touched(tmp_path, content):
    (tmp_path / "notes.html").write_bytes(content)
    with pytest.raises(FormatError, match=r"notes.html is a file of something other than a map; it was not"):
        check_map_target(tmp_path / "notes.html")


def test_a_corpus_in_parquet_is_not_taken_for_a_map(tmp_path):
    pq.write_table(pa.table({"text": ["years of work"]}), tmp_path / "corpus.parquet")
    with pytest.raises(FormatError, match=r"corpus.parquet is a file of something other than a map"):
        check_map_target(tmp_path / "corpus.parquet")


def test_a_folder_is_replaced_only_by_the_projector_and_only_if_it_is_one(tmp_path):
    folder = tmp_path / "words.projector"
    folder.mkdir()
    for name in ("tensors.tsv", "metadata.tsv", "projector_config.pbtxt"):
        (folder / name).touch()
    check_map_target(folder)
    (folder / "thesis.tex").touch()
    with pytest.raises(FormatError, match=r"a folder with something other than a map in it \(thesis.tex\)"):
        check_map_target(folder)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(
        FormatError, match=r"folder.png is a folder; it was not touched: choose another place"
    ):
        check_map_target(tmp_path / "folder.png")
    (tmp_path / "file.projector").touch()
    with pytest.raises(FormatError, match=r"file.projector is a file, and the projector's files need a"):
        check_map_target(tmp_path / "file.projector")
