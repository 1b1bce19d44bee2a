"""`wordvec convert`: from one file format to another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from wordvec.cli.output import say
from wordvec.formats.names import FormatName, format_of

__all__ = ["app"]

app = App(
    name="convert",
    help_epilogue="""Examples:
  wordvec convert model.wv vectors.bin
  wordvec convert glove.6B.100d.txt vectors.txt --format word2vec-text""",
)


@app.default
def convert(
    source: Annotated[str, Parameter(name="INPUT")],
    target: Annotated[str, Parameter(name="OUTPUT")],
    /,
    *,
    format: FormatName | None = None,  # noqa: A002
) -> None:
    """Read vectors in any known format and write them in another.

    Args:
        source: model folder, or a file of vectors; its format is recognised from the content
        target: .bin is word2vec binary, .txt and .vec word2vec text, all else a model folder
        format: what to write, whatever OUTPUT ends in
    """
    from wordvec.formats.detect import load, save
    from wordvec.formats.target import check_target

    check_target(target, format)
    vectors = load(source)
    save(vectors, target, format)
    say(f"wrote {target}: {len(vectors):,} words, {vectors.dim:,} dimensions")
    parts = {"counts": vectors.counts, "output vectors": vectors.output_matrix, "settings": vectors.config}
    left_out = [name for name, part in parts.items() if part is not None]
    if left_out and format_of(Path(target), format) != "native":
        say(f"left out, as this format has no place for them: {', '.join(left_out)}")
