"""sentence-transformers and model2vec load what we write, and encode with it."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from wordvec.corpus.tokenizers import spacing_named
from wordvec.vectors.documents import sif_weights
from wordvec.vectors.word_vectors import WordVectors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of their own imports
    sentence_transformers = pytest.importorskip("sentence_transformers")
    model2vec = pytest.importorskip("model2vec")
    tokenizers = pytest.importorskip("tokenizers")

TEXTS = ["the the word7", "The ‘naïve’ 東京, (don’t) ßtraße-2024!", "unheard-of word3 the"]


def load_with_sentence_transformers(path):
    return sentence_transformers.SentenceTransformer(str(path), device="cpu")


def load_with_model2vec(path):
    return model2vec.StaticModel.from_pretrained(str(path))


LIBRARIES = {"sentence-transformers": load_with_sentence_transformers, "model2vec": load_with_model2vec}


def weighted(vectors, words):
    return vectors.lookup(words) * sif_weights(vectors, words)[:, None]


def mean(vectors, words):
    return weighted(vectors, words).mean(axis=0)


@pytest.mark.parametrize(
    ("written_for", "library"),
    [
        ("sentence-transformers", "sentence-transformers"),
        ("model2vec", "model2vec"),
        ("model2vec", "sentence-transformers"),
    ],
)
def test_texts_are_encoded_as_means_of_their_words(vectors, tmp_path, written_for, library):
    vectors.save(tmp_path / "model", format=written_for)
    encoded = LIBRARIES[library](tmp_path / "model").encode(TEXTS)
    assert encoded[0] == pytest.approx(mean(vectors, ["the", "the", "word7"]), abs=1e-6)
    known = ["the", "naïve", "東京", "don't", "ßtraße", "2024"]
    assert encoded[1] == pytest.approx(mean(vectors, known), abs=1e-6)


def test_unknown_words_leave_the_direction_as_it_is(vectors, tmp_path):
    known = mean(vectors, ["word3", "the"])
    for name, load in LIBRARIES.items():
        vectors.save(tmp_path / name, format=name)
        found = load(tmp_path / name).encode(TEXTS)[2]
        assert found @ known / np.linalg.norm(found) / np.linalg.norm(known) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("library", LIBRARIES)
def test_neighbors_are_the_same(vectors, tmp_path, library, assert_same_neighbors):
    vectors.save(tmp_path / "model", format=library)
    words = [word for word in vectors.words if word != "</s>"]  # which the tokenizer takes apart
    encoded = LIBRARIES[library](tmp_path / "model").encode(words)
    unit = encoded / np.linalg.norm(encoded, axis=1, keepdims=True)
    scores = unit @ unit[words.index("the")]
    best = [row for row in np.argsort(-scores) if words[row] != "the"][:5]
    found = WordVectors(words, vectors.lookup(words)).most_similar("the", k=5)
    assert [(words[row], scores[row]) for row in best] == [
        (word, pytest.approx(score, abs=1e-5)) for word, score in found
    ]


def tokenizer_of(path: Path):
    return tokenizers.Tokenizer.from_file(str(path / "tokenizer.json"))


@pytest.mark.parametrize(
    "text",
    [
        "'Don't' say well-known O'Neil2_a",
        "it’s  a\ttest\n, isn't''it? naïve x'",
        "می‌خواهم Ünïcode e\u0301té 3.14 a\u200d b\u200dc",
    ],
)
def test_the_tokenizer_takes_texts_apart_as_words_does(tmp_path, text):
    import pyarrow as pa

    expected = spacing_named("words")(pa.array([text])).to_pylist()[0].split()
    vectors = WordVectors(sorted(set(expected)), np.eye(len(set(expected))), config={"tokenizer": "words"})
    vectors.save(tmp_path / "model", format="model2vec")
    assert tokenizer_of(tmp_path / "model").encode(text).tokens == expected


def test_words_between_white_space_keep_their_case_where_there_are_capitals(tmp_path):
    WordVectors(["Paris", "paris,", "[UNK]"], np.eye(3)).save(tmp_path / "model", format="model2vec")
    tokenizer = tokenizer_of(tmp_path / "model")
    assert tokenizer.encode("Paris paris, PARIS [UNK]").ids == [0, 1, 3, 2]


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_card_has_front_matter_and_an_example_that_runs(vectors, tmp_path, library):
    from huggingface_hub import ModelCard

    vectors.save(tmp_path / "model", format=library)
    card = ModelCard.load(tmp_path / "model" / "README.md")
    assert card.data.library_name == library
    code = card.content.split("```python\n")[1].split("```")[0]
    exec(code.replace("path/to/this/folder", str(tmp_path / "model")), {})  # noqa: S102


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_folder_may_be_replaced(vectors, tmp_path, library):
    for _ in range(2):
        vectors.save(tmp_path / "model", format=library)
    assert LIBRARIES[library](tmp_path / "model").encode(["the"])[0] == pytest.approx(
        weighted(vectors, ["the"])[0]
    )
