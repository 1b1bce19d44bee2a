"""The server as a process: it starts, ends and reloads by signals, and refuses what it cannot do in one line."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

from wordvec import WordVectors
from wordvec.errors import ConfigError, ResourceError
from wordvec.serving.server import Options, check_options, listening, serve

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
WORDS = [f"w{number}" for number in range(20)]


def saved(path, seed):
    matrix = np.random.default_rng(seed).normal(size=(20, 8)).astype(np.float32)
    vectors = WordVectors(WORDS, matrix)
    vectors.save(path)
    return vectors


class Server:
    """`wordvec serve` in a process of its own."""

    def __init__(self, *arguments):
        command = [sys.executable, "-m", "wordvec", "serve", *map(str, arguments), "--port", "0"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # noqa: S603
        self.lines = []
        self.port = None
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()
        self.wait_for("serving on ")
        self.port = int(
            next(line for line in self.lines if "serving on" in line).split("/ ")[0].rsplit(":", 1)[1]
        )
        self.until(lambda: self.get("/ready")[0] == 200)

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))

    def wait_for(self, text):
        self.until(lambda: any(text in line for line in self.lines))

    def until(self, is_so):
        end = time.monotonic() + 30
        while not is_so():
            assert self.process.poll() is None, self.lines
            assert time.monotonic() < end, self.lines
            time.sleep(0.02)

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read()), answer.headers
        finally:
            connection.close()

    def neighbors(self, word, k=5):
        status, answer, headers = self.get(f"/v1/neighbors?word={word}&k={k}")
        assert status == 200, answer
        return [(near["word"], near["similarity"]) for near in answer["neighbors"]], headers["etag"]

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        status = self.process.wait(20)
        self._reading.join(5)
        return status


@pytest.fixture
def served(tmp_path):
    servers = []

    def start(*arguments):
        servers.append(Server(*arguments))
        return servers[-1]

    yield start
    for server in servers:
        with contextlib.suppress(ProcessLookupError):
            server.process.kill()
        server.process.wait()
        server._reading.join(5)
        server.process.stderr.close()


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "sigterm"]
)
def test_signals_end_it_cleanly(tmp_path, served, number, status):
    saved(tmp_path / "model.wv", 1)
    server = served(tmp_path / "model.wv")
    assert server.end(number) == status
    assert server.lines[-1] == "wordvec: interrupted"
    assert not [line for line in server.lines if "Traceback" in line]


@forks
@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_newer_model_takes_over_on_sighup_and_no_answer_is_of_both(tmp_path, served, workers):
    path = tmp_path / "model.wv"
    before = saved(path, 1)
    server = served(path, "--workers", workers, "--no-access-log")
    expected = [before.most_similar("w3", k=5)]
    found, mark = server.neighbors("w3")
    assert found == expected[0]
    after = saved(path, 2)
    assert server.neighbors("w3")[0] == expected[0]  # until it is told
    expected.append(after.most_similar("w3", k=5))
    answers, is_over = [], threading.Event()

    def ask():
        while not is_over.is_set():
            with contextlib.suppress(ConnectionError, http.client.HTTPException):  # of a worker that ends
                answers.append(server.neighbors("w3"))

    asking = threading.Thread(target=ask)
    asking.start()
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("reloaded: model (20 words)")
    server.until(
        lambda: server.neighbors("w3")[0] == expected[1]
    )  # of one worker: another may still be the old one
    is_over.set()
    asking.join(10)
    assert all(answer in expected for answer, _ in answers)
    assert all((its_mark == mark) == (answer == expected[0]) for answer, its_mark in answers)
    assert server.end() == 143


@pytest.mark.slow
@forks
def test_no_worker_says_that_it_is_not_ready_once_one_has_said_that_it_is(tmp_path, served):
    expected = saved(tmp_path / "model.wv", 1).most_similar("w3", k=5)
    server = served(tmp_path / "model.wv", "--workers", 2, "--no-access-log")
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        assert server.neighbors("w3")[0] == expected


@forks
@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_damaged_model_is_refused_with_the_reason_and_the_old_one_goes_on(tmp_path, served, workers):
    path = tmp_path / "model.wv"
    before = saved(path, 1)
    server = served(path, "--workers", workers)
    os.rename(path, tmp_path / "elsewhere.wv")  # noqa: PTH104
    saved(path, 2)
    (path / "vocabulary.parquet").write_bytes(b"no words")
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("not reloaded, and the models of before are still served: ")
    assert "damaged" in server.lines[-1] or any("damaged" in line for line in server.lines)
    assert server.neighbors("w3")[0] == before.most_similar("w3", k=5)


@pytest.mark.slow
@forks
def test_a_reload_without_change_changes_nothing(tmp_path, served):
    saved(tmp_path / "model.wv", 1)
    server = served(tmp_path / "model.wv")
    mark = server.neighbors("w3")[1]
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("not reloaded: no model has changed on disk")
    assert server.neighbors("w3")[1] == mark


@pytest.mark.slow
@forks
def test_a_worker_that_dies_is_replaced(tmp_path, served):
    before = saved(tmp_path / "model.wv", 1)
    server = served(tmp_path / "model.wv", "--workers", 2, "--no-access-log")
    server.until(lambda: len(_children(server.process.pid)) == 2)  # those that were not prepared have gone
    children = _children(server.process.pid)
    os.kill(children[0], signal.SIGKILL)
    server.wait_for(f"worker {children[0]} died; another one takes its place")
    server.until(lambda: len(_children(server.process.pid)) == 2)
    assert server.neighbors("w3")[0] == before.most_similar("w3", k=5)


@pytest.mark.slow
@forks
def test_workers_end_with_their_supervisor(tmp_path, served):
    saved(tmp_path / "model.wv", 1)
    server = served(tmp_path / "model.wv", "--workers", 2)
    children = _children(server.process.pid)
    server.process.kill()
    server.process.wait()
    end = time.monotonic() + 20
    while any(_is_alive(child) for child in children):
        assert time.monotonic() < end
        time.sleep(0.05)


def _children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as listed:  # noqa: PTH123
        return [int(child) for child in listed.read().split()]


def _is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as status:  # noqa: PTH123
            return status.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_port_in_use_is_one_line(tmp_path):
    saved(tmp_path / "model.wv", 1)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        command = [sys.executable, "-m", "wordvec", "serve", str(tmp_path / "model.wv"), "--port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"wordvec: error: port {port} of 127.0.0.1 cannot be used: ")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"models": ()}, "name at least one model"),
        ({"port": 70_000}, "--port must be 0 to 65535, got 70000"),
        ({"workers": 0}, "--workers must be 1 to 64, got 0"),
        ({"limit": 0}, "--limit must be at least 1"),
        ({"host": "0.0.0.0"}, "needs a --token"),  # noqa: S104
        ({"host": "example.org"}, "needs a --token"),
        ({"token": ""}, "--token must be"),
        ({"token": "with space"}, "--token must be"),
    ],
    ids=str,
)
def test_impossible_options_are_refused_by_name(options, message):
    with pytest.raises(ConfigError, match=message):
        check_options(Options(**{"models": ["model.wv"], **options}))


def test_an_address_that_is_not_there_is_refused():
    with pytest.raises((ConfigError, ResourceError), match=r"--host|cannot be used"):
        listening("no such host", 0)


def test_a_missing_model_is_refused_before_serving(tmp_path):
    with pytest.raises(Exception, match="does not exist"):
        serve(Options([str(tmp_path / "nowhere.wv")], port=0))
