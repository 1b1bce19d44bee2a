"""Negative samples drawn by tensors: those of the CPU kernel where it knows the case, and right where it does not."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.devices import EACH_DEVICE
from torch import Tensor

from wordvec.kernels.cpu import windows as on_cpu
from wordvec.kernels.torch.windows import NoiseRules, Sharing, draw_negatives
from wordvec.sampling.noise import alias_table, noise_distribution

STREAM = np.uint64(2**63 + 5)
EACH_SHARING = pytest.mark.parametrize("sharing", get_args(Sharing))


def rules(
    weights: NDArray[np.float64],
    num_negatives: int = 5,
    sharing: Sharing = "window",
    *,
    avoids_all_targets: bool = False,
    device: torch.device | None = None,
) -> NoiseRules:
    """Rules on a device, on which words are then drawn."""
    table = alias_table(weights)
    keep = torch.tensor(table.keep, device=device)
    alias = torch.tensor(table.alias, dtype=torch.int64, device=device)
    return NoiseRules(keep, alias, num_negatives, sharing, avoids_all_targets)


def draw(
    targets: Tensor,
    how: NoiseRules,
    is_pair: Tensor | None = None,
    first: int = 0,
    stream: np.uint64 = STREAM,
) -> Tensor:
    """Noise words, which are drawn on the device of the rules and brought back."""
    positions = torch.arange(first, first + len(targets))
    is_pair = torch.ones(targets.shape, dtype=torch.bool) if is_pair is None else is_pair
    windows = (part.to(how.alias.device) for part in (positions, targets, is_pair))
    drawn = draw_negatives(*windows, how, stream)
    assert drawn.device == how.alias.device
    return drawn.cpu()


def drawn_on_cpu(
    words: NDArray[np.int32], weights: NDArray[np.float64], num_negatives: int, first: int
) -> NDArray[np.int32]:
    windows = on_cpu.empty_windows(len(words), num_negatives)
    windows.words[:], windows.positions[:] = words, first + np.arange(len(words))
    on_cpu.draw_negatives(windows, (0, len(words)), alias_table(weights), STREAM)
    return windows.negatives


@EACH_DEVICE
@pytest.mark.parametrize(
    "weights",
    [
        noise_distribution(np.arange(1, 50), power=0.75),
        np.array([0.5, 0.5]),
        np.array([0.98, 0.01, 0.01]),  # most draws of word 0 are repeated, some many times
        np.array([1 - 2e-12, 1e-12, 1e-12]),  # and here, 64 times
        np.array([0.0, 0.0, 1.0]),
    ],
    ids=["zipf", "two words", "mostly one", "nearly all one", "all the last one"],
)
@pytest.mark.parametrize("first", [0, 2**40])
def test_draws_for_a_window_with_one_target_are_those_of_the_kernel(
    weights: NDArray[np.float64], first: int, device: torch.device
) -> None:
    words = np.random.default_rng(1).integers(0, len(weights), 600).astype(np.int32)
    found = draw(
        torch.tensor(words, dtype=torch.int64)[:, None], rules(weights, 7, device=device), first=first
    )
    np.testing.assert_array_equal(found.numpy(), drawn_on_cpu(words, weights, 7, first))
    assert (found.numpy() != words[:, None]).all()


@EACH_DEVICE
@pytest.mark.parametrize("avoids_all_targets", [False, True], ids=["own", "all"])
def test_each_pair_avoids_its_target_or_all_of_the_window(
    avoids_all_targets: bool, device: torch.device
) -> None:
    targets = torch.tensor([[0, 3, 1, 3]]).expand(400, -1)
    how = rules(np.full(6, 1 / 6), 3, "pair", avoids_all_targets=avoids_all_targets, device=device)
    found = draw(targets, how)
    assert found.shape == (400, 4, 3)
    for pair, target in enumerate([0, 3, 1, 3]):
        expected = {2, 4, 5} if avoids_all_targets else set(range(6)) - {target}
        assert set(found[:, pair].flatten().tolist()) == expected


@EACH_DEVICE
def test_a_window_with_several_targets_avoids_them_all_and_no_padding(device: torch.device) -> None:
    targets = torch.tensor([[0, 3, 1, 5]]).expand(400, -1)
    is_pair = torch.tensor([[True, True, False, False]]).expand(400, -1)
    found = draw(targets, rules(np.full(6, 1 / 6), 3, device=device), is_pair)
    assert found.shape == (400, 3)
    assert set(found.flatten().tolist()) == {1, 2, 4, 5}
    how = rules(np.full(6, 1 / 6), 3, "pair", avoids_all_targets=True, device=device)
    of_pairs = draw(targets, how, is_pair)
    assert set(of_pairs[:, :2].flatten().tolist()) == {1, 2, 4, 5}


@EACH_DEVICE
def test_pairs_that_predict_one_center_avoid_it(device: torch.device) -> None:
    centers = torch.arange(300)[:, None] % 6
    is_pair = torch.ones(300, 4, dtype=torch.bool)
    found = draw(centers, rules(np.full(6, 1 / 6), 3, "pair", device=device), is_pair)
    assert found.shape == (300, 4, 3)
    assert (found != centers[..., None]).all()
    assert (found[:, 1:] != found[:, :-1]).double().mean() > 0.6  # each pair has its own


@EACH_DEVICE
def test_a_batch_shares_words_that_may_be_targets(device: torch.device) -> None:
    how = rules(np.array([0.9, 0.1]), 50, "batch", device=device)
    found = draw(torch.zeros(300, 1, dtype=torch.int64), how)
    assert found.shape == (50,)
    assert set(found.tolist()) == {0, 1}


@EACH_DEVICE
@EACH_SHARING
def test_draws_follow_the_noise_distribution(sharing: Sharing, device: torch.device) -> None:
    weights = noise_distribution(np.array([1000, 500, 250, 100, 50, 20, 10]), power=0.75)
    target = 1
    if sharing == "batch":
        found = draw(torch.full((10, 1), target), rules(weights, 60_000, sharing, device=device))
    else:
        targets, is_pair = torch.full((6_000, 1), target), torch.ones(6_000, 2, dtype=torch.bool)
        found = draw(targets, rules(weights, 5, sharing, device=device), is_pair)
        weights = np.where(np.arange(7) == target, 0, weights)
    expected = weights / weights.sum() * found.numel()
    observed = np.bincount(found.flatten().numpy(), minlength=7)
    possible = expected > 0
    assert not observed[~possible].any()
    chi_square = ((observed - expected)[possible] ** 2 / expected[possible]).sum()
    assert chi_square < 22.5  # at most 6 degrees of freedom, p = 0.001


@EACH_DEVICE
@EACH_SHARING
def test_another_epoch_and_another_place_draw_other_words(sharing: Sharing, device: torch.device) -> None:
    how = rules(np.full(1000, 1e-3), 8, sharing, device=device)
    targets = torch.zeros(20, 1, dtype=torch.int64)
    found = draw(targets, how)
    assert torch.equal(found, draw(targets, how))
    assert (found != draw(targets, how, stream=np.uint64(6))).double().mean() > 0.9
    assert (found != draw(targets, how, first=20)).double().mean() > 0.9
    if sharing != "batch":
        assert len(np.unique(found.numpy(), axis=0)) == 20


@EACH_DEVICE
@pytest.mark.parametrize("sharing", ["window", "pair"])
def test_a_draw_depends_on_the_position_and_not_on_the_batch(sharing: Sharing, device: torch.device) -> None:
    how = rules(noise_distribution(np.arange(1, 30), power=0.75), 5, sharing, device=device)
    targets = torch.arange(20)[:, None]
    np.testing.assert_array_equal(draw(targets, how, first=100)[7:], draw(targets[7:], how, first=107))


@EACH_SHARING
@pytest.mark.parametrize("avoids_all_targets", [False, True])
def test_pairs_draw_the_same_noise_where_places_without_contexts_have_no_column(
    sharing: Sharing, avoids_all_targets: bool
) -> None:
    """Of 8 places around each center, the 4 in the middle."""
    targets = torch.tensor(np.random.default_rng(3).integers(0, 20, (50, 8)))
    is_pair = torch.zeros(50, 8, dtype=torch.bool)
    is_pair[:, 2:6] = torch.tensor(np.random.default_rng(4).random((50, 4)) < 0.7)
    how = rules(noise_distribution(np.arange(1, 21), 0.75), 3, sharing, avoids_all_targets=avoids_all_targets)
    positions = torch.arange(7, 57)
    wide = draw_negatives(positions, targets, is_pair, how, STREAM, 8)
    narrow = draw_negatives(positions, targets[:, 2:6], is_pair[:, 2:6], how, STREAM, 8)
    assert torch.equal(narrow, wide[:, 2:6] if sharing == "pair" else wide)
