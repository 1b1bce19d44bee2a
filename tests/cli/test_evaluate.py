import json

import pytest

PAIRS = "king\tman\t9\nking\twoman\t1\nking\tqueen\t5\nparis\tking\t0\nparis\tlondon\t4\n"
ANALOGIES = ": royal\nman king woman queen\n: city\nman king woman paris\n"


@pytest.fixture
def tests(tmp_path):
    (tmp_path / "pairs.tsv").write_text(PAIRS)
    (tmp_path / "analogies.txt").write_text(ANALOGIES)
    return tmp_path / "pairs.tsv", tmp_path / "analogies.txt"


def test_each_test_has_a_score_an_interval_and_its_coverage(shell, model, tests):
    status, out, err = shell("evaluate", model, *tests)
    lines = [line.split("\t") for line in out.splitlines()]
    assert status == 0
    assert lines[0] == ["test", "score of", "model", "score", "95 % interval", "asked", "of"]
    assert lines[1][:4] == ["pairs.tsv", "Spearman's rho", "model.wv", "0.632"]  # two cosines are equal
    assert lines[1][5:] == ["4", "5"]
    assert [line[:4] for line in lines[2:]] == [
        ["analogies.txt", "3CosAdd", "model.wv", "0.500"],
        ["analogies.txt", "3CosMul", "model.wv", "0.500"],
    ]
    assert err == "wordvec: analogies use the 9 most frequent words of the model\n"


def test_sections_are_reported_apart_on_demand(shell, model, tests):
    _, out, _ = shell("evaluate", model, tests[1], "--sections", "--method", "add")
    assert [line.split("\t")[0] for line in out.splitlines()] == ["test", "analogies.txt", "royal", "city"]
    assert [line.split("\t")[3] for line in out.splitlines()] == ["score", "0.500", "1.000", "0.000"]


def test_a_limit_leaves_questions_out(shell, model, tests):
    _, out, err = shell("evaluate", model, tests[1], "--search-limit", 3, "--method", "mul", "--json")
    found = json.loads(out)
    assert found["search_limit"] == 3
    assert found["tests"][0]["method"] == "3CosMul"
    assert found["tests"][0]["scores"][0]["asked"] == 0
    assert found["tests"][0]["scores"][0]["value"] is None
    assert err == ""


def test_outliers_have_the_share_found_and_their_position(shell, model, tmp_path):
    (tmp_path / "royals.txt").write_text("king\nman\nwoman\n\nparis\nqueen\n")
    _, out, _ = shell("evaluate", model, tmp_path / "royals.txt")
    rows = [line.split("\t") for line in out.splitlines()][1:]
    assert [row[1] for row in rows] == ["share found", "outlier position"]
    assert [row[5:] for row in rows] == [["2", "2"]] * 2
    _, out, _ = shell("evaluate", model, tmp_path / "royals.txt", "--json")
    score = json.loads(out)["tests"][0]["scores"][0]
    assert [f"{score['value']:.3f}", f"{score['further']['outlier position']['value']:.3f}"] == [
        row[3] for row in rows
    ]


def test_words_after_the_limit_are_unknown(shell, model, tests):
    _, out, _ = shell("evaluate", model, tests[0], "--limit", 3, "--json")
    assert json.loads(out)["tests"][0]["scores"][0]["asked"] == 2


def test_a_test_of_which_nothing_could_be_asked_is_named_once(shell, model, tests):
    status, out, err = shell("evaluate", model, tests[1], "--search-limit", 2)
    assert status == 0
    assert [line.split("\t")[3] for line in out.splitlines()[1:]] == ["none", "none"]
    assert err.splitlines()[0] == (
        "wordvec: analogies.txt: no score of model.wv: no question could be asked, as each has unknown words"
    )
    assert err.count("analogies.txt") == 1


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ("king queen 5\nking nobody 3\n", "only one pair could be asked, and ranks need two or more"),
        ("king queen 5\nking man 5\n", "all people's scores of the pairs are equal, so they have no order"),
    ],
    ids=["one pair", "equal scores"],
)
def test_a_test_without_a_score_says_why(shell, model, tmp_path, pairs, reason):
    (tmp_path / "few.txt").write_text(pairs)
    status, out, err = shell("evaluate", model, tmp_path / "few.txt")
    assert (status, out.splitlines()[1].split("\t")[3]) == (0, "none")
    assert err == f"wordvec: few.txt: no score of model.wv: {reason}\n"
    _, out, _ = shell("evaluate", model, tmp_path / "few.txt", "--json")
    assert json.loads(out)["tests"][0]["scores"][0]["reason"] == reason


def test_two_models_are_compared_in_pairs(shell, model, vectors, tests, tmp_path):
    type(vectors)(vectors.words[:5], -vectors.matrix[:5, ::-1]).save(tmp_path / "other.bin")
    status, out, _ = shell("evaluate", model, tests[0], "--against", tmp_path / "other.bin", "--json")
    found = json.loads(out)
    assert status == 0
    assert found["models"] == [str(model), str(tmp_path / "other.bin")]
    one, other = (score["value"] for score in found["tests"][0]["scores"])
    assert found["tests"][0]["difference"]["value"] == pytest.approx(one - other)
    assert 0 <= found["tests"][0]["difference"]["p"] <= 1
    _, out, _ = shell("evaluate", model, tests[0], "--against", tmp_path / "other.bin")
    rows = [line.split("\t") for line in out.splitlines()]
    assert [row[2] for row in rows] == ["model", "model.wv", "other.bin", "difference"]
    assert rows[3][3] == f"{one - other:+.3f}"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "name at least one file or folder of tests"),
        (["nowhere.txt"], 1, "nowhere.txt"),
        (["{pairs}", "--against", "nowhere.wv"], 1, "nowhere.wv does not exist"),
        (["{pairs}", "--method", "div"], 2, "--method"),
        (["{pairs}", "--search-limit", "0"], 2, "--search-limit"),
        (["{model}"], 1, "is a folder without .txt files"),
    ],
    ids=["no test", "missing test", "missing model", "method", "limit", "a model as test"],
)
def test_what_cannot_be_evaluated_is_reported_in_one_line(shell, model, tests, arguments, status, message):
    given = [argument.format(pairs=tests[0], model=model) for argument in arguments]
    found, out, err = shell("evaluate", model, *given)
    assert (found, out, err.count("\n")) == (status, "", 1)
    assert message in err
