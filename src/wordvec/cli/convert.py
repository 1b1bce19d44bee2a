"""`wordvec convert`: from one file format to another."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from wordvec.cli.options import STRICT, DecodingFlags, unfolded
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
@unfolded
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
        source: model folder, or a file of vectors; its content tells its format
        target: a file that ends in .bin, .txt, .vec, .safetensors, .npz, .parquet or .onnx; or a model folder
        format: the format to write (default: the one that OUTPUT's ending names)
        limit: load only the N most frequent words
        decoding: encoding of the words in files of word2vec and GloVe
    """
    from wordvec.formats.load import load
    from wordvec.formats.save import check_target, save

    check_target(target, format)
    vectors = load(source, limit=limit, **asdict(decoding))
    save(vectors, target, format)
    say(f"wrote {target}: {len(vectors):,} words, {vectors.dim:,} dimensions")
    left_out = _left_out(vectors, format_of(Path(target), format))
    if left_out:
        say(f"this format cannot hold, so left out: {', '.join(left_out)}")


def _left_out(vectors: WordVectors, format_name: str) -> list[str]:
    """What the vectors have and the format cannot hold."""
    holds = FORMATS[format_name].holds
    parts = {"counts": vectors.counts, "output vectors": vectors.output_matrix, "settings": vectors.config}
    return [name for name, part in parts.items() if part is not None and name not in holds]
