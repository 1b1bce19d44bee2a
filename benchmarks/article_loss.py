"""Article loss: Dive into Deep Learning's figure, measured while a model trains.

Its chapter on pretraining word2vec takes the mean over examples, which are centers, of the mean of each one's own true
and noise pairs, before each step. wordvec's training record has the mean over the pairs of all examples alike, where a
center with many contexts counts for more. The chapter's code adds up over all epochs; here, each epoch's mean is given,
too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook

from wordvec.models.architectures import ExampleLosses, reduce
from wordvec.models.word2vec import Word2Vec

__all__ = ["ArticleLoss"]


class ArticleLoss:
    """Listens to the one model that is trained meanwhile, in one thread."""

    def __init__(self) -> None:
        self._sum, self._count = 0.0, 0  # of the epoch under way, over its examples
        self._epochs: list[tuple[float, int]] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear what models say of each batch."""
        handle = register_module_forward_hook(self._hear)
        try:
            yield
        finally:
            handle.remove()

    def end_epoch(self) -> None:
        """What is heard from now on belongs to another epoch."""
        self._epochs.append((self._sum, self._count))
        self._sum, self._count = 0.0, 0

    @property
    def was_heard(self) -> bool:
        """Whether a model of PyTorch trained: compiled kernels do not say what each example came to."""
        return any(count for _, count in self._epochs)

    def result(self) -> dict[str, Any]:
        """The figure of each epoch, and of all of them together."""
        assert self._epochs, "no epoch has ended"
        total, count = (sum(part) for part in zip(*self._epochs, strict=True))
        return {"by_epoch": [loss / number for loss, number in self._epochs], "all_epochs": total / count}

    def _hear(self, module: nn.Module, _: Any, output: Any) -> None:
        if isinstance(module, Word2Vec) and torch.is_grad_enabled():  # not on held-out text
            examples = ExampleLosses(*output)
            self._sum += float(reduce(examples, "example_mean").detach())
            self._count += len(examples.losses)
