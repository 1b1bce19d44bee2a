"""Kills: SIGKILL at random moments of training runs, a resume after each, and a look at what is left on the disk.

    python -m torture.kills --kills 200

Runs of `wordvec train` on one thread are killed again and again: a third of them at any moment, a third while
something is being written, a third while the finished model is. After each kill, whatever stands at the output must be
the model that stood there before or the finished one, and a checkpoint must be whole. The finished vectors must be
those of a run that was never killed.
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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.measured import conditions_of, heading, save

from wordvec import WordVectors, load
from wordvec.errors import WordvecError
from wordvec.formats.checkpoint import is_checkpoint
from wordvec.pipeline.checkpoints import load_checkpoint

PHASES = ("starting", "counting", "encoding", "compiling", "training", "saving")
AIMS = ("any moment", "anything is written", "the model is written")
SECONDS_BETWEEN_LOOKS = 0.0005
LONGEST_WAIT_WHILE_WRITING = 0.03


class Problem(NamedTuple):
    """A promise that was broken."""

    kill: int
    what: str


class Outcome(NamedTuple):
    """What came of all kills."""

    kills: int
    by_phase: dict[str, int]
    while_writing: int  # kills while a temporary file or folder stood beside the output
    completed_runs: int
    resumes: int
    problems: list[Problem]


class Place(NamedTuple):
    """Where the runs work."""

    corpus: Path
    output: Path
    temporary: Path

    @property
    def checkpoint(self) -> Path:
        """Beside the output."""
        return self.output.with_name(self.output.name + ".checkpoint")


def main() -> None:
    """Kill, and print what came of it; exit with 1 if anything was lost."""
    options = _parser().parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="wordvec-torture-") as folder:
        outcome = kill_runs(Path(folder), options.kills, options.seed, megabytes=options.megabytes)
    facts = outcome._asdict() | {"seconds": round(time.perf_counter() - began, 1), "seed": options.seed}
    print(json.dumps(facts, indent=1))
    if options.results is not None:
        conditions = conditions_of({})
        save(options.results / "kills", {"conditions": conditions, **facts}, page(conditions, facts))
    sys.exit(bool(outcome.problems))


def page(conditions: dict[str, Any], facts: dict[str, Any]) -> str:
    """What came of it, as Markdown."""
    phases = ", ".join(f"{name} {number}" for name, number in facts["by_phase"].items())
    return f"""{heading("Killed runs", "torture.kills", conditions)}

{facts["kills"]} kills (SIGKILL) of one-thread runs, seed {facts["seed"]}, {facts["seconds"] / 60:,.0f} minutes.

By the phase that the run had told last: {phases}. While a file or folder was being written: {facts["while_writing"]}. \
{facts["resumes"]} of the runs were resumed from a checkpoint, {facts["completed_runs"]} came to their end.

Broken promises (a file that cannot be read, an earlier model that is gone, vectors other than those of a run that was \
never killed, something left behind): {len(facts["problems"])}.
"""


def kill_runs(folder: Path, kills: int, seed: int, *, megabytes: float) -> Outcome:
    """Kill runs in an empty folder until it was done so often.

    Args:
        folder: for the corpus, the models, and all that runs leave behind.
        kills: how many.
        seed: of the moments.
        megabytes: of the corpus; a run takes some seconds for each.
    """
    chance = random.Random(seed)
    place = Place(folder / "corpus.txt", folder / "model.wv", folder / "temporary")
    place.temporary.mkdir()
    write_corpus(place.corpus, megabytes)
    began = time.perf_counter()
    finished = _bytes_of(_whole_run(place._replace(output=folder / "whole.wv")))
    seconds_of_a_run = time.perf_counter() - began
    earlier = _earlier_model(place)
    phases: Counter[str] = Counter()
    problems: list[Problem] = []
    num_kills = while_writing = completed = resumes = 0
    while num_kills < kills:
        resumes += is_checkpoint(place.checkpoint)
        aim = chance.choice(AIMS)
        phase, was_writing = _run_and_kill(place, chance, seconds_of_a_run, aim)
        if phase is None:  # it was faster
            completed += 1
            problems += _of_a_finished_run(place, num_kills, finished)
            earlier = _earlier_model(place)
            continue
        num_kills += 1
        phases[phase] += 1
        while_writing += was_writing
        problems += _of_what_is_left(place, num_kills, earlier, finished)
        print(f"kill {num_kills}: {phase}{', writing' if was_writing else ''}", file=sys.stderr)
    with _started(place) as run:  # the last one may end
        run.communicate()
    problems += _of_a_finished_run(place, num_kills, finished)
    by_phase = {name: phases[name] for name in PHASES}
    return Outcome(num_kills, by_phase, while_writing, completed + 1, resumes, problems)


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
    settings = (
        "--dim 60 --epochs 4 --threads 1 --validation 0.02 --keep best --seed 5 --checkpoint-every 0.3s"
    )
    return [*wordvec, "train", str(place.corpus), "-o", str(place.output), *temporary, *settings.split()]


@contextmanager
def _started(place: Place) -> Iterator[subprocess.Popen[str]]:
    command = _command(place)
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        yield run


def _whole_run(place: Place) -> WordVectors:
    with _started(place) as run:
        _, talk = run.communicate()
    if run.returncode:
        raise RuntimeError(talk)
    return load(place.output)


def _run_and_kill(
    place: Place, chance: random.Random, seconds_of_a_run: float, aim: str
) -> tuple[str | None, bool]:
    """Start or resume a run, and kill it; None if it had ended before, else the phase it was in."""
    with _started(place) as run:
        deadline = time.perf_counter() + chance.uniform(0, seconds_of_a_run)
        if aim != "any moment":
            _wait_until_it_writes(place, run, deadline, only_the_model=aim == "the model is written")
            deadline = time.perf_counter() + chance.uniform(0, LONGEST_WAIT_WHILE_WRITING)
        while time.perf_counter() < deadline and run.poll() is None:
            time.sleep(SECONDS_BETWEEN_LOOKS)
        run.send_signal(signal.SIGKILL)
        was_writing = bool(_temporaries(place))
        _, talk = run.communicate()
    if run.returncode == 0:
        return None, False
    if run.returncode != -signal.SIGKILL:
        raise RuntimeError(f"a run failed by itself: {talk}")
    return _phase(talk), was_writing


def _wait_until_it_writes(
    place: Place, run: subprocess.Popen[str], deadline: float, *, only_the_model: bool
) -> None:
    """Wait until the finished model is being written; or until the deadline, and then until anything is."""

    def is_awaited() -> bool:
        if only_the_model:
            return any("checkpoint" not in name for name in _temporaries(place))
        return time.perf_counter() >= deadline and bool(_temporaries(place))

    while run.poll() is None and not is_awaited():
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _temporaries(place: Place) -> set[str]:
    known = {
        place.corpus,
        place.output,
        place.checkpoint,
        place.temporary,
        place.output.with_name("whole.wv"),
    }
    return {entry.name for entry in place.output.parent.iterdir() if entry not in known}


def _phase(talk: str) -> str:
    found = "starting"
    for line in talk.splitlines():
        word = line.removeprefix("wordvec: ").split(" ")[0].rstrip(":")
        found = word if word in PHASES else found
    return found


def _earlier_model(place: Place) -> bytes:
    """Put another model where the run will save, and say what is in it."""
    earlier = WordVectors(["an", "earlier", "model"], [[1.0], [2.0], [3.0]])
    earlier.save(place.output)
    return _bytes_of(earlier)


def _bytes_of(vectors: WordVectors) -> bytes:
    parts = ["\n".join(vectors.words).encode(), vectors.matrix.tobytes()]
    if vectors.output_matrix is not None:
        parts.append(vectors.output_matrix.tobytes())
    return b"|".join(parts)


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
    parser.add_argument("--megabytes", type=float, default=6.0, help="of the corpus")
    parser.add_argument("--results", type=Path, help="a folder to write what came of it to")
    return parser


if __name__ == "__main__":
    main()
