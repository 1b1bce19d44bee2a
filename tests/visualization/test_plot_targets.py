from pathlib import Path

import pytest

from wordvec.errors import ConfigError, FormatError
from wordvec.visualization.output_kinds import (
    PAGE_BEGINNING,
    check_plot_target,
    plot_format,
)


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
