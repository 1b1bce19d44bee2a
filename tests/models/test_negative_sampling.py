"""Negative sampling: the same noise words give the same loss, whoever shares them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from tests.models.examples import CENTERS, CONTEXTS, KINDS, Kind, built, weights_of, windows_for
from torch import Tensor

NEGATIVES = [kind for kind in KINDS if kind.objective == "negative"]
SKIPGRAMS = [kind for kind in NEGATIVES if kind.architecture == "skipgram"]


@pytest.mark.parametrize(
    "kind", [kind for kind in NEGATIVES if kind.sharing == "window"], ids=lambda kind: kind.name
)
def test_noise_shared_by_a_window_costs_what_it_costs_given_to_each_pair(kind: Kind) -> None:
    model, windows = built(kind, weights_of(kind)).model, windows_for(kind)
    num_pairs = 4 if kind.architecture == "skipgram" else 1
    for_each_pair = windows.negatives[:, None].expand(-1, num_pairs, -1)
    assert_same(model(windows), model(windows._replace(negatives=for_each_pair)))


@pytest.mark.parametrize(
    "kind", [kind for kind in NEGATIVES if kind.sharing == "batch"], ids=lambda kind: kind.name
)
def test_noise_shared_by_a_batch_costs_what_it_costs_given_to_each_window(kind: Kind) -> None:
    model, windows = built(kind, weights_of(kind)).model, windows_for(kind)
    assert_same(model(windows), model(windows._replace(negatives=windows.negatives.expand(5, -1))))


def assert_same(found: tuple[Tensor, Tensor], wanted: tuple[Tensor, Tensor]) -> None:
    torch.testing.assert_close(found[0], wanted[0], rtol=1e-12, atol=0)
    assert found[1].tolist() == wanted[1].tolist()


@dataclass
class Hit:
    """The pairs of the first window for which the noise word is the true one."""

    kind: Kind
    word: int
    num_pairs: int


@pytest.mark.parametrize(
    "hit",
    [
        Hit(Kind("skipgram", "context", "negative"), CENTERS[0], 4),
        Hit(Kind("skipgram", "center", "negative"), CONTEXTS[0][0], 2),  # stands twice in the window
        Hit(Kind("cbow", "mean", "negative"), CENTERS[0], 1),
    ],
    ids=lambda hit: hit.kind.name,
)
def test_a_noise_word_is_left_out_for_just_the_pairs_whose_target_it_is(hit: Hit) -> None:
    model, windows = built(hit.kind, weights_of(hit.kind)).model, windows_for(hit.kind)
    with_hit = model(windows._replace(negatives=torch.tensor([3, hit.word])))
    missed = model(windows._replace(negatives=torch.tensor([3, 3])))
    assert int(missed.num_terms[0] - with_hit.num_terms[0]) == hit.num_pairs


def test_the_same_noise_word_twice_costs_twice() -> None:
    kind = Kind("skipgram", "center", "negative")
    model, windows = built(kind, weights_of(kind)).model, windows_for(kind)
    none, once, twice = (
        model(windows._replace(negatives=torch.tensor(words, dtype=torch.int64))).losses
        for words in ([], [3], [3, 3])
    )
    torch.testing.assert_close(twice - once, once - none, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("kind", SKIPGRAMS[:1])
def test_windows_without_noise_words_are_refused(kind: Kind) -> None:
    model, windows = built(kind, weights_of(kind)).model, windows_for(kind)
    with pytest.raises(AssertionError, match="no negatives"):
        model(windows._replace(negatives=None))
