import numpy as np
import pytest

from wordvec.errors import ConfigError
from wordvec.vectors import analogy
from wordvec.vectors.analogy import Questions, best_analogies, combine
from wordvec.vectors.directions import unit_rows

UNIT = unit_rows(np.random.default_rng(8).normal(size=(37, 6)))
QUESTIONS = np.array([[5, 2, 36], [1, 1, 3], [0, 7, 12]])


def asked(unit, ids):
    return Questions(ids, unit[ids])


def plain(question, method, search_limit=None):
    """Equations 3 and 4 of Levy and Goldberg (2014), word by word, in float64."""
    unit = UNIT.astype(np.float64)
    scores = []
    for row in range(len(unit[:search_limit])):
        a, b, c = (float(unit[row] @ unit[word]) for word in question)
        if method == "add":
            scores.append(b - a + c)
        else:
            scores.append((1 + b) / 2 * ((1 + c) / 2) / ((1 + a) / 2 + 0.001))
    ranked = sorted((-score, row) for row, score in enumerate(scores) if row not in question)
    return [row for _, row in ranked], [-score for score, _ in ranked]


@pytest.mark.parametrize("method", ["add", "mul"])
@pytest.mark.parametrize("search_limit", [None, 9])
def test_answers_are_those_of_the_paper_s_formula(method, search_limit, monkeypatch):
    monkeypatch.setattr(analogy, "ROWS_PER_BLOCK", 5)
    monkeypatch.setattr(analogy, "SCORES_PER_BLOCK", 50)
    found = best_analogies(UNIT, asked(UNIT, QUESTIONS), 4, method, search_limit)
    for number, question in enumerate(QUESTIONS.tolist()):
        rows, scores = plain(question, method, search_limit)
        assert found.ids[number].tolist() == rows[:4]
        if method == "mul":
            assert found.scores[number].tolist() == pytest.approx(scores[:4], rel=1e-6)


def test_scores_of_sums_are_cosines():
    a, b, c = UNIT[[5, 2, 36]]
    found = best_analogies(UNIT, asked(UNIT, QUESTIONS[:1]), 1, "add")
    query = b - a + c
    assert found.scores[0, 0] == pytest.approx(
        UNIT[found.ids[0, 0]] @ query / np.linalg.norm(query), abs=1e-6
    )


def test_an_opposite_of_a_does_not_divide_by_zero():
    unit = np.array([[1, 0], [-1, 0], [0.6, 0.8]], np.float32)
    found = best_analogies(unit, asked(unit, np.array([[0, 2, 2]])), 3, "mul")
    assert found.ids.tolist() == [[1, -1, -1]]
    assert found.scores[0, 0] == pytest.approx(0.2**2 / 0.001)


def test_float32_stays_float32():
    ones = np.ones((2, 3), np.float32)
    assert combine(ones, ones, ones, "add").dtype == combine(ones, ones, ones, "mul").dtype == np.float32


def test_equal_words_answer_in_the_order_of_their_rows():
    unit = unit_rows(np.array([[1, 0, 0.2], [0, 1, 0], [0.4, 0.5, 0], [1, 1, 1], [1, 1, 1], [1, 1, 1]]))
    for method in ("add", "mul"):
        found = best_analogies(unit, asked(unit, np.array([[0, 1, 2]])), 2, method)
        assert found.ids.tolist() == [[3, 4]]


@pytest.mark.parametrize("method", ["add", "mul"])
@pytest.mark.parametrize(
    ("settings", "message"), [({"k": 0}, "k must be"), ({"k": 1, "search_limit": 0}, "search_limit must be")]
)
def test_what_has_no_answer_is_refused(method, settings, message):
    with pytest.raises(ConfigError, match=message):
        best_analogies(UNIT, asked(UNIT, QUESTIONS), method=method, **settings)


def test_an_unknown_method_is_refused_by_name():
    with pytest.raises(ConfigError, match=r"'add' .* or 'mul' .*, got 'cosmul'"):
        best_analogies(UNIT, asked(UNIT, QUESTIONS), 1, "cosmul")
