"""Shrinking: fewer words, fewer dimensions, or fewer bits a number; and how many nearest neighbors that keeps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError
from wordvec.settings import check_count
from wordvec.vectors.top_k import top_k
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordVocabulary
from wordvec.vocabulary.vocabulary import NO_ID

__all__ = [
    "PRECISIONS",
    "Packed",
    "Precision",
    "neighbors_kept",
    "pack",
    "principal_axes",
    "random_rotation",
    "shrink",
    "unpack",
]

# V words, R rows, D dimensions, d of which are kept
Floats = NDArray[np.float32]
Reals = NDArray[np.float64]

Precision = Literal["float32", "float16", "int8", "bit"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

ROWS_AT_A_TIME = 16_384
LARGEST_INT8 = 127
SAMPLE = 1000  # words whose neighbors are compared
FREQUENT = 10_000  # the first words, of which the sample is drawn
NEIGHBORS = 10
SEED = 1


def shrink(
    vectors: WordVectors,
    *,
    only: Iterable[str] | None = None,
    without: Iterable[str] = (),
    dim: int | None = None,
) -> WordVectors:
    """Keep some of the words, in their order, and some of the dimensions: the principal ones.

    Fewer dimensions are the first principal components of the words' unit vectors, without a shift, so that cosines
    change as little as d dimensions allow. Output vectors and position weights are left out then; counts, settings and
    the rows of n-grams are kept.

    Args:
        vectors: of which to keep a part; they do not change.
        only: the words to keep; those that are not there are ignored. None keeps all.
        without: words to leave out.
        dim: d, dimensions to keep, at least 1; None keeps all as they are.

    Returns:
        The smaller vectors, (V', d).

    Raises:
        ConfigError: no word is left, or there are fewer dimensions than `dim`.

    >>> model = WordVectors(["a", "b", "c"], [[3, 4, 0], [6, 8, 0], [0, 0, 1]])
    >>> small = shrink(model, without=["c"], dim=1)
    >>> small.words, np.abs(small.matrix).round(3).tolist()
    (['a', 'b'], [[5.0], [10.0]])
    """
    kept = np.ones(len(vectors), bool)
    if only is not None:
        kept[:] = False
        kept[_known_ids(vectors, only)] = True
    kept[_known_ids(vectors, without)] = False
    ids = np.flatnonzero(kept)
    if not len(ids):
        raise ConfigError("no word is left: none of the words to keep is in the model, or all are left out")
    vocabulary = vectors.vocabulary
    words = [vectors.words[word] for word in ids.tolist()]
    rows = vectors.rows
    if len(ids) < len(vectors):
        rows = np.concatenate([rows[ids], rows[len(vectors) :]])
    if dim is not None:
        check_count("dim", dim, "dimensions to keep")
        if dim > vectors.dim:
            raise ConfigError(f"dim must be at most {vectors.dim}, as many as the vectors have, got {dim}")
        axes = principal_axes(vectors.unit_matrix[ids])[:, :dim]
        rows = _turned(rows, axes)
    output = vectors.output_matrix if dim is None else None
    return WordVectors(
        SubwordVocabulary(words, vocabulary.rules, vocabulary.used_buckets)
        if isinstance(vocabulary, SubwordVocabulary)
        else words,
        rows,
        counts=None if vectors.counts is None else vectors.counts[ids],
        output_matrix=None if output is None else output[ids],
        position_weights=vectors.position_weights if dim is None else None,
        config=vectors.config,
        training=vectors.training,
        phrases=vectors.phrases,
    )


def _known_ids(vectors: WordVectors, words: Iterable[str]) -> NDArray[np.int64]:
    ids = vectors.vocabulary.find_ids(list(words))
    known: NDArray[np.int64] = ids[ids != NO_ID]
    return known


def principal_axes(matrix: NDArray[np.floating]) -> Reals:
    """The orthogonal directions along which rows, (n, D), spread most from zero, as columns, (D, D), widest first.

    Signs are those that make the largest number of each column positive, so that they do not depend on the machine.

    >>> principal_axes(np.array([[0.0, 2.0], [1.0, 0.0]])).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    dim = matrix.shape[1]
    spread = np.zeros((dim, dim))
    for start in range(0, len(matrix), ROWS_AT_A_TIME):
        block = matrix[start : start + ROWS_AT_A_TIME].astype(np.float64)
        spread += block.T @ block
    axes: Reals = np.linalg.eigh(spread)[1][:, ::-1]
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(dim)]
    return axes * np.where(largest < 0, -1.0, 1.0)


def random_rotation(dim: int, seed: int = SEED) -> Reals:
    """A rotation, (d, d), the same for each seed: after it, all dimensions spread alike, as bits want them.

    >>> turned = random_rotation(3)
    >>> bool(np.allclose(turned @ turned.T, np.eye(3)))
    True
    """
    rotation, triangle = np.linalg.qr(np.random.default_rng(seed).normal(size=(dim, dim)))
    turned: Reals = rotation * np.sign(np.diag(triangle))
    return turned


def _turned(rows: Floats, axes: Reals) -> Floats:
    turned = np.empty((len(rows), axes.shape[1]), np.float32)
    for start in range(0, len(rows), ROWS_AT_A_TIME):
        turned[start : start + ROWS_AT_A_TIME] = rows[start : start + ROWS_AT_A_TIME] @ axes
    return turned


class Packed(NamedTuple):
    """Rows in fewer bits."""

    codes: NDArray[
        np.generic
    ]  # (R, D) float32, float16 or int8; or (R, ceil(D / 8)) uint8, the first bit highest
    scales: Floats | None  # (R,)  what a row's codes, or its bits as +1 and -1, are multiplied by


def pack(matrix: Floats, precision: Precision) -> Packed:
    """Round rows, (R, D), to fewer bits a number.

    int8 has a scale for each row, so that its largest number is 127. A bit is the sign of a number; the scale is the
    mean size of the row's numbers, which is the one with the least squared error.

    Raises:
        ConfigError: there is no such precision, or a number is beyond float16.

    >>> pack(np.array([[1.0, -3.0]], np.float32), "bit")
    Packed(codes=array([[128]], dtype=uint8), scales=array([2.], dtype=float32))
    """
    if precision == "float32":
        return Packed(matrix, None)
    if precision == "float16":
        if matrix.size and float(np.abs(matrix).max()) > float(np.finfo(np.float16).max):
            raise ConfigError("precision cannot be float16: a number is beyond 65,504; choose int8")
        return Packed(matrix.astype(np.float16), None)
    if precision == "int8":
        scales = np.abs(matrix).max(axis=1).astype(np.float32) / np.float32(LARGEST_INT8)
        divisors = np.where(scales > 0, scales, 1).astype(np.float64)[:, None]
        codes = np.rint(matrix / divisors).clip(-LARGEST_INT8, LARGEST_INT8).astype(np.int8)
        return Packed(codes, scales)
    if precision == "bit":
        scales = np.abs(matrix).mean(axis=1, dtype=np.float64).astype(np.float32)
        return Packed(np.packbits(matrix > 0, axis=1), scales)
    raise ConfigError(f"precision must be {', '.join(PRECISIONS)}, got {precision!r}")


def unpack(packed: Packed, dim: int) -> Floats:
    """The rows again, (R, D), in float32.

    >>> unpack(pack(np.array([[1.0, -3.0]], np.float32), "bit"), dim=2).tolist()
    [[2.0, -2.0]]
    """
    codes, scales = packed
    if scales is None:
        return codes.astype(np.float32, copy=False)
    if codes.dtype == np.uint8:
        signs = np.unpackbits(codes, axis=1, count=dim).astype(np.float32)  # type: ignore[arg-type]
        signs *= 2
        signs -= 1
        rows: Floats = signs
    else:
        rows = codes.astype(np.float32)
    rows *= scales[:, None]
    return rows


def neighbors_kept(before: WordVectors, after: WordVectors) -> float:
    """The share of the ten nearest words that stay the same, the mean over a sample of up to 1,000 frequent words.

    Words that `after` lacks are not looked for, so that leaving out words alone keeps all neighbors.

    Args:
        before: the vectors as they were.
        after: smaller ones.

    Returns:
        The share, in [0, 1]; 1 where they share a single word.

    >>> model = WordVectors(["a", "b", "c"], [[3, 4, 0], [6, 8, 0], [0, 0, 1]])
    >>> neighbors_kept(model, shrink(model, dim=2))
    1.0
    """
    ids = after.vocabulary.find_ids(before.words)
    shared = np.flatnonzero(ids != NO_ID)
    if len(shared) < 2:
        return 1.0
    draw = np.random.default_rng(SEED)
    sample = np.sort(draw.permutation(min(len(shared), FREQUENT))[:SAMPLE])
    own = sample[:, None].tolist()
    found = [
        top_k(units, units[sample], NEIGHBORS, own).ids
        for units in (before.unit_matrix[shared], after.unit_matrix[ids[shared]])
    ]
    num_found = min(NEIGHBORS, len(shared) - 1)
    overlaps = [
        len(set(one[:num_found]) & set(other[:num_found])) / num_found
        for one, other in zip(found[0].tolist(), found[1].tolist(), strict=True)
    ]
    return float(np.mean(overlaps))
