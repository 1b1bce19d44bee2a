"""Compare trainers: same corpus file, settings and threads, in turn, each run in a fresh process.

    python -m benchmarks.compare --corpus text8.gz --analogies questions-words.txt --similarity wordsim353.tsv
    python -m benchmarks.compare --corpus text8.gz --case dim100 dim300 --runs 5 --threads 2
    python -m benchmarks.compare --corpus text8.gz --trainers wordvec --runs 1 --results /tmp/look
    python -m benchmarks.compare --corpus text8.gz --trainers wordvec wordvec-torch --epochs 1 --name engines

Results are on disk after each run; the same call again continues where an interrupted one stopped.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from benchmarks.cases import CASES
from benchmarks.compiling import compiling_seconds
from benchmarks.lines import beginning, joined, named, prepare, stem
from benchmarks.machine import (
    describe_machine,
    describe_source,
    describe_versions,
    file_digest,
    source_digest,
)
from benchmarks.measure import CommandFailedError, measure
from benchmarks.report import markdown
from benchmarks.results import ConditionsChangedError, Results, Run
from benchmarks.scores import analogies_in, analogy_scores, judgments_in, similarity_scores
from benchmarks.summary import summarize
from benchmarks.trainers import TRAINERS, Vectors, ending_as_gensim, gensim_settings
from wordvec.config import Config

WORK = Path(".cache/benchmarks")
RESULTS = Path(__file__).parent / "results"
NO_CORPUS = (
    "a text to train on is needed, of 10 MB or more, plain, gz, bz2 or xz, such as text8 unzipped "
    "(http://mattmahoney.net/dc/text8.zip): make bench CORPUS=text8, or --corpus text8"
)

PACKAGES_OF = {"wordvec-torch": "torch", "spark": "pyspark"}  # beside those of every comparison

Judge = Callable[[Vectors], dict[str, float | None]]


def main() -> int:
    """Compare, and print the page of results."""
    parser = _parser()
    options = parser.parse_args()
    if options.corpus is None:
        parser.error(NO_CORPUS)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("compare: terminated"))
    try:
        results = _compare(options)
    except (CommandFailedError, ConditionsChangedError, OSError) as problem:
        print(f"compare: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("compare: stopped; the same call continues from here", file=sys.stderr)
        return 1
    print(markdown(results))
    return 0


def _compare(options: argparse.Namespace) -> Results:
    WORK.mkdir(parents=True, exist_ok=True)
    corpus = beginning(prepare(options.corpus, WORK), options.megabytes, WORK)
    if options.join_phrases:
        corpus = joined(corpus, WORK)
    conditions = _conditions(corpus, options)
    results = Results.open(
        options.results / f"{options.name or stem(options.corpus)}.json", conditions, options.replace
    )
    judge = _judge(options.analogies, options.similarity)
    for case in options.case:
        config = replace(CASES[case], epochs=options.epochs, threads=options.threads)
        _run_case(
            results,
            case,
            config,
            corpus,
            options.trainers,
            options.runs,
            judge,
            ends_as_gensim=options.ends_as_gensim,
        )
    return results


def _run_case(
    results: Results,
    case: str,
    config: Config,
    corpus: Path,
    trainers: list[str],
    num_runs: int,
    judge: Judge,
    *,
    ends_as_gensim: bool = False,
) -> None:
    """Make the runs of one case that are missing: seeds 1, 2, ...; in each, one trainer after the other."""
    missing = [
        (seed, trainer)
        for seed in range(1, num_runs + 1)
        for trainer in trainers
        if results.find(case, trainer, seed) is None
    ]
    if not missing:
        return
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        work = Path(folder)
        environment = {"NUMBA_CACHE_DIR": str(work / "numba"), "XDG_CACHE_HOME": str(work / "cache")}
        entry = results.cases.setdefault(case, {"settings": asdict(config)})
        if "gensim" in trainers:
            entry["gensim"] = gensim_settings(config)
        if "wordvec" in trainers:
            entry["compiling"] = compiling_seconds(corpus, work, config, environment)
        for seed, trainer in missing:
            if source_digest() != results.conditions["source"]["wordvec_sha256"]:
                raise ConditionsChangedError("src/wordvec was edited during the comparison; start it again")
            settings = replace(config, seed=seed)
            if ends_as_gensim and trainer.startswith("wordvec"):
                settings = ending_as_gensim(settings)
            run = _run(case, trainer, settings, corpus, work, environment, judge)
            results.runs.append(run)
            results.summary = summarize(results)
            results.save()
            results.path.with_suffix(".md").write_text(markdown(results), encoding="utf-8")
            print(_one_line(run), file=sys.stderr, flush=True)


def _run(
    case: str, name: str, config: Config, corpus: Path, work: Path, environment: dict[str, str], judge: Judge
) -> Run:
    """Train once in a fresh process, then read and judge what it left, and remove it."""
    trainer = TRAINERS[name]
    folder = work / "model"
    started = datetime.now(timezone.utc).isoformat(timespec="seconds")
    load_average = os.getloadavg()[0]
    measured = measure(trainer.command(corpus, folder, config), work / f"{name}.log", environment)
    report = trainer.report(folder)
    vectors = trainer.vectors(folder)
    scores = judge(vectors)
    shutil.rmtree(folder)
    training_seconds = report.phases["training"]
    return Run(
        case=case,
        trainer=name,
        seed=config.seed,
        started=started,
        load_average=load_average,
        words_per_second=report.words * config.epochs / training_seconds,
        training_seconds=training_seconds,
        **measured._asdict(),
        phases=report.phases,
        words=report.words,
        vocabulary=len(vectors.words),
        scores=scores,
    )


def _judge(analogies: Path | None, similarity: Path | None) -> Judge:
    """Read the test sets, and return what scores vectors on them."""
    questions = analogies_in(analogies) if analogies else None
    judgments = judgments_in(similarity) if similarity else None

    def judge(vectors: Vectors) -> dict[str, float | None]:
        scores: dict[str, float | None] = {}
        if questions is not None:
            scores |= analogy_scores(*vectors, questions)
        if judgments is not None:
            scores |= similarity_scores(*vectors, judgments)
        return scores

    return judge


def _conditions(corpus: Path, options: argparse.Namespace) -> dict[str, Any]:
    tests = {kind: getattr(options, kind) for kind in ("analogies", "similarity")}
    return {
        "machine": describe_machine(),
        "versions": describe_versions(
            *(PACKAGES_OF[name] for name in options.trainers if name in PACKAGES_OF)
        ),
        "source": describe_source(),
        "corpus": {
            "name": named(options.corpus, options.megabytes, has_phrases=options.join_phrases),
            "bytes": corpus.stat().st_size,
            "sha256": file_digest(corpus),
        },
        "tests": {
            kind: path and {"name": path.name, "sha256": file_digest(path)} for kind, path in tests.items()
        },
        "threads": options.threads,
        "epochs": options.epochs,
        **({"quality_alone": True} if options.quality_alone else {}),
        **({"ends_as_gensim": True} if options.ends_as_gensim else {}),
    }


def _one_line(run: Run) -> str:
    scores = "".join(
        f", {name} {run.scores[name]:.1f}" for name in ("analogies", "similarity") if run.scores.get(name)
    )
    return (
        f"{run.case} {run.trainer} seed {run.seed}: {run.words_per_second:,.0f} words/s, "
        f"job {run.job_seconds:.1f} s, {run.peak_memory_bytes / 1e6:.0f} MB{scores}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.compare", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--corpus", type=Path, help="plain, gz, bz2 or xz text")
    parser.add_argument(
        "--analogies", type=Path, help="Google's questions-words.txt (default: no analogies asked)"
    )
    parser.add_argument("--similarity", type=Path, help="WordSim-353, tab-separated (default: not scored)")
    parser.add_argument("--case", nargs="+", choices=CASES, default=["dim100"], help="named settings")
    parser.add_argument(
        "--runs", type=_positive, default=3, help="runs of each trainer, with seeds 1, 2, ..."
    )
    parser.add_argument("--epochs", type=_positive, default=5)
    parser.add_argument("--threads", type=_positive, default=describe_machine()["cores"])
    parser.add_argument("--trainers", nargs="+", choices=TRAINERS, default=["wordvec", "gensim"])
    parser.add_argument("--megabytes", type=float, help="train on so much of the corpus (default: all of it)")
    parser.add_argument(
        "--quality-alone", action="store_true", help="other work runs beside this: report scores, not speeds"
    )
    parser.add_argument(
        "--ends-as-gensim",
        action="store_true",
        help="let wordvec's learning rate end where gensim's does, whose workers each count by themselves",
    )
    parser.add_argument(
        "--join-phrases", action="store_true", help="find the phrases of the corpus, and train on joined ones"
    )
    parser.add_argument("--name", help="name of the results (default: the corpus's)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write them to")
    parser.add_argument("--replace", action="store_true", help="measure anew what was measured before")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number


if __name__ == "__main__":
    sys.exit(main())
