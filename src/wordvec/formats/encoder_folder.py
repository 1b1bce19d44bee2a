"""Encoder folders: a text encoder in one safetensors file, the JavaScript that reads it, and pages to search texts.

Tensors of `encoder.safetensors`: `words`, the UTF-8 bytes of all words without gaps, and `word_ends` (V,) int32;
`rows` (V, D) float32, float16 or int8, or uint8 with eight signs each, the first one highest; `scales` (V,) float32 of
int8 and bits. For unknown words `buckets` (B,) int32, `ngram_rows` and `ngram_scales`. The metadata `wordvec` is JSON:
precision, dim, tokenizer, and, if there are some, the rules of n-grams and the phrases.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.tokenizers import TOKENIZERS, Tokenizer
from wordvec.errors import ConfigError, FormatError
from wordvec.formats.files import AGAIN
from wordvec.formats.foreign_words import check_unicode
from wordvec.formats.safetensors_file import (
    TensorFile,
    bytes_of_words,
    open_tensors,
    words_of_bytes,
    write_tensors,
)
from wordvec.formats.save import check_target, check_writable
from wordvec.phrases.phrases import Phrases
from wordvec.storage.atomic import replacing_file, replacing_folder
from wordvec.storage.format_table import ENCODER, FORMATS, Folder
from wordvec.storage.plain_json import parse_json, to_json
from wordvec.text import printable, reason_of
from wordvec.vectors.checks import first_non_finite_row
from wordvec.vectors.shrinking import PRECISIONS, Packed, Precision
from wordvec.vectors.text_encoder import Ngrams, TextEncoder
from wordvec.vectors.word_vectors import WordVectors
from wordvec.version import __version__
from wordvec.vocabulary.subwords import SubwordRules

__all__ = ["load_encoder", "save_encoder", "write_encoder_of", "write_search_page"]

# V words, B buckets of n-grams, D dimensions
FORMAT, FORMAT_VERSION = "wordvec encoder", 1
METADATA = "wordvec"  # the key of the JSON in the safetensors header
KINDS = {"float32": "F32", "float16": "F16", "int8": "I8", "bit": "U8"}
SCALED = ("int8", "bit")
MAX_DIM = 100_000
SCRIPT = "encoder.js"
CARD = """\
---
library_name: wordvec
pipeline_tag: feature-extraction
tags: [static-embeddings, word-vectors, word2vec]
---
# Text encoder: {num_words:,} words, {dim:,} dimensions, {precision}

Made by [wordvec](https://pypi.org/project/wordvec/) {version}. A text's vector is the sum of its words' rows, at length
1; frequent words weigh little (SIF). A dot product of two is their cosine.

```python
import wordvec

encoder = wordvec.load_encoder("path/to/this/folder")
encoder.encode(["a text", "another"])  # (2, {dim}) float32
```

```html
<script src="encoder.js"></script>
<script>
  WordvecEncoder.load("encoder.safetensors").then((encoder) => encoder.encode("a text"));
</script>
```
"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<input id="query" type="search" placeholder="Search by meaning" aria-label="Search" autocomplete="off" autofocus>
<p id="status" role="status"></p>
<ol id="found"></ol>
</main>
<script type="application/json" id="texts">{texts}</script>
<script type="text/plain" id="encoder">{encoder}</script>
<script>{script}</script>
</body>
</html>
"""


def save_encoder(encoder: TextEncoder, path: str | PathLike[str]) -> None:
    """Write an encoder to a folder, as `wordvec encoder` does; an older encoder there is replaced in one step.

    Args:
        encoder: what to write; its tokenizer is kept if it is a built-in one.
        path: the folder.

    Raises:
        FormatError: something else is at the path, or a word is not valid text.
        ResourceError: it cannot be written; what was there is still there.

    >>> from tempfile import TemporaryDirectory
    >>> from wordvec import WordVectors
    >>> cities = WordVectors(["rome", "soup"], [[2, 0], [0, 2]], counts=[5, 5])
    >>> with TemporaryDirectory() as folder:
    ...     save_encoder(TextEncoder.of(cities, tokenizer="words"), f"{folder}/encoder")
    ...     load_encoder(f"{folder}/encoder").encode(["Rome, soup"]).round(2)
    array([[0.71, 0.71]], dtype=float32)
    """
    check_target(path, "encoder")
    check_unicode(encoder.words, Path(path))
    content, ends = bytes_of_words(encoder.words)
    tensors: dict[str, NDArray[Any]] = {"words": content, "word_ends": ends.astype(np.int32)}
    tensors |= _named("rows", "scales", encoder.rows)
    about: dict[str, Any] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "wordvec_version": __version__,
        "precision": encoder.precision,
        "dim": encoder.dim,
        "tokenizer": encoder.tokenizer if isinstance(encoder.tokenizer, str) else None,
    }
    if encoder.ngrams is not None:
        about["ngrams"] = encoder.ngrams.rules._asdict()
        tensors |= {"buckets": encoder.ngrams.buckets} | _named(
            "ngram_rows", "ngram_scales", encoder.ngrams.rows
        )
    if encoder.phrases is not None:
        about["phrases"] = json.loads(encoder.phrases.to_json())
    card = CARD.format(
        num_words=len(encoder), dim=encoder.dim, precision=encoder.precision, version=__version__
    )
    with replacing_folder(Path(path), cast("Folder", FORMATS["encoder"].folder).own) as folder:
        (folder / "README.md").write_text(card, encoding="utf-8", newline="\n")
        (folder / SCRIPT).write_text(_resource(SCRIPT), encoding="utf-8", newline="\n")
        write_tensors(tensors, folder / ENCODER, {METADATA: to_json(about)})
        (folder / ENCODER).chmod((folder / SCRIPT).stat().st_mode)


def write_encoder_of(vectors: WordVectors, path: Path) -> None:
    """Write an encoder of vectors, for `wordvec convert --format encoder`; words weigh alike where counts are missing.

    Raises:
        FormatError: a word is not valid text.
        ResourceError: the folder cannot be written.
    """
    settings = {} if vectors.counts is not None else {"smoothing": None}
    save_encoder(TextEncoder.of(vectors, **settings), path)  # type: ignore[arg-type]  # None is one of its values


def _named(rows: str, scales: str, packed: Packed) -> dict[str, NDArray[Any]]:
    return {rows: packed.codes} | ({} if packed.scales is None else {scales: packed.scales})


def _resource(name: str) -> str:
    return (files("wordvec.formats") / name).read_text(encoding="utf-8")


def load_encoder(path: str | PathLike[str], *, tokenizer: str | Tokenizer | None = None) -> TextEncoder:
    """Read an encoder from its folder, or from its file alone; this needs neither torch nor tokenizers.

    Args:
        path: the folder that `wordvec encoder` or `save_encoder` wrote, or the `encoder.safetensors` in it.
        tokenizer: what cuts texts into words; None: the one that the encoder names, if it does.

    Returns:
        The encoder.

    Raises:
        FormatError: there is none, it is damaged, or of a newer wordvec.

    >>> load_encoder("nowhere")
    Traceback (most recent call last):
    wordvec.errors.FormatError: nowhere/encoder.safetensors does not exist; ...
    """
    folder = Path(path)
    file = folder if folder.is_file() else folder / ENCODER
    try:
        with open_tensors(file, AGAIN) as tensors:
            about = _about(tensors)
            try:
                return _read(tensors, about, tokenizer)
            except (ConfigError, FormatError) as problem:
                if isinstance(problem, FormatError):
                    raise
                raise tensors.damage(reason_of(problem)) from problem
    except FileNotFoundError as problem:
        raise FormatError(f"{file} does not exist; wordvec encoder MODEL --output DIR makes one") from problem


class _About(NamedTuple):
    """What the metadata say, checked."""

    precision: Precision
    dim: int
    tokenizer: str | None
    rules: SubwordRules | None
    phrases: Phrases | None


def _about(tensors: TensorFile) -> _About:
    file, metadata = tensors.path, tensors.tensors.metadata() or {}
    try:
        about = parse_json(metadata.get(METADATA, "null"))
    except ValueError as problem:
        raise tensors.damage(f"its metadata are not JSON: {reason_of(problem)}") from problem
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise FormatError(f"{file} is not an encoder; wordvec encoder MODEL --output DIR makes one")
    version = about.get("format_version")
    if type(version) is not int:
        raise tensors.damage("format_version must be a number")
    if version > FORMAT_VERSION:
        newer = printable(str(about.get("wordvec_version")), 20)
        raise FormatError(
            f"{file} has format {version}, of wordvec {newer}; this is wordvec "
            f"{__version__}, which reads up to format {FORMAT_VERSION}: pip install --upgrade wordvec"
        )
    precision, dim, tokenizer = (about.get(name) for name in ("precision", "dim", "tokenizer"))
    if precision not in PRECISIONS or type(dim) is not int or not 1 <= dim <= MAX_DIM:
        raise tensors.damage(f"precision must be {', '.join(PRECISIONS)}, and dim from 1 to {MAX_DIM:,}")
    if tokenizer is not None and tokenizer not in tuple(TOKENIZERS):
        raise tensors.damage(f"tokenizer must be one of {', '.join(TOKENIZERS)}, or null")
    rules, phrases = about.get("ngrams"), about.get("phrases")
    if rules is not None:
        is_whole = isinstance(rules, dict) and set(rules) == set(SubwordRules._fields)
        if not is_whole or any(type(value) is not int for value in rules.values()):
            raise tensors.damage(f"ngrams must have the integers {', '.join(SubwordRules._fields)}")
    return _About(
        precision,
        dim,
        tokenizer,
        None if rules is None else SubwordRules(**rules),
        None if phrases is None else Phrases.from_json(to_json(phrases).encode(), f"{file}: its phrases"),
    )


def _read(tensors: TensorFile, about: _About, tokenizer: str | Tokenizer | None) -> TextEncoder:
    names = set(tensors.names)
    needed = {"words", "word_ends", "rows"} | ({"buckets", "ngram_rows"} if about.rules else set())
    if not needed <= names:
        raise tensors.damage(f"there is no tensor {' and '.join(sorted(needed - names))} in it")
    tensors.shape("words", "U8", num_dims=1)
    tensors.shape("word_ends", "I32", num_dims=1)
    ends = tensors.array("word_ends").astype(np.int64)
    if not len(ends):
        raise tensors.damage("it has no words")
    rows = _packed(tensors, about, "rows", "scales", len(ends))
    try:
        words = words_of_bytes(tensors.array("words"), ends)
    except ValueError as problem:
        raise tensors.damage(reason_of(problem)) from problem
    ngrams = None
    if about.rules is not None:
        (num_buckets,) = tensors.shape("buckets", "I32", num_dims=1)
        buckets = tensors.array("buckets")
        is_ascending = bool((np.diff(buckets.astype(np.int64)) > 0).all())
        limits = 1 <= about.rules.min_n <= about.rules.max_n <= 100 and 1 <= about.rules.buckets < 2**31
        if (
            not limits
            or not is_ascending
            or (num_buckets and not 0 <= buckets[0] <= buckets[-1] < about.rules.buckets)
        ):
            raise tensors.damage(
                "buckets must be ascending, each below their number, and n-grams of 1 to 100 characters"
            )
        if num_buckets:
            of_ngrams = _packed(tensors, about, "ngram_rows", "ngram_scales", num_buckets)
            ngrams = Ngrams(about.rules, buckets, of_ngrams)
    return TextEncoder(
        words,
        rows,
        dim=about.dim,
        precision=about.precision,
        tokenizer=about.tokenizer if tokenizer is None else tokenizer,
        phrases=about.phrases,
        ngrams=ngrams,
    )


def _packed(tensors: TensorFile, about: _About, rows: str, scales: str, num_rows: int) -> Packed:
    width = -(-about.dim // 8) if about.precision == "bit" else about.dim
    if tensors.shape(rows, KINDS[about.precision], num_dims=2) != (num_rows, width):
        raise tensors.damage(f"{rows} must have the shape ({num_rows:,}, {width:,})")
    codes = tensors.array(rows)
    if about.precision not in SCALED:
        if first_non_finite_row(codes) is not None:
            raise tensors.damage(f"{rows} has NaN or infinity in it")
        return Packed(codes, None)
    if scales not in tensors.names or tensors.shape(scales, "F32", num_dims=1) != (num_rows,):
        raise tensors.damage(f"{scales} must be there, and be one for each of {num_rows:,} rows")
    factors = tensors.array(scales)
    if not np.isfinite(factors).all():
        raise tensors.damage(f"{scales} has NaN or infinity in it")
    return Packed(codes, factors)


def write_search_page(
    encoder: TextEncoder, texts: Sequence[str], path: str | PathLike[str], *, title: str = "Search"
) -> None:
    """Write a page that searches texts as one types, in one HTML file that needs nothing else and opens offline.

    Args:
        encoder: with a built-in tokenizer; the page holds its rows.
        texts: what is searched; thousands are fine.
        path: the HTML file.
        title: of the page.

    Raises:
        ConfigError: the encoder has no built-in tokenizer, or there is no text.
        ResourceError: the file cannot be written.
    """
    import tempfile

    from wordvec.visualization.map_page import POLICY, csp_hash, safe_json

    if not isinstance(encoder.tokenizer, str):
        raise ConfigError(
            "a page needs an encoder with a built-in tokenizer; name one with --tokenizer (tokenizer=)"
        )
    if not texts:
        raise ConfigError("there is no text to search")
    check_writable(path)
    with tempfile.TemporaryDirectory() as folder:
        save_encoder(encoder, Path(folder) / "encoder")
        content = (Path(folder) / "encoder" / ENCODER).read_bytes()
    script, style = _resource(SCRIPT) + _resource("search_page.js"), _resource("search_page.css")
    page = PAGE.format(
        policy=POLICY.format(script=csp_hash(script), style=csp_hash(style)),
        title=escape(printable(title, 200)),
        style=style,
        texts=safe_json(list(texts)),
        encoder=base64.b64encode(content).decode(),
        script=script,
    )
    with replacing_file(Path(path)) as stream:
        stream.write(page.encode())
