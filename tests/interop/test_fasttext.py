"""fastText's .vec files are word2vec's text files: it starts from those that we write, and we read its own."""

import numpy as np
import pytest

from wordvec.formats.load import load

fasttext = pytest.importorskip("fasttext")


def train(vectors, folder, **settings):
    (folder / "text.txt").write_text("\n".join(" ".join(vectors.words) for _ in range(9)), encoding="utf-8")
    return fasttext.train_unsupervised(
        str(folder / "text.txt"),
        dim=vectors.dim,
        minCount=1,
        maxn=0,
        thread=1,
        epoch=1,
        verbose=0,
        **settings,
    )


def test_fasttext_starts_from_what_is_written(vectors, tmp_path):
    vectors.save(tmp_path / "start.vec")
    model = train(vectors, tmp_path, lr=0.0, pretrainedVectors=str(tmp_path / "start.vec"))
    found = np.array([model.get_word_vector(word) for word in vectors.words])
    assert found == pytest.approx(vectors.matrix, abs=1e-6)


def test_what_fasttext_writes_is_read(vectors, tmp_path):
    model = train(vectors, tmp_path)
    with (tmp_path / "model.vec").open("w", encoding="utf-8") as file:
        # As FastText::saveVectors, which Python cannot call: a space after each number, also after the last.
        words = model.get_words()
        file.write(f"{len(words)} {model.get_dimension()}\n")
        for word in words:
            numbers = " ".join(f"{number:.5g}" for number in model.get_word_vector(word))
            file.write(f"{word} {numbers} \n")
    found = load(tmp_path / "model.vec")
    assert found.words == words
    assert found.matrix == pytest.approx(np.array([model.get_word_vector(word) for word in words]), rel=1e-4)
