import io

import pytest
from rich.console import Console

from wordvec.cli import progress as module
from wordvec.cli.progress import ProgressDisplay, training_facts
from wordvec.pipeline.records import Compiling
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


def test_the_facts_of_training_are_in_one_line():
    facts = "2.50M words/s, 2/5, rate 0.0175, loss 0.250 (0.300)"
    assert training_facts(TRAINING) == facts


def test_time_left_follows_the_mean_speed():
    assert TRAINING.seconds_left == pytest.approx(7.0)


def test_away_from_a_terminal_each_phase_is_a_line(capsys):
    with ProgressDisplay() as display:
        for record in (COUNTING, COUNTING, Compiling(), TRAINING, TRAINING):
            display(record)
        display.show("saving", None, "model.wv")
    assert capsys.readouterr().err.splitlines() == [
        "wordvec: counting 25%: 12,345 words, 678 distinct",
        "wordvec: compiling: the kernels (a few seconds the first time)",
        f"wordvec: training 30%: {training_facts(TRAINING)}, 0:00:07 left",
        "wordvec: saving: model.wv",
    ]


@pytest.mark.parametrize("width", [80, 100, 160])
def test_a_terminal_shows_share_time_left_and_all_facts(monkeypatch, width):
    screen = io.StringIO()
    monkeypatch.setattr(module, "Console", lambda **_: Console(file=screen, force_terminal=True, width=width))
    with ProgressDisplay() as display:
        for record in (COUNTING, Compiling(), TRAINING):
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


def test_a_phase_that_was_cut_short_does_not_look_finished(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(module, "Console", lambda **_: Console(file=screen, force_terminal=True, width=120))
    with ProgressDisplay() as display:
        display(TRAINING)
        display.show("saving", None, "model.wv")
    assert "100%" not in screen.getvalue().split("saving")[-2]


def test_a_stderr_that_cannot_be_written_does_not_end_a_training(monkeypatch):
    def broken(*arguments, **settings):
        raise BrokenPipeError

    monkeypatch.setattr(module, "say", broken)
    with ProgressDisplay() as display:
        display(TRAINING)
