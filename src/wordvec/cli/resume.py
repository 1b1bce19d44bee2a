"""`wordvec resume`: continue a run that was interrupted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from wordvec.cli.options import check_sources, unfolded
from wordvec.cli.saving import checkpoint_of, output_of
from wordvec.errors import ConfigError

if TYPE_CHECKING:  # not needed for --help
    from wordvec.pipeline.run_log import Progress
    from wordvec.recipes.recipe import Recipe
    from wordvec.vectors.word_vectors import WordVectors

__all__ = ["app"]

app = App(
    name="resume",
    usage="Usage: wordvec resume [OPTIONS] MODEL [SOURCES...]",
    help_epilogue="""Examples:
  wordvec resume model.wv
  zcat articles.gz | wordvec resume model.wv -""",
)


@app.default
@unfolded
def resume(
    model: Path,
    /,
    *sources: Annotated[str, Parameter(allow_leading_hyphen=True)],  # a lone - is standard input
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    validation_file: str | None = None,
    recipe: str | None = None,
    temporary_folder: Path | None = None,
    simulate_ranks: int | None = None,
) -> None:
    """Continue a run from its checkpoint, to the vectors that it would have reached without the interruption.

    Args:
        model: the output of the run, or its checkpoint, MODEL.checkpoint, which is removed at the end
        sources: the text, if the run read it from standard input, or if its files have moved
        output: where to save the vectors (default: where the run would have saved them)
        validation_file: the validation text, in the same cases
        recipe: the recipe of the run, if it trained on the recipe's published data
        temporary_folder: where to keep the encoded corpus during training, 4 bytes per word (default: the system's)
        simulate_ranks: how many machines to simulate from here on (default: as many as the run did, if it did so)
    """
    from wordvec.cli.map import check_map_beside, draw_map_beside
    from wordvec.cli.saving import run_and_save
    from wordvec.distributed.group import is_silent_rank
    from wordvec.formats.save import check_target
    from wordvec.pipeline.resume import resume as go_on

    check_sources(app, sources)
    if recipe is not None and (sources or validation_file):
        raise ConfigError(
            "--recipe loads the recipe's published data again, so no other text can be given; leave one out"
        )
    checkpoint = _checkpoint_at(model)
    target = output or output_of(checkpoint)
    if target.resolve() == checkpoint.resolve():
        raise ConfigError(f"--output {target} is the checkpoint itself; choose another place to save to")

    def learn(on_progress: Callable[[Progress], None] | None) -> WordVectors:
        return go_on(
            checkpoint,
            sources[0] if len(sources) == 1 else sources or None,
            validation_source=validation_file,
            recipe=recipe,
            temporary_folder=temporary_folder,
            simulate_ranks=simulate_ranks,
            on_progress=on_progress,
        )

    if is_silent_rank():  # rank 0 reports and saves
        learn(None)
        return
    check_target(target)
    begun = _recipe_of(checkpoint, recipe)
    if begun is not None:
        check_map_beside(target, begun)

    run_and_save(learn, target, checkpoint, "".join(f" {word}" for word in _to_give_again(sources, recipe)))
    if begun is not None:
        draw_map_beside(target, begun)


def _recipe_of(checkpoint: Path, name: str | None) -> Recipe | None:
    """The recipe that is named, or else the one that began the run, on a text of the user's own."""
    from wordvec.pipeline.checkpoints import recipe_in
    from wordvec.recipes.catalog import RECIPES
    from wordvec.recipes.catalog import recipe as recipe_of

    if name is not None:
        return recipe_of(name)
    begun = recipe_in(checkpoint)
    return recipe_of(begun) if begun in RECIPES else None  # others may be of another version


def _to_give_again(sources: tuple[str, ...], recipe: str | None) -> list[str]:
    if recipe is not None:
        return ["--recipe", recipe]
    return ["-"] if sources == ("-",) else []  # new places of files are in the next checkpoint


def _checkpoint_at(path: Path) -> Path:
    """The folder itself, or the checkpoint beside it.

    Raises:
        FormatError: neither is a checkpoint.
    """
    from wordvec.formats.checkpoint import check_checkpoint, is_checkpoint

    if not is_checkpoint(path) and is_checkpoint(checkpoint_of(path)):
        return checkpoint_of(path)
    check_checkpoint(path)
    return path
