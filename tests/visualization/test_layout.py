import numpy as np
import pytest

from wordvec.visualization.map_picture import MIN_SIDE, lay_out

WORD = (30.0, 12.0)


def spread(num_words, shape=(1.0, 1.0)):
    return np.random.default_rng(2).uniform(size=(num_words, 2)) * shape


def test_nearly_all_of_a_few_hundred_words_find_a_place():
    layout = lay_out(spread(400), np.full((400, 2), WORD))
    assert np.isfinite(layout.corners[:, 0]).mean() >= 0.98


def test_points_keep_their_shape_and_lie_on_the_map():
    points = spread(50, (8.0, 3.0)) - 100
    layout = lay_out(points, np.full((50, 2), WORD))
    scale = np.ptp(layout.points, axis=0) / np.ptp(points, axis=0)
    assert scale[0] == pytest.approx(scale[1])
    assert (layout.points > 0).all()
    assert (layout.points < [layout.width, layout.height]).all()


def test_a_map_grows_with_its_words_and_with_their_letters():
    small, more, larger = (
        lay_out(spread(num_words), np.full((num_words, 2), WORD) * size)
        for num_words, size in ((300, 1), (600, 1), (300, 2))
    )
    assert small.width < more.width
    assert small.width * 1.9 < larger.width


def test_crowded_words_get_a_larger_map():
    crowded = np.vstack([spread(200) * 0.3, [[1, 1]]])
    sizes = np.full((201, 2), WORD)
    assert lay_out(crowded, sizes).width > lay_out(spread(201), sizes).width


def test_a_map_is_as_wide_as_its_title():
    assert lay_out(spread(3), np.full((3, 2), WORD), narrowest=999.0).width == 999.0


@pytest.mark.parametrize(
    "points", [[[3, 4]], [[3, 4], [3, 4]], [[3, 4], [3, 5]]], ids=["one", "same", "upright"]
)
def test_points_without_extent_lie_in_the_middle(points):
    layout = lay_out(np.array(points), np.full((len(points), 2), WORD))
    assert layout.points[:, 0].tolist() == [MIN_SIDE / 2] * len(points)
    assert np.isfinite(layout.corners).all()
