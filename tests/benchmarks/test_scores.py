"""Scores in percent, by kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.scores import analogies_in, analogy_scores, judgments_in, similarity_scores

WORDS = ["rome", "italy", "paris", "france", "walk", "walked", "swim", "swam"]
MATRIX = np.eye(8, 10, dtype=np.float32)
for base, derived, direction in ((0, 1, 8), (2, 3, 8), (4, 5, 9), (6, 7, 9)):
    MATRIX[derived] = MATRIX[base] + np.eye(10, dtype=np.float32)[direction]


def test_sections_that_begin_with_gram_are_syntactic(tmp_path: Path):
    file = tmp_path / "questions.txt"
    file.write_text(
        ": capitals\nRome Italy Paris France\n: gram7-past-tense\nwalk walked swim swam\nwalk walked swim rome\n"
    )
    assert analogy_scores(WORDS, MATRIX, analogies_in(file)) == {
        "analogies": pytest.approx(200 / 3),
        "analogies_semantic": 100,
        "analogies_syntactic": 50,
        "analogies_asked": 3,
    }


def test_what_cannot_be_asked_has_no_score(tmp_path: Path):
    file = tmp_path / "questions.txt"
    file.write_text(": capitals\nRome Italy Oslo Norway\n")
    found = analogy_scores(WORDS, MATRIX, analogies_in(file))
    assert found == {
        "analogies": None,
        "analogies_semantic": None,
        "analogies_syntactic": None,
        "analogies_asked": 0,
    }


def test_similarity_is_a_rank_correlation_times_100(tmp_path: Path):
    file = tmp_path / "pairs.tsv"
    file.write_text("# one\tother\thuman\nrome\titaly\t9\nrome\twalked\t1\nitaly\tfrance\t5\nrome\toslo\t7\n")
    assert similarity_scores(WORDS, MATRIX, judgments_in(file)) == {
        "similarity": pytest.approx(100),
        "similarity_pairs": 3,
    }
