import io
import json


def test_predictions_are_lines_of_word_and_score(shell, model, vectors):
    status, out, err = shell("predict", model, "paris", "--k", 2)
    first, second = vectors.predict(["paris"], k=2)
    assert (status, out, err) == (
        0,
        f"{first.word}\t{first.score:.6f}\n{second.word}\t{second.score:.6f}\n",
        "",
    )


def test_json_is_the_answer(shell, model, vectors):
    _, out, _ = shell(
        "predict", model, "king", "queen", "--exclude", "two words", "--exclude-context", "--json"
    )
    expected = vectors.predict(["king", "queen"], exclude=["two words"], exclude_context=True)
    assert json.loads(out) == {
        "context": ["king", "queen"],
        "predictions": [{"word": word, "score": score} for word, score in expected],
    }


def test_each_line_of_a_file_is_a_context(shell, model, vectors, monkeypatch):
    class Stdin:
        buffer = io.BytesIO(b"king queen\n\nparis nowhere\n")

    monkeypatch.setattr("sys.stdin", Stdin)
    status, out, _ = shell("predict", model, "--contexts", "-", "--k", 1, "--skip-unknown")
    one, other = vectors.predictions([["king", "queen"], ["paris"]], k=1)
    assert status == 0
    assert [line.split("\t")[:2] for line in out.splitlines()] == [
        ["king queen", one[0].word],
        ["paris nowhere", other[0].word],
    ]


def test_unknown_words_fail_and_no_context_is_a_misuse(shell, model):
    status, _, err = shell("predict", model, "quen")
    assert (status, err.count("\n")) == (1, 1)
    assert "closest spellings: queen" in err
    assert shell("predict", model)[0] == 2
    assert shell("predict", model, "king", "--contexts", "file.txt")[0] == 2


def test_a_file_of_input_vectors_alone_says_what_is_missing(shell, vectors, tmp_path):
    type(vectors)(["a", "b"], [[1.0, 0.0], [1.0, 1.0]]).save(tmp_path / "v.bin")
    status, _, err = shell("predict", tmp_path / "v.bin", "a")
    assert status == 2
    assert "needs the output vectors" in err
