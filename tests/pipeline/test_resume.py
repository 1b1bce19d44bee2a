"""Resume: an interrupted run goes on as if it had never been; anything that would make it another run is refused."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.pipeline.stops import MidEpochStop
from tests.pipeline.texts import SMALL, epochs_of, ring_texts

import wordvec
from wordvec.engines.numba.batches import BatchEngine
from wordvec.engines.numba.engine import NumbaWorker
from wordvec.engines.torch.engine import TorchWorker
from wordvec.formats.checkpoint import write_checkpoint
from wordvec.pipeline.checkpoint_schedule import CheckpointSchedule
from wordvec.pipeline.checkpoints import settings_digest
from wordvec.pipeline.run_log import Progress
from wordvec.training.progress import TrainingProgress
from wordvec.training.trainer import Trainer

TEXTS, OTHERS = ring_texts(), ring_texts(40, seed=8)
WITHOUT_NOISE = {name: value for name, value in SMALL.items() if name != "negatives"}
RUNS: dict[str, dict[str, Any]] = {
    "numba": SMALL,
    "texts in order": {**SMALL, "shuffle_texts": False},
    "torch-sgd": {**SMALL, "engine": "torch", "batch_size": 40},
    "sparse_adam": {**SMALL, "optimizer": "sparse_adam", "batch_size": 40, "learning_rate": 0.01},
    "adam": {**SMALL, "optimizer": "adam", "batch_size": 40, "learning_rate": 0.01},
    "torch-adam": {**SMALL, "engine": "torch", "optimizer": "adam", "batch_size": 40, "learning_rate": 0.01},
    "adagrad": {**SMALL, "optimizer": "adagrad", "architecture": "cbow", "batch_size": 40},
    "hierarchical": {**WITHOUT_NOISE, "objective": "hierarchical", "max_norm": 3.0, "batch_size": 40},
    "softmax": {
        **WITHOUT_NOISE,
        "objective": "softmax",
        "optimizer": "adam",
        "initialization": "xavier",
        "batch_size": 40,
        "learning_rate": 0.01,
    },
}


class Stop(Exception):  # noqa: N818
    """What a user's function raises to end a run."""


class StopAfter:
    """Ends a run when an epoch ends, or in the middle of the next one."""

    def __init__(self, epoch: int, how: type[BaseException] = Stop):
        self.epoch, self.how = epoch, how

    def __call__(self, progress: Progress) -> None:
        if isinstance(progress, TrainingProgress) and progress.is_epoch_end and progress.epoch == self.epoch:
            raise self.how


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    file = tmp_path / "texts.txt"
    file.write_text("\n".join(" ".join(text) for text in TEXTS), encoding="utf-8")
    return file


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return tmp_path / "run.wv.checkpoint"


def begin(source: Any, checkpoint: Path, epoch: int = 2, **settings: Any) -> None:
    """A run that is stopped by an error after an epoch."""
    with pytest.raises(Stop):
        wordvec.train(
            source, checkpoint=checkpoint, on_progress=StopAfter(epoch), **(settings or RUNS["numba"])
        )


def assert_same_vectors(one: wordvec.WordVectors, other: wordvec.WordVectors) -> None:
    assert one.words == other.words
    assert one.matrix.tobytes() == other.matrix.tobytes()
    assert (one.output_matrix is None) == (other.output_matrix is None)
    if one.output_matrix is not None and other.output_matrix is not None:
        assert one.output_matrix.tobytes() == other.output_matrix.tobytes()


def what_does_not_depend_on_time(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    timed = {"seconds", "words_per_second", "loss"}
    plain = [{name: value for name, value in record.items() if name not in timed} for record in records]
    return [{**record, "epoch_loss": pytest.approx(record["epoch_loss"], rel=1e-12)} for record in plain]


@pytest.mark.parametrize("name", RUNS)
def test_a_resumed_run_ends_with_the_vectors_of_an_uninterrupted_one(
    name: str, corpus: Path, checkpoint: Path
) -> None:
    settings = RUNS[name]
    whole = wordvec.train(corpus, validation=0.1, **settings)
    begin(corpus, checkpoint, epoch=2, validation=0.1, **settings)
    at_two = wordvec.load(checkpoint)
    resumed = wordvec.resume(checkpoint)
    assert_same_vectors(resumed, whole)
    assert at_two.matrix.tobytes() != whole.matrix.tobytes()
    assert resumed.config == whole.config
    np.testing.assert_array_equal(resumed.counts, whole.counts)  # type: ignore[arg-type]
    ends = [epochs_of(vectors.training) for vectors in (resumed, whole)]
    assert what_does_not_depend_on_time(ends[0]) == what_does_not_depend_on_time(ends[1])


@pytest.mark.parametrize("epoch", [1, 2, 3])
def test_any_epoch_is_one_to_go_on_from(epoch: int, corpus: Path, checkpoint: Path) -> None:
    begin(corpus, checkpoint, epoch)
    assert_same_vectors(wordvec.resume(checkpoint), wordvec.train(corpus, **SMALL))


def test_a_run_that_is_stopped_twice_goes_on_twice(corpus: Path, checkpoint: Path) -> None:
    begin(corpus, checkpoint, epoch=1)
    stopped = wordvec.resume(checkpoint, on_progress=StopAfter(3, KeyboardInterrupt))
    assert stopped.training[-1]["event"] == "interrupted"
    resumed = wordvec.resume(checkpoint)
    assert_same_vectors(resumed, wordvec.train(corpus, **SMALL))
    assert [record["epoch"] for record in epochs_of(resumed.training)] == [1, 2, 3, 4]


@pytest.mark.parametrize("name", ["numba", "texts in order", "torch-sgd", "sparse_adam", "adam"])
def test_an_epoch_under_way_goes_on_where_it_was(
    name: str, corpus: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = RUNS[name] | {"epochs": 6}
    worker = {"numba": NumbaWorker, "texts in order": NumbaWorker, "torch-sgd": TorchWorker}.get(
        name, BatchEngine
    )
    with MidEpochStop(monkeypatch, worker, epoch=3) as stop:
        stopped = wordvec.train(corpus, checkpoint=checkpoint, on_progress=stop, **settings)
    assert stopped.training[-1]["event"] == "interrupted"
    facts = json.loads((checkpoint / "run.json").read_text(encoding="utf-8"))
    assert (facts["epochs_done"], facts["position"] > 0) == (2, True)
    resumed, whole = wordvec.resume(checkpoint), wordvec.train(corpus, **settings)
    assert_same_vectors(resumed, whole)
    losses = [[record["epoch_loss"] for record in epochs_of(one.training)] for one in (resumed, whole)]
    assert losses[0] == losses[1]


def test_with_many_threads_each_stretch_is_trained_once_in_each_epoch(
    corpus: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[tuple[int, int, int, tuple[float, float]]] = []
    train_stretch = NumbaWorker.train_stretch

    def remember(worker: Any, encoded: Any, epoch: int, start: int, stop: int, rates: Any) -> Any:
        trained.append((epoch, start, stop, rates))
        return train_stretch(worker, encoded, epoch, start, stop, rates)

    monkeypatch.setattr(NumbaWorker, "train_stretch", remember)
    settings = {**SMALL, "threads": 3, "epochs": 3}
    wordvec.train(corpus, **settings)
    whole, trained = sorted(trained), []
    mid_epoch = MidEpochStop(monkeypatch, NumbaWorker)
    with mid_epoch as stop:
        vectors = wordvec.train(corpus, checkpoint=checkpoint, on_progress=stop, **settings)
    for _ in range(3):
        assert vectors.training[-1]["event"] == "interrupted"
        with mid_epoch as stop:
            vectors = wordvec.resume(checkpoint, on_progress=stop)
    assert vectors.training[-1]["event"] == "interrupted"
    wordvec.resume(checkpoint)
    assert sorted(trained) == whole


def test_a_checkpoint_is_written_when_its_time_comes(
    corpus: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wordvec.training.trainer.SECONDS_BETWEEN_REPORTS", 1e-4)
    written: list[int] = []

    def write(path: Path, found: Any) -> None:
        written.append(found.run["position"])
        write_checkpoint(path, found)

    monkeypatch.setattr("wordvec.pipeline.checkpoint_schedule.write_checkpoint", write)
    settings = RUNS["torch-sgd"]
    whole = wordvec.train(corpus, checkpoint=checkpoint, checkpoint_every="0.01s", **settings)
    assert any(position > 0 for position in written)
    assert_same_vectors(wordvec.resume(checkpoint), whole)
    written.clear()
    wordvec.train(corpus, checkpoint=checkpoint, checkpoint_every="never", **settings)
    assert written == []


def test_a_checkpoint_that_cannot_be_written_does_not_end_the_run(
    corpus: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = wordvec.train(corpus, **SMALL)
    begin(corpus, checkpoint, epoch=1)

    def write(path: Path, found: Any) -> None:
        raise wordvec.ResourceError(f"{path} cannot be written: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("wordvec.pipeline.checkpoint_schedule.write_checkpoint", write)
        with pytest.warns(UserWarning, match="training goes on without a new checkpoint: .* No space left"):
            assert_same_vectors(wordvec.train(corpus, checkpoint=checkpoint, **SMALL), whole)
        with pytest.warns(UserWarning, match="No space left on device; no new checkpoint is written"):
            stopped = wordvec.train(
                corpus,
                checkpoint=checkpoint,
                checkpoint_every="never",
                on_progress=StopAfter(2, KeyboardInterrupt),
                **SMALL,
            )
        assert stopped.training[-1]["event"] == "interrupted"
    assert_same_vectors(wordvec.resume(checkpoint), whole)  # the one before is still there


def test_a_checkpoint_that_cannot_be_written_is_soon_due_again(
    corpus: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(path: Path, found: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    failed: list[CheckpointSchedule] = []
    monkeypatch.setattr("wordvec.pipeline.checkpoint_schedule.write_checkpoint", write)
    monkeypatch.setattr(CheckpointSchedule, "failed", lambda due: failed.append(due))
    with pytest.warns(UserWarning, match="training goes on"):
        wordvec.train(corpus, checkpoint=checkpoint, **{**SMALL, "epochs": 30})
    assert failed


def test_patience_goes_on_where_it_was(
    corpus: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {**SMALL, "epochs": 9, "validation": 0.1, "patience": 2}

    def validate_with(losses: list[float]) -> None:
        found = iter(losses)
        monkeypatch.setattr(Trainer, "_held_out_loss", lambda *_: next(found))

    validate_with([0.6, 0.4, 0.5, 0.45])
    whole = wordvec.train(corpus, **settings)
    assert whole.training[-1]["stopped_early"] == "validation loss no better for 2 epochs"
    assert [record["epoch"] for record in epochs_of(whole.training)] == [1, 2, 3, 4]
    validate_with([0.6, 0.4, 0.5])
    begin(corpus, checkpoint, epoch=3, **settings)
    assert wordvec.load(checkpoint).matrix.tobytes() == whole.matrix.tobytes()
    validate_with([0.45])
    resumed = wordvec.resume(checkpoint)
    assert_same_vectors(resumed, whole)
    assert resumed.training[-1]["stopped_early"] == whole.training[-1]["stopped_early"]
    again = wordvec.resume(checkpoint)  # no epoch is left to do, as patience has ended
    assert_same_vectors(again, whole)


def test_progress_goes_on_where_it_ended(corpus: Path, checkpoint: Path) -> None:
    before: list[Progress] = []
    after: list[Progress] = []

    def stop_after_two(progress: Progress) -> None:
        before.append(progress)
        StopAfter(2)(progress)

    with pytest.raises(Stop):
        wordvec.train(corpus, checkpoint=checkpoint, on_progress=stop_after_two, **SMALL)
    resumed = wordvec.resume(checkpoint, on_progress=after.append)
    ends = [
        progress
        for progress in [*before, *after]
        if isinstance(progress, TrainingProgress) and progress.is_epoch_end
    ]
    assert [end.epoch for end in ends] == [1, 2, 3, 4]
    num_words = resumed.training[0]["words"]
    assert [end.words for end in ends] == [num_words, 2 * num_words, 3 * num_words, 4 * num_words]
    assert [end.share_done for end in ends] == [0.25, 0.5, 0.75, 1]
    assert ends[2].words_before == 2 * num_words
    rates = [
        progress.learning_rate for progress in [*before, *after] if isinstance(progress, TrainingProgress)
    ]
    assert rates == sorted(rates, reverse=True)
    assert [end.learning_rate for end in ends] == pytest.approx([0.075, 0.05, 0.025, 1e-4], rel=0.01)


def test_the_record_of_a_resumed_run_tells_all_of_it_once(corpus: Path, checkpoint: Path) -> None:
    begin(corpus, checkpoint, 2, watch=["b1"], watch_sample=2, **SMALL)
    records = wordvec.resume(checkpoint).training
    num_words = records[0]["words"]
    assert [record["event"] for record in records if record["event"] != "report"] == [
        "corpus",
        *["epoch"] * 4,
        "done",
    ]
    assert [record["epoch"] for record in epochs_of(records)] == [1, 2, 3, 4]
    watched = [list(record["neighbors"]) for record in epochs_of(records)]
    assert watched == [watched[0]] * 4
    assert len(watched[0]) == 3
    words = [record["words"] for record in records[:-1]]
    assert words[1:] == sorted(words[1:])
    assert records[-1]["words_trained"] == 4 * num_words
    assert records[-1]["words_before"] == 2 * num_words


def test_a_run_that_has_ended_is_resumed_to_its_end_at_once(corpus: Path, checkpoint: Path) -> None:
    whole = wordvec.train(corpus, checkpoint=checkpoint, **SMALL)
    again = wordvec.resume(checkpoint)
    assert_same_vectors(again, whole)
    assert again.training[-1]["words_trained"] == whole.training[-1]["words_trained"]


def test_the_best_epoch_stays_the_best_across_an_interruption(
    corpus: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {**SMALL, "epochs": 5, "validation": 0.1, "keep": "best"}

    def validate_with(losses: list[float]) -> None:
        found = iter(losses)
        monkeypatch.setattr(Trainer, "_held_out_loss", lambda *_: next(found))

    validate_with([0.6, 0.4, 0.5, 0.45, 0.7])
    whole = wordvec.train(corpus, **settings)
    validate_with([0.6, 0.4, 0.5])
    begin(corpus, checkpoint, epoch=3, **settings)
    at_three = wordvec.load(checkpoint)
    assert [record["epoch"] for record in epochs_of(at_three.training)] == [1, 2, 3]
    kept = shutil.copytree(checkpoint, checkpoint.with_name("kept"))
    validate_with([0.45, 0.7])
    resumed = wordvec.resume(checkpoint)
    assert_same_vectors(resumed, whole)
    assert resumed.matrix.tobytes() == at_three.matrix.tobytes()  # those of the second epoch
    losses = [record["validation_loss"] for record in epochs_of(resumed.training)]
    assert losses == [0.6, 0.4, 0.5, 0.45, 0.7]
    validate_with([0.3, 0.7])
    better = wordvec.resume(kept)
    assert better.matrix.tobytes() != at_three.matrix.tobytes()


def test_text_to_validate_on_is_found_again(corpus: Path, checkpoint: Path, tmp_path: Path) -> None:
    held_out = tmp_path / "held-out.txt"
    held_out.write_text("\n".join(" ".join(text) for text in OTHERS), encoding="utf-8")
    whole = wordvec.train(corpus, validation_source=held_out, **SMALL)
    begin(corpus, checkpoint, validation_source=held_out, **SMALL)
    losses = [
        [record["validation_loss"] for record in epochs_of(vectors.training)]
        for vectors in (wordvec.resume(checkpoint), whole)
    ]
    assert losses[0] == losses[1]


def test_text_to_validate_on_that_is_a_list_must_be_given_again(corpus: Path, checkpoint: Path) -> None:
    begin(corpus, checkpoint, validation_source=OTHERS, **SMALL)
    with pytest.raises(
        wordvec.ConfigError, match=r"did not read its text to validate on from files.*validation_s"
    ):
        wordvec.resume(checkpoint)
    with pytest.raises(wordvec.CorpusError, match="the text to validate on has changed since the checkpoint"):
        wordvec.resume(checkpoint, validation_source=OTHERS[:-1])
    resumed = wordvec.resume(checkpoint, validation_source=OTHERS)
    assert len(epochs_of(resumed.training)) == 4


def test_a_path_is_found_from_another_folder(
    corpus: Path, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    begin([corpus.name], Path(checkpoint.name))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert_same_vectors(wordvec.resume(checkpoint), wordvec.train(corpus, **SMALL))


def test_token_lists_must_be_given_again(checkpoint: Path) -> None:
    begin(TEXTS, checkpoint)
    with pytest.raises(
        wordvec.ConfigError, match=r"did not read its text from files, so .* again: source=\.\.\."
    ):
        wordvec.resume(checkpoint)
    assert_same_vectors(wordvec.resume(checkpoint, TEXTS), wordvec.train(TEXTS, **SMALL))


def test_a_tokenizer_must_be_given_again_where_it_was_a_function(corpus: Path, checkpoint: Path) -> None:
    def reversed_words(text: str) -> list[str]:
        return [word[::-1] for word in text.split()]

    whole = wordvec.train(corpus, tokenizer=reversed_words, **SMALL)
    begin(corpus, checkpoint, tokenizer=reversed_words, **SMALL)
    with pytest.raises(
        wordvec.ConfigError, match=r"had a Python function as tokenizer; give it: .*tokenizer="
    ):
        wordvec.resume(checkpoint)
    with pytest.raises(
        wordvec.CorpusError, match=r"the text has changed since the checkpoint: .* other ones"
    ):
        wordvec.resume(checkpoint, tokenizer="whitespace")
    assert_same_vectors(wordvec.resume(checkpoint, tokenizer=reversed_words), whole)


def test_a_named_tokenizer_is_remembered(corpus: Path, checkpoint: Path) -> None:
    corpus.write_text(corpus.read_text(encoding="utf-8").upper(), encoding="utf-8")
    begin(corpus, checkpoint, tokenizer="words", **SMALL)
    assert_same_vectors(wordvec.resume(checkpoint), wordvec.train(corpus, tokenizer="words", **SMALL))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text + "\nnew a1", "its vocabulary had 15 words and now has 16"),
        (lambda text: text.replace("a5", "d5"), "its vocabulary had 15 words and now has 15, other ones"),
        (
            lambda text: "\n".join(reversed(text.split("\n"))),
            r"the text has changed since .* \(the same words, but not in the same places\)",
        ),
    ],
    ids=["longer", "renamed", "reordered"],
)
def test_another_text_is_refused(change: Any, message: str, corpus: Path, checkpoint: Path) -> None:
    begin(corpus, checkpoint)
    corpus.write_text(change(corpus.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(wordvec.CorpusError, match=message):
        wordvec.resume(checkpoint)


def test_a_text_that_has_moved_may_be_given_from_its_new_place(corpus: Path, checkpoint: Path) -> None:
    begin(corpus, checkpoint)
    whole = wordvec.train(corpus, **SMALL)
    moved = corpus.rename(corpus.with_name("moved.txt"))
    with pytest.raises(
        wordvec.CorpusError,
        match=r"the text of the run is not where it was: there is no file .*texts\.txt.*new place: source=\.\.\.",
    ):
        wordvec.resume(checkpoint)
    stopped = wordvec.resume(checkpoint, moved, on_progress=StopAfter(3, KeyboardInterrupt))
    assert stopped.training[-1]["event"] == "interrupted"
    assert_same_vectors(wordvec.resume(checkpoint), whole)  # the new place is remembered


@pytest.mark.parametrize("engine", ["numba", "torch"])
def test_a_run_that_grows_a_model_goes_on_with_what_that_knew(
    engine: str, corpus: Path, checkpoint: Path
) -> None:
    start = wordvec.train([["b1", "old", "older"], ["a1", "old"]] * 30, **{**SMALL, "dim": 3})
    settings = {**SMALL, "start_from": start, "engine": engine, "validation": 0.1, "patience": 9}
    whole = wordvec.train(corpus, **settings)
    begin(corpus, checkpoint, **settings)
    resumed = wordvec.resume(checkpoint)
    assert_same_vectors(resumed, whole)
    assert "older" in resumed
    np.testing.assert_array_equal(resumed.counts, whole.counts)  # type: ignore[arg-type]


def test_an_objective_of_your_own_is_given_again(corpus: Path, checkpoint: Path) -> None:
    from wordvec.models.negative_sampling import NegativeSampling

    def objective(counts: Any) -> Any:
        import torch

        torch.manual_seed(5)
        return NegativeSampling(torch.nn.Embedding(len(counts), 5, sparse=True))

    whole = wordvec.train(corpus, custom_objective=objective, **SMALL)
    begin(corpus, checkpoint, custom_objective=objective, **SMALL)
    with pytest.raises(
        wordvec.ConfigError, match=r"had the objective .*objective of its own; give it: .*custom_objective="
    ):
        wordvec.resume(checkpoint)
    assert_same_vectors(wordvec.resume(checkpoint, custom_objective=objective), whole)
    begin(corpus, checkpoint)
    with pytest.raises(wordvec.ConfigError, match=r"had no objective of its own; leave custom_objective out"):
        wordvec.resume(checkpoint, custom_objective=objective)


def test_a_finished_model_is_not_a_checkpoint(corpus: Path, checkpoint: Path) -> None:
    wordvec.train(corpus, **SMALL).save(checkpoint)
    with pytest.raises(
        wordvec.FormatError, match=r"is not a checkpoint.*a finished model can be trained on with start"
    ):
        wordvec.resume(checkpoint)


def test_a_checkpoint_is_a_model_that_answers(corpus: Path, checkpoint: Path) -> None:
    begin(corpus, checkpoint, epoch=4)
    vectors = wordvec.load(checkpoint)
    assert_same_vectors(vectors, wordvec.train(corpus, **SMALL))
    assert len(vectors.most_similar("a1", k=3)) == 3


def test_a_checkpoint_that_cannot_be_written_is_refused_before_training(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.txt").write_text("precious", encoding="utf-8")
    seen: list[Progress] = []
    for path, message in (
        (tmp_path / "thesis", "other things in it"),
        (corpus, "is a file"),
        (corpus / "below", "cannot be written"),
    ):
        with pytest.raises((wordvec.FormatError, wordvec.ResourceError), match=message):
            wordvec.train(corpus, checkpoint=path, on_progress=seen.append, **SMALL)
    assert not seen


def test_a_checkpoint_may_end_like_a_file_of_vectors(corpus: Path, tmp_path: Path) -> None:
    begin(corpus, tmp_path / "run.bin")
    assert_same_vectors(wordvec.resume(tmp_path / "run.bin"), wordvec.train(corpus, **SMALL))


def settings_changed(checkpoint: Path, **changes: Any) -> None:
    file = checkpoint / "config.json"
    about = json.loads(file.read_text(encoding="utf-8"))
    for name, value in changes.items():
        if value is None:
            del about["settings"][name]
        else:
            about["settings"][name] = value
    file.write_text(json.dumps(about), encoding="utf-8")
    facts = json.loads((checkpoint / "run.json").read_text(encoding="utf-8"))
    facts["settings_sha256"] = settings_digest(about["settings"])
    (checkpoint / "run.json").write_text(json.dumps(facts), encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"window": "two"}, "settings that this version of wordvec does not take: window must be"),
        ({"windows": 2}, "settings that this version of wordvec does not take: windows is not a setting"),
        (  # as it was called before
            {"start_vocabulary": None, "start_words": "keep"},
            "settings that this version of wordvec does not take: start_words is not a setting",
        ),
        ({"tokenizer": None}, "is damaged: its settings are missing"),
        ({"epochs": 1}, "is damaged: .*of fewer epochs than are done"),
    ],
    ids=str,
)
def test_damaged_settings_are_refused(
    changes: dict[str, Any], message: str, corpus: Path, checkpoint: Path
) -> None:
    begin(corpus, checkpoint)
    settings_changed(checkpoint, **changes)
    with pytest.raises(wordvec.FormatError, match=message):
        wordvec.resume(checkpoint)


def test_a_run_from_before_texts_were_shuffled_goes_on_in_their_order(corpus: Path, checkpoint: Path) -> None:
    settings = RUNS["texts in order"]
    begin(corpus, checkpoint, **settings)
    settings_changed(checkpoint, shuffle_texts=None)
    assert_same_vectors(wordvec.resume(checkpoint), wordvec.train(corpus, **settings))


def test_a_checkpoint_without_settings_is_refused(corpus: Path, checkpoint: Path) -> None:
    begin(corpus, checkpoint)
    (checkpoint / "config.json").write_text(
        json.dumps({"format": "wordvec", "format_version": 1, "settings": None}), encoding="utf-8"
    )
    with pytest.raises(wordvec.FormatError, match="has other settings than the run began with"):
        wordvec.resume(checkpoint)


def test_the_state_of_another_model_is_refused(corpus: Path, checkpoint: Path, tmp_path: Path) -> None:
    begin(corpus, checkpoint)
    begin(corpus, tmp_path / "other", **RUNS["adam"])
    shutil.copy(tmp_path / "other" / "state.safetensors", checkpoint)
    with pytest.raises(wordvec.EngineError, match="the checkpoint is that of another model"):
        wordvec.resume(checkpoint)
