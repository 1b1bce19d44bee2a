"""Batches of the torch engine: what one step learns from, and at which rate."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from tests.devices import EACH_DEVICE
from tests.training.small import corpus_of, small_ids, small_model, small_torch_engine, train, vectors_of
from torch import Tensor, nn

from wordvec.corpus.encoded import EncodedCorpus
from wordvec.engines.torch.engine import TorchEngine, TorchWorker
from wordvec.kernels.torch.windows import Sharing
from wordvec.models.architectures import Windows
from wordvec.models.word2vec import BuiltModel

IDS = small_ids(600)
STEPS = pytest.mark.parametrize("is_by_hand", [False, True], ids=["autograd", "by hand"])


@pytest.fixture
def corpus(tmp_path: Path) -> EncodedCorpus:
    return corpus_of(IDS, tmp_path)


@EACH_DEVICE
@STEPS
def test_the_step_of_a_pair_does_not_depend_on_the_size_of_the_batch(
    is_by_hand: bool, device: torch.device, corpus: EncodedCorpus
) -> None:
    """To first order in the learning rate: what is left falls with its square."""
    left = []
    for rate in (1e-3, 1e-4):
        moved = []
        for size in (1, 64):
            engine = small_torch_engine(
                IDS, built=normal_model(), is_by_hand=is_by_hand, batch_size=size, device=device
            )
            start = vectors_of(engine)
            engine.worker().train_stretch(corpus, 0, 0, 400, (rate, rate))()
            moved.append(vectors_of(engine) - start)
        left.append(np.linalg.norm(moved[1] - moved[0]) / np.linalg.norm(moved[0]))
    assert left[1] < 0.01
    assert left[1] < 0.15 * left[0]


def normal_model() -> BuiltModel:
    """Vectors that are far from 0, in both matrices."""
    built = small_model(IDS)
    rng = np.random.default_rng(4)
    with torch.no_grad():
        for parameter in built.model.parameters():
            parameter.copy_(torch.tensor(rng.normal(size=parameter.shape) * 0.5))
    return built


def test_no_batch_is_larger_than_asked_and_all_are_about_as_large(corpus: EncodedCorpus) -> None:
    centers = recorded_centers(
        small_torch_engine(IDS, built=(built := small_model(IDS)), batch_size=16), built, corpus
    )
    sizes = [len(batch) for batch in centers]
    assert max(sizes) <= 16
    assert min(sizes) >= 8
    assert len(sizes) > 10


def test_a_batch_of_texts_has_the_given_number_of_texts(corpus: EncodedCorpus) -> None:
    built = small_model(IDS)
    engine = small_torch_engine(IDS, built=built, batch_unit="texts", batch_size=3, subsample=0)
    found = recorded_centers(engine, built, corpus)
    ends = np.flatnonzero(IDS < 0) + 1
    texts = [text[:-1].tolist() for text in np.split(IDS, ends)[:-1]]
    texts = [text if len(text) > 1 else [] for text in texts]  # a word by itself has no window
    expected = [[*chain(*texts[first : first + 3])] for first in range(0, len(texts), 3)]
    assert found == [batch for batch in expected if batch]
    assert len(found) > 8


def recorded_centers(engine: TorchEngine, built: BuiltModel, corpus: EncodedCorpus) -> list[list[int]]:
    """The centers of each batch of an epoch."""
    return [batch.centers.tolist() for batch in recorded(engine, built, corpus)]


def recorded(engine: TorchEngine, built: BuiltModel, corpus: EncodedCorpus) -> list[Windows]:
    """What the model is shown in an epoch."""
    batches: list[Windows] = []

    def record(_: nn.Module, shown: tuple[Windows]) -> None:
        batches.append(shown[0])

    built.model.register_forward_pre_hook(record)
    train(engine, corpus, epochs=1)
    return batches


class Shown(NamedTuple):
    """Shape of the noise words that a kind of model is shown, for B windows."""

    architecture: str
    skipgram_input: str
    sharing: Sharing
    shape: tuple[int | str, ...]


@EACH_DEVICE
@pytest.mark.parametrize(
    "shown",
    [
        Shown("skipgram", "center", "pair", ("B", 6, 3)),
        Shown("skipgram", "context", "pair", ("B", 6, 3)),
        Shown("cbow", "center", "pair", ("B", 1, 3)),
        Shown("skipgram", "center", "window", ("B", 3)),
        Shown("skipgram", "context", "window", ("B", 3)),
        Shown("cbow", "center", "window", ("B", 3)),
        Shown("skipgram", "center", "batch", (3,)),
        Shown("cbow", "center", "batch", (3,)),
    ],
    ids=lambda shown: f"{shown.architecture} {shown.skipgram_input} {shown.sharing}",
)
def test_noise_words_go_to_those_that_share_them_and_avoid_their_targets(
    shown: Shown, device: torch.device, corpus: EncodedCorpus
) -> None:
    built = small_model(IDS, architecture=shown.architecture, skipgram_input=shown.skipgram_input)
    engine = small_torch_engine(
        IDS,
        built=built,
        sharing=shown.sharing,
        predicts_contexts=(shown.architecture, shown.skipgram_input) == ("skipgram", "center"),
        predicts_together=shown.architecture == "cbow",
        batch_size=20,
        device=device,
    )
    seen = set()
    for windows in recorded(engine, built, corpus):
        negatives = windows.negatives
        assert negatives.shape == tuple(len(windows.centers) if size == "B" else size for size in shown.shape)
        predictions = built.model.architecture(built.model.input_embedding, windows)
        if shown.sharing != "batch":
            by_pair = negatives if negatives.dim() == 3 else negatives[:, None]
            is_hit = (predictions.targets[..., None] == by_pair) & predictions.is_pair[..., None]
            assert not is_hit.any()
        seen |= set(negatives.flatten().tolist())
    assert len(seen) > 8


def test_the_learning_rate_of_a_batch_is_that_of_its_first_center(
    corpus: EncodedCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates: list[float] = []

    def remember(_: TorchWorker, loss: Tensor, rate: float) -> None:
        rates.append(rate)

    monkeypatch.setattr(TorchWorker, "_descend", remember)
    engine = small_torch_engine(IDS, subsample=0)
    engine.worker().train_stretch(corpus, 0, 0, len(IDS), (0.5, 0.05))()
    has_window = [position for position, word in enumerate(IDS) if word >= 0 and not stands_alone(position)]
    assert rates == pytest.approx([0.5 - 0.45 * position / len(IDS) for position in has_window])


def stands_alone(position: int) -> bool:
    return (position == 0 or IDS[position - 1] < 0) and IDS[position + 1] < 0
