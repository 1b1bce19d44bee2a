"""Observing: a line for each request in the access log, and counts and times of all of them for Prometheus.

Counts stand in memory that all worker processes share, a row for each, so that any of them can say the sum.
"""

from __future__ import annotations

import mmap
import time
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wordvec.text import printable, say

__all__ = ["Metrics", "Observer"]

OTHER = "other"  # the route of requests that have none
STATUS_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
BUCKET_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
GAUGES = ("wordvec_requests_in_progress",)
COUNTERS = ("wordvec_searches_total", "wordvec_searched_queries_total", "wordvec_reloads_total")
HELP = {
    "wordvec_requests_total": "Requests, by route and class of status.",
    "wordvec_request_seconds": "Time from the headers of a request to the end of its answer.",
    "wordvec_requests_in_progress": "Requests that are being answered.",
    "wordvec_searches_total": "Searches for neighbors; one may answer several queries.",
    "wordvec_searched_queries_total": "Queries that searches answered.",
    "wordvec_reloads_total": "Times that newer models took the place of older ones.",
}
MAX_LOGGED = 300  # characters of a path


class Metrics:
    """Counts of requests, shared by processes that are forked afterwards.

    Args:
        routes: paths of all routes.
        num_slots: processes that may count at the same time.

    >>> metrics = Metrics(["/health"])
    >>> metrics.count("/health", 200, 0.004)
    >>> 'wordvec_requests_total{route="/health",status="2xx"} 1' in metrics.text()
    True
    """

    def __init__(self, routes: Sequence[str], num_slots: int = 1):
        self._routes = {route: number for number, route in enumerate([*dict.fromkeys(routes), OTHER])}
        width = len(STATUS_CLASSES) + len(BUCKET_SECONDS) + 2  # and all, and the sum of seconds
        single = len(GAUGES) + len(COUNTERS)
        size = num_slots * (len(self._routes) * width + single)
        memory = np.frombuffer(mmap.mmap(-1, 8 * size), np.float64)
        self._by_route = memory[: size - num_slots * single].reshape(num_slots, len(self._routes), width)
        self._single = memory[size - num_slots * single :].reshape(num_slots, single)
        self.slot = 0  # of this process

    def claim(self, slot: int) -> None:
        """Count in this slot from now on, and add to what an earlier process has counted there."""
        self.slot = slot
        self._single[slot, : len(GAUGES)] = 0

    def count(self, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        row = self._by_route[self.slot, self._routes.get(route, self._routes[OTHER])]
        row[min(max(status // 100, 1), len(STATUS_CLASSES)) - 1] += 1
        row[len(STATUS_CLASSES) + bisect_left(BUCKET_SECONDS, seconds)] += 1
        row[-1] += seconds

    def add(self, name: str, number: float) -> None:
        """Add to a number that has no labels."""
        self._single[self.slot, (*GAUGES, *COUNTERS).index(name)] += number

    def text(self, **gauges: float) -> str:
        """All numbers in Prometheus' text form, of all processes together; and some more, by name."""
        by_route, single = self._by_route.sum(axis=0), self._single.sum(axis=0)
        lines = _head("wordvec_requests_total", "counter")
        for route, number in self._routes.items():
            for status, requests in zip(STATUS_CLASSES, by_route[number].tolist(), strict=False):
                if requests:
                    lines.append(
                        f'wordvec_requests_total{{route="{route}",status="{status}"}} {requests:.0f}'
                    )
        lines += _head("wordvec_request_seconds", "histogram")
        for route, number in self._routes.items():
            lines += _histogram(route, by_route[number, len(STATUS_CLASSES) :].tolist())
        for name, value in zip((*GAUGES, *COUNTERS), single.tolist(), strict=True):
            lines += [*_head(name, "gauge" if name in GAUGES else "counter"), f"{name} {value:.0f}"]
        for name, value in gauges.items():
            lines += [f"# TYPE {name} gauge", f"{name} {value:g}"]
        return "\n".join(lines) + "\n"


class Observer:
    """An application around another one, which counts its requests and writes a line for each.

    Args:
        app: what answers.
        metrics: where to count.
        is_logging: whether to write lines, on stderr.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, *, is_logging: bool = True):
        self._app, self._metrics, self._is_logging = app, metrics, is_logging

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request be answered, and watch."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, num_bytes = time.perf_counter(), 499, 0  # 499: the client went before the answer

        async def sending(message: Message) -> None:
            nonlocal status, num_bytes
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                num_bytes += len(message.get("body", b""))
            await send(message)

        self._metrics.add("wordvec_requests_in_progress", 1)
        try:
            await self._app(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - began
            self._metrics.add("wordvec_requests_in_progress", -1)
            self._metrics.count(getattr(scope.get("route"), "path", OTHER), status, seconds)
            if self._is_logging:
                say(_line(scope, status, num_bytes, seconds))


def _line(scope: Scope, status: int, num_bytes: int, seconds: float) -> str:
    r"""A request in a line, without what a terminal would obey, and without the token.

    >>> scope = {
    ...     "client": ("127.0.0.1", 9),
    ...     "method": "GET",
    ...     "path": "/a\x07",
    ...     "query_string": b"token=x&q=1",
    ... }
    >>> _line(scope, 200, 12, 0.0015)
    '127.0.0.1 GET /a\\x07?token=...&q=1 200 12 bytes 1.5 ms'
    """
    client = (scope.get("client") or ("-",))[0]
    query = scope["query_string"].decode("latin-1")
    shown = "&".join("token=..." if part.startswith("token=") else part for part in query.split("&"))
    path = printable(f"{scope['path']}?{shown}" if query else scope["path"], MAX_LOGGED)
    return f"{client} {scope['method']} {path} {status} {num_bytes} bytes {1000 * seconds:.1f} ms"


def _head(name: str, kind: str) -> list[str]:
    return [f"# HELP {name} {HELP[name]}", f"# TYPE {name} {kind}"]


def _histogram(route: str, numbers: Sequence[float]) -> list[str]:
    """The lines of one route, if it was asked."""
    *buckets, seconds = numbers
    if not sum(buckets):
        return []
    lines, total = [], 0.0
    for border, number in zip((*BUCKET_SECONDS, "+Inf"), buckets, strict=True):
        total += number
        lines.append(f'wordvec_request_seconds_bucket{{route="{route}",le="{border}"}} {total:.0f}')
    lines.append(f'wordvec_request_seconds_sum{{route="{route}"}} {seconds:.6f}')
    return [*lines, f'wordvec_request_seconds_count{{route="{route}"}} {total:.0f}']
