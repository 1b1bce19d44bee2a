"""Unknown words: how well n-grams place words that the text never had, beside gensim's FastText.

    python -m benchmarks.unknown_words enwiki100m.az.txt.gz wordsim353.tsv

A third of the words of a test of similarity are taken out of the text before training. Then the pairs of which one word
is unknown are asked: its vector is made of its n-grams alone. All trainers read the same text, and with CBOW
their learning rates fall alike: to where gensim's falls.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import wordvec
from benchmarks.cases import CASES
from benchmarks.lines import beginning, prepare
from benchmarks.machine import describe_machine
from benchmarks.measure import measure
from benchmarks.measured import RESULTS, WORK, conditions_of, heading, moment, save
from benchmarks.page import table
from benchmarks.report import RATES
from benchmarks.scores import judgments_in
from benchmarks.trainers import TRAINERS, ending_as_gensim
from wordvec.evaluation.similarity import Judgments, rank_pairs

MODELS = {
    "skip-gram, n-grams of 3 to 6 characters": "subwords",
    "CBOW, word2vec.c's gradient, the same n-grams": "cbow-subwords",
}
KINDS = {"unknown": "one word unknown", "known": "both known"}


def main() -> None:
    """Train on the text without these words, ask, and write figures."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.unknown_words", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("similarity", type=Path, help="pairs of words with scores, such as WordSim-353")
    parser.add_argument("--megabytes", type=float, default=30, help="of the corpus, from its beginning")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=describe_machine()["cores"])
    parser.add_argument("--runs", type=int, default=3, help="of wordvec, with seeds 1, 2, ...")
    parser.add_argument("--peer-runs", type=int, default=1, help="of gensim, which takes much longer")
    parser.add_argument("--write", type=Path, default=RESULTS)
    options = parser.parse_args()
    began = moment()
    judgments = lowered(judgments_in(options.similarity))
    removed = words_to_remove(judgments)
    pairs = {kind: pairs_with(judgments, removed, number) for kind, number in (("unknown", 1), ("known", 0))}
    WORK.mkdir(parents=True, exist_ok=True)
    whole = beginning(prepare(options.corpus, WORK), options.megabytes, WORK)
    runs: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        corpus = Path(folder, "corpus.txt")
        num_removed = write_without(removed, whole, corpus)
        for trainer, num_runs in (("wordvec", options.runs), ("gensim", options.peer_runs)):
            for case in MODELS.values():
                for seed in range(1, num_runs + 1):
                    settings = {"epochs": options.epochs, "threads": options.threads, "seed": seed}
                    scores = _scores(trainer, replace(CASES[case], **settings), corpus, Path(folder), pairs)
                    runs.append({"trainer": trainer, "case": case, "seed": seed, "scores": scores})
                    print(runs[-1], file=sys.stderr, flush=True)
        conditions = conditions_of({"the text": corpus}, epochs=options.epochs, threads=options.threads)
    result = conditions | began
    result |= {"removed_words": len(removed), "removed_tokens": num_removed}
    result |= {"pairs": {kind: len(some.pairs) for kind, some in pairs.items()}, "runs": runs}
    page = _page(result)
    save(options.write / "unknown-words", result, page)
    print(page)


def lowered(judgments: Judgments) -> Judgments:
    """The same pairs in lower case, as the text is."""
    return judgments._replace(pairs=[tuple(word.lower() for word in pair) for pair in judgments.pairs])


def words_to_remove(judgments: Judgments) -> set[str]:
    """A third of the words, by their hash."""
    words = {word for pair in judgments.pairs for word in pair}
    return {word for word in words if hashlib.sha256(word.encode()).digest()[0] % 3 == 0}


def pairs_with(judgments: Judgments, removed: set[str], number: int) -> Judgments:
    """The pairs of which so many words are removed."""
    chosen = [
        place for place, pair in enumerate(judgments.pairs) if sum(word in removed for word in pair) == number
    ]
    return Judgments(
        [judgments.pairs[place] for place in chosen], [judgments.scores[place] for place in chosen]
    )


def write_without(removed: set[str], corpus: Path, path: Path) -> int:
    """Write the corpus without these words; return how many tokens were left out."""
    num_removed = 0
    with corpus.open(encoding="utf-8") as lines, path.open("w", encoding="utf-8") as output:
        for line in lines:
            words = line.split()
            kept = [word for word in words if word not in removed]
            num_removed += len(words) - len(kept)
            output.write(" ".join(kept) + "\n")
    return num_removed


def ranked(vectors: dict[str, NDArray[np.float32]], judgments: Judgments) -> float | None:
    """Spearman's rank correlation x 100, over the pairs of which both words have a vector."""
    ranking = rank_pairs(judgments, list(vectors), np.array(list(vectors.values())))
    return None if ranking.rho is None else 100 * ranking.rho


def _scores(
    trainer: str, config: wordvec.Config, corpus: Path, work: Path, pairs: dict[str, Judgments]
) -> dict[str, float | None]:
    folder = work / f"{trainer}-{config.architecture}-{config.seed}"
    settings = config
    if trainer == "wordvec" and config.architecture == "cbow":
        settings = ending_as_gensim(config)
    measure(TRAINERS[trainer].command(corpus, folder, settings), work / "log")
    words = sorted({word for some in pairs.values() for pair in some.pairs for word in pair})
    vectors = _vectors(trainer, folder, words)
    return {kind: ranked(vectors, some) for kind, some in pairs.items()}


def _vectors(trainer: str, folder: Path, words: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    """The vector of each word that has one."""
    if trainer == "wordvec":
        loaded = wordvec.load(folder)
        return {word: loaded[word] for word in words if loaded.vocabulary.has_vector(word)}
    from gensim.models import KeyedVectors

    theirs = KeyedVectors.load(str(folder / "vectors.kv"))
    return {word: theirs[word] for word in words}


def _page(result: dict[str, Any]) -> str:
    head = [
        heading("Unknown words", "benchmarks.unknown_words", result),
        f"- {result['removed_words']} words of the test taken out of the text, {result['removed_tokens']:,} tokens",
        f"- {result['epochs']} epochs, {result['threads']} threads; load average {result['load_average']:.1f}",
        f"- learning rates, with CBOW: {RATES}",
    ]
    counts = result["pairs"]
    rows = [
        [
            "Spearman x 100, mean (range)",
            *(f"{title} ({counts[kind]} pairs)" for kind, title in KINDS.items()),
            "runs",
        ]
    ]
    for title, case in MODELS.items():
        for trainer in ("wordvec", "gensim"):
            runs = [run for run in result["runs"] if run["case"] == case and run["trainer"] == trainer]
            cells = [_spread([run["scores"][kind] for run in runs]) for kind in KINDS]
            rows.append([f"{title}: {trainer}", *cells, str(len(runs))])
    return "\n".join([*head, "", table(rows), ""])


def _spread(values: list[float]) -> str:
    if not values:
        return "-"
    return f"{statistics.fmean(values):.1f} ({min(values):.1f} to {max(values):.1f})"


if __name__ == "__main__":
    main()
