"""Projection: from vectors of many dimensions to points on a plane, by t-SNE, UMAP or principal components."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from wordvec.packages import imported

__all__ = ["Method", "check_method_installed", "evened", "num_neighbors", "principal_components", "project"]

# N words, D dimensions, k neighbors of each
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Method = Literal["tsne", "umap", "pca"]

MIN_WORDS = {"tsne": 5, "umap": 20, "pca": 1}  # fewer words get their principal components
# t-SNE looks at three times as many neighbors as its perplexity (van der Maaten and Hinton, 2008). Up to 5,000 words
# it takes the usual perplexity of 30; more words make do with 10 and fewer iterations, in a ninth of the time.
MANY_WORDS = 5_000
NEIGHBORS, NEIGHBORS_OF_MANY = 90, 30
ITERATIONS, ITERATIONS_OF_MANY = (250, 750), (100, 250)  # with exaggerated attraction, then without
ITERATIONS_PER_REPORT = 10
LEARNING_RATE = 200.0  # for many words openTSNE's own, which grows with their number
EARLY_EXAGGERATION = 12.0
EARLY_MOMENTUM, MOMENTUM = 0.5, 0.8
GRID = 2  # units of the plane for each cell of the grid that words repel each other by
MIN_WORDS_FOR_FFT = 2_500  # for fewer words, Barnes and Hut's tree is faster
NEIGHBORS_OF_UMAP = 15  # its own default, the word itself among them
FIRST_SPREAD = 1e-4  # standard deviation of t-SNE's first positions; small, so that forces decide
FIRST_SPREAD_OF_UMAP = 10.0
JITTER = 0.1  # of the first spread: separates words with equal vectors, and makes each seed another map


def check_method_installed(method: Method) -> None:
    """Check that the package of a method is installed.

    Raises:
        MissingPackageError: it is not; the message says how to install it.
    """
    if method != "pca":
        imported({"tsne": "openTSNE", "umap": "umap"}[method], "a map")


def num_neighbors(num_words: int) -> int:
    """How many neighbors of each word `project` makes use of.

    >>> num_neighbors(20), num_neighbors(400), num_neighbors(20_000)
    (19, 90, 30)
    """
    return min(NEIGHBORS if num_words <= MANY_WORDS else NEIGHBORS_OF_MANY, num_words - 1)


def project(
    unit_vectors: Floats,  # (N, D)  of length 1 or 0
    neighbors: Ints,  # (N, k)  rows, the nearest first; a word is not its own neighbor
    cosines: Floats,  # (N, k)  in [-1, 1]
    method: Method,
    seed: int,
    on_progress: Callable[[float], None] | None = None,
) -> Floats:
    """Lay words out on a plane, (N, 2), so that neighbors stay neighbors.

    All methods begin at the principal components, so that the large shape is kept, too (Kobak and Berens, 2019).
    They work on one thread: on one machine, the same seed makes the same map.

    Args:
        unit_vectors: the words' vectors; zero vectors may be among them.
        neighbors: of each word, `num_neighbors(N)` or more.
        cosines: of each word with its neighbors.
        method: "tsne" (van der Maaten and Hinton, 2008; for many words FIt-SNE, Linderman et al., 2019); "umap"
            (McInnes et al., 2018); or "pca", the two directions of largest variance.
        seed: start of the random draws; "pca" draws nothing.
        on_progress: of t-SNE, called with the share of its iterations that is done; what it raises ends the work.

    Raises:
        MissingPackageError: openTSNE or umap-learn is not installed.

    >>> axes, near = np.eye(3, dtype=np.float32), np.array([[1], [0], [0]])
    >>> project(axes, near, np.zeros((3, 1), dtype=np.float32), "pca", seed=1).shape
    (3, 2)
    """
    components = principal_components(unit_vectors)
    if method == "pca" or len(unit_vectors) < MIN_WORDS[method]:
        return components.astype(np.float32)
    jitter = np.random.default_rng(seed).normal(0.0, JITTER, components.shape)
    start = components / (components.std() or 1.0) + jitter
    if method == "umap":
        return _umap(
            unit_vectors, neighbors, cosines, (FIRST_SPREAD_OF_UMAP * start).astype(np.float32), seed
        )
    k = num_neighbors(len(unit_vectors))
    return _tsne(neighbors[:, :k], cosines[:, :k], FIRST_SPREAD * start, on_progress)


def principal_components(unit_vectors: Floats) -> NDArray[np.float64]:
    """Find the coordinates along the two directions of largest variance, (N, 2); zeros where there are fewer.

    >>> principal_components(np.array([[0, 1, 3], [0, 5, 3]], dtype=np.float32)).round().tolist()
    [[-2.0, 0.0], [2.0, 0.0]]
    """
    centered = unit_vectors.astype(np.float64) - unit_vectors.mean(axis=0, dtype=np.float64)
    left, lengths, directions = np.linalg.svd(centered, full_matrices=False)
    components = np.zeros((len(centered), 2))
    for axis in range(min(2, len(lengths))):
        direction = directions[axis]
        sign = np.sign(direction[np.abs(direction).argmax()])  # LAPACK leaves it open: same map everywhere
        components[:, axis] = sign * left[:, axis] * lengths[axis]
    return components


def evened(points: Floats, method: Method) -> Floats:
    """Shrink the empty space of a map for a picture, where its names need the room.

    How far t-SNE draws groups apart means nothing. The other methods' points are returned as they are.

    Args:
        points: (N, 2) from `project`.
        method: that they were made by.

    Returns:
        (N, 2) each coordinate is the mean of its place and its rank, both in [0, 1].

    >>> points = np.array([[0, 0], [1, 2], [9, 8], [2, 1], [3, 9]], dtype=np.float32)
    >>> (100 * evened(points, "tsne"))[:3].round().tolist()
    [[0.0, 0.0], [18.0, 36.0], [100.0, 82.0]]
    """
    if method != "tsne" or len(points) < MIN_WORDS[method]:
        return points
    place = (points - points.min(axis=0)) / np.ptp(points, axis=0)
    rank = points.argsort(axis=0).argsort(axis=0) / (len(points) - 1)
    return np.asarray((place + rank) / 2, dtype=np.float32)


def _tsne(
    neighbors: Ints,
    cosines: Floats,
    start: NDArray[np.float64],
    on_progress: Callable[[float], None] | None = None,
) -> Floats:
    opentsne, affinity = imported("openTSNE", "a map"), imported("openTSNE.affinity", "a map")
    known = imported("openTSNE.nearest_neighbors", "a map").PrecomputedNeighbors(
        neighbors, _distances(cosines)
    )
    are_many = len(start) > MANY_WORDS
    embedding = opentsne.TSNEEmbedding(
        start,
        affinity.PerplexityBasedNN(knn_index=known, perplexity=neighbors.shape[1] / 3, n_jobs=1),
        negative_gradient_method="fft" if len(start) >= MIN_WORDS_FOR_FFT else "bh",
        ints_in_interval=GRID,
        learning_rate="auto" if are_many else LEARNING_RATE,
        n_jobs=1,
        random_state=0,  # nothing is drawn from it: the first positions are given
    )
    early, late = ITERATIONS_OF_MANY if are_many else ITERATIONS

    def reporting(before: int) -> dict[str, Any]:
        if on_progress is None:
            return {}

        def report(iteration: int, _error: float, _embedding: object) -> None:
            on_progress((before + iteration) / (early + late))

        return {"callbacks": report, "callbacks_every_iters": ITERATIONS_PER_REPORT}

    embedding.optimize(
        early, exaggeration=EARLY_EXAGGERATION, momentum=EARLY_MOMENTUM, inplace=True, **reporting(0)
    )
    embedding.optimize(late, momentum=MOMENTUM, inplace=True, **reporting(early))
    return np.asarray(embedding, dtype=np.float32)


def _umap(unit_vectors: Floats, neighbors: Ints, cosines: Floats, start: Floats, seed: int) -> Floats:
    rows = np.arange(len(neighbors))[:, None]
    k = min(NEIGHBORS_OF_UMAP, neighbors.shape[1] + 1)
    known = np.hstack([rows, neighbors])[:, :k].astype(np.int32)  # here a word is its own first neighbor
    distances = np.hstack([np.zeros_like(cosines[:, :1]), _distances(cosines)])[:, :k]
    with warnings.catch_warnings():
        # About what we do not need: TensorFlow for networks, an index for words that come later.
        warnings.filterwarnings("ignore", "Tensorflow not installed", ImportWarning)
        warnings.filterwarnings("ignore", "precomputed_knn", UserWarning)
        projector = imported("umap", "a map").UMAP(
            n_neighbors=k,
            precomputed_knn=(known, distances.astype(np.float32), None),
            force_approximation_algorithm=True,  # or few words would lose the neighbors that they are given
            init=start,
            random_state=int(np.random.SeedSequence(seed).generate_state(1)[0]),
            n_jobs=1,
        )
        return np.asarray(projector.fit_transform(unit_vectors), dtype=np.float32)


def _distances(cosines: Floats) -> NDArray[np.float64]:
    """Euclidean distances of unit vectors."""
    distances: NDArray[np.float64] = np.sqrt(np.maximum(2.0 - 2.0 * cosines.astype(np.float64), 0.0))
    return distances
