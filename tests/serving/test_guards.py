"""Requests that break a rule are refused before any route sees them, in the one form of errors."""

from __future__ import annotations

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx")

import anyio
from starlette.testclient import TestClient
from tests.serving.questions import service_of_models

from wordvec.serving import schemas
from wordvec.serving.application import make_app
from wordvec.serving.guards import Guard, Rules, is_loopback

TOKEN = "a-token-of-the-tests"  # noqa: S105  of nothing
HOME = "http://127.0.0.1:8765"


@pytest.fixture(scope="module")
def app():
    service = service_of_models()
    yield make_app(service)
    service.close()


def client_of(app, rules=None, **settings):
    return TestClient(Guard(app, rules or Rules()), base_url=HOME, raise_server_exceptions=False, **settings)


def error_of(answer, status):
    assert answer.status_code == status, answer.text
    schemas.ErrorAnswer.model_validate(answer.json(), strict=True)
    return answer.json()["error"]


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8765", "localhost", "LOCALHOST:1", "[::1]:8765", "vectors.example"]
)
def test_own_names_are_answered(app, host):
    rules = Rules(allowed_hosts=frozenset({"vectors.example"}))
    assert client_of(app, rules).get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8765",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "",
        "a b",
        "[::1",
        "x@127.0.0.1",
    ],
)
def test_other_names_are_refused_against_dns_rebinding(app, host):
    error = error_of(client_of(app).get("/health", headers={"Host": host}), 421)
    assert error["code"] == "wrong_host"


def test_the_host_option_is_a_name_unless_it_means_every_address(app):
    assert Rules(host="vectors.example").is_allowed_host("vectors.example", None)
    assert not Rules(host="0.0.0.0").is_allowed_host("0.0.0.0", None)  # noqa: S104
    assert Rules(host="0.0.0.0").is_allowed_host("10.0.0.5:80", "10.0.0.5")  # noqa: S104


def test_no_other_site_may_read_answers(app):
    client = client_of(app)
    answer = client.get("/v1/models", headers={"Origin": "http://evil.example"})
    asked_first = client.options(
        "/v1/neighbors", headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    )
    for one in (answer, asked_first):
        assert not [name for name in one.headers if name.startswith("access-control-")]
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert error_of(asked_first, 405)["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_forms_that_other_sites_can_send_are_refused(app, kind):
    headers = {} if kind is None else {"Content-Type": kind}
    answer = client_of(app).post("/v1/vectors", content=b'{"words": ["king"]}', headers=headers)
    assert error_of(answer, 415)["allowed"] == "application/json"


def test_without_the_token_nothing_but_health_is_answered(app):
    client = client_of(app, Rules(token=TOKEN))
    for path in ("/", "/v1/models", "/metrics", "/openapi.json", "/page/index.html", "/nowhere"):
        answer = client.get(path)
        assert error_of(answer, 401)["code"] == "token_needed"
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert client.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f"Bearer {TOKEN}", 200), (f"bearer {TOKEN}", 200), (f"Basic {TOKEN}", 401), (f"Bearer {TOKEN}x", 401),
        ("Bearer", 401), ("Bearer \u00e9", 401), (TOKEN, 401),
    ],
)  # fmt: skip
def test_the_token_is_a_bearer_token(app, header, status):
    answer = client_of(app, Rules(token=TOKEN)).get(
        "/v1/models", headers={"Authorization": header.encode("latin-1")}
    )
    assert answer.status_code == status


def test_a_browser_exchanges_the_token_for_a_cookie_that_scripts_cannot_read(app):
    client = client_of(app, Rules(token=TOKEN), follow_redirects=False)
    answer = client.get("/", params={"q": "king", "token": TOKEN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/?q=king")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in cookie
    assert client.get("/v1/models").status_code == 200  # with the cookie
    client.cookies.clear()
    client.cookies.set(Rules(token=TOKEN).cookie_name, "0" * 64)
    assert client.get("/v1/models").status_code == 401


def test_the_token_in_a_url_opens_only_the_page(app):
    client = client_of(app, Rules(token=TOKEN))
    assert client.get("/v1/models", params={"token": TOKEN}).status_code == 401
    assert client.get("/", params={"token": "wrong"}).status_code == 401
    assert client.get("/", params={"token": [TOKEN, TOKEN]}).status_code == 401


def test_the_cookie_of_another_token_is_refused(app):
    another = Rules(token="another")  # noqa: S106
    assert another.cookie_name != Rules(token=TOKEN).cookie_name
    cookies = {Rules(token=TOKEN).cookie_name: another.cookie, another.cookie_name: another.cookie}
    client = client_of(app, Rules(token=TOKEN), cookies=cookies)
    assert client.get("/v1/models").status_code == 401


def test_a_body_that_says_it_is_too_long_is_refused_unread(app):
    answer = client_of(app, Rules(max_body=100)).post("/v1/vectors", json={"words": ["king"] * 100})
    assert error_of(answer, 413)["allowed"] == "at most 100 bytes"
    assert answer.headers["connection"] == "close"


def test_a_chunked_body_is_refused_while_it_comes(app):
    sent = []

    def chunks():
        for _ in range(1000):
            sent.append(1)
            yield b"x" * 1000

    answer = client_of(app, Rules(max_body=10_000)).post(
        "/v1/vectors", content=chunks(), headers={"Content-Type": "application/json"}
    )
    assert error_of(answer, 413)["code"] == "too_large"


def test_a_long_query_is_refused(app):
    assert error_of(client_of(app).get("/v1/neighbors?word=" + "a" * 17_000), 414)["code"] == "too_large"


def test_a_body_that_comes_too_slowly_ends_in_time(app):
    sent = []

    async def receive():
        await anyio.sleep(60)

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    scope = {
        "type": "http", "method": "POST", "path": "/v1/vectors", "raw_path": b"/v1/vectors", "query_string": b"",
        "headers": headers, "scheme": "http", "server": ("127.0.0.1", 1), "client": None, "root_path": "",
    }  # fmt: skip

    async def asked():
        with anyio.fail_after(5):
            await Guard(app, Rules(request_seconds=0.05))(scope, receive, send)

    anyio.run(asked)
    assert sent[0]["status"] == 503
    assert b"too_slow" in sent[1]["body"]


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/v1/nowhere",
        "/page/../guards.py",
        "/page/%2e%2e/guards.py",
        "/page/..%2fguards.py",
        "/page/",
        "/etc/passwd",
        "//etc/passwd",
    ],
)
def test_no_path_leads_to_another_file(app, path):
    assert error_of(client_of(app).get(path), 404)["code"] == "unknown_path"


def test_other_methods_are_refused_with_those_that_are_allowed(app):
    answer = client_of(app).delete("/v1/models")
    assert error_of(answer, 405)["allowed"] == "GET"
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("host", "expected"), [("127.1.2.3", True), ("::1", True), ("192.168.0.1", False), ("::", False)]
)
def test_what_only_this_machine_reaches_is_known(host, expected):
    assert is_loopback(host) is expected
