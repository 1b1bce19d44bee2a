"""Clients of a server: each asks, waits for the answer, and asks again; bounded in count and in time, loopback only.

    python -m benchmarks.serving_client PORT CLIENTS SECONDS MAX_REQUESTS PATHS.json

It runs in a process of its own, so that its work is not the server's, and prints the seconds of each request as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

__all__ = ["LoadError", "asked"]

HOST = "127.0.0.1"


class LoadError(RuntimeError):
    """A request was not answered, or not with 200."""


def asked(port: int, clients: int, seconds: float, max_requests: int, paths: list[str]) -> dict[str, Any]:
    """Ask for paths, one after the other, by many clients at once.

    Returns:
        Seconds of each request, and of all together.
    """
    return asyncio.run(_all_asked(port, clients, seconds, max_requests, paths))


async def _all_asked(
    port: int, clients: int, seconds: float, max_requests: int, paths: list[str]
) -> dict[str, Any]:
    began = time.perf_counter()
    end = began + seconds
    left = list(reversed((paths * (1 + max_requests // len(paths)))[:max_requests]))
    latencies: list[float] = []

    async def client() -> None:
        reader, writer = await asyncio.open_connection(HOST, port)
        try:
            while left and time.perf_counter() < end:
                path = left.pop()
                start = time.perf_counter()
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\n\r\n".encode())
                await _answer(reader)
                latencies.append(time.perf_counter() - start)
        finally:
            writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return {"seconds": time.perf_counter() - began, "latencies": latencies}


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    status = head.split(b" ", 2)[1]
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    body = await reader.readexactly(int(fields[b"content-length"]))
    if status != b"200":
        raise LoadError(f"{status.decode()}: {body[:200]!r}")
    return body


if __name__ == "__main__":
    port, clients, seconds, max_requests, file = sys.argv[1:]
    listed = json.loads(Path(file).read_text(encoding="utf-8"))
    print(json.dumps(asked(int(port), int(clients), float(seconds), int(max_requests), listed)))
