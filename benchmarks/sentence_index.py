"""Sentence index: how long a corpus takes to index, how much disk and memory, and how long questions take.

python -m benchmarks.sentence_index enwiki100m.raw.txt.gz
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measure import measure
from benchmarks.measured import RESULTS, WORK, conditions_of, heading, moment, save
from benchmarks.page import table
from wordvec.corpus.sources import FileSource
from wordvec.serving.sentence_index import SentenceIndex, build_index

QUESTIONS: tuple[tuple[str, str | None], ...] = (
    ("anarchism", None),
    ("king", None),
    ("the", None),
    ("new_york", None),
    ("king", "queen"),
    ("the", "zebra"),
    ("of the", "king"),
    ("the", "of"),
    ("xyzzyq", None),
)


def main() -> None:
    """Build the index in a process of its own, ask it, and write figures."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.sentence_index", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--runs", type=int, default=3, help="of building")
    parser.add_argument("--repeats", type=int, default=21, help="of each question")
    parser.add_argument("--index", type=Path, help="build one here, and nothing else")
    parser.add_argument("--write", type=Path, default=RESULTS)
    options = parser.parse_args()
    if options.index is not None:
        build_index(FileSource(str(options.corpus)), "words", options.index, {})
        return
    began = moment()
    WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        path = Path(folder, "sentences.index")
        command = [
            sys.executable,
            "-m",
            "benchmarks.sentence_index",
            str(options.corpus),
            "--index",
            str(path),
        ]
        built = [measure(command, Path(folder, "log")) for _ in range(options.runs)]
        begin = time.perf_counter()
        index = SentenceIndex(path)
        opening_ms = 1000 * (time.perf_counter() - begin)
        asked = [ask(index, word, other, options.repeats) for word, other in QUESTIONS]
        result = conditions_of({"the text": options.corpus}) | began
        result |= {
            "seconds": [run.job_seconds for run in built],
            "cpu_seconds": [run.cpu_seconds for run in built],
            "peak_bytes": [run.peak_private_bytes or run.peak_memory_bytes for run in built],
            "text_bytes": index.text_bytes,
            "index_bytes": index.size_bytes,
            "opening_ms": opening_ms,
            "questions": asked,
        }
    page = page_of(result)
    save(options.write / "sentence-index", result, page)
    print(page)


def ask(index: SentenceIndex, word: str, other: str | None, repeats: int) -> dict[str, Any]:
    """Ask for ten sentences, again and again: how many there are, and each time in milliseconds."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        found = index.find(word, other)
        times.append(1000 * (time.perf_counter() - begin))
    return {"word": word, "other": other, "total": found.total, "ms": times}


def page_of(result: dict[str, Any]) -> str:
    """The figures as a page."""
    seconds, peaks = result["seconds"], result["peak_bytes"]
    median, cpu = statistics.median(seconds), statistics.median(result["cpu_seconds"])
    runs = f"{min(seconds):.1f} to {max(seconds):.1f}, {len(seconds)} runs"
    text_mb, index_mb = result["text_bytes"] / 1e6, result["index_bytes"] / 1e6
    head = [
        heading("Sentence index", "benchmarks.sentence_index", result),
        f"- load average {result['load_average']:.1f}",
        f"- building, Python's start included: median {median:.1f} s ({runs}), in one thread, {cpu:.1f} s of CPU",
        f"- {text_mb:.0f} MB of text; peak memory {max(peaks) / 1e6:.0f} MB without mapped files",
        f"- on the disk: {index_mb:.0f} MB, with the compressed text; opening: {result['opening_ms']:.2f} ms",
    ]
    rows = [["ten sentences with", "sentences in all", "the first time, ms", "median, ms"]]
    for asked in result["questions"]:
        words = asked["word"] if asked["other"] is None else f"{asked['word']} + {asked['other']}"
        times = asked["ms"]
        rows.append([words, f"{asked['total']:,}", f"{times[0]:.1f}", f"{statistics.median(times):.2f}"])
    return "\n".join([*head, "", table(rows), ""])


if __name__ == "__main__":
    main()
