"""Billion: memory and speed on texts of 10 million to a billion words, by Zipf's law, on one machine.

    python -m benchmarks.billion --words 10_000_000 100_000_000
    python -m benchmarks.billion --words 100_000_000 1_000_000_000

Memory should be flat in the text, and time linear. Each size is read three times, in processes of their own: counted
with all distinct words in memory, counted with a limit on them, and trained on, one epoch with a vocabulary of the
same size. A billion words take 10 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine
from benchmarks.measure import measure
from benchmarks.measured import RESULTS, conditions_of, heading, moment, save
from benchmarks.page import table
from benchmarks.zipf import DISTINCT, zipf_lines

SETTINGS: dict[str, Any] = {"dim": 100, "epochs": 1, "max_vocab": 200_000}
MAX_DISTINCT = 1_000_000  # counted in memory where that is limited
JOBS = {
    "counted": "all distinct words in memory",
    "limited": f"{MAX_DISTINCT:,} distinct words in memory",
    "trained": "whole run",
}


def main() -> None:
    """Generate a text of each size; measure each job on it; write figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.billion", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--words", type=int, nargs="+", default=[10_000_000, 100_000_000])
    parser.add_argument("--threads", type=int, default=describe_machine()["cores"])
    parser.add_argument(
        "--folder", type=Path, help="for the texts, in a folder of their own (default: the system's)"
    )
    parser.add_argument("--write", type=Path, default=RESULTS)
    parser.add_argument("--job", choices=[*JOBS], help=argparse.SUPPRESS)
    parser.add_argument("--corpus", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        print(json.dumps(_job(options.job, options.corpus, options.threads)))
        return
    began = moment()
    runs = []
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        (folder / "small.txt").write_bytes(b"".join(zipf_lines(100_000)))
        _measured("trained", folder / "small.txt", options.threads, folder)  # compiles
        for num_words in sorted(options.words):
            corpus = folder / "corpus.txt"
            with corpus.open("wb") as file:
                for block in zipf_lines(num_words):
                    file.write(block)
            for job in JOBS:
                run = _measured(job, corpus, options.threads, folder)
                runs.append({"words": num_words, "bytes": corpus.stat().st_size, "job": job, **run})
                print(runs[-1], file=sys.stderr)
            corpus.unlink()
            conditions = conditions_of({}, threads=options.threads, **began)
            result = conditions | {"settings": SETTINGS, "distinct": DISTINCT, "runs": runs}
            page = _page(result)
            save(options.write / "billion", result, page)  # of the sizes so far: the next one may take hours
    print(page)


def _measured(job: str, corpus: Path, threads: int, folder: Path) -> dict[str, Any]:
    log = folder / "log"
    command = [sys.executable, "-m", "benchmarks.billion", "--job", job, "--corpus", str(corpus)]
    taken = measure([*command, "--threads", str(threads)], log, {"TMPDIR": str(folder)})
    phases: dict[str, Any] = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
    return phases | taken._asdict()


def _job(job: str, corpus: Path, threads: int) -> dict[str, Any]:
    """What one process does; the seconds of its phases."""
    if job == "trained":
        import wordvec

        vectors = wordvec.train(corpus, threads=threads, progress=False, **SETTINGS)
        done = vectors.training[-1]
        return {"phases": done["phases"], "words_known": done["words"], "vocabulary": len(vectors)}
    from wordvec.corpus.sources import parse_source
    from wordvec.vocabulary.encoding import CountingProgress, encode_corpus

    last: list[CountingProgress] = []
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        vocabulary, encoded = encode_corpus(
            parse_source(corpus),
            folder=Path(folder),
            max_vocab=SETTINGS["max_vocab"],
            threads=threads,
            on_progress=lambda progress: last.__setitem__(slice(None), [progress]),
            max_distinct=MAX_DISTINCT if job == "limited" else None,
        )
        return {
            "phases": {"reading": time.perf_counter() - began},
            "words_known": encoded.num_words,
            "vocabulary": len(vocabulary),
            "distinct": last[0].distinct_words,
            "counts_sum": int(vocabulary.counts.sum()),
            "corpus_sha256": encoded.digest(),
        }


def _page(result: dict[str, Any]) -> str:
    settings = result["settings"]
    head = [
        heading("A billion words", "benchmarks.billion", result),
        f"- {result['threads']} threads; load average {result['load_average']:.1f} when it began",
        f"- text by Zipf's law over {result['distinct']:,} words (`benchmarks/zipf.py`)",
        f"- dim {settings['dim']}, {settings['epochs']} epoch, max_vocab {settings['max_vocab']:,}",
    ]
    rows = [
        [
            "words",
            "job",
            "distinct words",
            "reading, words/s",
            "training, words/s",
            "CPU seconds",
            "peak memory, MB",
        ]
    ]
    for run in result["runs"]:
        phases = run["phases"]
        reading = phases.get("reading") or phases["counting"] + phases["encoding"]
        training = phases.get("training")
        rows.append(
            [
                f"{run['words']:,}",
                JOBS[run["job"]],
                f"{run['distinct']:,}" if "distinct" in run else "",
                f"{run['words'] / reading:,.0f}",
                f"{run['words_known'] / training:,.0f}" if training else "",
                f"{run['cpu_seconds']:,.0f}",
                f"{(run['peak_private_bytes'] or run['peak_memory_bytes']) / 1e6:,.0f}",
            ]
        )
    return "\n".join([*head, "", table(rows), ""])


if __name__ == "__main__":
    main()
