"""Kills: SIGKILL at random moments of training runs, a resume after each, and a look at what is left on the disk.

    python -m torture.kills --kills 200
    python -m torture.kills --kills 100 --job torch
    python -m torture.kills --kills 50 --job subwords

Runs of `wordvec train` on one thread are killed again and again: while they count words, encode the text, train, write
a checkpoint, save the model, or at any moment, each as often. After each kill, a model at the output must be the one
from before or the finished one, and a checkpoint must be whole. The finished vectors must be those of a run that was
never killed.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.measured import conditions_of, heading, save
from numpy.typing import NDArray

from wordvec import WordVectors, load
from wordvec.errors import WordvecError
from wordvec.formats.checkpoint import is_checkpoint
from wordvec.pipeline.checkpoints import load_checkpoint
from wordvec.storage.temporary import ASIDE, GROWING
from wordvec.vocabulary.subwords import SubwordVocabulary

COMMON = "--epochs 4 --threads 1 --validation 0.02 --keep best --seed 5 --checkpoint-every 0.02s"
JOBS = {  # what is trained, and on how many megabytes, so that a run takes some seconds
    "numba": (f"{COMMON} --dim 60", 3.0),
    "subwords": (f"{COMMON} --dim 40 --max-n 5 --buckets 20000", 2.0),
    "cbow-positions": (f"{COMMON} --dim 60 --architecture cbow --position-weights", 4.0),
    "torch": (f"{COMMON} --dim 20 --engine torch --architecture cbow", 0.3),
    "torch-hierarchical": (f"{COMMON} --dim 10 --engine torch --objective hierarchical", 0.2),
}
PHASES = ("starting", "counting", "encoding", "compiling", "training", "checkpointing", "saving")
AIMS = ("counting", "encoding", "training", "checkpointing", "saving", "any moment")
SECONDS_BETWEEN_LOOKS = 0.0005
MAX_WAIT_WHILE_WRITING = 0.03
MAX_RUNS_PER_KILL = 20


class Problem(NamedTuple):
    """A promise that was broken."""

    kill: int
    what: str


class Outcome(NamedTuple):
    """What came of all kills."""

    kills: int
    by_phase: dict[str, int]
    completed_runs: int
    resumes: int
    problems: list[Problem]


class Place(NamedTuple):
    """Where the runs work."""

    corpus: Path
    output: Path
    temporary: Path
    talk: Path  # what a run says
    settings: str  # of the run

    @property
    def checkpoint(self) -> Path:
        """Beside the output."""
        return self.output.with_name(self.output.name + ".checkpoint")


def main() -> None:
    """Kill, and print what came of it; exit with 1 if anything was lost."""
    options = _parser().parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="wordvec-torture-") as folder:
        outcome = kill_runs(
            Path(folder), options.kills, options.seed, job=options.job, megabytes=options.megabytes
        )
    seconds = round(time.perf_counter() - began, 1)
    facts = outcome._asdict() | {"seconds": seconds, "seed": options.seed, "job": JOBS[options.job][0]}
    print(json.dumps(facts, indent=1))
    if options.results is not None:
        conditions = conditions_of({})
        name = "kills" if options.job == "numba" else f"kills-{options.job}"
        save(options.results / name, {"conditions": conditions, **facts}, page(conditions, facts))
    sys.exit(bool(outcome.problems))


def page(conditions: dict[str, Any], facts: dict[str, Any]) -> str:
    """What came of it, as Markdown."""
    phases = ", ".join(f"{name} {number}" for name, number in facts["by_phase"].items())
    return f"""{heading("Killed runs", "torture.kills", conditions)}

{facts["kills"]} kills (SIGKILL) of one-thread runs, seed {facts["seed"]}, {facts["seconds"] / 60:,.0f} minutes: \
`{facts["job"]}`.

By what they were doing: {phases}. {facts["resumes"]} of the runs were resumed from a checkpoint, \
{facts["completed_runs"]} came to their end.

Broken promises (a file that cannot be read, an earlier model that is gone, vectors other than those of a run that was \
never killed, something left behind): {len(facts["problems"])}.
"""


def kill_runs(
    folder: Path, kills: int, seed: int, *, job: str = "numba", megabytes: float | None = None
) -> Outcome:
    """Kill runs in an empty folder until it was done so often.

    Args:
        folder: for the corpus, the models, and all that runs leave behind.
        kills: how many.
        seed: of the moments.
        job: what is trained, one of `JOBS`.
        megabytes: of the corpus; by default, as the job has it.
    """
    chance = random.Random(seed)
    settings, usual_megabytes = JOBS[job]
    place = Place(
        folder / "corpus.txt", folder / "model.wv", folder / "temporary", folder / "talk.txt", settings
    )
    place.temporary.mkdir()
    write_corpus(place.corpus, usual_megabytes if megabytes is None else megabytes)
    whole = place._replace(output=folder / "whole.wv")
    durations = _durations(whole)
    finished = _bytes_of(load(whole.output))
    earlier = _earlier_model(place)
    phases: Counter[str] = Counter()
    problems: list[Problem] = []
    num_kills = completed = missed = resumes = 0
    while num_kills < kills:
        resumes += is_checkpoint(place.checkpoint)
        phase = _run_and_kill(place, chance, durations, AIMS[num_kills % len(AIMS)])
        if phase is None:  # it was faster
            completed += 1
            missed += 1
            if missed == MAX_RUNS_PER_KILL:
                aim = AIMS[num_kills % len(AIMS)]
                raise RuntimeError(
                    f"{missed} runs ended before the moment to kill them ({aim}): use more megabytes"
                )
            problems += _of_a_finished_run(place, num_kills, finished)
            earlier = _earlier_model(place)
            continue
        num_kills += 1
        missed = 0
        phases[phase] += 1
        problems += _of_what_is_left(place, num_kills, earlier, finished)
        print(f"kill {num_kills}: {phase}", file=sys.stderr)
    with _started(place) as run:  # the last one may end
        run.wait()
    problems += _of_a_finished_run(place, num_kills, finished)
    by_phase = {name: phases[name] for name in PHASES}
    return Outcome(num_kills, by_phase, completed + 1, resumes, problems)


def write_corpus(path: Path, megabytes: float) -> None:
    """Texts of 20 words each; the words' shares fall as in a language (Zipf)."""
    chance = random.Random(0)
    words = [f"word{rank}" for rank in range(3000)]
    weights = [1 / (rank + 2) for rank in range(3000)]
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < megabytes * 1e6:
            file.write(" ".join(chance.choices(words, weights, k=20)) + "\n")


def _command(place: Place) -> list[str]:
    wordvec = [sys.executable, "-m", "wordvec"]
    temporary = ["--temporary-folder", str(place.temporary)]
    if is_checkpoint(place.checkpoint):
        return [*wordvec, "resume", str(place.output), *temporary]
    return [
        *wordvec,
        "train",
        str(place.corpus),
        "-o",
        str(place.output),
        *temporary,
        *place.settings.split(),
    ]


@contextmanager
def _started(place: Place) -> Iterator[subprocess.Popen[bytes]]:
    with place.talk.open("wb") as talk, subprocess.Popen(_command(place), stderr=talk) as run:
        yield run


def _durations(place: Place) -> dict[str, float]:
    """How many seconds a run that nobody kills spends in each phase."""
    durations = dict.fromkeys(PHASES, 0.0)
    with _started(place) as run:
        before = time.perf_counter()
        while run.poll() is None:
            time.sleep(SECONDS_BETWEEN_LOOKS)
            now = time.perf_counter()
            durations[_phase(place)] += now - before
            before = now
    _check_no_failure(run, place)
    return durations


def _run_and_kill(place: Place, chance: random.Random, durations: dict[str, float], aim: str) -> str | None:
    """Start or resume a run, and kill it; None if it had ended before, else what it was doing."""
    left_before = _growing_checkpoints(place)

    def is_writing_checkpoint() -> bool:
        return not _growing_checkpoints(place) <= left_before

    with _started(place) as run:
        for is_awaited, seconds in _moments(place, chance, durations, aim, is_writing_checkpoint):
            while run.poll() is None and not is_awaited():
                time.sleep(SECONDS_BETWEEN_LOOKS)
            deadline = time.perf_counter() + seconds
            while run.poll() is None and time.perf_counter() < deadline:
                time.sleep(SECONDS_BETWEEN_LOOKS)
        run.send_signal(signal.SIGKILL)
    if run.returncode == 0:
        return None
    if run.returncode != -signal.SIGKILL:
        _check_no_failure(run, place)
    return "checkpointing" if is_writing_checkpoint() else _phase(place)


def _moments(
    place: Place,
    chance: random.Random,
    durations: dict[str, float],
    aim: str,
    is_writing_checkpoint: Callable[[], bool],
) -> list[tuple[Callable[[], bool], float]]:
    """What to wait for, and how many seconds after that; then for the next."""
    if aim == "any moment":
        return [(lambda: True, chance.uniform(0, sum(durations.values())))]
    if aim == "checkpointing":
        return [
            (lambda: _phase(place) in ("training", "saving"), chance.uniform(0, durations["training"] / 2)),
            (is_writing_checkpoint, chance.uniform(0, MAX_WAIT_WHILE_WRITING)),
        ]
    return [(lambda: PHASES.index(_phase(place)) >= PHASES.index(aim), chance.uniform(0, durations[aim]))]


def _check_no_failure(run: subprocess.Popen[bytes], place: Place) -> None:
    if run.returncode:
        raise RuntimeError(f"a run failed by itself: {place.talk.read_text(encoding='utf-8')}")


def _growing_checkpoints(place: Place) -> set[str]:
    return {
        name
        for name in _temporaries(place)
        if name.startswith(f".{place.checkpoint.name}.") and name.endswith((GROWING, ASIDE))
    }


def _temporaries(place: Place) -> set[str]:
    known = {
        place.corpus,
        place.output,
        place.checkpoint,
        place.temporary,
        place.talk,
        place.output.with_name("whole.wv"),
    }
    return {entry.name for entry in place.output.parent.iterdir() if entry not in known}


def _phase(place: Place) -> str:
    """What the run has told last."""
    found = "starting"
    for line in place.talk.read_text(encoding="utf-8", errors="replace").splitlines():
        word = line.removeprefix("wordvec: ").split(" ")[0].rstrip(":")
        found = word if word in PHASES else found
    return found


def _earlier_model(place: Place) -> bytes:
    """Put another model where the run will save, and say what is in it."""
    earlier = WordVectors(["an", "earlier", "model"], [[1.0], [2.0], [3.0]])
    earlier.save(place.output)
    return _bytes_of(earlier)


def _bytes_of(vectors: WordVectors) -> bytes:
    arrays: list[NDArray[Any] | None] = [
        vectors.rows,
        vectors.matrix,
        vectors.output_matrix,
        vectors.position_weights,
    ]
    if isinstance(vectors.vocabulary, SubwordVocabulary):
        arrays.append(vectors.vocabulary.used_buckets)
    parts = [array.tobytes() for array in arrays if array is not None]
    return b"|".join(["\n".join(vectors.words).encode(), *parts])


def _of_what_is_left(place: Place, kill: int, earlier: bytes, finished: bytes) -> Iterator[Problem]:
    """What is wrong with what a killed run has left."""
    try:
        if _bytes_of(load(place.output)) not in (earlier, finished):
            yield Problem(kill, "the output is neither the earlier model nor the finished one")
    except WordvecError as problem:
        yield Problem(kill, f"the output cannot be loaded: {problem}")
    if is_checkpoint(place.checkpoint):
        try:
            load_checkpoint(place.checkpoint)
        except WordvecError as problem:
            yield Problem(kill, f"the checkpoint cannot be loaded: {problem}")


def _of_a_finished_run(place: Place, kill: int, finished: bytes) -> Iterator[Problem]:
    """What is wrong after a run has ended, and is seen then only."""
    if _bytes_of(load(place.output)) != finished:
        yield Problem(kill, "the finished vectors are not those of a run that was never killed")
    if place.checkpoint.exists():
        yield Problem(kill, "the finished run has left its checkpoint")
    if left := _temporaries(place):
        yield Problem(kill, f"the finished run has left {sorted(left)}")
    if left := {entry.name for entry in place.temporary.iterdir()}:
        yield Problem(kill, f"the finished run has left {sorted(left)} in the temporary folder")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--job", choices=JOBS, default="numba", help="what is trained")
    parser.add_argument("--megabytes", type=float, help="of the corpus (default: as the job has it)")
    parser.add_argument("--results", type=Path, help="a folder to write what came of it to")
    return parser


if __name__ == "__main__":
    main()
