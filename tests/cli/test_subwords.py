"""Every verb takes words that were never seen, of a model with subwords."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wordvec import load
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary

WORDS = ["paris", "rome", "parisian", "roman", "soup", "souper", "singing", "sing"]
UNSEEN = "parisians"
Shell = Callable[..., tuple[int, str, str]]


@pytest.fixture
def vectors() -> WordVectors:
    vocabulary = SubwordVocabulary(WORDS, SubwordRules(3, 5, 1000))
    rows = np.random.default_rng(7).normal(size=(vocabulary.num_rows, 4)).astype(np.float32)
    return WordVectors(vocabulary, rows, counts=range(8, 0, -1), output_matrix=np.ones((8, 4)))


@pytest.fixture
def model(vectors: WordVectors, tmp_path: Path) -> Path:
    vectors.save(tmp_path / "model.wv")
    return tmp_path / "model.wv"


def lines_of(neighbors: list[Any]) -> str:
    return "".join(f"{word}\t{cosine:.4f}\n" for word, cosine in neighbors)


def test_similar_answers_an_unknown_word(shell: Shell, model: Path, vectors: WordVectors) -> None:
    status, out, err = shell("similar", model, UNSEEN, "--k", 3)
    assert (status, out, err) == (0, lines_of(vectors.most_similar(UNSEEN, k=3)), "")
    _, out, _ = shell("similar", model, "rome", "--negative", UNSEEN, "--k", 3)
    assert out == lines_of(vectors.most_similar("rome", UNSEEN, k=3))


@pytest.mark.parametrize("flags", [[], ["--approximate"]], ids=["exact", "approximate"])
def test_queries_with_a_vector_are_answered_and_others_left_out(
    shell: Shell, model: Path, vectors: WordVectors, tmp_path: Path, flags: list[str]
) -> None:
    if flags:
        pytest.importorskip("usearch")
    (tmp_path / "words.txt").write_text(f"rome\n{UNSEEN}\nxylyl\n")
    asked = ["similar", model, "--queries", tmp_path / "words.txt", "--k", 1, *flags]
    status, _, err = shell(*asked)
    assert status == 1
    assert "'xylyl' is not in the vocabulary" in err
    assert "1 of the 3 queries" in err
    status, out, _ = shell(*asked, "--skip-unknown")
    assert status == 0
    expected = [(word, vectors.most_similar(word, k=1)[0]) for word in ("rome", UNSEEN)]
    assert out == "".join(f"{word}\t{near}\t{cosine:.4f}\n" for word, (near, cosine) in expected)


def test_nearest_ngrams_are_printed(shell: Shell, model: Path, vectors: WordVectors) -> None:
    expected = vectors.nearest_ngrams(UNSEEN, 4)
    assert shell("similar", model, UNSEEN, "--ngrams", "--k", 4) == (0, lines_of(expected), "")
    _, out, _ = shell("similar", model, UNSEEN, "--ngrams", "--k", 4, "--json")
    assert json.loads(out) == {
        "query": UNSEEN,
        "ngrams": [{"ngram": ngram, "similarity": cosine} for ngram, cosine in expected],
    }


@pytest.mark.parametrize(
    "flags",
    [
        ["more"],
        ["--negative", "rome"],
        ["--queries", "words.txt"],
        ["--search-limit", "2"],
        ["--approximate"],
        ["--skip-unknown"],
    ],
    ids=lambda flags: flags[0],
)
def test_ngrams_with_what_they_cannot_honor_are_refused(shell: Shell, model: Path, flags: list[str]) -> None:
    status, out, err = shell("similar", model, "rome", "--ngrams", *flags)
    assert (status, out) == (2, "")
    assert "--ngrams answers one word" in err


def test_ngrams_of_a_model_without_subwords_are_refused_in_a_line(shell: Shell, tmp_path: Path) -> None:
    WordVectors(["a"], [[1.0]]).save(tmp_path / "plain.wv")
    status, _, err = shell("similar", tmp_path / "plain.wv", "a", "--ngrams")
    assert status == 2
    assert "nearest n-grams need a model with subwords" in err
    assert err.count("\n") == 1


def test_analogy_takes_an_unknown_word(shell: Shell, model: Path, vectors: WordVectors) -> None:
    _, out, _ = shell("analogy", model, "paris", UNSEEN, "rome", "--k", 2)
    assert out == lines_of(vectors.analogy("paris", UNSEEN, "rome", 2))


def test_evaluate_counts_unknown_words_with_a_vector_and_says_how_many(
    shell: Shell, model: Path, vectors: WordVectors, tmp_path: Path
) -> None:
    (tmp_path / "pairs.tsv").write_text(
        f"paris\trome\t9\nParis\t{UNSEEN}\t8\nsingings\t{UNSEEN}\t3\nsoup\txylyl\t1\nsoup\tsing\t2\n"
    )
    status, out, err = shell("evaluate", model, tmp_path / "pairs.tsv", "--json")
    assert status == 0
    score = json.loads(out)["tests"][0]["scores"][0]
    assert (score["asked"], score["unknown_words"]) == (4, 2)
    status, out, err = shell("evaluate", model, tmp_path / "pairs.tsv")
    assert out.splitlines()[1].split("\t")[5:] == ["4", "5"]
    assert "model.wv makes vectors of n-grams for 2 words that are not in its vocabulary" in err


def test_evaluate_says_nothing_of_them_where_there_are_none(
    shell: Shell, model: Path, tmp_path: Path
) -> None:
    (tmp_path / "pairs.tsv").write_text("paris\trome\t9\nsoup\tsing\t2\nsoup\trome\t3\n")
    assert "n-grams" not in shell("evaluate", model, tmp_path / "pairs.tsv")[2]


def test_evaluate_finds_outliers_and_categories_among_unknown_words(
    shell: Shell, model: Path, tmp_path: Path
) -> None:
    (tmp_path / "cities.txt").write_text(f"paris\nrome\n{UNSEEN}\n\nsoups\nsing\n")
    _, out, _ = shell("evaluate", model, tmp_path / "cities.txt", "--json")
    score = json.loads(out)["tests"][0]["scores"][0]
    assert (score["asked"], score["unknown_words"]) == (2, 2)


def test_info_says_how_ngrams_are_cut_and_how_many_rows_there_are(
    shell: Shell, model: Path, vectors: WordVectors
) -> None:
    facts = dict(line.split("\t") for line in shell("info", model)[1].splitlines())
    used = vectors.vocabulary.num_rows - len(WORDS)
    assert facts["n-grams"] == "3 to 5 characters; unknown words have vectors"
    assert facts["buckets"] == f"1,000, {used} of them with a row"
    assert facts["rows"] == f"{len(WORDS) + used}, of words and buckets"
    assert json.loads(shell("info", model, "--json")[1])["subwords"] == {
        "min_n": 3,
        "max_n": 5,
        "buckets": 1000,
        "used_buckets": used,
        "rows": len(WORDS) + used,
    }


def test_convert_goes_to_fasttext_and_back(
    shell: Shell, model: Path, vectors: WordVectors, tmp_path: Path
) -> None:
    status, _, err = shell("convert", model, tmp_path / "model.bin", "--format", "fasttext")
    assert status == 0
    assert "left out" not in err
    assert shell("convert", tmp_path / "model.bin", tmp_path / "again.wv")[0] == 0
    again = load(tmp_path / "again.wv")
    np.testing.assert_allclose(again.matrix, vectors.matrix, atol=1e-6)
    np.testing.assert_allclose(again[UNSEEN], vectors[UNSEEN], atol=1e-6)
    assert again.counts is not None
    assert again.counts.tolist() == list(range(8, 0, -1))


@pytest.mark.parametrize("name", ["vectors.bin", "vectors.txt", "vectors.safetensors", "vectors.npz"])
def test_convert_says_that_a_format_has_no_subwords(
    shell: Shell, model: Path, vectors: WordVectors, tmp_path: Path, name: str
) -> None:
    _, _, err = shell("convert", model, tmp_path / name)
    assert "subwords (unknown words have no vector there)" in err
    np.testing.assert_allclose(load(tmp_path / name).matrix, vectors.matrix, rtol=1e-5)


def test_convert_says_that_a_format_has_no_weights_of_positions(shell: Shell, tmp_path: Path) -> None:
    WordVectors(["a"], [[1.0]], position_weights=[[2.0]]).save(tmp_path / "model.wv")
    assert "left out: position weights\n" in shell("convert", tmp_path / "model.wv", tmp_path / "v.bin")[2]


@pytest.mark.parametrize("flag", ["--near", "--only"])
def test_a_map_shows_unknown_words(shell: Shell, model: Path, tmp_path: Path, flag: str) -> None:
    output = tmp_path / "map.parquet"
    words = [UNSEEN, "romans"] if flag == "--near" else [UNSEEN, "romans", *WORDS[:4]]
    status, _, err = shell("map", model, "--output", output, flag, *words, "--method", "pca")
    assert status == 0, err
    import pyarrow.parquet as pq

    table = pq.read_table(output).to_pydict()
    assert {UNSEEN, "romans"} <= set(table["text"])
    counts = dict(zip(table["text"], table["count"], strict=True))
    assert counts[UNSEEN] == 0
    assert counts["paris"] == 8


def test_a_map_of_a_word_without_a_vector_is_refused(shell: Shell, model: Path, tmp_path: Path) -> None:
    status, _, err = shell("map", model, "--output", tmp_path / "map.parquet", "--only", "paris", "xylyl")
    assert status == 1
    assert "'xylyl' is not in the vocabulary" in err


def test_compare_and_stability_take_models_with_subwords(
    shell: Shell, model: Path, vectors: WordVectors, tmp_path: Path
) -> None:
    WordVectors(vectors.vocabulary, vectors.rows[::-1]).save(tmp_path / "other.wv")
    for verb in ("compare", "stability"):
        status, out, err = shell(verb, model, tmp_path / "other.wv", "--json", "--k", 2)
        assert status == 0, err
        assert json.loads(out)
