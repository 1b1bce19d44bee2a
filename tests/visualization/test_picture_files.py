from pathlib import Path

import pytest

from wordvec.errors import ConfigError, FormatError
from wordvec.visualization.picture_files import check_picture_target, picture_format


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
