"""Group: the ranks that train together, and what they send each other; over torch.distributed, or between threads.

Objects travel as JSON, so that nothing that a rank receives can run code.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from wordvec.distributed.joining import name_of_start
from wordvec.errors import ConfigError, EngineError
from wordvec.packages import imported
from wordvec.storage.plain_json import parse_json, to_json

__all__ = [
    "Group",
    "ThreadGroup",
    "TorchGroup",
    "is_launched",
    "is_restarted",
    "is_silent_rank",
    "joined_group",
    "launch_name",
    "rank_timeout",
    "run_in_threads",
]

Result = TypeVar("Result")

# N ranks

LAUNCHER_VARIABLES = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
TIMEOUT_VARIABLE = "WORDVEC_RANK_TIMEOUT"
TIMEOUT_SECONDS = (
    1800.0  # a rank that answers nothing for that long is lost; reading a text takes so long at most
)
MAX_TIMEOUT_SECONDS = 7 * 86_400.0


class Group(Protocol):
    """Ranks 0 to `size` - 1; every method is called by all of them, in the same order."""

    @property
    def rank(self) -> int:
        """The number of this one."""

    @property
    def size(self) -> int:
        """How many there are."""

    def exchange(self, sent: NDArray[Any]) -> NDArray[Any]:
        """Send `sent[r]`, of (N, ...), to each rank r; what each rank has sent to this one, (N, ...)."""

    def collect(self, part: NDArray[Any]) -> NDArray[Any]:
        """The parts of all ranks, which have the same shape: (N, ...)."""

    def gather(self, value: Any) -> list[Any]:
        """The values of all ranks, which are plain data, as JSON has it."""

    def broadcast(self, value: Any) -> Any:
        """The value of rank 0."""

    def barrier(self) -> None:
        """Wait until all ranks are here."""


class ThreadGroup:
    """A rank of several that are threads of one process, made by `run_in_threads`.

    Args:
        rank: the number of this one.
        size: how many there are.
        meeting: where all of them wait for each other.
        places: what each has to send, (size,), shared by all.
    """

    def __init__(self, rank: int, size: int, meeting: threading.Barrier, places: list[Any]):
        self.rank, self.size = rank, size
        self._meeting, self._places = meeting, places

    def exchange(self, sent: NDArray[Any]) -> NDArray[Any]:
        """See `Group`."""
        return self._meet(sent, lambda all_sent: np.stack([of_rank[self.rank] for of_rank in all_sent]))

    def collect(self, part: NDArray[Any]) -> NDArray[Any]:
        """See `Group`."""
        return self._meet(part, np.stack)

    def gather(self, value: Any) -> list[Any]:
        """See `Group`."""
        return self._meet(to_json(value).encode(), lambda sent: [parse_json(one.decode()) for one in sent])

    def broadcast(self, value: Any) -> Any:
        """See `Group`."""
        return self.gather(value)[0]

    def barrier(self) -> None:
        """See `Group`."""
        self._meet(None, lambda _: None)

    def _meet(self, value: Any, take: Callable[[list[Any]], Result]) -> Result:
        self._places[self.rank] = value
        try:
            self._meeting.wait()
            taken = take(self._places)
            self._meeting.wait()  # so that nobody overwrites what others still read
        except threading.BrokenBarrierError as problem:
            raise EngineError("another rank has stopped with an error, so this one stops, too") from problem
        return taken


def run_in_threads(size: int, work: Callable[[ThreadGroup], Result]) -> list[Result]:
    """Run a function as each rank of a group of threads, and return what each gave.

    Args:
        size: how many ranks.
        work: called with the group, in a thread for each rank.

    Raises:
        BaseException: what the first rank that failed has raised; the others stop with an `EngineError`.

    >>> run_in_threads(3, lambda group: sum(group.gather(group.rank)))
    [3, 3, 3]
    """
    meeting, places = threading.Barrier(size), [None] * size
    failures: list[BaseException] = []

    def one(rank: int) -> Result:
        try:
            return work(ThreadGroup(rank, size, meeting, places))
        except BaseException as failure:
            failures.append(failure)
            meeting.abort()
            raise

    with ThreadPoolExecutor(size) as pool:
        futures = [pool.submit(one, rank) for rank in range(size)]
    if failures:
        raise failures[0]
    return [future.result() for future in futures]


class TorchGroup:
    """A rank of torch.distributed, whose processes may be on many machines; arrays are sent from where they are.

    Args:
        timeout: how long to wait for another rank; by default, as `rank_timeout` has it.

    Raises:
        ConfigError: the environment has a timeout that is not a number of seconds.
        EngineError: the other ranks cannot be reached.
    """

    def __init__(self, timeout: timedelta | None = None):
        timeout = rank_timeout() if timeout is None else timeout
        self._torch: Any = imported("torch", "training on several ranks")
        self._processes: Any = self._torch.distributed
        self._is_own = not self._processes.is_initialized()
        if self._is_own:
            self._join(timeout)
        self.rank: int = self._processes.get_rank()
        self.size: int = self._processes.get_world_size()

    def exchange(self, sent: NDArray[Any]) -> NDArray[Any]:
        """See `Group`."""
        received = np.empty_like(sent)
        with self._or_lost("exchanging rows"):
            self._processes.all_to_all_single(self._flat(received), self._flat(sent))
        return received

    def collect(self, part: NDArray[Any]) -> NDArray[Any]:
        """See `Group`."""
        whole = np.empty((self.size, *part.shape), part.dtype)
        with self._or_lost("collecting rows"):
            self._processes.all_gather([self._flat(one) for one in whole], self._flat(part))
        return whole

    def gather(self, value: Any) -> list[Any]:
        """See `Group`."""
        data = np.frombuffer(to_json(value).encode(), np.uint8)
        sizes = self.collect(np.array([len(data)], np.int64))[:, 0]
        padded = np.zeros(int(sizes.max()), np.uint8)
        padded[: len(data)] = data
        return [
            parse_json(one[:length].tobytes().decode())
            for one, length in zip(self.collect(padded), sizes.tolist(), strict=True)
        ]

    def broadcast(self, value: Any) -> Any:
        """See `Group`."""
        return self.gather(value if self.rank == 0 else None)[0]

    def barrier(self) -> None:
        """See `Group`."""
        self.collect(np.zeros(1, np.uint8))

    def leave(self) -> None:
        """End the connections, if this object has made them."""
        if self._is_own:
            self._processes.destroy_process_group()

    def _join(self, timeout: timedelta) -> None:
        with self._or_lost("joining"):
            rendezvous: Any = import_module("torch.distributed.rendezvous").rendezvous
            store, rank, size = next(rendezvous("env://", timeout=timeout))
            start = name_of_start(store, rank, size, timeout.total_seconds())
            store = self._processes.PrefixStore(start, store)
            self._processes.init_process_group(
                "gloo", store=store, rank=rank, world_size=size, timeout=timeout
            )

    def _flat(self, array: NDArray[Any]) -> Any:
        return self._torch.from_numpy(array.reshape(-1))

    @contextmanager
    def _or_lost(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (RuntimeError, ValueError) as problem:
            reason = str(problem).split("\n")[0]
            who = f"rank {self.rank} of {self.size}" if hasattr(self, "rank") else "this rank"
            raise EngineError(
                f"{who} has lost another rank while {doing}: {reason}; look at that rank's own message, and start "
                "again from the last checkpoint (torchrun --max-restarts does that by itself)"
            ) from problem


def is_launched(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a launcher such as torchrun has started this process as one of several ranks.

    >>> is_launched({})
    False
    >>> is_launched({"RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "MASTER_PORT": "29500"})
    True
    """
    return all(name in environment for name in LAUNCHER_VARIABLES)


def is_restarted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the launcher has started all ranks again, after one was lost.

    >>> is_restarted({}), is_restarted({"TORCHELASTIC_RESTART_COUNT": "1"})
    (False, True)
    """
    return environment.get("TORCHELASTIC_RESTART_COUNT", "0") not in ("", "0")


def launch_name(environment: Mapping[str, str] = os.environ) -> str | None:
    """What the launcher calls this launch, whenever its ranks start (torchrun's --rdzv-id); None if it has no name.

    >>> launch_name({"TORCHELASTIC_RUN_ID": "none"}), launch_name({"TORCHELASTIC_RUN_ID": "job-7"})
    (None, 'job-7')
    """
    name = environment.get("TORCHELASTIC_RUN_ID", "none")
    return None if name in ("", "none") else name


def rank_timeout(environment: Mapping[str, str] = os.environ) -> timedelta:
    """How long a rank waits for another one before it takes it for lost: 30 minutes, or WORDVEC_RANK_TIMEOUT seconds.

    Raises:
        ConfigError: that is not a number of seconds in (0, 604800].

    >>> rank_timeout({}), rank_timeout({"WORDVEC_RANK_TIMEOUT": "90"})
    (datetime.timedelta(seconds=1800), datetime.timedelta(seconds=90))
    """
    written = environment.get(TIMEOUT_VARIABLE, str(TIMEOUT_SECONDS))
    try:
        seconds = float(written)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= MAX_TIMEOUT_SECONDS:  # false for nan, too
        raise ConfigError(
            f"{TIMEOUT_VARIABLE} must be a number of seconds in (0, {MAX_TIMEOUT_SECONDS:.0f}], got {written!r}; it is "
            "how long a rank waits for another one that does not answer"
        )
    return timedelta(seconds=seconds)


def is_silent_rank(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this process is a rank that neither reports nor saves, as the first one does.

    >>> is_silent_rank({}), is_silent_rank(dict.fromkeys(LAUNCHER_VARIABLES, "1"))
    (False, True)
    """
    return is_launched(environment) and environment["RANK"] != "0"


@contextmanager
def joined_group() -> Iterator[TorchGroup | None]:
    """The group that this process was launched into, which is left at the end; None where it was not.

    Raises:
        ConfigError: the launcher's variables are damaged.
        EngineError: the other ranks cannot be reached.
    """
    if not is_launched():
        yield None
        return
    for name in ("RANK", "WORLD_SIZE", "MASTER_PORT"):
        if not os.environ[name].isdecimal():
            raise ConfigError(
                f"{name}={os.environ[name]!r} in the environment is not a number; start with torchrun, or unset "
                f"{', '.join(LAUNCHER_VARIABLES)} to train on this machine alone"
            )
    group = TorchGroup()
    try:
        yield group
    finally:
        group.leave()
