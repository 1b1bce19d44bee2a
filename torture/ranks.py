"""Ranks: kills and hangs of random ranks of runs under torchrun or Ray, which must all end with a good model.

    python -m torture.ranks --faults 50
    python -m torture.ranks --faults 20 --launcher ray

Of `torchrun --max-restarts ... -m wordvec train ...`, or of `train_on_ray`, on 2 to 4 ranks, one rank gets SIGKILL, or
SIGSTOP and so answers nothing any more, at random moments: while ranks start, train or write a checkpoint. The launcher
starts all ranks again, and they go on from the checkpoint. Each run must come to its end, leave nothing behind, and
have a validation loss within the spread of runs that nobody disturbed. With Ray, the machine may have no other cluster.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.measured import conditions_of, heading, save
from benchmarks.page import table

from torture.kills import PHASES, write_corpus
from torture.rank_launchers import LAUNCHERS, RankLauncher, Run, lines_said
from wordvec import load, train
from wordvec.errors import WordvecError
from wordvec.formats.checkpoint import is_checkpoint
from wordvec.pipeline.checkpoints import load_checkpoint
from wordvec.storage.format_table import RUN

SETTINGS: dict[str, Any] = {"dim": 40, "epochs": 30, "threads": 1, "validation": 0.02, "sync_every": 3000}
SEED = 5  # of the runs that are disturbed
UNDISTURBED_SEEDS = (5, 6, 7, 8)
NUM_RANKS = (2, 3, 4)
AIMS = ("training", "checkpointing", "training", "any moment")
STOPS_PER_FAULT = 0.2
FAULTS_PER_RUN = 8
TIMEOUT_SECONDS = 30  # of a rank that waits for another one
CHECKPOINT_EVERY = "1s"
MAX_START_SECONDS = 15.0  # up to which a fault at any moment may come after a start
MAX_TRAINING_SECONDS = 1.2  # up to which a fault may come after training has begun
MAX_SECONDS_WITHOUT_END = 420.0  # of a run after its last fault
SECONDS_BETWEEN_LOOKS = 0.005


@dataclass
class Fault:
    """One rank that was killed or stopped, and what it cost."""

    ranks: int
    rank: int
    is_stop: bool
    phase: str
    seconds_to_notice: float | None = None  # until all ranks were ended and started again
    seconds_to_training: float | None = None  # until they trained again, or the run had ended
    seconds_of_work_lost: float = 0.0  # trained since the checkpoint that the run went on from


@dataclass
class Outcome:
    """What came of all faults."""

    faults: list[Fault] = field(default_factory=list)
    losses: dict[int, list[float]] = field(default_factory=dict)  # of disturbed runs, by number of ranks
    undisturbed: dict[int, list[float]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


class Place(NamedTuple):
    """Where the runs work."""

    folder: Path

    @property
    def corpus(self) -> Path:
        """The text of all runs."""
        return self.folder / "corpus.txt"

    @property
    def output(self) -> Path:
        """Where runs save."""
        return self.folder / "model.wv"

    @property
    def checkpoint(self) -> Path:
        """Beside the output."""
        return self.folder / "model.wv.checkpoint"

    @property
    def temporary(self) -> Path:
        """Where runs keep encoded text."""
        return self.folder / "temporary"

    @property
    def of_launcher(self) -> Path:
        """What Ray keeps of a run."""
        return self.folder / "ray"

    @property
    def talk(self) -> Path:
        """What a run says."""
        return self.folder / "talk.txt"


def main() -> None:
    """Disturb runs, and print what came of it; exit with 1 if anything was lost."""
    options = _parser().parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="wordvec-torture-") as folder:
        outcome = disturb_runs(
            Path(folder),
            options.faults,
            options.seed,
            launcher=LAUNCHERS[options.launcher],
            megabytes=options.megabytes,
            max_seconds=options.max_minutes * 60,
        )
    seconds = round(time.perf_counter() - began, 1)
    facts = {
        **asdict(outcome),
        "launcher": LAUNCHERS[options.launcher].name,
        "seconds": seconds,
        "seed": options.seed,
        "megabytes": options.megabytes,
    }
    print(json.dumps(facts, indent=1))
    if options.results is not None:
        conditions = conditions_of({})
        save(
            options.results
            / ("kills-ranks" if options.launcher == "torchrun" else f"kills-{options.launcher}"),
            {"conditions": conditions, **facts},
            page(conditions, outcome, facts),
        )
    sys.exit(bool(outcome.problems))


def disturb_runs(
    folder: Path,
    faults: int,
    seed: int,
    *,
    launcher: RankLauncher = LAUNCHERS["torchrun"],
    megabytes: float = 0.6,
    max_seconds: float = float("inf"),
    share_of_stops: float = STOPS_PER_FAULT,
) -> Outcome:
    """Disturb runs in an empty folder until it was done so often.

    Args:
        folder: for the corpus, the models, and all that runs leave behind.
        faults: how many.
        seed: of the moments, the ranks and the kinds of faults.
        launcher: of the ranks.
        megabytes: of the corpus.
        max_seconds: after which no further fault is done.
        share_of_stops: of the faults; the others are kills.
    """
    chance = random.Random(seed)
    place = Place(folder)
    place.temporary.mkdir()
    write_corpus(place.corpus, megabytes)
    outcome = Outcome()
    deadline = time.perf_counter() + max_seconds
    for run in range(faults):  # each has one fault at least, or ended before it
        left = faults - len(outcome.faults)
        if left <= 0 or time.perf_counter() > deadline:
            break
        ranks = NUM_RANKS[run % len(NUM_RANKS)]
        if ranks not in outcome.undisturbed:
            outcome.undisturbed[ranks] = _undisturbed_losses(place, ranks)
            print(f"{ranks} ranks, undisturbed: {outcome.undisturbed[ranks]}", file=sys.stderr)
        found = _disturbed_run(
            place, launcher, ranks, chance, min(left, FAULTS_PER_RUN), deadline, outcome, share_of_stops
        )
        if found is not None:
            outcome.losses.setdefault(ranks, []).append(found)
            print(f"run {run + 1}: {ranks} ranks, loss {found:.4f}", file=sys.stderr)
    return outcome


def allowed_losses(undisturbed: list[float]) -> tuple[float, float]:
    """The least and the largest loss within the spread: the mean, and four standard deviations to each side.

    >>> low, high = allowed_losses([0.50, 0.51, 0.52])
    >>> round(low, 3), round(high, 3)
    (0.47, 0.55)
    """
    middle, spread = statistics.mean(undisturbed), 4 * statistics.stdev(undisturbed)
    return middle - spread, middle + spread


def _undisturbed_losses(place: Place, ranks: int) -> list[float]:
    """Of simulated runs, which have the bytes that processes have where no checkpoint is written."""
    return [
        _loss(train(place.corpus, simulate_ranks=ranks, seed=seed, progress=False, **SETTINGS).training)
        for seed in UNDISTURBED_SEEDS
    ]


def _loss(records: list[dict[str, Any]]) -> float:
    *_, last = (record for record in records if record["event"] == "epoch")
    return float(last["validation_loss"])


def _disturbed_run(
    place: Place,
    starts: RankLauncher,
    ranks: int,
    chance: random.Random,
    faults: int,
    deadline: float,
    outcome: Outcome,
    share_of_stops: float,
) -> float | None:
    """One run with some faults; its loss, or None where it was lost."""
    with _launched(place, starts, ranks) as launcher:
        for _ in range(faults):
            if time.perf_counter() > deadline:
                break
            aim = AIMS[len(outcome.faults) % len(AIMS)]
            workers = partial(starts.workers, launcher.pid)
            fault = _disturb(place, launcher, workers, ranks, chance, aim, share_of_stops)
            if fault is None:  # the run was faster
                break
            outcome.faults.append(fault)
            outcome.problems += _of_what_is_left(place, len(outcome.faults))
            print(f"fault {len(outcome.faults)}: {fault}", file=sys.stderr)
        try:
            launcher.wait(MAX_SECONDS_WITHOUT_END)
        except subprocess.TimeoutExpired:
            outcome.problems.append(f"after fault {len(outcome.faults)}: the run hangs: {_end_of(place)}")
            return None
    problems = list(_of_a_finished_run(place, launcher.returncode, len(outcome.faults)))
    outcome.problems += problems
    if launcher.returncode:
        return None
    loss = _loss(load(place.output).training)
    low, high = allowed_losses(outcome.undisturbed[ranks])
    if not low <= loss <= high:
        outcome.problems.append(
            f"after fault {len(outcome.faults)}: the loss {loss} of {ranks} ranks is out of {low} to {high}"
        )
    return loss


@contextmanager
def _launched(place: Place, starts: RankLauncher, ranks: int) -> Iterator[subprocess.Popen[bytes]]:
    shutil.rmtree(place.output, ignore_errors=True)  # of the run before
    settings = {**SETTINGS, "seed": SEED}
    run = Run(place.corpus, place.output, place.temporary, ranks, settings, CHECKPOINT_EVERY)
    environment = {
        **os.environ,
        **starts.environment,
        "OMP_NUM_THREADS": "1",
        "WORDVEC_RANK_TIMEOUT": str(TIMEOUT_SECONDS),
    }
    with (
        place.talk.open("wb") as talk,
        subprocess.Popen(
            starts.command(run),
            stderr=talk,
            stdout=talk,
            env=environment,
            start_new_session=True,
        ) as launcher,
    ):
        try:
            yield launcher
        finally:
            if launcher.poll() is None:
                for process in [*starts.workers(launcher.pid).values(), launcher.pid]:
                    with suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
                starts.clean_up()


def _disturb(
    place: Place,
    launcher: subprocess.Popen[bytes],
    find_workers: Callable[[], dict[int, int]],
    ranks: int,
    chance: random.Random,
    aim: str,
    share_of_stops: float,
) -> Fault | None:
    """Kill or stop a rank, and wait until all train again; None if the run has ended before."""

    def run_is_there() -> bool:
        return launcher.poll() is None

    if not _await(lambda: len(find_workers()) == ranks, run_is_there):
        return None
    for is_awaited, seconds in _moments(place, chance, aim):
        if not _await(is_awaited, run_is_there):
            return None
        time.sleep(seconds)
    workers = find_workers()
    if not run_is_there() or len(workers) < ranks or _is_saved(place):
        return None
    rank, is_stop = chance.choice(sorted(workers)), chance.random() < share_of_stops
    fault = Fault(ranks, rank, is_stop, _phase(place))
    began, written = time.time(), _time_of_checkpoint(place)
    try:
        os.kill(workers[rank], signal.SIGSTOP if is_stop else signal.SIGKILL)
    except ProcessLookupError:
        return None
    if fault.phase == "training" and written is not None:
        fault.seconds_of_work_lost = round(began - written, 2)
    said_before = place.talk.stat().st_size

    def is_new() -> bool:
        now = find_workers()
        return len(now) == ranks and not set(now.values()) & set(workers.values())

    _await(lambda: is_new() or (is_stop and _is_saved(place)), run_is_there)
    if is_stop and _is_saved(place) and not is_new():
        # Rank 0 has ended, so nobody waits for this one but the launcher, which does so without an end.
        with suppress(ProcessLookupError):
            os.kill(workers[rank], signal.SIGCONT)
    elif is_new():
        fault.seconds_to_notice = round(time.time() - began, 2)
        _await(lambda: _phase(place, said_before) in ("training", "saving"), run_is_there)
    fault.seconds_to_training = round(time.time() - began, 2)
    return fault


def _await(is_there: Callable[[], bool], run_is_there: Callable[[], bool]) -> bool:
    """Wait for something; False if the run ended before, or it took too long."""
    deadline = time.perf_counter() + MAX_SECONDS_WITHOUT_END
    while run_is_there() and time.perf_counter() < deadline:
        if is_there():
            return True
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return False


def _moments(place: Place, chance: random.Random, aim: str) -> list[tuple[Callable[[], bool], float]]:
    """What to wait for, and how many seconds after that; then for the next."""
    if aim == "any moment":
        return [(lambda: True, chance.uniform(0, MAX_START_SECONDS))]
    if aim == "checkpointing":
        return [
            (lambda: _phase(place) in ("training", "saving"), chance.uniform(0, MAX_TRAINING_SECONDS)),
            (lambda: bool(_growing(place)) or _phase(place) == "saving", 0.0),
        ]
    return [(lambda: _phase(place) in (aim, "saving"), chance.uniform(0, MAX_TRAINING_SECONDS))]


def _phase(place: Place, start: int | None = None) -> str:
    """What the run has told last, since the last time that ranks were started."""
    data = place.talk.read_bytes()[start or 0 :].decode(errors="replace")
    found = "starting"
    for line in lines_said(data):
        word = line.split(" ")[0].rstrip(":")
        if word in (*PHASES, "starting", "continuing"):
            found = "starting" if word == "continuing" else word
        elif word == "epoch":
            found = "training"
    return found


def _is_saved(place: Place) -> bool:
    return place.output.exists()


def _time_of_checkpoint(place: Place) -> float | None:
    with suppress(OSError):
        return (place.checkpoint / RUN).stat().st_mtime
    return None


def _growing(place: Place) -> set[str]:
    return {name for name in _left(place) if name.startswith(f".{place.checkpoint.name}.")}


def _left(place: Place) -> set[str]:
    known = {place.corpus, place.output, place.checkpoint, place.temporary, place.talk, place.of_launcher}
    return {entry.name for entry in place.folder.iterdir() if entry not in known}


def _of_what_is_left(place: Place, fault: int) -> Iterator[str]:
    """What is wrong with what a disturbed run has on the disk, while it goes on."""
    if is_checkpoint(place.checkpoint):
        try:
            load_checkpoint(place.checkpoint)
        except WordvecError as problem:
            if is_checkpoint(
                place.checkpoint
            ):  # else it was removed at the end of the run, while it was read
                yield f"after fault {fault}: the checkpoint cannot be loaded: {problem}"


def _of_a_finished_run(place: Place, status: int, fault: int) -> Iterator[str]:
    after = f"after fault {fault}"
    if status:
        yield f"{after}: the run failed with {status}: {_end_of(place)}"
        return
    if place.checkpoint.exists():
        yield f"{after}: the finished run has left its checkpoint"
    if left := _left(place) | {entry.name for entry in place.temporary.iterdir()}:
        yield f"{after}: the finished run has left {sorted(left)}"


def _end_of(place: Place) -> str:
    return place.talk.read_text(encoding="utf-8", errors="replace")[-2000:]


def page(conditions: dict[str, Any], outcome: Outcome, facts: dict[str, Any]) -> str:
    """What came of it, as Markdown."""
    faults = outcome.faults
    phases = Counter(fault.phase for fault in faults)
    by_phase = ", ".join(f"{name} {phases[name]}" for name in PHASES if phases[name])
    rows = [["", "faults", "until all ranks start again", "until they train again", "work done again"]]
    for name, is_stop in (("killed (SIGKILL)", False), ("stopped (SIGSTOP)", True)):
        of_kind = [fault for fault in faults if fault.is_stop == is_stop]
        columns: list[list[float | None]] = [
            [fault.seconds_to_notice for fault in of_kind],
            [fault.seconds_to_training for fault in of_kind],
            [fault.seconds_of_work_lost for fault in of_kind if fault.phase == "training"],
        ]
        rows.append([name, str(len(of_kind)), *(_spread(column) for column in columns)])
    losses = [["ranks", "undisturbed, by seed", "disturbed"]]
    for ranks, undisturbed in sorted(outcome.undisturbed.items()):
        found = outcome.losses.get(ranks, [])
        losses.append(
            [
                str(ranks),
                *(", ".join(f"{loss:.4f}" for loss in sorted(some)) for some in (undisturbed, found)),
            ]
        )
    settings = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in SETTINGS.items())
    is_torchrun = facts["launcher"] == "torchrun"
    then = "; torchrun then gives it 30 s to end before it kills it" if is_torchrun else ", and Ray for 60 s"
    num_runs = sum(map(len, outcome.losses.values()))
    return f"""{heading("Ranks that are killed or hang", "torture.ranks", conditions)}

{len(faults)} faults in {num_runs} runs under {facts["launcher"]}, seed {facts["seed"]}, \
{facts["seconds"] / 60:,.0f} minutes, on {facts["megabytes"]:g} MB: `{settings}`, a checkpoint every \
{CHECKPOINT_EVERY}, and `WORDVEC_RANK_TIMEOUT` {TIMEOUT_SECONDS} s.

By what rank 0 had said last: {by_phase}.

{table(rows)}

Seconds, median (least to most). A rank that is stopped is noticed when the others have waited for it for \
{TIMEOUT_SECONDS} s{then}. Starting means importing, reading and encoding the text, and \
loading compiled kernels: on the machine above, which had other work to do.

Validation losses, with seed {SEED}:

{table(losses)}

Broken promises (a run that fails or does not end, a checkpoint or a model that cannot be read, a loss outside of the \
mean of undisturbed runs by more than four of their standard deviations, something left behind): \
{len(outcome.problems)}.
"""


def _spread(values: list[float | None]) -> str:
    """Median, least and most.

    >>> _spread([3.0, None, 1.0, 2.0]), _spread([])
    ('2.0 (1.0 to 3.0)', '-')
    """
    known = [value for value in values if value is not None]
    if not known:
        return "-"
    return f"{statistics.median(known):.1f} ({min(known):.1f} to {max(known):.1f})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--faults", type=int, default=50)
    parser.add_argument("--launcher", choices=[*LAUNCHERS], default="torchrun")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--megabytes", type=float, default=0.6, help="of the corpus")
    parser.add_argument("--max-minutes", type=float, default=1e6, help="after which no further fault is done")
    parser.add_argument("--results", type=Path, help="a folder to write what came of it to")
    return parser


if __name__ == "__main__":
    main()
