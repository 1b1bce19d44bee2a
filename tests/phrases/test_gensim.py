"""The same phrases, scores and joined texts as gensim's Phrases."""

import pytest
from tests.phrases.test_finding import OF, joined_texts, texts_of

from wordvec.phrases.finding import find_phrases
from wordvec.phrases.phrases import ENGLISH_CONNECTOR_WORDS

gensim_phrases = pytest.importorskip("gensim.models.phrases")

# Without the delimiter inside of words, which gensim would take for phrases.
PLAIN = ("new", "york", "of", "the", "city", "bank", "river", "a", "b", "c", "d")


@pytest.mark.parametrize("connector_words", [(), OF], ids=["no connectors", "connectors"])
@pytest.mark.parametrize(("scoring", "threshold"), [("word2vec", 0.02), ("npmi", -0.2)])
def test_phrases_scores_and_joined_texts_are_those_of_gensim(scoring, threshold, connector_words, tmp_path):
    texts = texts_of(7, words=PLAIN)
    theirs = gensim_phrases.Phrases(
        texts,
        min_count=3,
        threshold=threshold,
        scoring="default" if scoring == "word2vec" else scoring,
        connector_words=frozenset(connector_words),
    ).freeze()
    ours = find_phrases(
        texts, min_count=3, threshold=threshold, scoring=scoring, connector_words=connector_words
    )
    assert len(ours) > 3
    assert {ours.name(one): pytest.approx(one.score) for one in ours} == theirs.phrasegrams
    assert joined_texts(texts, ours, tmp_path) == [theirs[text] for text in texts]


def test_two_passes_are_two_models_of_gensim(tmp_path):
    texts = texts_of(8, words=PLAIN)
    first = gensim_phrases.Phrases(texts, min_count=3, threshold=0.1).freeze()
    second = gensim_phrases.Phrases(first[texts], min_count=3, threshold=0.1).freeze()
    ours = find_phrases(texts, min_count=3, threshold=0.1, passes=2)
    expected = [second[first[text]] for text in texts]
    found = joined_texts(texts, ours, tmp_path)
    same = sum(one == other for one, other in zip(found, expected, strict=True))
    assert same >= 0.99 * len(texts)


def test_the_english_connector_words_are_those_of_gensim():
    assert set(ENGLISH_CONNECTOR_WORDS) == gensim_phrases.ENGLISH_CONNECTOR_WORDS
