import json
import re

import numpy as np
import pytest

from wordvec import load_encoder
from wordvec.vectors.word_vectors import WordVectors

TEXTS = "The cat sleeps.\n\nA dog runs!\nStocks and bonds\nnothing known here\n"


@pytest.fixture
def model(tmp_path):
    words = ["the", "a", "cat", "dog", "sleeps", "runs", "stocks", "bonds"]
    matrix = np.random.default_rng(1).normal(size=(8, 6))
    matrix[3] = matrix[2] + 0.1  # dogs are like cats
    matrix[4:6] *= 0.01  # verbs say little
    counts = [900_000, 800_000, 9, 8, 7, 6, 5, 4]
    WordVectors(words, matrix, counts=counts, config={"tokenizer": "words"}).save(tmp_path / "model.wv")
    (tmp_path / "texts.txt").write_text(TEXTS, encoding="utf-8")
    return tmp_path / "model.wv"


def test_an_encoder_is_made_and_its_size_is_said(shell, model, tmp_path):
    flags = ["--precision", "int8", "--dim", 4, "--limit", 6]
    status, out, err = shell("encoder", model, "--output", tmp_path / "encoder", *flags)
    assert (status, out) == (0, "")
    assert re.fullmatch(
        r"wordvec: wrote .*encoder: 6 words, 4 dimensions, int8, [\d.]+ kB, tokenizer words\n", err
    )
    found = load_encoder(tmp_path / "encoder")
    assert (len(found), found.dim, found.precision, found.tokenizer) == (6, 4, "int8", "words")
    assert sorted(path.name for path in (tmp_path / "encoder").iterdir()) == [
        "README.md",
        "encoder.js",
        "encoder.safetensors",
    ]


def test_vectors_without_counts_are_weighed_alike_on_demand(shell, tmp_path):
    WordVectors(["a", "b"], np.eye(2)).save(tmp_path / "v.bin")
    status, _, err = shell("encoder", tmp_path / "v.bin", "-o", tmp_path / "encoder")
    assert status == 2
    assert "no counts" in err
    status, _, err = shell("encoder", tmp_path / "v.bin", "-o", tmp_path / "encoder", "--plain")
    assert status == 0
    assert "it has no tokenizer" in err
    flags = ["--plain", "--smoothing", "0.1"]
    assert shell("encoder", tmp_path / "v.bin", "-o", tmp_path / "encoder", *flags)[0] == 2


@pytest.mark.parametrize("made", [False, True], ids=["model", "encoder"])
def test_the_nearest_texts_are_lines_of_cosine_line_and_text(shell, model, tmp_path, made):
    encoder = model
    if made:
        shell("encoder", model, "-o", tmp_path / "encoder")
        encoder = tmp_path / "encoder"
    status, out, _ = shell(
        "search", tmp_path / "texts.txt", "--encoder", encoder, "--query", "cats? a cat", "--k", 2
    )
    assert status == 0
    rows = [line.split("\t") for line in out.splitlines()]
    assert {row[1] for row in rows} == {"1", "3"}  # with the empty line, which counts
    assert {row[2] for row in rows} == {"The cat sleeps.", "A dog runs!"}
    assert float(rows[0][0]) >= float(rows[1][0])


def test_several_queries_are_answered_in_json(shell, model, tmp_path):
    (tmp_path / "queries.txt").write_text("dog\nzzz\n", encoding="utf-8")
    status, out, err = shell(
        "search",
        tmp_path / "texts.txt",
        "-e",
        model,
        "--queries",
        tmp_path / "queries.txt",
        "-k",
        1,
        "--json",
    )
    assert status == 0
    found = json.loads(out)
    assert [one["query"] for one in found] == ["dog", "zzz"]
    assert found[0]["texts"][0]["text"] == "A dog runs!"
    assert found[1]["texts"] == []
    assert err == "wordvec: no word of this query is known: zzz\n"


def test_a_page_is_written_instead(shell, model, tmp_path):
    status, out, err = shell("search", tmp_path / "texts.txt", "-e", model, "-o", tmp_path / "page.html")
    assert (status, out) == (0, "")
    assert err.endswith("page.html: 4 texts\n")
    assert "texts.txt</title>" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "flags",
    [[], ["--query", "a", "--output", "page.html"], ["--queries", "-"]],
    ids=["nothing asked", "page and query", "twice standard input"],
)
def test_contradictions_are_misuses(shell, model, tmp_path, flags):
    texts = "-" if "-" in flags else tmp_path / "texts.txt"
    assert shell("search", texts, "-e", model, *flags)[0] == 2


def test_a_file_without_texts_is_refused(shell, model, tmp_path):
    (tmp_path / "empty.txt").write_text("\n", encoding="utf-8")
    status, _, err = shell("search", tmp_path / "empty.txt", "-e", model, "-q", "a")
    assert status == 2
    assert "has no text in it" in err


def test_hybrid_search_finds_words_that_have_no_vector(shell, model, tmp_path):
    texts = tmp_path / "texts.txt"
    status, out, err = shell("search", texts, "--encoder", model, "--query", "nothing", "--hybrid")
    assert status == 0
    assert out.split("\t")[1:] == ["5", "nothing known here\n"]
    assert "no word of this query is known: nothing" in err
    status, out, _ = shell(
        "search", texts, "--encoder", model, "-q", "bonds", "--hybrid", "--json", "-k", "1"
    )
    (answer,) = json.loads(out)["texts"]
    assert (answer["line"], answer["text"]) == (4, "Stocks and bonds")
    assert 0.5 < answer["similarity"] <= 1
    status, _, err = shell("search", texts, "--encoder", model, "--hybrid", "-o", tmp_path / "page.html")
    assert status == 2
    assert "leave out --hybrid" in err
