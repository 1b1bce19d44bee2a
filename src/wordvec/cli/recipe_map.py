"""The map that a recipe ends with, beside its model: whether the run was resumed or not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wordvec.cli.output import say
from wordvec.cli.saving import after_saving
from wordvec.errors import MissingPackageError

if TYPE_CHECKING:  # not needed for --help
    from wordvec.recipes.recipe import Recipe

__all__ = ["check_map_beside", "draw_map_beside"]


def check_map_beside(output: Path, recipe: Recipe) -> None:
    """Refuse, before the training, a map that could not be written.

    Raises:
        FormatError: something else is in its place, or nothing can be written there.
    """
    from wordvec.formats.target import check_writable
    from wordvec.visualization.map_files import check_map_target

    if recipe.map_words:
        check_map_target(_map_of(output))
        check_writable(_map_of(output))


def draw_map_beside(output: Path, recipe: Recipe) -> None:
    """Draw the t-SNE picture that the published system ends with, if it has one; a failure is a warning."""
    from wordvec.cli.map import map_words

    if not recipe.map_words:
        return
    with after_saving(output):
        try:
            map_words(str(output), output=_map_of(output), words=recipe.map_words)
        except MissingPackageError as missing:
            say(f"no picture of the words: {missing}")


def _map_of(output: Path) -> Path:
    """Where it goes.

    >>> _map_of(Path("models/ptb.wv")).name
    'ptb.wv.png'
    """
    return output.with_name(output.name + ".png")
