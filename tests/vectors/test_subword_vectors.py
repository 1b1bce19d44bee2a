"""Subword vectors: words that were never seen have vectors in every question, and rows are kept beside vectors."""

from __future__ import annotations

import numpy as np
import pytest

from wordvec.errors import ConfigError, UnknownWordError
from wordvec.vectors.documents import DocumentEncoder
from wordvec.vectors.growth import only_words
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary, ngram_buckets, ngrams

WORDS = ["paris", "rome", "parisian", "roman", "soup", "</s>"]
RULES = SubwordRules(3, 5, 1000)
DIM = 4


@pytest.fixture
def vectors() -> WordVectors:
    vocabulary = SubwordVocabulary(WORDS, RULES)
    rows = np.random.default_rng(7).normal(size=(vocabulary.num_rows, DIM)).astype(np.float32)
    return WordVectors(vocabulary, rows, counts=[9, 8, 7, 6, 5, 4])


def test_rows_are_those_that_were_given_and_read_only(vectors: WordVectors) -> None:
    assert vectors.rows.shape == (vectors.vocabulary.num_rows, DIM)
    assert vectors.matrix.shape == (len(WORDS), DIM)
    np.testing.assert_array_equal(vectors.matrix, vectors.vocabulary.all_vectors(vectors.rows))
    with pytest.raises(ValueError, match="read-only"):
        vectors.rows[0] = 0


def test_without_subwords_the_rows_are_the_matrix() -> None:
    simple = WordVectors(["a"], [[1.0]])
    assert simple.rows is simple.matrix


def test_position_weights_are_kept_and_read_only() -> None:
    found = WordVectors(["a"], [[1.0, 2.0]], position_weights=[[1, 2], [3, 4]])
    assert found.position_weights is not None
    assert found.position_weights.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert found.position_weights.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        found.position_weights[0] = 0
    assert WordVectors(["a"], [[1.0]]).position_weights is None


@pytest.mark.parametrize("weights", [[[1.0]], [1.0, 2.0], np.ones((0, 2)), [[np.nan, 1.0]], [["a", "b"]]])
def test_impossible_position_weights_are_refused_by_name(weights: list[float]) -> None:
    with pytest.raises(ConfigError, match="position_weights"):
        WordVectors(["a"], [[1.0, 2.0]], position_weights=weights)


def test_an_unknown_word_has_a_vector_in_every_question(vectors: WordVectors) -> None:
    assert "parisians" not in vectors
    assert vectors.vocabulary.has_vector("parisians")
    vector = vectors["parisians"]
    assert not vector.flags.writeable
    np.testing.assert_array_equal(vectors.lookup(["rome", "parisians"])[1], vector)
    nearest = vectors.nearest(vector, k=6)
    assert [near.word for near in vectors.most_similar("parisians", k=6)] == [near.word for near in nearest]
    assert vectors.most_similar(["rome"], negative=["parisians"], k=1)[0].word != "rome"
    assert vectors.most_similar([("parisians", 0.5), "rome"], k=6)[0].word in WORDS
    assert [found.word for found in vectors.neighbors(["parisians"], k=6)[0]] == [
        near.word for near in nearest
    ]
    cosine = float(vector @ vectors["rome"] / np.linalg.norm(vector) / np.linalg.norm(vectors["rome"]))
    assert vectors.similarity("parisians", "rome") == pytest.approx(cosine, abs=1e-6)
    assert vectors.similarities("rome", ["parisians"])[0] == pytest.approx(cosine, abs=1e-6)
    assert len(vectors.similarities("parisians")) == len(WORDS)
    assert vectors.n_similarity(["parisians"], ["rome"]) == pytest.approx(cosine, abs=1e-6)
    assert vectors.mean_vector(["parisians"]).shape == (DIM,)
    assert vectors.analogy("parisians", "paris", "roman")[0].word not in {"paris", "roman"}
    assert vectors.analogies([("paris", "parisians", "rome")], method="mul")[0]
    assert vectors.odd_one_out(["paris", "parisians", "soup"]) in {"paris", "parisians", "soup"}
    assert vectors.rank("parisians", nearest[0].word) == 1
    assert vectors.closer_than("rome", "parisians") is not None


def test_a_word_of_which_nothing_is_known_is_still_unknown(vectors: WordVectors) -> None:
    for ask in (vectors.__getitem__, vectors.most_similar, vectors.lookup, vectors.nearest_ngrams):
        with pytest.raises(UnknownWordError, match="xylyl"):
            ask("xylyl")
    assert not vectors.vocabulary.has_vector("xylyl")


def test_unknown_words_count_in_documents_as_the_rarest(vectors: WordVectors) -> None:
    encoder = DocumentEncoder(vectors)
    np.testing.assert_allclose(
        encoder.encode([["parisians"]])[0],
        vectors["parisians"] / np.linalg.norm(vectors["parisians"]),
        rtol=1e-5,
    )
    share = 3e-4 / (3e-4 + 8 / 39)  # of rome
    mean = share * vectors["rome"] + vectors["parisians"]
    np.testing.assert_allclose(
        encoder.encode([["rome", "parisians", "xylyl"]])[0], mean / np.linalg.norm(mean), rtol=1e-4
    )


def test_unknown_words_are_embedded_as_layers_of_a_network(vectors: WordVectors) -> None:
    pytest.importorskip("torch")
    weight = vectors.embedding_for(["parisians", "rome"]).weight.tolist()
    np.testing.assert_array_equal(weight, vectors.lookup(["parisians", "rome"]))


def ngrams_by_hand(vectors: WordVectors, word: str) -> list[tuple[str, float]]:
    """All n-grams of all words, with the cosines of their rows."""
    assert isinstance(vectors.vocabulary, SubwordVocabulary)
    used = vectors.vocabulary.used_buckets.tolist()
    found = {}
    for known in vectors.words:
        for ngram, bucket in zip(
            ngrams(known, RULES), ngram_buckets([known], RULES)[1].tolist(), strict=True
        ):
            row = vectors.rows[len(vectors) + used.index(bucket)].astype(np.float64)
            lengths = np.linalg.norm(row) * np.linalg.norm(vectors[word])
            found[ngram] = float(row @ vectors[word] / lengths)
    return sorted(found.items(), key=lambda pair: -pair[1])


@pytest.mark.parametrize("word", ["paris", "parisians"])
@pytest.mark.parametrize("k", [1, 5, 1000])
def test_nearest_ngrams_are_those_of_a_comparison_with_each(vectors: WordVectors, word: str, k: int) -> None:
    expected = ngrams_by_hand(vectors, word)
    found = vectors.nearest_ngrams(word, k)
    assert len(found) == min(k, len(expected))
    assert len({ngram for ngram, _ in found}) == len(found)
    assert [cosine for _, cosine in found] == pytest.approx([cosine for _, cosine in expected[:k]], abs=1e-6)
    cosines = dict(expected)
    assert all(cosine == pytest.approx(cosines[ngram], abs=1e-6) for ngram, cosine in found)


def test_ngrams_of_one_bucket_come_together_the_most_common_first() -> None:
    words = ["aba", "abc", "abd"]
    vocabulary = SubwordVocabulary(words, SubwordRules(3, 3, 1))
    found = WordVectors(vocabulary, np.ones((vocabulary.num_rows, 2))).nearest_ngrams("aba", 99)
    assert found[0].word == "<ab"  # which all have
    assert sorted(near.word for near in found) == ["<ab", "aba", "abc", "abd", "ba>", "bc>", "bd>"]


def test_buckets_that_no_word_falls_into_do_not_answer() -> None:
    vocabulary = SubwordVocabulary(["aba"], SubwordRules(3, 3, 50), np.arange(50))
    rows = np.tile(np.float32([1, 0]), (51, 1))  # of which most are nearer than those of the word's n-grams
    rows[1 + vocabulary.buckets] = [1, 1]
    found = WordVectors(vocabulary, rows).nearest_ngrams("aba", 3)
    assert sorted(near.word for near in found) == ["<ab", "aba", "ba>"]


def test_a_model_whose_words_have_no_ngrams_has_no_nearest_ones() -> None:
    assert WordVectors(SubwordVocabulary(["</s>"], RULES), [[1.0]]).nearest_ngrams("</s>") == []


def test_nearest_ngrams_without_subwords_are_refused() -> None:
    with pytest.raises(ConfigError, match="need a model with subwords"):
        WordVectors(["a"], [[1.0]]).nearest_ngrams("a")


@pytest.mark.parametrize("k", [0, 1.5])
def test_an_impossible_number_of_ngrams_is_refused(vectors: WordVectors, k: int) -> None:
    with pytest.raises(ConfigError, match="k must be"):
        vectors.nearest_ngrams("paris", k)


def test_a_word_without_a_direction_has_no_nearest_ngrams() -> None:
    vocabulary = SubwordVocabulary(["aba"], RULES)
    zeros = WordVectors(vocabulary, np.zeros((vocabulary.num_rows, 2)))
    with pytest.raises(ConfigError, match="no direction"):
        zeros.nearest_ngrams("aba")


def test_some_words_of_a_subword_model_keep_its_ngrams(vectors: WordVectors) -> None:
    left = only_words(vectors, ["rome", "paris"])
    assert left.words == ["paris", "rome"]
    np.testing.assert_array_equal(left.matrix, vectors.matrix[:2])
    np.testing.assert_array_equal(left["parisian"], mean_without_own_row(vectors, "parisian"))


def mean_without_own_row(vectors: WordVectors, word: str) -> np.ndarray:
    others = SubwordVocabulary(["</s>"], RULES, vectors.vocabulary.used_buckets)  # type: ignore[attr-defined]
    return others.vector_of(word, vectors.rows[len(vectors) - 1 :])
