"""Bootstrap: intervals cover what they should, and chance differences are not called differences."""

from __future__ import annotations

import numpy as np
import pytest

from wordvec.evaluation.scores import interval, paired_difference


def mean(items: np.ndarray) -> float | None:
    return float(items[:, 0].mean()) if len(items) else None


def test_an_interval_is_about_two_standard_errors_on_each_side() -> None:
    items = np.repeat([1.0, 0.0], [300, 100])[:, None]
    found = interval(items, mean)
    error = (0.75 * 0.25 / 400) ** 0.5
    assert found is not None
    assert found == pytest.approx((0.75 - 1.96 * error, 0.75 + 1.96 * error), abs=0.006)


def test_an_interval_is_the_same_each_time() -> None:
    items = np.random.default_rng(1).normal(size=(50, 1))
    assert interval(items, mean) == interval(items, mean)


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    rng = np.random.default_rng(2)
    found = [interval(rng.normal(size=(60, 1)), mean) for _ in range(50)]
    held = sum(low < 0 < high for low, high in filter(None, found))
    assert 42 <= held <= 50


def test_one_question_has_no_interval_and_no_difference() -> None:
    for items in (np.empty((0, 1)), np.ones((1, 1))):
        assert interval(items, mean) is None
        assert paired_difference(items, items, mean) is None


def test_a_score_that_no_draw_has_gets_no_interval() -> None:
    def nothing(_items: np.ndarray) -> None:
        return None

    assert interval(np.ones((5, 1)), nothing) is None
    assert paired_difference(np.ones((5, 1)), np.ones((5, 1)), nothing) is None


def test_pairs_show_what_two_intervals_hide() -> None:
    rng = np.random.default_rng(3)
    hard = rng.normal(size=(200, 1))  # how hard a question is says more than who is asked
    one, other = hard + 0.05 + rng.normal(size=(200, 1)) * 0.1, hard
    found = paired_difference(one, other, mean)
    assert found is not None
    assert found.low > 0
    assert found.p < 0.01
    assert found.value == pytest.approx(float((one - other).mean()))
    alone = interval(one, mean)
    assert alone is not None
    assert alone[0] < float(other.mean())
    swapped = paired_difference(other, one, mean)
    assert swapped is not None
    assert swapped.value == -found.value
    assert swapped.p == found.p


def test_equal_models_do_not_differ() -> None:
    items = np.random.default_rng(4).integers(2, size=(80, 1)).astype(float)
    found = paired_difference(items, items, mean)
    assert found is not None
    assert found == (0.0, 0.0, 0.0, 1.0)


def test_chance_is_called_a_difference_about_once_in_twenty() -> None:
    rng = np.random.default_rng(5)
    pairs = [(rng.normal(size=(40, 1)), rng.normal(size=(40, 1))) for _ in range(40)]
    called = [found.p < 0.05 for found in (paired_difference(*pair, mean) for pair in pairs) if found]
    assert sum(called) <= 6
