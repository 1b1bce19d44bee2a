"""Loading: the seconds that vectors take to be loaded, beside gensim, in turn, each in a fresh process; and the memory.

    python -m benchmarks.loading --words 1000000 --dim 300

The vectors are made up: normal random numbers, words of five to nine letters. They are there in each format that
wordvec reads; gensim reads two of them. Before anything is measured, each file is read once, so that all are in memory.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import file_digest
from benchmarks.measure import measure
from benchmarks.measured import RESULTS, WORK, conditions_of, heading, moment, save
from benchmarks.page import spread_text, table
from benchmarks.summary import spread
from wordvec import WordVectors

LETTERS = "etaoinshrdlucmfwypvbgkjqxz"
FORMATS = {
    "word2vec binary": "v.bin",
    "word2vec text": "v.txt",
    "model folder": "v.wv",
    "safetensors": "v.safetensors",
    "NumPy": "v.npz",
    "Parquet": "v.parquet",
}
CASES: list[tuple[str, str, dict[str, Any]]] = [  # the format, who reads it, and how
    ("word2vec binary", "wordvec", {}),
    ("word2vec binary", "gensim", {"binary": True}),
    ("word2vec binary", "wordvec, first tenth", {"limit": 0.1}),
    ("word2vec binary", "gensim, first tenth", {"binary": True, "limit": 0.1}),
    ("word2vec text", "wordvec", {}),
    ("word2vec text", "gensim", {"binary": False}),
    ("model folder", "wordvec", {}),
    ("model folder", "wordvec, mapped", {"mmap": True}),
    ("safetensors", "wordvec", {}),
    ("NumPy", "wordvec", {}),
    ("Parquet", "wordvec", {}),
]
TEXT_SHARE = 10  # of text, which takes minutes, there is a tenth
JOBS = {
    "wordvec": """
import sys, time, json
import numpy, pyarrow, safetensors, wordvec
from wordvec import WordVectors, load
path, options = sys.argv[1], json.loads(sys.argv[2])
start = time.perf_counter()
vectors = load(path, **options)
print(json.dumps({"seconds": time.perf_counter() - start, "words": len(vectors)}))
""",
    "gensim": """
import sys, time, json
from gensim.models import KeyedVectors
path, options = sys.argv[1], json.loads(sys.argv[2])
start = time.perf_counter()
vectors = KeyedVectors.load_word2vec_format(path, **options)
print(json.dumps({"seconds": time.perf_counter() - start, "words": len(vectors)}))
""",
}


def main() -> None:
    """Write the files, load each `--runs` times in turn, and print the page."""
    options = _parser().parse_args()
    folder = WORK / f"loading-{options.words}x{options.dim}"
    files = written(folder, options.words, options.dim)
    for file in folder.rglob("*"):
        if file.is_file():
            file_digest(file)
    runs = []
    for number in range(1, options.runs + 1):
        for format_name, reader, settings in CASES:
            num_words = options.words // (TEXT_SHARE if format_name == "word2vec text" else 1)
            chosen = settings | ({"limit": num_words // 10} if "limit" in settings else {})
            run = load_once(files[format_name], reader.split(",")[0], chosen, folder / "loading.log")
            runs.append({"round": number, "format": format_name, "reader": reader, **run})
            print(f"{number}: {format_name}, {reader}: {run['seconds']:.2f} s", file=sys.stderr)
    conditions = conditions_of({}, **moment(), words=options.words, dim=options.dim)
    result = {"conditions": conditions, "runs": runs, "cases": summary(runs)}
    save(options.results / "loading", result, page(result))
    print(page(result))


def written(folder: Path, num_words: int, dim: int) -> dict[str, Path]:
    """A file of each format with the same vectors, made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / file for name, file in FORMATS.items()}
    missing = [name for name, file in files.items() if not file.exists()]
    if missing:
        vectors = made_up(num_words, dim)
        for name in missing:
            few = num_words // TEXT_SHARE if name == "word2vec text" else num_words
            part = WordVectors(vectors.words[:few], vectors.matrix[:few], counts=vectors.counts[:few])  # type: ignore[index]
            part.save(files[name])
    return files


def made_up(num_words: int, dim: int) -> WordVectors:
    """Words of the alphabet's letters, numbered so that none is there twice."""
    chance = np.random.default_rng(1)
    base, words = len(LETTERS), []
    for number in range(num_words):
        letters, rest = "", 7919 * number + 456_976
        while rest:
            rest, letter = divmod(rest, base)
            letters += LETTERS[letter]
        words.append(letters)
    counts = np.sort(chance.integers(5, 10**6, num_words))[::-1]
    return WordVectors(words, chance.standard_normal((num_words, dim), dtype=np.float32), counts=counts)


def load_once(path: Path, reader: str, settings: dict[str, Any], log: Path) -> dict[str, Any]:
    """What a fresh process takes to load a file, imports excepted; its memory is that of all of it."""
    measured = measure([sys.executable, "-c", JOBS[reader], str(path), json.dumps(settings)], log)
    said: dict[str, Any] = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
    return {**said, "peak_memory_bytes": measured.peak_memory_bytes, "job_seconds": measured.job_seconds}


def summary(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Medians and ranges of each case, and how often gensim's seconds are those of wordvec before it, pair by pair."""
    cases = []
    for format_name, reader, _ in CASES:
        its_runs = [run for run in runs if (run["format"], run["reader"]) == (format_name, reader)]
        theirs = [
            run
            for run in runs
            if (run["format"], run["reader"]) == (format_name, reader.replace("wordvec", "gensim"))
        ]
        ratios = [other["seconds"] / run["seconds"] for run, other in zip(its_runs, theirs, strict=False)]
        cases.append(
            {
                "format": format_name,
                "reader": reader,
                "words": its_runs[0]["words"],
                "seconds": spread([run["seconds"] for run in its_runs]),
                "peak_memory_bytes": spread([run["peak_memory_bytes"] for run in its_runs]),
                "gensim_over_wordvec": spread(ratios) if "wordvec" in reader else None,
            }
        )
    return cases


def page(result: dict[str, Any]) -> str:
    """The result as Markdown."""
    rows = [["format", "read by", "words", "s", "peak memory, MB", "gensim / wordvec, time"]]
    rows += [
        [
            case["format"],
            case["reader"],
            f"{case['words']:,}",
            spread_text(case["seconds"], "median", "{:.2f}".format),
            spread_text(case["peak_memory_bytes"], "median", lambda value: f"{value / 1e6:,.0f}"),
            spread_text(case["gensim_over_wordvec"], "median", "{:.1f}x".format),
        ]
        for case in result["cases"]
    ]
    conditions = result["conditions"]
    num_runs = max(run["round"] for run in result["runs"])
    return f"""{heading("Loading vectors", "benchmarks.loading", conditions)}

{conditions["words"]:,} words x {conditions["dim"]} (of text a tenth), made up; median (range) of {num_runs} runs in
turn, each in a fresh process, imports excepted, files in the system's cache.

{table(rows)}
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.loading", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--words", type=int, default=1_000_000)
    parser.add_argument("--dim", type=int, default=300)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser


if __name__ == "__main__":
    main()
