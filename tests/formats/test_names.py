from pathlib import Path

import pytest

from wordvec.errors import ConfigError
from wordvec.formats.detect import MAPPERS, READERS, WRITERS
from wordvec.formats.names import BY_SUFFIX, EXPORTS, NAMES, WITH_COUNTS, format_of
from wordvec.storage.own_files import FOLDERS, MARKS


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
        ("a.kv", "gensim"),
        ("a.onnx", "onnx"),
    ],
)
def test_the_ending_says_the_format(path, expected):
    assert format_of(Path(path)) == expected


@pytest.mark.parametrize("name", [*NAMES, *EXPORTS])
def test_a_named_format_beats_the_ending(name):
    assert format_of(Path("a.bin"), name) == name


def test_each_format_can_be_read_and_written_and_each_export_written():
    assert tuple(READERS) == NAMES
    assert tuple(WRITERS) == (*NAMES, *EXPORTS)


def test_what_is_said_of_formats_is_of_those_that_there_are():
    for named in (BY_SUFFIX.values(), FOLDERS, MARKS, WITH_COUNTS, MAPPERS):
        assert set(named) <= {*NAMES, *EXPORTS}
    assert {*FOLDERS, *MARKS} >= set(EXPORTS)  # so that an older export may be replaced


def test_unknown_formats_are_refused_with_the_known_ones():
    with pytest.raises(
        ConfigError, match=r"one of native, word2vec-binary, word2vec-text, glove, .*onnx, got 'pickle'"
    ):
        format_of(Path("a.bin"), "pickle")


@pytest.mark.parametrize("name", [None, "word2vec-text"])
@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz", "zst"])
def test_compressed_files_are_not_written(suffix, name):
    with pytest.raises(ConfigError, match=rf"leave out \.{suffix} and run"):
        format_of(Path(f"a.txt.{suffix}"), name)
