from pathlib import Path

import pytest

from wordvec.errors import ConfigError, FormatError
from wordvec.visualization.picture_files import (
    PAGE_BEGINNING,
    check_picture_target,
    check_plot_target,
    picture_format,
    plot_format,
)


@pytest.mark.parametrize(
    ("name", "expected"), [("a.png", "png"), ("dir.pdf/b.SVG", "svg"), ("a.tar.pdf", "pdf")]
)
def test_the_ending_says_the_kind(name, expected):
    assert picture_format(Path(name)) == expected


@pytest.mark.parametrize("name", ["map.html", "map.jpeg", "map", "png", ".png"])
def test_other_endings_are_refused_with_the_allowed_ones(name):
    with pytest.raises(ConfigError, match=rf"must end in one of \.png, \.svg, \.pdf; got {name}$"):
        check_picture_target(Path(name))


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n...", b"%PDF-1.4", b"<?xml version", b"<svg>"])
def test_a_picture_or_an_empty_file_may_be_replaced(tmp_path, content):
    (tmp_path / "map.png").write_bytes(content)
    check_picture_target(tmp_path / "map.png")
    check_picture_target(tmp_path / "new" / "map.png")


def test_what_is_no_picture_is_not_touched(tmp_path):
    (tmp_path / "notes.png").write_bytes(b"mine")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(
        FormatError, match=r"notes.png is a file of something other than a picture; it was not touched"
    ):
        check_picture_target(tmp_path / "notes.png")
    with pytest.raises(
        FormatError, match=r"folder.png is a folder; it was not touched: choose another place"
    ):
        check_picture_target(tmp_path / "folder.png")


@pytest.mark.parametrize(
    ("name", "expected"), [("a.png", "png"), ("b.SVG", "svg"), ("c.pdf", "pdf"), ("d.Html", "html")]
)
def test_a_plot_may_be_a_page_too(name, expected):
    assert plot_format(Path(name)) == expected


@pytest.mark.parametrize("name", ["losses.htm", "losses.jpeg", "losses", ".html"])
def test_other_endings_of_plots_are_refused_with_the_allowed_ones(name):
    with pytest.raises(ConfigError, match=rf"must end in one of \.png, \.svg, \.pdf, \.html; got {name}$"):
        check_plot_target(Path(name))


@pytest.mark.parametrize("content", [b"<!doctype html>\n<p>mine", b"<html>", b"mine"])
def test_a_page_of_someone_else_is_not_touched(tmp_path, content):
    (tmp_path / "index.html").write_bytes(content)
    with pytest.raises(
        FormatError, match=r"index.html is a file of something other than a plot; it was not touched"
    ):
        check_plot_target(tmp_path / "index.html")
    (tmp_path / "index.html").write_bytes(PAGE_BEGINNING.encode())
    check_plot_target(tmp_path / "index.html")


def test_a_plot_does_not_replace_a_folder(tmp_path):
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(FormatError, match=r"folder.html is a folder; it was not touched: .* for the plot"):
        check_plot_target(tmp_path / "folder.html")
