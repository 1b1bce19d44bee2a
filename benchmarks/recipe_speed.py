"""Recipe speed: words/s of each published system's recipe by compiled kernels, beside the torch engine, in turn.

    python -m benchmarks.recipe_speed --text d2l-ptb=ptb.train.txt.gz tiny-softmax=ptb.train.txt.gz text8-sgns=text8

Both engines get the same text, and so the same vocabulary. What is measured of each is some seconds of
training, from the end of a stretch of the text to the end of another.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.measured import RESULTS, conditions_of, heading, moment, save
from benchmarks.page import table
from wordvec.pipeline.run_log import Progress
from wordvec.pipeline.train import train
from wordvec.recipes.catalog import RECIPES
from wordvec.training.progress import TrainingProgress

__all__ = ["Stopwatch", "main", "page", "summarize", "words_per_second"]

ENGINES = ("numba", "torch")

Run = dict[str, Any]


class EnoughError(Exception):
    """Enough was measured."""


class Stopwatch:
    """Measures a run through its reports, and ends it after some seconds.

    Words are reported a stretch at a time, and a stretch of the torch engine takes a second or two; where centers are
    shuffled, several. So the clock starts at the end of one stretch and stops at the end of another: read at any other
    moment, it would show the slower engine up to half as fast as it is.
    """

    def __init__(self, seconds: float):
        self._seconds = seconds
        self._words = 0  # in the last report
        self._rises: list[tuple[float, int]] = []  # when more words were reported than before

    def __call__(self, progress: Progress) -> None:
        """Note what a report says.

        Raises:
            EnoughError: after the seconds.
        """
        if not isinstance(progress, TrainingProgress) or progress.words <= self._words:
            return
        self._words = progress.words
        self._rises.append((progress.seconds, progress.words))
        if self._rises[-1][0] - self._rises[0][0] > self._seconds:
            raise EnoughError

    @property
    def words_per_second(self) -> float:
        """Between the first stretch and the last.

        Raises:
            ValueError: there were fewer than two.
        """
        if len(self._rises) < 2:
            raise ValueError("the text is too short to measure: it needs two stretches of the engine's")
        (begin, words_before), (end, words) = self._rises[0], self._rises[-1]
        return (words - words_before) / (end - begin)


def words_per_second(recipe: str, text: Path, engine: str, seconds: float) -> float:
    """Train by a recipe for some seconds."""
    watch = Stopwatch(seconds)
    with suppress(EnoughError):
        train(
            text,
            recipe=recipe,
            engine=engine,
            validation=0.0,
            keep="last",
            watch=[],
            watch_sample=0,
            on_progress=watch,
        )
    return watch.words_per_second


def summarize(runs: list[Run]) -> list[Run]:
    """Of each recipe: median words/s of both engines, and the ratios of each round."""
    summary = []
    for recipe in dict.fromkeys(run["recipe"] for run in runs):
        of_recipe = [run for run in runs if run["recipe"] == recipe]
        speeds = {
            engine: [run["words_per_second"] for run in of_recipe if run["engine"] == engine]
            for engine in ENGINES
        }
        ratios = sorted(fast / slow for fast, slow in zip(*speeds.values(), strict=True))
        medians = {engine: statistics.median(found) for engine, found in speeds.items()}
        summary.append({"recipe": recipe, **medians, "ratio": statistics.median(ratios), "ratios": ratios})
    return summary


def page(result: dict[str, Any]) -> str:
    """The results as Markdown."""
    rows = [["recipe", *(f"{engine}, words/s" for engine in ENGINES), "numba / torch"]]
    rows += [
        [
            one["recipe"],
            *(f"{one[engine]:,.0f}" for engine in ENGINES),
            f"{one['ratio']:.1f} ({one['ratios'][0]:.1f} to {one['ratios'][-1]:.1f})",
        ]
        for one in result["summary"]
    ]
    title = heading(
        "Speed of the published systems' recipes", "benchmarks.recipe_speed", result["conditions"]
    )
    return f"""{title}

Settings by the letter. Medians of {result["conditions"]["rounds"]} rounds, the engines in turn, on the same text;
words of the vocabulary, before subsampling, in {result["conditions"]["seconds"]:g} seconds of training or some more,
from the end of one stretch of the text to that of another.

{table(rows)}
"""


def main() -> None:
    """Measure each recipe, save the results, and print the page."""
    options = _parser().parse_args()
    texts = {recipe: Path(path) for recipe, _, path in (one.partition("=") for one in options.text)}
    conditions = conditions_of(
        {path.name: path for path in texts.values()},
        rounds=options.rounds,
        seconds=options.seconds,
        **moment(),
    )
    runs: list[Run] = []
    for number in range(options.rounds):
        for recipe, text in texts.items():
            for engine in ENGINES[:: -1 if number % 2 else 1]:
                speed = words_per_second(recipe, text, engine, options.seconds)
                print(f"{number}: {recipe}, {engine}: {speed:,.0f} words/s", file=sys.stderr)
                runs.append({"round": number, "recipe": recipe, "engine": engine, "words_per_second": speed})
    result = {"conditions": conditions, "runs": runs, "summary": summarize(runs)}
    save(options.results / "recipe-speed", result, page(result))
    print(page(result))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks.recipe_speed", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--text", nargs="+", required=True, metavar="RECIPE=FILE", help=", ".join(RECIPES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10, help="of training, for each measurement")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write them to")
    return parser


if __name__ == "__main__":
    main()
