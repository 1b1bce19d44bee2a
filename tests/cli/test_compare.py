import json

import numpy as np
import pytest

from wordvec.vectors.word_vectors import WordVectors

WORDS = [f"w{row}" for row in range(30)] + ["<b>", "soup"]


@pytest.fixture
def models(tmp_path):
    rng = np.random.default_rng(5)
    truth = rng.normal(size=(32, 4))
    changed = truth.copy()
    changed[31] = -truth[31]
    for name, matrix in (("one.wv", truth), ("two.wv", changed), ("again.wv", truth)):
        WordVectors(WORDS, matrix + 0.02 * rng.normal(size=truth.shape)).save(tmp_path / name)
    return [tmp_path / name for name in ("one.wv", "two.wv", "again.wv")]


def test_changed_words_are_rows_with_their_neighbors(shell, models):
    status, out, err = shell("compare", *models[:2], "--k", 2)
    lines = [line.split("\t") for line in out.splitlines()]
    assert status == 0
    assert lines[0] == ["word", "change", "chance", "near in one.wv", "near in two.wv"]
    assert lines[1][0] == "soup"
    assert float(lines[1][1]) > 1.5
    assert lines[1][2] == ""
    assert len(lines) == 3
    assert "how much of it is chance is unknown" in err


def test_other_runs_tell_what_is_chance(shell, models):
    _, out, err = shell("compare", *models[:2], "--again", models[2], "--json")
    found = json.loads(out)
    assert found["changes"][0]["word"] == "soup"
    assert found["changes"][0]["floor"] < 0.1
    assert 1 <= found["beyond_chance"] <= 6
    assert f"{found['beyond_chance']} changed by more than chance" in err


def test_the_page_has_the_table_with_words_escaped(shell, models, tmp_path):
    status, _, err = shell("compare", *models[:2], "--k", 40, "--output", tmp_path / "changes.html")
    page = (tmp_path / "changes.html").read_text(encoding="utf-8")
    assert status == 0
    assert f"saved {tmp_path / 'changes.html'}" in err
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert page.count("<tr>") == 33


def test_few_shared_words_get_a_warning(shell, models):
    assert "the models share fewer words than they have dimensions" not in shell("compare", *models[:2])[2]
    _, _, err = shell("compare", *models[:2], "--limit", 3)
    assert "the models share fewer words than they have dimensions (4)" in err


def test_words_after_the_limit_are_not_compared(shell, models):
    _, out, _ = shell("compare", *models[:2], "--limit", 10, "--json")
    assert json.loads(out)["shared"] == 10


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["{one}"], 2, "Try: wordvec compare --help"),
        (["{one}", "nowhere.wv"], 1, "nowhere.wv does not exist"),
        (["{one}", "{two}", "--output", "changes.txt"], 2, "must end in .html, got changes.txt"),
        (["{one}", "{two}", "--output", "{one}/config.json/c.html"], 1, "c.html cannot be written"),
        (["{one}", "{two}", "--k", "0"], 2, "k must be at least 1"),
        (["{one}", "{two}", "--search-limit", "1"], 2, "--search-limit"),
    ],
    ids=["one model", "missing", "no page", "no folder", "k", "words"],
)
def test_what_cannot_be_compared_is_reported_in_one_line(shell, models, arguments, status, message):
    given = [argument.format(one=models[0], two=models[1]) for argument in arguments]
    found, out, err = shell("compare", *given)
    assert (found, out, err.count("\n")) == (status, "", 1)
    assert message in err


def test_a_page_of_someone_else_is_not_replaced(shell, models, tmp_path):
    (tmp_path / "mine.html").write_text("<!doctype html><p>mine")
    status, _, err = shell("compare", *models[:2], "--output", tmp_path / "mine.html")
    assert status == 1
    assert "mine.html" in err
    assert (tmp_path / "mine.html").read_text() == "<!doctype html><p>mine"
