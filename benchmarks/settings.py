"""Settings: what each changes by itself, from the defaults, in scores and in training time.

    python -m benchmarks.settings --corpus enwiki100m.txt.gz --analogies questions-words.txt --similarity wordsim353.tsv
    python -m benchmarks.settings --sessions beauty.txt yelp.txt

A text is scored by analogies and pairs of words; sessions, one a line, by how often the last item, which is left out of
the training, is among the ten predicted. A run is saved as soon as it is done, and runs that the file of results has
already are not repeated.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.lines import prepare
from benchmarks.measured import RESULTS, WORK, conditions_of, heading, moment, save, saved_runs
from benchmarks.page import table
from benchmarks.scores import analogies_in, analogy_scores, judgments_in, similarity_scores
from benchmarks.tuning import halves, hit_rates, predicted
from wordvec.pipeline.train import train
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["CHANGES", "main", "name_of", "page"]

Entry = dict[str, Any]

CHANGES: list[dict[str, Any]] = [
    {},
    *({"dim": value} for value in (50, 200, 300)),
    *({"window": value} for value in (2, 10, 20)),
    {"window": "text"},  # of sessions
    {"window_reach": "fixed"},
    *({"negatives": value} for value in (2, 10, 20)),
    *({"noise_power": value} for value in (1.0, 0.25, -0.5)),
    *({"subsample": value} for value in (0.0, 1e-4, 1e-5)),
    *({"min_count": value} for value in (1, 20)),
    *({"learning_rate": value} for value in (0.0125, 0.05, 0.1)),
    *({"epochs": value} for value in (1, 2, 10, 20, 50)),
    {"architecture": "cbow"},
    {"architecture": "cbow", "position_weights": True},
    {"objective": "hierarchical"},
]
MAX_EPOCHS_OF_TEXTS = 20

MEASURES = {"analogies": "analogies, %", "similarity": "WordSim-353", "hits": "hit@10, %"}


def name_of(change: dict[str, Any]) -> str:
    """How a row is called.

    >>> name_of({}), name_of({"window": 10})
    ('defaults', 'window 10')
    """
    return ", ".join(f"{name} {value}" for name, value in change.items()) or "defaults"


def main() -> None:
    """Train with each change, and print the page."""
    options = _parser().parse_args()
    path = options.results / options.name
    entry: Entry = saved_runs(path)
    entry["conditions"] = conditions_of({})
    for text in [*options.sessions, *([options.corpus] if options.corpus else [])]:
        is_text = text == options.corpus
        entry["texts"][text.name] = conditions_of({text.name: text})["corpora"][0]
        source, judge = _of_text(options) if is_text else _of_sessions(text)
        for change in CHANGES:
            if any((run["text"], run["change"]) == (text.name, change) for run in entry["runs"]):
                continue
            if is_text and (change.get("epochs", 0) > MAX_EPOCHS_OF_TEXTS or change.get("window") == "text"):
                continue
            run = {"text": text.name, "change": change, "threads": options.threads, **moment()}
            vectors = train(source, threads=options.threads, progress=False, **change)
            run |= {"seconds": vectors.training[-1]["phases"]["training"], "scores": judge(vectors)}
            entry["runs"].append(run)
            print(run, file=sys.stderr, flush=True)
            save(path, entry, page(entry))
    print(page(entry))


def _of_text(options: argparse.Namespace) -> tuple[Any, Callable[[WordVectors], dict[str, float]]]:
    WORK.mkdir(parents=True, exist_ok=True)
    questions, pairs = analogies_in(options.analogies), judgments_in(options.similarity)

    def judge(vectors: WordVectors) -> dict[str, float]:
        found: dict[str, Any] = analogy_scores(vectors.words, vectors.matrix, questions)
        found |= similarity_scores(vectors.words, vectors.matrix, pairs)
        return {name: found[name] for name in ("analogies", "similarity")}

    return str(prepare(options.corpus, WORK)), judge


def _of_sessions(path: Path) -> tuple[Any, Callable[[WordVectors], dict[str, float]]]:
    known, chooses, reports = halves(path)

    def judge(vectors: WordVectors) -> dict[str, float]:
        found = hit_rates(vectors, [*chooses, *reports])
        return {"hits": predicted(found)}

    return known, judge


def page(entry: Entry) -> str:
    """The results as Markdown: a row for each change, and the columns of each text."""
    texts = list(dict.fromkeys(run["text"] for run in entry["runs"]))
    found = {(run["text"], name_of(run["change"])): run for run in entry["runs"]}
    heads, rows = ["from the defaults"], []
    for text in texts:
        measures = [MEASURES[name] for name in found[text, "defaults"]["scores"]]
        heads += [*(f"{text}: {measure}" for measure in measures), "training"]
    for change in map(name_of, CHANGES):
        row = [change]
        for text in texts:
            base, run = found[text, "defaults"], found.get((text, change))
            if run is None:
                row += [""] * (len(base["scores"]) + 1)
                continue
            row += [_score(run["scores"][name], base["scores"][name]) for name in base["scores"]]
            row.append(f"{run['seconds'] / base['seconds']:.1f}x")
        rows.append(row)
    texts_of = "\n".join(
        f"- {one['name']}: {one['bytes']:,} bytes, sha256 {one['sha256'][:12]}"
        for one in entry["texts"].values()
    )
    return f"""{heading("What each setting changes", "benchmarks.settings", entry["conditions"])}
{texts_of}

One setting at a time, one seed; in brackets, the difference from the defaults. Training: seconds beside those of the
defaults, on a machine with other work to do. Sessions: by output vectors, and by cosines where the words are leaves
of a tree; sessions that cannot be asked, as their items are too rare for min_count, count as missed.

{table([heads, *rows])}
"""


def _score(value: float, base: float) -> str:
    return f"{value:.1f} ({value - base:+.1f})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.settings", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--corpus", type=Path, help="plain, gz, bz2 or xz text")
    parser.add_argument("--analogies", type=Path, help="questions-words.txt")
    parser.add_argument("--similarity", type=Path, help="pairs of words with human scores")
    parser.add_argument("--sessions", type=Path, nargs="*", default=[], help="files, one session a line")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--name", default="settings", help="of the file of results")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write them to")
    return parser


if __name__ == "__main__":
    main()
