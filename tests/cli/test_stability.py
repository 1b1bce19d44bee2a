import json

import numpy as np
import pytest

from wordvec.pipeline.progress_display import ProgressDisplay
from wordvec.training.progress import TrainingProgress
from wordvec.vectors.word_vectors import WordVectors

WORDS = [f"w{row}" for row in range(39)] + ["bell\x07"]


@pytest.fixture
def models(tmp_path):
    rng = np.random.default_rng(5)
    truth = rng.normal(size=(40, 4))
    for seed in (1, 2):
        WordVectors(WORDS, truth + 0.3 * rng.normal(size=truth.shape)).save(tmp_path / f"{seed}.wv")
    return [tmp_path / "1.wv", tmp_path / "2.wv"]


def test_bands_and_the_least_stable_words_are_printed(shell, models):
    status, out, err = shell("stability", *models, "--show", 3, "--k", 4)
    lines = [line.split("\t") for line in out.splitlines()]
    assert status == 0
    assert lines[0] == ["rank", "agreement", "words below 0.5"]
    assert lines[1][0] == "1 to 40"
    assert lines[2] == ["least stable", "agreement"]
    assert len(lines) == 6
    shares = [float(line[1]) for line in lines[3:]]
    assert shares == sorted(shares)
    assert "the share of the 4 nearest words that two runs share" in err


def test_each_word_is_in_the_json_and_in_the_file(shell, models, tmp_path):
    _, out, _ = shell("stability", *models, "--json", "--output", tmp_path / "words.tsv")
    found = json.loads(out)
    rows = [line.split("\t") for line in (tmp_path / "words.tsv").read_text().splitlines()]
    assert [one["word"] for one in found["words"]] == WORDS
    assert rows[0] == ["word", "agreement", "trusted"]
    assert rows[-1][0] == "bell\\x07"
    for (_, agreement, trusted), one in zip(rows[1:], found["words"], strict=True):
        assert float(agreement) == pytest.approx(one["agreement"], abs=1e-4)
        assert trusted == ("yes" if one["agreement"] >= found["trusted_from"] else "no")


def test_words_after_the_limit_are_not_looked_at(shell, models, tmp_path):
    _, out, _ = shell("stability", *models, "--limit", 15, "--json")
    assert len(json.loads(out)["words"]) == 15
    status, _, err = shell("stability", "--train", tmp_path / "any.txt", "--limit", 15)
    assert (status, err) == (
        2,
        "wordvec: error: --limit applies to models that are loaded: leave it out with --train\n",
    )


def test_runs_are_trained_where_there_are_no_models_yet(shell, tmp_path):
    rng = np.random.default_rng(1)
    (tmp_path / "text.txt").write_text(
        "\n".join(
            " ".join(f"{'ab'[row % 2]}{word}" for word in rng.integers(6, size=9)) for row in range(200)
        )
    )
    arguments = ["--dim", 4, "--epochs", 2, "--min-count", 1, "--threads", 1, "--seed", 7]
    status, out, err = shell(
        "stability", "--train", tmp_path / "text.txt", "--seeds", 2, "--k", 2, *arguments
    )
    assert status == 0
    assert out.splitlines()[1].startswith("1 to 12\t")
    assert "run 2 of 2" in err
    assert list(tmp_path.iterdir()) == [tmp_path / "text.txt"]


def test_half_a_run_is_not_compared(shell, tmp_path, monkeypatch):
    (tmp_path / "text.txt").write_text("a b c d e f\n" * 99)
    show = ProgressDisplay.__call__

    def interrupted_while_training(display, progress):
        show(display, progress)
        if isinstance(progress, TrainingProgress):
            raise KeyboardInterrupt

    monkeypatch.setattr(ProgressDisplay, "__call__", interrupted_while_training)
    status, out, err = shell("stability", "--train", tmp_path / "text.txt", "--dim", 4)
    assert (status, out) == (130, "")
    assert "run 1 of 3" in err
    assert "run 2 of 3" not in err


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "name two or more models, or a text with --train"),
        (["{one}"], 2, "needs at least two models, got 1"),
        (["{one}", "{two}", "--train", "x.txt"], 2, "and not both"),
        (["{one}", "{two}", "--epochs", "3"], 2, "epochs: settings of training"),
        (["--train", "nowhere.txt"], 1, "nowhere.txt"),
        (["{one}", "{two}", "--k", "0"], 2, "--k"),
    ],
    ids=["nothing", "one", "both", "settings", "missing", "k"],
)
def test_what_cannot_be_measured_is_reported(shell, models, arguments, status, message):
    given = [argument.format(one=models[0], two=models[1]) for argument in arguments]
    found, out, err = shell("stability", *given)
    assert (found, out) == (status, "")
    assert message in err.splitlines()[-1]


def test_an_output_that_cannot_be_written_is_reported_before_the_training(shell, tmp_path):
    (tmp_path / "text.txt").write_text("a b c d e f\n" * 99)
    output = tmp_path / "text.txt" / "words.tsv"
    status, out, err = shell("stability", "--train", tmp_path / "text.txt", "--output", output)
    assert (status, out) == (1, "")
    assert "run 1" not in err
    assert "words.tsv cannot be written" in err


def test_only_a_file_of_its_own_is_replaced(shell, models, tmp_path):
    assert shell("stability", *models, "--output", tmp_path / "own.tsv")[0] == 0
    assert shell("stability", *models, "--output", tmp_path / "own.tsv")[0] == 0
    (tmp_path / "mine.tsv").write_text("mine")
    status, out, err = shell("stability", *models, "--output", tmp_path / "mine.tsv")
    assert (status, out) == (1, "")
    assert "mine.tsv already exists, and wordvec stability did not write it" in err
    assert (tmp_path / "mine.tsv").read_text() == "mine"
