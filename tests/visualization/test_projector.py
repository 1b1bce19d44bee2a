import csv

import numpy as np
import pytest

from wordvec.visualization.projector import METADATA, TENSORS, write_projector

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


def test_words_with_counts_have_one(tmp_path):
    write_projector(WORDS, MATRIX, tmp_path, counts=np.arange(13, 0, -1))
    with (tmp_path / METADATA).open(encoding="utf-8", newline="\n") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert rows[0] == ["word", "count"]
    assert [len(row) for row in rows] == [2] * 14
    assert [int(count) for _, count in rows[1:]] == list(range(13, 0, -1))


@pytest.mark.parametrize("counts", [None, np.ones(13, dtype=np.int64)], ids=["alone", "with counts"])
def test_nothing_but_the_two_files_is_written(tmp_path, counts):
    write_projector(WORDS, MATRIX, tmp_path, counts=counts)
    assert sorted(path.name for path in tmp_path.iterdir()) == [METADATA, TENSORS]
