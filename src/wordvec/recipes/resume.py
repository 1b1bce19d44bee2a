"""Resuming a recipe: its published data is loaded again, as a checkpoint has no path to find it by."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from wordvec.formats.checkpoint import check_checkpoint
from wordvec.formats.native import read_object
from wordvec.pipeline.resume import resume
from wordvec.pipeline.run_log import Progress
from wordvec.recipes.published_texts import published_texts
from wordvec.recipes.recipe import Recipe
from wordvec.storage.own_files import CONFIG
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["resume_recipe"]


def resume_recipe(
    recipe: Recipe,
    checkpoint: str | Path,
    *,
    temporary_folder: str | Path | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> WordVectors:
    """Go on with a run that a recipe began on its published data.

    Args:
        recipe: the one that began it, with the tokenizer that it names.
        checkpoint: the folder.
        temporary_folder: as for `wordvec.resume`.
        on_progress: as for `wordvec.resume`.

    Raises:
        CorpusError: the data cannot be loaded, or is not what the run began with.
        WordvecError: see `wordvec.resume`.
    """
    path = Path(checkpoint)
    check_checkpoint(path)
    data, validation_source = recipe.data, None
    settings = read_object(path / CONFIG).get("settings") or {}
    if data.validation_split is not None and not settings.get("validation"):
        validation_source = published_texts(data, data.validation_split, recipe.tokenizer)
    return resume(
        path,
        published_texts(data, data.train_split, recipe.tokenizer),
        validation_source=validation_source,
        temporary_folder=temporary_folder,
        on_progress=on_progress,
    )
