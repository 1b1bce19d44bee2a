import numpy as np
import pytest

from wordvec.evaluation.change import aligned
from wordvec.vectors.directions import unit_rows


def some_rotation(seed, dim):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(dim, dim)))[0]


@pytest.mark.parametrize("sign", [1, -1], ids=["turned", "mirrored"])
def test_a_turned_space_is_turned_back(sign):
    unit = unit_rows(np.random.default_rng(1).normal(size=(50, 7)))
    rotation = some_rotation(2, 7)
    rotation[0] *= sign
    np.testing.assert_allclose(aligned((unit @ rotation).astype(np.float32), unit, 50), unit, atol=2e-6)


def test_only_anchors_say_how_to_turn():
    unit = unit_rows(np.random.default_rng(1).normal(size=(50, 7)))
    turned = unit @ some_rotation(2, 7)
    turned[40:] = turned[40:][::-1]  # these words changed
    back = aligned(turned.astype(np.float32), unit, 40)
    np.testing.assert_allclose(back[:40], unit[:40], atol=2e-6)
    np.testing.assert_allclose(back[40:], unit[40:][::-1], atol=2e-6)


def test_no_rotation_comes_nearer():
    rng = np.random.default_rng(3)
    unit, target = unit_rows(rng.normal(size=(30, 4))), unit_rows(rng.normal(size=(30, 4)))
    best = np.linalg.norm(aligned(unit, target, 30) - target)
    assert all(np.linalg.norm(unit @ some_rotation(seed, 4) - target) > best for seed in range(200))
