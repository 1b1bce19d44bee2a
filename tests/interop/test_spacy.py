"""spaCy loads what we write, as a pipeline and as vectors."""

import numpy as np
import pytest

from wordvec.errors import FormatError
from wordvec.vectors.word_vectors import WordVectors

spacy = pytest.importorskip("spacy")


@pytest.fixture
def folder(vectors, tmp_path):
    vectors.save(tmp_path / "pipeline", format="spacy")
    return tmp_path / "pipeline"


def test_each_word_has_its_vector(vectors, folder):
    pipeline = spacy.load(folder)
    for word in vectors.words:
        assert pipeline.vocab[word].vector.tobytes() == vectors[word].tobytes()
    text = pipeline("the unheard 東京")
    assert [token.has_vector for token in text] == [True, False, True]
    assert text[2].vector.tobytes() == vectors["東京"].tobytes()


def test_neighbors_are_the_same(vectors, folder, assert_same_neighbors):
    vocab = spacy.load(folder).vocab
    keys, _, scores = vocab.vectors.most_similar(vectors["the"][None].copy(), n=6)
    found = [(vocab.strings[key], float(score)) for key, score in zip(keys[0], scores[0], strict=True)]
    assert found[0][0] == "the"
    expected = vectors.most_similar("the", k=5)
    assert [word for word, _ in found[1:]] == [word for word, _ in expected]
    assert [score for _, score in found[1:]] == pytest.approx([score for _, score in expected], abs=1e-3)


def test_the_vectors_alone_can_be_loaded(vectors, folder):
    from spacy.vectors import Vectors

    theirs = Vectors().from_disk(folder / "vocab")
    assert np.asarray(theirs.data).tobytes() == vectors.matrix.tobytes()


def test_a_pipeline_may_be_replaced_and_other_folders_not(vectors, folder):
    vectors.save(folder, format="spacy")
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FormatError, match=r"other things in it \(notes\.txt\)"):
        vectors.save(folder, format="spacy")


def test_the_empty_word_is_refused(tmp_path):
    with pytest.raises(FormatError, match="spaCy cannot hold the empty word"):
        WordVectors(["a", ""], np.eye(2)).save(tmp_path / "pipeline", format="spacy")
