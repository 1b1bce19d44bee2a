"""The first signal is a wish, the second one an order; SIGTERM is passed on in the end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from wordvec.pipeline.stop_signals import stop_signals


@pytest.fixture
def handlers() -> Iterator[None]:
    """As they were before, whatever a test does."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
def test_the_first_ctrl_c_is_a_wish_and_the_second_one_interrupts() -> None:
    with stop_signals() as wish:
        assert not wish.is_there
        signal.raise_signal(signal.SIGINT)
        assert wish.is_there
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("handlers")
def test_sigterm_is_passed_on_when_what_was_to_be_done_is_done() -> None:
    done = []
    signal.signal(signal.SIGTERM, lambda *_: done.append("passed on"))
    with stop_signals() as wish:
        signal.raise_signal(signal.SIGTERM)
        assert wish.is_there
        done.append("what was to be done")
    assert done == ["what was to be done", "passed on"]


@pytest.mark.usefixtures("handlers")
def test_without_a_signal_all_is_as_it_was() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with stop_signals() as wish:
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] != before
    assert not wish.is_there
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.usefixtures("handlers")
def test_a_handler_of_the_users_own_for_ctrl_c_stays() -> None:
    heard = []
    signal.signal(signal.SIGINT, lambda *_: heard.append("mine"))
    with stop_signals() as wish:
        signal.raise_signal(signal.SIGINT)
    assert heard == ["mine"]
    assert not wish.is_there


def test_in_another_thread_nothing_is_changed() -> None:
    found = []

    def look() -> None:
        with stop_signals() as wish:
            found.append((wish.is_there, signal.getsignal(signal.SIGINT)))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [(False, before)]
