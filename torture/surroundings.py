"""Surroundings: what a machine may do to the command beside its work; nothing may be lost, and one line says what is.

    python -m torture.surroundings
    python -m torture.surroundings --group paths ids

Kernel caches are damaged, streams are closed or full, output paths are odd, the ids of the text are overwritten on the
disk, and files may not grow. After each run of `wordvec` the exit status must be right, there may be no traceback, an
error is one line, and what stands at the output is the model that stood there before, or the right new one.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.measured import conditions_of, heading, save
from benchmarks.page import table

from torture.kills import write_corpus
from wordvec import WordVectors, load
from wordvec.errors import WordvecError

__all__ = ["GROUPS", "Case", "Ended", "Problem", "Shell", "cases_of", "wrong_with"]

COMMAND = (sys.executable, "-m", "wordvec")
SETTINGS = {"dim": "20", "epochs": "2", "threads": "1", "seed": "5", "subsample": "0"}
TORCH = {"engine": "torch", "architecture": "cbow"}
ENDLESS = {"epochs": "100000"}
MEGABYTES = 0.05
MAX_SECONDS = 120  # of a run, most of which end by themselves in some seconds
SECONDS_OF_TRAINING = 0.5  # before ids are overwritten
MAX_SECONDS_AFTER = 30  # the ids were overwritten
MAX_FILE_BYTES = 60_000  # where files may not grow: more than the ids, less than the vectors
BAD_IDS = {
    "too large": (2**31 - 1).to_bytes(4, "little") * 512,
    "negative": (-(2**31)).to_bytes(4, "little", signed=True) * 512,
    "text": b"lorem ipsum dolor sit amet, " * 80,
}
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut": lambda content: content[: len(content) // 2],
    "flipped": lambda content: content[:-40] + bytes([content[-40] ^ 0x10]) + content[-39:],
    "of zeros": lambda content: bytes(len(content)),
    "of text": lambda content: b"not a pickle\n" * (1 + len(content) // 13),
}


class Ended(NamedTuple):
    """How a command ended."""

    status: int  # negative: the signal that killed it
    talk: str  # what it wrote to stderr, where that could be read


class Shell(NamedTuple):
    """Where commands run, and with what."""

    folder: Path
    command: Sequence[str] = COMMAND
    environment: dict[str, str] = {}  # noqa: RUF012  # never changed

    def run(self, *arguments: str | bytes | Path, **streams: Any) -> Ended:
        """Run a command to its end; streams are those of `subprocess.Popen`."""
        talk = self.folder / "talk.txt"
        with talk.open("wb") as file:
            streams.setdefault("stderr", file)
            with self.start(*arguments, **streams) as process:
                try:
                    status = process.wait(MAX_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    status = -signal.SIGALRM
        return Ended(status, talk.read_text(encoding="utf-8", errors="replace"))

    def start(self, *arguments: str | bytes | Path, **streams: Any) -> subprocess.Popen[bytes]:
        """Start a command."""
        streams.setdefault("stdout", subprocess.DEVNULL)
        given = [os.fsencode(argument) for argument in (*self.command, *arguments)]
        environment = {**os.environ, **self.environment}
        return subprocess.Popen(given, cwd=self.folder, env=environment, **streams)


class Case(NamedTuple):
    """One thing that a machine does, and what is wrong then, if anything is."""

    name: str
    problem: Callable[[Shell], str | None]


class Problem(NamedTuple):
    """A promise that was broken."""

    case: str
    what: str


def wrong_with(ended: Ended, *statuses: int) -> str | None:
    """What is wrong with how a command ended, other than in one of these ways: a failure is told in one line."""
    if "Traceback" in ended.talk:
        return f"a traceback: {_last_line(ended)}"
    if ended.status == -signal.SIGALRM:
        return "it did not end"
    if ended.status not in statuses:
        return f"exit status {ended.status}: {_last_line(ended)}"
    errors = [line for line in ended.talk.splitlines() if line.startswith("wordvec: error: ")]
    if ended.status and ended.talk and len(errors) != 1:
        return f"{len(errors)} lines of error: {ended.talk[-200:]!r}"
    return None


def _last_line(ended: Ended) -> str:
    return ended.talk.splitlines()[-1][:300] if ended.talk else "it said nothing"


# Every case has a corpus, and an earlier model at the output.


def _flags(**settings: str) -> list[str]:
    return [
        part
        for name, value in (SETTINGS | settings).items()
        for part in (f"--{name.replace('_', '-')}", value)
    ]


def _train(
    shell: Shell,
    output: str | bytes | Path = "model.wv",
    prepare: Callable[[], None] | None = None,
    **settings: str,
) -> Ended:
    return shell.run("train", "corpus.txt", "-o", output, *_flags(**settings), preexec_fn=prepare)


def _is_earlier(path: bytes | str | Path) -> bool:
    return load(os.fsdecode(path)).words == ["an", "earlier", "model"]


def _lost(shell: Shell, ended: Ended, output: str | bytes = "model.wv") -> str | None:
    """What is wrong with the output: after a success it is the new model, after a failure the earlier one."""
    path = os.path.join(os.fsencode(shell.folder), os.fsencode(output))  # noqa: PTH118  # bytes
    try:
        if _is_earlier(path) == (ended.status == 0):
            return "the new model was not saved" if ended.status == 0 else "the earlier model is lost"
    except WordvecError as problem:
        return f"the output cannot be loaded: {problem}"
    return None


def _of_streams() -> Iterator[Case]:
    def with_streams(*closed: int, **files: str) -> Callable[..., Any]:
        def prepare() -> None:
            for descriptor in closed:
                os.close(descriptor)
            for name, path in files.items():
                os.dup2(os.open(path, os.O_WRONLY), {"stdout": 1, "stderr": 2}[name])

        return prepare

    ways: dict[str, Callable[..., Any]] = {
        "stderr closed": with_streams(2),
        "stdout closed": with_streams(1),
        "all streams closed": with_streams(0, 1, 2),
        "stderr full": with_streams(stderr="/dev/full"),
        "both full": with_streams(stdout="/dev/full", stderr="/dev/full"),
    }
    for name, prepare in ways.items():

        def train(shell: Shell, prepare: Callable[..., Any] = prepare) -> str | None:
            ended = _train(shell, prepare=prepare, watch="nosuchword", checkpoint_every="1s")
            return wrong_with(ended, 0) or _lost(shell, ended)

        yield Case(f"train, {name}", train)

    def train_with_nobody_listening(shell: Shell) -> str | None:
        reader, writer = os.pipe()
        os.close(reader)
        flags = _flags(watch="nosuchword")
        ended = shell.run("train", "corpus.txt", "-o", "model.wv", *flags, stderr=writer)
        os.close(writer)
        return wrong_with(ended, 0) or _lost(shell, ended)

    yield Case("train, stderr a pipe that nobody reads", train_with_nobody_listening)
    for verb in (("info", "model.wv"), ("info", "model.wv", "--json"), ("similar", "model.wv", "earlier")):

        def ask(shell: Shell, verb: tuple[str, ...] = verb) -> str | None:
            ended = shell.run(*verb, preexec_fn=with_streams(stdout="/dev/full"))
            return wrong_with(ended, 1) or (None if ended.talk else "it did not say that nothing was printed")

        def ask_in_silence(shell: Shell, verb: tuple[str, ...] = verb) -> str | None:
            return wrong_with(shell.run(*verb, preexec_fn=with_streams(2)), 0)

        yield Case(f"{' '.join(verb)}, stdout full", ask)
        yield Case(f"{' '.join(verb)}, stderr closed", ask_in_silence)


def _of_paths() -> Iterator[Case]:
    good = {
        "not UTF-8": b"lat\xe9/m.wv",
        "a line break": b"two\nlines.wv",
        "spaces": b" a b .wv",
        "a tab and quotes": b"'\t\".wv",
        "a percent sign": b"100%s{}.wv",
        "a pattern": b"[a]*?.wv",
        "emoji": "🦊.wv".encode(),
        "bidirectional": "\u202eabc.wv".encode(),
        "long": b"x" * 200 + b".wv",
        "through a link": b"link/m.wv",
        "file, not UTF-8": b"lat\xe9.vec",
    }
    for name, path in good.items():

        def train(shell: Shell, path: bytes = path) -> str | None:
            (shell.folder / "real").mkdir()
            (shell.folder / "link").symlink_to("real")
            ended = _train(shell, path)
            return wrong_with(ended, 0) or _lost(shell, ended, path)

        yield Case(f"output: {name}", train)
    bad: dict[str, tuple[str, Callable[[Path], None]]] = {
        "a loop of links": ("loop/m.wv", lambda folder: _link_loop(folder / "loop", folder / "back")),
        "itself a loop of links": ("loop", lambda folder: _link_loop(folder / "loop", folder / "back")),
        "longer than names are": ("x" * 300 + ".wv", lambda _: None),
        "below a file": ("corpus.txt/m.wv", lambda _: None),
        "the corpus": ("corpus.txt", lambda _: None),
        "a folder of something else": ("other", lambda folder: _folder_with_file(folder / "other")),
        "a FIFO": ("fifo.wv", lambda folder: os.mkfifo(folder / "fifo.wv")),
        "where nobody can write": ("/proc/m.wv", lambda _: None),
    }
    for name, (output, prepare) in bad.items():

        def refuse(
            shell: Shell, output: str = output, prepare: Callable[[Path], None] = prepare
        ) -> str | None:
            prepare(shell.folder)
            before = _listing(shell.folder)
            ended = _train(shell, output)
            wrong = wrong_with(ended, 1, 2)
            if wrong is None and "training" in ended.talk.split("error:")[0]:
                wrong = "refused after training"
            if wrong is None and _listing(shell.folder) != before:
                wrong = f"left behind: {sorted(_listing(shell.folder) ^ before)}"
            return wrong

        yield Case(f"output: {name}", refuse)

    def corpus_with_odd_name(shell: Shell) -> str | None:
        odd = os.fsdecode(b"text \xff\n.txt")
        shutil.copy(shell.folder / "corpus.txt", shell.folder / odd)
        ended = shell.run("train", odd, "-o", "model.wv", *_flags())
        return wrong_with(ended, 0) or _lost(shell, ended)

    yield Case("corpus: not UTF-8, with a line break", corpus_with_odd_name)


def _link_loop(one: Path, other: Path) -> None:
    one.symlink_to(other)
    other.symlink_to(one)


def _folder_with_file(folder: Path) -> None:
    folder.mkdir()
    (folder / "letter.txt").write_text("dear reader", encoding="utf-8")


def _listing(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")} - {"talk.txt"}


def _of_ids() -> Iterator[Case]:
    for engine, more in (("numba", {}), ("numba, two threads", {"threads": "2"}), ("torch", TORCH)):
        for what in (*BAD_IDS, "cut"):

            def overwrite(shell: Shell, what: str = what, more: dict[str, str] = more) -> str | None:
                ended = _with_ids_overwritten(shell, what, more)
                wrong = wrong_with(ended, 1) or _lost(shell, ended)
                if wrong is None and ".int32" not in ended.talk:
                    wrong = f"the file is not named: {_last_line(ended)}"
                return wrong

            yield Case(f"ids {what}, {engine}", overwrite)


def _with_ids_overwritten(shell: Shell, what: str, more: dict[str, str]) -> Ended:
    """Train without end, and overwrite the ids meanwhile."""
    talk = shell.folder / "talk.txt"
    ids = shell.folder / "ids"
    ids.mkdir()
    flags = _flags(**ENDLESS, **more, temporary_folder=str(ids))
    train = ("train", "corpus.txt", "-o", "model.wv", *flags)
    with talk.open("wb") as file, shell.start(*train, stderr=file) as process:
        deadline = time.monotonic() + MAX_SECONDS
        while "training" not in _read(talk) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(SECONDS_OF_TRAINING)
        for path in list(ids.glob("**/*.int32")):
            with suppress(
                FileNotFoundError
            ):  # once one file is seen to be bad, the run ends and removes them all
                _overwrite(path, what)
        try:
            status = process.wait(MAX_SECONDS_AFTER)
        except subprocess.TimeoutExpired:
            process.kill()
            status = -signal.SIGALRM
    return Ended(status, _read(talk))


def _overwrite(path: Path, what: str) -> None:
    if what == "cut":
        os.truncate(path, 400)
        return
    with path.open("r+b") as stream:
        while stream.tell() < path.stat().st_size:
            stream.write(BAD_IDS[what][: path.stat().st_size - stream.tell()])


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _of_disks() -> Iterator[Case]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))

    def save_without_room(shell: Shell) -> str | None:
        ended = _train(shell, prepare=limit, dim="60")
        return wrong_with(ended, 1) or _lost(shell, ended)

    def checkpoint_without_room(shell: Shell) -> str | None:
        ended = _train(shell, prepare=limit, dim="60", epochs="400", checkpoint_every="1s")
        return wrong_with(ended, 1) or _lost(shell, ended)

    def convert_without_room(shell: Shell) -> str | None:
        words = [f"word{number}" for number in range(5000)]
        WordVectors(words, [[1.0, float(number)] for number in range(5000)]).save(shell.folder / "big.wv")
        ended = shell.run("convert", "big.wv", "big.vec", preexec_fn=limit)
        left = (shell.folder / "big.vec").exists()
        return wrong_with(ended, 1) or ("a part of the file is left" if left else None)

    yield Case("train, no room for the model", save_without_room)
    yield Case("train, no room for a checkpoint", checkpoint_without_room)
    yield Case("convert, no room", convert_without_room)


def _of_caches() -> Iterator[Case]:
    for ending in ("nbi", "nbc"):
        for name, damage in DAMAGES.items():

            def damaged(
                shell: Shell, ending: str = ending, damage: Callable[[bytes], bytes] = damage
            ) -> str | None:
                warm, right = shell.folder.parent / "warm-cache", shell.folder.parent / "right.wv"
                if not warm.exists():
                    _train(shell._replace(environment=_cache_at(warm)), right)
                cache = shell.folder / "cache"
                shutil.copytree(warm, cache)
                files = list(cache.rglob(f"*.{ending}"))
                for path in files:
                    path.write_bytes(damage(path.read_bytes()))
                if not files:
                    return "there is no cache to damage"
                ended = _train(shell._replace(environment=_cache_at(cache)))
                wrong = wrong_with(ended, 0) or _lost(shell, ended)
                if (
                    wrong is None
                    and load(shell.folder / "model.wv").matrix.tobytes() != load(right).matrix.tobytes()
                ):
                    wrong = "other vectors than with a whole cache"
                return wrong

            yield Case(f"kernel cache: .{ending} {name}", damaged)

    def elsewhere(prepare: Callable[[Path], None]) -> Callable[[Shell], str | None]:
        def train(shell: Shell) -> str | None:
            prepare(shell.folder / "cache")
            ended = _train(shell._replace(environment=_cache_at(shell.folder / "cache")))
            return wrong_with(ended, 0) or _lost(shell, ended)

        return train

    yield Case("kernel cache: a file", elsewhere(lambda path: path.touch()))
    yield Case("kernel cache: a link to nowhere", elsewhere(lambda path: path.symlink_to("nowhere/at/all")))
    yield Case("kernel cache: a loop of links", elsewhere(lambda path: path.symlink_to(path.name)))

    def without_jit(shell: Shell) -> str | None:
        ended = _train(shell._replace(environment={"NUMBA_DISABLE_JIT": "1"}))
        return wrong_with(ended, 0) or _lost(shell, ended)

    yield Case("NUMBA_DISABLE_JIT=1", without_jit)


def _cache_at(path: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(path), "NUMBA_CACHE_DIR": ""}


GROUPS: dict[str, Callable[[], Iterator[Case]]] = {
    "streams": _of_streams,
    "paths": _of_paths,
    "ids": _of_ids,
    "disks": _of_disks,
    "caches": _of_caches,
}


def cases_of(groups: Sequence[str]) -> list[Case]:
    """All that machines do, of some groups."""
    return [case for group in groups for case in GROUPS[group]()]


def problems_of(cases: Sequence[Case], folder: Path, command: Sequence[str] = COMMAND) -> Iterator[Problem]:
    """Try cases, each in a folder of its own."""
    for number, case in enumerate(cases):
        place = folder / str(number)
        place.mkdir()
        write_corpus(place / "corpus.txt", MEGABYTES)
        WordVectors(["an", "earlier", "model"], [[1.0, 2.0], [2.0, 0.0], [3.0, 1.0]]).save(place / "model.wv")
        try:
            what = case.problem(Shell(place, command))
        except OSError as problem:  # such as a command that is gone
            what = f"{type(problem).__name__}: {problem}"
        print(f"{case.name}: {what or 'as promised'}", file=sys.stderr)
        if what is not None:
            yield Problem(case.name, what)
        shutil.rmtree(place)


def page(conditions: dict[str, Any], facts: dict[str, Any]) -> str:
    """What came of it, as Markdown."""
    rows = [["what the machine did", "what was wrong"]]
    problems = {problem["case"]: problem["what"] for problem in facts["problems"]}
    rows += [[name, problems.get(name, "")] for name in facts["cases"]]
    return f"""{heading("Surroundings", "torture.surroundings", conditions)}

{len(facts["cases"])} cases, {facts["seconds"] / 60:,.0f} minutes. Broken promises: {len(problems)}.

{table(rows)}
"""


def main() -> None:
    """Try all cases, and print what came of it; exit with 1 if there were problems."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--group", nargs="+", choices=GROUPS, default=list(GROUPS))
    parser.add_argument("--case", help="only those with this in their name")
    parser.add_argument("--results", type=Path, help="a folder to write what came of it to")
    options = parser.parse_args()
    cases = [case for case in cases_of(options.group) if (options.case or "") in case.name]
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="wordvec-surroundings-") as folder:
        problems = list(problems_of(cases, Path(folder)))
    facts = {
        "cases": [case.name for case in cases],
        "seconds": round(time.perf_counter() - began, 1),
        "problems": [problem._asdict() for problem in problems],
    }
    print(json.dumps(facts, indent=1))
    if options.results is not None:
        conditions = conditions_of({})
        save(options.results / "surroundings", {"conditions": conditions, **facts}, page(conditions, facts))
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
