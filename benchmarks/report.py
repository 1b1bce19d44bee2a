"""Report: results as a Markdown page that a README can quote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.results import Results

__all__ = ["markdown"]

Format = Callable[[float], str]


def _millions(value: float) -> str:
    return f"{value / 1e6:.2f}"


def _megabytes(value: float) -> str:
    return f"{value / 1e6:,.0f}"


def _tenths(value: float) -> str:
    return f"{value:,.1f}"


# figure, heading, its format, and whether more is better
COSTS: list[tuple[str, str, Format, bool]] = [
    ("words_per_second", "training, million words/s", _millions, True),
    ("training_seconds", "training alone, s", _tenths, False),
    ("job_seconds", "whole job, s", _tenths, False),
    ("peak_memory_bytes", "peak memory, MB", _megabytes, False),
    ("peak_private_bytes", "  of it not mapped files, MB", _megabytes, False),
]
SCORES = [
    ("analogies", "Google analogies, %"),
    ("analogies_semantic", "  semantic"),
    ("analogies_syntactic", "  syntactic"),
    ("similarity", "WordSim-353, Spearman x 100"),
]


def markdown(results: Results) -> str:
    """The whole page: conditions, then one table a case."""
    parts = [_conditions(results), *(_case(results, case) for case in results.summary), _footnotes()]
    return "\n\n".join(parts) + "\n"


def _conditions(results: Results) -> str:
    known = results.conditions
    machine, versions, source, corpus = (known[name] for name in ("machine", "versions", "source", "corpus"))
    packages = ", ".join(f"{name} {number}" for name, number in versions.items())
    commit = f"commit {source['commit'] or 'none yet'}{', with changes' if source['dirty'] else ''}"
    memory_gibibytes = machine["memory_bytes"] / 2**30
    hardware = (
        f"{machine['cpu']}, {machine['cores']} cores, {memory_gibibytes:.0f} GiB, {' '.join(machine['simd'])}"
    )
    text = (
        f"{corpus['name']}: {corpus['bytes']:,} bytes in lines of at most 1000 words, the same file for both"
    )
    return "\n".join(
        [
            f"# wordvec and gensim on {corpus['name']}",
            "",
            "Written by `make bench`; do not edit.",
            "",
            f"- {hardware}; {machine['os']}",
            f"- {packages}; {commit}",
            f"- {text}; {known['threads']} threads, {known['epochs']} epochs",
        ]
    )


def _case(results: Results, case: str) -> str:
    summary = results.summary[case]
    trainers = [name for name in ("wordvec", "gensim") if name in summary]
    compared = len(trainers) == 2
    settings = results.cases[case]["settings"]
    runs = " and ".join(f"{summary[name]['runs']} of {name}" for name in trainers)
    title = (
        f"## {case}: skip-gram, dim {settings['dim']}, window {settings['window']}, negatives "
        f"{settings['negatives']}, subsample {settings['subsample']:g}, min_count {settings['min_count']}"
    )
    header = [f"median (range); runs: {runs}", *trainers, *(["wordvec beside gensim"] if compared else [])]
    rows = [header, ["---"] * len(header)]
    for figure, heading, form, more_is_better in COSTS:
        cells = [_spread(summary[name][figure], "median", form) for name in trainers]
        if compared:
            cells.append(_ratio(summary["wordvec / gensim"][figure], more_is_better, "peak" not in figure))
        rows.append([heading, *cells])
    if any(summary[name][figure] for name in trainers for figure, _ in SCORES):
        rows.append(["**mean (range)**", *[""] * (len(header) - 1)])
        for figure, heading in SCORES:
            cells = [_spread(summary[name][figure], "mean", _tenths) for name in trainers]
            if compared:
                cells.append(_difference(summary["wordvec - gensim"][figure]))
            rows.append([heading, *cells])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{title}\n\n{table}\n\n{_details(results, case)}"


def _details(results: Results, case: str) -> str:
    """Phases, the time to compile, what was scored, and whether both trainers saw the same words."""
    lines = []
    for name in ("wordvec", "gensim"):
        runs = results.of(case, name)
        if not runs:
            continue
        middle = sorted(runs, key=lambda run: run.job_seconds)[len(runs) // 2]
        phases = ", ".join(f"{phase} {seconds:.1f}" for phase, seconds in middle.phases.items())
        busy = ", ".join(f"{run.cpu_seconds / run.job_seconds:.2f}" for run in runs)
        lines.append(f"- {name}, seconds in the median run: {phases}; cores kept busy: {busy}")
    if compiling := results.cases[case].get("compiling"):
        lines.append(
            f"- wordvec compiles for {compiling['first']:.1f} s once, then {compiling['cached']:.2f} s a run"
        )
    seen = {(run.trainer, run.words, run.vocabulary) for run in results.runs if run.case == case}
    words = "; ".join(
        f"{name} {words:,} words, {vocabulary:,} different" for name, words, vocabulary in sorted(seen)
    )
    alike = "" if len({one[1:] for one in seen}) == 1 else " (**not the same corpus for both**)"
    lines.append(f"- in the vocabulary: {words}{alike}")
    scores = next((run.scores for run in results.runs if run.case == case and run.scores), {})
    if "analogies_asked" in scores:
        lines.append(
            f"- {scores['analogies_asked']:,} analogies asked, within the 30,000 most frequent words; 3CosAdd"
        )
    if "similarity_pairs" in scores:
        lines.append(f"- {scores['similarity_pairs']} pairs of WordSim-353 known")
    return "\n".join(lines)


def _footnotes() -> str:
    return (
        "Words/s: words of the corpus that are in the vocabulary x epochs / wall seconds of training alone. "
        "Whole job: from the start of a fresh process to its end, vectors saved, kernels compiled before. "
        "Trainers took turns, one pair a seed; ratios are of pairs: median (range). "
        "Differences are of means, with Welch's 95 % interval."
    )


def _spread(value: dict[str, float] | None, center: str, form: Format) -> str:
    if value is None:
        return "-"
    return f"{form(value[center])} ({form(value['least'])} to {form(value['most'])})"


def _ratio(value: dict[str, float] | None, more_is_better: bool, is_speed: bool) -> str:
    if value is None:
        return "-"
    median, least, most = value["median"], value["least"], value["most"]
    if not is_speed:
        return f"{median:.2f}x as much ({least:.2f} to {most:.2f})"
    if not more_is_better:
        median, least, most = 1 / median, 1 / most, 1 / least
    return f"**{median:.1f}x as fast** ({least:.1f} to {most:.1f})"


def _difference(value: dict[str, Any] | None) -> str:
    if value is None:
        return "-"
    interval = "" if value["low"] is None else f" ({value['low']:+.1f} to {value['high']:+.1f})"
    return f"{value['mean']:+.1f}{interval}"
