"""Projection: from vectors of many dimensions to points on a plane, by t-SNE or by principal components."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from wordvec.packages import imported

__all__ = ["Method", "principal_components", "project"]

# N words, D dimensions
Floats = NDArray[np.float32]
Method = Literal["tsne", "pca"]

PERPLEXITY = 30.0  # about how many neighbours each word is kept near to; the value of the published pictures
FEWEST_FOR_TSNE = 5  # with fewer, a perplexity below 1 means not one neighbour, and all points drift apart
FIRST_SPREAD = (
    1e-4  # standard deviation of the first positions; small, so that forces decide (van der Maaten, 2008)
)
JITTER = (
    0.1  # of the first spread: parts words whose vectors are equal, and makes another seed another picture
)


def project(unit_vectors: Floats, method: Method, seed: int) -> Floats:
    """Lay vectors out on a plane, (N, 2): alike vectors near each other.

    t-SNE (van der Maaten and Hinton, 2008) keeps neighbours together and begins at the principal components, so
    that the large shape is kept, too (Kobak and Berens, 2019). How far it draws clusters apart means nothing; some
    of that empty space is taken out again. Of unit vectors, the squared distances that it works on are
    2 - 2 cosine. A few words are too few for it and get their principal components.

    Args:
        unit_vectors: (N, D) vectors of length 1; zero vectors may be among them.
        method: "tsne", or "pca", which keeps the two directions of largest variance.
        seed: start of t-SNE's random draws; on one machine, same seed, same points. PCA draws nothing.

    Raises:
        MissingPackageError: t-SNE needs scikit-learn.

    >>> project(np.eye(3, 4, dtype=np.float32), "pca", seed=1).shape
    (3, 2)
    """
    components = principal_components(unit_vectors)
    if method == "pca" or len(unit_vectors) < FEWEST_FOR_TSNE:
        return components.astype(np.float32)
    return _tsne(unit_vectors, components, seed)


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
        sign = np.sign(
            direction[np.abs(direction).argmax()]
        )  # LAPACK leaves it open: same picture everywhere
        components[:, axis] = sign * left[:, axis] * lengths[axis]
    return components


def _tsne(unit_vectors: Floats, components: NDArray[np.float64], seed: int) -> Floats:
    manifold, threadpoolctl = imported("sklearn.manifold", "a map"), imported("threadpoolctl", "a map")
    num_words = len(unit_vectors)
    spread = components.std() or 1.0
    jitter = np.random.default_rng(seed).normal(0.0, JITTER, components.shape)
    tsne = manifold.TSNE(
        perplexity=min(PERPLEXITY, (num_words - 1) / 3),
        init=(FIRST_SPREAD * (components / spread + jitter)).astype(np.float32),
        learning_rate="auto",
        random_state=0,  # nothing is drawn from it: the first positions are given
    )
    # Threads add their shares in the order in which they end; t-SNE makes a visible difference of the last bit.
    with threadpoolctl.threadpool_limits(1):
        points = tsne.fit_transform(unit_vectors)
    return _evened(points).astype(np.float32)


def _evened(points: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Shrink empty space: each coordinate becomes the mean of its place and its rank, both in [0, 1]."""
    place = (points - points.min(axis=0)) / np.ptp(points, axis=0)
    rank = points.argsort(axis=0).argsort(axis=0) / (len(points) - 1)
    evened: NDArray[np.float64] = (place + rank) / 2
    return evened
