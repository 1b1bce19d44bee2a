"""Same vectors: train with fixed seeds in two checkouts, and compare what comes out, to the last byte.

    python -m benchmarks.same_vectors --before ../wordvec-before
    python -m benchmarks.same_vectors --before ../wordvec-before --only torch --keep /tmp/models

Each command runs in a process of its own, on a small text that is made here: `wordvec train` with each engine and
recipe and from each kind of source, a run that is interrupted and resumed, and `wordvec convert` to each format. The
present version also loads every model that the earlier one wrote, and resumes the runs that were interrupted there.
Exit status 1 if anything differs. CPUs differ in the last bits, so no digests are kept: two checkouts are compared.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.page import table

__all__ = ["CASES", "Case", "Checkout", "Finding", "compare", "main", "write_texts"]

ROOT = Path(__file__).resolve().parent.parent
LOG_LINES_SHOWN = 15
NUM_TEXTS, NUM_TOPICS, WORDS_PER_TOPIC, NUM_COMMON_WORDS = 900, 12, 25, 60
DIGEST_CHARACTERS = 10

Digests = dict[str, str]


class JobFailedError(RuntimeError):
    """A command did not do what it was started for."""


@dataclass(frozen=True)
class Case:
    """One training: the options of `wordvec train`, in which {texts} and {models} stand for two folders."""

    name: str
    options: str
    text: str = "{texts}/plain.txt"
    is_interrupted: bool = False
    """Whether a SIGTERM ends the run after its first checkpoint, and `wordvec resume` finishes it."""
    same_vectors_as: str | None = None
    """Another case that must give the same vectors in the same version."""


SMALL = "--epochs 3 --dim 24 --seed 7 --min-count 3"
NUMBA = f"{SMALL} --engine numba --threads 1"
TORCH = f"{SMALL} --engine torch --threads 1 --epochs 2"
LONG = "--epochs 12 --validation 0.1 --checkpoint-every 1epoch"
ADAM = "--optimizer adam --architecture cbow --reduction mean"
GROWN = f"{NUMBA} --dim 30 --start-from {{models}}/skip-gram.wv"
MODEL_CASES = (
    Case("skip-gram", NUMBA),
    Case("window 100", f"{NUMBA} --window 100 --epochs 1"),
    Case("window 20, fixed, constant rate", f"{NUMBA} --window 20 --window-reach fixed --schedule constant"),
    Case("noise table, quantile, paper", f"{NUMBA} --noise-table 5000 --subsample-quantile 0.8"),
    Case("start from, grown", GROWN, text="{texts}/other.txt"),
    Case("deterministic, 1 thread", f"{NUMBA} --deterministic"),
    Case(
        "deterministic, 2 threads",
        f"{NUMBA} --deterministic --threads 2",
        same_vectors_as="deterministic, 1 thread",
    ),
    Case("validation, best kept", f"{NUMBA} --validation 0.1 --keep best --learning-rate 0.2 --epochs 6"),
    Case("patience", f"{NUMBA} --validation 0.1 --patience 1 --learning-rate 0.1 --epochs 9"),
    Case("checkpoints", f"{NUMBA} {LONG}"),
    Case(
        "checkpoints, interrupted",
        f"{NUMBA} {LONG}",
        is_interrupted=True,
        same_vectors_as="checkpoints",
    ),
    Case("checkpoints, deterministic", f"{NUMBA} {LONG} --deterministic --threads 2"),
    Case(
        "checkpoints, deterministic, interrupted",
        f"{NUMBA} {LONG} --deterministic --threads 2",
        is_interrupted=True,
        same_vectors_as="checkpoints, deterministic",
    ),
    Case("checkpoints, grown", f"{GROWN} {LONG} --keep best", text="{texts}/other.txt"),
    Case(
        "checkpoints, grown, interrupted",
        f"{GROWN} {LONG} --keep best",
        text="{texts}/other.txt",
        is_interrupted=True,
        same_vectors_as="checkpoints, grown",
    ),
    Case(
        "validation file, evaluate, watch", f"{NUMBA} --validation-file {{texts}}/other.txt --watch w1,t2n3"
    ),
    Case("torch, skip-gram", TORCH),
    Case("torch, skip-gram, deterministic", f"{TORCH} --deterministic"),
    Case("torch, CBOW mean", f"{TORCH} --architecture cbow"),
    Case("torch, CBOW sum", f"{TORCH} --architecture cbow --pooling sum --learning-rate 0.01"),
    Case("torch, center as input", f"{TORCH} --skipgram-input center"),
    Case("torch, max_norm", f"{TORCH} --max-norm 0.5"),
    Case("torch, hierarchical softmax", f"{TORCH} --objective hierarchical"),
    Case("torch, hierarchical CBOW", f"{TORCH} --objective hierarchical --architecture cbow"),
    Case("torch, softmax", f"{TORCH} --objective softmax"),
    Case("torch, Adam", f"{TORCH} --optimizer adam"),
    Case("torch, sparse Adam", f"{TORCH} --optimizer sparse_adam --negative-sharing pair"),
    Case("torch, Adagrad, whole texts", f"{TORCH} --optimizer adagrad --batch-unit texts --batch-size 9"),
    Case("torch, negatives of a batch", f"{TORCH} --negative-sharing batch --negatives-avoid targets"),
    Case("torch, gaps, full windows", f"{TORCH} --unknown gap --window-edges skip --subsample-scope window"),
    Case("torch, checkpoints", f"{TORCH} {LONG} {ADAM}"),
    Case(
        "torch, checkpoints, interrupted",
        f"{TORCH} {LONG} {ADAM}",
        is_interrupted=True,
        same_vectors_as="torch, checkpoints",
    ),
    *(
        Case(f"recipe {name}", f"--recipe {name} --epochs 1 --dim 40 --threads 1 --seed 7 {more}")
        for name, more in {
            "wikitext103": "--window 4",
            "d2l-ptb": "",
            "text8-sgns": "--subsample 1e-3",
            "tiny-softmax": "",
        }.items()
    ),
)
SOURCE_CASES = tuple(
    Case(f"source: {name}", f"{NUMBA} --epochs 1 --dim 8 {options}", text=text)
    for name, text, options in (
        ("gzip", "{texts}/plain.txt.gz", ""),
        ("files", "{texts}/plain.txt {texts}/plain.txt.gz {texts}/other.txt", ""),
        ("a folder", "{texts}/folder", ""),
        ("a glob pattern", "{texts}/pl*.txt", ""),
        ("words", "{texts}/plain.txt", "--tokenizer words"),
        ("alphanumeric", "{texts}/plain.txt", "--tokenizer alphanumeric"),
        ("punctuation", "{texts}/plain.txt", "--tokenizer punctuation"),
        ("UTF-16", "{texts}/utf16.txt", "--encoding utf-16"),
        ("CSV", "{texts}/table.csv", "--column text"),
        ("JSON lines", "{texts}/table.jsonl", "--column text"),
        ("JSON lines of lists", "{texts}/table.jsonl", "--column words"),
        ("Parquet", "{texts}/table.parquet", "--column text"),
        ("Parquet of lists", "{texts}/table.parquet", "--column words"),
    )
)
CASES = (*MODEL_CASES, *SOURCE_CASES)
FORMATS = {  # a file's name, and whether equal vectors are equal bytes in it
    "converted.bin": True,
    "converted.txt": True,
    "converted.safetensors": False,
    "converted.npz": False,
    "converted.parquet": False,
    "converted.wv": False,
}


class Finding(NamedTuple):
    """What became of one comparison."""

    what: str
    before: str
    """The first digits of the digest of everything, or a dash."""
    now: str
    problem: str
    """What differs; empty if nothing does."""


class Checkout:
    """One version of wordvec, at work in a folder of its own."""

    def __init__(self, root: Path, texts: Path, models: Path):
        self.root, self.texts, self.models = root, texts, models
        models.mkdir(parents=True, exist_ok=True)

    def train(self, case: Case) -> Digests:
        """Train one case, and digest its model."""
        model = self.model(case.name)
        argv = ["train", *self._filled(f"{case.text} {case.options}"), "--output", str(model)]
        if not case.is_interrupted:
            return self._job(argv, [model])[0]
        checkpoint = checkpoint_of(model)
        self._job(argv, [], interrupt_when=checkpoint / "run.json")
        shutil.copytree(checkpoint, self.kept_checkpoint(case.name))
        return self.resume(checkpoint, model)

    def resume(self, checkpoint: Path, model: Path) -> Digests:
        """Finish a run from its checkpoint, and digest its model."""
        return self._job(["resume", str(checkpoint), "--output", str(model)], [model])[0]

    def convert(self, model: Path, target: str) -> Digests:
        """Write a model in the format that the name of a file stands for, and digest it."""
        path = self.models / target
        return self._job(["convert", str(model), str(path)], [path])[0]

    def load(self, models: Sequence[Path]) -> list[Digests]:
        """Digest models that are there; one that does not load has the reason under "failed"."""
        return self._job([], models)

    def model(self, name: str) -> Path:
        """Where the model of a case is saved."""
        return self.models / f"{name.replace(': ', '-').replace(', ', '-').replace(' ', '-')}.wv"

    def kept_checkpoint(self, name: str) -> Path:
        """A copy of the checkpoint that an interruption left."""
        return self.models / "checkpoints" / checkpoint_of(self.model(name)).name

    def _filled(self, options: str) -> list[str]:
        filled = [word.format(texts=self.texts, models=self.models) for word in options.split()]
        return _last_of_each(filled)

    def _job(
        self, argv: list[str], models: Sequence[Path], interrupt_when: Path | None = None
    ) -> list[Digests]:
        """Run the job in a process of its own.

        Raises:
            JobFailedError: it ended otherwise than it should; the message ends with its last lines.
        """
        job = {
            "checkout": str(self.root),
            "argv": argv,
            "interrupt_when": interrupt_when and str(interrupt_when),
            "models": [str(model) for model in models],
        }
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.same_vectors_job", json.dumps(job)],
            cwd=self.models,
            env={**os.environ, "PYTHONPATH": f"{self.root / 'src'}{os.pathsep}{ROOT}"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        wanted = (-signal.SIGTERM, 128 + signal.SIGTERM) if interrupt_when else (0,)
        if done.returncode not in wanted:
            last_lines = "\n".join((done.stdout + done.stderr).splitlines()[-LOG_LINES_SHOWN:])
            raise JobFailedError(
                f"{self.root}: wordvec {' '.join(argv)}: exit status {done.returncode}, not {wanted[0]}\n{last_lines}"
            )
        digests: list[Digests] = json.loads(done.stdout.splitlines()[-1]) if models else []
        return digests


def main() -> None:
    """Compare two checkouts, print the table, and exit with 1 if anything differs."""
    options = _parser().parse_args()
    cases = [case for case in CASES if options.only in case.name or case.name == "skip-gram"]
    with tempfile.TemporaryDirectory(prefix="same-vectors-") as temporary:
        work = (options.keep or Path(temporary)).resolve()
        texts = work / "texts"
        write_texts(texts)
        before = Checkout(options.before.resolve(), texts, work / "before")
        now = Checkout(options.now.resolve(), texts, work / "now")
        findings = compare(before, now, cases)
    print(
        table(
            [Finding._fields, *(finding._replace(problem=finding.problem or "same") for finding in findings)]
        )
    )
    num_different = sum(bool(finding.problem) for finding in findings)
    print(f"\n{len(findings)} comparisons, {num_different} differ")
    sys.exit(num_different > 0)


def compare(
    before: Checkout, now: Checkout, cases: Sequence[Case], formats: Mapping[str, bool] = FORMATS
) -> list[Finding]:
    """Train all cases in both checkouts, and compare; then load and resume with `now` what `before` left."""
    findings: list[Finding] = []

    def note(what: str, one: Digests, other: Digests, parts: tuple[str, ...] = ()) -> None:
        finding = found(what, one, other, parts)
        findings.append(finding)
        print(f"{finding.problem or 'same'}: {what}", file=sys.stderr, flush=True)

    old: dict[str, Digests] = {}
    new: dict[str, Digests] = {}
    for case in cases:
        name, twin = case.name, case.same_vectors_as
        old[name], new[name] = attempt(before.train, case), attempt(now.train, case)
        note(name, old[name], new[name])
        if twin in new:
            for version, digests in (("before", old), ("now", new)):
                note(
                    f"{name} = {twin}, {version}", digests[twin], digests[name], ("input", "output", "words")
                )
    loaded = now.load([before.model(case.name) for case in cases])
    for case, one in zip(cases, loaded, strict=True):
        note(f"{case.name}: model of before, loaded now", old[case.name], one)
        if case.is_interrupted:
            kept, target = before.kept_checkpoint(case.name), now.model(f"{case.name}, resumed from before")
            resumed = attempt(now.resume, kept, target)
            note(f"{case.name}: checkpoint of before, resumed now", old[case.name], resumed)
    return findings + _compare_formats(before, now, formats)


def attempt(action: Callable[..., Digests], *arguments: Any) -> Digests:
    """The digests that an action returns; if its job fails, its last line in their place, under "failed"."""
    try:
        return action(*arguments)
    except JobFailedError as problem:
        print(problem, file=sys.stderr, flush=True)
        return {"failed": str(problem).splitlines()[-1]}


def found(what: str, one: Digests, other: Digests, parts: tuple[str, ...] = ()) -> Finding:
    """Compare two digests, all parts of them or some.

    >>> found("words", {"words": "1a2b", "input": "3c"}, {"words": "1a2b", "input": "4d"}).problem
    'DIFFERS: input'
    """
    failures = [digests["failed"] for digests in (one, other) if "failed" in digests]
    if failures:
        return Finding(what, "-", "-", f"FAILED: {failures[0]}")
    chosen = parts or tuple(one)
    different = [part for part in chosen if one[part] != other[part]]
    before, now = (
        " ".join(digests[part][:DIGEST_CHARACTERS] for part in chosen[:2]) for digests in (one, other)
    )
    return Finding(what, before, now, f"DIFFERS: {', '.join(different)}" if different else "")


def _compare_formats(before: Checkout, now: Checkout, formats: Mapping[str, bool]) -> list[Finding]:
    """Convert one model in both checkouts, to each format; and load now what was written before."""
    findings = []
    source = before.model("skip-gram")
    for name, has_same_bytes in formats.items():
        old, new = attempt(before.convert, source, name), attempt(now.convert, source, name)
        findings.append(found(f"convert to {name}", old, new))
        findings.append(found(f"{name} of before, loaded now", old, now.load([before.models / name])[0]))
        if has_same_bytes and "failed" not in old | new:
            is_same = (before.models / name).read_bytes() == (now.models / name).read_bytes()
            findings.append(Finding(f"bytes of {name}", "-", "-", "" if is_same else "DIFFERS: bytes"))
    return findings


def checkpoint_of(model: Path) -> Path:
    """Where `wordvec train` writes its checkpoint."""
    return model.with_name(f"{model.name}.checkpoint")


def _last_of_each(words: list[str]) -> list[str]:
    """Arguments in which the last one of an option that is given twice counts.

    >>> _last_of_each(["text.txt", "--dim", "8", "--deterministic", "--dim", "9"])
    ['text.txt', '--dim', '9', '--deterministic']
    """
    positional, options = [], {}
    name = ""
    for word in words:
        if word.startswith("--"):
            name = word
            options[name] = [word]
        elif name:
            options[name].append(word)
        else:
            positional.append(word)
    return positional + [word for option in options.values() for word in option]


def write_texts(folder: Path) -> None:
    """Write a text of 30,000 words with topics, in each kind of file, and another text that shares most words."""
    (folder / "folder").mkdir(parents=True, exist_ok=True)
    lines = _lines(seed=1, first_topic=0)
    others = _lines(seed=2, first_topic=3)
    text = "\n".join(lines) + "\n"
    (folder / "plain.txt").write_text(text, encoding="utf-8", newline="\n")
    (folder / "other.txt").write_text("\n".join(others) + "\n", encoding="utf-8", newline="\n")
    (folder / "utf16.txt").write_text(text, encoding="utf-16", newline="\n")
    (folder / "plain.txt.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    (folder / "folder" / "a.txt").write_text(text, encoding="utf-8", newline="\n")
    (folder / "folder" / "b.txt.gz").write_bytes(gzip.compress(text[: len(text) // 2].encode(), mtime=0))
    with (folder / "table.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([("number", "text"), *enumerate(lines)])
    rows = [{"number": number, "text": line, "words": line.split()} for number, line in enumerate(lines)]
    (folder / "table.jsonl").write_text(
        "".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8", newline="\n"
    )
    pq.write_table(pa.Table.from_pylist(rows), folder / "table.parquet")


def _lines(seed: int, first_topic: int) -> list[str]:
    """Texts of 20 to 50 words, each of one topic: common words by Zipf's law, and words of the topic."""
    chance = random.Random(seed)  # noqa: S311
    common = [f"w{number}" for number in range(NUM_COMMON_WORDS - 3)] + ["Über,", "<unk>", "stop."]
    weights = [1 / (rank + 1) for rank in range(NUM_COMMON_WORDS)]
    lines = []
    for _ in range(NUM_TEXTS):
        topic = first_topic + chance.randrange(NUM_TOPICS)
        own = [f"t{topic}n{number}" for number in range(WORDS_PER_TOPIC)]
        num_words = chance.randint(20, 50)
        words = chance.choices(common, weights, k=num_words // 2) + chance.choices(own, k=num_words // 2)
        chance.shuffle(words)
        lines.append(" ".join(words))
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks.same_vectors", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--before", type=Path, required=True, help="a checkout of the earlier version")
    parser.add_argument(
        "--now", type=Path, default=ROOT, help="a checkout of the later one (default: this one)"
    )
    parser.add_argument("--only", default="", help="only cases with this in their names, and skip-gram")
    parser.add_argument("--keep", type=Path, help="a folder to keep texts and models in")
    return parser


if __name__ == "__main__":
    main()
