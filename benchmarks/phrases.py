"""Phrases: time and memory of finding phrases and of joining them in the text, beside gensim, and whether they agree.

    python -m benchmarks.phrases enwiki100m.az.txt.gz

The two take turns, each in a process of its own. gensim gets lists of words in memory, and wordvec the file; compiling
is not measured.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.measure import measure
from benchmarks.measured import RESULTS, conditions_of, heading, moment, save
from benchmarks.page import table

WORDS_PER_TEXT = 100
SETTINGS: dict[str, Any] = {"min_count": 5, "threshold": 10.0}
STEPS = {
    "gensim": ("split", "count", "export", "apply"),
    "wordvec": ("find", "number", "join"),
}


def main() -> None:
    """Cut the corpus into texts; let both find and join phrases, in turn; write figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.phrases", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--bytes", type=int, default=30_000_000, help="of the corpus, from its beginning")
    parser.add_argument("--threads", type=int, default=describe_machine()["cores"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", type=Path, default=RESULTS)
    parser.add_argument("--job", choices=[*STEPS], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        job = _gensim_job if options.job == "gensim" else _wordvec_job
        print(json.dumps(job(options.corpus, options.threads)))
        return
    began = moment()
    with tempfile.TemporaryDirectory() as folder:
        texts = Path(folder, "texts.txt")
        num_words = _write_texts(options.corpus, options.bytes, texts)
        runs: dict[str, list[dict[str, Any]]] = {name: [] for name in STEPS}
        for round_number in range(options.rounds):
            for name in (
                STEPS if round_number % 2 == 0 else reversed(STEPS)
            ):  # whichever slows down, slows both
                log = Path(folder, "log")
                command = [sys.executable, "-m", "benchmarks.phrases", str(texts)]
                measured = measure([*command, "--threads", str(options.threads), "--job", name], log)
                found = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
                runs[name].append(found | measured._asdict())
                print(name, {**runs[name][-1], "phrases": len(found["phrases"])}, file=sys.stderr)
        conditions = conditions_of(
            {"the texts": texts}, threads=options.threads, rounds=options.rounds, **began
        )
    agreement = _agreement(runs["gensim"][0], runs["wordvec"][0])
    for run in (run for of_one in runs.values() for run in of_one):
        run["phrases"] = len(run["phrases"])
    result = conditions | {
        "words": num_words,
        "words_per_text": WORDS_PER_TEXT,
        "settings": SETTINGS,
        "agreement": agreement,
        "runs": runs,
    }
    page = _page(result)
    save(options.write / "phrases", result, page)
    print(page)


def _write_texts(corpus: Path, num_bytes: int, path: Path) -> int:
    """Write the first bytes of the corpus, without the word that they cut, as lines of so many words each."""
    with gzip.open(corpus) as file:
        words = file.read(num_bytes).decode(errors="ignore").split()[:-1]
    starts = range(0, len(words), WORDS_PER_TEXT)
    path.write_text(
        "".join(" ".join(words[start : start + WORDS_PER_TEXT]) + "\n" for start in starts), encoding="utf-8"
    )
    return len(words)


class _Clock:
    """Wall and CPU seconds of steps."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.cpu_seconds: dict[str, float] = {}
        self._begin()

    def _begin(self) -> None:
        self._began, self._cpu_began = time.perf_counter(), time.process_time()

    def end(self, step: str) -> None:
        """The time since the end of the step before belongs to this one."""
        self.seconds[step] = time.perf_counter() - self._began
        self.cpu_seconds[step] = time.process_time() - self._cpu_began
        self._begin()


def _gensim_job(texts: Path, _threads: int) -> dict[str, Any]:
    from gensim.models.phrases import Phrases

    clock = _Clock()
    with texts.open(encoding="utf-8") as file:
        lists = [line.split() for line in file]
    clock.end("split")
    counted = Phrases(lists, **SETTINGS)
    clock.end("count")
    frozen = counted.freeze()
    clock.end("export")
    joined = [frozen[text] for text in lists]
    clock.end("apply")
    return {
        "seconds": clock.seconds,
        "step_cpu_seconds": clock.cpu_seconds,
        "phrases": frozen.phrasegrams,
        "joined_sha256": _digest(joined),
    }


def _wordvec_job(texts: Path, threads: int) -> dict[str, Any]:
    from wordvec.corpus.sources import parse_source
    from wordvec.phrases.finding import find_phrases, join_text
    from wordvec.vocabulary.encoding import number_words

    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder, "small.txt")
        small.write_text("".join(f"new york w{number}\n" for number in range(100)), encoding="utf-8")
        join_text(  # compiles, and loads what reads files
            number_words(parse_source(small), Path(folder), "whitespace", threads, lambda _: None),
            find_phrases(small, threads=threads, threshold=0.1),
            threads,
        )
        clock = _Clock()
        found = find_phrases(texts, threads=threads, **SETTINGS)
        clock.end("find")
        text = number_words(parse_source(texts), Path(folder), "whitespace", threads, lambda _: None)
        clock.end("number")
        joined = join_text(text, found, threads)
        clock.end("join")
        words = np.array([*joined.words, None], dtype=object)
        ids = np.fromfile(joined.path, np.int32)
    ends = np.flatnonzero(ids == -1)
    lists = (words[part[part >= 0]].tolist() for part in np.split(ids, ends + 1)[:-1])
    return {
        "seconds": clock.seconds,
        "step_cpu_seconds": clock.cpu_seconds,
        "phrases": {found.name(one): one.score for one in found},
        "joined_sha256": _digest(lists),
    }


def _digest(texts: Iterable[Sequence[str]]) -> str:
    found = hashlib.sha256()
    for text in texts:
        found.update((" ".join(text) + "\n").encode())
    return found.hexdigest()


def _agreement(theirs: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    """How many phrases are in both, have the same score, and whether the joined texts are the same."""
    both = theirs["phrases"].keys() & ours["phrases"].keys()
    return {
        "gensim": len(theirs["phrases"]),
        "wordvec": len(ours["phrases"]),
        "both": len(both),
        "same_score": sum(theirs["phrases"][name] == ours["phrases"][name] for name in both),
        "same_joined_text": theirs["joined_sha256"] == ours["joined_sha256"],
    }


def _page(result: dict[str, Any]) -> str:
    agreement, settings = result["agreement"], result["settings"]
    head = [
        heading("Phrases", "benchmarks.phrases", result),
        f"- {result['words']:,} words, {result['words_per_text']} a text",
        f"- {result['threads']} threads (gensim has one); {result['rounds']} rounds",
        f"- load average {result['load_average']:.1f} when they began",
        f"- min_count {settings['min_count']}, threshold {settings['threshold']:g}, no connector words",
    ]
    rows = [["median (range)", "wall seconds", "CPU seconds", "peak memory, MB"]]
    for title, name, steps in (
        ("gensim: count, from lists of words", "gensim", ("count",)),
        ("gensim: count and export", "gensim", ("count", "export")),
        ("gensim: split the file, count and export", "gensim", ("split", "count", "export")),
        ("wordvec: read the file, count and score", "wordvec", ("find",)),
        ("gensim: apply, to lists of words", "gensim", ("apply",)),
        ("wordvec: join, on word ids", "wordvec", ("join",)),
    ):
        memory = statistics.median(run["peak_memory_bytes"] for run in result["runs"][name]) / 1e6
        wall, cpu = (_sums(result, name, steps, kind) for kind in ("seconds", "step_cpu_seconds"))
        rows.append([title, _spread(wall), _spread(cpu), f"{memory:,.0f}"])
    ratios = [["gensim / wordvec, of medians", "wall", "CPU"]]
    for title, theirs, ours in (
        ("find, gensim from lists in memory, wordvec from the file", ("count",), ("find",)),
        ("find, both from the file to scored phrases", ("split", "count", "export"), ("find",)),
        ("join", ("apply",), ("join",)),
    ):
        ratios.append(
            [
                title,
                *(f"{_ratio(result, theirs, ours, kind):.1f}" for kind in ("seconds", "step_cpu_seconds")),
            ]
        )
    same = (
        f"{agreement['both']:,} phrases are in both, of {agreement['gensim']:,} of gensim's and "
        f"{agreement['wordvec']:,} of wordvec's; {agreement['same_score']:,} have the same score to the last bit; the "
        f"joined texts are {'the same' if agreement['same_joined_text'] else 'not the same'}."
    )
    foot = (
        "Peak memory is that of the whole process: gensim's has the lists of words in it, wordvec's the compiler. "
        "Compiling the kernels, once on a machine, takes some seconds more."
    )
    return "\n".join([*head, "", table(rows), "", table(ratios), "", same, "", foot, ""])


def _sums(result: dict[str, Any], name: str, steps: Sequence[str], kind: str) -> list[float]:
    return [sum(run[kind][step] for step in steps) for run in result["runs"][name]]


def _ratio(result: dict[str, Any], theirs: Sequence[str], ours: Sequence[str], kind: str) -> float:
    medians = (
        statistics.median(_sums(result, name, steps, kind))
        for name, steps in (("gensim", theirs), ("wordvec", ours))
    )
    gensim, wordvec = medians
    return gensim / wordvec


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    main()
