"""Random numbers by place on tensors: value for value those of the CPU kernels."""

from __future__ import annotations

import numba as nb
import numpy as np
import pytest
import torch
from tests.devices import EACH_DEVICE

from wordvec.kernels.cpu import windows as on_cpu
from wordvec.kernels.torch.windows import GOLDEN_GAMMA, below, hash64, unit_interval

COUNTERS = np.concatenate(
    [
        np.arange(1000),
        2**24 + np.arange(-3, 4),
        2**32 + np.arange(-3, 4),
        2**63 - 1 - np.arange(5),
        np.random.default_rng(3).integers(0, 2**63 - 1, 2000),
    ]
)
STREAMS = [0, 1, 2**63 - 1, 2**63, 2**64 - 1, 0x9E3779B97F4A7C15, 12345678901234567890]
LIMITS = [1, 2, 3, 5, 1000, 2**24 + 1, 2**31 - 1, 2**31]


@nb.njit
def compiled(stream, counters, limit, bits, units, integers):  # type: ignore[no-untyped-def]
    for place in range(len(counters)):
        bits[place] = on_cpu.hash64(stream, counters[place])
        units[place] = on_cpu.unit_interval(bits[place])
        integers[place] = on_cpu.below(bits[place], limit)


@EACH_DEVICE
@pytest.mark.parametrize("stream", STREAMS)
def test_bits_units_and_integers_are_those_of_the_cpu_kernels(stream: int, device: torch.device) -> None:
    bits, units = np.empty(len(COUNTERS), np.uint64), np.empty(len(COUNTERS), np.float32)
    integers = np.empty(len(COUNTERS), np.int64)
    drawn = hash64(np.uint64(stream), torch.tensor(COUNTERS, device=device))
    for limit in LIMITS:
        compiled(np.uint64(stream), COUNTERS, limit, bits, units, integers)
        np.testing.assert_array_equal(below(drawn, limit).cpu().numpy(), integers)
    np.testing.assert_array_equal(drawn.cpu().numpy().view(np.uint64), bits)
    np.testing.assert_array_equal(unit_interval(drawn).cpu().numpy(), units)


@EACH_DEVICE
def test_a_hash_may_start_where_another_ended(device: torch.device) -> None:
    bits = hash64(np.uint64(7), torch.tensor(COUNTERS, device=device))
    again = hash64(bits, torch.full_like(bits, GOLDEN_GAMMA))
    found = np.empty(1, np.uint64), np.empty(1, np.float32), np.empty(1, np.int64)
    for place in (0, 1, 500, len(COUNTERS) - 1):
        start = bits.cpu().numpy().view(np.uint64)[place]
        compiled(start, np.array([on_cpu.GOLDEN_GAMMA]), 5, *found)
        assert again.cpu().numpy().view(np.uint64)[place] == found[0][0]


@EACH_DEVICE
def test_no_unit_reaches_one_and_no_integer_its_limit(device: torch.device) -> None:
    ones = torch.tensor([-1], device=device)  # all 64 bits
    assert float(unit_interval(ones)) < 1
    assert int(below(ones, 2**31)) == 2**31 - 1
    zeros = torch.tensor([0], device=device)
    assert (float(unit_interval(zeros)), int(below(zeros, 5))) == (0.0, 0)
