import numpy as np

from wordvec.vectors import analogy
from wordvec.vectors.analogy import cosines_with, nearer_rows
from wordvec.vectors.directions import unit_rows
from wordvec.vectors.top_k import top_k


def test_nearer_rows_are_those_that_stand_before_it_among_the_neighbors(monkeypatch):
    monkeypatch.setattr(analogy, "ROWS_PER_BLOCK", 7)
    unit = unit_rows(np.random.default_rng(3).normal(size=(41, 5)))
    order = top_k(unit, unit[11:12], k=40, exclude=[[11]]).ids[0].tolist()
    for place, other in enumerate(order):
        assert nearer_rows(unit, 11, other)[0].tolist() == order[:place]


def test_a_word_is_nearest_to_itself_and_twins_are_not_nearer_than_each_other():
    unit = unit_rows(np.array([[1.0, 2.0], [2.0, 4.0], [0.5, 1.0], [-1.0, 0.3]]))
    assert nearer_rows(unit, 0, 0)[0].tolist() == []
    assert nearer_rows(unit, 0, 2)[0].tolist() == []
    assert nearer_rows(unit, 0, 3)[0].tolist() == [1, 2]


def test_equal_rows_have_equal_cosines_in_any_block(monkeypatch):
    matrix = np.random.default_rng(4).normal(size=(50, 33))
    matrix[[13, 49]] = matrix[2]
    unit = unit_rows(matrix)
    whole = cosines_with(unit, unit[7])
    assert whole[2] == whole[13] == whole[49]
    monkeypatch.setattr(analogy, "ROWS_PER_BLOCK", 6)
    assert cosines_with(unit, unit[7]).tolist() == whole.tolist()
