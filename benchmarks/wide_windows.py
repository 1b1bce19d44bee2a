"""Wide windows: whether training stays finite, and whether neighbors are as good as gensim's.

    python -m benchmarks.wide_windows --corpus enwiki100m.txt.gz --similarity wordsim353.tsv

Three parts, each saved when it is done: `baskets`, generated texts without order whose items belong to groups, with
windows as long as a basket, beside gensim; `text`, a natural text with a window of 100 and 20 negatives, beside
gensim; `grid`, every kind of model with every width of window and number of negatives at its default rates, on a piece
of the text and on random baskets: the longest vector of each.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import Word2Vec
from numpy.typing import NDArray

from benchmarks.lines import prepare
from benchmarks.measured import RESULTS, WORK, conditions_of, heading, moment, save
from benchmarks.page import spread_text, table
from benchmarks.scores import judgments_in, similarity_scores
from benchmarks.summary import spread
from wordvec.errors import EngineError
from wordvec.pipeline.train import train

Entry = dict[str, Any]
Texts = list[list[str]]

GROUPS, ITEMS_PER_GROUP, ITEMS_IN_ALL = 50, 20, 30_000
GROUPS_PER_BASKET, SHARE_OF_NOISE = 5, 0.2
NEIGHBORS = 10
WORDS_PER_TEXT = 1000  # gensim cuts texts at 10,000
TRAINERS = ("wordvec", "gensim")
MODELS: dict[str, dict[str, Any]] = {
    "skip-gram": {},
    "skip-gram, deterministic": {"deterministic": True},
    "skip-gram, torch engine": {"engine": "torch"},
    "skip-gram, center looked up": {"skipgram_input": "center"},
    "CBOW, mean": {"architecture": "cbow"},
    "CBOW, sum": {"architecture": "cbow", "pooling": "sum"},
}
WINDOWS, NEGATIVES = (5, 50, 200, 1000), (5, 20, 50)


def main() -> None:
    """Measure the parts that are asked for, and print the page."""
    options = _parser().parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    corpus = prepare(options.corpus, WORK)
    words = corpus.read_text(encoding="utf-8").split()
    path = options.results / "wide-windows"
    saved = path.with_suffix(".json")
    entries: Entry = json.loads(saved.read_text(encoding="utf-8")) if saved.exists() else {}
    parts = {
        "baskets": lambda: baskets_part(options.windows, options.seeds, options.threads),
        "text": lambda: text_part(texts_of(words[: options.words]), options),
        "grid": lambda: grid_part(texts_of(words[: options.grid_words]), options),
    }
    for part in options.parts:
        conditions = conditions_of({options.corpus.name: corpus})
        entries[part] = {"conditions": conditions, "threads": options.threads, **moment(), **parts[part]()}
        entries = {name: entries[name] for name in parts if name in entries}
        save(path, entries, page(entries))
    print(page(entries))


def texts_of(words: Sequence[str]) -> Texts:
    """Texts of a thousand words each."""
    return [list(words[first : first + WORDS_PER_TEXT]) for first in range(0, len(words), WORDS_PER_TEXT)]


def planted_baskets(size: int, seed: int) -> Texts:
    """Baskets of `size` items in no order: four in five are of a few groups, the rest are of any."""
    chance = np.random.default_rng(seed)
    baskets = []
    for _ in range(ITEMS_IN_ALL // size):
        groups = chance.choice(GROUPS, GROUPS_PER_BASKET, replace=False)
        of_groups = chance.choice(groups, size) * ITEMS_PER_GROUP + chance.integers(
            ITEMS_PER_GROUP, size=size
        )
        of_any = chance.integers(GROUPS * ITEMS_PER_GROUP, size=size)
        items = np.where(chance.random(size) < SHARE_OF_NOISE, of_any, of_groups)
        baskets.append([f"item{item}" for item in items])
    return baskets


def hits(words: Sequence[str], matrix: NDArray[np.float32]) -> float:
    """Percent of the ten nearest neighbors that are of the word's own group."""
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    unit = matrix / np.maximum(lengths, 1e-12)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -2)
    groups = np.array([int(word.removeprefix("item")) // ITEMS_PER_GROUP for word in words])
    nearest = np.argpartition(-cosines, NEIGHBORS, axis=1)[:, :NEIGHBORS]
    return 100 * float((groups[nearest] == groups[:, None]).mean())


def vectors_by(trainer: str, texts: Texts, threads: int, **settings: Any) -> tuple[list[str], Any, float]:
    """Words, matrix (V, D) and seconds of training with either, by the same settings."""
    begun = time.perf_counter()
    if trainer == "wordvec":
        vectors = train(texts, threads=threads, **settings)
        return vectors.words, vectors.matrix, time.perf_counter() - begun
    names = {"dim": "vector_size", "negatives": "negative", "subsample": "sample"}
    own = {names.get(name, name): value for name, value in settings.items()}
    model = Word2Vec(texts, sg=1, workers=threads, alpha=0.025, min_alpha=1e-4, **own)
    return model.wv.index_to_key, model.wv.vectors, time.perf_counter() - begun


def baskets_part(windows: Sequence[int], seeds: int, threads: int) -> Entry:
    """Hits of both trainers on baskets as long as the window, in turn."""
    runs = []
    for window in windows:
        for seed in range(1, seeds + 1):
            texts = planted_baskets(window, seed)
            for trainer in TRAINERS:
                settings: dict[str, Any] = {
                    "window": window,
                    "negatives": 5,
                    "subsample": 0,
                    "epochs": 5,
                    "dim": 50,
                }
                words, matrix, seconds = vectors_by(
                    trainer, texts, threads, seed=seed, min_count=1, **settings
                )
                run = {"window": window, "seed": seed, "trainer": trainer, "hits": hits(words, matrix)}
                runs.append({**run, "seconds": seconds})
                print(runs[-1], file=sys.stderr, flush=True)
    return {"runs": runs}


def text_part(texts: Texts, options: argparse.Namespace) -> Entry:
    """WordSim-353 of both trainers on a natural text, in turn."""
    judgments = judgments_in(options.similarity)
    runs = []
    for seed in range(1, options.seeds + 1):
        for trainer in TRAINERS:
            settings: dict[str, Any] = {"window": 100, "negatives": 20, "epochs": options.epochs, "dim": 100}
            words, matrix, seconds = vectors_by(trainer, texts, options.threads, seed=seed, **settings)
            score = similarity_scores(words, matrix, judgments)
            runs.append({"seed": seed, "trainer": trainer, "seconds": seconds, **score})
            print(runs[-1], file=sys.stderr, flush=True)
    return {"runs": runs, "words": sum(map(len, texts)), "epochs": options.epochs}


def grid_part(texts: Texts, options: argparse.Namespace) -> Entry:
    """The longest vector that every kind of model ends with; none where training diverged."""
    chance = np.random.default_rng(1)
    baskets = [
        [f"item{item}" for item in chance.integers(200, size=1000)] for _ in range(options.grid_baskets)
    ]
    data: dict[str, tuple[Texts, dict[str, Any]]] = {
        "text": (texts, {"min_count": 2}),
        "baskets": (baskets, {"subsample": 0, "min_count": 1}),
    }
    runs = []
    for model, settings in MODELS.items():
        for name, (source, own) in data.items():
            for window in WINDOWS:
                for negatives in NEGATIVES:
                    wide: dict[str, Any] = {"window": window, "negatives": negatives}
                    begun = time.perf_counter()
                    try:
                        matrix = train(
                            source, epochs=1, threads=options.threads, **wide, **own, **settings
                        ).matrix
                        longest: float | None = float(np.linalg.norm(matrix, axis=1).max())
                    except EngineError as problem:
                        print(problem, file=sys.stderr)
                        longest = None
                    seconds = time.perf_counter() - begun
                    runs.append(
                        {"model": model, "data": name, **wide, "longest": longest, "seconds": seconds}
                    )
                    print(runs[-1], file=sys.stderr, flush=True)
    return {"runs": runs, "words": sum(map(len, texts)), "baskets": len(baskets)}


def page(entries: Entry) -> str:
    """The results as Markdown."""
    conditions = next(iter(entries.values()))["conditions"]
    lines = [heading("Wide windows", "benchmarks.wide_windows", conditions)]
    if "baskets" in entries:
        lines += ["", "## Baskets as long as the window", "", *_baskets_page(entries["baskets"])]
    if "text" in entries:
        lines += ["", "## A natural text, window 100, 20 negatives", "", *_text_page(entries["text"])]
    if "grid" in entries:
        lines += ["", "## No divergence at default rates", "", *_grid_page(entries["grid"])]
    return "\n".join(lines) + "\n"


def _baskets_page(entry: Entry) -> list[str]:
    rows = [["mean (range)", *(f"{trainer}, % of ten neighbors" for trainer in TRAINERS), "s", "s, gensim"]]
    for window in dict.fromkeys(run["window"] for run in entry["runs"]):
        here = [
            [run for run in entry["runs"] if (run["window"], run["trainer"]) == (window, trainer)]
            for trainer in TRAINERS
        ]
        row = [f"window {window}"]
        row += [spread_text(spread([run["hits"] for run in its]), "mean", "{:.1f}".format) for its in here]
        row += [spread_text(spread([run["seconds"] for run in its]), "mean", "{:.2f}".format) for its in here]
        rows.append(row)
    text = (
        f"{ITEMS_IN_ALL:,} items in baskets: {GROUPS} groups of {ITEMS_PER_GROUP} items, {GROUPS_PER_BASKET} groups "
        f"a basket, {SHARE_OF_NOISE:.0%} items of any. Share of an item's ten nearest neighbors that are of its group. "
        f"dim 50, 5 negatives, 5 epochs, {entry['threads']} threads; "
        f"{len({run['seed'] for run in entry['runs']})} seeds."
    )
    return [table(rows), "", text]


def _text_page(entry: Entry) -> list[str]:
    rows = [["mean (range)", *TRAINERS]]
    for name, score, form in [
        ("WordSim-353, Spearman x 100", "similarity", "{:.1f}"),
        ("s", "seconds", "{:.0f}"),
    ]:
        row = [name]
        for trainer in TRAINERS:
            found = [
                run[score] for run in entry["runs"] if run["trainer"] == trainer and run[score] is not None
            ]
            row.append(spread_text(spread(found), "mean", form.format))
        rows.append(row)
    seeds = len({run["seed"] for run in entry["runs"]})
    text = f"{entry['words']:,} words, {entry['epochs']} epochs, dim 100, {entry['threads']} threads; {seeds} seeds."
    return [table(rows), "", text]


def _grid_page(entry: Entry) -> list[str]:
    rows = [["longest vector, text / baskets", "window", *(f"{count} negatives" for count in NEGATIVES)]]
    for model in MODELS:
        for window in WINDOWS:
            row = [model, str(window)]
            for negatives in NEGATIVES:
                found = [
                    run["longest"]
                    for run in entry["runs"]
                    if (run["model"], run["window"], run["negatives"]) == (model, window, negatives)
                ]
                row.append(" / ".join("diverged" if one is None else f"{one:.2f}" for one in found))
            rows.append(row)
    text = (
        f"One epoch at the default rates, {entry['threads']} threads: {entry['words']:,} words of the text in texts of "
        f"{WORDS_PER_TEXT:,}; {entry['baskets']} baskets of 1,000 items, drawn from 200 at random."
    )
    return [table(rows), "", text]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks.wide_windows", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--corpus", type=Path, required=True, help="plain, gz, bz2 or xz text")
    parser.add_argument("--similarity", type=Path, required=True, help="pairs of words with human scores")
    parser.add_argument(
        "--parts", nargs="+", choices=["baskets", "text", "grid"], default=["baskets", "text", "grid"]
    )
    parser.add_argument("--windows", type=int, nargs="+", default=[50, 200, 1000], help="of the baskets")
    parser.add_argument("--words", type=int, default=1_000_000, help="of the text, beside gensim")
    parser.add_argument("--epochs", type=int, default=2, help="over the text, beside gensim")
    parser.add_argument("--grid-words", type=int, default=10_000)
    parser.add_argument("--grid-baskets", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write them to")
    return parser


if __name__ == "__main__":
    main()
