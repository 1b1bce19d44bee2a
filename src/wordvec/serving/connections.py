"""Connections: uvicorn's, and each ends if its client is too slow: in its headers, or in reading what was sent.

uvicorn itself waits without limit for the rest of a header, and for a client that does not read; a few hundred such
clients would leave no room for others (Slowloris). How long a whole request may take, `guards` limits.
"""

from __future__ import annotations

import asyncio
from typing import Any

from wordvec.serving.problems import Problem, encoded

__all__ = ["connection_class"]

HEADER_SECONDS = 10.0
WRITE_SECONDS = 20.0
MAX_HEADER = 64 * 2**10  # bytes
MAX_CONNECTIONS = 1000  # of a process


class _TimedConnection:
    """What is added to uvicorn's class of connections, before which it stands."""

    header_seconds: float
    write_seconds: float

    # of uvicorn's class
    transport: Any
    connections: Any
    cycle: Any
    loop: asyncio.AbstractEventLoop

    _clock: asyncio.TimerHandle | None = None
    _write_clock: asyncio.TimerHandle | None = None
    _header_bytes = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)  # type: ignore[misc]
        transport.set_write_buffer_limits(
            high=0
        )  # so that pause_writing is called whenever something is unsent
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
        self._start_clock()

    def data_received(self, data: bytes) -> None:
        self._header_bytes += len(data)
        super().data_received(data)  # type: ignore[misc]
        if self._is_in_request():
            self._stop_clock()
            self._header_bytes = 0
        elif not self.transport.is_closing():
            self._start_clock()
            if self._header_bytes > MAX_HEADER:
                self._refuse(431, "too_large", f"headers must have at most {MAX_HEADER:,} bytes")

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        self._stop_write_clock()
        super().connection_lost(exc)  # type: ignore[misc]

    def pause_writing(self) -> None:
        super().pause_writing()  # type: ignore[misc]
        if self._write_clock is None:
            self._write_clock = self.loop.call_later(self.write_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()  # type: ignore[misc]
        self._stop_write_clock()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "malformed_request", f"this is not a request of HTTP: {msg}")

    def _is_in_request(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _start_clock(self) -> None:
        if self._clock is None:
            self._clock = self.loop.call_later(self.header_seconds, self._header_is_late)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _stop_write_clock(self) -> None:
        if self._write_clock is not None:
            self._write_clock.cancel()
            self._write_clock = None

    def _header_is_late(self) -> None:
        self._clock = None
        if not self._is_in_request():
            self._refuse(408, "too_slow", f"the headers took more than {self.header_seconds:g} seconds")

    def _refuse(self, status: int, code: str, message: str) -> None:
        """Answer without an application, and end the connection."""
        if self.transport.is_closing():
            return
        body = encoded(Problem(status, code, message).document)
        head = (
            f"HTTP/1.1 {status} {code}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()


def connection_class(
    *, header_seconds: float = HEADER_SECONDS, write_seconds: float = WRITE_SECONDS
) -> type[asyncio.Protocol]:
    """The class of connections, on top of uvicorn's faster one, if httptools is installed, or the other.

    Args:
        header_seconds: from the connection, or the first byte of a further request, to the end of its headers.
        write_seconds: that a client may leave unread what was sent to it.
    """
    limits = {"header_seconds": header_seconds, "write_seconds": write_seconds}
    return type("Connection", (_TimedConnection, _uvicorn_class()), limits)


def _uvicorn_class() -> Any:
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:
        from uvicorn.protocols.http.h11_impl import H11Protocol

        return H11Protocol
    return HttpToolsProtocol
