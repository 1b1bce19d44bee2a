"""Losses of runs, drawn: in the terminal, as a picture, as a page."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wordvec.cli.output import say
from wordvec.errors import ConfigError, FormatError

if TYPE_CHECKING:
    from wordvec.visualization.losses import LossCurve

__all__ = ["check_plot", "curves_of", "print_losses", "save_losses"]

PLAIN_COLUMNS = 80  # columns, where stdout is not a terminal
MAX_COLUMNS = 120  # columns; more make no curve clearer


def check_plot(models: Sequence[str], file: Path | None) -> None:
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


def curves_of(records: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, LossCurve]:
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


def print_losses(curves: Mapping[str, LossCurve]) -> None:
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


def save_losses(curves: Mapping[str, LossCurve], file: Path) -> None:
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
