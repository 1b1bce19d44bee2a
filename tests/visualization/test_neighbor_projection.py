import sys

import numpy as np
import pytest

from wordvec.errors import MissingPackageError
from wordvec.vectors.directions import unit_rows
from wordvec.vectors.top_k import top_k
from wordvec.visualization.neighbor_projection import NEIGHBORS, project_neighbors, projection_package

pytest.importorskip("openTSNE")
METHODS = ["tsne", pytest.param("umap", marks=pytest.mark.slow)]  # UMAP compiles for half a minute


def near(unit_vectors):
    oneself = [[row] for row in range(len(unit_vectors))]
    return top_k(unit_vectors, unit_vectors, min(NEIGHBORS, len(unit_vectors) - 1), exclude=oneself)


def projected(unit_vectors, method, seed=1):
    return project_neighbors(unit_vectors, *near(unit_vectors), method, seed)


def clusters(num_clusters, num_words, dim=20):
    random = np.random.default_rng(3)
    cluster = np.arange(num_words) % num_clusters
    centers = random.normal(size=(num_clusters, dim))
    return unit_rows(centers[cluster] + 0.2 * random.normal(size=(num_words, dim))), cluster


def nearest_other(points):
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return distances.argmin(axis=1)


@pytest.mark.parametrize("method", METHODS)
def test_words_of_one_cluster_lie_together(method):
    if method == "umap":
        pytest.importorskip("umap")
    vectors, cluster = clusters(6, 300)
    points = projected(vectors, method)
    assert (points.shape, points.dtype) == ((300, 2), np.float32)
    assert (cluster[nearest_other(points)] == cluster).all()


@pytest.mark.parametrize("method", METHODS)
def test_one_seed_is_one_map_and_another_seed_is_another(method):
    if method == "umap":
        pytest.importorskip("umap")
    vectors, _ = clusters(4, 90)
    first = projected(vectors, method)
    assert projected(vectors, method).tobytes() == first.tobytes()
    assert projected(vectors, method, seed=2).tobytes() != first.tobytes()


def test_the_neighbours_that_are_given_decide():
    vectors, _ = clusters(2, 60)
    half = np.arange(60) // 30  # the vectors know nothing of these halves
    neighbors = np.stack([np.setdiff1d(np.flatnonzero(half == half[row]), row) for row in range(60)])
    points = project_neighbors(vectors, neighbors, np.full((60, 29), 0.5, dtype=np.float32), "tsne", seed=1)
    assert (half[nearest_other(points)] == half).all()


@pytest.mark.parametrize("num_words", [2, 4, 5, 9])
@pytest.mark.parametrize("method", ["tsne", "umap"])
def test_few_words_are_laid_out_too(num_words, method):
    assert np.isfinite(projected(clusters(2, num_words)[0], method)).all()


@pytest.mark.parametrize("value", [0.0, 0.5])
def test_words_with_one_and_the_same_vector_get_points(value):
    assert np.isfinite(projected(np.full((9, 4), value, dtype=np.float32), "tsne")).all()


@pytest.mark.parametrize(
    ("method", "module", "package"), [("tsne", "openTSNE", "openTSNE"), ("umap", "umap", "umap-learn")]
)
def test_a_missing_package_is_named(monkeypatch, method, module, package):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingPackageError, match=rf"a map needs {package}: pip install 'wordvec\[map\]'"):
        projection_package(method)
    projection_package("pca")
