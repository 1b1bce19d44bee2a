import numpy as np

from wordvec.vectors import top_k as top_k_module
from wordvec.vectors.directions import Queries, unit_rows
from wordvec.vectors.top_k import cosines_with, nearer_rows, top_k
from wordvec.vocabulary.vocabulary import NO_ID


def nearer(unit, row, other):
    return nearer_rows(unit, Queries(np.array([row, other]), unit[[row, other]]))


def test_nearer_rows_are_those_that_stand_before_it_among_the_neighbors(monkeypatch):
    monkeypatch.setattr(top_k_module, "ROWS_PER_BLOCK", 7)
    unit = unit_rows(np.random.default_rng(3).normal(size=(41, 5)))
    order = top_k(unit, unit[11:12], k=40, exclude=[[11]]).ids[0].tolist()
    for place, other in enumerate(order):
        assert nearer(unit, 11, other)[0].tolist() == order[:place]


def test_a_word_is_nearest_to_itself_and_twins_are_not_nearer_than_each_other():
    unit = unit_rows(np.array([[1.0, 2.0], [2.0, 4.0], [0.5, 1.0], [-1.0, 0.3]]))
    assert nearer(unit, 0, 0)[0].tolist() == []
    assert nearer(unit, 0, 2)[0].tolist() == []
    assert nearer(unit, 0, 3)[0].tolist() == [1, 2]


def test_equal_rows_have_equal_cosines_in_any_block(monkeypatch):
    matrix = np.random.default_rng(4).normal(size=(50, 33))
    matrix[[13, 49]] = matrix[2]
    unit = unit_rows(matrix)
    whole = cosines_with(unit, unit[7])
    assert whole[2] == whole[13] == whole[49]
    monkeypatch.setattr(top_k_module, "ROWS_PER_BLOCK", 6)
    assert cosines_with(unit, unit[7]).tolist() == whole.tolist()


def test_a_vector_without_a_row_is_compared_as_its_twin_is():
    unit = unit_rows(np.random.default_rng(3).normal(size=(41, 5)))
    for other in range(41):
        rows, cosines = nearer_rows(unit, Queries(np.array([11, NO_ID]), unit[[11, other]]))
        assert rows.tolist() == nearer(unit, 11, other)[0].tolist()
        assert cosines.tolist() == nearer(unit, 11, other)[1].tolist()
