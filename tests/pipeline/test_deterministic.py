"""A deterministic run: the same vectors on any number of threads, with either engine, interrupted or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.pipeline.stops import MidEpochStop
from tests.pipeline.texts import SMALL, epochs_of, ring_texts

import wordvec
from wordvec.engines.numba import deterministic
from wordvec.engines.numba.deterministic import BlockWorker

TEXTS = ring_texts()
BLOCKWISE: dict[str, Any] = {**SMALL, "deterministic": True}


@pytest.fixture(autouse=True)
def rounds_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some parts in each of some rounds."""
    monkeypatch.setattr(deterministic, "POSITIONS_PER_PART", 70)
    monkeypatch.setattr(deterministic, "PARTS_PER_ROUND", 3)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    file = tmp_path / "texts.txt"
    file.write_text("\n".join(" ".join(text) for text in TEXTS), encoding="utf-8")
    return file


def bytes_of(vectors: wordvec.WordVectors) -> tuple[list[str], bytes, bytes]:
    assert vectors.output_matrix is not None
    return vectors.words, vectors.matrix.tobytes(), vectors.output_matrix.tobytes()


def losses_of(vectors: wordvec.WordVectors) -> list[tuple[float, float | None]]:
    return [(record["epoch_loss"], record.get("validation_loss")) for record in epochs_of(vectors.training)]


def test_any_number_of_threads_gives_the_same_vectors_and_losses(corpus: Path) -> None:
    alone = wordvec.train(corpus, validation=0.2, **BLOCKWISE)
    for threads in (2, 3):
        together = wordvec.train(corpus, validation=0.2, **{**BLOCKWISE, "threads": threads})
        assert bytes_of(together) == bytes_of(alone)
        assert losses_of(together) == losses_of(alone)


def test_it_learns_as_well_as_window_by_window_but_not_the_same(corpus: Path) -> None:
    blockwise, plain = wordvec.train(corpus, **BLOCKWISE), wordvec.train(corpus, **SMALL)
    assert bytes_of(blockwise) != bytes_of(plain)
    losses = [losses_of(vectors)[-1][0] for vectors in (blockwise, plain)]
    assert losses[0] == pytest.approx(losses[1], rel=0.03)


def test_other_seeds_give_other_vectors(corpus: Path) -> None:
    one, other = (wordvec.train(corpus, seed=seed, **BLOCKWISE) for seed in (1, 2))
    assert bytes_of(one) != bytes_of(other)


@pytest.mark.parametrize("threads", [1, 3])
def test_an_epoch_under_way_goes_on_to_the_same_vectors(
    threads: int, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {**BLOCKWISE, "threads": threads, "epochs": 6}
    checkpoint = tmp_path / "run.wv.checkpoint"
    with MidEpochStop(monkeypatch, BlockWorker, epoch=3) as stop:
        stopped = wordvec.train(corpus, checkpoint=checkpoint, on_progress=stop, validation=0.2, **settings)
    assert stopped.training[-1]["event"] == "interrupted"
    facts = json.loads((checkpoint / "run.json").read_text(encoding="utf-8"))
    assert (facts["epochs_done"], facts["position"] % 210, facts["position"] > 0) == (2, 0, True)
    resumed = wordvec.resume(checkpoint)
    whole = wordvec.train(corpus, validation=0.2, **{**settings, "threads": 2})
    assert bytes_of(resumed) == bytes_of(whole)
    assert losses_of(resumed) == losses_of(whole)


def test_steps_of_any_size_leave_blocks_an_end(corpus: Path) -> None:
    for rate in (1e-320, 1e-30, 0.3):
        settings = {**BLOCKWISE, "learning_rate": rate, "final_learning_rate": 0.0, "epochs": 1}
        one, other = (wordvec.train(corpus, **{**settings, "threads": threads}) for threads in (1, 2))
        assert bytes_of(one) == bytes_of(other)


@pytest.mark.parametrize(
    "settings", [{"optimizer": "sgd"}, {"optimizer": "adam", "learning_rate": 0.01}], ids=["sgd", "adam"]
)
def test_the_torch_engine_keeps_to_one_thread(corpus: Path, settings: dict[str, Any]) -> None:
    common = {**BLOCKWISE, "engine": "torch", "batch_size": 40, **settings}
    threads_before = torch.get_num_threads()
    try:
        found = [wordvec.train(corpus, **{**common, "threads": threads}) for threads in (3, 3, 1)]
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(threads_before)
    assert bytes_of(found[0]) == bytes_of(found[1]) == bytes_of(found[2])
    assert losses_of(found[0]) == losses_of(found[1]) == losses_of(found[2])
