"""Scores on vectors whose right answers are planted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.scores import (
    Judgement,
    Question,
    analogy_scores,
    read_judgements,
    read_questions,
    similarity_scores,
    unit_rows,
)

WORDS = ["rome", "italy", "walked", "paris", "walk", "france", "swim", "swam", "tokyo"]


def planted_matrix() -> np.ndarray:
    """Countries are capitals plus one direction, past tenses are verbs plus another; lengths differ."""
    rows = dict(zip(WORDS, np.eye(len(WORDS), 12, dtype=np.float32), strict=True))
    rows["italy"] = rows["rome"] + np.eye(12, dtype=np.float32)[10]
    rows["france"] = rows["paris"] + np.eye(12, dtype=np.float32)[10]
    rows["walked"] = rows["walk"] + np.eye(12, dtype=np.float32)[11]
    rows["swam"] = rows["swim"] + np.eye(12, dtype=np.float32)[11]
    return np.stack([rows[word] * length for length, word in enumerate(WORDS, start=1)])


SEMANTIC = Question(False, ("rome", "italy", "paris", "france"))
SYNTACTIC = Question(True, ("walk", "walked", "swim", "swam"))
WRONG = Question(True, ("walk", "walked", "swim", "tokyo"))


def test_planted_analogies_are_solved_and_told_apart_by_kind():
    scores = analogy_scores(WORDS, planted_matrix(), [SEMANTIC, SYNTACTIC, WRONG])
    assert scores == {
        "analogies": pytest.approx(200 / 3),
        "analogies_semantic": 100,
        "analogies_syntactic": 50,
        "analogies_asked": 3,
    }


def test_a_word_of_the_question_is_never_its_answer():
    matrix = np.array([[1, 0], [1, 0.1], [0.9, 0.1], [0, 1]], dtype=np.float32)
    scores = analogy_scores(["a", "b", "c", "d"], matrix, [Question(False, ("a", "b", "c", "d"))])
    assert scores["analogies"] == 100


def test_questions_beyond_the_limit_are_not_asked():
    scores = analogy_scores(WORDS, planted_matrix(), [SEMANTIC, SYNTACTIC], limit=7)
    assert scores["analogies_asked"] == 1
    assert scores["analogies_syntactic"] is None


def test_answers_beyond_the_limit_are_not_given():
    words = [*WORDS, "stranger"]
    units = unit_rows(planted_matrix())
    rome, italy, paris = (units[WORDS.index(word)] for word in ("rome", "italy", "paris"))
    matrix = np.vstack([units, italy - rome + paris])
    assert analogy_scores(words, matrix, [SEMANTIC], limit=len(WORDS))["analogies"] == 100
    assert analogy_scores(words, matrix, [SEMANTIC])["analogies"] == 0


def test_more_questions_than_a_batch_keep_their_order():
    questions = [SEMANTIC, WRONG, SYNTACTIC] * 345
    scores = analogy_scores(WORDS, planted_matrix(), questions)
    assert scores["analogies"] == pytest.approx(200 / 3)
    assert scores["analogies_semantic"] == 100


def test_a_word_is_looked_up_as_written_and_then_in_lower_case():
    capitalised = Question(False, ("Rome", "Italy", "Paris", "France"))
    assert analogy_scores(WORDS, planted_matrix(), [capitalised])["analogies_asked"] == 1


def test_a_row_of_zeros_spoils_nothing():
    matrix = planted_matrix()
    matrix[WORDS.index("tokyo")] = 0
    assert analogy_scores(WORDS, matrix, [SEMANTIC])["analogies"] == 100


def test_similarity_is_the_rank_correlation_of_the_known_pairs():
    angles = np.radians([0, 10, 30, 80])
    matrix = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32) * 3
    words = ["a", "b", "c", "d"]
    judgements = [
        Judgement("a", "b", 9.0),
        Judgement("A", "c", 2.0),
        Judgement("a", "d", 3.0),
        Judgement("a", "unknown", 10.0),
    ]
    assert similarity_scores(words, matrix, judgements) == {
        "similarity": pytest.approx(50),  # ranks 3 2 1 against 3 1 2
        "similarity_pairs": 3,
    }


def test_nothing_to_compare_is_no_score():
    matrix = planted_matrix()
    assert similarity_scores(WORDS, matrix, [Judgement("rome", "paris", 5.0)])["similarity"] is None
    assert analogy_scores(WORDS, matrix, [])["analogies"] is None


def test_questions_know_their_kind_by_their_section(tmp_path: Path):
    file = tmp_path / "questions.txt"
    file.write_text(": capitals\nRome Italy Paris France\n: gram7-past-tense\nwalk walked swim swam\n")
    assert read_questions(file) == [Question(False, ("Rome", "Italy", "Paris", "France")), SYNTACTIC]


def test_judgements_skip_comments(tmp_path: Path):
    file = tmp_path / "pairs.tsv"
    file.write_text("# one\tother\thuman\nlove\tsex\t6.77\n")
    assert read_judgements(file) == [Judgement("love", "sex", 6.77)]
