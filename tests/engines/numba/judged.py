"""The batch engine beside its judge, the torch engine: same text, same initial vectors, same settings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.kernels.cases import CASES

from wordvec.config import Config
from wordvec.corpus.encoded import TEXT_END
from wordvec.engines.engine import LossSum
from wordvec.engines.numba.batches import NegativeSamplingEngine
from wordvec.engines.numba.spec import NUMBA
from wordvec.engines.torch.engine import TorchEngine
from wordvec.engines.torch.spec import TORCH

GAP = -2
Floats = NDArray[np.floating]


class Ids:
    """A corpus in memory, read-only as an encoded one is."""

    def __init__(self, *texts: tuple[int, ...]):
        self.ids = np.array([word for text in texts for word in (*text, TEXT_END)], np.int32)
        self.ids.flags.writeable = False

    @property
    def num_positions(self) -> int:
        return len(self.ids)

    def read(self, start: int, stop: int) -> NDArray[np.int32]:
        return self.ids[start:stop]


@dataclass(frozen=True)
class TextCase:
    """Texts in which mistakes show."""

    name: str
    vocabulary_size: int
    dim: int
    texts: tuple[tuple[int, ...], ...]
    scale: float = 0.5  # of the vectors
    learning_rate: float = 0.05

    @property
    def ids(self) -> Ids:
        return Ids(*self.texts)

    @property
    def longest(self) -> int:
        return max(len(text) for text in self.texts)

    def counts(self) -> NDArray[np.int64]:
        ids = self.ids.ids
        return np.maximum(np.bincount(ids[ids >= 0], minlength=self.vocabulary_size), 1)

    def start(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        rng = np.random.default_rng(7)
        shape = (self.vocabulary_size, self.dim)
        inputs, outputs = (rng.normal(size=shape).astype(np.float32) * self.scale for _ in range(2))
        return inputs, outputs


def _many_texts() -> tuple[tuple[int, ...], ...]:
    rng = np.random.default_rng(3)
    lengths = [1, 2, 40, 3, 1, 17, 29, 5]
    return tuple(tuple((rng.zipf(1.4, length) % 40).tolist()) for length in lengths)


TEXT_CASES = [
    *(
        TextCase(
            case.name,
            case.vocabulary_size,
            case.dim,
            ((1,), case.sentence, (0,), case.sentence[::-1]),  # a text of one word has no window
            scale=min(case.scale, 2.0) / 2,
            learning_rate=case.learning_rate,
        )
        for case in CASES
    ),
    TextCase("many texts", 40, 20, _many_texts()),
    TextCase(
        "gaps", 7, 5, ((5, GAP, 2, 6), (GAP, 3), (GAP,), (1, GAP, GAP, 4, 5, 5, 2, GAP), (0, 1, 2, 3, 4))
    ),
    TextCase("one word, again and again", 3, 5, ((1, 1, 1, 1, 1),)),
]
LARGE_SCORES = TextCase("scores near 100", 7, 5, ((5, 2, 6), (4, 0, 1, 3)), scale=7.0, learning_rate=1e-3)

MATCHING: dict[str, dict[str, Any]] = {
    "short": {"window_edges": "short"},
    "skip": {"window_edges": "skip", "unknown": "gap"},
}


def config_for(case: TextCase, **settings: Any) -> Config:
    """Windows as wide as the longest text, or half as wide where all must be full; small batches."""
    is_full = settings.get("window_edges") == "skip"
    window = max(1, (case.longest - 1) // 2 if is_full else case.longest - 1)
    given = {"window": min(window, 25), "subsample": 0.0, "negatives": 3, "seed": 5, "threads": 1}
    given |= {"dim": case.dim, "learning_rate": case.learning_rate, "batch_size": 3}
    return Config(**{**given, **settings})


def batch_engine(case: TextCase, config: Config, threads: int = 1) -> NegativeSamplingEngine:
    engine = NUMBA.build(replace(config, threads=threads), case.counts(), start=case.start())
    assert isinstance(engine, NegativeSamplingEngine)
    return engine


def judge(case: TextCase, config: Config) -> TorchEngine:
    """The torch engine, in double precision."""
    engine = TORCH.build(replace(config, threads=1), case.counts(), start=case.start())
    assert isinstance(engine, TorchEngine)
    engine._model.double()
    return engine


def train(engine: Any, case: TextCase, *, epochs: range, rate: float | None = None) -> list[LossSum]:
    """Train on the whole corpus as one stretch, with a learning rate that falls by half in each epoch."""
    first = case.learning_rate if rate is None else rate
    worker, ids = engine.worker(), case.ids
    return [worker.train_stretch(ids, epoch, 0, ids.num_positions, (first, first / 2))() for epoch in epochs]


def measure(engine: Any, case: TextCase) -> LossSum:
    ids = case.ids
    return engine.worker().measure_stretch(ids, 0, ids.num_positions)()


def assert_same_losses(found: list[LossSum], wanted: list[LossSum], rounding: float) -> None:
    assert [(one.words, one.pairs) for one in found] == [(one.words, one.pairs) for one in wanted]
    np.testing.assert_allclose(
        [one.loss for one in found], [one.loss for one in wanted], rtol=rounding, atol=rounding
    )


def vectors_of(engine: Any) -> Floats:
    """(2·V, D)  both matrices."""
    return np.concatenate(engine.vectors())


def bytes_of(engine: Any) -> bytes:
    return vectors_of(engine).tobytes()
