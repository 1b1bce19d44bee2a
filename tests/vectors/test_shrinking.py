import numpy as np
import pytest

from wordvec.errors import ConfigError
from wordvec.vectors.shrinking import (
    PRECISIONS,
    neighbors_kept,
    pack,
    principal_axes,
    random_rotation,
    shrink,
    unpack,
)
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary

RNG = np.random.default_rng(4)
WORDS = [f"word{number}" for number in range(300)]
SPREAD = np.linspace(3, 0.05, 19)  # so that some directions matter more
MATRIX = (RNG.normal(size=(300, 19)) * SPREAD @ random_rotation(19, seed=9)).astype(np.float32)
MODEL = WordVectors(
    WORDS, MATRIX, counts=np.arange(600, 0, -2), output_matrix=MATRIX[::-1], config={"dim": 19}
)


def test_words_are_kept_in_their_order_with_all_that_belongs_to_them():
    small = shrink(MODEL, only=["word7", "nowhere", "word2", "word250"], without=["word250", "elsewhere"])
    assert small.words == ["word2", "word7"]
    assert np.array_equal(small.matrix, MATRIX[[2, 7]])
    assert np.array_equal(small.output_matrix, MATRIX[::-1][[2, 7]])
    assert small.counts.tolist() == [596, 586]
    assert small.config == MODEL.config


def test_all_dimensions_are_a_rotation_and_fewer_are_the_principal_ones():
    turned = shrink(MODEL, dim=19)
    np.testing.assert_allclose(turned.matrix @ turned.matrix.T, MATRIX @ MATRIX.T, atol=1e-3)
    widths = np.square(turned.unit_matrix).sum(axis=0)
    assert (np.diff(widths) < 1e-4).all()
    np.testing.assert_allclose(shrink(MODEL, dim=5).matrix, turned.matrix[:, :5], atol=1e-5)
    assert shrink(MODEL, dim=5).output_matrix is None


def test_no_other_dimensions_keep_more_of_the_cosines():
    units = MODEL.unit_matrix.astype(float)
    axes = principal_axes(units)[:, :6]
    lost = np.linalg.norm(units @ units.T - units @ axes @ axes.T @ units.T)
    for seed in range(5):
        others = random_rotation(19, seed)[:, :6]
        assert np.linalg.norm(units @ units.T - units @ others @ others.T @ units.T) > lost


@pytest.mark.parametrize("precision", PRECISIONS)
def test_rounded_numbers_are_near_and_zeros_stay(precision):
    matrix = np.concatenate([MATRIX, np.zeros((1, 19), np.float32)])
    again = unpack(pack(matrix, precision), 19)
    assert again.dtype == np.float32
    assert not again[-1].any()
    off = np.abs(again - matrix)
    largest = np.abs(matrix).max(axis=1, keepdims=True)
    limit = {"float32": 0 * largest, "float16": largest / 2**10, "int8": largest / 253, "bit": largest}[
        precision
    ]
    assert (off <= limit).all()


def test_a_bit_is_a_sign_and_its_size_has_the_least_squared_error():
    again = unpack(pack(MATRIX, "bit"), 19)
    assert np.array_equal(again > 0, MATRIX > 0)
    assert pack(MATRIX, "bit").codes.shape == (300, 3)
    error = np.square(again - MATRIX).sum()
    for factor in (0.99, 1.01):
        assert np.square(again * factor - MATRIX).sum() > error


@pytest.mark.parametrize("size", [1e-44, 1e-30, 1e30, 3e38])
def test_sizes_at_the_ends_of_float32_are_packed(size):
    matrix = np.array([[size, -size / 2, 0]], np.float32)
    for precision in ("int8", "bit"):
        assert np.isfinite(unpack(pack(matrix, precision), 3)).all()


def test_fewer_dimensions_and_bits_keep_fewer_neighbors():
    kept = [neighbors_kept(MODEL, shrink(MODEL, dim=dim)) for dim in (19, 12, 4)]
    assert kept[0] == 1
    assert kept[0] > kept[1] > kept[2] > 0.05
    by_precision = [
        neighbors_kept(MODEL, WordVectors(WORDS, unpack(pack(MATRIX, precision), 19)))
        for precision in ("float16", "int8", "bit")
    ]
    assert by_precision[0] > 0.99
    assert by_precision[1] > 0.95
    assert by_precision[2] < 0.9


def test_neighbors_are_compared_among_shared_words():
    assert neighbors_kept(MODEL, shrink(MODEL, without=WORDS[::2])) == 1
    assert neighbors_kept(MODEL, WordVectors(["word1", "x"], [[1.0], [2.0]])) == 1


def test_unknown_words_have_vectors_of_ngrams_also_after_shrinking():
    vocabulary = SubwordVocabulary(["wine", "glass", "red"], SubwordRules(3, 4, 60))
    rows = RNG.normal(size=(vocabulary.num_rows, 6)).astype(np.float32)
    model = WordVectors(vocabulary, rows)
    small = shrink(model, without=["wine"], dim=6)
    assert small.words == ["glass", "red"]
    assert "wine" not in small
    np.testing.assert_allclose(
        small.similarity("wines", "redd"), model.similarity("wines", "redd"), atol=1e-5
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"only": ["nowhere"]}, "no word is left"),
        ({"without": WORDS}, "no word is left"),
        ({"dim": 20}, "dim must be at most 19"),
        ({"dim": 0}, "dim must be at least 1"),
    ],
    ids=["only", "without", "more", "none"],
)
def test_impossible_sizes_are_refused(arguments, message):
    with pytest.raises(ConfigError, match=message):
        shrink(MODEL, **arguments)


def test_impossible_precisions_are_refused():
    with pytest.raises(ConfigError, match=r"beyond 65,504"):
        pack(np.full((1, 2), 7e4, np.float32), "float16")
    with pytest.raises(ConfigError, match="precision must be float32"):
        pack(MATRIX, "int4")
