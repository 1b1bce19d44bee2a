"""`wordvec encoder`: a small folder that turns texts into vectors, in Python without torch, in browsers and in Node."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from wordvec.cli.options import STRICT, DecodingFlags, unfolded
from wordvec.cli.output import say
from wordvec.errors import ConfigError
from wordvec.text import size

__all__ = ["app"]

app = App(
    name="encoder",
    help_epilogue="""Examples:
  wordvec encoder model.wv --output encoder
  wordvec encoder model.wv -o small --precision int8 --dim 64 --limit 30000""",
)


@app.default
@unfolded
def encoder(
    model: str,
    /,
    *,
    output: Annotated[str, Parameter(name=["--output", "-o"])],
    precision: Literal["float32", "float16", "int8", "bit"] = "float32",
    dim: int | None = None,
    limit: int | None = None,
    smoothing: float | None = None,
    plain: Annotated[bool, Parameter(negative=())] = False,
    tokenizer: Literal["whitespace", "words", "alphanumeric", "punctuation"] | None = None,
    subwords: bool = True,
    decoding: DecodingFlags = STRICT,
) -> None:
    """Make a text encoder of word vectors: rare words weigh more, and dimensions are ordered, the widest first.

    Args:
        model: model folder, or a file of vectors in a known format
        output: the folder to write: encoder.safetensors, encoder.js, README.md
        precision: float32; float16; int8, a quarter of the size; or bit, one bit a dimension, a thirtieth
        dim: keep this many dimensions (default: all)
        limit: keep only the N most frequent words
        smoothing: a of the weights a / (a + p), with p a word's share of the text (default: 3e-4); a smaller one makes
            frequent words weigh less
        plain: weigh all words alike, as vectors without counts need
        tokenizer: how to split texts into words (default: as the training text was, if by one of these)
        subwords: make vectors of unknown words from their n-grams, if the model has some
        decoding: encoding of the words in files of word2vec and GloVe
    """
    from wordvec.formats.encoder_folder import save_encoder
    from wordvec.formats.load import load
    from wordvec.formats.save import check_target
    from wordvec.storage.format_table import ENCODER
    from wordvec.vectors.documents import SMOOTHING
    from wordvec.vectors.text_encoder import TextEncoder

    if plain and smoothing is not None:
        raise ConfigError("--plain weighs all words alike, so --smoothing says nothing: give one of them")
    check_target(output, "encoder")
    vectors = load(model, limit=limit, **asdict(decoding))
    made = TextEncoder.of(
        vectors,
        smoothing=None if plain else smoothing or SMOOTHING,
        dim=dim,
        precision=precision,
        tokenizer=tokenizer,
        subwords=subwords,
    )
    save_encoder(made, output)
    num_bytes = (Path(output) / ENCODER).stat().st_size
    say(
        f"wrote {output}: {len(made):,} words, {made.dim:,} dimensions, {precision}, {size(num_bytes)}, "
        f"tokenizer {made.tokenizer or 'none'}"
    )
    if made.tokenizer is None:
        say(
            "it has no tokenizer, as its text was cut by a function: --tokenizer names one, or encode lists of words"
        )
