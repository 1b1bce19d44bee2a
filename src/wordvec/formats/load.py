"""Load: from a path, or an address on the hub, to word vectors, in any format that wordvec reads."""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path
from typing import Any

from wordvec.errors import ConfigError, FormatError
from wordvec.formats.detect import detect
from wordvec.formats.foreign_words import UTF8, check_decoding
from wordvec.formats.hub import PREFIX, download
from wordvec.storage.format_table import FORMATS, function_of
from wordvec.storage.temporary import aside_of
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["load", "located"]


def load(
    path: str | PathLike[str],
    *,
    limit: int | None = None,
    mmap: bool = False,
    encoding: str = "utf-8",
    errors: str = "strict",
) -> WordVectors:
    """Read vectors from a model folder or a file; the format is detected from the content.

    Args:
        path: where they are; `hf://owner/name` is a model on the Hugging Face hub, `hf://owner/name@revision` one of
            its versions.
        limit: load only the N most frequent words: the first N, as by convention they are sorted so.
        mmap: leave the matrix of a model folder or a safetensors file on the disk, from where the system brings
            the rows that are used, once for all processes. It is read once to be checked.
        encoding: of the words in a file of word2vec or GloVe; all other formats are UTF-8.
        errors: what to do with bytes of words that the encoding does not have: `strict` refuses the file, `replace`
            puts a mark (U+FFFD) in their place, `ignore` leaves them out. Where that makes words alike, the first
            vector is kept, with a warning; a word of which nothing is left is left out, with a warning.

    Returns:
        The vectors, in the order of the file, with all that the format keeps beside them: counts, settings, records.

    Raises:
        FormatError: there is nothing at the path, it is damaged, or it is not of a known format.
        ResourceError: there is too little memory, or the hub cannot be reached.
        ConfigError: limit is not positive, a file of this format cannot be mapped or has no encoding but UTF-8, or
            the encoding or the way with errors does not exist.
        MissingPackageError: the hub is asked for, and huggingface_hub is not installed.

    >>> from tempfile import TemporaryDirectory
    >>> from wordvec import WordVectors
    >>> with TemporaryDirectory() as folder:
    ...     WordVectors(["yes", "no"], [[1.0, 2.0], [3.0, 4.0]]).save(f"{folder}/vectors.bin")
    ...     load(f"{folder}/vectors.bin")["no"].tolist()
    [3.0, 4.0]
    """
    if limit is not None and limit < 1:
        raise ConfigError(f"limit must be at least 1, got {limit} (load only the N most frequent words)")
    decoding = check_decoding(encoding, errors)
    target = located(path)
    aside = None if os.path.lexists(target) else aside_of(Path(os.path.realpath(target)))
    if aside is not None:
        raise FormatError(
            f"{path} is not there: a save was interrupted, and the model that it was to replace is complete, "
            f"in {aside}; rename that to {path}"
        )
    found = FORMATS[detect(target)]
    if not found.can_be_decoded and decoding.encoding != UTF8.encoding:
        raise ConfigError(
            f"encoding must be utf-8 for {path}, which is {found.name}; only files of word2vec and "
            "GloVe can have another"
        )
    if mmap and not found.can_be_mapped:
        raise ConfigError(
            f"mmap must be False for {path}, which is {found.name}; a model folder or a safetensors file can be "
            f"mapped, and wordvec convert makes one"
        )
    options: dict[str, Any] = {"decoding": decoding} if found.can_be_decoded else {}
    if mmap:
        options["mmap"] = True
    vectors: WordVectors = function_of(found.reader)(target, limit, **options)
    return vectors


def located(path: str | PathLike[str]) -> Path:
    """Turn a path or an address on the hub into a path on this machine; a model on the hub is downloaded.

    >>> located("model.wv").name
    'model.wv'
    """
    return download(path) if isinstance(path, str) and path.startswith(PREFIX) else Path(path)
