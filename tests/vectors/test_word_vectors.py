import gc

import numpy as np
import pytest

from wordvec import ConfigError, UnknownWordError
from wordvec.vectors.word_vectors import Neighbor, WordVectors

WORDS = ["</s>", "paris", "rome", "soup", "nothing", "Paris"]
MATRIX = np.array(
    [[0.5, 0.5, 0.1], [2.0, 1.0, 0.0], [4.0, 3.0, 0.0], [-1.0, 3.0, 0.5], [0.0, 0.0, 0.0], [-4.0, -2.0, 0.0]],
    dtype=np.float32,
)


@pytest.fixture
def vectors():
    return WordVectors(WORDS, MATRIX, counts=[9, 7, 5, 3, 2, 1])


def test_words_give_their_own_rows(vectors):
    for row, word in enumerate(WORDS):
        assert np.array_equal(vectors[word], MATRIX[row])
        assert vectors[word].dtype == np.float32
    assert vectors.words == WORDS
    assert list(vectors) == WORDS
    assert len(vectors) == 6
    assert vectors.dim == 3
    assert repr(vectors) == "WordVectors(6 words x 3)"


def test_membership_is_about_words(vectors):
    assert "paris" in vectors
    assert "pariss" not in vectors
    assert 1 not in vectors


def test_lookup_keeps_order_and_repeats(vectors):
    assert np.array_equal(vectors.lookup(["soup", "</s>", "soup"]), MATRIX[[3, 0, 3]])
    assert vectors.lookup([]).shape == (0, 3)
    assert vectors.lookup("soup").shape == (1, 3)  # a word is not a list of letters
    assert vectors.ids(["rome", "paris"]).tolist() == [2, 1]


def test_an_unknown_word_suggests_the_closest_spellings(vectors):
    with pytest.raises(
        UnknownWordError, match=r"'pariss' is not .* \(6 words\); closest spellings: paris, Paris"
    ):
        vectors["pariss"]
    with pytest.raises(KeyError):
        vectors.lookup(["paris", "pariss"])


@pytest.mark.parametrize("key", [3, None, ["paris"], b"paris"], ids=repr)
def test_a_query_that_is_not_a_word_is_refused_with_the_way_to_ask_for_it(vectors, key):
    with pytest.raises(UnknownWordError, match=r"must be a str, got .*lookup"):
        vectors[key]


def test_neighbors_are_words_with_cosines_and_compare_as_tuples(vectors):
    best = vectors.most_similar("paris", k=2)
    assert best == [
        ("rome", pytest.approx(11 / 5**0.5 / 5)),
        ("</s>", pytest.approx(1.5 / 5**0.5 / 0.51**0.5)),
    ]
    word, similarity = best[0]
    assert isinstance(best[0], Neighbor)
    assert type(word) is str
    assert type(similarity) is float


def test_query_words_are_never_in_the_answer(vectors):
    answer = vectors.most_similar(positive=["paris", "rome", "paris"], negative=["soup"], k=100)
    assert {word for word, _ in answer} == {"</s>", "nothing", "Paris"}


def test_opposite_and_zero_vectors_come_last_and_in_order(vectors):
    assert vectors.most_similar("paris", k=9)[-2:] == [("nothing", 0.0), ("Paris", pytest.approx(-1.0))]


def test_several_words_are_weighed_by_direction_not_by_length(vectors):
    unit = MATRIX / np.maximum(np.linalg.norm(MATRIX, axis=1, keepdims=True), 1e-9)
    query = unit[1] + unit[3] - unit[0]
    expected = unit[2] @ (query / np.linalg.norm(query))
    answer = dict(vectors.most_similar(positive=["paris", "soup"], negative="</s>"))
    assert answer["rome"] == pytest.approx(expected, abs=1e-6)


def test_analogy_adds_and_subtracts_unit_vectors(vectors):
    assert vectors.analogy("paris", "rome", "soup", k=2) == vectors.most_similar(
        ["rome", "soup"], ["paris"], k=2
    )
    assert len(vectors.analogy("paris", "rome", "soup")) == 1


def test_negative_words_alone_are_a_query(vectors):
    assert vectors.most_similar(negative=["paris"], k=1)[0].word == "Paris"


def test_a_query_without_words_is_refused(vectors):
    with pytest.raises(ConfigError, match="at least one word"):
        vectors.most_similar()


def test_similarity_is_a_cosine_of_any_two_words(vectors):
    assert vectors.similarity("paris", "paris") == pytest.approx(1.0)
    assert vectors.similarity("paris", "Paris") == pytest.approx(-1.0)
    assert vectors.similarity("paris", "nothing") == 0.0
    assert type(vectors.similarity("paris", "rome")) is float


def test_what_is_given_out_cannot_be_written_to(vectors):
    for array in (vectors.matrix, vectors["paris"], vectors.counts, vectors.unit_matrix):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_right_arrays_are_not_copied_and_stay_writable_for_their_owner():
    matrix = MATRIX.copy()
    assert np.shares_memory(WordVectors(WORDS, matrix).matrix, matrix)
    matrix[0] = 1


def test_parts_that_are_not_given_are_not_there():
    vectors = WordVectors(["a"], [[1.0]])
    assert (vectors.counts, vectors.output_matrix, vectors.config, vectors.training) == (None, None, None, [])


def test_types_are_brought_to_the_stated_ones():
    vectors = WordVectors(
        iter(["a", "b"]),
        np.asfortranarray([[1, 2, 3], [4, 5, 6]]),
        counts=np.array([3, 1], dtype=np.uint8),
        output_matrix=[[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]],
        config={"dim": 3},
        training=iter([{"loss": 1.0}]),
    )
    assert vectors.matrix.dtype == vectors.output_matrix.dtype == np.float32
    assert vectors.matrix.flags.c_contiguous
    assert vectors.counts.dtype == np.int64
    assert vectors.training == [{"loss": 1.0}]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"words": []}, "at least one word"),
        ({"words": ["a", 5]}, "must be str, got 5 at row 1"),
        ({"words": ["a", "a"]}, "'a' more than once"),
        ({"matrix": [[1.0, 2.0]]}, r"matrix must have the shape \(2 rows, \(at least 1\)\), got \(1, 2\)"),
        ({"matrix": [1.0, 2.0]}, r"matrix must have the shape .* got \(2,\)"),
        ({"matrix": [[], []]}, r"matrix must have the shape .* got \(2, 0\)"),
        ({"matrix": [[1.0, 2.0], [1.0, np.nan]]}, r"NaN or infinity in row 1 \('b'\)"),
        (
            {"output_matrix": [[1.0], [2.0]]},
            r"output_matrix must have the shape \(2 rows, 2\), got \(2, 1\)",
        ),
        ({"output_matrix": [[1.0, 2.0], [np.inf, 0.0]]}, "output_matrix must be finite"),
        ({"counts": [1]}, "counts must be 2 integers"),
        ({"counts": [1.5, 2.5]}, "counts must be 2 integers.*float64"),
        ({"counts": [3, -1]}, "counts must be from 0 to .*, got -1 to 3"),
        ({"counts": np.uint64([2**63, 1])}, "counts must be from 0 to .*, got 1 to 9223372036854775808"),
        ({"matrix": [[1.0, 2.0], [1.0]]}, "matrix must be numbers, as many in each row"),
        ({"output_matrix": [["x", "y"]] * 2}, "output_matrix must be numbers, as many in each row"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_parts_that_do_not_fit_are_refused(parts, message):
    given = {"words": ["a", "b"], "matrix": [[1.0, 2.0], [3.0, 4.0]], **parts}
    with pytest.raises(ConfigError, match=message):
        WordVectors(given.pop("words"), given.pop("matrix"), **given)


def test_save_writes_what_load_reads(vectors, tmp_path):
    from wordvec import load

    vectors.save(tmp_path / "cities.wv")
    vectors.save(tmp_path / "cities.bin", format="word2vec-text")
    assert load(tmp_path / "cities.wv").counts.tolist() == [9, 7, 5, 3, 2, 1]
    assert (tmp_path / "cities.bin").read_bytes().startswith(b"6 3\n</s> 0.5 0.5 0.1\n")


def test_many_queries_at_once_are_answered_as_one_by_one(vectors):
    words = ["rome", "Paris", "rome"]
    together = vectors.neighbors(words, k=3)
    assert together == [vectors.most_similar(word, k=3) for word in words]
    assert vectors.neighbors(MATRIX[[2, 5]], k=2) == [vectors.nearest(row, k=2) for row in MATRIX[[2, 5]]]
    assert vectors.neighbors([]) == []


def test_a_vector_may_be_answered_by_the_word_it_came_from_and_a_word_is_not(vectors):
    assert vectors.nearest(MATRIX[1] * 7, k=1)[0] == ("paris", pytest.approx(1.0))
    assert vectors.neighbors(["paris"], k=1)[0][0].word == "rome"


@pytest.mark.parametrize(
    ("queries", "message"),
    [
        (np.zeros((2, 4)), r"shape \(queries, 3\).*got \(2, 4\)"),
        (np.zeros(3), r"shape \(queries, 3\).*got \(3,\)"),
        (np.array([[0, np.nan, 0]]), "NaN or infinity in query 0"),
        ([[1.0, 2.0]], r"shape \(queries, 3\).*got \(1, 2\)"),
        ([[1.0, 2.0, 3.0], [1.0]], "must be words, or vectors of 3 numbers"),
    ],
    ids=["other dim", "one vector", "nan", "list of other dim", "ragged"],
)
def test_an_impossible_query_is_refused(vectors, queries, message):
    with pytest.raises(ConfigError, match=message):
        vectors.neighbors(queries)


@pytest.mark.parametrize("kind", [np.str_, object], ids=["str", "object"])
def test_words_may_come_in_an_array_and_vectors_in_a_list(vectors, kind):
    words = ["rome", "Paris"]
    assert vectors.neighbors(np.array(words, dtype=kind), k=2) == vectors.neighbors(words, k=2)
    rows = [vectors[word] for word in words]
    assert vectors.neighbors(rows, k=2) == vectors.neighbors(np.array(rows), k=2)


def test_a_word_where_a_vector_is_wanted_is_refused(vectors):
    with pytest.raises(ConfigError, match="vectors of 3 numbers"):
        vectors.nearest("paris")


def test_only_the_first_words_answer_where_that_is_asked_for_but_any_may_ask(vectors):
    assert [word for word, _ in vectors.most_similar("Paris", search_limit=2)] == ["</s>", "paris"]
    assert [word for word, _ in vectors.neighbors(["Paris"], search_limit=2)[0]] == ["</s>", "paris"]
    assert [word for word, _ in vectors.nearest(MATRIX[5], search_limit=2)] == ["</s>", "paris"]
    assert [word for word, _ in vectors.analogy("Paris", "soup", "rome", 9, search_limit=2)] == [
        "</s>",
        "paris",
    ]
    with pytest.raises(ConfigError, match="search_limit must be at least 1"):
        vectors.most_similar("paris", search_limit=0)


def test_many_analogies_at_once_are_answered_as_one_by_one(vectors):
    questions = [("paris", "rome", "soup"), ("</s>", "Paris", "paris")]
    for method in ("add", "mul"):
        together = vectors.analogies(questions, 2, method=method)
        assert together == [vectors.analogy(*question, 2, method=method) for question in questions]
    assert vectors.analogy("paris", "rome", "soup", 3) == vectors.most_similar(
        ["rome", "soup"], ["paris"], k=3
    )


@pytest.mark.parametrize(
    "questions",
    [[("paris", "rome")], [("paris", "rome", "soup", "Paris")] * 3, ["paris"], "paris"],
    ids=["two words", "answers, too", "a word", "a str"],
)
def test_an_analogy_that_has_not_three_words_is_refused(vectors, questions):
    with pytest.raises(ConfigError, match=r"three words, \(a, b, c\), got .*paris"):
        vectors.analogies(questions)


def test_similarities_with_all_words_are_those_with_each(vectors):
    alone = [vectors.similarity("rome", word) for word in WORDS]
    assert vectors.similarities("rome").tolist() == alone
    assert vectors.similarities("rome", ["soup", "paris"]).tolist() == [alone[3], alone[1]]


def test_the_odd_one_is_the_least_typical(vectors):
    words = ["rome", "Paris", "paris", "</s>"]
    order = vectors.centrality(words)
    assert vectors.odd_one_out(words) == order[-1].word == "Paris"
    cosines = dict(vectors.nearest(vectors.mean_vector(words), k=6))
    assert [found.similarity for found in order] == pytest.approx(
        sorted((cosines[word] for word in words), reverse=True), abs=1e-6
    )


def test_any_iterable_of_words_has_an_odd_one_and_one_word_is_not_a_list_of_letters(vectors):
    words = ["rome", "Paris", "paris", "</s>"]
    for given in (iter(words), set(words), np.array(words)):
        odd = vectors.odd_one_out(given)
        assert (odd, type(odd)) == ("Paris", str)
    assert vectors.odd_one_out("rome") == "rome"


def test_rank_counts_the_nearer_words(vectors):
    order = [word for word, _ in vectors.most_similar("rome", k=9)]
    assert [vectors.rank("rome", word) for word in order] == [1, 2, 3, 4, 5]
    assert vectors.closer_than("rome", order[3]) == vectors.most_similar("rome", k=3)


@pytest.mark.parametrize("search_limit", [None, 1200])
def test_thousands_of_answers_are_named_as_a_few_are(search_limit):
    many = WordVectors([f"w{row}" for row in range(2500)], np.random.default_rng(8).normal(size=(2500, 4)))
    found = many.most_similar("w7", k=5000, search_limit=search_limit)
    assert len(found) == (search_limit or 2500) - 1
    assert found[:900] == many.most_similar("w7", k=900, search_limit=search_limit)
    cosines = many.similarities("w7").tolist()
    assert all(cosine == pytest.approx(cosines[int(word[1:])], abs=1e-6) for word, cosine in found)
    assert {(type(near), type(near.word), type(near.similarity)) for near in found} == {
        (Neighbor, str, float)
    }


@pytest.mark.parametrize("was_on", [True, False], ids=["on", "off"])
def test_garbage_collection_is_as_before_after_thousands_of_answers(was_on):
    many = WordVectors(map(str, range(2500)), np.random.default_rng(1).normal(size=(2500, 3)))
    if not was_on:
        gc.disable()
    try:
        assert len(many.most_similar("7", k=2000)) == 2000
        assert gc.isenabled() == was_on
    finally:
        gc.enable()
