import gzip
import os

import pytest

from wordvec.corpus.reading import read_sample as read_sample_of
from wordvec.corpus.sources import parse_source
from wordvec.errors import CorpusError

LINE = b"red green blue\n"


def read_sample(source, sample_bytes):
    return read_sample_of(parse_source(source), sample_bytes)


def write(folder, sizes, line=LINE):
    """Files of so many lines, each line with the number of its file."""
    for number, size in enumerate(sizes):
        (folder / f"{number:03}.txt").write_bytes(b"%03d %s" % (number, line) * size)
    return folder


def text_of(sample):
    return b"".join(block.data for block in sample.blocks)


def files_in(sample):
    return sorted({int(line[:3]) for line in text_of(sample).splitlines()})


def test_a_small_text_is_read_whole(tmp_path):
    sample = read_sample(write(tmp_path, [3, 0, 5]), sample_bytes=1000)
    assert (sample.share, sample.is_whole) == (1.0, True)
    assert sample.bytes_read == sample.bytes_total == 8 * 19
    assert text_of(sample) == b"000 red green blue\n" * 3 + b"002 red green blue\n" * 5


def test_a_text_of_just_the_size_is_whole(tmp_path):
    write(tmp_path, [10])
    assert read_sample(tmp_path, sample_bytes=190).is_whole
    assert not read_sample(tmp_path, sample_bytes=171).is_whole


def test_of_a_large_file_the_first_lines_are_read(tmp_path):
    sample = read_sample(write(tmp_path, [10_000]), sample_bytes=5_000)
    assert not sample.is_whole
    assert sample.share == sample.bytes_read / 190_000
    assert 4_500 < len(text_of(sample)) <= 5_000


def test_of_few_files_each_gives_as_much_as_it_can(tmp_path):
    sample = read_sample(write(tmp_path, [1000, 10, 1000]), sample_bytes=19 * 210)
    lines = [text_of(sample).count(b"%03d " % number) for number in range(3)]
    assert lines[1] == 10
    assert lines[0] == pytest.approx(100, abs=2)
    assert lines[2] == pytest.approx(100, abs=2)


def test_a_small_file_beside_a_large_one_does_not_make_the_sample_smaller(tmp_path):
    sample = read_sample(write(tmp_path, [1, 400]), sample_bytes=19 * 402)
    assert sample.is_whole


def test_many_small_files_are_all_read(tmp_path):
    assert files_in(read_sample(write(tmp_path, [2] * 50), sample_bytes=5_000)) == list(range(50))


def test_of_many_files_some_from_the_first_to_the_last_are_read(tmp_path):
    sample = read_sample(write(tmp_path, [100] * 64), sample_bytes=16 * 190)
    assert files_in(sample) == list(range(2, 64, 4))
    assert sample.share == pytest.approx(16 * 190 / (64 * 1900), rel=0.1)


def test_of_very_many_small_files_as_many_are_read_as_fit(tmp_path):
    sample = read_sample(write(tmp_path, [2] * 200), sample_bytes=50 * 38)
    assert len(files_in(sample)) == 50
    assert (sample.is_whole, sample.share) == (False, 0.25)


def test_large_files_count_for_more(tmp_path):
    sample = read_sample(write(tmp_path, [1] * 30 + [3_000] + [1] * 30), sample_bytes=2_000)
    assert files_in(sample) == [30]


def test_of_a_compressed_file_the_share_is_that_of_its_compressed_bytes(tmp_path):
    words = os.urandom(600_000).hex()  # packs to about a half
    lines = "\n".join(words[place : place + 20] for place in range(0, len(words), 20))
    (tmp_path / "corpus.txt.gz").write_bytes(gzip.compress(lines.encode()))
    sample = read_sample(tmp_path, sample_bytes=300_000)
    assert sample.bytes_total == (tmp_path / "corpus.txt.gz").stat().st_size
    assert sample.share == pytest.approx(len(text_of(sample)) / len(lines), rel=0.2)


def test_an_empty_file_is_a_whole_sample_of_nothing(tmp_path):
    sample = read_sample(write(tmp_path, [0]), sample_bytes=1000)
    assert (sample.share, sample.is_whole, sample.blocks) == (1.0, True, ())


@pytest.mark.parametrize(
    "source",
    ["-", ["-"], [["red", "green"]], iter([["red"]]), "/dev/stdin"],
    ids=["stdin", "stdin in a list", "lists", "iterator", "device"],
)
def test_what_can_be_read_only_once_is_left_alone(source):
    assert read_sample(source, sample_bytes=1000) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_even_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for a writer
    assert read_sample([tmp_path / "pipe"], sample_bytes=1000) is None


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="there is no file"):
        read_sample(tmp_path / "none.txt", sample_bytes=1000)


def test_a_file_that_is_not_text_is_refused(tmp_path):
    (tmp_path / "corpus.txt").write_bytes("red green".encode("utf-16"))
    with pytest.raises(CorpusError, match="UTF-16"):
        read_sample(tmp_path, sample_bytes=1000)
