"""Tuning: what `wordvec tune` finds within a budget, beside the defaults, gensim's defaults and a random search.

    python -m benchmarks.tuning --sessions beauty.txt yelp.txt --budget 10m
    python -m benchmarks.tuning --sessions beauty.txt --trials 60 --samplers tpe random --seeds 3
    python -m benchmarks.tuning --corpus enwiki100m.txt.gz --analogies questions-words.txt --budget 10m

Sessions are files with one session a line. The last item of each is left out of all training; half of the sessions
choose the settings, and the other half, which no search sees, says how often the last item is among the ten predicted.
Analogies: the half of the questions that chose nothing, at most the time that the defaults train. A search is saved as
soon as it is done, and searches that the file of results has already are not repeated.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import Word2Vec

from benchmarks.lines import prepare
from benchmarks.measured import RESULTS, WORK, conditions_of, heading, moment, save, saved_runs
from benchmarks.page import table
from wordvec.config import Config
from wordvec.evaluation.next_items import AT, rank_next_items
from wordvec.evaluation.word_tests import read_test
from wordvec.pipeline.train import train
from wordvec.tuning.parts import in_parts
from wordvec.tuning.tune import tune
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["halves", "hit_rates", "main", "page", "predicted"]

Entry = dict[str, Any]

SEED_OF_HALVES = 1
BY_OUTPUTS, BY_COSINES, BY_COUNTS = "by output vectors", "by cosines", "most frequent"


def halves(path: Path) -> tuple[list[list[str]], list[list[str]], list[list[str]]]:
    """All sessions without their last items; whole sessions that choose; and whole ones that report."""
    sessions = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    order = [number for number, session in enumerate(sessions) if len(session) > 1]
    np.random.default_rng(SEED_OF_HALVES).shuffle(order)
    middle = len(order) // 2
    chooses, reports = ([sessions[number] for number in part] for part in (order[:middle], order[middle:]))
    return [session[:-1] for session in sessions], chooses, reports


def hit_rates(vectors: WordVectors, sessions: list[list[str]]) -> dict[str, float]:
    """% of sessions whose last item is among the ten predicted; those that cannot be asked count as missed."""
    found = rank_next_items([tuple(session) for session in sessions], vectors)
    ways = {BY_OUTPUTS: found.ranks, BY_COSINES: found.by_cosines, BY_COUNTS: found.by_counts}
    if found.by_cosines is None:  # no output vectors
        ways[BY_OUTPUTS], ways[BY_COSINES] = None, found.ranks
    return {
        way: 100 * float(np.count_nonzero((ranks >= 1) & (ranks <= AT))) / len(sessions)
        for way, ranks in ways.items()
        if ranks is not None
    }


def predicted(rates: dict[str, float]) -> float:
    """The rate by what the model predicts with: its output vectors, or cosines, where these are of a tree's nodes."""
    return rates[BY_OUTPUTS if BY_OUTPUTS in rates else BY_COSINES]


def main() -> None:
    """Search what is asked for, and print the page of all that was searched."""
    options = _parser().parse_args()
    path = options.results / options.name
    entry: Entry = saved_runs(path)
    budget = {"trials": options.trials} if options.trials else {"budget": options.budget}
    texts = [*options.sessions, *([options.corpus] if options.corpus else [])]
    has_subwords = not options.without_subwords
    entry["conditions"] = conditions_of({})
    for text in texts:
        entry["texts"][text.name] = conditions_of({text.name: text})["corpora"][0]
        for seed in range(1, options.seeds + 1):
            for sampler in options.samplers:
                run = {
                    "text": text.name,
                    "sampler": sampler,
                    "seed": seed,
                    **budget,
                    "has_subwords": has_subwords,
                }
                if any(run.items() <= done.items() for done in entry["runs"]):
                    continue
                run |= moment() | {"threads": options.threads, "has_starts": sampler == "tpe"}
                arguments = {"sampler": sampler, "seed": seed, "threads": options.threads, **budget}
                arguments |= {} if has_subwords else {"max_n": 0}
                if text in options.sessions:
                    run |= _on_sessions(text, arguments)
                else:
                    run |= _on_analogies(text, options.analogies, arguments)
                entry["runs"].append(run)
                print({**run, "settings": run["settings"]}, file=sys.stderr, flush=True)
                save(path, entry, page(entry))
    print(page(entry))


def _on_sessions(path: Path, arguments: dict[str, Any]) -> Entry:
    known, chooses, reports = halves(path)
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder, "chooses.sessions")
        asked.write_text("".join(" ".join(session) + "\n" for session in chooses), encoding="utf-8")
        found = tune(known, str(asked), progress=False, **arguments)
    threads, seed = arguments["threads"], arguments["seed"]
    tuned = train(known, config=found.config, progress=False)
    defaults = train(known, threads=threads, seed=seed, progress=False)
    scores = {
        "tuned": hit_rates(tuned, reports),
        "defaults": hit_rates(defaults, reports),
        "gensim": hit_rates(_by_gensim(known, threads, seed), reports),
    }
    return _found(found) | {"scores": scores, "questions": len(reports)}


def _by_gensim(sessions: list[list[str]], threads: int, seed: int) -> WordVectors:
    """With gensim's defaults, CBOW among them."""
    model = Word2Vec(sessions, workers=threads, seed=seed)
    words = model.wv.index_to_key
    counts = np.array([model.wv.get_vecattr(word, "count") for word in words])
    config = {"architecture": "cbow", "pooling": "mean"}
    return WordVectors(words, model.wv.vectors, counts=counts, output_matrix=model.syn1neg, config=config)


def _on_analogies(corpus: Path, analogies: Path, arguments: dict[str, Any]) -> Entry:
    WORK.mkdir(parents=True, exist_ok=True)
    text = prepare(corpus, WORK)
    found = tune(str(text), str(analogies), max_slowdown=1.0, progress=False, **arguments)
    (report,) = found.reports
    tuned, before, difference = report.tuned.value, report.defaults.value, report.difference
    assert tuned is not None
    assert before is not None
    assert difference is not None
    scores = {
        "tuned": 100 * tuned,
        "defaults": 100 * before,
        "difference": [100 * number for number in (difference.value, difference.low, difference.high)],
        "gensim": _gensim_on_analogies(text, analogies, arguments["threads"], arguments["seed"]),
    }
    return _found(found) | {"scores": scores, "questions": report.questions}


def _gensim_on_analogies(text: Path, analogies: Path, threads: int, seed: int) -> float:
    """% right with gensim's defaults, of the questions that report."""
    with text.open(encoding="utf-8") as lines:
        counts = Counter(word for line in lines for word in line.split())
    words = sorted(counts, key=lambda word: (-counts[word], word))
    known = WordVectors(words, np.ones((len(words), 1), np.float32))
    parts = in_parts(read_test(analogies), known, seed)
    model = Word2Vec(corpus_file=str(text), workers=threads, seed=seed)
    score = parts.score(parts.report(WordVectors(model.wv.index_to_key, model.wv.vectors)).items)
    assert score is not None
    return 100 * score


def _found(found: Any) -> Entry:
    best, defaults = found.best, Config()
    changed = {name: value for name, value in best.changed.items() if value != getattr(defaults, name)}
    return {"trials_made": len(found.trials) - 1, "slowdown": found.slowdown, "settings": changed}


def page(entry: Entry) -> str:
    """The results as Markdown."""
    runs = entry["runs"]
    sessions = [run for run in runs if "difference" not in run["scores"]]
    analogies = [run for run in runs if "difference" in run["scores"]]
    parts = [
        heading("Settings that were found", "benchmarks.tuning", entry["conditions"]),
        "\n".join(
            f"- {text['name']}: {text['bytes']:,} bytes, sha256 {text['sha256'][:12]}"
            for text in entry["texts"].values()
        ),
    ]
    if sessions:
        rows = [
            [
                *("sessions", "search", "budget", "trials", "tuned, hit@10", "defaults", "times"),
                *("gensim's defaults", "by cosines", "most frequent", "training beside the defaults'"),
            ]
        ]
        for run in sessions:
            scores = run["scores"]
            tuned, defaults = (predicted(scores[name]) for name in ("tuned", "defaults"))
            rows.append(
                [
                    *(run["text"], _search_of(run), _budget_of(run)),
                    *(
                        str(run["trials_made"]),
                        f"{tuned:.2f} %",
                        f"{defaults:.2f} %",
                        f"{tuned / defaults:.2f}",
                    ),
                    *(f"{scores['gensim'][way]:.2f} %" for way in (BY_OUTPUTS, BY_COSINES)),
                    *(f"{scores['defaults'][BY_COUNTS]:.2f} %", _times(run["slowdown"])),
                ]
            )
        parts.append(
            "The last item of each session is left out of all training. Half of the sessions choose; the scores are "
            f"of the other half: whether the last item is among the {AT} that the others predict, by output vectors "
            "(gensim's `predict_output_word`) unless said otherwise, and by cosines where the model has a tree."
        )
        parts.append(table(rows))
    if analogies:
        rows = [
            [
                "text",
                "search",
                "budget",
                "trials",
                "tuned",
                "defaults",
                "difference",
                "gensim's defaults",
                "training",
            ]
        ]
        for run in analogies:
            scores = run["scores"]
            value, low, high = scores["difference"]
            rows.append(
                [
                    *(run["text"], _search_of(run), _budget_of(run)),
                    *(str(run["trials_made"]), f"{scores['tuned']:.1f}", f"{scores['defaults']:.1f}"),
                    f"{value:+.1f} ({low:+.1f} to {high:+.1f})",
                    f"{scores['gensim']:.1f}" if "gensim" in scores else "-",
                    _times(run["slowdown"]),
                ]
            )
        parts.append(
            "Google's analogies, % right of the half that chose nothing, with a 95 % interval of the difference; "
            "settings that train about as long as the defaults do."
        )
        parts.append(table(rows))
    found = [
        f"- {run['text']}, {_search_of(run)}: "
        + ", ".join(f"{name} {value}" for name, value in run["settings"].items())
        for run in runs
    ]
    return (
        "\n\n".join([*parts, "What was found, where it differs from the defaults:", "\n".join(found)]) + "\n"
    )


def _search_of(run: Entry) -> str:
    starts = " without starts" if run["sampler"] == "tpe" and not run.get("has_starts") else ""
    subwords = "" if run.get("has_subwords", True) else ", words whole"
    return f"{run['sampler']}{starts}{subwords}, seed {run['seed']}"


def _budget_of(run: Entry) -> str:
    threads = f"{run['threads']} thread{'s' * (run['threads'] > 1)}"
    return f"{run['trials']} trials, {threads}" if "trials" in run else f"{run['budget']}, {threads}"


def _times(slowdown: float | None) -> str:
    return "-" if slowdown is None else f"{slowdown:.1f} times as long"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.tuning", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sessions", type=Path, nargs="*", default=[], help="files, one session a line")
    parser.add_argument("--corpus", type=Path, help="plain, gz, bz2 or xz text, for analogies")
    parser.add_argument("--analogies", type=Path, help="questions-words.txt")
    parser.add_argument("--budget", default="10m")
    parser.add_argument("--trials", type=int, help="in place of a budget of time")
    parser.add_argument("--samplers", nargs="+", choices=["tpe", "random"], default=["tpe"])
    parser.add_argument("--without-subwords", action="store_true", help="words are whole in all trials")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--name", default="tuning", help="of the file of results")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write them to")
    return parser


if __name__ == "__main__":
    main()
