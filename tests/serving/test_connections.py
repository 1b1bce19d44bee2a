"""Clients that are too slow, or speak no HTTP, lose their connection, and others are answered meanwhile."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time

import pytest

pytest.importorskip("fastapi")
uvicorn = pytest.importorskip("uvicorn")

from wordvec.serving import connections  # noqa: E402
from wordvec.serving.connections import MAX_HEADER, connection_class  # noqa: E402

GOOD = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
LARGE = 64 * 2**20


async def application(scope, receive, send):
    """Answers with a few bytes, or with many."""
    size = LARGE if scope["path"] == "/large" else 2
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(size).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"x" * size})


@pytest.fixture(params=["httptools", pytest.param("h11", marks=pytest.mark.slow)])
def address(request, monkeypatch):
    """A server whose clients have 0.3 s for their headers, and 0.4 s to read."""
    if request.param == "h11":
        from uvicorn.protocols.http.h11_impl import H11Protocol

        monkeypatch.setattr(connections, "_uvicorn_class", lambda: H11Protocol)
    listener = socket.create_server(("127.0.0.1", 0))
    protocol = connection_class(header_seconds=0.3, write_seconds=0.4)
    config = uvicorn.Config(
        application, http=protocol, ws="none", lifespan="off", log_config=None, loop="asyncio"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    yield listener.getsockname()
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


def answered(connection, seconds=5):
    """All that comes until the connection ends."""
    connection.settimeout(seconds)
    parts = []
    while True:
        try:
            part = connection.recv(2**16)
        except ConnectionError:
            part = b""
        if not part:
            return b"".join(parts)
        parts.append(part)


def status_of(connection):
    """The first line of the next short answer, all of which is read."""
    answer = b""
    while not answer.endswith(b"\r\n\r\nxx"):
        part = connection.recv(2**16)
        assert part, answer
        answer += part
    return answer.partition(b"\r\n")[0]


def is_served(address):
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(GOOD)
        return status_of(connection) == b"HTTP/1.1 200 OK"


def error_of(answer, status):
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode()), answer[:200]
    return json.loads(body)["error"]


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "], ids=ascii)
def test_headers_that_do_not_end_are_dropped(address, begun):
    start = time.monotonic()
    with socket.create_connection(address) as slow:
        slow.sendall(begun)
        assert is_served(address)
        assert error_of(answered(slow), 408)["code"] == "too_slow"
    assert time.monotonic() - start < 3


def test_headers_that_come_byte_by_byte_have_no_more_time(address):
    with socket.create_connection(address) as slow:
        start = time.monotonic()
        try:
            for byte in GOOD * 10:
                slow.sendall(bytes([byte]))
                time.sleep(0.05)
        except ConnectionError:
            pass
        assert time.monotonic() - start < 3


def test_a_connection_is_used_again_and_a_later_header_is_timed_too(address):
    with socket.create_connection(address, timeout=5) as connection:
        for _ in range(3):
            connection.sendall(GOOD)
            assert status_of(connection) == b"HTTP/1.1 200 OK"
        time.sleep(0.5)  # idle is not slow
        connection.sendall(GOOD)
        assert status_of(connection) == b"HTTP/1.1 200 OK"
        connection.sendall(b"GET / HTTP")
        assert error_of(answered(connection), 408)["code"] == "too_slow"


def test_headers_without_end_are_bounded(address):
    with socket.create_connection(address) as greedy:
        greedy.sendall(b"GET / HTTP/1.1\r\n")
        sent = 0
        try:
            while sent < 100 * MAX_HEADER:
                sent += greedy.send(b"X: " + b"a" * 1000 + b"\r\n")
        except ConnectionError:
            pass
        assert sent < 100 * MAX_HEADER
    assert is_served(address)


def test_a_client_that_does_not_read_is_dropped(address):
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(address)
        deaf.sendall(GOOD.replace(b"GET / ", b"GET /large "))
        time.sleep(1.0)
        assert is_served(address)
        assert len(answered(deaf)) < LARGE


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02\x00", b"HELLO\r\n\r\n"], ids=ascii)
def test_what_is_not_http_is_answered_in_the_form_of_errors(address, sent):
    with socket.create_connection(address) as connection:
        connection.sendall(sent)
        assert error_of(answered(connection), 400)["code"] == "malformed_request"
    assert is_served(address)


def test_more_connections_than_are_taken_are_closed(address, monkeypatch):
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 1)
    with socket.create_connection(address) as first:
        first.sendall(GOOD)
        assert status_of(first) == b"HTTP/1.1 200 OK"
        with socket.create_connection(address) as second:
            assert answered(second) == b""
