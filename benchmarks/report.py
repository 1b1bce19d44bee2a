"""Report: results as a Markdown page that a README can quote."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from benchmarks.lines import PHRASES_JOINED
from benchmarks.page import Format, circumstances, spread_text, table
from benchmarks.results import Results
from wordvec.config import Config

__all__ = ["RATES", "markdown"]


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
ENGINES = "- wordvec: on its numba engine; wordvec-torch: on its torch engine, on the CPU"

RATES = (
    "those of both fall alike. gensim's does not reach its last one, as each worker compares what it "
    "has read with the whole corpus; wordvec's ends where gensim's does (`ending_as_gensim` in benchmarks/trainers.py)"
)


def markdown(results: Results) -> str:
    """The whole page: conditions, the scores of all cases where there is one trainer, and then one table a case."""
    foot = _footnotes_of_quality() if _has_quality_alone(results) else _footnotes()
    cases = [_case(results, case) for case in results.summary]
    parts = [_conditions(results), *_scores_of_all(results), *cases, foot]
    return "\n\n".join(parts) + "\n"


def _has_quality_alone(results: Results) -> bool:
    """Whether other work ran beside these runs, so that their speeds say nothing."""
    return bool(results.conditions.get("quality_alone"))


def _conditions(results: Results) -> str:
    known = results.conditions
    corpus = known["corpus"]
    trainers = dict.fromkeys(name for case in results.summary for name in results.trainers(case))
    text = (
        f"{corpus['name']}: {corpus['bytes']:,} bytes in lines of at most 1000 words, the same file for all"
    )
    return "\n".join(
        [
            f"# {' and '.join(trainers)} on {corpus['name']}",
            "",
            "Written by `make bench`; do not edit.",
            "",
            *circumstances(known),
            f"- {text}; {known['threads']} threads, {known['epochs']} epochs",
            *([ENGINES] if "wordvec-torch" in trainers else []),
            *([f"- learning rates: {RATES}"] if known.get("ends_as_gensim") else []),
        ]
    )


def _scores_of_all(results: Results) -> list[str]:
    """A table with a line for each case, where one trainer was scored."""
    trainers = {name for case in results.summary for name in results.trainers(case)}
    if len(trainers) != 1 or not any(run.scores for run in results.runs):
        return []
    (trainer,) = trainers
    rows = [["mean (range)", *(heading.strip() for _, heading in SCORES), "learning rate"]]
    for case, summary in results.summary.items():
        settings = results.cases[case]["settings"]
        known = {one.name for one in fields(Config)}
        config = Config(**{name: value for name, value in settings.items() if name in known})
        scores = [spread_text(summary[trainer][figure], "mean", _tenths) for figure, _ in SCORES]
        joined = PHRASES_JOINED if results.conditions["corpus"]["name"].endswith(PHRASES_JOINED) else ""
        rows.append([f"{_model(settings)}{joined}", *scores, f"{config.first_learning_rate:g}"])
    return [table(rows)]


def _model_and_order(settings: dict[str, Any]) -> str:
    """The model, and whether its texts were in random order."""
    is_random = settings.get("shuffle_texts", False) is not False  # None: by default
    order = ", texts in random order (wordvec alone)" if is_random else ""
    return f"{_model(settings)}{order}"


def _model(settings: dict[str, Any]) -> str:
    """The model in words; runs of before have not all settings."""
    parts = ["CBOW" if settings.get("architecture") == "cbow" else "skip-gram"]
    if settings.get("objective") == "hierarchical":
        parts.append("hierarchical softmax")
    if settings.get("cbow_gradient") == "word2vec":
        parts.append("word2vec.c's gradient")
    if settings.get("position_weights"):
        parts.append("position weights")
    if settings.get("max_n"):
        parts.append(f"n-grams of {settings['min_n']} to {settings['max_n']} characters")
    return ", ".join(parts)


def _case(results: Results, case: str) -> str:
    summary = results.summary[case]
    trainers = results.trainers(case)
    first, *others = trainers
    settings = results.cases[case]["settings"]
    runs = " and ".join(f"{summary[name]['runs']} of {name}" for name in trainers)
    title = (
        f"## {case}: {_model_and_order(settings)}, dim {settings['dim']}, window {settings['window']}, negatives "
        f"{settings['negatives']}, subsample {settings['subsample']:g}, min_count {settings['min_count']}"
    )
    has_costs = not _has_quality_alone(results)
    kind = "median" if has_costs else "mean"
    header = [f"{kind} (range); runs: {runs}", *trainers, *(f"{first} beside {other}" for other in others)]
    rows = [header]
    for figure, heading, form, more_is_better in COSTS if has_costs else []:
        cells = [spread_text(summary[name][figure], "median", form) for name in trainers]
        cells += [
            _ratio(summary[f"{first} / {other}"][figure], more_is_better, "peak" not in figure)
            for other in others
        ]
        rows.append([heading, *cells])
    if any(summary[name][figure] for name in trainers for figure, _ in SCORES):
        rows += [["**mean (range)**", *[""] * (len(header) - 1)]] if has_costs else []
        for figure, heading in SCORES:
            cells = [spread_text(summary[name][figure], "mean", _tenths) for name in trainers]
            cells += [_difference(summary[f"{first} - {other}"][figure]) for other in others]
            rows.append([heading, *cells])
    return f"{title}\n\n{table(rows)}\n\n{_details(results, case)}"


def _details(results: Results, case: str) -> str:
    """Phases, the time to compile, what was scored, and whether all trainers saw the same words."""
    lines: list[str] = []
    for name in [] if _has_quality_alone(results) else results.trainers(case):
        runs = results.of(case, name)
        middle = sorted(runs, key=lambda run: run.job_seconds)[len(runs) // 2]
        phases = ", ".join(f"{phase} {seconds:.1f}" for phase, seconds in middle.phases.items())
        busy = ", ".join(f"{run.cpu_seconds / run.job_seconds:.2f}" for run in runs)
        lines.append(f"- {name}, seconds in the median run: {phases}; cores kept busy: {busy}")
    compiling = results.cases[case].get("compiling")
    if compiling and not _has_quality_alone(results):
        lines.append(
            f"- wordvec compiles for {compiling['first']:.1f} s once, then {compiling['cached']:.2f} s a run"
        )
    seen = {(run.trainer, run.words, run.vocabulary) for run in results.runs if run.case == case}
    words = "; ".join(
        f"{name} {words:,} words, {vocabulary:,} different" for name, words, vocabulary in sorted(seen)
    )
    alike = "" if len({one[1:] for one in seen}) == 1 else " (**not the same corpus for all**)"
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
        "Trainers took turns, each once a seed; ratios are of runs of one seed: median (range). "
        "Differences are of means, with Welch's 95 % interval."
    )


def _footnotes_of_quality() -> str:
    return (
        "Other work ran beside these runs, so their speeds, which the JSON file has, say nothing. Differences are of "
        "means, with Welch's 95 % interval where there are several runs."
    )


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
