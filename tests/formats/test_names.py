from pathlib import Path

import pytest

from wordvec.errors import ConfigError
from wordvec.formats.detect import ROOMS
from wordvec.formats.names import NAMES, format_of


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.bin", "word2vec-binary"),
        ("a.txt", "word2vec-text"),
        ("a.vec", "word2vec-text"),
        ("a.wv", "native"),
        ("a", "native"),
        ("a.bin/b", "native"),
        ("a.300d", "native"),
    ],
)
def test_the_ending_says_the_format(path, expected):
    assert format_of(Path(path)) == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_named_format_beats_the_ending(name):
    assert format_of(Path("a.bin"), name) == name


def test_each_format_can_be_read_and_written():
    assert tuple(ROOMS) == NAMES


def test_unknown_formats_are_refused_with_the_known_ones():
    with pytest.raises(
        ConfigError, match="one of native, word2vec-binary, word2vec-text, glove, got 'pickle'"
    ):
        format_of(Path("a.bin"), "pickle")


def test_compressed_files_are_not_written():
    with pytest.raises(ConfigError, match=r"leave out \.gz"):
        format_of(Path("a.txt.gz"))
