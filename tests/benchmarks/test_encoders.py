import gzip

import numpy as np

from benchmarks import encoders
from wordvec.evaluation.sentences import SentencePairs
from wordvec.vectors.word_vectors import WordVectors

WORDS = [f"word{number}" for number in range(200)]
RNG = np.random.default_rng(1)


def test_everything_is_measured_and_shown(monkeypatch):
    monkeypatch.setattr(encoders, "SHORT_TEXTS", 40)
    monkeypatch.setattr(encoders, "ROUNDS", 2)
    monkeypatch.setattr(encoders, "FREQUENT", 100)
    monkeypatch.setattr(encoders, "KINDS", (("SIF", "int8", 8, 100), ("SIF", "bit", None, None)))
    counts = np.arange(2000, 0, -10)
    vectors = WordVectors(WORDS, RNG.normal(size=(200, 16)), counts=counts, config={"tokenizer": "words"})
    pairs = [tuple(" ".join(RNG.choice(WORDS, 5)) for _ in range(2)) for _ in range(30)]
    test = SentencePairs(pairs, RNG.random(30).tolist())
    documents = [" ".join(RNG.choice(WORDS, 30)) for _ in range(50)]
    queries = [" ".join(text.split()[:8]) for text in documents[:20]]
    entry = {"load_average": 1.0, **encoders.measured(vectors, test, test, (queries, documents))}
    assert [row["name"] for row in entry["rows"]] == ["plain mean", "SIF", "SIF", "as model2vec weighs"]
    assert entry["a"] in encoders.CONSTANTS
    assert entry["bm25_recall"] == 1
    assert 0.5 < entry["hybrid_recall"] <= 1
    assert entry["rows"][1]["bytes"] < entry["rows"][0]["bytes"] / 4
    monkeypatch.setattr(encoders, "heading", lambda *_: "# Text encoders")
    assert encoders.page({**entry, "conditions": {}}).count("\n| ") == 5 + 3 + 6 + 1


def test_the_search_task_parts_paragraphs_after_their_first_sentence(tmp_path):
    lines = ["Too short. Not this.", "The first sentence has seven whole words. " + "more " * 50]
    with gzip.open(tmp_path / "raw.txt.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(lines))
    queries, documents = encoders.search_task(tmp_path / "raw.txt.gz")
    assert queries == ["The first sentence has seven whole words"]
    assert documents == [("more " * 50).strip()]
