import io
import json

import pytest


def test_neighbors_are_lines_of_word_and_cosine(shell, model):
    assert shell("similar", model, "king", "--k", 2) == (0, "man\t0.7071\n東京\t0.2626\n", "")


def test_several_words_are_one_query(shell, model, vectors):
    _, out, _ = shell("similar", model, "king", "queen", "--k", 3, "--json")
    expected = vectors.most_similar(["king", "queen"], k=3)
    assert json.loads(out) == {
        "query": ["king", "queen"],
        "neighbors": [{"word": word, "similarity": similarity} for word, similarity in expected],
    }


def test_ten_neighbors_unless_asked_otherwise(shell, model):
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


def test_no_neighbors_at_all_are_a_misuse(shell, model):
    status, _, err = shell("similar", model, "king", "--k", "0")
    assert status == 2
    assert "k must be at least 1, got 0" in err


@pytest.mark.parametrize("name", ["v.bin", "v.vec"])
def test_files_of_others_answer_too(shell, model, vectors, name, tmp_path):
    vectors = type(vectors)(["a", "b"], [[1.0, 0.0], [1.0, 1.0]])
    vectors.save(tmp_path / name)
    assert shell("similar", tmp_path / name, "a") == (0, "b\t0.7071\n", "")


def test_words_to_stay_away_from_are_part_of_the_query(shell, model, vectors):
    _, out, _ = shell("similar", model, "king", "--negative", "man", "queen", "--k", 1, "--json")
    word, similarity = vectors.most_similar("king", ["man", "queen"], k=1)[0]
    assert json.loads(out) == {
        "query": ["king"],
        "negative": ["man", "queen"],
        "neighbors": [{"word": word, "similarity": similarity}],
    }


def test_only_the_first_words_answer_where_that_is_asked_for(shell, model):
    assert shell("similar", model, "東京", "--search-limit", 2)[1] == "king\t0.2626\nman\t0.0000\n"


def test_a_file_of_queries_is_answered_line_by_line(shell, model, vectors, tmp_path):
    file = tmp_path / "words.txt"
    file.write_bytes("\ufeffking\r\n\r\ntwo words\n".encode())
    status, out, err = shell("similar", model, "--queries", file, "--k", 2)
    expected = [
        f"{query}\t{word}\t{cosine:.4f}\n"
        for query in ("king", "two words")
        for word, cosine in vectors.most_similar(query, k=2)
    ]
    assert (status, out.replace("\\x07", "\x07"), err) == (0, "".join(expected), "")
    document = json.loads(shell("similar", model, "--queries", file, "--k", 1, "--json")[1])
    assert [answer["query"] for answer in document] == [["king"], ["two words"]]


def test_queries_come_from_standard_input_too(shell, model, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"king\nman")))
    assert shell("similar", model, "--queries", "-", "--k", 1)[1] == "king\tman\t0.7071\nman\tking\t0.7071\n"


def test_an_unknown_word_among_queries_is_reported_before_the_first_answer(shell, model, tmp_path):
    (tmp_path / "words.txt").write_text("king\nkong\n")
    status, out, err = shell("similar", model, "--queries", tmp_path / "words.txt")
    assert (status, out) == (1, "")
    assert "'kong' is not in the vocabulary" in err


def test_an_approximate_search_says_how_much_it_finds(shell, model, tmp_path):
    pytest.importorskip("usearch")
    (tmp_path / "words.txt").write_text("king\nman\n")
    status, out, err = shell("similar", model, "--queries", tmp_path / "words.txt", "--approximate", "--k", 1)
    assert (status, out) == (0, "king\tman\t0.7071\nman\tking\t0.7071\n")
    assert "approximate: finds 100.0% of the true 8 nearest (9 words tried)" in err


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "name at least one word, or a file of them with --queries"),
        (["king", "--queries", "x.txt"], 2, "leave out the other words"),
        (["king", "--approximate"], 2, "--approximate needs --queries"),
        (["--queries", "nowhere.txt"], 1, "nowhere.txt does not exist"),
        (["king", "--search-limit", "0"], 2, "search_limit must be at least 1, got 0"),
    ],
    ids=["no word", "words and a file", "approximate for one", "missing file", "nobody may answer"],
)
def test_what_cannot_be_asked_is_refused_in_one_line(shell, model, arguments, status, message):
    found, out, err = shell("similar", model, *arguments)
    assert (found, out, err.count("\n")) == (status, "", 1)
    assert message in err


def test_unknown_queries_are_counted_and_may_be_left_out(shell, model, tmp_path):
    (tmp_path / "words.txt").write_text("king\nkong\nqueen\nkink\n")
    status, out, err = shell("similar", model, "--queries", tmp_path / "words.txt")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "'kong' is not in the vocabulary" in err
    assert "2 of the 4 queries are not in the vocabulary: --skip-unknown leaves them out" in err
    status, out, err = shell(
        "similar", model, "--queries", tmp_path / "words.txt", "--skip-unknown", "--k", 1
    )
    assert (status, [line.split("\t")[0] for line in out.splitlines()]) == (0, ["king", "queen"])
    assert err == "wordvec: 2 of the 4 queries are not in the vocabulary, and left out\n"
    assert shell("similar", model, "king", "--skip-unknown")[0] == 2


def test_queries_that_are_no_text_are_refused(shell, model, tmp_path):
    (tmp_path / "words.txt").write_bytes(b"king\n\xff\n")
    status, _, err = shell("similar", model, "--queries", tmp_path / "words.txt")
    assert status == 1
    assert "words.txt is not UTF-8 text" in err


def test_only_the_first_words_are_read_where_that_is_asked_for(shell, model):
    assert shell("similar", model, "king", "--limit", 2)[1] == "man\t0.7071\n"
    status, _, err = shell("similar", model, "paris", "--limit", 2)
    assert status == 1
    assert "'paris' is not in the vocabulary (2 words)" in err
    assert shell("analogy", model, "man", "king", "woman", "--limit", 4)[1].startswith("queen")
    assert shell("similar", model, "king", "--limit", 0)[0] == 2
