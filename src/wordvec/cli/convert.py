"""`wordvec convert`: from one file format to another."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from wordvec.cli.options import STRICT, DecodingFlags
from wordvec.cli.output import say
from wordvec.formats.detect import format_of
from wordvec.storage.format_table import FORMATS, FormatName

if TYPE_CHECKING:  # not needed for --help
    from wordvec.vectors.word_vectors import WordVectors

__all__ = ["app"]

app = App(
    name="convert",
    help_epilogue="""Examples:
  wordvec convert model.wv vectors.bin
  wordvec convert glove.6B.100d.txt encoder --format sentence-transformers --limit 50000""",
)


@app.default
def convert(
    source: Annotated[str, Parameter(name="INPUT")],
    target: Annotated[str, Parameter(name="OUTPUT")],
    /,
    *,
    format: FormatName | None = None,  # noqa: A002
    limit: int | None = None,
    decoding: DecodingFlags = STRICT,
) -> None:
    """Read vectors in any known format and write them in another.

    Args:
        source: model folder, or a file of vectors; its format is detected from the content
        target: .bin, .txt, .vec, .safetensors, .npz, .parquet and .onnx mean files, all else a model folder
        format: what to write, if not what the ending of OUTPUT means
        limit: load only the N most frequent words
        decoding: how words in files of word2vec and GloVe are encoded
    """
    from wordvec.formats.load import load
    from wordvec.formats.save import check_target, save

    check_target(target, format)
    vectors = load(source, limit=limit, **asdict(decoding))
    save(vectors, target, format)
    say(f"wrote {target}: {len(vectors):,} words, {vectors.dim:,} dimensions")
    left_out = _left_out(vectors, format_of(Path(target), format))
    if left_out:
        say(f"left out, as this format has no place for them: {', '.join(left_out)}")


def _left_out(vectors: WordVectors, format_name: str) -> list[str]:
    """What the vectors have and a format has no place for."""
    holds = FORMATS[format_name].holds
    parts = {"counts": vectors.counts, "output vectors": vectors.output_matrix, "settings": vectors.config}
    return [name for name, part in parts.items() if part is not None and name not in holds]
