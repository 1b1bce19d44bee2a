"""Rows are brought to length 1 whatever their size, and checked in every block."""

import numpy as np
import pytest

from wordvec.vectors import checks
from wordvec.vectors.checks import first_non_finite_row
from wordvec.vectors.directions import unit_rows


@pytest.mark.parametrize("size", [3e38, 1e-45, 1e-30], ids=str)
def test_lengths_of_extreme_numbers_neither_overflow_nor_vanish(size):
    unit_vectors = unit_rows(np.array([[size, 0.0], [size, size]], dtype=np.float32))
    assert unit_vectors == pytest.approx(np.array([[1.0, 0.0], [0.5**0.5, 0.5**0.5]]))


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf], ids=str)
def test_the_first_row_that_is_not_finite_is_found_in_any_block(monkeypatch, broken):
    monkeypatch.setattr(checks, "ROWS_IN_CACHE", 5)
    matrix = np.zeros((23, 3))
    assert first_non_finite_row(matrix) is None
    matrix[[16, 21], 2] = broken
    assert first_non_finite_row(matrix) == 16


def test_finite_numbers_whose_sum_is_not_are_finite():
    assert first_non_finite_row(np.full((9, 40), 3e38, np.float32)) is None
    assert first_non_finite_row(np.array([[np.inf], [-np.inf]])) == 0
