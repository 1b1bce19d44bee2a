"""Queries: neighbors and analogies of a large vocabulary, beside gensim, in one process and in turn.

    python -m benchmarks.queries --analogies questions-words.txt

The vectors are made up: clusters of normal random numbers, with the words of the questions among them. Speed does not
depend on what they mean. wordvec answers all queries in one call; gensim's loop answers some of them, and both are
compared by the time of one. Both have their unit vectors, or the lengths of the vectors, ready before the clock starts.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from benchmarks.measured import RESULTS, conditions_of, heading, moment, save
from benchmarks.page import spread_text, table
from benchmarks.summary import spread
from wordvec.evaluation.analogies import Analogies, read_analogies
from wordvec.evaluation.questions import read_lines
from wordvec.evaluation.scores import take
from wordvec.evaluation.word_tests import WordTest, read_test
from wordvec.vectors import int8_search
from wordvec.vectors.word_vectors import WordVectors

Entry = dict[str, Any]

NUM_CLUSTERS = 1000
K = 10
SEED = 1
RESTRICTED = 300_000  # gensim's own limit of words that may be answers


def main() -> None:
    """Measure, and print the page."""
    options = _parser().parse_args()
    analogies = read_analogies(read_lines(options.analogies))
    test = WordTest(options.analogies.name, analogies)
    among = {word.lower() for question in analogies.questions for word in question}
    words, matrix = made_up(options.words, options.dim, sorted(among))
    conditions = conditions_of(
        {options.analogies.name: options.analogies},
        words=options.words,
        dim=options.dim,
        queries=options.queries,
        gensim_queries=options.gensim_queries,
        gensim_questions=options.gensim_questions,
    )
    entry = {"conditions": conditions, **moment(), **measured(words, matrix, test, options)}
    save(options.results / "queries", entry, page(entry))
    print(page(entry))


def made_up(num_words: int, dim: int, among: Sequence[str]) -> tuple[list[str], NDArray[np.float32]]:
    """Words, those of `among` evenly among the first 30,000, and clustered vectors for them, (V, D)."""
    rng = np.random.default_rng(SEED)
    words = [f"word{row}" for row in range(num_words)]
    rows = np.linspace(0, min(30_000, num_words) - 1, len(among)).astype(int).tolist()
    for row, word in zip(rows, among, strict=True):
        words[row] = word
    centers = rng.standard_normal((NUM_CLUSTERS, dim), np.float32)
    matrix = rng.standard_normal((num_words, dim), np.float32)
    for start in range(0, num_words, 100_000):
        some = matrix[start : start + 100_000]
        some += centers[rng.integers(NUM_CLUSTERS, size=len(some))]
    return words, matrix


def measured(
    words: list[str], matrix: NDArray[np.float32], test: WordTest, options: argparse.Namespace
) -> Entry:
    """Seconds of each kind of query, by trainer, in turn; and whether the answers are the same."""
    from gensim.models import KeyedVectors

    ours = WordVectors(words, matrix)
    theirs = KeyedVectors(matrix.shape[1])
    theirs.index_to_key, theirs.key_to_index = words, {word: row for row, word in enumerate(words)}
    theirs.vectors = matrix
    theirs.fill_norms()
    unit_seconds = seconds_of(lambda: ours.unit_matrix)
    rng = np.random.default_rng(SEED)
    queries = [words[row] for row in rng.choice(len(words), options.queries, replace=False).tolist()]
    some = queries[: options.gensim_queries]
    parts: dict[str, list[float]] = {
        name: [] for name in ("neighbors", "floats", "gensim", "analogies", "gensim_analogies")
    }
    with TemporaryDirectory() as folder:
        few, path = (
            _some_questions(read_analogies(read_lines(options.analogies)), options.gensim_questions),
            Path(folder, "few.txt"),
        )
        path.write_text(": few\n" + "".join(" ".join(question) + "\n" for question in few), encoding="utf-8")
        scores = []
        for _ in range(options.rounds):
            parts["neighbors"].append(seconds_of(lambda: ours.neighbors(queries, k=K)) / len(queries))
            with mock.patch.object(int8_search, "MIN_BATCH_PRODUCTS", np.inf):
                parts["floats"].append(seconds_of(lambda: ours.neighbors(queries, k=K)) / len(queries))
            parts["gensim"].append(
                seconds_of(lambda: [theirs.most_similar(word, topn=K) for word in some]) / len(some)
            )
            parts["analogies"].append(
                seconds_of(lambda: take(test, words, matrix, search_limit=RESTRICTED)) / test.num_questions
            )
            parts["gensim_analogies"].append(
                seconds_of(
                    lambda: scores.append(
                        theirs.evaluate_word_analogies(str(path), restrict_vocab=RESTRICTED)[0]
                    )
                )
                / len(few)
            )
        score = take(read_test(path), words, matrix, search_limit=RESTRICTED).value
    agreement = np.mean(
        [
            [near for near, _ in found] == [near for near, _ in theirs.most_similar(word, topn=K)]
            for word, found in zip(some[:50], ours.neighbors(queries, k=K), strict=False)
        ]
    )
    return {
        "unit_seconds": unit_seconds,
        "seconds": parts,
        "same_neighbors": float(agreement),
        "scores": {"wordvec": score, "gensim": scores[0]},
        "questions": test.num_questions,
    }


def seconds_of(work: Callable[[], object]) -> float:
    """How long something takes by the clock."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def page(entry: Entry) -> str:
    """The figures as Markdown."""
    seconds, conditions = entry["seconds"], entry["conditions"]
    rows = [["median (range) of milliseconds a query", "wordvec", "gensim", "wordvec beside gensim"]]
    for title, ours, theirs in (
        (f"{conditions['queries']:,} neighbor queries in one call", "neighbors", "gensim"),
        ("the same without int8, by BLAS", "floats", "gensim"),
        (f"{entry['questions']:,} analogies, {RESTRICTED:,} words", "analogies", "gensim_analogies"),
    ):
        ratios = [other / one for one, other in zip(seconds[ours], seconds[theirs], strict=True)]
        rows.append(
            [
                title,
                *(
                    spread_text(spread([1000 * value for value in seconds[name]]), "median", "{:.2f}".format)
                    for name in (ours, theirs)
                ),
                spread_text(spread(ratios), "median", "{:.0f}x".format),
            ]
        )
    same, scores = f"{entry['same_neighbors']:.0%}", entry["scores"]
    size = f"{conditions['words']:,} words x {conditions['dim']}"
    asked = f"{conditions['gensim_queries']:,} of the queries and {conditions['gensim_questions']:,} of the questions"
    facts = f"""
- {size}, made up; k = {K}; load average {entry["load_average"]:.1f} when it began
- gensim answered {asked}, one by one, as it does
- unit vectors, once: {entry["unit_seconds"]:.1f} s
- the same ten neighbors in the same order: {same} of 50 queries
- share of those questions right: {scores["wordvec"]:.4f}, gensim {scores["gensim"]:.4f}
"""
    return f"{heading('Queries', 'benchmarks.queries', conditions)}\n{facts}\n{table(rows)}\n"


def _some_questions(analogies: Analogies, number: int) -> list[tuple[str, ...]]:
    return analogies.questions[:: max(1, len(analogies.questions) // number)][:number]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.queries", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--analogies", type=Path, required=True, help="questions-words.txt")
    parser.add_argument("--words", type=int, default=1_000_000)
    parser.add_argument("--dim", type=int, default=300)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--gensim-queries", type=int, default=100)
    parser.add_argument("--gensim-questions", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write them to")
    return parser


if __name__ == "__main__":
    main()
