"""A fresh matrix keeps what is written to it, and costs no more memory than is about to be written."""

import sys
from pathlib import Path

import numpy as np
import pytest

from wordvec.formats import word2vec_binary
from wordvec.formats.word2vec_binary import FreshMatrix

FLOAT = np.dtype("<f4")


@pytest.mark.parametrize("pages_per_chunk", [1, 2, 7])
@pytest.mark.parametrize("dim", [1, 300, 1024, 5000])
def test_rows_are_never_overwritten(monkeypatch, pages_per_chunk, dim):
    monkeypatch.setattr(word2vec_binary, "PAGES_PER_CHUNK", pages_per_chunk)
    written = np.random.default_rng(dim).normal(size=(211, dim)).astype(FLOAT)
    with FreshMatrix(211, dim, FLOAT) as fresh:
        for first in range(0, 211, 5):
            fresh.make_ready(min(211, first + 5))
            fresh.rows[first : first + 5] = written[first : first + 5]
    assert np.array_equal(fresh.rows, written)


def test_more_rows_than_there_are_can_be_asked_for():
    with FreshMatrix(3, 2, FLOAT) as fresh:
        fresh.make_ready(100)
        fresh.rows[:] = 1
    assert fresh.rows.tolist() == [[1, 1]] * 3


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_matrix_that_is_not_written_costs_little_memory():
    def resident_bytes():
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    before = resident_bytes()
    with FreshMatrix(2**20, 1024, FLOAT) as fresh:  # 4 GiB
        fresh.make_ready(10)
    assert resident_bytes() - before < 256 << 20
