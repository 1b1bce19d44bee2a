"""Checkpoint: a model folder with all that is needed to resume training it.

Beside the files of a model it has `state.safetensors`, the state of the engine as arrays by name, and `run.json`, how
far the run has come. An array of the state that the model has, too, is only named there, which saves half the space.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import FormatError
from wordvec.formats.files import AGAIN, check_regular, reading
from wordvec.formats.native import read_model, read_object, read_vocabulary, write_parts, write_vocabulary
from wordvec.formats.safetensors_file import write_tensors
from wordvec.storage.atomic import replacing_folder, writing
from wordvec.storage.format_table import BEFORE, CONFIG, MODEL_FILES, RUN, STATE
from wordvec.storage.own_files import foreign_entries
from wordvec.storage.plain_json import to_json
from wordvec.storage.temporary import new_name, remove_leftovers
from wordvec.text import reason_of
from wordvec.vectors.growth import KnownWords
from wordvec.vectors.word_vectors import WordVectors

__all__ = [
    "Checkpoint",
    "check_checkpoint",
    "is_checkpoint",
    "read_checkpoint",
    "read_state",
    "remove_checkpoint",
    "write_checkpoint",
    "write_state",
]


INPUT, OUTPUT = "input", "output"  # in the metadata of the state: which of the model's matrices an array is


class Checkpoint(NamedTuple):
    """A run between two stretches of its text."""

    vectors: WordVectors  # to use: the best so far, or those of that moment; with the training records so far
    state: dict[str, NDArray[np.generic]]  # of the engine
    run: dict[str, Any]  # how far it has come, and on what; plain data
    known: KnownWords | None = None  # of the model that the run grows, if it does


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, which is also a model folder; it replaces an older one in one step.

    What users have put into the older one is in the new one, too.

    Raises:
        ResourceError: it cannot be written; what was there is still there.
    """
    with replacing_folder(path, MODEL_FILES) as folder:
        write_parts(checkpoint.vectors, folder, path)
        write_state(checkpoint.state, checkpoint.vectors, folder / STATE)
        shutil.copymode(folder / CONFIG, folder / STATE)
        (folder / RUN).write_text(to_json(checkpoint.run, indent=2) + "\n", encoding="utf-8", newline="\n")
        if checkpoint.known is not None:
            write_vocabulary(*checkpoint.known, folder / BEFORE, path)


def is_checkpoint(path: Path) -> bool:
    """Whether there is a checkpoint.

    Raises:
        FormatError: the folder cannot be read.
    """
    with reading(path):
        return (path / RUN).exists() and (path / STATE).exists()


def check_checkpoint(path: Path) -> None:
    """Check that there is a checkpoint at the path.

    Raises:
        FormatError: there is none.
    """
    with reading(path):
        path.stat()  # says why, if it cannot be reached
    if not is_checkpoint(path):
        raise FormatError(
            f"{path} is not a checkpoint: {RUN} or {STATE} is missing, so there is no run to resume (a finished "
            "model can be trained on with start_from, --start-from)"
        )


def read_checkpoint(path: Path) -> Checkpoint:
    """Read what `write_checkpoint` wrote.

    Raises:
        FormatError: it is not a checkpoint, or damaged.
    """
    check_checkpoint(path)
    with reading(path):
        has_known = (path / BEFORE).exists()
    vectors = read_model(path)
    known = KnownWords(*read_vocabulary(path / BEFORE, max_words=len(vectors))) if has_known else None
    return Checkpoint(vectors, read_state(path / STATE, vectors), read_object(path / RUN), known)


def remove_checkpoint(path: Path) -> None:
    """Remove a checkpoint; anything else, and a checkpoint with other files in it, is left as it is.

    Raises:
        ResourceError: the system does not let it go.
    """
    with writing(path):
        is_ours = path.is_dir() and not path.is_symlink() and is_checkpoint(path)
        if is_ours and not foreign_entries(path, MODEL_FILES):
            # Renamed first, as half a folder would be in the way of the next checkpoint.
            shutil.rmtree(path.rename(new_name(path)))
        remove_leftovers(path)


def write_state(state: Mapping[str, NDArray[np.generic]], vectors: WordVectors, file: Path) -> None:
    """Write arrays by name; a matrix that the model beside it has, too, is only named."""
    matrices = _matrices(vectors)
    same = {
        name: matrix
        for name, array in state.items()
        for matrix, values in matrices.items()
        if _is_same(array, values)
    }
    write_tensors({name: array for name, array in state.items() if name not in same}, file, same)


def read_state(file: Path, vectors: WordVectors) -> dict[str, NDArray[np.generic]]:
    """Read what `write_state` wrote beside these vectors.

    Raises:
        FormatError: it is damaged.
    """
    from safetensors import SafetensorError, safe_open

    check_regular(file)
    try:
        with reading(file), safe_open(file, framework="numpy") as tensors:
            state: dict[str, NDArray[np.generic]] = {
                name: tensors.get_tensor(name)
                for name in tensors.keys()  # noqa: SIM118 - it is not a dict
            }
            same: dict[str, str] = tensors.metadata() or {}
    # The last two: a kind of number that NumPy lacks.
    except (SafetensorError, KeyError, TypeError) as problem:
        raise FormatError(f"{file} is damaged or cut short: {reason_of(problem)}; {AGAIN}") from problem
    for name, array in state.items():
        if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
            raise FormatError(f"{file} is damaged: {name} has numbers that are not finite; {AGAIN}")
    matrices = _matrices(vectors)
    for name, matrix in same.items():
        if name in state or matrix not in matrices:
            raise FormatError(f"{file} is damaged: {name} is declared as the model's {matrix}; {AGAIN}")
        state[name] = matrices[matrix]
    return state


def _is_same(array: NDArray[np.generic], matrix: NDArray[np.float32]) -> bool:
    """Bit by bit, as 0 and -0 are equal, and a resumed run must have the right one."""
    if (array.dtype, array.shape) != (matrix.dtype, matrix.shape):
        return False
    return np.array_equal(array.view(np.int32), matrix.view(np.int32))


def _matrices(vectors: WordVectors) -> dict[str, NDArray[np.float32]]:
    output = vectors.output_matrix
    return {INPUT: vectors.rows} | ({} if output is None else {OUTPUT: output})
