"""`wordvec demo`: from nothing to word vectors in about a minute, without a download."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from wordvec.cli.options import unfolded
from wordvec.cli.output import print_columns, say
from wordvec.config import Config

__all__ = ["app"]

MAX_WORDS = 1_200_000  # about what the installed packages of a fresh environment hold
MAX_SECONDS = 25.0  # of reading
# Technical English, and little of it: small vectors, many epochs; function words thinned, rare names left out.
SETTINGS = Config(dim=64, window=6, epochs=20, min_count=20, subsample=1e-4)
SHOWN = ("color", "error", "socket", "month", "thread", "file", "integer", "maximum")
NEIGHBORS_SHOWN = 5

app = App(
    name="demo",
    help_epilogue="""Examples:
  wordvec demo
  wordvec demo --output /tmp/demo.wv""",
)


@app.default
@unfolded
def demo(*, output: Annotated[Path, Parameter(name=["--output", "-o"])] = Path("demo.wv")) -> None:
    """Train on real English that this machine already has: the documentation inside the installed Python.

    Args:
        output: where to save the vectors
    """
    from wordvec.cli.saving import after_saving, run_and_save
    from wordvec.corpus.docstrings import python_docstrings
    from wordvec.formats.save import check_target
    from wordvec.pipeline.train import train

    check_target(output)
    say("reading the docstrings of this Python and its packages (nothing is imported), and training on them")
    texts = python_docstrings(max_words=MAX_WORDS, max_seconds=MAX_SECONDS)
    vectors = run_and_save(lambda on_progress: train(texts, config=SETTINGS, on_progress=on_progress), output)
    say("some words with their nearest neighbors:")
    shown = [word for word in SHOWN if word in vectors]
    with after_saving(output):
        print_columns(
            (word, ", ".join(near for near, _ in vectors.most_similar(word, k=NEIGHBORS_SHOWN)))
            for word in shown
        )
    say(f"ask for more: wordvec similar {output} network")
    say(f"what the model contains: wordvec info {output}")
    say("train on your text: wordvec train corpus.txt --output model.wv")
