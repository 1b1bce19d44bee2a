"""Single queries: most_similar of one word, again and again, beside gensim's, in one process and in turn.

    python -m benchmarks.single_queries

The vectors are made up, as those of `benchmarks.queries`. Each word is asked of both, one right after the other: on an
idle machine, beside programs that use the cores, and for thousands of results. Both have their unit vectors, or the
lengths of the vectors, ready before the clock starts, and have answered so many queries that wordvec has its int8 copy;
the first of them, and the one that waited for the copy, are told apart.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measured import RESULTS, conditions_of, heading, moment, save
from benchmarks.page import spread_text, table
from benchmarks.queries import made_up, seconds_of
from benchmarks.summary import spread
from wordvec.vectors.word_vectors import WordVectors

Entry = dict[str, Any]

SEED = 1
QUERIES_PER_TURN = (
    10  # after a call, the threads of BLAS spin for a while, and would have the core of who comes next
)
MANY = 10_000  # results
QUERIES_FOR_MANY = 10
ROUNDS = 3


def main() -> None:
    """Measure, and print the page."""
    options = _parser().parse_args()
    conditions = conditions_of({}, queries=options.queries, warm_up=options.warm_up, busy=options.busy)
    models = [measured(words, dim, options) for words, dim in options.sizes]
    entry = {"conditions": conditions, **moment(), "models": models}
    save(options.results / "single-queries", entry, page(entry))
    print(page(entry))


def measured(num_words: int, dim: int, options: argparse.Namespace) -> Entry:
    """Seconds of each query of one model, by trainer, in turn."""
    from gensim.models import KeyedVectors

    words, matrix = made_up(num_words, dim, [])
    ours, theirs = WordVectors(words, matrix), KeyedVectors(dim)
    theirs.index_to_key, theirs.key_to_index = words, {word: row for row, word in enumerate(words)}
    theirs.vectors = matrix
    theirs.fill_norms()
    unit_seconds = seconds_of(lambda: ours.unit_matrix)
    rng = np.random.default_rng(SEED)

    def in_turn(num_queries: int, k: int) -> dict[str, list[float]]:
        seconds: dict[str, list[float]] = {"wordvec": [], "gensim": []}
        asked = [words[row] for row in rng.integers(num_words, size=num_queries).tolist()]
        for first in range(0, num_queries, QUERIES_PER_TURN):
            turn = asked[first : first + QUERIES_PER_TURN]
            seconds["wordvec"] += [seconds_of(partial(ours.most_similar, word, k=k)) for word in turn]
            seconds["gensim"] += [seconds_of(partial(theirs.most_similar, word, topn=k)) for word in turn]
        return seconds

    warm_up = in_turn(options.warm_up, 10)
    parts = {"idle": in_turn(options.queries, 10)}
    with busy_loops(options.busy):
        parts["busy"] = in_turn(options.queries, 10)
    parts["many"] = in_turn(QUERIES_FOR_MANY, min(MANY, num_words))
    asked = [words[row] for row in rng.integers(num_words, size=QUERIES_FOR_MANY).tolist()]
    parts["at once"] = {"wordvec": [], "gensim": []}
    for _ in range(ROUNDS):
        at_once = seconds_of(lambda: ours.neighbors(asked, k=min(MANY, num_words)))
        one_by_one = seconds_of(lambda: [theirs.most_similar(word, topn=MANY) for word in asked])
        parts["at once"]["wordvec"].append(at_once / len(asked))
        parts["at once"]["gensim"].append(one_by_one / len(asked))
    return {
        "words": num_words,
        "dim": dim,
        "unit_seconds": unit_seconds,
        "warm_up": warm_up,
        "seconds": parts,
    }


@contextmanager
def busy_loops(number: int) -> Iterator[None]:
    """Programs beside this one that do nothing, all the time."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def page(entry: Entry) -> str:
    """The figures as Markdown."""
    conditions = entry["conditions"]
    rows = [["median (range) of milliseconds a query", "wordvec", "gensim", "gensim's median by wordvec's"]]
    for model in entry["models"]:
        size = f"{model['words']:,} x {model['dim']}"
        for part, title in (
            ("idle", f"{size}, k = 10"),
            ("busy", f"{size}, k = 10, beside {conditions['busy']} busy loops"),
            ("many", f"{size}, k = {MANY:,}, {QUERIES_FOR_MANY} queries, one by one"),
            ("at once", "the same, wordvec's in one call of neighbors"),
        ):
            seconds = model["seconds"][part]
            milliseconds = {name: spread([1000 * value for value in seconds[name]]) for name in seconds}
            ratio = np.median(seconds["gensim"]) / np.median(seconds["wordvec"])
            cells = [
                spread_text(milliseconds[name], "median", "{:.2f}".format) for name in ("wordvec", "gensim")
            ]
            rows.append([title, *cells, f"{ratio:.1f}x"])
    facts = "\n".join(
        f"- {model['words']:,} words x {model['dim']}, made up: unit vectors, once, {model['unit_seconds']:.1f} s; "
        f"the first query {1000 * model['warm_up']['wordvec'][0]:.1f} ms; the slowest of the first "
        f"{conditions['warm_up']}, which made the int8 copy, {max(model['warm_up']['wordvec']):.2f} s"
        for model in entry["models"]
    )
    counts = (
        f"- {conditions['queries']} queries each, {QUERIES_PER_TURN} of one and {QUERIES_PER_TURN} of the other in "
        f"turn; load average {entry['load_average']:.1f} when it began"
    )
    top = heading("Single queries", "benchmarks.single_queries", conditions)
    return f"{top}\n\n{facts}\n{counts}\n\n{table(rows)}\n"


def _size(text: str) -> tuple[int, int]:
    words, dim = text.split("x")
    return int(words), int(dim)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks.single_queries", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument(
        "--sizes", type=_size, nargs="+", default=[(300_000, 100), (1_000_000, 300)], help="WORDSxDIM"
    )
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--warm-up", type=int, default=40)
    parser.add_argument("--busy", type=int, default=2, help="programs that use the cores")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write them to")
    return parser


if __name__ == "__main__":
    main()
