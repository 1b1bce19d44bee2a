"""Stop signals: Ctrl-C and SIGTERM as a wish that training looks at between two stretches."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["StopWish", "stop_signals"]


class StopWish:
    """Whether somebody wants the run to stop."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self.is_there = False


@contextmanager
def stop_signals(*, is_patient: bool = False) -> Iterator[StopWish]:
    """Turn the first SIGINT or SIGTERM into a wish; a second one does what it would have done without this.

    With `is_patient`, later ones are the same wish: a launcher repeats the signal to each process that it has started.

    After a SIGTERM, the block's end sends the signal again, to whoever waited for it before. Signals reach Python's
    main thread alone: in another thread, nothing is changed. A handler of the user's own for SIGINT stays.
    """
    wish = StopWish()
    if threading.current_thread() is not threading.main_thread():
        yield wish
        return
    before = {signal.SIGTERM: signal.getsignal(signal.SIGTERM)}
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        before[signal.SIGINT] = signal.default_int_handler

    def take(number: int, _frame: FrameType | None) -> None:
        wish.signal, wish.is_there = signal.Signals(number), True
        if not is_patient:
            restore()

    def restore() -> None:
        for one, handler in before.items():
            if handler is not None:  # None: not set from Python, so Python cannot set it again
                signal.signal(one, handler)

    for one, handler in before.items():
        if handler is not None:
            signal.signal(one, take)
    try:
        yield wish
    finally:
        restore()
    if wish.signal == signal.SIGTERM:
        signal.raise_signal(signal.SIGTERM)
