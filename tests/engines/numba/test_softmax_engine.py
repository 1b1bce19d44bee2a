"""The softmax engine, beside the torch engine: the same draws, the same steps, the same losses."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.corpus.encoded import GAP, TEXT_END, EncodedCorpus
from wordvec.engines.engine import Engine, EngineSpec, LossSum
from wordvec.engines.numba import softmax_engine
from wordvec.engines.numba.spec import NUMBA
from wordvec.engines.torch.spec import TORCH
from wordvec.errors import EngineError
from wordvec.kernels.cpu.softmax_tile import blocks_of_words, words_of_blocks
from wordvec.kernels.cpu.softmax_training import SMALLEST_SHARE

NUM_WORDS, RATES = 150, (0.02, 0.01)
SETTINGS: dict[str, Any] = {
    "objective": "softmax",
    "skipgram_input": "center",
    "dim": 20,
    "window": 3,
    "subsample": 0.05,
    "batch_size": 30,
    "optimizer": "adam",
    "reduction": "mean",
    "learning_rate": 0.02,
    "threads": 2,
}
OTHERS: dict[str, dict[str, Any]] = {
    "as the recipe": {},
    "contexts predict": {"skipgram_input": "context", "optimizer": "adagrad", "reduction": "sum"},
    "texts": {"batch_size": 3, "batch_unit": "texts", "reduction": "example_mean"},
    "gaps and full windows": {
        "window": 2,
        "window_edges": "skip",
        "unknown": "gap",
        "subsample_scope": "window",
        "optimizer": "sgd",
    },
    "shuffled": {"shuffle": True},
    "one dimension": {"dim": 1, "optimizer": "adagrad"},
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    rng = np.random.default_rng(3)
    texts = [(rng.zipf(1.3, rng.integers(1, 40)) % NUM_WORDS).astype(np.int32) for _ in range(30)]
    for text in texts[::3]:
        text[1::4] = GAP
    ids = np.concatenate([np.append(text, TEXT_END) for text in texts]).astype(np.int32)
    path = tmp_path_factory.mktemp("corpus") / "corpus.int32"
    ids.tofile(path)
    words, gaps = int((ids >= 0).sum()), int((ids == GAP).sum())
    return EncodedCorpus(path, len(ids), words, len(texts), gaps)


def counts_of(corpus: EncodedCorpus) -> NDArray[np.int64]:
    ids = corpus.read(0, corpus.num_positions)
    return np.maximum(np.bincount(ids[ids >= 0], minlength=NUM_WORDS), 1)


def built(spec: EngineSpec, corpus: EncodedCorpus, scale: float = 1 / 3, **settings: Any) -> Engine:
    config = Config(**{**SETTINGS, **settings})
    rng = np.random.default_rng(7)
    inputs, outputs = (rng.normal(size=(NUM_WORDS, config.dim)).astype(np.float32) * scale for _ in range(2))
    return spec.build(config, counts_of(corpus), start=(inputs, outputs))


def trained(engine: Engine, corpus: EncodedCorpus, epochs: int = 2) -> list[LossSum]:
    """The words, pairs and loss of each epoch, and those measured at the end."""
    worker, stretches = engine.worker(), list(engine.stretches(corpus, 1))
    found = [
        [worker.train_stretch(corpus, epoch, *stretch, RATES)() for stretch in stretches]
        for epoch in range(epochs)
    ]
    found.append([worker.measure_stretch(corpus, *stretch)() for stretch in stretches])
    return [reduce(LossSum.plus, sums) for sums in found]


def bytes_of(engine: Engine) -> bytes:
    return b"".join(array.tobytes() for array in engine.vectors() if array is not None)


@pytest.mark.parametrize("name", OTHERS)
def test_steps_and_losses_are_those_of_the_torch_engine(name: str, corpus: EncodedCorpus) -> None:
    ours, theirs = (built(spec, corpus, **OTHERS[name]) for spec in (NUMBA, TORCH))
    losses = [np.array(trained(engine, corpus)) for engine in (ours, theirs)]
    assert np.array_equal(losses[0][:, :2], losses[1][:, :2])
    np.testing.assert_allclose(losses[0][:, 2], losses[1][:, 2], rtol=1e-5)
    for mine, other in zip(ours.vectors(), theirs.vectors(), strict=True):
        assert mine is not None
        np.testing.assert_allclose(mine, other, atol=2e-4)


@pytest.mark.parametrize("dim", [1, 15, 16, 17, 51, 96, 113])
def test_any_number_of_dimensions_moves_as_in_the_torch_engine(dim: int, corpus: EncodedCorpus) -> None:
    """Vectors of features, whole and half as many, and what they leave over: here, also in the last tile."""
    ours, theirs = (built(spec, corpus, dim=dim) for spec in (NUMBA, TORCH))
    for engine in (ours, theirs):
        trained(engine, corpus, epochs=1)
    for mine, other in zip(ours.vectors(), theirs.vectors(), strict=True):
        assert mine is not None
        assert mine.shape == (NUM_WORDS, dim)
        np.testing.assert_allclose(mine, other, atol=2e-4)


@pytest.mark.parametrize("optimizer", ["sgd", "adagrad", "adam"])
def test_words_far_below_the_likeliest_learn_as_in_the_torch_engine(
    optimizer: str, corpus: EncodedCorpus
) -> None:
    """Scores differ by hundreds, so in many slices no word has a share that is worth a step; yet pairs are there."""
    settings = {"scale": 4.0, "optimizer": optimizer}
    ours, theirs = (built(spec, corpus, **settings) for spec in (NUMBA, TORCH))
    (inputs, outputs) = ours.vectors()
    scores = inputs.astype(float) @ outputs.T  # type: ignore[union-attr]
    of_slices = np.maximum.reduceat(scores, np.arange(0, NUM_WORDS, 64), axis=1)
    assert np.mean(np.exp(-np.ptp(of_slices, axis=1)) < SMALLEST_SHARE) > 0.5
    losses = [np.array(trained(engine, corpus, epochs=1))[:, 2] for engine in (ours, theirs)]
    np.testing.assert_allclose(*losses, rtol=1e-4)
    for mine, other in zip(ours.vectors(), theirs.vectors(), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-3)


def test_rows_scored_group_by_group_take_the_same_steps(
    corpus: EncodedCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = built(NUMBA, corpus)
    losses = np.array(trained(whole, corpus))
    monkeypatch.setattr(softmax_engine, "MAX_SCORES", 1)
    in_groups = built(NUMBA, corpus)
    np.testing.assert_allclose(np.array(trained(in_groups, corpus)), losses, rtol=1e-6)
    for mine, other in zip(in_groups.vectors(), whole.vectors(), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-4)


@pytest.mark.parametrize("max_scores", [softmax_engine.MAX_SCORES, 1], ids=["all rows", "groups"])
def test_threads_change_no_byte(
    max_scores: int, corpus: EncodedCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(softmax_engine, "MAX_SCORES", max_scores)
    found = set()
    for threads in (1, 2, 3):
        engine = built(NUMBA, corpus, threads=threads)
        losses = trained(engine, corpus)
        found.add((bytes_of(engine), str(losses)))
    assert len(found) == 1


def test_a_restored_engine_goes_on_to_the_same_bytes(corpus: EncodedCorpus) -> None:
    stretches = list(built(NUMBA, corpus).stretches(corpus, 1))
    half = len(stretches) // 2
    whole, first, second = (built(NUMBA, corpus) for _ in range(3))
    for engine, part in ((whole, stretches), (first, stretches[:half])):
        for stretch in part:
            engine.worker().train_stretch(corpus, 0, *stretch, RATES)()
    second.restore(first.state())
    for stretch in stretches[half:]:
        second.worker().train_stretch(corpus, 0, *stretch, RATES)()
    assert bytes_of(second) == bytes_of(whole)


def test_a_state_of_another_model_is_refused(corpus: EncodedCorpus) -> None:
    with pytest.raises(EngineError, match="the checkpoint is that of another model or optimizer: it has"):
        built(NUMBA, corpus, dim=21).restore(built(NUMBA, corpus).state())


@pytest.mark.parametrize(("num_words", "dim"), [(1, 1), (64, 5), (65, 6), (200, 17)])
def test_words_come_out_of_their_blocks_as_they_went_in(num_words: int, dim: int) -> None:
    rng = np.random.default_rng(num_words)
    outputs = rng.normal(size=(num_words, dim)).astype(np.float32)
    biases = rng.normal(size=num_words).astype(np.float32)
    found = words_of_blocks(blocks_of_words(outputs, biases), num_words, dim)
    assert np.array_equal(found[0], outputs)
    assert np.array_equal(found[1], biases)
