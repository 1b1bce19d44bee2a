"""What most_similar takes: words, vectors and weights, as gensim takes them, and nothing without a direction."""

import warnings

import numpy as np
import pytest

from wordvec import ConfigError, UnknownWordError
from wordvec.vectors.word_vectors import WordVectors

WORDS = ["river", "bank", "money", "blank", "loan"]
MATRIX = np.array([[2, 1, 0], [1, 1, 1], [0, 3, 4], [0, 0, 0], [-1, 2, 2]], np.float32)


@pytest.fixture
def vectors():
    return WordVectors(WORDS, MATRIX)


def cosines(unit_vectors, query, own):
    """The plain version: words by their cosine with the query, without the query's own."""
    scores = unit_vectors.astype(np.float64) @ (query / np.linalg.norm(query))
    ranked = sorted((-score, row) for row, score in enumerate(scores.tolist()) if WORDS[row] not in own)
    return [(WORDS[row], pytest.approx(-score, abs=1e-6)) for score, row in ranked]


VECTOR = np.array([0.5, -3.0, 1.5])


@pytest.mark.parametrize(
    ("positive", "negative", "query", "own"),
    [
        ([("river", 2.0), ("loan", 0.5)], (), lambda u: 2 * u[0] + 0.5 * u[4], "river loan"),
        (["money", ("river", -0.25)], None, lambda u: u[2] - 0.25 * u[0], "money river"),
        (["money"], [("bank", -0.5)], lambda u: u[2] - 0.5 * u[1], "money bank"),
        ([["money", 3]], "river", lambda u: 3 * u[2] - u[0], "money river"),
        (VECTOR, (), lambda _: VECTOR, ""),
        (VECTOR.tolist(), [], lambda _: VECTOR, ""),
        ([VECTOR, "river"], (), lambda u: VECTOR + u[0], "river"),
        ([(VECTOR, 0.5)], [VECTOR[::-1]], lambda _: 0.5 * VECTOR - VECTOR[::-1], ""),
        (["bank"], [(VECTOR, -2)], lambda u: u[1] - 2 * VECTOR, "bank"),
        (MATRIX[:2], ["loan"], lambda u: MATRIX[0] + MATRIX[1] - u[4], "loan"),
        ((), ["loan"], lambda u: -u[4], "loan"),
        ({"bank"}, iter(["river"]), lambda u: u[1] - u[0], "bank river"),
        ({"bank": 2.0, "river": 0.5}.items(), (), lambda u: 2 * u[1] + 0.5 * u[0], "bank river"),
        (np.array(["bank", "river"]), (), lambda u: u[1] + u[0], "bank river"),
        ([("money", np.float32(0.5)), ("blank", 0)], (), lambda u: u[2], "money blank"),
    ],
    ids=[
        "weights",
        "a negative weight",
        "a weight in negative",
        "a pair in a list",
        "a vector",
        "a list of numbers",
        "a vector and a word",
        "a vector with a weight",
        "a vector with a weight in negative",
        "a matrix",
        "only negative",
        "any iterable",
        "items of a dict",
        "an array of words",
        "weight 0",
    ],
)
def test_terms_are_words_vectors_and_weights(vectors, positive, negative, query, own):
    found = vectors.most_similar(positive, negative, k=5)
    assert found == cosines(vectors.unit_matrix, query(vectors.unit_matrix.astype(np.float64)), own.split())


def test_terms_mean_what_they_mean_in_gensim(vectors):
    models = pytest.importorskip("gensim.models")
    theirs = models.KeyedVectors(3)
    has_direction = MATRIX.any(axis=1)  # gensim divides by the lengths of all vectors
    theirs.add_vectors(np.array(WORDS)[has_direction].tolist(), MATRIX[has_direction])
    vectors = WordVectors(theirs.index_to_key, theirs.vectors)
    for positive, negative in [
        ([("river", 2.0), "money"], [("bank", -0.5)]),
        (VECTOR, None),
        ([VECTOR, ("loan", 3.0)], ["river"]),
        (["money"], [(VECTOR, -0.1), "loan"]),
    ]:
        expected = theirs.most_similar(positive, negative, topn=4)
        found = vectors.most_similar(positive, negative, k=4)
        assert [word for word, _ in found] == [word for word, _ in expected]
        assert [cosine for _, cosine in found] == pytest.approx([cosine for _, cosine in expected], abs=1e-6)


def test_a_weight_of_one_changes_nothing(vectors):
    weighted = vectors.most_similar([("river", 1), ("bank", 1.0)], [("loan", -1)], k=5)
    assert weighted == vectors.most_similar(["river", "bank"], ["loan"], k=5)


@pytest.mark.parametrize(
    ("positive", "negative", "message"),
    [
        ((), (), "needs at least one word"),
        (None, None, "needs at least one word"),
        (3, (), r"positive takes words, vectors of 3 numbers, and pairs .*'word', 0.5.*; got 3"),
        ("river", [None], "negative takes words, .* got None"),
        (b"river", (), "got b'river'"),
        (("river", 2.0), (), r"\[\('word', 0.5\)\]; got 2.0"),
        ([VECTOR[:2]], (), r"vectors of 3 numbers.*got the shape \(2,\)"),
        (VECTOR[:2], (), r"vectors of 3 numbers.*got the shape \(2,\)"),
        ([["1", "2", "3"]], (), "positive takes words"),
        ([[[1.0], [1.0, 2.0], 3.0]], (), "positive takes words"),
        ([1.0, np.nan, 0.0], (), "a vector in positive must be finite"),
        ((), np.array([1e300, 1.0, 0.0]), "a vector in negative must be finite in float32"),
        ([("river", "2")], (), "a pair in positive .* got the weight '2'"),
        ([["river", "bank"]], (), "a pair in positive .* got the weight 'bank'"),
        ([("river", True)], (), "got the weight True"),
        ([("river", np.inf)], (), "got the weight inf"),
        (
            "money",
            [("river", 0.5)],
            "a weight in negative must be below 0, got 0.5 for 'river'.*-0.5 keeps away",
        ),
        ({"river": 2.0}, (), r"got a dict: pass its items\(\)"),
    ],
)
def test_what_is_not_a_term_is_refused_in_one_line(vectors, positive, negative, message):
    with pytest.raises(ConfigError, match=message) as refused:
        vectors.most_similar(positive, negative)
    assert "\n" not in str(refused.value)


def test_an_unknown_word_in_a_pair_suggests_the_closest_spellings(vectors):
    with pytest.raises(UnknownWordError, match="closest spellings: bank"):
        vectors.most_similar([("bnak", 0.5)])


@pytest.mark.parametrize(
    ("positive", "negative"),
    [
        ("river", "river"),
        (["river", "loan", "money"], ["money", "river", "loan"]),
        ([("bank", 2.0)], [("bank", -2)]),
        ([("bank", 0.3), ("bank", -0.1), ("bank", -0.2)], ()),
        (["river"], [MATRIX[0] / 5**0.5]),
        ([MATRIX[2], -MATRIX[2]], ()),
        (["bank"], [MATRIX[1] / 3**0.5 * (1 + 3e-7)]),
    ],
    ids=[
        "a word",
        "words in another order",
        "weights",
        "weights of a word",
        "its vector",
        "vectors",
        "all but rounding",
    ],
)
def test_terms_that_cancel_out_are_refused(vectors, positive, negative):
    with pytest.raises(ConfigError, match=r"no direction.* cancel out"):
        vectors.most_similar(positive, negative)


@pytest.mark.parametrize("ask", ["blank", ["blank", "blank"], [("river", 0)], np.zeros(3)], ids=str)
def test_a_query_of_zeros_is_refused(vectors, ask):
    with pytest.raises(ConfigError, match=r"no direction: it is a vector of zeros"):
        vectors.most_similar(ask)


def test_the_vector_of_zeros_is_near_nothing(vectors):
    with pytest.raises(ConfigError, match=r"no direction: it is a vector of zeros"):
        vectors.nearest(np.zeros(3))


def test_among_many_queries_one_of_zeros_has_no_neighbors_and_the_others_have_theirs(vectors):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = vectors.neighbors(["river", "blank", "loan"], k=2)
        rows = vectors.neighbors(MATRIX[[3, 0]], k=2)
    assert found == [vectors.most_similar("river", k=2), [], vectors.most_similar("loan", k=2)]
    assert rows == [[], vectors.nearest(MATRIX[0], k=2)]


def test_nearly_opposite_terms_still_have_a_direction(vectors):
    nearly = MATRIX[0] / 5**0.5 - np.array([0, 0, 1e-4])
    assert vectors.most_similar("river", [nearly], k=1)[0].word == "money"


@pytest.mark.parametrize("count", [None, 1.5, "3", True, 2.0, [3]], ids=repr)
@pytest.mark.parametrize("name", ["k", "search_limit"])
def test_what_is_not_a_count_is_refused(vectors, name, count):
    if (name, count) == ("search_limit", None):  # all words may answer
        return
    for ask in (
        lambda **given: vectors.most_similar("river", **given),
        lambda **given: vectors.nearest(VECTOR, **given),
        lambda **given: vectors.neighbors(["river", "loan"], **given),
        lambda **given: vectors.analogy("river", "bank", "loan", **given),
        lambda **given: vectors.analogy("river", "bank", "loan", method="mul", **given),
    ):
        with pytest.raises(ConfigError, match=f"{name} must be an integer of at least 1, got"):
            ask(**{name: count})


@pytest.mark.parametrize("count", [np.int64(2), np.uint8(2)], ids=repr)
def test_counts_of_numpy_are_counts(vectors, count):
    assert len(vectors.most_similar("river", k=count)) == 2
    assert {word for word, _ in vectors.most_similar("loan", search_limit=count)} == {"river", "bank"}


@pytest.fixture
def points():
    return WordVectors(
        ["east", "west", "far east", "north", "south", "nowhere"],
        [[1.0, 0.1], [-1.0, -0.1], [3.0, 0.3], [0.2, 1.0], [-0.6, -3.0], [0.0, 0.0]],
    )


@pytest.mark.parametrize(
    "question",
    [
        ("east", "nowhere", "east"),  # c is a
        ("far east", "east", "nowhere"),  # b is as a, but for its length
        ("nowhere", "north", "south"),  # b and c are opposite
        ("nowhere", "nowhere", "nowhere"),
    ],
    ids=" ".join,
)
def test_an_analogy_without_a_direction_is_refused_and_among_many_has_no_answers(points, question):
    with pytest.raises(ConfigError, match=r"the analogy has no direction: b - a \+ c is a vector of zeros"):
        points.analogy(*question, k=2)
    none, some = points.analogies([question, ("west", "east", "north")], k=2)
    assert none == []
    assert some == points.analogy("west", "east", "north", k=2)
    assert len(some) == 2


def test_the_product_of_cosines_needs_no_direction(points):
    assert len(points.analogy("east", "nowhere", "east", k=2, method="mul")) == 2
