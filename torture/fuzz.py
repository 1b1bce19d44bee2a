"""Fuzz: damaged files for every reader; each must give a right result or one clear error, and soon.

    python -m torture.fuzz --cases 1000000 --seed 1
    python -m torture.fuzz --reader glove config --minutes 2
    python -m torture.fuzz --reader native --replay .cache/fuzz/native-1-4711

A process reads case after case, with a limit to the memory and the time of each; if it dies, that is a finding. The
file of a finding is kept. Vectors that were accepted are saved in other formats, read again, and printed. Some cases
are traced, and files that reach lines that none has reached before are damaged further. As many readers as there are
processors are at work at a time; one seed gives the same cases for any number of them.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from benchmarks.measured import conditions_of, heading, save
from benchmarks.page import table

from torture.mutations import mutated
from torture.reading import SECONDS_OF_A_CASE, outcome_of, put
from torture.samples import READERS, Sample, sample

BYTES_OF_A_CASE = 64 * 2**20  # at its peak, beside what the process has; the files have some thousand
MAX_BYTES = 12 * 2**30  # of a process, reserved or used, so that a bomb ends it and not the machine
CASES_OF_A_PROCESS = 2_000  # as what is reserved, and never used, grows
SAMPLES_OF_A_PROCESS = 50
FINDINGS = Path(".cache/fuzz")
TRACED = 0.03  # of the cases
MAX_KEPT = 300  # files of a reader that are damaged further
SHARES = {
    "native": 0.1,
    "checkpoint": 0.06,
    "corpus": 0.06,
    "config": 0.12,
}  # of the cases; the others share the rest
MEMORY_FOLDER = "/dev/shm"  # noqa: S108


class Finding(NamedTuple):
    """A promise that was broken."""

    reader: str
    case: str  # where its file is, to replay it
    what: str


def main() -> None:
    """Fuzz, and print what came of it; exit with 1 if there were findings."""
    options = _parser().parse_args()
    if options.replay:
        with tempfile.TemporaryDirectory() as folder:
            print(outcome_of(options.reader[0], options.replay, Path(folder)))
        return
    began = time.perf_counter()
    counts, findings = fuzz(
        options.reader,
        options.cases,
        options.seed,
        seconds=60 * options.minutes,
        processes=options.processes,
    )
    facts = {
        "cases": sum(counts.values()),
        "seed": options.seed,
        "seconds": round(time.perf_counter() - began, 1),
        "outcomes": {
            reader: {kind: counts[reader, kind] for kind in ("accepted", "refused")}
            for reader in options.reader
        },
        "findings": [finding._asdict() for finding in findings],
    }
    print(json.dumps(facts, indent=1))
    if options.results is not None:
        conditions = conditions_of({})
        save(options.results / "fuzz", {"conditions": conditions, **facts}, page(conditions, facts))
    sys.exit(bool(findings))


def page(conditions: dict[str, Any], facts: dict[str, Any]) -> str:
    """What came of it, as Markdown."""
    rows = [["reader", "accepted", "refused with a clear message"]]
    rows += [
        [reader, f"{kinds['accepted']:,}", f"{kinds['refused']:,}"]
        for reader, kinds in facts["outcomes"].items()
    ]
    return f"""{heading("Damaged files", "torture.fuzz", conditions)}

{facts["cases"]:,} damaged files, seed {facts["seed"]}, {facts["seconds"] / 60:,.0f} minutes. Findings (crashes, other
exceptions, more than {SECONDS_OF_A_CASE} s of work or {BYTES_OF_A_CASE / 1e6:,.0f} MB, results that do not hold): \
{len(facts["findings"])}.

{table(rows)}
"""


def fuzz(
    readers: list[str],
    cases: int,
    seed: int,
    *,
    seconds: float = math.inf,
    cases_of_a_process: int = CASES_OF_A_PROCESS,
    processes: int = 1,
) -> tuple[Counter[tuple[str, str]], list[Finding]]:
    """Read damaged files until the number or the time is reached, and count the outcomes by reader and kind."""
    seconds_of_a_reader = seconds * min(processes, len(readers)) / len(readers)
    rest = 1 - sum(SHARES.get(reader, 0) for reader in readers)
    others = sum(reader not in SHARES for reader in readers)
    tasks = []
    for reader in readers:
        share = SHARES.get(reader, rest / max(others, 1)) if others else 1 / len(readers)
        tasks.append((reader, max(1, round(cases * share)), seed, seconds_of_a_reader, cases_of_a_process))
    counts: Counter[tuple[str, str]] = Counter()
    findings: list[Finding] = []
    for reader, (done, found) in zip(readers, _in_parallel(tasks, processes), strict=True):
        for kind, amount in done.items():
            counts[reader, kind] += amount
        findings += found
    return counts, findings


Task = tuple[str, int, int, float, int]  # reader, cases, seed, seconds, cases of a process


def _in_parallel(tasks: list[Task], processes: int) -> Iterator[tuple[Counter[str], list[Finding]]]:
    """The results of the tasks, in order; as many readers work at a time as there are processors."""
    if processes == 1:
        yield from map(_of_a_reader, tasks)
        return
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
        yield from pool.map(_of_a_reader, tasks)


def _of_a_reader(task: Task) -> tuple[Counter[str], list[Finding]]:
    """What one reader makes of its cases."""
    reader, end, seed, seconds, cases_of_a_process = task
    counts: Counter[str] = Counter()
    findings: list[Finding] = []
    kept: list[Sample] = []
    number, stop_at = 0, time.monotonic() + seconds
    while number < end and (number == 0 or time.monotonic() < stop_at):  # a few, at least
        stop = min(end, number + cases_of_a_process)
        done, found, kept = _in_a_process(reader, seed, number, stop, kept)
        counts += done
        findings += found
        number = stop
        print(
            f"{reader}: {number:,} of {end:,}, {len(kept)} kept, {len(findings)} findings",
            file=sys.stderr,
        )
    return counts, findings


def _in_a_process(
    reader: str, seed: int, start: int, stop: int, kept: list[Sample]
) -> tuple[Counter[str], list[Finding], list[Sample]]:
    """Cases [start, stop); where the process dies, the case that it died of is a finding, and the next one follows."""
    counts: Counter[str] = Counter()
    findings: list[Finding] = []
    fork = multiprocessing.get_context("fork")
    while start < stop:
        current = fork.Value("q", start)
        ours, theirs = fork.Pipe(duplex=False)
        with tempfile.TemporaryDirectory(dir=_memory(), prefix="wordvec-fuzz-") as folder:
            place = Path(folder)
            process = fork.Process(
                target=_work, args=(theirs, current, place, reader, seed, start, stop, kept)
            )
            process.start()
            theirs.close()
            try:
                done, found, kept = ours.recv()
            except EOFError:
                process.join()
                what = f"the process died with exit code {process.exitcode}"
                findings.append(_finding(reader, f"{seed}-{current.value}", what, place))
                start = current.value + 1
                continue
            process.join()
        return counts + done, findings + found, kept
    return counts, findings, kept


def _finding(reader: str, case: str, what: str, folder: Path) -> Finding:
    """Keep the file that shows it."""
    kept = FINDINGS / f"{reader}-{case}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    path = folder / "case"
    if path.is_dir():
        shutil.copytree(path, kept, dirs_exist_ok=True)
    elif path.exists():
        shutil.copyfile(path, kept)
    return Finding(reader, str(kept), what)


def _work(
    pipe: Any,
    current: Any,
    folder: Path,
    reader: str,
    seed: int,
    start: int,
    stop: int,
    kept: list[Sample],
) -> None:
    """Read the cases, and send what came of them."""
    _limit_memory()
    warnings.simplefilter("ignore")
    counts: Counter[str] = Counter()
    findings: list[Finding] = []
    seen: set[tuple[str, int]] = set()
    chance = random.Random(f"{seed} {reader} {start}")
    samples = [sample(reader, chance) for _ in range(SAMPLES_OF_A_PROCESS)]
    peak = _peak_bytes()
    for number in range(start, stop):
        current.value = number
        case = _case(samples, random.Random(f"{seed} {reader} {number}"), kept)
        put(case, folder / "case")
        known = len(seen)
        is_traced = random.Random(number).random() < TRACED
        with _tracing(seen) if is_traced else _nothing():
            outcome = outcome_of(reader, folder / "case", folder)
        peak, before = _peak_bytes(), peak
        if peak > before + BYTES_OF_A_CASE:
            outcome = f"takes {(peak - before) / 1e6:,.0f} MB"
        if is_traced and len(seen) > known and number > start and len(kept) < MAX_KEPT:
            kept.append(case)
        counts["accepted" if outcome == "accepted" else "refused"] += 1
        if outcome not in ("accepted", "refused"):
            findings.append(_finding(reader, f"{seed}-{number}", outcome, folder))
    pipe.send((counts, findings, kept))


def _case(samples: list[Sample], chance: random.Random, kept: list[Sample]) -> Sample:
    """A damaged file, or folder of files."""
    whole = chance.choice(kept if kept and chance.random() < 0.3 else samples)
    name = chance.choice(sorted(whole))
    damaged = dict(whole)
    damaged[name] = mutated(
        whole[name], chance, [content for other, content in whole.items() if other != name]
    )
    if len(damaged) > 1 and chance.random() < 0.02:
        del damaged[name]
    return damaged


def _memory() -> str | None:
    """Where files are fastest, if there is such a place."""
    return MEMORY_FOLDER if Path(MEMORY_FOLDER).is_dir() else None


def _limit_memory() -> None:
    pages = (
        int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5]) if sys.platform == "linux" else 0
    )
    if pages:
        limit = pages * resource.getpagesize() + MAX_BYTES
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _peak_bytes() -> int:
    """The most memory that this process had in use so far."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


@contextmanager
def _tracing(seen: set[tuple[str, int]]) -> Iterator[None]:
    """Remember which lines of wordvec are reached."""

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        if "wordvec" not in frame.f_code.co_filename:
            return None
        if event == "line":
            seen.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(None)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=1_000_000, help="over all readers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after about this many minutes")
    parser.add_argument("--reader", nargs="+", choices=READERS, default=list(READERS))
    parser.add_argument("--replay", type=Path, help="the file or folder of a finding, of --reader")
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count() or 1, help="how many readers are at work at a time"
    )
    parser.add_argument("--results", type=Path, help="a folder to write what came of it to")
    return parser


if __name__ == "__main__":
    main()
