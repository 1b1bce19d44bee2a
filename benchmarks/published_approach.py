"""The published approach: skip-gram with negative sampling as PyTorch tutorials write it, to measure against.

A Dataset of texts, a collate function that loops in Python over words, windows and pairs, noise words for each pair
from a table, two dense embeddings, binary cross-entropy, and Adam over all of both matrices at every step. It is
measured for a while only, since an epoch takes hours.

P pairs of a step, K noise words of each; V words, D dimensions.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from wordvec.config import Config
from wordvec.sampling.noise import noise_distribution
from wordvec.sampling.subsampling import keep_probabilities

__all__ = ["Budget", "Pairs", "Speed", "measure_published"]

TABLE_SLOTS = 5_000_000
LEARNING_RATE = 1e-3


class Pairs(NamedTuple):
    """What one step learns from."""

    num_words: int  # of its texts, before subsampling
    centers: Tensor  # (P,)
    contexts: Tensor  # (P,)
    noise: Tensor  # (P, K)


class Budget(NamedTuple):
    """How long to measure."""

    warm_up_steps: int
    seconds: float


class Speed(NamedTuple):
    """What was measured after the steps that warm up."""

    words: int  # in-vocabulary words, before subsampling
    seconds: float
    steps: int
    pairs: int  # true ones
    loss: float  # mean per pair, true and noise


class Texts(Dataset[tuple[int, list[int]]]):
    """Texts as word ids: the length of each, and the words of it that subsampling keeps this time."""

    def __init__(self, texts: Sequence[list[int]], keep: Sequence[float], chance: random.Random):
        self._texts, self._keep, self._chance = texts, keep, chance

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, text: int) -> tuple[int, list[int]]:
        words = self._texts[text]
        return len(words), [word for word in words if self._chance.random() < self._keep[word]]


class SkipGram(nn.Module):
    """Two embeddings and the loss of pairs."""

    def __init__(self, num_words: int, dim: int):
        super().__init__()
        self.center_embedding = nn.Embedding(num_words, dim)
        self.context_embedding = nn.Embedding(num_words, dim)
        nn.init.xavier_uniform_(self.center_embedding.weight)
        nn.init.xavier_uniform_(self.context_embedding.weight)

    def forward(self, centers: Tensor, contexts: Tensor, noise: Tensor) -> Tensor:
        """Binary cross-entropy, the mean over true pairs and pairs with noise words."""
        center_vectors = self.center_embedding(centers)  # (P, D)
        words = torch.cat([contexts[:, None], noise], dim=1)  # (P, 1 + K)
        scores = torch.bmm(self.context_embedding(words), center_vectors[:, :, None]).squeeze(2)  # (P, 1 + K)
        labels = torch.zeros_like(scores)
        labels[:, 0] = 1
        return nn.functional.binary_cross_entropy_with_logits(scores, labels)


def measure_published(
    texts: Sequence[list[int]],
    counts: NDArray[np.int64],  # (V,)
    config: Config,
    *,
    texts_per_step: int,
    budget: Budget,
    loader_processes: int = 0,
    device: str = "cpu",
) -> Speed:
    """Train with the vocabulary, subsampling, window, noise and dimension of `config`, until the time is up.

    Args:
        texts: each a list of word ids; where they end before the time does, so does the measurement.
        counts: occurrences of each word.
        config: the settings of the run that this is compared with.
        texts_per_step: how many texts make one step of Adam.
        budget: steps that are not counted, and the seconds after them.
        loader_processes: make pairs ahead, beside the training; with 0, it waits for them.
        device: where PyTorch computes; pairs are always made on the CPU.
    """
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.num_threads)
    chance = random.Random(config.seed)  # noqa: S311
    keep = keep_probabilities(counts, config.subsample, config.subsample_formula)
    loader = DataLoader(
        Texts(texts, keep.tolist(), chance),
        batch_size=texts_per_step,
        shuffle=True,
        num_workers=loader_processes,
        collate_fn=partial(
            pairs_of, config=config, noise_table=noise_table(counts, config.noise_power), chance=chance
        ),
    )
    model = SkipGram(len(counts), config.dim).to(device)
    return _train(model, loader, budget, device)


def pairs_of(
    texts: Sequence[tuple[int, list[int]]],
    config: Config,
    noise_table: list[int],
    chance: random.Random,
) -> Pairs:
    """Pair each word with the words of a window around it of random reach."""
    centers: list[int] = []
    contexts: list[int] = []
    noise: list[list[int]] = []
    for _, words in texts:
        for position, center in enumerate(words):
            reach = chance.randint(1, config.window_words)
            for neighbor in range(max(0, position - reach), min(len(words), position + reach + 1)):
                if neighbor != position:
                    centers.append(center)
                    contexts.append(words[neighbor])
                    noise.append(chance.choices(noise_table, k=config.negatives))
    num_words = sum(length for length, _ in texts)
    return Pairs(
        num_words,
        torch.tensor(centers, dtype=torch.int64),
        torch.tensor(contexts, dtype=torch.int64),
        torch.tensor(noise, dtype=torch.int64).reshape(-1, config.negatives),
    )


def noise_table(counts: NDArray[np.int64], power: float) -> list[int]:
    """Word ids in proportion to count ** power, each at least once."""
    slots = np.round(noise_distribution(counts, power) * TABLE_SLOTS).astype(np.int64)
    table: list[int] = np.repeat(np.arange(len(counts)), np.maximum(slots, 1)).tolist()
    return table


def _train(model: SkipGram, loader: Iterable[Pairs], budget: Budget, device: str) -> Speed:
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    finish: Callable[[], None] = torch.cuda.synchronize if device == "cuda" else lambda: None
    words = steps = num_pairs = 0
    loss_sum = torch.zeros((), device=device)
    began = time.perf_counter()
    for step, pairs in enumerate(loader, start=1):
        optimizer.zero_grad()
        loss = model(*(part.to(device) for part in pairs[1:]))
        loss.backward()
        optimizer.step()
        words += pairs.num_words
        steps += 1
        num_pairs += len(pairs.centers)
        loss_sum += loss.detach() * len(pairs.centers)
        if step == budget.warm_up_steps:
            finish()
            words = steps = num_pairs = 0
            loss_sum.zero_()
            began = time.perf_counter()
        elif time.perf_counter() - began > budget.seconds and step > budget.warm_up_steps:
            break
    finish()
    seconds = time.perf_counter() - began
    return Speed(words, seconds, steps, num_pairs, float(loss_sum) / max(num_pairs, 1))
