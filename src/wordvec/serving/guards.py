"""Guards: what a request must be before any route sees it: for this host, with the token, small, and in time.

The Host header is checked so that a page of another site, whose name was made to point to this machine (DNS rebinding),
cannot ask; no CORS headers are sent, so that such a page cannot read answers either.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wordvec.serving.problems import Problem, answer_of

__all__ = ["Guard", "Rules", "is_loopback"]

OPEN_PATHS = frozenset({"/health", "/ready"})  # for probes, which have no token
MAX_BODY = 8 * 2**20
MAX_QUERY = 16 * 2**10
REQUEST_SECONDS = 30.0
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  compared with, not bound to

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
SECURITY_HEADERS = [
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]


class Rules(NamedTuple):
    """What a server takes."""

    host: str = "127.0.0.1"  # that it listens at
    allowed_hosts: frozenset[str] = frozenset()  # more names that requests may be for
    token: str | None = None
    max_body: int = MAX_BODY
    request_seconds: float = REQUEST_SECONDS

    def is_allowed_host(self, header: str | None, own_address: str | None) -> bool:
        """Whether a Host header names this server.

        Besides the names that are allowed, the address at which the connection arrived is: a browser sends an address
        only if the user, or a page, asked for that address, and so not after DNS rebinding.

        >>> rules = Rules(allowed_hosts=frozenset({"vectors.example"}))
        >>> rules.is_allowed_host("vectors.example:80", None), rules.is_allowed_host("evil.example", None)
        (True, False)
        >>> rules.is_allowed_host("[::1]:8765", None), rules.is_allowed_host("10.0.0.5", "10.0.0.5")
        (True, True)
        """
        name = _host_name(header)
        if name is None:
            return False
        own = {self.host.lower()} - EVERYWHERE
        if own_address is not None:
            own.add(own_address.lower())
        return name in LOOPBACK_NAMES or name in own or name in self.allowed_hosts

    def has_token(self, given: str | None) -> bool:
        """Whether this is the token, compared in constant time."""
        return self.token is not None and given is not None and _are_equal(given, self.token)

    @property
    def cookie(self) -> str:
        """What a browser shows instead of the token, from which nobody can compute the token."""
        key = (self.token or "").encode("utf-8", "surrogateescape")
        return hmac.new(key, b"wordvec session cookie", hashlib.sha256).hexdigest()

    @property
    def cookie_name(self) -> str:
        """A name of its own for each token: browsers keep one cookie of a name for all ports of a host."""
        return f"wordvec-{self.cookie[:8]}"


def is_loopback(host: str) -> bool:
    """Whether nothing but this machine reaches an address.

    >>> is_loopback("localhost"), is_loopback("127.0.0.2"), is_loopback("0.0.0.0"), is_loopback("example.org")
    (True, True, False, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """An application around another one, which only lets requests through that keep the rules."""

    def __init__(self, app: ASGIApp, rules: Rules):
        self._app, self._rules = app, rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let it through, within the time."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_started = is_late = False
        task = asyncio.current_task()

        def stop() -> None:
            nonlocal is_late
            is_late = True
            if task is not None:
                task.cancel()

        async def sending(message: Message) -> None:
            nonlocal has_started
            if message["type"] == "http.response.start":
                has_started = True
                message["headers"] = [*message["headers"], *SECURITY_HEADERS]
            await send(message)

        clock = asyncio.get_running_loop().call_later(self._rules.request_seconds, stop)
        try:
            await self._let_through(scope, receive, sending)
        except asyncio.CancelledError:
            if (
                not is_late or has_started
            ):  # the server ends, or the client reads too slowly: the connection is cut
                raise
            seconds = self._rules.request_seconds
            problem = Problem(
                503,
                "too_slow",
                f"this took more than {seconds:g} seconds, as the body came too slowly or too much was asked; "
                "ask for less at once",
                headers={"Connection": "close"},
            )
            await answer_of(problem)(scope, receive, sending)
        finally:
            clock.cancel()

    async def _let_through(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = self._checked(scope, Headers(scope=scope))
            if answer is None:
                await self._app(scope, _bounded(receive, self._rules.max_body), send)
                return
        except Problem as problem:
            answer = answer_of(problem)
        await answer(scope, receive, send)

    def _checked(self, scope: Scope, headers: Headers) -> Response | None:
        """Check what is known before the body; an answer of our own, or None to go on.

        Raises:
            Problem: a rule is broken.
        """
        own_address = (scope.get("server") or (None,))[0]
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._rules.is_allowed_host(hosts[0], own_address):
            raise Problem(
                421,
                "wrong_host",
                f"this server does not answer for the host {', '.join(hosts) or '(none)'}; "
                "wordvec serve --allow-host NAME allows another name",
                parameter="Host",
                got=", ".join(hosts) or None,
            )
        if len(scope["query_string"]) > MAX_QUERY:
            raise _too_large("the query", MAX_QUERY, status=414)
        length = headers.get("content-length")
        if length is not None and length.isdigit() and int(length) > self._rules.max_body:
            raise _too_large("the body", self._rules.max_body)
        if scope["method"] == "POST":
            _check_content_type(headers)
        return self._token_checked(scope, headers)

    def _token_checked(self, scope: Scope, headers: Headers) -> Response | None:
        rules = self._rules
        if rules.token is None or scope["path"] in OPEN_PATHS:
            return None
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and rules.has_token(given.strip()):
            return None
        session = _cookies(headers.getlist("cookie")).get(rules.cookie_name)
        if session is not None and _are_equal(session, rules.cookie):
            return None
        if scope["method"] == "GET" and scope["path"] == "/":
            return _exchanged(rules, scope)
        raise _no_token()


def _bounded(receive: Receive, max_body: int) -> Receive:
    """Receive a body as far as it is allowed, whether or not it says how long it is."""
    received = 0

    async def receiving() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > max_body:
            from fastapi import HTTPException  # what FastAPI lets through while it reads a body; loads slowly

            too_large = _too_large("the body", max_body)
            raise HTTPException(too_large.status, too_large.message, too_large.headers)
        return message

    return receiving


def _check_content_type(headers: Headers) -> None:
    """Check that a body is JSON: forms, which pages of other sites may send without asking, are not."""
    given = headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != "application/json":
        raise Problem(
            415,
            "wrong_content_type",
            f"a body must be JSON, with the header Content-Type: application/json; got {given or 'none'}",
            parameter="Content-Type",
            got=given or None,
            allowed="application/json",
        )


def _exchanged(rules: Rules, scope: Scope) -> Response:
    """Take the token of the page's URL once: a cookie takes its place, and it leaves the address bar.

    Raises:
        Problem: 401, there is none, or another.
    """
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    given = [value for name, value in pairs if name == "token"]
    if len(given) != 1 or not rules.has_token(given[0]):
        raise _no_token()
    rest = urlencode([pair for pair in pairs if pair[0] != "token"])
    answer = Response(
        status_code=303, headers={"Location": f"/?{rest}" if rest else "/", "Cache-Control": "no-store"}
    )
    answer.set_cookie(
        rules.cookie_name,
        rules.cookie,
        httponly=True,
        samesite="strict",
        secure=scope.get("scheme") == "https",
    )
    return answer


def _no_token() -> Problem:
    return Problem(
        401,
        "token_needed",
        "this needs the server's token: send Authorization: Bearer TOKEN, or open /?token=TOKEN in a browser",
        headers={"WWW-Authenticate": 'Bearer realm="wordvec"'},
    )


def _too_large(what: str, allowed: int, status: int = 413) -> Problem:
    return Problem(
        status,
        "too_large",
        f"{what} must have at most {allowed:,} bytes; ask for less at once",
        allowed=f"at most {allowed} bytes",
        headers={"Connection": "close"},
    )


def _are_equal(one: str, other: str) -> bool:
    """Compare in a time that says nothing of where they differ."""
    return hmac.compare_digest(
        one.encode("utf-8", "surrogateescape"), other.encode("utf-8", "surrogateescape")
    )


def _host_name(header: str | None) -> str | None:
    """The name of a Host header, without the port; None if it is not one.

    >>> _host_name("Localhost:8765"), _host_name("[::1]:80"), _host_name("a b"), _host_name("a:b:c")
    ('localhost', '::1', None, None)
    """
    if not header or len(header) > 300 or not header.isascii() or any(letter <= " " for letter in header):
        return None
    if header.startswith("["):
        name, closing, port = header[1:].partition("]")
        is_good = bool(closing) and (not port or (port[0] == ":" and port[1:].isdigit()))
        return name.lower() if is_good else None
    name, colon, port = header.partition(":")
    return name.lower().rstrip(".") if name and (not colon or port.isdigit()) else None


def _cookies(headers: Iterable[str]) -> dict[str, str]:
    """The cookies of a request; nothing that is malformed hides the others."""
    pairs = (part.strip().partition("=") for header in headers for part in header.split(";"))
    return {name: value for name, _, value in pairs}
