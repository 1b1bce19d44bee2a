"""Neighbour projection: many words on a plane, by t-SNE or UMAP, from their nearest neighbours."""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from wordvec.packages import imported
from wordvec.visualization.projection import principal_components

__all__ = ["NEIGHBORS", "NeighborMethod", "project_neighbors", "projection_package"]

# N words, D dimensions, k neighbours of each
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
NeighborMethod = Literal["tsne", "umap", "pca"]

NEIGHBORS = 30  # of each word that t-SNE wants
NEIGHBORS_OF_UMAP = 15  # its own default, the word itself among them
FEWEST = {"tsne": 5, "umap": 20, "pca": 1}  # words; fewer get their principal components
# Fewer iterations on a coarser grid than openTSNE's own 250, 500 and 1: measured at 20,000 words, the plane keeps as
# many neighbours in a ninth of the time (docs/decisions/0014-map-page.md).
EARLY_ITERATIONS, ITERATIONS = 100, 250
GRID = 2  # units of the plane for each cell of the grid that words repel each other by
EARLY_EXAGGERATION = 12.0
EARLY_MOMENTUM, MOMENTUM = 0.5, 0.8
FEWEST_FOR_FFT = 2_500  # words; for fewer, Barnes and Hut's tree is faster
FIRST_SPREAD, JITTER = 1e-4, 0.1  # as in projection.py
FIRST_SPREAD_OF_UMAP = 10.0


def projection_package(method: NeighborMethod) -> None:
    """Refuse a method whose package is not installed.

    Raises:
        MissingPackageError: it says how to install it.
    """
    if method != "pca":
        imported({"tsne": "openTSNE", "umap": "umap"}[method], "a map")


def project_neighbors(
    unit_vectors: Floats,  # (N, D)  of length 1 or 0
    neighbors: Ints,  # (N, k)  the nearest first; a word is not its own
    cosines: Floats,  # (N, k)
    method: NeighborMethod,
    seed: int,
) -> Floats:
    """Lay many words out on a plane, (N, 2), so that neighbours stay neighbours.

    "tsne" is FIt-SNE (Linderman et al., 2019), "umap" is UMAP (McInnes et al., 2018); both begin at the principal
    components, which "pca" gives out as they are. They work on one thread: on one machine, same seed, same map.

    Raises:
        MissingPackageError: openTSNE or umap-learn is not installed.

    >>> axes, near = np.eye(3, dtype=np.float32), np.array([[1], [0], [0]])
    >>> project_neighbors(axes, near, np.zeros((3, 1), dtype=np.float32), "pca", seed=1).shape
    (3, 2)
    """
    components = principal_components(unit_vectors)
    if method == "pca" or len(unit_vectors) < FEWEST[method]:
        return components.astype(np.float32)
    jitter = np.random.default_rng(seed).normal(0.0, JITTER, components.shape)
    start = components / (components.std() or 1.0) + jitter
    if method == "tsne":
        return _tsne(neighbors[:, :NEIGHBORS], cosines[:, :NEIGHBORS], FIRST_SPREAD * start)
    return _umap(unit_vectors, neighbors, cosines, (FIRST_SPREAD_OF_UMAP * start).astype(np.float32), seed)


def _tsne(neighbors: Ints, cosines: Floats, start: NDArray[np.float64]) -> Floats:
    opentsne, affinity = imported("openTSNE", "a map"), imported("openTSNE.affinity", "a map")
    known = imported("openTSNE.nearest_neighbors", "a map").PrecomputedNeighbors(
        neighbors, _distances(cosines)
    )
    affinities = affinity.PerplexityBasedNN(knn_index=known, perplexity=neighbors.shape[1] / 3, n_jobs=1)
    embedding = opentsne.TSNEEmbedding(
        start,
        affinities,
        negative_gradient_method="fft" if len(start) >= FEWEST_FOR_FFT else "bh",
        ints_in_interval=GRID,
        n_jobs=1,
        random_state=0,  # nothing is drawn from it: the first positions are given
    )
    embedding.optimize(
        EARLY_ITERATIONS, exaggeration=EARLY_EXAGGERATION, momentum=EARLY_MOMENTUM, inplace=True
    )
    embedding.optimize(ITERATIONS, momentum=MOMENTUM, inplace=True)
    return np.asarray(embedding, dtype=np.float32)


def _umap(unit_vectors: Floats, neighbors: Ints, cosines: Floats, start: Floats, seed: int) -> Floats:
    rows = np.arange(len(neighbors))[:, None]
    num_neighbors = min(NEIGHBORS_OF_UMAP, neighbors.shape[1] + 1)
    known = np.hstack([rows, neighbors])[:, :num_neighbors].astype(np.int32)  # a word is its own first here
    distances = np.hstack([np.zeros_like(cosines[:, :1]), _distances(cosines)])[:, :num_neighbors]
    with warnings.catch_warnings():
        # What neither TensorFlow nor an index is there for: networks, and words that come later.
        warnings.filterwarnings("ignore", "Tensorflow not installed", ImportWarning)
        warnings.filterwarnings("ignore", "precomputed_knn", UserWarning)
        projector = imported("umap", "a map").UMAP(
            n_neighbors=num_neighbors,
            precomputed_knn=(known, distances.astype(np.float32), None),
            force_approximation_algorithm=True,  # or few words would lose the neighbours that they are given
            init=start,
            random_state=int(np.random.SeedSequence(seed).generate_state(1)[0]),
            n_jobs=1,
        )
        return np.asarray(projector.fit_transform(unit_vectors), dtype=np.float32)


def _distances(cosines: Floats) -> NDArray[np.float64]:
    """Euclidean distances of unit vectors."""
    distances: NDArray[np.float64] = np.sqrt(np.maximum(2.0 - 2.0 * cosines.astype(np.float64), 0.0))
    return distances
