"""Startup: the seconds of `import wordvec`, what it loads, of `wordvec similar`, and of compiling the kernels.

python -m benchmarks.startup --model model.wv --word paris --corpus text.txt
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.compiling import compiling_seconds
from benchmarks.machine import describe_machine, describe_source, describe_versions
from benchmarks.measure import measure
from benchmarks.summary import spread
from wordvec.config import Config

COMPILATIONS = 3
HEAVY = ("torch", "numba", "pyarrow", "numpy", "rich")
LOADED = f"import sys, wordvec; print(*[name for name in {HEAVY} if name in sys.modules])"


def main() -> None:
    """Measure each command `--runs` times in fresh processes, and print JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks.startup", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--model", type=Path, help="a saved model; without one, only the import is measured")
    parser.add_argument("--word", default="the", help="the word whose neighbors are asked for")
    parser.add_argument("--corpus", type=Path, help="plain text to train on while kernels are compiled")
    parser.add_argument("--runs", type=int, default=11)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "startup.log"
        bare = _seconds(["-c", ""], log, options.runs)
        importing = _seconds(["-c", "import wordvec"], log, options.runs)
        measure([sys.executable, "-c", LOADED], log)
        result: dict[str, Any] = {
            "machine": describe_machine(),
            "versions": describe_versions(),
            "source": describe_source(),
            "python_seconds": spread(bare),
            "python_and_import_seconds": spread(importing),
            "import_seconds": statistics.median(importing) - statistics.median(bare),
            "import_loads": log.read_text().split(),
        }
        if options.model:
            command = ["-m", "wordvec", "similar", str(options.model), options.word]
            result["similar_seconds"] = spread(_seconds(command, log, options.runs))
        if options.corpus:
            result["compiling_seconds"] = [_compiling(options.corpus) for _ in range(COMPILATIONS)]
    print(json.dumps(result, indent=1))


def _compiling(corpus: Path) -> dict[str, float]:
    """The phase "compiling" of a run with an empty cache, importing numba included, and of the next run."""
    with tempfile.TemporaryDirectory() as work, tempfile.TemporaryDirectory() as cache:
        environment = {"NUMBA_CACHE_DIR": cache, "XDG_CACHE_HOME": cache}
        return compiling_seconds(corpus, Path(work), Config(threads=1), environment)


def _seconds(arguments: list[str], log: Path, num_runs: int) -> list[float]:
    """Wall seconds of a whole Python process, `num_runs` times, after one that fills the caches."""
    return [measure([sys.executable, *arguments], log).job_seconds for _ in range(num_runs + 1)][1:]


if __name__ == "__main__":
    main()
