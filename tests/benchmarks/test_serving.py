"""The load benchmark: its page says what its figures say, and its clients ask as often as they are allowed."""

from __future__ import annotations

import asyncio
import threading

import pytest
from benchmarks.serving import page
from benchmarks.serving_client import LoadError, asked


def figures(per_second):
    return [{"requests": 10, "per_second": per_second, "p50_ms": 1.0, "p99_ms": 2.0}]


@pytest.fixture
def entry():
    machine = {"cpu": "x", "cores": 2, "memory_bytes": 2**30, "simd": ["avx2"], "os": "Linux"}
    conditions = {
        "machine": machine, "versions": {"python": "3"}, "source": {"commit": "c", "dirty": False}, "corpora": [],
        "words": 1000, "dim": 3, "seconds": 1.0, "rounds": 1,
    }  # fmt: skip
    return {
        "conditions": conditions,
        "load_average": 0.5,
        "answers_agree": True,
        "load": {"wordvec": {"16": figures(100.0)}, "gensim": {"16": figures(4.0)}},
        "completion": {"16": figures(1000.0)},
        "starts": [{"first_answer": 1.5, "ready": 3.0}],
        "memory": {"2": {"Pss": 2e9, "Pss_Anon": 1e9, "Rss": 4e9, "processes": 3}},
    }


def test_the_page_says_how_many_times_as_many_queries_are_answered(entry):
    text = page(entry)
    assert "| 16 | gensim | 4.0 | 1.0 | 2.0 | 25.0x |" in text
    assert "name the same words" in text
    assert "| 2 | 2.0 GB | 1.0 GB | 4.0 GB |" in text


def test_different_answers_are_not_hidden(entry):
    entry["answers_agree"] = False
    assert "DIFFERENT" in page(entry)


@pytest.fixture
def server():
    """A server that answers 200 to /good, and 404 to others; and the paths that it was asked for."""
    paths, ports, loops = [], [], []

    async def answer(reader, writer):
        while line := await reader.readline():
            path = line.split()[1].decode()
            while (await reader.readline()).strip():
                pass
            paths.append(path)
            status = "200 OK" if path == "/good" else "404 Not Found"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok".encode())
        writer.close()

    has_begun = threading.Event()

    async def serve():
        listening = await asyncio.start_server(answer, "127.0.0.1", 0)
        ports.append(listening.sockets[0].getsockname()[1])
        loops.append((asyncio.get_running_loop(), asyncio.Event()))
        has_begun.set()
        await loops[0][1].wait()
        listening.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert has_begun.wait(10)
    yield ports[0], paths
    loop, is_over = loops[0]
    loop.call_soon_threadsafe(is_over.set)
    thread.join(10)


def test_clients_stop_at_the_number_of_requests(server):
    found = asked(server[0], 3, 20.0, 7, ["/good"])
    assert len(found["latencies"]) == len(server[1]) == 7


def test_an_answer_that_is_not_200_ends_the_measurement(server):
    with pytest.raises(LoadError, match="404"):
        asked(server[0], 1, 20.0, 5, ["/good", "/bad"])
