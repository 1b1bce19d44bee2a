import sys

import numpy as np
import pytest

from wordvec.errors import MissingPackageError
from wordvec.visualization.projection import project

pytest.importorskip("sklearn")


def unit(matrix):
    return (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)


def clusters(num_clusters, num_words, dim=20, seed=3):
    """Unit vectors around a few directions; word i belongs to cluster i % num_clusters."""
    random = np.random.default_rng(seed)
    centers = random.normal(size=(num_clusters, dim))
    cluster = np.arange(num_words) % num_clusters
    return unit(centers[cluster] + 0.2 * random.normal(size=(num_words, dim))), cluster


def nearest_other(points):
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return distances.argmin(axis=1)


@pytest.mark.parametrize("method", ["tsne", "pca"])
def test_words_of_one_cluster_lie_together(method):
    vectors, cluster = clusters(3, 46)
    points = project(vectors, method, seed=1)
    assert points.shape == (46, 2)
    assert points.dtype == np.float32
    assert (cluster[nearest_other(points)] == cluster).all()


def test_one_seed_is_one_picture_and_another_seed_is_another():
    vectors, _ = clusters(4, 31)
    first = project(vectors, "tsne", seed=1)
    assert project(vectors, "tsne", seed=1).tobytes() == first.tobytes()
    assert project(vectors, "tsne", seed=2).tobytes() != first.tobytes()


def test_principal_components_keep_distances_that_fit_a_plane():
    angles = np.array([0.1, 0.5, 2.0, 2.2, 4.0, 5.5])
    plane = np.linalg.qr(np.random.default_rng(0).normal(size=(7, 2)))[
        0
    ]  # two orthogonal directions of seven
    vectors = (np.stack([np.cos(angles), np.sin(angles)], axis=1) @ plane.T).astype(np.float32)
    points = project(vectors, "pca", seed=1)
    for one in range(6):
        expected = np.linalg.norm(vectors - vectors[one], axis=1)
        assert np.linalg.norm(points - points[one], axis=1) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("seed", range(6))
def test_the_strongest_dimension_grows_to_the_right(seed):
    vectors = np.random.default_rng(seed).normal(size=(9, 4)) * [0.1, 0.2, 5.0, 0.1]
    points = project(vectors.astype(np.float32), "pca", seed=1)
    assert np.corrcoef(points[:, 0], vectors[:, 2])[0, 1] > 0.99


@pytest.mark.parametrize("method", ["tsne", "pca"])
@pytest.mark.parametrize("num_words", [2, 3, 4, 5, 6, 8])
def test_few_words_have_places_of_their_own(method, num_words):
    points = project(clusters(2, num_words)[0], method, seed=1)
    assert points.shape == (num_words, 2)
    assert len(np.unique(points, axis=0)) == num_words


def test_one_dimension_is_a_line():
    points = project(np.array([[1], [-1], [1]], dtype=np.float32), "pca", seed=1)
    assert points[:, 1].tolist() == [0, 0, 0]
    assert points[0, 0] == points[2, 0] == -points[1, 0] / 2


@pytest.mark.parametrize("method", ["tsne", "pca"])
@pytest.mark.parametrize("value", [0.0, 0.5])
def test_equal_vectors_do_no_harm(method, value):
    assert np.isfinite(project(np.full((9, 4), value, dtype=np.float32), method, seed=1)).all()


def test_clusters_take_more_room_than_the_space_between_them():
    vectors, _ = clusters(2, 60)
    points = project(vectors, "tsne", seed=1)
    largest_gaps = np.diff(np.sort(points, axis=0), axis=0).max(axis=0)
    assert (largest_gaps < 0.5 * np.ptp(points, axis=0)).all()


def test_tsne_without_its_package_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.manifold", None)
    vectors, _ = clusters(2, 6)
    with pytest.raises(MissingPackageError, match=r"needs scikit-learn: pip install 'wordvec\[map\]'"):
        project(vectors, "tsne", seed=1)
    assert project(vectors[:4], "tsne", seed=1).shape == (4, 2)  # so few are not its business
    assert project(vectors, "pca", seed=1).shape == (6, 2)
