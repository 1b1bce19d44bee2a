"""gensim reads what wordvec writes, and the other way round, to the last bit."""

import warnings

import numpy as np
import pytest

from wordvec.formats.load import load
from wordvec.formats.save import save
from wordvec.vectors.word_vectors import WordVectors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of gensim's own imports
    keyedvectors = pytest.importorskip("gensim.models.keyedvectors")

pytestmark = [  # gensim leaves files open when there is no header
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.mark.parametrize(
    ("name", "format_name", "options"),
    [
        ("v.bin", None, {"binary": True}),
        ("v.txt", None, {"binary": False}),
        ("v.txt", "glove", {"binary": False, "no_header": True}),
    ],
    ids=["binary", "text", "glove"],
)
def test_gensim_reads_what_is_written(plain, tmp_path, name, format_name, options):
    save(plain, tmp_path / name, format_name)
    theirs = keyedvectors.KeyedVectors.load_word2vec_format(str(tmp_path / name), **options)
    assert theirs.index_to_key == plain.words
    assert theirs.vectors.tobytes() == plain.matrix.tobytes()


@pytest.mark.parametrize(
    "options",
    [{"binary": True}, {"binary": False}, {"binary": False, "write_header": False}],
    ids=["binary", "text", "no header"],
)
def test_what_gensim_writes_is_read(plain, tmp_path, options, assert_same):
    theirs = keyedvectors.KeyedVectors(plain.dim)
    theirs.add_vectors(plain.words, plain.matrix)
    theirs.save_word2vec_format(str(tmp_path / "v"), **options)
    assert_same(load(tmp_path / "v"), plain)


def test_answers_are_those_of_gensim():
    rng = np.random.default_rng(12)
    words = [f"w{row}" for row in range(301)]
    ours = WordVectors(words, rng.normal(size=(301, 23)))
    theirs = keyedvectors.KeyedVectors(23)
    theirs.add_vectors(words, ours.matrix)
    for query in (
        {"positive": ["w5"]},
        {"positive": ["w1", "w7"], "negative": ["w9"]},
        {"negative": ["w3", "w4"]},
    ):
        expected = theirs.most_similar(**query, topn=12)
        found = ours.most_similar(**query, k=12)
        assert [word for word, _ in found] == [word for word, _ in expected]
        assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-6)
    assert ours.similarity("w5", "w6") == pytest.approx(float(theirs.similarity("w5", "w6")), abs=1e-6)
