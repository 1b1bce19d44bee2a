"""wordvec's own format: a folder of open files, written and replaced as a whole. Never pickle."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordvec import __version__
from wordvec.errors import ConfigError, FormatError
from wordvec.formats.files import AGAIN, check_regular, reading, reason_of
from wordvec.formats.model_card import model_card
from wordvec.formats.tensor_file import open_tensors
from wordvec.formats.tensors import write_tensors
from wordvec.formats.vocabulary_file import read_vocabulary, write_vocabulary
from wordvec.storage.atomic import replacing_folder
from wordvec.storage.own_files import (
    CARD,
    CARD_SHA256,
    CONFIG,
    MODEL_FILES,
    NEEDED,
    TRAINING,
    VECTORS,
    VOCABULARY,
    sha256_of,
)
from wordvec.storage.plain_json import is_unicode, parse_json, to_json
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["FORMAT_VERSION", "read", "read_object", "write", "write_parts"]

FORMAT_VERSION = 1  # goes up when an older wordvec could no longer read what this one writes


def write(vectors: WordVectors, path: Path) -> None:
    """Write everything that the vectors hold; an older model at the path is replaced at once.

    Raises:
        FormatError: it cannot be written; what was there is still there.
    """
    with replacing_folder(path, MODEL_FILES) as folder:
        write_parts(vectors, folder, path)


def write_parts(vectors: WordVectors, folder: Path, path: Path) -> None:
    """Write the files of a model into an empty folder, which will take its place at `path`."""
    about = {"format": "wordvec", "format_version": FORMAT_VERSION, "wordvec_version": __version__}
    card = model_card(vectors, __version__)
    about[CARD_SHA256] = sha256_of(card.encode())
    texts = {  # the hash last: what a crash has left of a card is ours
        TRAINING: "".join(to_json(record) + "\n" for record in vectors.training),
        CARD: card,
        CONFIG: to_json({**about, "settings": vectors.config}, indent=2) + "\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    write_vocabulary(vectors.words, vectors.counts, folder / VOCABULARY, path)
    tensors = {"input": vectors.matrix}
    if vectors.output_matrix is not None:
        tensors["output"] = vectors.output_matrix
    write_tensors(tensors, folder / VECTORS)
    shutil.copymode(folder / CONFIG, folder / VECTORS)  # safetensors makes files for their owner alone


def read(path: Path, limit: int | None = None, *, mmap: bool = False) -> WordVectors:
    """Read a model folder, and check that its parts are whole and fit together.

    Args:
        path: the folder.
        limit: read so many words at most.
        mmap: leave the matrices on the disk, from where the system brings what is looked at.

    Raises:
        FormatError: a file is missing, damaged, or of a newer wordvec.
    """
    before = _identity(path)
    try:
        vectors = _read_parts(path, limit, mmap)
    except FormatError:
        if _identity(path) == before:
            raise
    else:
        if _identity(path) == before:
            return vectors
    return read(
        path, limit, mmap=mmap
    )  # it was replaced meanwhile: what was read may be half of one and half of the other


def _identity(path: Path) -> tuple[int, int]:
    with reading(path):
        status = path.stat()
    return status.st_ino, status.st_mtime_ns  # numbers of removed folders are used again at once


def _read_parts(path: Path, limit: int | None, mmap: bool) -> WordVectors:
    with reading(path):
        missing = [name for name in NEEDED if not (path / name).exists()]
    if missing:
        raise FormatError(f"{path} is no complete wordvec model: {' and '.join(missing)} missing; {AGAIN}")
    config = _read_config(path / CONFIG)
    matrix, output_matrix, num_vectors = _read_matrices(path / VECTORS, limit, mmap)
    words, counts = read_vocabulary(path / VOCABULARY, most_words=num_vectors, limit=limit)
    training = _read_training(path / TRAINING)
    if len(matrix) != len(words):
        raise FormatError(
            f"{path} is damaged: {VECTORS} has {len(matrix)} rows, {VOCABULARY} {len(words)} words; {AGAIN}"
        )
    try:
        return WordVectors(
            words, matrix, counts=counts, output_matrix=output_matrix, config=config, training=training
        )
    except ConfigError as problem:
        raise FormatError(f"{path} is damaged: {reason_of(problem)}; {AGAIN}") from problem


def read_object(file: Path) -> dict[str, Any]:
    """Read a file that holds one JSON object.

    Raises:
        FormatError: it is not there, or damaged.
    """
    return _parse_object(file, _read_text(file), "")


def _read_config(file: Path) -> dict[str, Any] | None:
    about = read_object(file)
    if about.get("format") != "wordvec":
        raise FormatError(f'{file} does not say "format": "wordvec", so its folder is no wordvec model')
    version, settings = about.get("format_version"), about.get("settings")
    if not isinstance(version, int) or not isinstance(settings, dict | None):
        raise FormatError(f"{file} is damaged: format_version must be a number, settings an object; {AGAIN}")
    if version > FORMAT_VERSION:
        raise FormatError(
            f"{file} says format {version}, of wordvec {about.get('wordvec_version')}; this is wordvec "
            f"{__version__}, which reads up to format {FORMAT_VERSION}: pip install --upgrade wordvec"
        )
    return settings


def _read_training(file: Path) -> list[dict[str, Any]]:
    # Numbers that JSON lacks become null: no loss of some epoch is worth the vectors.
    return [
        _parse_object(file, line, f", line {number}", odd_numbers_are_null=True)
        for number, line in enumerate(_read_text(file).split("\n"), start=1)
        if line
    ]


def _read_text(file: Path) -> str:
    check_regular(file)
    with reading(file):
        content = file.read_bytes()
    try:
        return content.decode()
    except UnicodeDecodeError as problem:
        raise FormatError(f"{file} is damaged: {problem}; {AGAIN}") from problem


def _parse_object(file: Path, text: str, place: str, *, odd_numbers_are_null: bool = False) -> dict[str, Any]:
    try:
        parsed = parse_json(text, odd_numbers_are_null=odd_numbers_are_null)
    except ValueError as problem:
        raise FormatError(f"{file}{place} is damaged, no JSON: {reason_of(problem)}; {AGAIN}") from problem
    if "\\u" in text and not is_unicode(parsed):
        raise FormatError(f"{file}{place} is damaged: half a character, as \\ud800, is no text; {AGAIN}")
    if not isinstance(parsed, dict):
        raise FormatError(f"{file}{place} is damaged: expected a JSON object, got {text[:20]!r}; {AGAIN}")
    return parsed


def _read_matrices(
    file: Path, limit: int | None, mmap: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None, int]:
    """The first rows of both matrices, if there are two, and how many rows there are."""
    with open_tensors(file, AGAIN) as tensors:
        shapes = {name: tensors.shape(name, "F32", num_dims=2) for name in tensors.names}
        if "input" not in shapes:
            raise tensors.damage(f'there is no tensor "input" in it, only {tensors.names}')
        matrix = tensors.floats("input", limit, mmap=mmap)
        output_matrix = tensors.floats("output", limit, mmap=mmap) if "output" in shapes else None
        return matrix, output_matrix, shapes["input"][0]
