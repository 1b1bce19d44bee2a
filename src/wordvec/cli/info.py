"""`wordvec info`: what a model contains and how it was trained, in lines, as JSON, or as a drawing of its losses."""

from __future__ import annotations

import json as json_format
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from wordvec.answers import info_answer
from wordvec.cli.options import STRICT, DecodingFlags, unfolded
from wordvec.cli.output import JsonFlag, print_columns, print_json, say
from wordvec.errors import ConfigError, FormatError

if TYPE_CHECKING:  # not needed for --help
    from wordvec.visualization.losses import LossCurve

__all__ = ["app"]

PLAIN_COLUMNS = 80  # of a drawing where stdout is not a terminal
MAX_COLUMNS = 120  # of a drawing; more make no curve clearer

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
        _check_plot(models, plot_file)
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
        curves = _curves_of(records)
        if plot_file is not None:  # first, as the reader of stdout may stop early
            _save_losses(curves, plot_file)
        if plot:
            _print_losses(curves)


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
    if subwords := facts["subwords"]:
        yield "n-grams", f"{subwords['min_n']} to {subwords['max_n']} characters; unknown words have vectors"
        yield "buckets", f"{subwords['buckets']:,}, {subwords['used_buckets']:,} of them with a row"
        yield "rows", f"{subwords['rows']:,}, of words and buckets"
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


def _check_plot(models: Sequence[str], file: Path | None) -> None:
    """Check that losses can be drawn, before a large model is read in vain."""
    from wordvec.packages import imported
    from wordvec.visualization.losses import MAX_RUNS
    from wordvec.visualization.output_kinds import check_plot_target

    if len(models) > MAX_RUNS:
        raise ConfigError(
            f"a plot shows at most {MAX_RUNS} models, as more cannot be distinguished; got {len(models)}"
        )
    if file is not None:
        check_plot_target(file)
        imported("matplotlib", "a picture of losses")


def _curves_of(records: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, LossCurve]:
    """The curve of each model, by its name, with as many folders before it as tell it from the others.

    Args:
        records: of the training of each model, by its path.

    Raises:
        FormatError: there is nothing to draw of a model.
    """
    from wordvec.visualization.losses import loss_curve

    curves = {}
    for name, (model, training) in zip(_names(list(records)), records.items(), strict=True):
        curve = loss_curve(training)
        if curve.is_empty:
            lacking = "loss in its training record" if training else "training record"
            raise FormatError(
                f"{model} has no {lacking}, so there is nothing to draw: give a model folder that wordvec has trained"
            )
        if not curve.epochs:
            say(f"{model} has no whole epoch yet: validation losses and scores come at an epoch's end")
        elif len(curve.epochs) == 1:
            say(f"{model} has one epoch only: its validation loss and its scores are single points")
        curves[name] = curve
    return curves


def _names(models: Sequence[str]) -> Sequence[str]:
    parts = [Path(model).parts for model in models]
    for num_parts in range(1, max(map(len, parts)) + 1):
        names = [str(Path(*of_one[-num_parts:])) for of_one in parts]
        if len(set(names)) == len(names):
            return names
    return models  # the same path, written in different ways


def _print_losses(curves: Mapping[str, LossCurve]) -> None:
    """Draw losses on stdout: in color and as wide as the terminal, or plain and 80 columns wide."""
    from rich.console import Console

    from wordvec.visualization.terminal_chart import can_show, draw_loss_chart

    is_ascii = not can_show(sys.stdout.encoding)
    if sys.stdout.isatty():
        console = Console()
        chart = draw_loss_chart(curves, width=min(console.width, MAX_COLUMNS), is_ascii=is_ascii)
        console.print(chart, soft_wrap=True)
    else:
        print(draw_loss_chart(curves, width=PLAIN_COLUMNS, is_ascii=is_ascii).plain)  # noqa: T201


def _save_losses(curves: Mapping[str, LossCurve], file: Path) -> None:
    """Save a picture or a page of losses, as the file's ending says."""
    from wordvec.storage.atomic import replacing_file
    from wordvec.visualization.loss_picture import draw_losses
    from wordvec.visualization.output_kinds import plot_format
    from wordvec.visualization.plain_pages import write_loss_page

    title = f"Training of {next(iter(curves)) if len(curves) == 1 else f'{len(curves)} models'}"
    kind = plot_format(file)
    with replacing_file(file) as growing:
        if kind == "html":
            write_loss_page(curves, growing, title=title)
        else:
            draw_losses(curves, growing, file_format=kind, title=title)
    say(f"saved {file}")
