"""Recipes: what each published system's recipe learns from a text, beside what the system itself reported.

    python -m benchmarks.recipes --recipe d2l-ptb --corpus ptb.train.txt.gz --validation-file ptb.valid.txt.gz
    python -m benchmarks.recipes --recipe text8-sgns --corpus text8 --watch mathematics ocean --set epochs=1 threads=2

One recipe is measured at a time, with one engine; the results of the others stay as they are.
"""

from __future__ import annotations

import argparse
import ast
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.article_loss import ArticleLoss
from benchmarks.measured import RESULTS, conditions_of, listed, moment, save, training_speed
from benchmarks.page import table
from wordvec.engines.choose import choose_engine
from wordvec.pipeline.progress_display import ProgressDisplay
from wordvec.pipeline.run_log import Progress
from wordvec.pipeline.train import train
from wordvec.recipes.catalog import RECIPES
from wordvec.training.progress import TrainingProgress

REPORTED = {
    "wikitext103": "WikiText-103, 5 epochs: under 4 hours on a hosted GPU; military: army, forces, officers, "
    "leadership, soldiers",
    "d2l-ptb": "Penn Treebank, 5 epochs: loss 0.331 (its PyTorch edition: 0.410), 19,096 tokens/s on a GPU; chip: "
    "intel 0.640, microprocessor 0.605, storage 0.515",
    "text8-sgns": "text8, 5 epochs: mathematics, algebra and calculus near each other, and ocean, islands, pacific and "
    "atlantic",
    "tiny-softmax": "nothing",
}

ARTICLE_LOSS = (
    "Loss as the article has it: the mean over examples, which are centers, of the mean over each one's true and noise "
    "pairs, taken before each step. At its end, the article prints the mean over all epochs; here, that is {:.4f}. The "
    "other losses are means over all pairs alike."
)

RECORDED = ("epoch", "seconds", "epoch_loss", "validation_loss", "neighbors")

Entry = dict[str, Any]  # what one recipe came to


def main() -> None:
    """Run one recipe, and print the page of all that were run."""
    options = _parser().parse_args()
    path = options.results / options.name
    saved = path.with_suffix(".json")
    entries: dict[str, Entry] = json.loads(saved.read_text(encoding="utf-8")) if saved.exists() else {}
    entry = measured(
        options.recipe, options.corpus, options.validation_file, options.watch, dict(options.set)
    )
    entries[name_of(options.recipe, entry)] = entry
    entries = {name: entries[name] for name in sorted(entries, key=lambda name: (_place(name), name))}
    save(path, entries, page(entries))
    print(page(entries))


def name_of(recipe: str, entry: Entry) -> str:
    """What a result is called: the recipe, and the engine where that is not the recipe's."""
    engine = entry["settings"]["engine"]
    return recipe if engine == choose_engine(RECIPES[recipe].config).name else f"{recipe}, {engine} engine"


def _place(name: str) -> int:
    return list(RECIPES).index(_recipe_of(name))


def _recipe_of(name: str) -> str:
    return name.split(",", maxsplit=1)[0]


def measured(
    recipe: str, corpus: Path, validation_file: Path | None, watch: Sequence[str], settings: dict[str, Any]
) -> Entry:
    """Train by a recipe, and put together what it came to.

    Args:
        recipe: its name.
        corpus: a file as the recipe wants it.
        validation_file: the same to validate on; None for what the recipe holds out.
        watch: words instead of the recipe's.
        settings: what shall differ from the recipe's settings.
    """
    files = {file.name: file for file in (corpus, validation_file) if file is not None}
    conditions = conditions_of(files, changed_settings=settings)
    began = moment()
    article_loss = ArticleLoss()

    def on_progress(progress: Progress) -> None:
        display(progress)
        if isinstance(progress, TrainingProgress) and progress.is_epoch_end:
            article_loss.end_epoch()

    with ProgressDisplay() as display, article_loss.listening():
        vectors = train(
            corpus,
            recipe=recipe,
            validation_source=validation_file,
            watch=watch,
            on_progress=on_progress,
            **settings,
        )
    used = vectors.config or {}
    return {
        "conditions": conditions,
        **began,
        "settings": used,
        **training_speed(vectors),
        "epochs": [
            {name: record.get(name) for name in RECORDED}
            for record in vectors.training
            if record["event"] == "epoch"
        ],
        "article_loss": article_loss.result()
        if article_loss.was_heard and used["reduction"] == "example_mean"
        else None,
    }


def page(entries: dict[str, Entry]) -> str:
    """The results of all recipes as Markdown."""
    title = "# Recipes of published systems\n\nWritten by `python -m benchmarks.recipes`; do not edit."
    return "\n\n".join([title, *(_section(name, entry) for name, entry in entries.items())]) + "\n"


def _section(name: str, entry: Entry) -> str:
    settings = entry["settings"]
    article = entry["article_loss"]
    has_validation = any(epoch["validation_loss"] is not None for epoch in entry["epochs"])
    rows = [["epoch", "s", "loss"]]
    rows[0] += ["validation loss"] * has_validation + ["loss as the article has it"] * (article is not None)
    for number, epoch in enumerate(entry["epochs"]):
        row = [str(epoch["epoch"]), f"{epoch['seconds']:.1f}", f"{epoch['epoch_loss']:.4f}"]
        if has_validation:
            row.append(f"{epoch['validation_loss']:.4f}")
        if article is not None:
            row.append(f"{article['by_epoch'][number]:.4f}")
        rows.append(row)
    kept = _kept_epoch(entry)
    machinery = f"{settings['engine']} engine on {settings['device']}, {settings['threads']} threads"
    changed = ", ".join(f"{name} {value}" for name, value in entry["conditions"]["changed_settings"].items())
    facts = [
        f"- {entry['words']:,} words in the vocabulary, {entry['vocabulary']:,} different",
        f"- {machinery}; settings that are not the recipe's: {changed or 'none'}",
        f"- {entry['words_per_second']:,.0f} words/s (words of the vocabulary x epochs / seconds of training)",
        f"- load average {entry['load_average']:.1f} when it began",
        *(f"- {word}: {_spelled_out(neighbors)}" for word, neighbors in (kept["neighbors"] or {}).items()),
        f"- these neighbors are those of epoch {kept['epoch']}, whose vectors are kept",
        f"- reported by the system itself: {REPORTED[_recipe_of(name)]}",
    ]
    parts = [f"## {name}", "\n".join([*listed(entry["conditions"]), *facts]), table(rows)]
    if article is not None:
        parts.append(ARTICLE_LOSS.format(article["all_epochs"]))
    return "\n\n".join(parts)


def _kept_epoch(entry: Entry) -> Entry:
    """The epoch whose vectors the model has: the last one, or the best."""
    if entry["settings"]["keep"] == "last":
        return entry["epochs"][-1]  # type: ignore[no-any-return]
    return min(entry["epochs"], key=lambda epoch: epoch["validation_loss"])


def _spelled_out(neighbors: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{word} {similarity:.3f}" for word, similarity in neighbors)


def _setting(text: str) -> tuple[str, Any]:
    """NAME=VALUE, the value as Python writes it, or else as plain text."""
    name, is_there, value = text.partition("=")
    if not is_there:
        raise argparse.ArgumentTypeError(f"must be NAME=VALUE, got {text!r}")
    try:
        return name, ast.literal_eval(value)
    except (SyntaxError, ValueError):
        return name, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.recipes", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--recipe", choices=RECIPES, required=True)
    parser.add_argument("--corpus", type=Path, required=True, help="a file as the recipe wants it")
    parser.add_argument("--validation-file", type=Path, help="(default: what the recipe holds out)")
    parser.add_argument("--watch", nargs="+", default=[], help="words instead of the recipe's")
    parser.add_argument(
        "--set",
        nargs="+",
        type=_setting,
        default=[],
        metavar="NAME=VALUE",
        help="other settings than the recipe's",
    )
    parser.add_argument("--name", default="recipes", help="name of the results")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write them to")
    return parser


if __name__ == "__main__":
    main()
