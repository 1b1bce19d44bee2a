"""The published job: the settings of the WikiText-103 article on the numba engine, and how long its text would take.

    python -m benchmarks.published_job --corpus enwiki100m.txt.gz --epochs 1 --rounds 3

The article trained 5 epochs of about 77.5 million tokens, 42 to 43 minutes each, on a hosted GPU. This measures
words/s on another text, and says from it how long as many words would take here.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.lines import beginning, named, prepare
from benchmarks.machine import describe_machine
from benchmarks.measured import (
    RESULTS,
    WORK,
    conditions_of,
    heading,
    moment,
    save,
    settings_of,
    training_speed,
)
from benchmarks.page import spread_text, table
from benchmarks.summary import spread
from wordvec.config import Config
from wordvec.pipeline.train import train

ARTICLE_TOKENS = 77_500_000
ARTICLE_EPOCHS = 5
ARTICLE_MINUTES = (42, 43)  # an epoch
ARTICLE = Config(
    dim=300,
    window=8,
    window_reach="fixed",
    negatives=50,
    noise_power=1,
    noise_table=5_000_000,
    min_count=50,
    subsample_quantile=0.85,
    subsample_formula="smooth",
    engine="numba",
)
CASES = {
    "the article's subsampling": ARTICLE,
    "word2vec's subsampling, 1e-3": replace(
        ARTICLE, subsample_quantile=None, subsample=1e-3, subsample_formula="word2vec"
    ),
}
FOOTNOTES = (
    "Words/s: words of the corpus that are in the vocabulary, before subsampling, x epochs / wall seconds of training "
    "alone. Minutes: 5 x 77,500,000 tokens at that speed, each counted as a word of the vocabulary. "
    "These are the article's settings, but not its text, whose vocabulary is larger and fills the caches more. "
    "The kernels do some of it otherwise: text is thinned before windows are laid, so that each center has 16 "
    "contexts, where the article lays windows first and thins their contexts, too; windows end at the edges of a "
    "text, where the article leaves out such centers; the pairs of a window share their 50 negatives; steps are "
    "SGD's, not Adam's. "
    "word2vec's subsampling keeps more words, and so is the harder job."
)


def main() -> None:
    """Measure both cases in turn, and print the page."""
    options = _parser().parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    corpus = beginning(prepare(options.corpus, WORK), options.megabytes, WORK)
    configs = {
        case: replace(config, epochs=options.epochs, threads=options.threads, min_count=options.min_count)
        for case, config in CASES.items()
    }
    conditions = conditions_of(
        {named(options.corpus, options.megabytes): corpus},
        threads=options.threads,
        epochs=options.epochs,
        settings={case: settings_of(config) for case, config in configs.items()},
    )
    runs: list[dict[str, Any]] = []
    for number in range(1, options.rounds + 1):
        for case, config in configs.items():
            speed = training_speed(train(corpus, config=replace(config, seed=number)))
            runs.append({"case": case, "round": number, **moment(), **speed})
            print(f"round {number}, {case}: {speed['words_per_second']:,.0f} words/s", file=sys.stderr)
            summary = summarize(runs)
            content = {"conditions": conditions, "runs": runs, "summary": summary}
            save(options.results / options.name, content, page(conditions, summary))
    print(page(conditions, summary))


def summarize(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Of each case: its speed, and the minutes that the article's tokens would take."""
    summary: dict[str, Any] = {}
    for case in dict.fromkeys(run["case"] for run in runs):
        speeds = [run["words_per_second"] for run in runs if run["case"] == case]
        summary[case] = {
            "rounds": len(speeds),
            "vocabulary": next(run["vocabulary"] for run in runs if run["case"] == case),
            "words_per_second": spread(speeds),
            "article_minutes": spread([minutes_for_article(speed) for speed in speeds]),
        }
    return summary


def minutes_for_article(words_per_second: float) -> float:
    """The time of the article's five epochs at this speed.

    >>> round(minutes_for_article(100_000), 1)
    64.6
    """
    return ARTICLE_TOKENS * ARTICLE_EPOCHS / words_per_second / 60


def page(conditions: dict[str, Any], summary: dict[str, Any]) -> str:
    """The results as Markdown."""
    at_least, at_most = (ARTICLE_EPOCHS * minutes for minutes in ARTICLE_MINUTES)
    thousands_per_second = ARTICLE_TOKENS * ARTICLE_EPOCHS / at_most / 60 / 1000
    rows = [["median (range)", "words/s", "5 epochs of 77.5 million tokens, minutes"]]
    rows += [
        [
            f"wordvec, {conditions['threads']} threads, {case}",
            spread_text(figures["words_per_second"], "median", "{:,.0f}".format),
            spread_text(figures["article_minutes"], "median", "{:,.0f}".format),
        ]
        for case, figures in summary.items()
    ]
    rows.append(
        [
            "the article, on a hosted GPU, as reported",
            f"about {thousands_per_second:.0f},000",
            f"{at_least} to {at_most} (under 4 hours)",
        ]
    )
    rounds = max(figures["rounds"] for figures in summary.values())
    vocabulary = max(figures["vocabulary"] for figures in summary.values())
    return f"""{heading("The WikiText-103 article's job", "benchmarks.published_job", conditions)}
- {vocabulary:,} words in the vocabulary; {conditions["threads"]} threads, epochs: {conditions["epochs"]}, \
rounds: {rounds}
- skip-gram, dim 300, 8 words on each side, 50 negatives by count from a table of 5,000,000 slots

{table(rows)}

{FOOTNOTES}
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks.published_job", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--corpus", type=Path, required=True, help="plain, gz, bz2 or xz text")
    parser.add_argument("--megabytes", type=float, help="use so much of it (default: all)")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=describe_machine()["cores"])
    parser.add_argument("--min-count", type=int, default=ARTICLE.min_count)
    parser.add_argument("--name", default="published-job", help="name of the results")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write them to")
    return parser


if __name__ == "__main__":
    main()
