"""Ranks: what training on several machines costs in quality, and how many bytes it sends, by the simulator.

    python -m benchmarks.ranks --corpus enwiki100m.txt.gz --analogies questions-words.txt --similarity wordsim353.tsv

One machine; our own way with 2 to 16 machines; and with 8, the ways of known systems, each at the learning rate that
its authors train at, or at which it scores best here. A run is saved as soon as it is done, and runs that the file of
results has already are not repeated.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.lines import prepare
from benchmarks.measured import RESULTS, WORK, conditions_of, heading, moment, save
from benchmarks.page import spread_text, table
from benchmarks.scores import analogies_in, analogy_scores, judgments_in, similarity_scores
from benchmarks.summary import spread
from wordvec.errors import EngineError
from wordvec.pipeline.train import train

Entry = dict[str, Any]

AN_EPOCH = 2**31 - 1  # positions of a round: the whole share
OURS = "ours"
CASES: dict[str, dict[str, Any]] = {
    "one machine": {},
    **{f"{OURS}, {ranks} machines": {"simulate_ranks": ranks} for ranks in (2, 4, 8, 16, 32)},
    f"{OURS}, 8 machines, all rows after each round": {"simulate_ranks": 8, "sync_rows": "all"},
    f"{OURS}, 8 machines, sending while training": {"simulate_ranks": 8, "sync_overlap": True},
    "pWord2Vec's, 8 machines": {
        "simulate_ranks": 8,
        "combine": "mean",
        "sync_rows": "frequent",
        "learning_rate": 0.1,
    },
    "BlazingText's, 8 machines": {
        "simulate_ranks": 8,
        "combine": "mean",
        "sync_rows": "all",
        "sync_every": AN_EPOCH,
        "learning_rate": 0.1,
    },
    "DMTK's, 8 machines": {"simulate_ranks": 8, "combine": "mean", "sync_rows": "all"},
    "DMTK's, 8 machines, 8 times the rate": {
        "simulate_ranks": 8,
        "combine": "mean",
        "sync_rows": "all",
        "learning_rate": 0.2,
    },
    "outer momentum, 8 machines": {"simulate_ranks": 8, "combine": "momentum", "sync_rows": "all"},
    "outer momentum, 16 machines": {"simulate_ranks": 16, "combine": "momentum", "sync_rows": "all"},
    "projections, 8 machines": {"simulate_ranks": 8, "combine": "projection", "sync_rows": "all"},
    "AdaSum, 8 machines": {"simulate_ranks": 8, "combine": "adasum", "sync_rows": "all"},
}


def main() -> None:
    """Run the cases that are asked for, and print the page."""
    options = _parser().parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    corpus = prepare(options.corpus, WORK)
    path = options.results / options.name
    saved = path.with_suffix(".json")
    entry: Entry = json.loads(saved.read_text(encoding="utf-8")) if saved.exists() else {"runs": []}
    entry["conditions"] = conditions_of({options.corpus.name: corpus})
    entry |= {"threads": options.threads, "epochs": options.epochs, "settings": options.settings}
    for seed in range(1, options.seeds + 1):
        for case in options.cases or CASES:
            if seed > 1 and not _has_seeds(case) and not options.cases:
                continue
            if any((run["case"], run["seed"]) == (case, seed) for run in entry["runs"]):
                continue
            entry["runs"].append(
                {"case": case, "seed": seed, **moment(), **_run(case, seed, corpus, options)}
            )
            print(entry["runs"][-1], file=sys.stderr, flush=True)
            save(path, entry, page(entry))
    print(page(entry))


def _has_seeds(case: str) -> bool:
    """Whether a case is run with several seeds by default."""
    return case.startswith((OURS, "one machine"))


def _run(case: str, seed: int, corpus: Path, options: argparse.Namespace) -> Entry:
    """Scores, losses and bytes of one training; no scores where it diverged."""
    settings = {"epochs": options.epochs, "threads": options.threads, **options.settings, **CASES[case]}
    begun = time.perf_counter()
    try:
        vectors = train(str(corpus), seed=seed, tokenizer=options.tokenizer, progress=False, **settings)
    except EngineError as problem:
        return {"diverged": str(problem), "seconds": time.perf_counter() - begun}
    *_, last_epoch = (record for record in vectors.training if record["event"] == "epoch")
    ranks = last_epoch.get("ranks") or {}
    done = vectors.training[-1]
    found: Entry = {"seconds": done["phases"]["training"], "loss": last_epoch["epoch_loss"]}
    if ranks:
        found |= {
            "bytes_a_word": ranks["bytes_sent"] * ranks["ranks"] / done["words_trained"],
            "rounds": ranks["rounds"],
        }
    words, matrix = vectors.words, vectors.matrix
    found |= analogy_scores(words, matrix, analogies_in(options.analogies))
    return found | similarity_scores(words, matrix, judgments_in(options.similarity))


def page(entry: Entry) -> str:
    """The results as Markdown."""
    rows = [["mean (range)", "seeds", "analogies", "WordSim-353", "loss", "bytes a word", "rounds"]]
    for case in dict.fromkeys(run["case"] for run in sorted(entry["runs"], key=_place)):
        its = [run for run in entry["runs"] if run["case"] == case]
        fine = [run for run in its if "diverged" not in run]
        if not fine:
            rows.append([case, str(len(its)), "diverged", "", "", "", ""])
            continue
        rows.append(
            [
                case,
                str(len(its)),
                *(
                    spread_text(spread([run[score] for run in fine]), "mean", form.format)
                    for score, form in (("analogies", "{:.1f}"), ("similarity", "{:.1f}"), ("loss", "{:.4f}"))
                ),
                f"{fine[0]['bytes_a_word']:,.0f}" if "bytes_a_word" in fine[0] else "",
                f"{fine[0]['rounds']:,}" if "rounds" in fine[0] else "",
            ]
        )
    settings = ", ".join(f"{name} {value}" for name, value in entry["settings"].items())
    text = (
        f"{entry['epochs']} epochs, {entry['threads']} threads, otherwise the default settings"
        f"{': ' + settings if settings else ''}. Analogies: Google's, % right. WordSim-353: Spearman x 100. "
        "Bytes that all machines together send, for each word that they train on."
    )
    title = heading("Ranks: several machines, simulated", "benchmarks.ranks", entry["conditions"])
    return "\n".join([title, "", table(rows), "", text]) + "\n"


def _place(run: Entry) -> int:
    return list(CASES).index(run["case"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.ranks", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="plain, gz, bz2 or xz text")
    parser.add_argument("--analogies", type=Path, required=True, help="questions-words.txt")
    parser.add_argument("--similarity", type=Path, required=True, help="pairs of words with human scores")
    parser.add_argument("--cases", nargs="+", choices=CASES, help="default: all")
    parser.add_argument("--settings", type=json.loads, default={}, help='of all runs, as JSON: {"dim": 300}')
    parser.add_argument("--tokenizer", default="whitespace")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=3, help="of our own way, and of one machine")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--name", default="ranks", help="of the file of results")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write them to")
    return parser


if __name__ == "__main__":
    main()
