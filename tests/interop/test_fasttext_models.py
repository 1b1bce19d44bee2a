"""fastText's models: ours give its vectors to known and to unknown words, and it loads what we write."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wordvec.formats.load import load
from wordvec.formats.native import read_model
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary

fasttext = pytest.importorskip("fasttext")

LETTERS = "aeioubcdfglmnprstäßéñ東京語привет𝄞'-2"
NUM_UNKNOWN = 1000
SAME = 1e-6


def some_words(num_words: int, seed: int) -> list[str]:
    letters = random.Random(seed)  # noqa: S311
    return ["".join(letters.choices(LETTERS, k=letters.randint(1, 12))) for _ in range(num_words)]


def unknown_words(known: list[str]) -> list[str]:
    seen = set(known)
    return [word for word in dict.fromkeys(some_words(3000, seed=2)) if word not in seen][:NUM_UNKNOWN]


SETTINGS: dict[str, dict[str, Any]] = {
    "skipgram": {"model": "skipgram", "bucket": 20_000},
    "cbow": {"model": "cbow", "minn": 1, "maxn": 3, "bucket": 500},
    "tree": {"loss": "hs", "minn": 2, "maxn": 5, "bucket": 3000},
    "no n-grams": {"maxn": 0, "minn": 0},
}


@pytest.fixture(params=SETTINGS, ids=SETTINGS)
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    words = some_words(600, seed=1)
    drawn = random.Random(3).choices(words, k=20_000)  # noqa: S311
    lines = [" ".join(drawn[start : start + 10]) for start in range(0, len(drawn), 10)]
    (tmp_path / "text.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    trained = fasttext.train_unsupervised(
        str(tmp_path / "text.txt"),
        dim=13,
        minCount=1,
        epoch=1,
        thread=1,
        verbose=0,
        **SETTINGS[request.param],
    )
    trained.save_model(str(tmp_path / "model.bin"))
    return trained


def difference(one: Any, other: Any, words: list[str]) -> float:
    """The largest difference of a number in the vectors of words."""

    def vector(answering: Any, word: str) -> np.ndarray:
        if not isinstance(answering, WordVectors):
            return np.array(answering.get_word_vector(word))
        return answering[word] if answering.vocabulary.has_vector(word) else np.zeros(answering.dim)

    return max(float(np.abs(vector(one, word) - vector(other, word)).max()) for word in words)


def test_known_and_unknown_words_have_fasttexts_vectors(model: Any, tmp_path: Path) -> None:
    found = load(tmp_path / "model.bin")
    assert found.words == model.get_words()
    assert "</s>" in found
    assert found.counts is not None
    assert found.counts.tolist() == model.get_words(include_freq=True)[1].tolist()
    np.testing.assert_array_equal(found.rows, model.get_input_matrix()[: len(found.rows)])
    unknown = unknown_words(found.words)
    assert len(unknown) == NUM_UNKNOWN
    assert difference(found, model, found.words) <= SAME
    assert difference(found, model, unknown) <= SAME


def test_fasttext_loads_what_is_written_of_its_own_models(model: Any, tmp_path: Path) -> None:
    load(tmp_path / "model.bin").save(tmp_path / "model.wv")
    read_model(tmp_path / "model.wv").save(tmp_path / "again.bin", "fasttext")
    again = fasttext.load_model(str(tmp_path / "again.bin"))
    words = model.get_words()
    assert again.get_words() == words
    assert difference(again, model, [*words, *unknown_words(words)]) <= SAME
    if model.f.getArgs().loss.name != "hs":
        np.testing.assert_array_equal(again.get_output_matrix(), model.get_output_matrix())


def test_fasttext_loads_models_in_which_few_buckets_have_a_row_and_there_is_no_line_end(
    tmp_path: Path,
) -> None:
    words = list(dict.fromkeys(some_words(500, seed=4)))
    assert "</s>" not in words
    vocabulary = SubwordVocabulary(words, SubwordRules(3, 6, 200_000))
    rows = np.random.default_rng(5).normal(size=(vocabulary.num_rows, 7)).astype(np.float32)
    vectors = WordVectors(vocabulary, rows)
    vectors.save(tmp_path / "model.bin", "fasttext")
    model = fasttext.load_model(str(tmp_path / "model.bin"))
    unknown = unknown_words(words)
    assert sum(map(vocabulary.has_vector, unknown)) > NUM_UNKNOWN // 4
    assert difference(vectors, model, words) <= SAME
    assert difference(vectors, model, unknown) <= SAME
    assert np.isfinite(model.get_sentence_vector(" ".join(unknown[:9]))).all()
    assert model.get_nearest_neighbors(unknown[0])[0][1] in words


def test_fasttext_loads_simple_vectors(vectors: WordVectors, tmp_path: Path) -> None:
    vectors.save(tmp_path / "model.bin", "fasttext")
    model = fasttext.load_model(str(tmp_path / "model.bin"))
    assert model.get_words() == vectors.words
    assert difference(vectors, model, vectors.words) <= SAME
    assert not model.get_word_vector("unseen").any()


def test_a_classifier_is_refused(tmp_path: Path) -> None:
    from wordvec.errors import FormatError

    (tmp_path / "text.txt").write_text("__label__a some words\n__label__b other words\n" * 50)
    classifier = fasttext.train_supervised(str(tmp_path / "text.txt"), dim=3, epoch=1, verbose=0, bucket=100)
    classifier.save_model(str(tmp_path / "classes.bin"))
    with pytest.raises(FormatError, match="a classifier"):
        load(tmp_path / "classes.bin")


def test_labels_in_a_text_are_left_out(tmp_path: Path) -> None:
    lines = ["__label__a some words that are read", "__label__b other words that are written"] * 50
    (tmp_path / "text.txt").write_text("\n".join(lines))
    settings = {"dim": 3, "epoch": 1, "verbose": 0, "bucket": 100, "minCount": 1, "thread": 1}
    trained = fasttext.train_unsupervised(str(tmp_path / "text.txt"), **settings)
    trained.save_model(str(tmp_path / "model.bin"))
    found = load(tmp_path / "model.bin")
    assert not any(word.startswith("__label__") for word in found.words)
    assert difference(found, trained, [*found.words, "reader"]) <= SAME


def test_gensim_loads_what_is_written(tmp_path: Path) -> None:
    gensim = pytest.importorskip("gensim.models.fasttext")
    words = list(dict.fromkeys(some_words(200, seed=6)))
    vocabulary = SubwordVocabulary(words, SubwordRules(3, 5, 5000))
    rows = np.random.default_rng(7).normal(size=(vocabulary.num_rows, 5)).astype(np.float32)
    vectors = WordVectors(vocabulary, rows, counts=range(500, 500 - len(words), -1))
    vectors.save(tmp_path / "model.bin", "fasttext")
    found = gensim.load_facebook_vectors(str(tmp_path / "model.bin"))
    for word in [*words, *unknown_words(words)[:200]]:
        ours = vectors[word] if vocabulary.has_vector(word) else np.zeros(5)
        np.testing.assert_allclose(found[word], ours, atol=1e-5)
