"""`wordvec resume`: go on with a run that was interrupted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from wordvec.errors import ConfigError

if TYPE_CHECKING:  # not needed for --help
    from wordvec.pipeline.records import Progress
    from wordvec.vectors.word_vectors import WordVectors

__all__ = ["app"]

CHECKPOINT = ".checkpoint"  # what train adds to the name of its output

app = App(
    name="resume",
    usage="Usage: wordvec resume [OPTIONS] CHECKPOINT [SOURCES...]",
    help_epilogue="""Examples:
  wordvec resume model.wv.checkpoint
  zcat articles.gz | wordvec resume model.wv.checkpoint -""",
)


@app.default
def resume(
    checkpoint: Path,
    /,
    *sources: Annotated[str, Parameter(allow_leading_hyphen=True)],  # a lone - is standard input
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    validation_file: str | None = None,
    recipe: str | None = None,
    temporary_folder: Path | None = None,
) -> None:
    """Go on with a run from its checkpoint, to the vectors that it would have had without the interruption.

    Args:
        checkpoint: the folder that training wrote after each epoch, OUTPUT.checkpoint; removed when all is done
        sources: the text, if the run read it from standard input, or if its files have moved
        output: where to save the vectors (default: where the run would have saved them)
        validation_file: the text to validate on, likewise
        recipe: the recipe that began the run, if it did so on its published data
        temporary_folder: where to keep the encoded corpus during training, 4 bytes a word (default: the system's)
    """
    from wordvec.cli.saving import run_and_save
    from wordvec.formats.checkpoint import check_checkpoint
    from wordvec.formats.target import check_target
    from wordvec.pipeline.resume import resume as go_on

    for source in sources:
        if source.startswith("-") and source != "-":
            raise ConfigError(
                f"{source} is no flag of resume; see wordvec resume --help (a file of that name: ./{source})"
            )
    if recipe is not None and (sources or validation_file):
        raise ConfigError(
            "--recipe loads the recipe's published data again, so it goes with no other text; leave one out"
        )
    check_checkpoint(checkpoint)
    target = output or _output_of(checkpoint)
    if target.resolve() == checkpoint.resolve():
        raise ConfigError(f"--output {target} is the checkpoint itself; choose another place to save to")
    check_target(target)

    def learn(on_progress: Callable[[Progress], None]) -> WordVectors:
        if recipe is not None:
            from wordvec.recipes.catalog import recipe as recipe_of
            from wordvec.recipes.resume import resume_recipe

            return resume_recipe(
                recipe_of(recipe), checkpoint, temporary_folder=temporary_folder, on_progress=on_progress
            )
        return go_on(
            checkpoint,
            sources[0] if len(sources) == 1 else sources or None,
            validation_source=validation_file,
            temporary_folder=temporary_folder,
            on_progress=on_progress,
        )

    run_and_save(learn, target, checkpoint)


def _output_of(checkpoint: Path) -> Path:
    """Where a run saves whose checkpoint this is.

    >>> _output_of(Path("models/news.wv.checkpoint")) == Path("models/news.wv")
    True
    """
    if checkpoint.suffix != CHECKPOINT or checkpoint.stem == "":
        raise ConfigError(
            f"the name of {checkpoint} does not tell where to save to, as OUTPUT{CHECKPOINT} would; give --output"
        )
    return checkpoint.with_suffix("")
