from pathlib import Path

import pytest

from wordvec.errors import ConfigError
from wordvec.formats.detect import format_of
from wordvec.storage.format_table import EXPORTS, FORMATS, NAMES, function_of


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
        ("a.safetensors", "safetensors"),
        ("a.npz", "numpy"),
        ("a.parquet", "parquet"),
        ("a.onnx", "onnx"),
    ],
)
def test_the_ending_says_the_format(path, expected):
    assert format_of(Path(path)) == expected


@pytest.mark.parametrize("name", [*NAMES, *EXPORTS])
def test_a_named_format_beats_the_ending(name):
    assert format_of(Path("a.bin"), name) == name


@pytest.mark.parametrize("found", FORMATS.values(), ids=lambda found: found.name)
def test_the_functions_of_each_format_are_there_and_say_what_they_do(found):
    for place in filter(None, (found.writer, found.reader)):
        assert callable(function_of(place))
        assert function_of(place).__doc__
    assert found.reader or found.folder or found.mark  # so that an older export may be replaced


def test_unknown_formats_are_refused_with_the_known_ones():
    with pytest.raises(
        ConfigError,
        match=r"one of native, word2vec-binary, fasttext, word2vec-text, glove, .*onnx, got 'pickle'",
    ):
        format_of(Path("a.bin"), "pickle")


@pytest.mark.parametrize("name", [None, "word2vec-text"])
@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz", "zst"])
def test_compressed_files_are_not_written(suffix, name):
    with pytest.raises(ConfigError, match=rf"leave out \.{suffix} and run"):
        format_of(Path(f"a.txt.{suffix}"), name)
