"""The page about serving: its commands start a server, its requests are answered, and what it says of limits is so."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wordvec import WordVectors
from wordvec.cli.app import app

pytest.importorskip("fastapi")

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
SHELL = "\n".join(re.findall(r"^```sh\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL))
COMMANDS = re.findall(r"^(?:WORDVEC_TOKEN=\S+ )?wordvec (.+)$", SHELL, flags=re.MULTILINE)
REQUESTS = re.findall(r"^(curl .+)$", SHELL, flags=re.MULTILINE)
WORDS = ["king", "queen", "man", "woman", "tea", "the", "green", *(f"word{number}" for number in range(30))]
TOKEN = "a-long-secret"  # noqa: S105  that of the page


def test_the_page_has_commands_and_requests() -> None:
    assert len(COMMANDS) >= 4
    assert len(REQUESTS) >= 18


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_one(command: str) -> None:
    app.parse_args(shlex.split(command), exit_on_error=False, print_error=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the commands name."""
    import gzip

    from wordvec.visualization.map_files import write_atlas
    from wordvec.visualization.word_map import WordMap

    folder = tmp_path_factory.mktemp("serving")
    rng = np.random.default_rng(1)
    for name in ("model", "before", "after"):
        counts = np.arange(len(WORDS), 0, -1)
        WordVectors(WORDS, rng.normal(size=(len(WORDS), 8)), counts=counts).save(folder / f"{name}.wv")
    (folder / "text.txt.gz").write_bytes(gzip.compress(b"The king met the queen.\nGreen tea.\n"))
    shown = WordMap(
        WORDS,
        rng.normal(size=(len(WORDS), 2)).astype(np.float32),
        np.zeros(len(WORDS), np.int64),
        np.zeros((len(WORDS), 1), np.int64),
        np.ones((len(WORDS), 1), np.float32),
    )
    with (folder / "map.parquet").open("wb") as file:
        write_atlas(shown, file, "pca")
    return folder


@contextmanager
def server(command: str, folder: Path) -> Iterator[int]:
    """Start a server as the page says, on another port, until all that it makes is there."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    if "--host" in command:
        environment["WORDVEC_TOKEN"] = TOKEN
    arguments = [*shlex.split(command), "--port", "0"]
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "wordvec", *arguments],
        cwd=folder,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "serving on" in line:
                break
        found = re.search(r":(\d+)/", lines[-1])
        assert found, lines
        port = int(found[1])
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5) as answer:
                    if answer.status == 200:
                        break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def answer_to(request: str, port: int) -> Any:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    arguments = shlex.split(request.replace(":8765", f":{port}"))[1:]
    quiet = [curl, "--silent", "--max-time", "20", *arguments]
    done = subprocess.run(quiet, capture_output=True, check=True)  # noqa: S603
    return json.loads(done.stdout)


@pytest.mark.skipif(os.name == "nt", reason="the page's commands are for a POSIX shell")
def test_each_request_is_answered_by_the_server_that_the_page_starts(folder: Path) -> None:
    (command,) = [command for command in COMMANDS if "before.wv" in command]
    with server(command, folder) as port:
        for _ in range(100):  # the index of sentences is built in the background
            if "error" not in answer_to(next(one for one in REQUESTS if "/sentences" in one), port):
                break
            time.sleep(0.05)
        for request in REQUESTS:
            answer = answer_to(request, port)
            if "near=kimg" in request:
                assert answer["words"][0]["word"] == "king"
            assert "error" not in answer, (request, answer)
        assert answer_to(next(one for one in REQUESTS if "/map" in one), port)["state"] == "ready"
        error = answer_to("curl 'http://127.0.0.1:8765/v1/neighbors?word=kimg'", port)["error"]
    (shown,) = [json.loads(text) for text in re.findall(r'^(\{"error".+\})$', PAGE, flags=re.MULTILINE)]
    assert set(shown["error"]) <= set(error)
    for key in ("code", "parameter", "got", "allowed"):
        assert error[key] == shown["error"][key]
    assert error["near"][:1] == shown["error"]["near"]


@pytest.mark.skipif(os.name == "nt", reason="the page's commands are for a POSIX shell")
def test_on_all_addresses_requests_need_the_token(folder: Path) -> None:
    (command,) = [command for command in COMMANDS if "--host" in command]
    (with_token,) = [request for request in REQUESTS if "Bearer" in request]
    with server(command, folder) as port:
        assert answer_to(with_token, port)["default"] == "model"
        without = answer_to("curl http://127.0.0.1:8765/v1/models", port)
        assert without["error"]["code"] == "token_needed"
        named = "curl --header 'Host: vectors.example.org' --header 'Authorization: Bearer a-long-secret' "
        assert answer_to(named + "http://127.0.0.1:8765/v1/models", port)["default"] == "model"


def test_the_tools_that_the_page_lists_are_those_that_agents_get() -> None:
    pytest.importorskip("mcp")
    from wordvec.serving.mcp import SEARCH, SENTENCES, TOOLS

    listed = PAGE.split("The tools are ")[1].split("Each has")[0]
    assert re.findall(r"`(\w+)`", listed) == [tool.name for tool in (*TOOLS, SENTENCES, SEARCH)]
    for document in re.findall(r'^(\{"mcpServers".+\})$', PAGE, flags=re.MULTILINE):
        arguments = json.loads(document)["mcpServers"]["wordvec"]["args"]
        app.parse_args(arguments, exit_on_error=False, print_error=False)


def test_the_limits_on_the_page_are_those_of_the_server() -> None:
    from wordvec.serving import guards, schemas, sentence_index

    assert f"up to {schemas.MAX_K:,}, texts of {schemas.MAX_TEXT:,} characters" in PAGE
    assert f"bodies of {guards.MAX_BODY // 2**20} MiB, {guards.REQUEST_SECONDS:g} seconds" in PAGE
    assert f"more than {sentence_index.MAX_PASSAGE_BYTES:,} bytes" in PAGE
    assert schemas.MAX_K == schemas.MAX_WORDS == schemas.MAX_QUERIES
