"""`wordvec train`: word vectors from text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from wordvec.cli.config_flags import DEFAULTS, ConfigFlags
from wordvec.cli.output import say
from wordvec.config import Config
from wordvec.errors import ConfigError

if TYPE_CHECKING:  # neither is needed for --help
    from wordvec.corpus.sources import TextSource, TokenLists
    from wordvec.vectors.word_vectors import WordVectors

__all__ = ["app", "train_and_save"]

app = App(
    name="train",
    help_epilogue="""Examples:
  wordvec train corpus.txt.gz --output model.wv --dim 300 --window 8
  zcat articles.gz | wordvec train - --output model.wv --tokenizer words""",
)


@app.default
def train(
    source: Annotated[str, Parameter(allow_leading_hyphen=True)],  # a lone - is standard input
    /,
    *sources: str,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    tokenizer: Literal["whitespace", "words"] = "whitespace",
    temporary_folder: Path | None = None,
    config: ConfigFlags = DEFAULTS,
) -> None:
    """Learn word vectors from text: one text a line, plain or compressed (gz, zst, bz2, xz).

    Args:
        source: a file, a folder, a glob pattern in quotes, or - for standard input
        sources: more of them
        output: where to save the vectors: a model folder; or NAME.bin, NAME.txt in word2vec's formats
        tokenizer: how a text is cut into words: at whitespace, or into lower-cased Unicode words
        config: the settings of training
        temporary_folder: where to keep the encoded corpus during training, 4 bytes a word (default: the system's)
    """
    from wordvec.formats.target import check_target

    if source.startswith("-") and source != "-":
        raise ConfigError(
            f"{source} is no flag of train; see wordvec train --help (a file of that name: ./{source})"
        )
    check_target(output)
    train_and_save([source, *sources] if sources else source, output, config, tokenizer, temporary_folder)


def train_and_save(
    source: TextSource | TokenLists,
    output: Path,
    config: Config,
    tokenizer: str = "whitespace",
    temporary_folder: Path | None = None,
) -> WordVectors:
    """Train with progress on stderr, save, and say what was done; if Ctrl-C ended it early, save and say so."""
    from wordvec.cli.progress import ProgressDisplay
    from wordvec.pipeline.train import train as learn

    with ProgressDisplay() as display:
        vectors = learn(
            source,
            config=config,
            tokenizer=tokenizer,
            temporary_folder=temporary_folder,
            on_progress=display,
        )
        end = vectors.training[-1]
        if end["event"] == "interrupted":
            say("stopped; saving what there is")
        display.show("saving", None, str(output))
        vectors.save(output)
    say(
        f"{len(vectors):,} words x {vectors.dim}, {end['words_trained']:,} words in "
        f"{end['phases']['training']:.1f} s ({end['words_per_second'] / 1e6:.2f}M words/s), saved to {output}"
    )
    if end["event"] == "interrupted":
        say("what was saved is the state at that moment, not a finished run")
        raise KeyboardInterrupt
    return vectors
