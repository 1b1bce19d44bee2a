"""A small corpus, and engines of each kind that train on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from wordvec.corpus.encoded import TEXT_END, EncodedCorpus
from wordvec.engines.draws import Draws
from wordvec.engines.engine import Engine
from wordvec.engines.numba.engine import NumbaEngine
from wordvec.engines.numba.window_model import Family
from wordvec.engines.torch.engine import Steps, TorchEngine
from wordvec.engines.torch.optimizers import optimizer_class, takes_sparse_gradients
from wordvec.kernels.torch.windows import Sharing
from wordvec.models.word2vec import BuiltModel, build_model
from wordvec.sampling.initialization import initial_matrices
from wordvec.sampling.noise import alias_table, noise_distribution
from wordvec.sampling.seeds import Purpose, generator
from wordvec.sampling.subsampling import keep_probabilities
from wordvec.training.progress import RunPosition
from wordvec.training.trainer import LinearSchedule, Trainer

WINDOW, NEGATIVES, DIM, VOCABULARY_SIZE = 3, 3, 9, 23


def small_ids(size: int, seed: int = 2, share_of_ends: float = 0.05) -> NDArray[np.int32]:
    """Words with Zipf's frequencies in many texts; each of the 23 words occurs."""
    rng = np.random.default_rng(seed)
    ids = (np.minimum(rng.zipf(1.5, size), VOCABULARY_SIZE) - 1).astype(np.int32)
    ids[rng.random(size) < share_of_ends] = TEXT_END
    ids[:VOCABULARY_SIZE] = rng.permutation(VOCABULARY_SIZE)
    ids[-1] = TEXT_END
    return ids


def corpus_of(ids: NDArray[np.integer], folder: Path) -> EncodedCorpus:
    path = folder / "corpus.int32"
    ids.astype(np.int32).tofile(path)
    num_texts = int((ids == TEXT_END).sum())
    return EncodedCorpus(path, len(ids), len(ids) - num_texts, num_texts)


def counts_in(ids: NDArray[np.integer]) -> NDArray[np.int64]:
    return np.bincount(ids[ids >= 0])


def small_numba_engine(
    ids: NDArray[np.integer],
    seed: int = 1,
    lanes: int | None = None,
    contexts_per_part: int = 40,
    family: Family = Family(),  # noqa: B008  (it cannot be changed)
) -> NumbaEngine:
    counts = counts_in(ids)
    noise = alias_table(noise_distribution(counts, power=0.75))
    draws = Draws(keep_probabilities(counts, 1e-2), noise, WINDOW, False, NEGATIVES, seed)
    return NumbaEngine(draws, family, counts, dim=DIM, contexts_per_part=contexts_per_part, lanes=lanes)


def small_model(ids: NDArray[np.integer], seed: int = 1, **kind: Any) -> BuiltModel:
    """The model that the numba engine trains, or another one."""
    counts = counts_in(ids)
    start = initial_matrices(len(counts), DIM, "word2vec", generator(seed, Purpose.INITIAL_VECTORS))
    skipgram: dict[str, Any] = {
        "architecture": "skipgram",
        "objective": "negative",
        "skipgram_input": "context",
        "pooling": "mean",
        "max_norm": None,
        "is_sparse": False,
    }
    return build_model(counts, start, **{**skipgram, **kind})


def small_torch_engine(
    ids: NDArray[np.integer],
    *,
    built: BuiltModel | None = None,
    seed: int = 1,
    optimizer: str = "sgd",
    is_by_hand: bool = False,
    predicts_contexts: bool = False,
    predicts_together: bool = False,
    sharing: Sharing = "window",
    threads: int = 1,
    subsample: float = 1e-2,
    device: torch.device | None = None,
    **steps: Any,
) -> TorchEngine:
    """By default, one that draws what the numba engine draws, and steps on single windows."""
    counts = counts_in(ids)
    draws = Draws(
        keep_probabilities(counts, subsample),
        alias_table(noise_distribution(counts, power=0.75)),
        WINDOW,
        is_fixed=False,
        negatives=NEGATIVES,
        seed=seed,
        sharing=sharing,
    )
    which = optimizer_class(optimizer)
    single = {"reduction": "sum", "batch_size": 1, "batch_unit": "centers"}
    single |= {"predicts_contexts": predicts_contexts, "predicts_together": predicts_together}
    return TorchEngine(
        built or small_model(ids, seed, is_sparse=takes_sparse_gradients(which)),
        draws,
        Steps(is_by_hand, which, **{**single, **steps}),
        device=device or torch.device("cpu"),
        threads=threads,
    )


def vectors_of(engine: Engine) -> NDArray[np.float32]:
    """(2 V, D) both matrices."""
    inputs, outputs = engine.vectors()
    assert outputs is not None
    return np.concatenate([inputs, outputs])


def train(
    engine: Engine,
    corpus: EncodedCorpus,
    *,
    epochs: int = 2,
    rates: tuple[float, float] = (0.05, 0.01),
    threads: int = 1,
    epochs_done: int = 0,
    until: int | None = None,
) -> None:
    """All epochs, or those before `until`."""
    schedule, start = LinearSchedule(*rates), RunPosition(epochs_done, 0)
    trainer = Trainer(engine, corpus, epochs=epochs, threads=threads, schedule=schedule, start=start)
    for progress in trainer.run():
        if progress.is_epoch_end and progress.epoch == until:
            return
