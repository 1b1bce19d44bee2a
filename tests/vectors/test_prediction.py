import numpy as np
import pytest

import wordvec
from wordvec.errors import ConfigError, UnknownWordError
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary

WORDS = ["the", "red", "wine", "glass", "nail", "hammer", "drink"]
RNG = np.random.default_rng(5)
INPUT, OUTPUT = RNG.normal(size=(2, 7, 5)).astype(np.float32)


def model(config=None, **parts):
    return WordVectors(WORDS, INPUT, output_matrix=OUTPUT, config=config, **parts)


def by_hand(hidden):
    """The words in the order of their scores, and their softmax."""
    scores = OUTPUT.astype(float) @ hidden
    shares = np.exp(scores) / np.exp(scores).sum()
    return [(WORDS[row], shares[row]) for row in np.argsort(-scores)]


def compare(found, expected):
    assert [word for word, _ in found] == [word for word, _ in expected]
    np.testing.assert_allclose([score for _, score in found], [score for _, score in expected], rtol=1e-6)


def test_words_are_ranked_by_the_output_matrix_and_the_mean_of_input_vectors():
    found = model().predict(["red", "glass"], k=7)
    compare(found, by_hand((INPUT[1].astype(float) + INPUT[3]) / 2))
    assert sum(one.score for one in found) == pytest.approx(1)


def test_a_word_that_is_repeated_counts_as_often():
    compare(model().predict(["red", "glass", "red"], k=7), by_hand((2.0 * INPUT[1] + INPUT[3]) / 3))


def test_a_model_that_was_trained_on_sums_predicts_by_sums():
    config = {"architecture": "cbow", "pooling": "sum"}
    compare(model(config).predict(["red", "glass"], k=7), by_hand(INPUT[1].astype(float) + INPUT[3]))
    of_pairs = {"architecture": "skipgram", "pooling": "sum"}  # which skip-gram does not look at
    compare(model(of_pairs).predict(["red"], k=7), by_hand(INPUT[1].astype(float)))


def test_position_weights_count_by_their_mean():
    weights = np.array([[1, 2, 3, 4, 5], [3, 2, 1, 0, -1]], np.float32)
    found = model(position_weights=weights).predict(["wine"], k=7)
    compare(found, by_hand(INPUT[2] * weights.mean(axis=0).astype(float)))


@pytest.mark.parametrize("context", [["red"], ["red", "wine", "red"], ["hammer", "the"]], ids=" ".join)
@pytest.mark.parametrize(("pooling", "cbow_mean"), [("mean", 1), ("sum", 0)])
def test_gensim_predicts_the_same(context, pooling, cbow_mean):
    gensim = pytest.importorskip("gensim")
    theirs = gensim.models.Word2Vec(
        [WORDS] * 5, vector_size=5, min_count=1, negative=2, sg=0, cbow_mean=cbow_mean, epochs=1, workers=1
    )
    order = theirs.wv.index_to_key
    theirs.wv.vectors = np.ascontiguousarray(INPUT[[WORDS.index(word) for word in order]])
    theirs.syn1neg = np.ascontiguousarray(OUTPUT[[WORDS.index(word) for word in order]])
    found = model({"architecture": "cbow", "pooling": pooling}).predict(context, k=4)
    expected = theirs.predict_output_word(context, topn=4)
    assert [word for word, _ in found] == [word for word, _ in expected]
    np.testing.assert_allclose([share for _, share in found], [share for _, share in expected], rtol=1e-4)


def test_many_contexts_are_answered_as_each_alone(monkeypatch):
    monkeypatch.setattr("wordvec.vectors.prediction.SCORES_PER_BLOCK", 21)  # three contexts at a time
    monkeypatch.setattr("wordvec.vectors.prediction.ROWS_PER_BLOCK", 3)
    contexts = [list(RNG.choice(WORDS, size)) for size in (1, 3, 2, 5, 1, 1, 4)]
    found = model().predictions(contexts, k=3, exclude=["nail"], exclude_context=True)
    assert found == [
        model().predict(context, k=3, exclude=["nail"], exclude_context=True) for context in contexts
    ]


def test_excluded_words_never_answer_and_leave_the_other_scores_as_they_are():
    everything = dict(model().predict(["red", "wine"], k=7))
    found = model().predict(["red", "wine"], k=7, exclude=["nail", "unknown"], exclude_context=True)
    assert [word for word, _ in found] == [w for w in everything if w not in ("nail", "red", "wine")]
    assert all(everything[word] == score for word, score in found)
    assert {word for word, _ in model().predict(["drink"], k=7, search_limit=2)} == {"the", "red"}


def test_equal_words_answer_in_the_order_of_their_ids():
    twice = WordVectors(WORDS, INPUT, output_matrix=np.repeat(OUTPUT[:1], 7, axis=0))
    assert [word for word, _ in twice.predict(["red"], k=4)] == WORDS[:4]


def test_scores_that_overflow_a_softmax_do_not():
    huge = WordVectors(["a", "b"], [[1e18], [0]], output_matrix=[[1e18], [1]])
    assert huge.predict(["a"], k=2) == [("a", 1.0), ("b", 0.0)]


def test_unknown_words_are_refused_or_skipped():
    with pytest.raises(UnknownWordError, match=r"'redd'.*closest spellings: red"):
        model().predict(["redd"])
    found = model().predictions([["redd", "wine"], ["redd"], []], k=1, skip_unknown=True)
    assert found == [model().predict(["wine"], k=1), [], []]


def test_cbow_counts_a_context_as_often_as_it_has_rows_and_skip_gram_does_not():
    vocabulary = SubwordVocabulary(
        ["wine", "glass"], SubwordRules(3, 3, 50)
    )  # <wi win ine ne>, <gl gla las ass ss>
    rows = RNG.normal(size=(vocabulary.num_rows, 5)).astype(np.float32)
    parts = {"output_matrix": OUTPUT[:2]}
    of_words = np.array([vocabulary.vector_of(word, rows) for word in ("wine", "glass", "glassy")], float)

    def shares(counts):
        scores = OUTPUT[:2].astype(float) @ (np.array(counts) @ of_words / np.sum(counts))
        return np.exp(scores) / np.exp(scores).sum()

    for config, counts in (
        (
            {"architecture": "cbow"},
            [2 * 5, 6, 6],
        ),  # an unknown word has no row of its own, but one more n-gram
        ({"architecture": "cbow", "pooling": "mean", "cbow_gradient": "word2vec"}, [2 * 5, 6, 6]),
        ({"architecture": "skipgram"}, [2, 1, 1]),
        (None, [2, 1, 1]),
    ):
        vectors = WordVectors(vocabulary, rows, config=config, **parts)
        found = dict(vectors.predict(["wine", "glassy", "wine", "glass"], k=2))
        np.testing.assert_allclose([found["wine"], found["glass"]], shares(counts), rtol=1e-5)


def test_a_word_of_known_ngrams_is_a_context():
    vocabulary = SubwordVocabulary(["wine", "glass"], SubwordRules(3, 3, 50))
    rows = RNG.normal(size=(vocabulary.num_rows, 3)).astype(np.float32)
    vectors = WordVectors(vocabulary, rows, output_matrix=[[1, 2, 3], [3, 2, 1]])
    expected = 0 if vectors["wines"] @ [1, 2, 3] > vectors["wines"] @ [3, 2, 1] else 1
    assert vectors.predict(["wines"], k=1)[0].word == ["wine", "glass"][expected]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "at least one word"),
        ((["red"], 0), "k must be at least 1"),
        (("red",), "must be a list of words"),
    ],
    ids=["no context", "k", "str"],
)
def test_impossible_questions_are_refused(arguments, message):
    with pytest.raises(ConfigError, match=message):
        model().predict(*arguments)
    with pytest.raises(ConfigError, match="search_limit"):
        model().predict(["red"], search_limit=0)


def test_gensims_names_are_explained():
    with pytest.raises(ConfigError, match="write k=5"):
        model().predict(["red"], topn=5)


def test_models_without_output_vectors_say_why():
    with pytest.raises(ConfigError, match="output vectors, and these vectors have none"):
        WordVectors(WORDS, INPUT).predict(["red"])
    tree = WordVectors(WORDS, INPUT, config={"objective": "hierarchical"})
    with pytest.raises(ConfigError, match="nodes of a tree"):
        tree.predict(["red"])


def test_what_stands_together_is_predicted_also_after_saving(tmp_path):
    texts = [["red", "wine"], ["hammer", "nail"]] * 300
    trained = wordvec.train(texts, dim=8, subsample=0, epochs=20, threads=1, negatives=2, progress=False)
    trained.save(tmp_path / "model.wv")
    found = wordvec.load(tmp_path / "model.wv")
    assert found.predict(["red"], k=1)[0].word == "wine"
    assert found.predict(["nail"], k=1)[0].word == "hammer"
    assert found.predict(["nail"]) == trained.predict(["nail"])
