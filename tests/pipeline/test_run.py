"""Runs: validation, the best epoch, objectives of one's own, early ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.pipeline.texts import SMALL, STILL, epochs_of, ring_texts

import wordvec
from wordvec.models.architectures import ExampleLosses, Predictions
from wordvec.models.softmax import FullSoftmax
from wordvec.pipeline.run_log import Progress
from wordvec.training.progress import TrainingProgress
from wordvec.training.trainer import Trainer

ENGINES = ("numba", "torch")
TEXTS, OTHERS = ring_texts(), ring_texts(40, seed=8)


def validation_losses(vectors: wordvec.WordVectors) -> list[float]:
    return [record["validation_loss"] for record in epochs_of(vectors.training)]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_validation_loss_has_the_same_draws_in_each_epoch(engine: str) -> None:
    start = wordvec.train(TEXTS, **SMALL)
    losses = validation_losses(
        wordvec.train(TEXTS, validation_source=OTHERS, start_from=start, engine=engine, **STILL)
    )
    assert len(losses) == 4
    assert len(set(losses)) == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_measuring_moves_no_vector(engine: str) -> None:
    plain, measured = (
        wordvec.train(TEXTS, validation_source=source, engine=engine, **SMALL) for source in (None, OTHERS)
    )
    assert plain.matrix.tobytes() == measured.matrix.tobytes()


@pytest.mark.parametrize("engine", ENGINES)
def test_untrained_vectors_have_a_validation_loss_of_ln_2(engine: str) -> None:
    losses = validation_losses(wordvec.train(TEXTS, validation=0.1, engine=engine, **STILL))
    assert losses == pytest.approx([np.log(2)] * 4, abs=1e-6)


@pytest.mark.parametrize("settings", [{}, {"engine": "torch", "batch_size": 40}], ids=ENGINES)
def test_the_validation_loss_falls(settings: dict[str, Any]) -> None:
    losses = validation_losses(wordvec.train(TEXTS, validation=0.2, **settings, **SMALL))
    assert losses[0] < np.log(2)
    assert losses[-1] < losses[0] - 0.01


@pytest.mark.parametrize("reach", ["random", "fixed"])
def test_both_engines_find_the_same_validation_loss_for_the_same_vectors(reach: str) -> None:
    start = wordvec.train(TEXTS, **SMALL)
    settings = {**STILL, "epochs": 1, "window_reach": reach}
    first, second = (
        validation_losses(
            wordvec.train(TEXTS, validation_source=OTHERS, start_from=start, engine=engine, **settings)
        )
        for engine in ENGINES
    )
    assert abs(first[0] - np.log(2)) > 0.05  # not the loss that anything would have
    assert first == pytest.approx(second, rel=1e-5)


def test_words_outside_the_vocabulary_do_not_disturb_the_validation(tmp_path: Path) -> None:
    file = tmp_path / "held-out.txt"
    file.write_text("\n".join(" zebra ".join(text) for text in OTHERS) + "\nzebra gnu\n", encoding="utf-8")
    losses = [
        validation_losses(wordvec.train(TEXTS, validation_source=source, **SMALL))
        for source in (OTHERS, file)
    ]
    assert losses[0] == losses[1]


def test_one_way_to_say_what_to_validate_on_is_enough() -> None:
    with pytest.raises(wordvec.ConfigError, match="validation and validation_source are two ways"):
        wordvec.train(TEXTS, validation=0.1, validation_source=OTHERS, **SMALL)


@pytest.fixture
def worse_after_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Validation losses 0.6, 0.4, 0.5, 0.7, whatever is trained."""
    losses = iter([0.6, 0.4, 0.5, 0.7])
    monkeypatch.setattr(Trainer, "_held_out_loss", lambda *_: next(losses))


def vectors_after_each_epoch(engine: str) -> list[NDArray[np.float32]]:
    """Of the run that `worse_after_two` is put over."""
    matrices: list[NDArray[np.float32]] = []
    for epoch in range(1, 5):

        def stop(progress: Progress, epoch: int = epoch) -> None:
            if isinstance(progress, TrainingProgress) and progress.is_epoch_end and progress.epoch == epoch:
                raise KeyboardInterrupt

        matrices.append(wordvec.train(TEXTS, on_progress=stop, validation=0.1, engine=engine, **SMALL).matrix)
    return matrices


@pytest.mark.parametrize("engine", ENGINES)
def test_the_best_epochs_vectors_are_kept(engine: str, request: pytest.FixtureRequest) -> None:
    after = vectors_after_each_epoch(engine)
    assert len({matrix.tobytes() for matrix in after}) == 4
    request.getfixturevalue("worse_after_two")
    best = wordvec.train(TEXTS, validation=0.1, keep="best", engine=engine, **SMALL)
    assert best.matrix.tobytes() == after[1].tobytes()
    assert validation_losses(best) == [0.6, 0.4, 0.5, 0.7]  # the record tells the whole run
    assert best.training[-1]["event"] == "done"


def test_the_last_epochs_vectors_are_kept_unless_asked_otherwise(request: pytest.FixtureRequest) -> None:
    last = vectors_after_each_epoch("numba")[3]
    request.getfixturevalue("worse_after_two")
    assert wordvec.train(TEXTS, validation=0.1, **SMALL).matrix.tobytes() == last.tobytes()


def test_the_best_epoch_needs_a_validation_loss() -> None:
    with pytest.raises(wordvec.ConfigError, match="keep='best' needs a validation loss"):
        wordvec.train(TEXTS, keep="best", **SMALL)


def test_the_best_epoch_needs_pairs_to_validate_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trainer, "_held_out_loss", lambda *_: None)
    with pytest.raises(
        wordvec.EvaluationError, match="no two words of the text to validate on stood side by side"
    ):
        wordvec.train(TEXTS, keep="best", validation=0.1, **SMALL)


class Margin(torch.nn.Module):
    """A hinge on scores, with noise."""

    def __init__(self, counts: NDArray[np.int64]):
        super().__init__()
        self.output = torch.nn.Embedding(len(counts), 5, sparse=True)

    def forward(self, predictions: Predictions) -> ExampleLosses:
        hidden, targets, is_pair, negatives = predictions
        assert negatives is not None
        assert negatives.shape[-1] == 3
        true_scores = (hidden * self.output(targets)).sum(-1)  # (B, P)
        noise_scores = (hidden @ self.output(negatives).mT).amax(-1)  # (B, P)
        losses = (torch.relu(1 - true_scores + noise_scores) * is_pair).sum(1)
        return ExampleLosses(losses, is_pair.sum(1))


def test_an_objective_of_your_own_is_trained_and_recorded() -> None:
    torch.manual_seed(3)
    vectors = wordvec.train(TEXTS, custom_objective=Margin, batch_size=40, **SMALL)
    losses = [record["epoch_loss"] for record in epochs_of(vectors.training)]
    assert losses[-1] < losses[0] - 0.05
    assert vectors.output_matrix is None
    assert vectors.config is not None
    assert (vectors.config["engine"], vectors.config["custom_objective"]) == ("torch", "Margin")


def test_an_objective_made_like_a_built_in_one_gives_its_vectors() -> None:
    def softmax(counts: NDArray[np.int64]) -> FullSoftmax:
        layer = torch.nn.Linear(5, len(counts))
        torch.nn.init.zeros_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
        return FullSoftmax(layer)

    settings = {name: value for name, value in SMALL.items() if name != "negatives"} | {"batch_size": 40}
    own = wordvec.train(TEXTS, custom_objective=softmax, **settings)
    built_in = wordvec.train(TEXTS, objective="softmax", **settings)
    np.testing.assert_allclose(own.matrix, built_in.matrix, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
def test_ctrl_c_during_training_returns_what_there_is(engine: str) -> None:
    def interrupt(progress: Progress) -> None:
        if isinstance(progress, TrainingProgress):
            raise KeyboardInterrupt

    vectors = wordvec.train(TEXTS, on_progress=interrupt, engine=engine, **{**SMALL, "epochs": 1000})
    assert vectors.training[-1]["event"] == "interrupted"
    assert vectors.training[-1]["words_trained"] < 1000 * vectors.training[-1]["words"]
    assert set(vectors.words) == {word for text in TEXTS for word in text}


def test_ctrl_c_at_an_epochs_end_keeps_that_epoch(worse_after_two: None) -> None:
    def interrupt(progress: Progress) -> None:
        if isinstance(progress, TrainingProgress) and progress.is_epoch_end and progress.epoch == 3:
            raise KeyboardInterrupt

    vectors = wordvec.train(TEXTS, on_progress=interrupt, validation=0.1, **SMALL)
    assert validation_losses(vectors) == [0.6, 0.4, 0.5]
    assert vectors.training[-1]["words_trained"] == 3 * vectors.training[-1]["words"]


def test_subsampling_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(wordvec.CorpusError, match=r"raise subsample \(now 1e-12\)"):
        wordvec.train(TEXTS, **{**SMALL, "subsample": 1e-12})


def test_vectors_that_are_no_longer_finite_are_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "wordvec.engines.numba.engine.NumbaEngine.into_vectors",
        lambda _: (np.full((15, 5), np.nan), np.zeros((15, 5))),
    )
    with pytest.raises(wordvec.EngineError, match="vectors are no longer finite; lower learning_rate"):
        wordvec.train(TEXTS, **SMALL)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_far_too_large_learning_rate_is_noticed(engine: str) -> None:
    with pytest.raises(wordvec.EngineError, match="diverged"):
        wordvec.train(TEXTS, engine=engine, **{**SMALL, "learning_rate": 1e30})
