"""Recipes: what each published system's recipe learns from a text, beside what the system itself reported.

    python -m benchmarks.recipes --recipe d2l-ptb --corpus ptb.train.txt.gz --validation ptb.valid.txt.gz --watch chip

A recipe is measured at a time; results/recipes.json and .md keep the others' results as they are.
"""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook

from benchmarks.measured import RESULTS, conditions_of, heading, moment, save, training_speed
from benchmarks.page import circumstances, table
from wordvec.models.predictions import ExampleLosses
from wordvec.models.reductions import reduce
from wordvec.models.word2vec import Word2Vec
from wordvec.vectors.word_vectors import WordVectors

NEIGHBORS = 5
REPORTED = {
    "wikitext103": "under 4 hours on a hosted GPU; after 5 epochs, military: army, forces, officers, leadership, soldiers",
    "d2l-ptb": "loss 0.331 (its PyTorch edition: 0.410), 19,096 tokens/s on a GPU; chip: intel 0.640, microprocessor "
    "0.605, storage 0.515",
    "text8-sgns": "mathematics, algebra and calculus near each other, and ocean, islands, pacific and atlantic",
    "tiny-softmax": "nothing",
}

Result = dict[str, Any]


class ExampleMeans:
    """The article's loss: the mean over examples of the mean over each one's own true and noise pairs.

    It hears what the model says of each batch that is trained on, before the step. The training record's loss, in
    contrast, is the mean over the pairs of all examples together.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sum, self._count = 0.0, 0

    def __call__(self, module: nn.Module, _: Any, output: Any) -> None:
        """Take one batch; held-out text, which is measured without gradients, does not count."""
        if isinstance(module, Word2Vec) and torch.is_grad_enabled():
            examples = ExampleLosses(*output)
            total = float(reduce(examples, "example_mean").detach())
            with self._lock:
                self._sum += total
                self._count += len(examples.losses)

    def take(self) -> tuple[float, int]:
        """The sum and the number of examples since it was last taken."""
        with self._lock:
            taken = self._sum, self._count
            self._sum, self._count = 0.0, 0
            return taken


@contextmanager
def listening(means: ExampleMeans) -> Iterator[None]:
    """Let it hear every model of this process for a while."""
    handle = register_module_forward_hook(means)
    try:
        yield
    finally:
        handle.remove()
