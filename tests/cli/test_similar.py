import json

import pytest


def test_neighbours_are_lines_of_word_and_cosine(shell, model):
    assert shell("similar", model, "king", "--k", 2) == (0, "man\t0.7071\n東京\t0.2626\n", "")


def test_several_words_are_one_query(shell, model, vectors):
    _, out, _ = shell("similar", model, "king", "queen", "--k", 3, "--json")
    expected = vectors.most_similar(["king", "queen"], k=3)
    assert json.loads(out) == {
        "query": ["king", "queen"],
        "neighbors": [{"word": word, "similarity": similarity} for word, similarity in expected],
    }


def test_ten_neighbours_unless_asked_otherwise(shell, model):
    assert shell("similar", model, "king")[1].count("\n") == 8  # there are no more
    assert shell("similar", model, "king", "--k=1")[1].count("\n") == 1


def test_json_is_one_document_on_one_line(shell, model):
    _, out, _ = shell("similar", model, "paris", "--json")
    assert out.count("\n") == 1
    assert "東京" in out
    assert json.loads(out)["neighbors"][0]["word"] == "-dash"


def test_after_two_dashes_a_word_may_begin_with_one(shell, model):
    assert shell("similar", model, "--k", 1, "--", "-dash")[0] == 0


def test_control_characters_do_not_reach_the_terminal(shell, model):
    assert "bell\\x07\t" in shell("similar", model, "paris")[1]


def test_an_unknown_word_suggests_spellings_and_fails(shell, model):
    status, out, err = shell("similar", model, "quen")
    assert (status, out) == (1, "")
    assert err == "wordvec: error: 'quen' is not in the vocabulary (9 words); closest spellings: queen\n"


def test_no_neighbours_at_all_are_a_misuse(shell, model):
    status, _, err = shell("similar", model, "king", "--k", "0")
    assert status == 2
    assert "k must be at least 1, got 0" in err


@pytest.mark.parametrize("name", ["v.bin", "v.vec"])
def test_files_of_others_answer_too(shell, model, vectors, name, tmp_path):
    vectors = type(vectors)(["a", "b"], [[1.0, 0.0], [1.0, 1.0]])
    vectors.save(tmp_path / name)
    assert shell("similar", tmp_path / name, "a") == (0, "b\t0.7071\n", "")
