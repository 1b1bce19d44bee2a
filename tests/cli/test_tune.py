import json
import random

import pytest

import wordvec

SETTINGS = ("--dim", 8, "--threads", 1, "--only", "window", "epochs")


@pytest.fixture
def corpus(tmp_path):
    chance = random.Random(1)  # noqa: S311
    aisles = [[f"{aisle}{number}" for number in range(6)] for aisle in ("bread", "tea", "soap")]
    lines = [" ".join(chance.sample(chance.choice(aisles), 4)) for _ in range(200)]
    (tmp_path / "sessions.txt").write_text("\n".join(lines))
    return tmp_path / "sessions.txt"


def test_the_winner_is_a_config_that_train_takes(shell, corpus, tmp_path):
    tuned = tmp_path / "tuned.json"
    status, out, err = shell(
        "tune", corpus, "--for", "next-item", "--trials", 2, "--output", tuned, *SETTINGS
    )
    assert status == 0
    rows = [line.split("\t") for line in out.splitlines()]
    assert rows[0] == ["test", "score of", "settings", "score", "95 % interval", "questions"]
    assert [row[2] for row in rows[1:5]] == ["tuned", "defaults", "most frequent", "difference"]
    assert {row[0] for row in rows[6:]} == {"defaults", "1", "2"}
    assert "2 trials; the best settings are those of" in err
    assert (tmp_path / "tuned.json.study.jsonl").exists()
    status, _, _ = shell("train", corpus, "--config", tuned, "--output", tmp_path / "m.wv", "--threads", 1)
    assert status == 0
    assert wordvec.load(tmp_path / "m.wv").dim == 8


def test_json_has_each_trial_and_report(shell, corpus):
    _, out, _ = shell("tune", corpus, "--for", "next-item", "--trials", 1, "--json", *SETTINGS)
    answer = json.loads(out)
    assert [trial["number"] for trial in answer["trials"]] == [0, 1]
    assert answer["reports"][0]["name"] == "next-item"
    assert answer["settings"]["dim"] == 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--for is missing"),
        (("--for", "next-item", "--space", "dim"), "a range is written"),
        (("--for", "next-item", "--plot", "x.html"), "--plot must end in"),
        (("--for", "next-item", "--budget", "soon"), "budget must be a time"),
    ],
    ids=["test", "space", "plot", "budget"],
)
def test_wrong_arguments_are_refused_before_the_text_is_read(shell, corpus, arguments, message):
    status, _, err = shell("tune", corpus, *arguments)
    assert status == 2
    assert message in err


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [
        ('{"dim": 0}', 2, "dim must be"),
        ('{"size": 3}', 2, "write dim=3"),
        ("[1]", 1, "is not a config file"),
        ('{"tokenizer": 3}', 2, "tokenizer must be"),
    ],
    ids=["range", "name", "list", "tokenizer"],
)
def test_a_wrong_config_file_is_refused(shell, corpus, tmp_path, content, status, message):
    (tmp_path / "wrong.json").write_text(content)
    found, _, err = shell("train", corpus, "--config", tmp_path / "wrong.json", "--output", tmp_path / "m.wv")
    assert found == status
    assert message in err
