import io
import json
import sys

import pytest

from wordvec.formats.load import load
from wordvec.phrases.phrases import Phrase, Phrases
from wordvec.vectors.word_vectors import WordVectors

TEXT = "\n".join(f"w{n % 50} new york x{n % 50} bank of rivers y{n % 50}" for n in range(200))


@pytest.fixture
def corpus(tmp_path):
    (tmp_path / "corpus.txt").write_text(TEXT)
    return tmp_path / "corpus.txt"


@pytest.fixture
def of_phrases(tmp_path):
    """A model whose text had the phrases new_york and rare_one, of which only the first is in its vocabulary."""
    words = ["new", "york", "new_york", "paris", "san_marino", "rare", "one"]
    vectors = WordVectors(
        words,
        [[0, 1, 0], [0, 0.8, 0.2], [1, 0, 0], [0.9, 0.1, 0], [0.8, 0.2, 0], [0, 0, 1], [0, 0.1, 1]],
        phrases=Phrases(((Phrase(("new", "york"), 9, 12.0, ""), Phrase(("rare", "one"), 6, 11.0, "")),)),
    )
    vectors.save(tmp_path / "phrases.wv")
    return tmp_path / "phrases.wv"


def test_the_first_phrases_are_lines_of_phrase_count_score_and_example(shell, corpus):
    status, out, err = shell("phrases", corpus, "--threshold", 1, "--k", 1, "--connector-words", "of")
    phrase, count, score, example = out.split("\t")
    assert (status, phrase, count, example) == (
        0,
        "bank_of_rivers",
        "200",
        "w0 new york x0 bank of rivers y0\n",
    )
    assert float(score) > 1
    assert err == "wordvec: 2 phrases in 1,600 words\n"


def test_json_is_one_document_with_every_phrase(shell, corpus):
    arguments = ["--threshold", 0.5, "--connector-words", "of,the", "--passes", 2]
    _, out, _ = shell("phrases", corpus, *arguments, "--json")
    document = json.loads(out)
    assert document["settings"]["connector_words"] == ["of", "the"]
    assert document["words"] == 1600
    phrases = {one["phrase"]: one for one in document["phrases"]}
    assert phrases["bank_of_rivers"]["words"] == ["bank", "of", "rivers"]
    assert phrases["new_york"]["pass"] == 1
    assert phrases["new_york"]["example"].startswith("w0 new york")


def test_phrases_are_saved_trained_with_and_asked_for(shell, corpus, tmp_path):
    file, model = tmp_path / "p.json", tmp_path / "model.wv"
    status, _, err = shell("phrases", corpus, "--output", file, "--threshold", 0.5)
    assert status == 0
    assert f"saved to {file}" in err
    flags = ["--dim", 8, "--epochs", 1, "--threads", 1, "--subsample", 0]
    assert shell("train", corpus, "--phrases", file, "--output", model, *flags)[0] == 0
    vectors = load(model)
    assert "new_york" in vectors
    assert vectors.phrases == Phrases.load(file)
    assert (
        shell("similar", model, "new", "york", "--k", 1)[1]
        == shell("similar", model, "new_york", "--k", 1)[1]
    )
    assert "phrases" in shell("info", model)[1]


def test_standard_input_is_a_text(shell, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert "new_york" in shell("phrases", "-", "--threshold", 0.5)[1]


def test_forgotten_pairs_are_reported(shell, tmp_path):
    (tmp_path / "a.txt").write_text("\n".join(f"a{n} b{n}" for n in range(1000)))
    _, _, err = shell("phrases", tmp_path / "a.txt", "--max-pairs", 100)
    assert (
        "warning: there were more than 100 distinct pairs, so pairs seen up to 1 times were forgotten" in err
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "there is no text to find phrases in"),
        (["a.txt", "--threshold", 0], "threshold must be a number above 0"),
        (["a.txt", "--scoring", "npmi", "--threshold", 7], "at most 1"),
        (["a.txt", "--k", 0], "--k must be at least 1"),
        (["a.txt", "--tresholt", 7], "unknown option --tresholt: did you mean --threshold?"),
        (["a.txt", "--output", "."], "--output . is a folder"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, list) else "",
)
def test_misuse_is_one_line(shell, arguments, message):
    status, out, err = shell("phrases", *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_training_with_a_file_of_something_else_is_refused(shell, corpus, tmp_path):
    status, _, err = shell("train", corpus, "--phrases", corpus, "--output", tmp_path / "m.wv")
    assert status == 1
    assert "corpus.txt is not a file of phrases" in err


def test_a_dry_run_counts_with_phrases(shell, corpus, tmp_path):
    shell("phrases", corpus, "--output", tmp_path / "p.json", "--threshold", 0.5)
    plain = shell("train", corpus, "--dry-run", "--json")[1]
    joined = shell("train", corpus, "--dry-run", "--json", "--phrases", tmp_path / "p.json")[1]
    words = [json.loads(one)["estimate"]["words"] for one in (plain, joined)]
    assert words[1] < words[0]


@pytest.mark.parametrize(
    ("asked", "query"),
    [
        (["new", "york"], ["new_york"]),
        (["york", "new"], ["york", "new"]),
        (["new york"], ["new_york"]),
        (["new  york", "paris"], ["new_york", "paris"]),
        (["paris", "new", "york"], ["paris", "new_york"]),
        (["san marino"], ["san_marino"]),
        (["san", "marino"], ["san_marino"]),
        (["rare", "one"], ["rare", "one"]),
        (["new"], ["new"]),
    ],
    ids=str,
)
def test_words_that_were_one_in_training_are_one_in_queries(shell, of_phrases, asked, query):
    assert json.loads(shell("similar", of_phrases, *asked, "--json")[1])["query"] == query


def test_joining_several_words_is_reported(shell, of_phrases):
    assert shell("similar", of_phrases, "new", "york", "--k", 1) == (
        0,
        "paris\t0.9939\n",
        "wordvec: new york: asked as new_york\n",
    )


def test_an_unknown_word_with_spaces_is_named_as_it_was_asked(shell, of_phrases):
    status, _, err = shell("similar", of_phrases, "no such")
    assert status == 1
    assert "'no such' is not in the vocabulary" in err


def test_lists_of_queries_analogies_and_maps_know_phrases(shell, of_phrases, tmp_path):
    (tmp_path / "queries.txt").write_text("new york\nparis\n")
    out = shell("similar", of_phrases, "--queries", tmp_path / "queries.txt", "--k", 1)[1]
    assert out.splitlines()[0].split("\t")[0] == "new_york"
    answer = json.loads(shell("analogy", of_phrases, "new york", "paris", "san marino", "--json")[1])
    assert answer["query"] == {"a": "new_york", "b": "paris", "c": "san_marino"}


def test_a_word_with_a_space_that_is_known_stays_as_it_is(shell, model):
    assert json.loads(shell("similar", model, "two words", "--json")[1])["query"] == ["two words"]
