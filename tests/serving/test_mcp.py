"""MCP: a real client of the SDK lists tools, asks them, and gets errors of one line."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from wordvec import WordVectors
from wordvec.cli.app import run

pytest.importorskip("fastapi")
mcp = pytest.importorskip("mcp")

from mcp import StdioServerParameters, stdio_client  # noqa: E402

from wordvec.serving.corpus_sentences import Sentences  # noqa: E402
from wordvec.serving.mcp import INSTRUCTIONS, mcp_server  # noqa: E402
from wordvec.serving.models import Models, ServedModel  # noqa: E402
from wordvec.serving.service import Service  # noqa: E402

AXES = {"king": [1, 1], "man": [1, 0], "woman": [-1, 0], "queen": [-1, 1], "new_york": [0.2, -1]}


def vectors() -> WordVectors:
    return WordVectors(list(AXES), list(AXES.values()), counts=[9, 8, 7, 6, 5])


def service_with(sentences: Sentences | None = None) -> Service:
    models = {name: ServedModel(name, f"{name}.wv", vectors()) for name in ("first", "second")}
    for model in models.values():
        model.prepare()
    return Service(Models(models), sentences=sentences)


@pytest.fixture
def asked(tmp_path: Path) -> Callable[[Callable[[Any], Awaitable[Any]]], Any]:
    """Run a function of a client that is connected in this process."""
    (tmp_path / "text.txt").write_text("The king met the queen.\n")
    sentences = Sentences([str(tmp_path / "text.txt")], folder=tmp_path / "cache")
    sentences.begin()
    sentences.wait(30)
    service = service_with(sentences)

    def run(ask: Callable[[Any], Awaitable[Any]]) -> Any:
        async def connected() -> Any:
            async with mcp.Client(mcp_server(service)) as client:
                return await ask(client)

        return asyncio.run(connected())

    return run


QUESTIONS: dict[str, tuple[dict[str, Any], Callable[[dict[str, Any]], Any], Any]] = {
    "list_models": ({}, lambda a: [model["name"] for model in a["models"]], ["first", "second"]),
    "nearest_words": (
        {"word": ["king", "woman"], "negative": ["man"], "k": 1},
        lambda a: a["neighbors"][0]["word"],
        "queen",
    ),
    "evaluate_expression": (
        {"q": "king - man + woman", "k": 1},
        lambda a: a["neighbors"][0]["word"],
        "queen",
    ),
    "solve_analogy": ({"a": "man", "b": "king", "c": "woman"}, lambda a: a["neighbors"][0]["word"], "queen"),
    "compare_words": ({"a": "man", "b": "woman"}, lambda a: a["similarity"], -1.0),
    "find_odd_one_out": ({"word": ["king", "queen", "new york"]}, lambda a: a["odd"], "new_york"),
    "find_words": ({"prefix": "qu"}, lambda a: a["words"], [{"word": "queen", "rank": 4, "count": 6}]),
    "describe_word": ({"word": "king"}, lambda a: (a["rank"], a["count"]), (1, 9)),
    "get_vectors": ({"word": ["man"]}, lambda a: a["vectors"][0]["vector"], [1.0, 0.0]),
    "compare_models": ({"word": "king", "other": "second", "k": 2}, lambda a: a["overlap"], 1.0),
    "find_sentences": (
        {"word": "king", "other": "queen"},
        lambda a: a["sentences"][0]["text"],
        "The king met the queen.",
    ),
}


def test_each_tool_has_a_description_and_schemas_and_answers(asked: Any) -> None:
    async def ask(client: Any) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == set(QUESTIONS)
        for name, (arguments, look, expected) in QUESTIONS.items():
            tool = tools[name]
            assert len(tool.description) > 40
            assert tool.input_schema["type"] == tool.output_schema["type"] == "object"
            assert tool.input_schema["additionalProperties"] is False
            assert set(arguments) <= set(tool.input_schema["properties"])
            result = await client.call_tool(name, arguments)  # the client checks it against the output schema
            assert not result.is_error, result.content
            assert look(result.structured_content) == expected
            assert json.loads(result.content[0].text) == result.structured_content

    asked(ask)


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("nearest_words", {"word": ["kimg"]}, "'kimg' is not in the vocabulary"),
        ("nearest_words", {"word": ["king"], "k": 0}, "k"),
        ("nearest_words", {"word": {"a": 1}}, "word"),
        ("nearest_words", {"word": ["king"], "more": 1}, "more"),
        ("nearest_words", {"word": ["king"], "model": "third"}, "no model is called 'third'"),
        ("nearest_words", {}, "word is missing"),
        ("evaluate_expression", {"q": "king +"}, "expected a word or a number after +"),
        ("evaluate_expression", {"q": "king - king"}, "no direction"),
        ("compare_words", {"a": "king"}, "b"),
        ("no_such_tool", {}, "there is no tool 'no_such_tool'; there are list_models"),
    ],
)
def test_errors_are_tool_errors_of_one_line(
    tool: str, arguments: dict[str, Any], message: str, asked: Any
) -> None:
    async def ask(client: Any) -> Any:
        return await client.call_tool(tool, arguments)

    result = asked(ask)
    assert result.is_error
    (content,) = result.content
    assert message in content.text
    assert "\n" not in content.text


def test_a_server_without_a_corpus_has_no_tool_for_sentences() -> None:
    async def names() -> set[str]:
        async with mcp.Client(mcp_server(service_with())) as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    assert asyncio.run(names()) == set(QUESTIONS) - {"find_sentences"}


def test_texts_are_searched_where_there_are_some(tmp_path: Path) -> None:
    from wordvec import TextEncoder, save_encoder
    from wordvec.serving.texts import Texts

    save_encoder(TextEncoder.of(vectors(), tokenizer="words"), tmp_path / "encoder")
    (tmp_path / "texts.txt").write_text("king queen\nman\nwoman\n")
    service = service_with()
    service.texts = Texts(str(tmp_path / "encoder"), str(tmp_path / "texts.txt"))

    async def ask() -> Any:
        async with mcp.Client(mcp_server(service)) as client:
            return await client.call_tool("search_texts", {"query": "woman", "k": 1})

    result = asyncio.run(ask())
    assert [found["text"] for found in result.structured_content["texts"]] == ["woman"]


def test_the_command_answers_a_client_over_standard_input_and_output(tmp_path: Path) -> None:
    vectors().save(tmp_path / "first.wv")

    async def ask() -> Any:
        arguments = ["-m", "wordvec", "serve", "--mcp", str(tmp_path / "first.wv")]
        command = StdioServerParameters(command=sys.executable, args=arguments, env=ENVIRONMENT)
        async with mcp.Client(stdio_client(command)) as client:
            assert client.instructions == INSTRUCTIONS
            found = await client.call_tool("nearest_words", {"word": ["king"], "k": 1})
            wrong = await client.call_tool("nearest_words", {"word": ["kimg"]})
            return found, wrong

    found, wrong = asyncio.run(asyncio.wait_for(ask(), 60))
    assert found.structured_content["query"] == ["king"]
    assert wrong.is_error
    assert "king" in wrong.content[0].text


@pytest.mark.parametrize(
    "flags", [["--port", "9000"], ["--host", "::1"], ["--workers", "2"], ["--allow-host", "x"]]
)
def test_what_has_no_meaning_without_a_port_is_refused(
    flags: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve", "model.wv", "--mcp", *flags]) == 2
    assert f"leave out {flags[0]}" in capsys.readouterr().err


ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def test_the_command_ends_when_its_client_goes_and_says_what_is_wrong(tmp_path: Path) -> None:
    vectors().save(tmp_path / "first.wv")

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603
            [sys.executable, "-m", "wordvec", "serve", "--mcp", *arguments],
            input="",
            capture_output=True,
            text=True,
            timeout=60,
            env=ENVIRONMENT,
            check=False,
        )

    ended = command(str(tmp_path / "first.wv"))
    assert (ended.returncode, ended.stdout) == (0, "")
    missing = command(str(tmp_path / "none.wv"))
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "does not exist" in missing.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_command_while_its_client_waits(number: int, status: int, tmp_path: Path) -> None:
    vectors().save(tmp_path / "first.wv")
    arguments = [sys.executable, "-m", "wordvec", "serve", "--mcp", str(tmp_path / "first.wv")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(arguments, text=True, env=ENVIRONMENT, **pipes) as process:  # type: ignore[call-overload]  # noqa: S603
        process.stdin.write('{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 1
        process.send_signal(number)
        assert process.wait(20) == status
        assert process.stderr.read() == "wordvec: interrupted\n"
