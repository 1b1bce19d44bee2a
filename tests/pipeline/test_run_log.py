"""Records: what is kept of the reports, and what the model remembers of a run."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from tests.pipeline.texts import SMALL, epochs_of, ring_texts

import wordvec
from wordvec.config import Config
from wordvec.pipeline.run_log import PhaseClock, Progress, Recorder, as_recorded
from wordvec.training.progress import TrainingProgress


def report(words: int, *, is_epoch_end: bool = False, **more: Any) -> TrainingProgress:
    return TrainingProgress(1, 2, words, 10_000, 1.5, 99.6, 0.1, 0.25, 0.5, is_epoch_end, **more)


def test_one_report_in_each_hundredth_is_kept_and_each_epochs_end() -> None:
    recorder = Recorder([])
    for words in range(0, 10_000, 10):
        recorder(report(words, is_epoch_end=words in (30, 40)))
    assert [record["words"] for record in recorder.records[:3]] == [30, 40, 140]
    assert [record["event"] for record in recorder.records[:3]] == ["epoch", "epoch", "report"]
    assert 95 <= len(recorder.records) <= 2 + 100


def test_a_record_is_plain_data_with_what_there_was() -> None:
    recorder = Recorder([])
    recorder(report(500, is_epoch_end=True, validation_loss=0.75, neighbors={"a": [("b", 0.123456)]}))
    recorder(report(900, is_epoch_end=True))
    first, second = recorder.records
    assert first == {
        "event": "epoch",
        "epoch": 1,
        "words": 500,
        "seconds": 1.5,
        "words_per_second": 100,
        "learning_rate": 0.1,
        "loss": 0.25,
        "epoch_loss": 0.5,
        "validation_loss": 0.75,
        "neighbors": {"a": [["b", 0.1235]]},
    }
    assert not {"validation_loss", "neighbors"} & set(second)


def test_a_recorder_goes_on_where_an_earlier_part_ended() -> None:
    before = [{"event": "corpus"}, {"event": "epoch", "epoch": 1}]
    recorder = Recorder(before, words=700)
    assert (recorder.words, recorder.words_before) == (700, 700)
    recorder(report(800, is_epoch_end=True))
    assert (recorder.words, recorder.words_before) == (800, 700)
    assert [record["event"] for record in recorder.records] == ["corpus", "epoch", "epoch"]


def test_a_phase_that_is_entered_twice_counts_both_times() -> None:
    clock = PhaseClock()
    clock.enter("training")
    time.sleep(0.02)
    clock.enter("counting")
    clock.enter("training")
    time.sleep(0.02)
    seconds = clock.seconds()
    assert seconds["training"] >= 0.04
    assert list(seconds) == ["counting", "training"]


def test_settings_are_recorded_with_what_auto_and_none_stood_for() -> None:
    config = Config(architecture="cbow", threads=3)
    recorded = as_recorded(config, len, engine="torch", device="cpu", extra={"start_from": "x"})  # type: ignore[arg-type]
    assert (recorded["learning_rate"], recorded["threads"]) == (0.1, 3)
    assert (recorded["engine"], recorded["device"]) == ("torch", "cpu")
    assert (recorded["tokenizer"], recorded["start_from"]) == ("a Python function", "x")


def test_validation_is_reported_and_recorded_at_each_epochs_end_only() -> None:
    seen: list[Progress] = []
    vectors = wordvec.train(ring_texts(), validation=0.1, on_progress=seen.append, **SMALL)
    reports = [progress for progress in seen if isinstance(progress, TrainingProgress)]
    assert all((progress.validation_loss is not None) == progress.is_epoch_end for progress in reports)
    ends = [progress for progress in reports if progress.is_epoch_end]
    recorded = epochs_of(vectors.training)
    assert [record["epoch"] for record in recorded] == [1, 2, 3, 4]
    assert [record["validation_loss"] for record in recorded] == [end.validation_loss for end in ends]


def test_the_corpus_record_counts_what_is_held_out() -> None:
    texts = ring_texts()
    num_words = sum(map(len, texts))
    corpus = wordvec.train(texts, validation=0.1, **SMALL).training[0]
    assert corpus["words"] + corpus["held_out_words"] == corpus["words_read"] == num_words
    assert 0.05 < corpus["held_out_words"] / num_words < 0.2


def test_speed_is_that_of_training_alone() -> None:
    vectors = wordvec.train(ring_texts(), **SMALL)
    end = vectors.training[-1]
    assert "words_before" not in end
    np.testing.assert_allclose(
        end["words_per_second"], end["words_trained"] / max(end["phases"]["training"], 1e-3), rtol=0.01
    )
