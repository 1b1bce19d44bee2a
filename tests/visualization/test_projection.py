import sys

import numpy as np
import pytest

from wordvec.errors import MissingPackageError
from wordvec.vectors.directions import unit_rows
from wordvec.vectors.top_k import top_k
from wordvec.visualization.projection import check_method_installed, evened, num_neighbors, project

pytest.importorskip("openTSNE")
# UMAP compiles for half a minute
METHODS = ["tsne", pytest.param("umap", marks=pytest.mark.slow)]
ALL_METHODS = ["pca", *METHODS]


def near(unit_vectors):
    itself = [[row] for row in range(len(unit_vectors))]
    return top_k(unit_vectors, unit_vectors, num_neighbors(len(unit_vectors)), exclude=itself)


def projected(vectors, method, seed=1):
    unit_vectors = vectors.astype(np.float32)
    if method == "umap":
        pytest.importorskip("umap")
    return project(unit_vectors, *near(unit_vectors), method, seed)


def clusters(num_clusters, num_words, dim=20):
    """Unit vectors around a few directions; word i belongs to cluster i % num_clusters."""
    random = np.random.default_rng(3)
    cluster = np.arange(num_words) % num_clusters
    centers = random.normal(size=(num_clusters, dim))
    return unit_rows(centers[cluster] + 0.2 * random.normal(size=(num_words, dim))), cluster


def nearest_other(points):
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return distances.argmin(axis=1)


@pytest.mark.parametrize("method", ALL_METHODS)
@pytest.mark.parametrize(("num_clusters", "num_words"), [(3, 46), (6, 300)])
def test_words_of_one_cluster_lie_together(method, num_clusters, num_words):
    if (method, num_clusters) == ("pca", 6):
        pytest.skip("six clusters need more than two directions")
    vectors, cluster = clusters(num_clusters, num_words)
    points = projected(vectors, method)
    assert (points.shape, points.dtype) == ((num_words, 2), np.float32)
    assert (cluster[nearest_other(points)] == cluster).all()


@pytest.mark.parametrize("method", METHODS)
def test_one_seed_is_one_map_and_another_seed_is_another(method):
    vectors, _ = clusters(4, 90)
    first = projected(vectors, method)
    assert projected(vectors, method).tobytes() == first.tobytes()
    assert projected(vectors, method, seed=2).tobytes() != first.tobytes()


def test_the_neighbors_that_are_given_decide():
    vectors, _ = clusters(2, 60)
    half = np.arange(60) // 30  # the vectors know nothing of these halves
    neighbors = np.stack([np.setdiff1d(np.flatnonzero(half == half[row]), row) for row in range(60)])
    points = project(vectors, neighbors, np.full((60, 29), 0.5, dtype=np.float32), "tsne", seed=1)
    assert (half[nearest_other(points)] == half).all()


def test_principal_components_keep_distances_that_fit_a_plane():
    angles = np.array([0.1, 0.5, 2.0, 2.2, 4.0, 5.5])
    two_of_seven = np.linalg.qr(np.random.default_rng(0).normal(size=(7, 2)))[0]  # orthogonal directions
    vectors = (np.stack([np.cos(angles), np.sin(angles)], axis=1) @ two_of_seven.T).astype(np.float32)
    points = projected(vectors, "pca")
    for one in range(6):
        expected = np.linalg.norm(vectors - vectors[one], axis=1)
        assert np.linalg.norm(points - points[one], axis=1) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("seed", range(6))
def test_the_strongest_dimension_grows_to_the_right(seed):
    vectors = np.random.default_rng(seed).normal(size=(9, 4)) * [0.1, 0.2, 5.0, 0.1]
    points = projected(vectors, "pca")
    assert np.corrcoef(points[:, 0], vectors[:, 2])[0, 1] > 0.99


@pytest.mark.parametrize("method", ALL_METHODS)
@pytest.mark.parametrize("num_words", [2, 3, 4, 5, 6, 9])
def test_few_words_have_places_of_their_own(method, num_words):
    points = projected(clusters(2, num_words)[0], method)
    assert points.shape == (num_words, 2)
    assert len(np.unique(points, axis=0)) == num_words


def test_one_dimension_is_a_line():
    points = projected(np.array([[1], [-1], [1]]), "pca")
    assert points[:, 1].tolist() == [0, 0, 0]
    assert points[0, 0] == points[2, 0] == -points[1, 0] / 2


@pytest.mark.parametrize("method", ["tsne", "pca"])
@pytest.mark.parametrize("value", [0.0, 0.5])
def test_equal_vectors_do_no_harm(method, value):
    assert np.isfinite(evened(projected(np.full((9, 4), value), method), method)).all()


def test_in_a_picture_clusters_take_more_room_than_the_space_between_them():
    points = evened(projected(clusters(2, 60)[0], "tsne"), "tsne")
    largest_gaps = np.diff(np.sort(points, axis=0), axis=0).max(axis=0)
    assert (largest_gaps < 0.5 * np.ptp(points, axis=0)).all()


@pytest.mark.parametrize(("method", "num_words"), [("pca", 60), ("umap", 60), ("tsne", 4)])
def test_the_empty_space_of_other_maps_has_a_meaning_and_stays(method, num_words):
    points = np.random.default_rng(1).normal(size=(num_words, 2)).astype(np.float32)
    assert evened(points, method) is points


@pytest.mark.parametrize(
    ("method", "module", "package"), [("tsne", "openTSNE", "openTSNE"), ("umap", "umap", "umap-learn")]
)
def test_a_missing_package_is_named(monkeypatch, method, module, package):
    monkeypatch.setitem(sys.modules, module, None)
    vectors, _ = clusters(2, 30)
    for needs_it in (
        lambda: check_method_installed(method),
        lambda: project(vectors, *near(vectors), method, 1),
    ):
        with pytest.raises(
            MissingPackageError, match=rf"a map needs {package}: pip install 'wordvec\[map\]'"
        ):
            needs_it()


def test_principal_components_and_a_few_words_need_no_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "openTSNE", None)
    vectors, _ = clusters(2, 6)
    check_method_installed("pca")
    assert projected(vectors, "pca").shape == (6, 2)
    assert projected(vectors[:4], "tsne").shape == (4, 2)
