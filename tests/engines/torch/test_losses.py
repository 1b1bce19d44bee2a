"""Losses of the torch engine are finished when a report needs them, so that no step waits for a device."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.training.small import corpus_of, small_ids, small_torch_engine
from torch.utils._python_dispatch import TorchDispatchMode

from wordvec.corpus.encoded import EncodedCorpus
from wordvec.engines.engine import Pending

IDS = small_ids(600)


class NumbersRead(TorchDispatchMode):
    """Counts the numbers that Python reads from tensors: `.item()`, `float()`, `bool()`, `if tensor`."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += func is torch.ops.aten._local_scalar_dense.default
        return func(*args, **(kwargs or {}))


@pytest.fixture
def corpus(tmp_path: Path) -> EncodedCorpus:
    return corpus_of(IDS, tmp_path)


def count_reads(work: Callable[[], Pending]) -> tuple[int, Pending]:
    with NumbersRead() as reads:
        pending = work()
    return reads.count, pending


def train_with(batch_size: int, corpus: EncodedCorpus, *, is_by_hand: bool) -> tuple[int, Pending]:
    worker = small_torch_engine(IDS, batch_size=batch_size, is_by_hand=is_by_hand).worker()
    return count_reads(lambda: worker.train_stretch(corpus, 0, 0, corpus.num_positions, (0.1, 0.1)))


def test_the_fake_counts_what_python_reads() -> None:
    with NumbersRead() as reads:
        numbers = torch.ones(3)
        assert numbers.sum().item() == float(numbers.sum())
        assert numbers.all()
    assert reads.count == 3


@pytest.mark.parametrize("is_by_hand", [False, True], ids=["autograd", "by hand"])
def test_no_step_reads_its_loss(is_by_hand: bool, corpus: EncodedCorpus) -> None:
    """A hundred times as many steps read no more numbers: what is read is read for the whole stretch."""
    many_steps, pending = train_with(2, corpus, is_by_hand=is_by_hand)
    one_step, _ = train_with(10_000, corpus, is_by_hand=is_by_hand)
    assert many_steps == one_step
    with NumbersRead() as reads:
        assert pending().loss > 0
    assert reads.count <= 4


def test_measuring_reads_no_losses_either(corpus: EncodedCorpus) -> None:
    def measure_with(batch_size: int) -> int:
        worker = small_torch_engine(IDS, batch_size=batch_size).worker()
        return count_reads(lambda: worker.measure_stretch(corpus, 0, corpus.num_positions))[0]

    assert measure_with(2) == measure_with(10_000)
