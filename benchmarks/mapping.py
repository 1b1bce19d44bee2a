"""Mapping: what `wordvec map` takes from a model to a page, as a whole command: seconds, memory, bytes.

    python -m benchmarks.mapping

The vectors are made up: clusters of normal random numbers. What a map looks like depends on them, and so, by a little,
does the time to lay it out.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from benchmarks.measure import measure
from benchmarks.measured import RESULTS, WORK, conditions_of, heading, moment, save
from benchmarks.page import spread_text, table
from benchmarks.queries import made_up
from benchmarks.summary import spread
from wordvec import WordVectors

CASES = [(20_000, "tsne"), (20_000, "umap"), (20_000, "pca"), (100_000, "tsne")]  # words of a map, method
MOST_REPEATED = 20_000  # a larger map is made once


def main() -> None:
    """Make each map `--runs` times in turn, and print the page of results."""
    options = _parser().parse_args()
    folder = WORK / f"mapping-{options.dim}"
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / "model.wv"
    if not model.exists():
        words, matrix = made_up(max(num_words for num_words, _ in CASES), options.dim, [])
        WordVectors(words, matrix).save(model)
    runs = []
    for number in range(1, options.runs + 1):
        for num_words, method in CASES:
            if number > 1 and num_words > MOST_REPEATED:
                continue
            run = map_once(model, folder / "map.html", num_words, method)
            runs.append({"round": number, "words": num_words, "method": method, **run})
            print(f"{number}: {num_words:,} words, {method}: {run['seconds']:.1f} s", file=sys.stderr)
    conditions = conditions_of({}, **moment(), dim=options.dim)
    result = {"conditions": conditions, "runs": runs, "cases": summary(runs)}
    save(options.results / "mapping", result, page(result))
    print(page(result))


def map_once(model: Path, output: Path, num_words: int, method: str) -> dict[str, Any]:
    """What the command takes, and the size of what it wrote."""
    flags = ["--words", str(num_words), "--method", method, "--output", str(output)]
    command = [sys.executable, "-m", "wordvec", "map", str(model), *flags]
    measured = measure(command, output.with_suffix(".log"))
    return {
        "seconds": measured.job_seconds,
        "peak_memory_bytes": measured.peak_memory_bytes,
        "page_bytes": output.stat().st_size,
    }


def summary(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Medians and ranges of each case."""
    cases = []
    for num_words, method in CASES:
        its_runs = [run for run in runs if (run["words"], run["method"]) == (num_words, method)]
        figures = ("seconds", "peak_memory_bytes", "page_bytes")
        measured = {figure: spread([run[figure] for run in its_runs]) for figure in figures}
        cases.append({"words": num_words, "method": method, **measured})
    return cases


def page(result: dict[str, Any]) -> str:
    """The result as Markdown."""
    rows = [["words", "method", "s, load to file", "peak memory, MB", "page, MB"]]
    rows += [
        [
            f"{case['words']:,}",
            case["method"],
            spread_text(case["seconds"], "median", "{:.1f}".format),
            spread_text(case["peak_memory_bytes"], "median", lambda value: f"{value / 1e6:,.0f}"),
            f"{case['page_bytes']['median'] / 1e6:.2f}",
        ]
        for case in result["cases"]
    ]
    conditions, num_runs = result["conditions"], max(run["round"] for run in result["runs"])
    return f"""{heading("Maps", "benchmarks.mapping", conditions)}

Vectors of {conditions["dim"]} dimensions, made up; median (range) of {num_runs} runs in turn, each
a fresh process; maps of more than {MOST_REPEATED:,} words once.

{table(rows)}
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.mapping", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser


if __name__ == "__main__":
    main()
