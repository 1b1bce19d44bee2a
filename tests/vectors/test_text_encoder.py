import numpy as np
import pytest

from wordvec.errors import ConfigError
from wordvec.phrases.phrases import Phrase, Phrases
from wordvec.vectors.documents import DocumentEncoder
from wordvec.vectors.text_encoder import TextEncoder
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary

WORDS = ["the", "of", "cat", "dog", "stock", "bond", "café", "日本"]
RNG = np.random.default_rng(2)
MATRIX = (RNG.normal(size=(8, 6)) * [3, 0.1, 2, 1, 0.5, 1]).astype(np.float32)
COUNTS = [500, 300, 60, 60, 40, 40, 3, 1]
VECTORS = WordVectors(WORDS, MATRIX, counts=COUNTS, config={"tokenizer": "words"})
TEXTS = ["The cat, of the DOG!", "stock unknown bond", "日本 cafe\u0301", "", "unknown", "cat " * 400 + "dog"]


def cosines(vectors):
    return vectors.astype(float) @ vectors.astype(float).T


def test_cosines_are_those_of_weighted_means():
    words = [text.lower().replace(",", "").replace("!", "").replace("e\u0301", "é").split() for text in TEXTS]
    expected = DocumentEncoder(VECTORS).encode(words)
    found = TextEncoder.of(VECTORS).encode(TEXTS)
    np.testing.assert_allclose(cosines(found), cosines(expected), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), [1, 1, 1, 0, 0, 1], atol=1e-6)
    assert found.dtype == np.float32


def test_without_smoothing_all_words_weigh_alike_and_counts_are_not_needed():
    plain = TextEncoder.of(WordVectors(WORDS, MATRIX), smoothing=None, tokenizer="words")
    expected = MATRIX[[2, 3]].sum(axis=0)
    found = plain.encode(["cat dog", "cat"])
    cosine = expected @ MATRIX[2] / np.linalg.norm(expected) / np.linalg.norm(MATRIX[2])
    assert cosines(found)[0, 1] == pytest.approx(cosine, abs=1e-6)
    with pytest.raises(ConfigError, match="no counts"):
        TextEncoder.of(WordVectors(WORDS, MATRIX))


def test_a_prefix_of_the_dimensions_is_the_encoder_of_fewer():
    whole = TextEncoder.of(VECTORS)
    np.testing.assert_allclose(
        whole.truncated(3).encode(TEXTS), TextEncoder.of(VECTORS, dim=3).encode(TEXTS), atol=1e-6
    )
    spread = np.square(np.asarray(whole.rows.codes, float)).sum(axis=0)
    assert (np.diff(spread) <= 1e-9).all()
    small = TextEncoder.of(VECTORS, precision="int8").truncated(4)
    assert small.rows.codes.shape == (8, 4)
    for encoder, dim in ((whole, 7), (TextEncoder.of(VECTORS, precision="bit"), 3)):
        with pytest.raises(ConfigError, match="dim must be at most 6"):
            encoder.truncated(dim)


@pytest.mark.parametrize(("precision", "tolerance"), [("float16", 2e-3), ("int8", 0.02), ("bit", 0.5)])
def test_fewer_bits_are_near(precision, tolerance):
    random = np.random.default_rng(1)
    words = [f"word{number}" for number in range(300)]
    vectors = WordVectors(words, random.normal(size=(300, 64)), counts=random.integers(1, 9, 300))
    texts = [random.choice(words, 8).tolist() for _ in range(60)]
    whole = cosines(TextEncoder.of(vectors).encode(texts))
    assert (
        np.abs(cosines(TextEncoder.of(vectors, precision=precision).encode(texts)) - whole).max() < tolerance
    )


def test_a_text_has_the_same_vector_in_any_company(monkeypatch):
    encoder = TextEncoder.of(VECTORS, precision="int8")
    together = encoder.encode(TEXTS)
    monkeypatch.setattr("wordvec.vectors.text_encoder.TEXTS_PER_BLOCK", 2)
    texts = [*TEXTS, " ".join(RNG.choice(WORDS, 70)), " ".join(RNG.choice(WORDS, 40_000))]
    together = np.concatenate([together, encoder.encode(texts[-2:])])
    rows = encoder.encode([[word] for word in WORDS]).astype(float)
    lengths = np.linalg.norm(encoder.rows.codes * encoder.rows.scales[:, None].astype(float), axis=1)
    for text, vector in zip(texts[-2:], together[-2:], strict=True):
        expected = sum(text.split().count(word) * lengths[i] * rows[i] for i, word in enumerate(WORDS))
        np.testing.assert_allclose(vector, expected / np.linalg.norm(expected), atol=1e-6)
    assert np.array_equal(encoder.encode(texts), together)
    assert np.array_equal(np.concatenate([encoder.encode([text]) for text in texts]), together)


def test_unknown_words_are_the_mean_of_their_ngrams_and_weigh_as_much_as_the_rarest():
    vocabulary = SubwordVocabulary(["the", "wine", "glass"], SubwordRules(3, 4, 60))
    rows = RNG.normal(size=(vocabulary.num_rows, 5)).astype(np.float32)
    vectors = WordVectors(vocabulary, rows, counts=[90, 5, 5])
    encoder = TextEncoder.of(vectors)
    texts = [["the", "wines"], ["wines", "qqq", "wines"], ["glass"], ["qqq"]]
    expected = DocumentEncoder(vectors).encode(
        [[w for w in text if vectors.vocabulary.has_vector(w)] for text in texts]
    )
    np.testing.assert_allclose(cosines(encoder.encode(texts)), cosines(expected), atol=1e-6)
    without = TextEncoder.of(vectors, subwords=False)
    assert np.array_equal(without.encode([["wines", "glass"]]), without.encode([["glass"]]))


def test_phrases_are_joined_as_in_the_training_text():
    phrases = Phrases(((Phrase(("new", "york"), 9, 12.0, ""),),))
    vectors = WordVectors(
        ["new_york", "new"], [[1, 0], [0, 1]], counts=[1, 1], config={"tokenizer": "words"}, phrases=phrases
    )
    found = cosines(TextEncoder.of(vectors).encode(["New York!", "new"]))
    np.testing.assert_allclose(found, np.eye(2), atol=1e-6)


def test_half_characters_and_odd_texts_are_harmless():
    found = TextEncoder.of(VECTORS).encode(["cat \ud800 dog", "\0", "cat dog", "\udfff" * 10])
    assert cosines(found)[0, 2] == pytest.approx(1, abs=1e-6)
    assert not found[1].any()


def test_lists_of_words_are_taken_as_they_are():
    encoder = TextEncoder.of(WordVectors(["a b", "c"], [[1, 0], [0, 1]], counts=[1, 1]))
    assert encoder.tokenizer is None
    assert np.abs(encoder.encode([["a b"], ["c", "c"]])).sum() == pytest.approx(2)
    assert encoder.encode([]).shape == (0, 2)


@pytest.mark.parametrize(
    ("words", "trained", "expected"),
    [
        (["the", "cat", "café"], "whitespace", "words"),
        (["the", "cat", "Rome"], "whitespace", "whitespace"),
        (["the", "cat", "mat."], "whitespace", "whitespace"),
        (["the", "cat"], "punctuation", "punctuation"),
        (["the", "cat"], None, None),
        (["the", "cat"], "tests.my_tokenizer", None),
    ],
    ids=["plain", "capital", "mark", "other", "unknown", "function"],
)
def test_the_tokenizer_is_that_of_training_or_one_that_cuts_its_words_alike(words, trained, expected):
    vectors = WordVectors(words, np.eye(len(words)), counts=[1] * len(words), config={"tokenizer": trained})
    assert TextEncoder.of(vectors).tokenizer == expected


def test_a_function_cuts_texts():
    encoder = TextEncoder.of(VECTORS, tokenizer=lambda text: text.split("|"))
    assert np.array_equal(encoder.encode(["cat|dog"]), encoder.encode([["cat", "dog"]]))
    assert repr(encoder) == "TextEncoder(8 words x 6, float32, tokenizer of its own)"


@pytest.mark.parametrize(
    ("texts", "message"),
    [("a text", "put it in brackets"), (["a text", ["a", "list"]], "got both"), (["a text"], "no tokenizer")],
    ids=["str", "both", "no tokenizer"],
)
def test_other_texts_are_refused(texts, message):
    with pytest.raises(ConfigError, match=message):
        TextEncoder.of(WordVectors(["a"], [[1.0]], counts=[1])).encode(texts)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dim": 7}, "dim must be at most 6"),
        ({"dim": 0}, "dim must be at least 1"),
        ({"smoothing": 0}, "smoothing must be above 0"),
        ({"precision": "int4"}, "precision must be"),
        ({"tokenizer": "sentences"}, "tokenizer must be"),
    ],
    ids=["more", "none", "smoothing", "precision", "tokenizer"],
)
def test_impossible_settings_are_refused_by_name(settings, message):
    with pytest.raises(ConfigError, match=message):
        TextEncoder.of(VECTORS, **settings)
