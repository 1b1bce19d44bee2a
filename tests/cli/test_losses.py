import errno
import json
import os
import re
import subprocess
import sys

import pytest

from wordvec.cli import info
from wordvec.vectors.word_vectors import WordVectors

CORPUS = {"event": "corpus", "texts": 7}
FIRST = [
    {"event": "report", "epoch": 1, "words": 50, "epoch_loss": 0.6},
    {"event": "epoch", "epoch": 1, "words": 100, "epoch_loss": 0.5, "validation_loss": 0.55},
]
SECOND = {
    "event": "epoch",
    "epoch": 2,
    "words": 200,
    "epoch_loss": 0.4,
    "validation_loss": 0.45,
    "scores": {"q.txt": {"kind": "analogies", "value": 0.5, "asked": 2, "of": 4}},
}


@pytest.fixture
def saved(tmp_path):
    """Save a model with some training record."""

    def save(name, *records):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        WordVectors(["a", "b"], [[1.0], [2.0]], training=[CORPUS, *records]).save(tmp_path / name)
        return tmp_path / name

    return save


@pytest.fixture
def model(saved):
    return saved("model.wv", *FIRST, SECOND)


def test_losses_are_drawn_on_stdout_and_nothing_else_is(shell, model):
    status, out, err = shell("info", model, "--plot")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "mean loss of a pair"
    assert "⠤ train   o validation" in lines
    assert lines[-1] == "o q.txt"
    assert max(map(len, lines)) == 80
    assert "\x1b" not in out


def test_redirected_it_is_80_columns_wide_on_any_terminal(shell, model, monkeypatch):
    expected = shell("info", model, "--plot")[1]
    for variable, value in (("COLUMNS", "30"), ("FORCE_COLOR", "1")):
        monkeypatch.setenv(variable, value)
    assert shell("info", model, "--plot")[1] == expected


@pytest.mark.parametrize("columns", [30, 400])
def test_a_terminal_gets_colors_and_its_own_width(shell, model, monkeypatch, capsys, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    out = shell("info", model, "--plot")[1]
    assert "\x1b[35mo" in out
    plain = re.sub(r"\x1b\[[0-9;]*m", "", out)
    assert max(map(len, plain.splitlines())) == min(columns, info.MAX_COLUMNS)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[35m" not in shell("info", model, "--plot")[1]


def test_an_encoding_without_the_letters_gets_ascii(model):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "wordvec", "info", str(model), "--plot"]
    out = subprocess.run(command, env=environment, capture_output=True, check=True).stdout  # noqa: S603
    assert b". train   o validation" in out
    assert out.isascii()
    assert b"\\u" not in out


def test_models_are_compared_in_one_plot(shell, model, saved):
    other = saved("other.wv", *FIRST)
    status, out, err = shell("info", model, other, "--plot")
    assert status == 0
    assert "a model.wv: train   A model.wv: validation   b other.wv: train\nB other.wv: validation" in out
    assert (
        err == f"wordvec: {other} has one epoch only: its validation loss and its scores are single points\n"
    )


def test_models_of_one_name_are_reported_apart_by_their_folders(shell, saved, tmp_path, monkeypatch):
    one, two = (saved(f"{folder}/model.wv", *FIRST, SECOND) for folder in ("one", "two"))
    out = shell("info", one, two, one, "--plot")[1]
    assert "a one/model.wv: train   A one/model.wv: validation   b two/model.wv: train\n" in out
    monkeypatch.chdir(tmp_path)
    out = shell("info", "one/model.wv", "./one/model.wv", "--plot")[1]
    assert "a one/model.wv: train" in out
    assert "b ./one/model.wv: train" in out


def test_several_models_are_described_one_after_the_other(shell, model, saved):
    other = saved("other.wv", *FIRST)
    out = shell("info", model, other)[1]
    assert [line for line in out.splitlines() if line.startswith("path")] == [
        f"path\t{model}",
        f"path\t{other}",
    ]
    documents = [json.loads(line) for line in shell("info", model, other, "--json")[1].splitlines()]
    assert [document["path"] for document in documents] == [str(model), str(other)]


@pytest.mark.parametrize(
    ("ending", "start"),
    [("png", b"\x89PNG"), ("svg", b"<?xml"), ("PDF", b"%PDF"), ("html", b"<!doctype html>")],
)
def test_losses_are_saved_as_the_ending_says(shell, model, tmp_path, ending, start):
    pytest.importorskip("matplotlib")
    file = tmp_path / f"losses.{ending}"
    assert shell("info", model, "--plot-file", file) == (0, "", f"wordvec: saved {file}\n")
    assert file.read_bytes().startswith(start)
    assert shell("info", model, "--plot-file", file)[0] == 0  # its own files are replaced


def test_the_picture_names_its_model(shell, model, tmp_path):
    pytest.importorskip("matplotlib")
    shell("info", model, "--plot-file", tmp_path / "losses.html")
    page = (tmp_path / "losses.html").read_text(encoding="utf-8")
    assert "<title>Training of model.wv</title>" in page
    assert "<td>0.5500</td>" in page


def test_drawing_and_saving_and_json_go_together(shell, model, tmp_path):
    pytest.importorskip("matplotlib")
    out = shell("info", model, "--plot", "--plot-file", tmp_path / "a.svg")[1]
    assert out.startswith("mean loss of a pair\n")
    out = shell("info", model, "--json", "--plot-file", tmp_path / "b.svg")[1]
    assert json.loads(out)["words"] == 2
    assert (tmp_path / "a.svg").exists()
    assert (tmp_path / "b.svg").exists()


def test_a_full_disk_leaves_the_old_picture(shell, model, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")

    def fail(*_, **__):
        raise OSError(errno.ENOSPC, "full")

    (tmp_path / "losses.png").write_bytes(b"\x89PNG old")
    monkeypatch.setattr("wordvec.visualization.loss_picture.draw_losses", fail)
    status, _, err = shell("info", model, "--plot-file", tmp_path / "losses.png")
    assert status == 1
    assert "losses.png cannot be written: No space left on device; nothing there was changed" in err
    assert (tmp_path / "losses.png").read_bytes() == b"\x89PNG old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["losses.png", "model.wv"]


@pytest.mark.parametrize(
    ("records", "line"),
    [
        ((), "has no loss in its training record, so there is nothing to draw"),
        (FIRST, "has one epoch only: its validation loss and its scores are single points"),
        (FIRST[:1], "has no whole epoch yet: validation losses and scores come at an epoch's end"),
    ],
    ids=["no loss", "one epoch", "less than one"],
)
def test_a_short_record_is_reported_in_a_line(shell, saved, records, line):
    path = saved("model.wv", *records)
    status, out, err = shell("info", path, "--plot")
    assert err.count("\n") == 1
    assert f"{path} {line}" in err
    assert (status, bool(out)) == ((0, True) if records else (1, False))


def test_files_of_others_have_no_training_record(shell, tmp_path):
    (tmp_path / "v.txt").write_bytes(b"a 1 2\nb 3 4\n")
    status, out, err = shell("info", tmp_path / "v.txt", "--plot")
    assert (status, out) == (1, "")
    assert err == (
        f"wordvec: error: {tmp_path / 'v.txt'} has no training record, so there is nothing to draw: "
        "give a model folder that wordvec has trained\n"
    )


def test_misuse_is_reported_before_a_model_is_read(shell, tmp_path):
    (tmp_path / "folder.png").mkdir()
    for flags, status, line in (
        (["a.wv", "--plot", "--json"], 2, "--json and --plot both print to stdout: leave out one of them"),
        (["a.wv", "--plot-file", "a.txt"], 2, "must end in one of .png, .svg, .pdf, .html; got a.txt"),
        (["a.wv", "--plot-file", tmp_path / "folder.png"], 1, "folder.png is a folder; it was not touched"),
        (["--plot", *"abcdefg"], 2, "a plot shows at most 6 models, as more cannot be distinguished; got 7"),
        (["--plot"], 2, "requires an argument"),
    ):
        got, out, err = shell("info", *flags)
        assert (got, out, err.count("\n")) == (status, "", 1)
        assert line in err


def test_a_missing_matplotlib_is_reported_and_the_terminal_needs_none(shell, model, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    expected = "wordvec: error: a picture of losses needs matplotlib: pip install 'wordvec[map]'\n"
    assert shell("info", tmp_path / "missing.wv", "--plot-file", tmp_path / "a.html") == (1, "", expected)
    assert shell("info", model, "--plot")[0] == 0


def test_names_cannot_command_the_terminal(shell, saved):
    if sys.platform == "win32":
        pytest.skip("no such names there")
    out = shell("info", saved("a\x1b[2J.wv", *FIRST, SECOND), saved("b.wv", *FIRST, SECOND), "--plot")[1]
    assert "\x1b" not in out
    assert "a a\\x1b[2J.wv: train" in out


def test_a_trained_model_has_a_curve(shell, tmp_path):
    import wordvec

    texts = [[f"w{(place * place + step) % 11}" for step in range(9)] for place in range(200)]
    vectors = wordvec.train(texts, dim=8, epochs=3, validation=0.1, min_count=1, threads=1)
    vectors.save(tmp_path / "model.wv")
    status, out, err = shell("info", tmp_path / "model.wv", "--plot")
    assert (status, err) == (0, "")
    assert "⠤ train   o validation" in out
    assert sum(line.split("┤")[-1].count("o") for line in out.splitlines()[1:17]) == 3
