"""Requests are counted for Prometheus, by all processes together, and each is one line of the log."""

from __future__ import annotations

import os
import re

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx")

from starlette.testclient import TestClient
from tests.serving.questions import service_of_models

from wordvec.serving.guards import Rules
from wordvec.serving.observing import Metrics
from wordvec.serving.server import Options, application

LINE = re.compile(r"^[a-z_]+(\{[a-z_]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*\})? [0-9.e+-]+$")


@pytest.fixture
def client():
    service = service_of_models()
    serving = application(Options(["small.wv"], token="secret"), service)  # noqa: S106
    with TestClient(
        serving.app, base_url="http://localhost", headers={"Authorization": "Bearer secret"}
    ) as client:
        yield client
    service.close()


def numbers_of(text):
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))


def test_requests_and_searches_are_counted_by_route_and_status(client):
    for word in ("king", "queen", "kimg"):
        client.get("/v1/neighbors", params={"word": word})
    client.get("/nowhere/at/all")
    numbers = numbers_of(client.get("/metrics").text)
    assert numbers['wordvec_requests_total{route="/v1/neighbors",status="2xx"}'] == "2"
    assert numbers['wordvec_requests_total{route="/v1/neighbors",status="4xx"}'] == "1"
    assert numbers['wordvec_requests_total{route="other",status="4xx"}'] == "1"
    assert numbers['wordvec_request_seconds_count{route="/v1/neighbors"}'] == "3"
    assert numbers["wordvec_searched_queries_total"] == "2"
    assert numbers["wordvec_ready"] == "1"
    assert numbers["wordvec_requests_in_progress"] == "1"  # this one


def test_the_text_is_what_prometheus_reads(client):
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    for line in answer.text.splitlines():
        assert line.startswith(("# HELP ", "# TYPE ")) or LINE.match(line), line


def test_buckets_add_up():
    metrics = Metrics(["/a"])
    for seconds in (0.0005, 0.02, 0.02, 99):
        metrics.count("/a", 200, seconds)
    numbers = numbers_of(metrics.text())
    assert numbers['wordvec_request_seconds_bucket{route="/a",le="0.001"}'] == "1"
    assert numbers['wordvec_request_seconds_bucket{route="/a",le="0.025"}'] == "3"
    assert numbers['wordvec_request_seconds_bucket{route="/a",le="+Inf"}'] == "4"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_processes_that_are_forked_count_together():
    metrics = Metrics(["/a"], num_slots=2)
    child = os.fork()
    if child == 0:
        metrics.claim(1)
        metrics.count("/a", 200, 0.1)
        os._exit(0)
    os.waitpid(child, 0)
    metrics.count("/a", 200, 0.1)
    assert numbers_of(metrics.text())['wordvec_requests_total{route="/a",status="2xx"}'] == "2"


def test_each_request_is_a_line_without_the_token_or_control_characters(client, capsys):
    client.get("/v1/neighbors", params={"word": "ki\x1b[31mng\r\n", "token": "secret"})
    client.get("/a%1b%0a%e2%80%ae")
    first, second = capsys.readouterr().err.splitlines()
    assert re.fullmatch(
        r"wordvec: \S+ GET /v1/neighbors\?word=ki%1B.*&token=\.\.\. 400 \d+ bytes [\d.]+ ms", first
    )
    assert "secret" not in first
    assert second.startswith(r"wordvec: testclient GET /a\x1b\n\u202e 404")


def test_no_line_is_written_where_that_is_not_wanted(capsys):
    service = service_of_models()
    serving = application(Options(["small.wv"], access_log=False), service)
    with TestClient(serving.app, base_url="http://localhost") as client:
        client.get("/health")
    service.close()
    assert capsys.readouterr().err == ""


def test_rules_are_those_of_the_options():
    rules = Options(["m"], host="::1", allowed_hosts=["Vectors.Example"]).rules
    assert rules == Rules(host="::1", allowed_hosts=frozenset({"vectors.example"}))
