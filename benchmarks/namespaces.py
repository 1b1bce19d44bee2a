"""Namespaces: network namespaces as machines, on one bridge, over links of a given rate and delay (Linux, as root).

Each machine has a link to the bridge that carries a given number of bytes a second each way (tc's token bucket filter).
Where links have a delay, they are two TAP devices, and a thread moves frames from one to the other once they are due,
as kernels need not have netem.
"""

from __future__ import annotations

import fcntl
import os
import selectors
import struct
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

__all__ = ["Machines", "machines"]

PREFIX = "wvnet"  # of the names of all devices and namespaces
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
MTU = 9000
BURST_BYTES = 64 * 1024
QUEUE_SECONDS = "400ms"  # that bytes wait at most before they are dropped
QUEUE_FRAMES = "20000"
CONGESTION = "reno"  # what other namespaces than the first may choose, beside BBR


class Machines(NamedTuple):
    """Namespaces with one link each."""

    names: tuple[str, ...]
    links: tuple[tuple[str, str], ...]  # of each: the device in the namespace, and the one at the bridge
    hub: str  # the namespace of the bridge

    @staticmethod
    def address(number: int) -> str:
        """Of a machine, in the network."""
        return f"10.99.0.{number + 1}"

    def limit(self, bits_per_second: float | None) -> None:
        """Let each link carry so many bits a second each way; None for as many as the machine can."""
        for name, (inside, outside) in zip(self.names, self.links, strict=True):
            for namespace, device in ((name, inside), (self.hub, outside)):
                subprocess.run(_tc(namespace, "del", device), capture_output=True, check=False)
                if bits_per_second is not None:
                    rate = ["tbf", "rate", f"{bits_per_second:.0f}bit", "burst", str(BURST_BYTES)]
                    _run(*_tc(namespace, "add", device), *rate, "latency", QUEUE_SECONDS)


def _tc(namespace: str, verb: str, device: str) -> list[str]:
    return ["ip", "netns", "exec", namespace, "tc", "qdisc", verb, "dev", device, "root"]


@contextmanager
def machines(number: int, *, delay_seconds: float = 0.0) -> Iterator[Machines]:
    """Make so many machines, and remove them at the end.

    Args:
        number: of machines.
        delay_seconds: from one machine to another, one way.
    """
    hub = f"{PREFIX}-hub"
    names = tuple(f"{PREFIX}-{one}" for one in range(number))
    links = tuple((f"{PREFIX}i{one}", f"{PREFIX}o{one}") for one in range(number))
    relays: list[_Relay] = []
    _remove(hub, *names)  # what a run that was killed has left
    try:
        for name in (hub, *names):
            _run("ip", "netns", "add", name)
            _in(name, "link", "set", "lo", "up")
            # BBR goes by the least delay that it has seen, which changes with `limit`.
            _run("ip", "netns", "exec", name, "sysctl", "-q", f"net.ipv4.tcp_congestion_control={CONGESTION}")
        _in(hub, "link", "add", f"{PREFIX}b", "mtu", str(MTU), "type", "bridge")
        _in(hub, "link", "set", f"{PREFIX}b", "up")
        for one, (name, (inside, outside)) in enumerate(zip(names, links, strict=True)):
            if delay_seconds:  # half of it on the link of each of the two machines
                relays.append(_Relay(inside, outside, delay_seconds / 2))
            else:
                _run("ip", "link", "add", inside, "type", "veth", "peer", "name", outside)
            for device, namespace in ((inside, name), (outside, hub)):
                _run("ip", "link", "set", device, "netns", namespace)
                _in(namespace, "link", "set", device, "mtu", str(MTU), "txqueuelen", QUEUE_FRAMES)
            _in(hub, "link", "set", outside, "master", f"{PREFIX}b", "up")
            _in(name, "addr", "add", f"{Machines.address(one)}/24", "dev", inside)
            _in(name, "link", "set", inside, "up")
        for relay in relays:
            relay.start()
        yield Machines(names, links, hub)
    finally:
        for relay in relays:
            relay.close()
        _remove(hub, *names)


def _remove(*names: str) -> None:
    """Remove namespaces, as far as they are there, with the devices in them."""
    for name in names:
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


class _Relay(threading.Thread):
    """Moves frames between two TAP devices, each once it has waited."""

    def __init__(self, one: str, other: str, delay_seconds: float):
        super().__init__(daemon=True)
        self._files = {_tap(one): 0, _tap(other): 1}
        self._delay = delay_seconds
        self._is_open = True

    def run(self) -> None:
        """Until `close`."""
        files = list(self._files)
        waiting: deque[tuple[float, int, bytes]] = deque()
        with selectors.DefaultSelector() as selector:
            for file in files:
                os.set_blocking(file, False)
                selector.register(file, selectors.EVENT_READ)
            while self._is_open:
                due = waiting[0][0] - time.perf_counter() if waiting else 0.1
                for key, _ in selector.select(max(due, 0)):
                    self._take(key.fd, files[1 - self._files[key.fd]], waiting)
                now = time.perf_counter()
                while waiting and waiting[0][0] <= now:
                    _, file, frame = waiting.popleft()
                    try:
                        os.write(file, frame)
                    except OSError:  # the other end is full or down: lost, as on any wire
                        continue

    def _take(self, file: int, to: int, waiting: deque[tuple[float, int, bytes]]) -> None:
        """Read the frames that are there, some at a time."""
        for _ in range(64):
            try:
                frame = os.read(file, 65_536)
            except OSError:
                return
            waiting.append((time.perf_counter() + self._delay, to, frame))

    def close(self) -> None:
        """End, and remove both devices."""
        self._is_open = False
        if self.is_alive():
            self.join()
        for file in self._files:
            os.close(file)


def _tap(name: str) -> int:
    file = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))
    return file


def _in(namespace: str, *arguments: str) -> None:
    _run("ip", "-n", namespace, *arguments)


def _run(*command: str) -> None:
    subprocess.run(command, capture_output=True, text=True, check=True)
