"""Reading: the seconds wordvec takes to count and encode a corpus, and its memory; also of four copies.

    python -m benchmarks.reading enwiki100m.txt --threads 2

One epoch is trained as well, so that the memory is that of the whole job.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine, describe_source, describe_versions
from benchmarks.measure import measure
from benchmarks.trainers import TRAINERS
from wordvec.config import Config

COPIES = 4


def main() -> None:
    """Measure the corpus once as it is and once copied four times, `--runs` times each, and print JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks.reading", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--threads", type=int, default=describe_machine()["cores"])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    config = Config(epochs=1, threads=options.threads)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        copied = work / f"copied{options.corpus.suffix}"
        with copied.open("wb") as output:
            for _ in range(COPIES):
                with options.corpus.open("rb") as original:
                    shutil.copyfileobj(original, output, 1 << 20)
        _job(options.corpus, config, work)  # compiles the kernels
        once = [_job(options.corpus, config, work) for _ in range(options.runs)]
        copies = [_job(copied, config, work) for _ in range(options.runs)]
    result = {
        "machine": describe_machine(),
        "versions": describe_versions(),
        "source": describe_source(),
        "corpus": {"name": options.corpus.name, "bytes": options.corpus.stat().st_size},
        "threads": options.threads,
        "once": once,
        f"{COPIES} copies": copies,
    }
    print(json.dumps(result, indent=1))


def _job(corpus: Path, config: Config, work: Path) -> dict[str, Any]:
    trainer = TRAINERS["wordvec"]
    folder = work / "model"
    measured = measure(trainer.command(corpus, folder, config), work / "reading.log")
    report = trainer.report(folder)
    shutil.rmtree(folder)
    reading_seconds = report.phases["counting"] + report.phases["encoding"]
    return {
        "reading_seconds": reading_seconds,
        "phases": report.phases,
        "words": report.words,
        **measured._asdict(),
    }


if __name__ == "__main__":
    main()
