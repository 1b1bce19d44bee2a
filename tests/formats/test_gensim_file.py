"""gensim loads its own format as we write it."""

import pickletools
import warnings

import numpy as np
import pytest

from wordvec.vectors.word_vectors import WordVectors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of gensim's own imports
    keyedvectors = pytest.importorskip("gensim.models.keyedvectors")

pytestmark = [
    pytest.mark.filterwarnings("default::DeprecationWarning"),  # of gensim's own code
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def vectors():
    words = ["the", "naïve", "東京", "two words", "", "nul\0", *(f"word{row}" for row in range(94))]
    matrix = np.random.default_rng(5).normal(size=(100, 11))
    return WordVectors(words, matrix, counts=range(2**33 + 100, 2**33, -1))


@pytest.fixture
def theirs(vectors, tmp_path):
    vectors.save(tmp_path / "v.kv")
    return keyedvectors.KeyedVectors.load(str(tmp_path / "v.kv"))


def test_words_vectors_counts_and_neighbors_are_the_same(vectors, theirs):
    assert theirs.index_to_key == vectors.words
    assert theirs.vectors.tobytes() == vectors.matrix.tobytes()
    assert [theirs.get_vecattr(word, "count") for word in vectors.words] == vectors.counts.tolist()
    found, expected = theirs.most_similar("東京", topn=20), vectors.most_similar("東京", k=20)
    assert [word for word, _ in found] == [word for word, _ in expected]
    assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-5)


def test_they_can_be_changed_and_saved_by_gensim(theirs, tmp_path):
    theirs.set_vecattr("the", "count", 3)
    theirs.add_vectors(["new", "other"], np.ones((2, 11), np.float32))
    theirs.vectors[0] = 0
    theirs.save(str(tmp_path / "again.kv"))
    again = keyedvectors.KeyedVectors.load(str(tmp_path / "again.kv"))
    assert (again["new"].sum(), again["the"].sum(), again.get_vecattr("the", "count")) == (11, 0, 3)


def test_unknown_counts_are_left_out(vectors, tmp_path):
    WordVectors(vectors.words, vectors.matrix).save(tmp_path / "v.kv")
    theirs = keyedvectors.KeyedVectors.load(str(tmp_path / "v.kv"))
    assert theirs.expandos == {}


def test_the_pickle_names_nothing_but_gensim_and_numpy(vectors, tmp_path):
    vectors.save(tmp_path / "v.kv")
    named = {
        argument
        for opcode, argument, _ in pickletools.genops((tmp_path / "v.kv").read_bytes())
        if "GLOBAL" in opcode.name or opcode.name == "INST"
    }
    assert named == {
        "gensim.models.keyedvectors KeyedVectors",
        "numpy copy",
        "numpy reshape",
        "numpy frombuffer",
    }
