import numpy as np
import pytest

from wordvec.visualization.map_picture import place_labels

CANVAS = (200.0, 150.0)
DOT = 3.0


def crowd(num_words):
    random = np.random.default_rng(7)
    return random.uniform([5, 5], [195, 145], (num_words, 2)), random.uniform(
        [5, 6], [40, 11], (num_words, 2)
    )


def overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def test_no_label_covers_a_label_or_a_dot():
    points, sizes = crowd(70)
    corners = place_labels(points, sizes, CANVAS, DOT)
    placed = np.flatnonzero(np.isfinite(corners[:, 0]))
    assert 20 < len(placed) < 70  # some had to go without
    labels = [(*corners[word], *(corners[word] + sizes[word])) for word in placed]
    dots = [(*(point - DOT / 2), *(point + DOT / 2)) for point in points]
    for number, label in enumerate(labels):
        assert not any(overlap(label, other) for other in labels[:number] + dots)


def test_labels_stay_inside_the_canvas():
    points, sizes = crowd(70)
    corners = place_labels(points, sizes, CANVAS, DOT)
    placed = np.isfinite(corners[:, 0])
    assert (corners[placed] >= 0).all()
    assert (corners[placed] + sizes[placed] <= CANVAS).all()


def test_at_the_right_edge_a_label_goes_to_the_left():
    corners = place_labels(np.array([[195.0, 75.0]]), np.array([[30.0, 8.0]]), CANVAS, DOT)
    assert corners.tolist() == [[162.0, 71.0]]


def test_two_words_in_a_row_do_not_read_as_one():
    points = np.array([[20.0, 75.0], [95.0, 75.0]])
    sizes = np.array(
        [[40.0, 8.0], [28.0, 8.0]]
    )  # to the left of its dot, the second would begin 1 behind the first
    narrow = (100.0, 150.0)
    corners = place_labels(points, sizes, narrow, DOT)
    assert corners[0].tolist() == [23.0, 71.0]
    assert corners[1, 1] != 71.0


def test_earlier_words_choose_first():
    points = np.array([[12.0, 6.0], [12.0, 6.0]])
    sizes = np.array([[18.0, 8.0], [18.0, 8.0]])
    corners = place_labels(points, sizes, (36.0, 12.0), DOT)
    assert np.isfinite(corners).tolist() == [[True, True], [False, False]]


@pytest.mark.parametrize(
    "sizes", [np.zeros((3, 2)), np.full((3, 2), 900.0)], ids=["empty words", "too large"]
)
def test_labels_without_a_size_or_too_large_do_no_harm(sizes):
    corners = place_labels(crowd(3)[0], sizes, CANVAS, DOT)
    assert np.isfinite(corners).all() == (sizes == 0).all()
