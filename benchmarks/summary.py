"""Summary: runs become medians and spreads, ratios pair by pair, and differences of means with intervals."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from scipy.stats import ttest_ind

from benchmarks.results import Results, Run

__all__ = ["difference_of_means", "spread", "summarize"]

COSTS = ("words_per_second", "training_seconds", "job_seconds", "peak_memory_bytes", "peak_private_bytes")
SCORES = ("analogies", "analogies_semantic", "analogies_syntactic", "similarity")
CONFIDENCE = 0.95


def summarize(results: Results) -> dict[str, Any]:
    """Of each case: every trainer's figures, and the first one's beside each other one's."""
    summary: dict[str, Any] = {}
    for case in results.cases:
        runs = {name: results.of(case, name) for name in results.trainers(case)}
        summary[case] = {
            name: {"runs": len(its_runs)}
            | {figure: spread(_values(its_runs, figure)) for figure in COSTS + SCORES}
            for name, its_runs in runs.items()
        }
        first, *others = runs
        for other in others:
            summary[case][f"{first} / {other}"] = {
                figure: spread(_ratios(runs[first], runs[other], figure)) for figure in COSTS
            }
            summary[case][f"{first} - {other}"] = {
                figure: difference_of_means(_values(runs[first], figure), _values(runs[other], figure))
                for figure in SCORES
            }
    return summary


def spread(values: Sequence[float]) -> dict[str, float] | None:
    """Median, mean, least and most; None of nothing."""
    if not values:
        return None
    return {
        "median": statistics.median(values),
        "mean": statistics.fmean(values),
        "least": min(values),
        "most": max(values),
    }


def difference_of_means(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float | None] | None:
    """Our mean less theirs, with Welch's 95 % interval, which needs two values that differ."""
    if not ours or not theirs:
        return None
    difference: dict[str, float | None] = {"mean": statistics.fmean(ours) - statistics.fmean(theirs)}
    low = high = None
    if min(len(ours), len(theirs)) > 1 and len({*ours}) + len({*theirs}) > 2:
        interval = ttest_ind(ours, theirs, equal_var=False).confidence_interval(CONFIDENCE)
        low, high = float(interval.low), float(interval.high)
    return difference | {"low": low, "high": high}


def _values(runs: Sequence[Run], figure: str) -> list[float]:
    found = [run.scores.get(figure) if figure in SCORES else getattr(run, figure) for run in runs]
    return [float(value) for value in found if value is not None]


def _ratios(ours: Sequence[Run], theirs: Sequence[Run], figure: str) -> list[float]:
    """Ours over theirs of each pair, the runs of one seed, which were neighbors in time."""
    pairs = [(one, other) for one in ours for other in theirs if one.seed == other.seed]
    paired = [(_values([one], figure), _values([other], figure)) for one, other in pairs]
    return [one[0] / other[0] for one, other in paired if one and other]
