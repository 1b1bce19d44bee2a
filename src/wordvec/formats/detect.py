"""Load and save: from a path to word vectors and back, in whatever format."""

from __future__ import annotations

import os
from collections.abc import Callable
from os import PathLike
from pathlib import Path

from wordvec.errors import ConfigError, FormatError
from wordvec.formats import (
    gensim_file,
    glove,
    native,
    npz,
    onnx_file,
    parquet,
    safetensors_file,
    spacy_folder,
    static_embedding,
    word2vec_binary,
    word2vec_text,
)
from wordvec.formats.foreign_words import UTF8, check_decoding
from wordvec.formats.hub import PREFIX, download
from wordvec.formats.names import FormatName, TargetName, format_of
from wordvec.formats.sniff import recognise
from wordvec.formats.target import check_target
from wordvec.storage.temporary import aside_of
from wordvec.vectors.checks import check_still_finite
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["load", "located", "save"]


READERS: dict[FormatName, Callable[[Path, int | None], WordVectors]] = {
    "native": native.read,
    "word2vec-binary": word2vec_binary.read,
    "word2vec-text": word2vec_text.read,
    "glove": glove.read,
    "safetensors": safetensors_file.read,
    "numpy": npz.read,
    "parquet": parquet.read,
}
MAPPERS: dict[FormatName, Callable[..., WordVectors]] = {
    "native": native.read,
    "safetensors": safetensors_file.read,
}
DECODERS: dict[FormatName, Callable[..., WordVectors]] = {
    "word2vec-binary": word2vec_binary.read,
    "word2vec-text": word2vec_text.read,
    "glove": glove.read,
}
WRITERS: dict[TargetName, Callable[[WordVectors, Path], None]] = {
    "native": native.write,
    "word2vec-binary": word2vec_binary.write,
    "word2vec-text": word2vec_text.write,
    "glove": glove.write,
    "safetensors": safetensors_file.write,
    "numpy": npz.write,
    "parquet": parquet.write,
    "gensim": gensim_file.write,
    "sentence-transformers": static_embedding.write_for_sentence_transformers,
    "model2vec": static_embedding.write_for_model2vec,
    "spacy": spacy_folder.write,
    "onnx": onnx_file.write,
}


def load(
    path: str | PathLike[str],
    *,
    limit: int | None = None,
    mmap: bool = False,
    encoding: str = "utf-8",
    errors: str = "strict",
) -> WordVectors:
    """Read vectors from a model folder or a file; the format is recognised from the content.

    Args:
        path: where they are; `hf://owner/name` is a model on the Hugging Face hub, `hf://owner/name@revision` one of
            its versions.
        limit: read the first so many words only, mostly the most frequent ones.
        mmap: leave the matrix of a model folder or a safetensors file on the disk, from where the system brings
            what is looked at, once for all processes. It is read once to be checked.
        encoding: of the words in a file of word2vec or GloVe; all other formats are UTF-8.
        errors: what to do with bytes of words that the encoding does not have: `strict` refuses the file, `replace`
            puts a mark (U+FFFD) in their place, `ignore` leaves them out. Where that makes words alike, the first
            vector is kept, with a warning; a word of which nothing is left is left out, with a warning.

    Returns:
        The vectors, in the order of the file, with all that the format keeps beside them: counts, settings, records.

    Raises:
        FormatError: there is nothing at the path, it is damaged, or it is of no known format.
        ConfigError: limit is not positive, a file of this format cannot be mapped or has no encoding but UTF-8, or
            there is no such encoding or way with errors.
        MissingPackageError: the hub is asked for, and huggingface_hub is not installed.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     save(WordVectors(["yes", "no"], [[1.0, 2.0], [3.0, 4.0]]), f"{folder}/vectors.bin")
    ...     load(f"{folder}/vectors.bin")["no"].tolist()
    [3.0, 4.0]
    """
    if limit is not None and limit < 1:
        raise ConfigError(f"limit must be at least 1, got {limit} (how many words to read)")
    decoding = check_decoding(encoding, errors)
    target = located(path)
    aside = None if os.path.lexists(target) else aside_of(Path(os.path.realpath(target)))
    if aside is not None:
        raise FormatError(
            f"{path} is not there: a save was interrupted, and the model that it was to replace is complete, "
            f"in {aside}; rename that to {path}"
        )
    format_name = recognise(target)
    if format_name not in DECODERS and decoding.encoding != UTF8.encoding:
        raise ConfigError(
            f"encoding must be utf-8 for {path}, which is {format_name}; only files of word2vec and "
            "GloVe can have another"
        )
    if not mmap and format_name in DECODERS:
        return DECODERS[format_name](target, limit, decoding=decoding)
    if not mmap:
        return READERS[format_name](target, limit)
    if format_name not in MAPPERS:
        raise ConfigError(
            f"mmap must be False for {path}, which is {format_name}; a model folder or a safetensors file can be "
            f"mapped, and wordvec convert makes one"
        )
    return MAPPERS[format_name](target, limit, mmap=True)


def located(path: str | PathLike[str]) -> Path:
    """Tell where on this machine a path leads to; what is on the hub is brought here.

    >>> located("model.wv").name
    'model.wv'
    """
    return download(path) if isinstance(path, str) and path.startswith(PREFIX) else Path(path)


def save(vectors: WordVectors, path: str | PathLike[str], format: str | None = None) -> None:  # noqa: A002
    """Write vectors to a model folder or a file, so that a crash at any moment leaves the old or the new one.

    Args:
        vectors: what to write; each format takes what it has a place for (docs/formats.md).
        path: its ending means a format, as `.bin` word2vec's binary file; without one, it is our folder. Missing
            parents are made; a model that is already there is replaced, anything else is not.
        format: one of `names.NAMES` and `names.EXPORTS`, whatever the path ends in.

    Raises:
        FormatError: it cannot be written; what was there before is still there.
        ConfigError: there is no format of that name; or the array behind the matrix was changed since, and holds NaN
            or infinity.
        MissingPackageError: the format is written with a package that is not installed.
    """
    check_target(path, format)
    check_still_finite("matrix", vectors.matrix, vectors.words)
    if vectors.output_matrix is not None:
        check_still_finite("output_matrix", vectors.output_matrix, vectors.words)
    WRITERS[format_of(Path(path), format)](vectors, Path(path))
