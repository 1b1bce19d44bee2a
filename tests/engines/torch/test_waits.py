"""Steps of the torch engine do not wait for the device, and losses are finished only when a report needs them.

A GPU works off what Python asks for, one after the other. Where Python needs a number, or must know how many elements
fulfill a condition, it waits until all work asked for before is done, and the GPU then waits for Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.devices import DEVICES, EACH_DEVICE, WITHOUT_VALUES
from tests.training.small import corpus_of, small_ids, small_model, small_torch_engine
from torch.utils._python_dispatch import TorchDispatchMode

from wordvec.corpus.encoded import EncodedCorpus
from wordvec.engines.engine import Pending
from wordvec.engines.torch import engine as torch_engine
from wordvec.engines.torch.engine import TorchEngine
from wordvec.models.architectures import Windows

IDS = small_ids(600)
aten = torch.ops.aten


class Waits(TorchDispatchMode):
    """Counts what a GPU would make Python wait for: `.item()`, `bool()`, `nonzero`, indexing by a mask."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        waits = func.overloadpacket in (aten._local_scalar_dense, aten.nonzero, aten.masked_select)
        if func.overloadpacket in (aten.index, aten.index_put, aten.index_put_):
            waits = any(part is not None and part.dtype == torch.bool for part in args[1])
        self.count += waits
        return func(*args, **(kwargs or {}))


@contextmanager
def no_wait(device: torch.device) -> Iterator[None]:
    """Fail where Python waits for the device."""
    if device.type == "cuda":
        torch.cuda.set_sync_debug_mode("error")
        try:
            yield
        finally:
            torch.cuda.set_sync_debug_mode("default")
        return
    with Waits() as waits:
        yield
    if device != WITHOUT_VALUES:  # where PyTorch itself raises an error
        assert waits.count == 0


@pytest.fixture
def corpus(tmp_path: Path) -> EncodedCorpus:
    return corpus_of(IDS, tmp_path)


Kind = dict[str, Any]
KINDS: dict[str, tuple[Kind, Kind]] = {  # of the model, of the engine
    "by hand": ({}, {"is_by_hand": True}),
    "context as input": ({}, {}),
    "center as input": ({"skipgram_input": "center"}, {"predicts_contexts": True}),
    "limited step": ({"skipgram_input": "center", "contexts_at_full_step": 2}, {"predicts_contexts": True}),
    "CBOW": ({"architecture": "cbow"}, {"predicts_together": True}),
    "CBOW, sum": (
        {"architecture": "cbow", "pooling": "sum", "contexts_at_full_step": 2},
        {"predicts_together": True},
    ),
    "noise of a batch": ({}, {"sharing": "batch"}),
    "softmax": ({"objective": "softmax"}, {}),
    "sparse gradients": ({"is_sparse": True}, {}),
    "Adam": ({}, {"optimizer": "adam"}),
    "mean": ({}, {"reduction": "mean"}),
    "mean of means": ({}, {"reduction": "example_mean"}),
}
CANNOT_TELL = {
    ("Adam", "cpu"),  # on every device, it counts its steps in a tensor of the CPU, and reads that
    ("sparse gradients", "meta"),  # PyTorch cannot add them there
}
# How many pairs there are, how long the longest path is: both become a shape, which Python must know.
KINDS_THAT_WAIT_ONCE: dict[str, tuple[Kind, Kind]] = {
    "noise of each pair": ({}, {"sharing": "pair"}),
    "noise of each pair, CBOW": ({"architecture": "cbow"}, {"sharing": "pair", "predicts_together": True}),
    "hierarchical softmax": ({"objective": "hierarchical"}, {}),
}


def engine_of(kind: tuple[Kind, Kind], device: torch.device, batch_size: int = 32) -> TorchEngine:
    of_model, of_engine = kind
    return small_torch_engine(
        IDS, built=small_model(IDS, **of_model), device=device, batch_size=batch_size, **of_engine
    )


def first_batch(kind: tuple[Kind, Kind], corpus: EncodedCorpus, device: torch.device) -> Windows:
    """A batch that is laid on the CPU and brought to the device."""
    worker = engine_of(kind, torch.device("cpu")).worker()
    _, batch = next(worker._batches(corpus, 0, 0, corpus.num_positions))
    return Windows(*(None if part is None else part.to(device) for part in batch))


@pytest.mark.parametrize(
    ("name", "device"),
    [
        (name, device)
        for name in KINDS
        for device in (*DEVICES, WITHOUT_VALUES)
        if (name, device.type) not in CANNOT_TELL
    ],
    ids=str,
)
def test_a_step_waits_for_nothing(name: str, device: torch.device, corpus: EncodedCorpus) -> None:
    kind = KINDS[name]
    worker, batch = engine_of(kind, device).worker(), first_batch(kind, corpus, device)
    with no_wait(device):
        losses = worker._step(batch, 0.1)
    assert losses.losses.device.type == losses.num_terms.device.type == device.type
    assert losses.losses.shape == batch.centers.shape


@pytest.mark.parametrize("kind", KINDS_THAT_WAIT_ONCE.values(), ids=KINDS_THAT_WAIT_ONCE)
def test_a_step_whose_shapes_depend_on_values_waits_once(
    kind: tuple[Kind, Kind], corpus: EncodedCorpus
) -> None:
    worker = engine_of(kind, torch.device("cpu")).worker()
    batch = first_batch(kind, corpus, torch.device("cpu"))
    with Waits() as waits:
        worker._step(batch, 0.1)
    assert waits.count == 1


def test_wide_windows_wait_once_and_once_for_each_part(corpus: EncodedCorpus) -> None:
    worker = small_torch_engine(IDS, contexts_per_part=2, is_by_hand=True, batch_size=32).worker()
    _, batch = next(worker._batches(corpus, 0, 0, corpus.num_positions))
    with Waits() as waits:
        parts = list(worker._parts(batch))
    assert len(parts) == 3
    assert waits.count == 1 + len(parts)


def waits_of(work: Callable[[], Pending]) -> tuple[int, Pending]:
    with Waits() as waits:
        pending = work()
    return waits.count, pending


def train_with(kind: tuple[Kind, Kind], batch_size: int, corpus: EncodedCorpus) -> tuple[int, Pending]:
    worker = engine_of(kind, torch.device("cpu"), batch_size).worker()
    return waits_of(lambda: worker.train_stretch(corpus, 0, 0, corpus.num_positions, (0.1, 0.1)))


def test_each_kind_of_wait_is_counted() -> None:
    with Waits() as waits:
        numbers = torch.ones(3)
        assert numbers.sum().item() == float(numbers.sum())
        assert numbers.all()
    assert waits.count == 3
    with Waits() as waits:
        numbers[numbers > 0] = numbers[numbers > 0] + numbers.masked_select(numbers > 0)
        numbers[(numbers > 0).nonzero()[:, 0]] = 2.0
    assert waits.count == 4


@pytest.mark.parametrize("name", [name for name in KINDS if (name, "cpu") not in CANNOT_TELL])
def test_no_step_reads_its_loss(name: str, corpus: EncodedCorpus) -> None:
    """A hundred times as many steps wait no more often: what is read is read for the whole stretch."""
    kind = KINDS[name]
    many_steps, pending = train_with(kind, 2, corpus)
    one_step, _ = train_with(kind, 10_000, corpus)
    assert many_steps <= one_step
    waits, finished = waits_of(pending)
    assert finished.loss > 0
    assert waits <= 4


def test_noise_of_pairs_is_drawn_for_many_batches_at_once(
    corpus: EncodedCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = KINDS_THAT_WAIT_ONCE["noise of each pair"]
    num_batches = num_batches_of(kind, 2, corpus)
    few_draws, _ = train_with(kind, 2, corpus)
    one_step, _ = train_with(kind, 10_000, corpus)
    assert num_batches > 100
    assert few_draws <= one_step + num_batches  # each step finds its pairs
    monkeypatch.setattr(torch_engine, "MAX_NOISE_WORDS_PER_DRAW", 1)
    assert train_with(kind, 2, corpus)[0] > few_draws + num_batches


def num_batches_of(kind: tuple[Kind, Kind], batch_size: int, corpus: EncodedCorpus) -> int:
    worker = engine_of(kind, torch.device("cpu"), batch_size).worker()
    return len(list(worker._batches(corpus, 0, 0, corpus.num_positions)))


@EACH_DEVICE
@pytest.mark.parametrize("sharing", ["window", "pair"])
@pytest.mark.parametrize("predicts_together", [False, True], ids=["skip-gram", "CBOW"])
def test_noise_words_do_not_depend_on_how_many_are_drawn_at_once(
    sharing: Any,
    predicts_together: bool,
    device: torch.device,
    corpus: EncodedCorpus,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def noise() -> list[Any]:
        engine = small_torch_engine(
            IDS, sharing=sharing, predicts_together=predicts_together, batch_size=16, device=device
        )
        batches = engine.worker()._batches(corpus, 0, 0, corpus.num_positions)
        return [(position, batch.negatives.tolist()) for position, batch in batches]

    wanted = noise()
    assert len(wanted) > 10
    for limit in (1, 300, 1000):
        monkeypatch.setattr(torch_engine, "MAX_NOISE_WORDS_PER_DRAW", limit)
        assert noise() == wanted


def test_measuring_reads_no_losses_either(corpus: EncodedCorpus) -> None:
    def measure_with(batch_size: int) -> int:
        worker = small_torch_engine(IDS, batch_size=batch_size).worker()
        return waits_of(lambda: worker.measure_stretch(corpus, 0, corpus.num_positions))[0]

    assert measure_with(2) == measure_with(10_000)
