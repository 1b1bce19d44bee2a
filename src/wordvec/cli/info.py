"""`wordvec info`: what is in a model, and how it was made."""

from __future__ import annotations

import json as json_format
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cyclopts import App

from wordvec.cli.output import JsonFlag, print_columns, print_json

if TYPE_CHECKING:
    from wordvec.vectors.word_vectors import WordVectors

__all__ = ["app"]

FREQUENT = 10  # words to show

app = App(
    name="info",
    help_epilogue="""Examples:
  wordvec info model.wv
  wordvec info vectors.bin --json""",
)


@app.default
def info(model: str, /, *, json: JsonFlag = False) -> None:
    """Print what is in a model: words, dimensions, settings, and what its training reported.

    Args:
        model: model folder, or a file of vectors in a known format
        json: print one JSON document, with every report of the training
    """
    from pathlib import Path

    from wordvec.formats.detect import load
    from wordvec.formats.sniff import recognise

    facts = {"path": model, "format": recognise(Path(model)), **_facts(load(model))}
    if json:
        print_json(facts)
    else:
        print_columns(_lines(facts))


def _facts(vectors: WordVectors) -> dict[str, Any]:
    return {
        "words": len(vectors),
        "dim": vectors.dim,
        "occurrences": None if vectors.counts is None else int(vectors.counts.sum()),
        "output_vectors": vectors.output_matrix is not None,
        "first_words": vectors.words[:FREQUENT],
        "settings": vectors.config,
        "training": vectors.training,
    }


def _lines(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "path", facts["path"]
    yield "format", facts["format"]
    yield "words", f"{facts['words']:,}"
    yield "dimensions", f"{facts['dim']:,}"
    occurrences = facts["occurrences"]
    yield (
        "occurrences",
        "not known" if occurrences is None else f"{occurrences:,}, of these words in the corpus",
    )
    yield "output vectors", "yes" if facts["output_vectors"] else "no"
    yield "first words", " ".join(facts["first_words"])
    for name, value in (facts["settings"] or {}).items():
        yield f"setting {name}", _value(value)
    yield from _training_lines(facts["training"])


def _training_lines(records: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """The corpus, the loss of each epoch, and the end of the run; --json has the rest."""
    losses = [_value(record["epoch_loss"]) for record in records if record.get("event") == "epoch"]
    if losses:
        yield "loss of each epoch", " ".join(losses)
    for record in records:
        event = record.get("event", "training")
        if event == "corpus" or record is records[-1]:
            yield from (
                (f"{event} {name}", _value(value)) for name, value in record.items() if name != "event"
            )


def _value(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_value(inner)}" for name, inner in value.items())
    return value if isinstance(value, str) else json_format.dumps(value, ensure_ascii=False)
