"""Atomic marks: one thread alone gets a piece of work, and who waits sees what was written."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numba as nb
import numpy as np
import pytest
from numpy.typing import NDArray

from wordvec.kernels.simd import memory
from wordvec.kernels.simd.memory import add_one, claim, next_number, thread_yield_address, wait_for

NUM_THREADS, NUM_MARKS = 4, 20_000


@nb.njit(nogil=True)
def claim_all(marks, claimed):  # type: ignore[no-untyped-def]
    for place in range(len(claimed)):
        if claim(marks, place, 0):
            claimed[place] += 1


@nb.njit(nogil=True)
def add_often(marks, place, number):  # type: ignore[no-untyped-def]
    for _ in range(number):
        add_one(marks, place)


@nb.njit(nogil=True)
def write_then_tell(values, marks):  # type: ignore[no-untyped-def]
    for place in range(len(values)):
        values[place] = place + 1
        add_one(marks, 0)


@nb.njit(nogil=True)
def read_when_told(values, marks, give_way):  # type: ignore[no-untyped-def]
    total = 0
    for place in range(len(values)):
        wait_for(marks, 0, place + 1, give_way)
        total += values[place]
    return total


@pytest.fixture(autouse=True)
def threads_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernels are compiled before threads race for them."""
    one = np.ones(1, np.int64)
    claim_all(one, one.copy())
    add_often(one, 0, 1)
    write_then_tell(one, one.copy())
    read_when_told(one, one.copy(), thread_yield_address())


def test_each_mark_is_claimed_once_however_many_want_it() -> None:
    marks = np.zeros(NUM_MARKS, np.int64)
    claimed: list[NDArray[np.int64]] = [np.zeros(NUM_MARKS, np.int64) for _ in range(NUM_THREADS)]
    with ThreadPoolExecutor(NUM_THREADS) as pool:
        list(pool.map(lambda own: claim_all(marks, own), claimed))
    assert (sum(claimed) == 1).all()


def test_no_addition_is_lost() -> None:
    marks = np.zeros(3, np.int64)
    with ThreadPoolExecutor(NUM_THREADS) as pool:
        list(pool.map(lambda _: add_often(marks, 1, NUM_MARKS), range(NUM_THREADS)))
    assert marks.tolist() == [0, NUM_THREADS * NUM_MARKS, 0]


def test_who_waits_sees_what_was_written_before() -> None:
    values, marks = np.zeros(NUM_MARKS, np.int64), np.zeros(1, np.int64)
    with ThreadPoolExecutor(2) as pool:
        total = pool.submit(read_when_told, values, marks, thread_yield_address())
        pool.submit(write_then_tell, values, marks)
        assert total.result() == NUM_MARKS * (NUM_MARKS + 1) // 2


def test_who_waits_for_long_waits_on() -> None:
    marks = np.zeros(1, np.int64)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(read_when_told, np.ones(1, np.int64), marks, thread_yield_address())
        time.sleep(0.05)  # far beyond the spins
        assert not waiting.done()
        add_often(marks, 0, 1)
        assert waiting.result() == 1


@pytest.mark.skipif(sys.platform == "win32", reason="the function's name is another one there")
def test_waiting_gives_way_to_other_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    ctypes = pytest.importorskip("ctypes")
    calls = threading.Event()
    callback = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: calls.set() or 0)
    marks = np.zeros(1, np.int64)
    with ThreadPoolExecutor(1) as pool:
        address = ctypes.cast(callback, ctypes.c_void_p).value
        waiting = pool.submit(read_when_told, np.ones(1, np.int64), marks, address)
        assert calls.wait(5)
        add_often(marks, 0, 1)
        assert waiting.result() == 1
    assert memory.MAX_SPINS > 100


@nb.njit(nogil=True)
def take_numbers(marks, taken):  # type: ignore[no-untyped-def]
    for _ in range(NUM_MARKS):
        taken[next_number(marks, 0)] += 1


def test_each_number_is_given_once_however_many_want_one() -> None:
    marks, taken = np.zeros(1, np.int64), np.zeros(NUM_THREADS * NUM_MARKS, np.int64)
    with ThreadPoolExecutor(NUM_THREADS) as threads:
        list(threads.map(lambda _: take_numbers(marks, taken), range(NUM_THREADS)))
    assert (taken == 1).all()
