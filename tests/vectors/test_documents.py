import numpy as np
import pytest

from wordvec.errors import ConfigError
from wordvec.vectors.documents import DocumentEncoder
from wordvec.vectors.word_vectors import WordVectors

WORDS = ["the", "of", "cat", "dog", "stock", "bond"]
RNG = np.random.default_rng(2)
VECTORS = WordVectors(WORDS, RNG.normal(size=(6, 4)), counts=[500, 300, 60, 60, 40, 40])
TEXTS = [["the", "cat", "of", "the", "dog"], ["the", "stock", "unknown"], ["bond", "of", "bond"], ["cat"]]


def by_the_paper(texts, a):
    """Algorithm 1 of Arora, Liang and Ma (2017), line by line."""
    p = dict(zip(WORDS, np.array([500, 300, 60, 60, 40, 40]) / 1000, strict=True))
    means = []
    for text in texts:
        known = [word for word in text if word in p]
        means.append(sum(a / (a + p[word]) * VECTORS[word].astype(float) for word in known) / len(known))
    matrix = np.array(means).T  # one column a text, as in the paper
    u = np.linalg.svd(matrix)[0][:, 0]
    return np.array([mean - u * (u @ mean) for mean in means])


def test_texts_are_encoded_by_the_papers_algorithm():
    found = DocumentEncoder(VECTORS, TEXTS, smoothing=0.01).encode(TEXTS)
    expected = by_the_paper(TEXTS, 0.01)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_frequent_words_count_less_the_smaller_the_smoothing():
    cosines = [
        float(DocumentEncoder(VECTORS, smoothing=a).encode([["the", "cat"]])[0] @ VECTORS.unit_matrix[2])
        for a in (1e-5, 1e-2, 10)
    ]
    assert cosines[0] > cosines[1] > cosines[2]


def test_order_plays_no_part_and_repetition_does():
    encoder = DocumentEncoder(VECTORS)
    one, turned, other = encoder.encode([["cat", "bond", "cat"], ["cat", "cat", "bond"], ["cat", "bond"]])
    assert np.array_equal(one, turned)
    assert not np.allclose(one, other)


def test_a_text_without_known_words_is_nowhere():
    encoder = DocumentEncoder(VECTORS, TEXTS)
    assert encoder.encode([["unknown"], []]).tolist() == [[0.0] * 4] * 2
    assert encoder.encode([]).shape == (0, 4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DocumentEncoder(WordVectors(["a"], [[1.0]])), "have no counts"),
        (lambda: DocumentEncoder(VECTORS, smoothing=0), "smoothing must be above 0, got 0"),
        (lambda: DocumentEncoder(VECTORS, [["unknown"]]), "no example has a word that has a vector"),
        (lambda: DocumentEncoder(VECTORS, []), "no example has a word that has a vector"),
        (
            lambda: DocumentEncoder(VECTORS).encode(["the cat"]),
            "must be a list of words, got the str 'the cat'",
        ),
        (lambda: DocumentEncoder(VECTORS).encode("the cat"), "must be a list of words"),
    ],
    ids=["counts", "smoothing", "unknown examples", "no examples", "text", "one text"],
)
def test_what_cannot_be_encoded_is_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()
