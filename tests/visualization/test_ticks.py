import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wordvec.visualization.terminal_chart import Range, counts_as_text, numbers_as_text, range_of, ticks

SENSIBLE = st.floats(-1e17, 1e17)


@given(SENSIBLE, SENSIBLE, st.integers(5, 12))
@example(0.0, 5e-324, 5)
@example(1.0, 1.0, 5)
@example(0.0, -6e-259, 5)
@example(0.4, 0.4000001, 9)
@example(6.0, 6.0, 6)  # seven steps of 0.1, by rounding, where six fit
def test_ticks_are_in_range_and_enough_to_read_a_scale_from(one, other, most):
    shown = range_of([one, other])
    found = ticks(shown, most)
    assert 2 <= len(set(found)) <= most
    assert all(-1e-6 <= shown.share(tick) <= 1 + 1e-6 for tick in found)
    assert len(set(numbers_as_text(found))) == len(found)


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0.353, 0.487, 5, [0.4, 0.45]),
        (0, 4_177_176, 6, [0, 1e6, 2e6, 3e6, 4e6]),
        (-1, 1, 5, [-1, -0.5, 0, 0.5, 1]),
        (2.6, 2.9, 1, []),
    ],
)
def test_ticks_are_round_numbers(low, high, most, expected):
    assert ticks(Range(low, high), most) == expected


def test_a_single_value_has_room_on_both_sides():
    assert range_of([0.0, 0.0]) == Range(-1.0, 1.0)
    assert range_of([-4.0]).share(-4.0) == pytest.approx(0.5)


def test_numbers_of_an_axis_have_equally_many_digits():
    assert numbers_as_text([-1.0, 0.05, 1200.5]) == ["-1.00", "0.05", "1,200.50"]
    assert numbers_as_text([2.0, 3.0]) == ["2", "3"]
    assert numbers_as_text([1e-7, 2e-7]) == ["1e-07", "2e-07"]
    assert numbers_as_text([]) == []


def test_counts_share_a_unit():
    assert counts_as_text([0, 5e8, 1e9]) == ["0", "0.5B", "1B"]
    assert counts_as_text([0, 250_000, 1_500_000]) == ["0", "0.25M", "1.5M"]
    assert counts_as_text([5_000, 10_000]) == ["5k", "10k"]
    assert counts_as_text([0, 9_999]) == ["0", "9,999"]
