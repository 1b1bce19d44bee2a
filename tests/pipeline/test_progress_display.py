"""Progress: what is seen of a run, in a terminal, in a notebook and elsewhere."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

import wordvec
from wordvec.engines.numba.spec import NUMBA
from wordvec.engines.torch.spec import TORCH
from wordvec.pipeline import progress_display as module
from wordvec.pipeline.progress_display import ProgressDisplay, epoch_facts, following, speed, training_facts
from wordvec.pipeline.run_log import Compiling
from wordvec.training.progress import TrainingProgress
from wordvec.vocabulary.encoding import CountingProgress

COUNTING = CountingProgress("counting", 50, 200, 12_345, 678)
TRAINING = TrainingProgress(
    epoch=2,
    epochs=5,
    words=300,
    total_words=1000,
    seconds=3.0,
    words_per_second=2_500_000.0,
    learning_rate=0.0175,
    recent_loss=0.25,
    epoch_loss=0.3,
)
EPOCH_END = replace(
    TRAINING,
    is_epoch_end=True,
    validation_loss=0.41,
    neighbors={
        "chip": [("intel", 0.64), ("[red]", 0.605)],
        "[/b]": [("bell\x07", 0.5), ("\x1b[31mred", -0.4)],
    },
)
EPOCH_LINES = [
    "wordvec: epoch 2 of 5: train loss 0.3000, validation loss 0.4100",
    "wordvec: chip: intel 0.64, [red] 0.60",
    r"wordvec: [/b]: bell\x07 0.50, \x1b[31mred -0.40",
]

OpenTerminal = Callable[[int], io.StringIO]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> OpenTerminal:
    """A terminal of so many columns, and what is written to it."""

    def open_terminal(width: int) -> io.StringIO:
        screen = io.StringIO()
        monkeypatch.setattr(
            module, "Console", lambda **_: Console(file=screen, force_terminal=True, width=width)
        )
        return screen

    return open_terminal


@contextmanager
def quiet_display() -> Iterator[ProgressDisplay]:
    """A display whose bars move only when they are told to, so that what is written is always the same."""
    with ProgressDisplay() as display:
        display._bars.live.auto_refresh = False
        yield display


def test_the_facts_of_training_are_in_one_line() -> None:
    facts = "2.50M words/s, 2/5, rate 0.0175, loss 0.250 (0.300)"
    assert training_facts(TRAINING) == facts


@pytest.mark.parametrize(
    ("words_per_second", "shown"),
    [
        (0.0, "0 words/s"),
        (850.4, "850 words/s"),
        (9_999.4, "9,999 words/s"),
        (9_999.6, "10k words/s"),
        (13_400.0, "13k words/s"),
        (999_499.0, "999k words/s"),
        (999_500.0, "1.00M words/s"),
        (12_345_678.0, "12.35M words/s"),
    ],
)
def test_a_speed_is_shown_in_a_unit_that_fits_it(words_per_second: float, shown: str) -> None:
    assert speed(words_per_second) == shown


def test_time_left_follows_the_mean_speed() -> None:
    assert TRAINING.seconds_left == pytest.approx(7.0)


@pytest.mark.parametrize(
    ("engine", "line"),
    [
        (NUMBA, "wordvec: compiling: the kernels (up to ten seconds or so the first time)"),
        (TORCH, "wordvec: loading: PyTorch (a few seconds)"),
    ],
)
def test_away_from_a_terminal_each_phase_is_a_line(
    capsys: pytest.CaptureFixture[str], engine: Any, line: str
) -> None:
    with ProgressDisplay() as display:
        for record in (COUNTING, COUNTING, Compiling(engine), TRAINING, TRAINING):
            display(record)
        display.show("saving", None, "model.wv")
    assert capsys.readouterr().err.splitlines() == [
        "wordvec: counting 25%: 12,345 words, 678 distinct",
        line,
        f"wordvec: training 30%: {training_facts(TRAINING)}, 0:00:07 left",
        "wordvec: saving: model.wv",
    ]


def test_the_end_of_an_epoch_is_reported_once_with_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressDisplay() as display:
        for record in (TRAINING, EPOCH_END, TRAINING):
            display(record)
    assert capsys.readouterr().err.splitlines()[1:] == EPOCH_LINES


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"validation_loss": None}, "epoch 2 of 5: train loss 0.3000"),
        ({"epoch_loss": None}, "epoch 2 of 5: validation loss 0.4100"),
        ({"validation_loss": None, "epoch_loss": None}, "epoch 2 of 5: no loss yet"),
    ],
    ids=["nothing to validate on", "no pair", "neither"],
)
def test_neighbors_come_with_the_epoch_and_the_losses_that_there_are(
    change: dict[str, Any], line: str
) -> None:
    assert epoch_facts(replace(EPOCH_END, **change))[0] == line
    assert len(epoch_facts(replace(EPOCH_END, **change))) == 3


def test_an_epoch_of_which_nothing_more_is_known_adds_no_line() -> None:
    assert epoch_facts(replace(TRAINING, is_epoch_end=True)) == []


@pytest.mark.parametrize("width", [80, 100, 160])
def test_a_terminal_shows_share_time_left_and_all_facts(terminal: OpenTerminal, width: int) -> None:
    screen = terminal(width)
    with ProgressDisplay() as display:
        for record in (COUNTING, Compiling(NUMBA), TRAINING):
            display(record)
    shown = screen.getvalue()
    for part in (
        "counting",
        "12,345 words",
        "compiling",
        "training",
        "30%",
        "0:00",
        "2/5",
        "loss 0.250 (0.300)",
    ):
        assert part in shown


def test_an_epochs_end_stands_above_the_bars(
    terminal: OpenTerminal, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = terminal(100)
    with quiet_display() as display:
        for record in (TRAINING, EPOCH_END):
            display(record)
        shown = screen.getvalue()
    for line in EPOCH_LINES:
        before, after = shown.split(f"{line}\n")
        assert before.endswith("\r\x1b[2K")  # where the bar was, which has been wiped away
        assert "training" in after  # and is drawn again below
    assert capsys.readouterr().err == ""


def test_a_long_line_is_not_cut_into_lines_of_the_terminal(terminal: OpenTerminal) -> None:
    screen = terminal(80)
    near = [(f"neighbour-number-{place}", 0.5) for place in range(9)]
    with quiet_display() as display:
        display(replace(EPOCH_END, neighbors={"word": near}))
    assert "word: " + ", ".join(f"{word} 0.50" for word, _ in near) + "\n" in screen.getvalue()


def test_a_phase_that_was_cut_short_does_not_look_finished(terminal: OpenTerminal) -> None:
    screen = terminal(120)
    with ProgressDisplay() as display:
        display(TRAINING)
        display.show("saving", None, "model.wv")
    assert "100%" not in screen.getvalue().split("saving")[-2]


def test_a_stderr_that_cannot_be_written_does_not_end_a_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(module, "say", broken)
    with ProgressDisplay() as display:
        display(TRAINING)
        display(EPOCH_END)


def test_a_terminal_that_is_gone_does_not_end_a_training(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(module, "Console", lambda **_: Console(file=Gone(), force_terminal=True, width=100))
    with quiet_display() as display:
        for record in (COUNTING, Compiling(TORCH), TRAINING, EPOCH_END):
            display(record)


TEXTS = [["tide", "moon", "sea"], ["moon", "tide"]] * 20
QUICK: dict[str, Any] = {"dim": 4, "epochs": 2, "subsample": 0, "threads": 1}


class Terminal(io.StringIO):
    """A stderr that is a terminal."""

    def isatty(self) -> bool:
        return True


class Notebook:
    """IPython in a notebook: what it shows, in order, and what replaces it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, kernel: object = "there is one") -> None:
        self.lines: list[str] = []
        self.updates: list[str] = []
        shell = SimpleNamespace(kernel=kernel)
        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
        monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=self.display))

    def display(self, content: dict[str, str], *, raw: bool, display_id: bool) -> Notebook:
        assert raw
        assert display_id
        self.lines.append(content["text/plain"])
        return self

    def update(self, content: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.updates.append(content["text/plain"])


def test_a_script_in_a_terminal_has_a_bar_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    wordvec.train(TEXTS, **QUICK)
    assert "counting" in screen.getvalue()
    assert "training" in screen.getvalue()


@pytest.mark.parametrize("asked", [False, "auto"])
def test_elsewhere_nothing_is_shown_unless_asked(capsys: pytest.CaptureFixture[str], asked: Any) -> None:
    wordvec.train(TEXTS, progress=asked, **QUICK)
    assert capsys.readouterr() == ("", "")


def test_a_bar_can_be_turned_off_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    wordvec.train(TEXTS, progress=False, **QUICK)
    assert screen.getvalue() == ""


def test_lines_can_be_asked_for_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    wordvec.train(TEXTS, progress=True, **QUICK)
    lines = capsys.readouterr().err.splitlines()
    assert any(line.startswith("wordvec: counting") for line in lines)
    assert any(line.startswith("wordvec: training 100%: ") for line in lines)


def test_who_follows_a_run_has_no_bar_beside_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, records = Terminal(), list[Any]()
    monkeypatch.setattr(sys, "stderr", screen)
    wordvec.train(TEXTS, on_progress=records.append, **QUICK)
    assert records
    assert screen.getvalue() == ""
    wordvec.train(TEXTS, on_progress=records.append, progress=True, **QUICK)
    assert "training" in screen.getvalue()


def test_a_resumed_run_and_a_recipe_have_a_bar_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wordvec.train(TEXTS, checkpoint=tmp_path / "run.wv", **QUICK)
    for run in (
        lambda: wordvec.resume(tmp_path / "run.wv", TEXTS),
        lambda: wordvec.train(
            TEXTS,
            recipe="d2l-ptb",
            epochs=1,
            validation=0,
            keep="last",
            patience=None,
            watch=["moon"],
            subsample=0,
        ),
    ):
        screen = Terminal()
        monkeypatch.setattr(sys, "stderr", screen)
        run()
        assert "counting" in screen.getvalue()


@pytest.mark.parametrize("progress", ["yes", None, 1, "Auto"], ids=repr)
def test_progress_is_one_of_three(progress: Any) -> None:
    with pytest.raises(wordvec.ConfigError, match=r"^progress must be 'auto', True or False, got "):
        wordvec.train(TEXTS, progress=progress, **QUICK)


def test_a_notebook_shows_one_line_a_phase_that_is_renewed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = Notebook(monkeypatch)
    with following("auto", None) as follow:
        for record in (COUNTING, TRAINING, replace(TRAINING, words=1000)):
            follow(record)
    assert [line.split()[0] for line in notebook.lines] == ["counting", "training"]
    assert "25%" in notebook.lines[0]
    assert "30%" in notebook.lines[1]
    assert [line.count("\N{FULL BLOCK}") for line in notebook.updates] == [24]
    assert capsys.readouterr() == ("", "")


def test_a_notebook_is_not_flooded(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = Notebook(monkeypatch)
    with following("auto", None) as follow:
        for words in range(100, 500):
            follow(replace(TRAINING, words=words))
    assert len(notebook.lines) == 1
    assert len(notebook.updates) < 20


def test_ipython_in_a_pipe_is_not_a_notebook(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = Notebook(monkeypatch, kernel=None)
    wordvec.train(TEXTS, **QUICK)
    assert notebook.lines == []
    assert capsys.readouterr() == ("", "")


def test_a_notebook_that_fails_does_not_end_a_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_settings: object) -> None:
        raise RuntimeError("the kernel is gone")

    monkeypatch.setattr(Notebook, "display", broken)
    Notebook(monkeypatch)
    assert len(wordvec.train(TEXTS, **QUICK)) == 3


@pytest.mark.parametrize("way", ["full", "closed", "none"])
@pytest.mark.parametrize("progress", [True, "auto"])
def test_a_stderr_that_is_full_or_closed_does_not_end_a_training(
    monkeypatch: pytest.MonkeyPatch, way: str, progress: Any
) -> None:
    class Full(Terminal):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    stderr = {"full": Full(), "closed": Terminal(), "none": None}[way]
    if way == "closed" and stderr is not None:
        stderr.close()
    monkeypatch.setattr(sys, "stderr", stderr)
    assert len(wordvec.train(TEXTS, progress=progress, **QUICK)) == 3


def test_logging_gets_the_phases_and_the_epochs(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "wordvec"):
        wordvec.train(TEXTS, progress=False, watch=["moon"], **QUICK)
    messages = [record.message for record in caplog.records]
    assert all(record.name == "wordvec" for record in caplog.records)
    # Not "compiling: ", as the kernels may be ready from a test before.
    for begin in ("counting", "training 50%: ", "training 100%: ", "epoch 1 of 2: ", "moon: "):
        assert any(message.startswith(begin) for message in messages), begin
    assert messages[-1].startswith("done: WordVectors(3 words x 4), 200 words in ")


def test_logging_is_silent_unless_it_is_set_up(caplog: pytest.LogCaptureFixture) -> None:
    wordvec.train(TEXTS, progress=False, **QUICK)
    assert caplog.records == []


def test_a_handler_of_records_that_fails_does_not_end_a_training(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_record: logging.LogRecord) -> bool:
        raise RuntimeError

    logger = logging.getLogger("wordvec")
    logger.addFilter(broken)
    try:
        with caplog.at_level(logging.INFO, "wordvec"):
            assert len(wordvec.train(TEXTS, progress=False, **QUICK)) == 3
    finally:
        logger.removeFilter(broken)
