"""Serving: neighbors by HTTP beside gensim behind FastAPI; completion; the start; and memory by number of workers.

    python -m benchmarks.serving

The vectors are made up, as those of `benchmarks.queries`, saved once for each library, and mapped. Servers and clients
are processes of this machine, on its loopback; only one server is asked at a time, in turn, and each is asked for
different words. A client asks, waits for the answer, and asks again. gensim has two ways, of which the better counts.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, NamedTuple

import numpy as np

from benchmarks.measured import RESULTS, conditions_of, heading, moment, save
from benchmarks.page import table
from benchmarks.queries import made_up
from wordvec.text import size
from wordvec.vectors.word_vectors import WordVectors

Entry = dict[str, Any]

K = 10
SEED = 1
MAX_REQUESTS = 5000  # of one measurement
START_SECONDS = 120.0
GENSIM = {"gensim": "threads", "gensim, in turn": "in-turn"}
OURS = "wordvec"
PORTION = (
    "Pss",
    "Pss_Anon",
    "Rss",
)  # of /proc/PID/smaps_rollup; Pss: what several share, counted once in all


def main() -> None:
    """Measure, and print the page."""
    options = _parser().parse_args()
    conditions = conditions_of(
        {}, words=options.words, dim=options.dim, seconds=options.seconds, rounds=options.rounds, k=K
    )
    conditions["versions"] |= _versions("fastapi", "uvicorn", "httptools")
    entry = {"conditions": conditions, **moment()}
    with TemporaryDirectory(dir=options.folder) as folder:
        models = saved_models(options.words, options.dim, Path(folder))
        entry |= measured(models, options)
    save(options.results / "serving", entry, page(entry))
    print(page(entry))


class SavedModels(NamedTuple):
    """The same vectors in both libraries' files."""

    ours: Path
    theirs: Path
    num_words: int
    folder: Path


def saved_models(num_words: int, dim: int, folder: Path) -> SavedModels:
    """Make vectors, and save them for both."""
    from gensim.models import KeyedVectors

    words, matrix = made_up(num_words, dim, [])
    WordVectors(words, matrix, counts=np.arange(num_words, 0, -1)).save(folder / "model.wv")
    theirs = KeyedVectors(dim)
    theirs.index_to_key, theirs.key_to_index = words, {word: row for row, word in enumerate(words)}
    theirs.vectors = matrix
    theirs.fill_norms()
    theirs.save(str(folder / "model.kv"))
    return SavedModels(folder / "model.wv", folder / "model.kv", num_words, folder)


def measured(models: SavedModels, options: argparse.Namespace) -> Entry:
    """All figures."""
    load: dict[str, dict[str, list[Entry]]] = {
        name: {str(clients): [] for clients in options.clients} for name in (OURS, *GENSIM)
    }
    completion: dict[str, list[Entry]] = {str(clients): [] for clients in options.clients}
    rng = random.Random(SEED)  # noqa: S311
    for _ in range(options.rounds):
        for clients in options.clients:
            for name in load:
                with server_of(name, models) as server:
                    paths = [_neighbors_path(rng, models) for _ in range(MAX_REQUESTS)]
                    load[name][str(clients)].append(asked(server, clients, options.seconds, paths, models))
                    if name == OURS:
                        prefixes = [_completion_path(rng, models) for _ in range(MAX_REQUESTS)]
                        found = asked(server, clients, options.seconds, prefixes, models)
                        completion[str(clients)].append(found)
    return {
        "answers_agree": answers_agree(models, rng),
        "load": load,
        "completion": completion,
        "starts": [started(models) for _ in range(options.rounds)],
        "memory": {str(workers): memory_of(models, workers) for workers in options.workers},
    }


class Server(NamedTuple):
    """A server that answers."""

    port: int
    pid: int
    first_answer_seconds: float
    ready_seconds: float


@contextmanager
def server_of(name: str, models: SavedModels, workers: int = 1) -> Iterator[Server]:
    """A server in processes of its own, from when it is ready until it has ended."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if name == OURS:
        arguments = ["wordvec", "serve", str(models.ours), "--port", str(port), "--no-access-log"]
        arguments += ["--workers", str(workers)]
    else:
        arguments = ["benchmarks.serving_gensim", str(models.theirs), str(port), GENSIM[name]]
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", *arguments], stderr=subprocess.DEVNULL)
    try:
        first = _waited(process, port, "/health" if name == OURS else "/ready", start)
        ready = _waited(process, port, "/ready", start)
        yield Server(port, process.pid, first, ready)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def asked(server: Server, clients: int, seconds: float, paths: Sequence[str], models: SavedModels) -> Entry:
    """Milliseconds of requests by many clients at once, and requests a second."""
    file = models.folder / "paths.json"
    file.write_text(json.dumps(list(paths)), encoding="utf-8")
    arguments = [str(server.port), str(clients), str(seconds), str(MAX_REQUESTS), str(file)]
    command = [sys.executable, "-m", "benchmarks.serving_client", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    milliseconds = 1000 * np.array(found["latencies"])
    return {
        "requests": len(milliseconds),
        "per_second": len(milliseconds) / found["seconds"],
        "p50_ms": float(np.percentile(milliseconds, 50)),
        "p99_ms": float(np.percentile(milliseconds, 99)),
    }


def answers_agree(models: SavedModels, rng: random.Random, questions: int = 20) -> bool:
    """Whether both name the same words, in the same order."""
    paths = [_neighbors_path(rng, models) for _ in range(questions)]
    with server_of(OURS, models) as server:
        ours = [[near["word"] for near in _got(server.port, path)["neighbors"]] for path in paths]
    with server_of("gensim, in turn", models) as server:
        theirs = [[word for word, _ in _got(server.port, path)["neighbors"]] for path in paths]
    return ours == theirs


def started(models: SavedModels) -> Entry:
    """Seconds from the command to the first answer, to readiness, and to the first neighbors."""
    with server_of(OURS, models) as server:
        return {"first_answer": server.first_answer_seconds, "ready": server.ready_seconds}


def memory_of(models: SavedModels, workers: int) -> Entry:
    """Bytes of all processes of a server together, once each worker has searched."""
    rng = random.Random(SEED)  # noqa: S311
    with server_of(OURS, models, workers) as server:
        time.sleep(1.0)  # workers that were not prepared end
        for _ in range(8 * workers):
            _got(server.port, _neighbors_path(rng, models))
        pids = [server.pid, *_children(server.pid)]
        parts = [_portions(pid) for pid in pids]
    return {name: sum(part.get(name, 0) for part in parts) for name in PORTION} | {"processes": len(pids)}


def page(entry: Entry) -> str:
    """The figures as Markdown."""
    conditions = entry["conditions"]
    rows = [["clients", "", "queries/s", "p50, ms", "p99, ms", "wordvec's queries/s by these"]]
    for clients in entry["load"][OURS]:
        ours = _middle(entry["load"][OURS][clients])
        for name, by_clients in entry["load"].items():
            figures = _middle(by_clients[clients])
            ratio = "" if name == OURS else f"{ours['per_second'] / figures['per_second']:.1f}x"
            rows.append([clients, name, *_cells(figures), ratio])
    prefixes = [["clients", "completions/s", "p50, ms", "p99, ms"]]
    prefixes += [[clients, *_cells(_middle(found))] for clients, found in entry["completion"].items()]
    memory = [["workers", "all processes", "of that, not of files", "summed as if nothing were shared"]]
    memory += [
        [workers, size(found["Pss"]), size(found["Pss_Anon"]), size(found["Rss"])]
        for workers, found in entry["memory"].items()
    ]
    first = np.median([start["first_answer"] for start in entry["starts"]])
    ready = np.median([start["ready"] for start in entry["starts"]])
    size_of_run = (
        f"- {conditions['words']:,} words x {conditions['dim']}, mapped; {K} neighbors; medians of "
        f"{conditions['rounds']} rounds of {conditions['seconds']:g} s; load average {entry['load_average']:.1f} when "
        "it began"
    )
    facts = [
        size_of_run,
        f"- both {'name the same words' if entry['answers_agree'] else 'name DIFFERENT words'}",
        f"- from the command to the first answer {first:.2f} s, to all answers {ready:.2f} s",
    ]
    top = heading("Serving", "benchmarks.serving", conditions)
    return (
        "\n\n".join(
            [top, "\n".join(facts), table(rows), "Completion:", table(prefixes), "Memory:", table(memory)]
        )
        + "\n"
    )


def _middle(found: Sequence[Entry]) -> Entry:
    """The median of each figure of some rounds."""
    return {name: float(np.median([one[name] for one in found])) for name in found[0]}


def _cells(figures: Entry) -> list[str]:
    return [f"{figures['per_second']:,.1f}", f"{figures['p50_ms']:.1f}", f"{figures['p99_ms']:.1f}"]


def _neighbors_path(rng: random.Random, models: SavedModels) -> str:
    return f"/v1/neighbors?word=word{rng.randrange(models.num_words)}&k={K}"


def _completion_path(rng: random.Random, models: SavedModels) -> str:
    word = f"word{rng.randrange(models.num_words)}"
    return f"/v1/vocabulary?prefix={word[: rng.randint(1, len(word))]}&k={K}"


def _waited(process: subprocess.Popen[bytes], port: int, path: str, start: float) -> float:
    while True:
        try:
            _got(port, path)
        except OSError:  # noqa: PERF203  (what is waited for)
            if process.poll() is not None or time.perf_counter() - start > START_SECONDS:
                raise
            time.sleep(0.02)
        else:
            return time.perf_counter() - start


def _got(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return json.load(answer)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _portions(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {line.split(":")[0]: 1024 * int(line.split()[1]) for line in lines}


def _versions(*names: str) -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in names}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.serving", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--words", type=int, default=1_000_000)
    parser.add_argument("--dim", type=int, default=300)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(gettempdir()), help="for models")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write them to")
    return parser


if __name__ == "__main__":
    main()
