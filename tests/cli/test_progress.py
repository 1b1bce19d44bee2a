import io

import pytest
from rich.console import Console

from wordvec.cli import progress as module
from wordvec.cli.progress import ProgressDisplay, training_facts
from wordvec.pipeline import Compiling
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
    facts = "2.50M words/s, epoch 2/5, learning rate 0.0175, loss 0.2500 (epoch 0.3000)"
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
        f"wordvec: training 30%: {training_facts(TRAINING)}",
        "wordvec: saving: model.wv",
    ]


def test_a_terminal_shows_a_bar_for_each_phase(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(module, "Console", lambda stderr: Console(file=screen, force_terminal=True, width=160))
    with ProgressDisplay() as display:
        for record in (COUNTING, Compiling(), TRAINING):
            display(record)
    shown = screen.getvalue()
    for part in ("counting", "12,345 words", "compiling", "training", "30%", "epoch 2/5"):
        assert part in shown
