"""`wordvec info`: what a model contains, and how it was trained."""

from __future__ import annotations

import json as json_format
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from wordvec.answers import info_answer
from wordvec.cli.losses import check_plot, curves_of, print_losses, save_losses
from wordvec.cli.options import STRICT, DecodingFlags, unfolded
from wordvec.cli.output import JsonFlag, print_columns, print_json
from wordvec.errors import ConfigError

__all__ = ["app"]

app = App(
    name="info",
    help_epilogue="""Examples:
  wordvec info model.wv
  wordvec info vectors.bin --json
  wordvec info model.wv --plot
  wordvec info first.wv second.wv --plot-file losses.png""",
)


@app.default
@unfolded
def info(
    model: str,
    /,
    *more: str,
    json: JsonFlag = False,
    plot: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    plot_file: Path | None = None,
    decoding: DecodingFlags = STRICT,
) -> None:
    """Print what models contain: words, dimensions, settings and training reports; or draw their losses.

    Args:
        model: model folder, or a file of vectors in a known format
        more: further models
        json: print one JSON document for each model, with all training reports
        plot: instead, draw losses and scores over the words seen, in the terminal
        plot_file: instead, draw them to a file that ends in .png, .svg, .pdf or .html
        decoding: encoding of the words in files of word2vec and GloVe
    """
    from wordvec.formats.detect import detect
    from wordvec.formats.load import load, located

    if json and plot:
        raise ConfigError("--json and --plot both print to stdout: leave out one of them, or use --plot-file")
    models = (model, *more)
    is_drawn = plot or plot_file is not None
    if is_drawn:
        check_plot(models, plot_file)
    records = {}
    for path in models:
        place = located(path)
        vectors = load(place, **asdict(decoding))
        records[path] = vectors.training
        facts = info_answer(path, detect(place), vectors)
        if json:
            print_json(facts)
        elif not is_drawn:
            print_columns(_lines(facts))
    if is_drawn:
        curves = curves_of(records)
        if plot_file is not None:  # first, as the reader of stdout may stop early
            save_losses(curves, plot_file)
        if plot:
            print_losses(curves)


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
    losses = [_value(record.get("epoch_loss")) for record in records if record.get("event") == "epoch"]
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
