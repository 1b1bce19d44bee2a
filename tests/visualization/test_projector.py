import csv
import os
import re
import sys

import numpy as np
import pytest

from wordvec.visualization.map_files import CONFIG, METADATA, TENSORS, write_projector

# What would break a line, a column, a label or a reader of quotes; 13 vectors must have 13 labels.
WORDS = [
    "a",
    "",
    " ",
    "two words",
    "tab\there",
    "line\nend",
    "\r",
    '"quoted',
    "\u2028",
    "\xa0",
    "\x00",
    "東京",
    "b",
]
MATRIX = np.random.default_rng(1).normal(size=(13, 5)).astype(np.float32)


def lines(path):
    return path.read_bytes().decode().removesuffix("\n").split("\n")  # as JavaScript splits


def test_vectors_read_back_exactly(tmp_path):
    write_projector(WORDS, MATRIX, tmp_path)
    read = np.array([line.split("\t") for line in lines(tmp_path / TENSORS)], dtype=np.float32)
    assert (read == MATRIX).all()


def test_words_alone_have_no_first_line_with_names(tmp_path):
    write_projector(WORDS, MATRIX, tmp_path)
    labels = lines(tmp_path / METADATA)
    assert len(labels) == 13
    assert all(label.strip() for label in labels)
    assert (labels[0], labels[3], labels[4], labels[7], labels[11]) == (
        "a",
        "two words",
        "tab\\there",
        '"quoted',
        "東京",
    )


@pytest.mark.parametrize(
    "number", ["007", "-0", "1e3", "3.10", "1.", ".5", "+1", "0x1F", "7 ", "12345678901234567890"]
)
def test_a_number_that_javascript_writes_otherwise_is_in_quotes(tmp_path, number):
    write_projector([number, "b"], MATRIX[:2], tmp_path)
    assert lines(tmp_path / METADATA) == [f"'{number}'", "b"]


@pytest.mark.parametrize(
    "word", ["0", "7", "2024", "-1", "3.14", "0.5", "-0.05", "1,000", "v2", "nan", "x1f", "e3"]
)
def test_other_numbers_and_words_stand_as_they_are(tmp_path, word):
    write_projector([word, "b"], MATRIX[:2], tmp_path)
    assert lines(tmp_path / METADATA) == [word, "b"]


@pytest.mark.parametrize("letter", ["a", "0"])
def test_a_word_without_end_is_cut(tmp_path, letter):
    write_projector([letter * 100_000, "b"], MATRIX[:2], tmp_path)
    assert [len(line) for line in lines(tmp_path / METADATA)] == [1_000, 1]


def test_the_configuration_names_both_files_for_tensorboard(tmp_path):
    write_projector(WORDS, MATRIX, tmp_path)
    config = (tmp_path / CONFIG).read_text(encoding="utf-8")
    assert re.fullmatch(
        r'embeddings \{\n  tensor_name: "words"\n  tensor_path: "(.+)"\n  metadata_path: "(.+)"\n\}\n', config
    ).groups() == (TENSORS, METADATA)


def test_words_with_counts_have_one(tmp_path):
    write_projector(WORDS, MATRIX, tmp_path, counts=np.arange(13, 0, -1))
    with (tmp_path / METADATA).open(encoding="utf-8", newline="\n") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert rows[0] == ["word", "count"]
    assert [len(row) for row in rows] == [2] * 14
    assert [int(count) for _, count in rows[1:]] == list(range(13, 0, -1))


@pytest.mark.parametrize("counts", [None, np.ones(13, dtype=np.int64)], ids=["alone", "with counts"])
def test_nothing_but_its_three_files_is_written(tmp_path, counts):
    write_projector(WORDS, MATRIX, tmp_path, counts=counts)
    assert sorted(path.name for path in tmp_path.iterdir()) == [METADATA, CONFIG, TENSORS]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, names are Unicode")
def test_a_folder_whose_name_is_not_utf_8_takes_the_files(tmp_path):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    write_projector(WORDS, MATRIX, folder)
    assert len(lines(folder / TENSORS)) == len(lines(folder / METADATA)) == 13
