"""Unknown options: each verb names the one of its own that is meant."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("train c.txt --epoch 3", "--epoch (fastText): write --epochs 3"),
        ("train c.txt -size 64", "-size (gensim, word2vec.c): write --dim 64"),
        ("train c.txt --size=64", "--size=64 (gensim, word2vec.c): write --dim 64"),
        ("train c.txt --sg 1", "--sg (gensim): write --architecture skipgram"),
        ("train c.txt -cbow 1", "-cbow (word2vec.c): write --architecture cbow"),
        ("train c.txt -hs 1", "-hs (gensim, word2vec.c): write --objective hierarchical"),
        ("train c.txt -loss softmax", "-loss (fastText): write --objective softmax"),
        ("train c.txt --negative 0", "--negative (gensim, word2vec.c): write --objective hierarchical"),
        ("train c.txt -window 8", "-window: write --window 8"),
        ("train c.txt -output v.bin", "-output: write --output v.bin"),
        ("train c.txt --min_cuont 2", "--min_cuont: did you mean --min-count?"),
        (
            "train c.txt -wordNgrams 2",
            "-wordNgrams (fastText): leave it out, wordvec does not train classifiers",
        ),
        ("train -binary c.txt", "-binary (word2vec.c): the name chooses the format"),
        ("train -size c.txt", "-size (gensim, word2vec.c): write --dim; a file"),  # the text is no size
        ("similar m.wv king --topn 3", "--topn (gensim): write --k 3"),
        ("similar m.wv king --restrict_vocab=9", "--restrict_vocab=9 (gensim): write --search-limit 9"),
        ("similar m.wv king --negtive man", "--negtive: did you mean --negative?"),
        ("analogy m.wv a b c --topn 3", "--topn (gensim): write --k 3"),
        ("stability c.txt --workers 2", "--workers (gensim): write --threads 2"),
        ("convert a.wv b.txt --fromat text", "--fromat: did you mean --format?"),
        ("info m.wv --jsno", "--jsno: did you mean --json?"),
        ("map m.wv --zzzzz 1", "--zzzzz. Try: wordvec map --help"),
        ("resume m.wv --outptu x.wv", "--outptu: did you mean --output?"),
    ],
)
def test_an_unknown_option_names_the_one_that_is_meant(shell, command, message):
    status, out, err = shell(*command.split())
    assert (status, out) == (2, "")
    assert err.startswith(f"wordvec: error: unknown option {message}")
    assert err.endswith(f" Try: wordvec {command.split()[0]} --help\n")
    assert err.count("\n") == 1


def test_a_whole_command_of_word2vec_c_is_answered_in_one_line(shell):
    command = "train -train c.txt -size 64 -window 5 -hs 0 -threads 2 -binary 1"
    status, _, err = shell(*command.split())
    assert status == 2
    for meant in ("--dim 64", "--window 5", "--objective negative", "--threads 2", "NAME.bin is binary"):
        assert meant in err
    assert "; a file of that name: ./-train. Try: wordvec train --help\n" in err


@pytest.mark.parametrize("verb", ["similar", "analogy"])
def test_k_has_a_short_form(shell, model, verb):
    asked = ["king"] if verb == "similar" else ["man", "king", "woman"]
    assert shell(verb, model, *asked, "-k", 2) == shell(verb, model, *asked, "--k", 2)
    assert shell(verb, model, *asked, "-k", 2)[1].count("\n") == 2


def test_after_two_dashes_nothing_is_an_option(shell, model):
    status, out, _ = shell("similar", model, "--k", 1, "--", "-dash")
    assert (status, out.count("\n")) == (0, 1)


def test_an_output_written_to_its_flag_is_taken(shell, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, _, err = shell("train", "missing.txt", "-om.wv")
    assert status == 1
    assert "there is no file missing.txt" in err
