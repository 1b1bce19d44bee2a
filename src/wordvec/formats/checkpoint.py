"""Checkpoint: a model folder with all that is needed to go on training it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import FormatError
from wordvec.formats import native
from wordvec.formats.files import reading
from wordvec.formats.state_file import read_state, write_state
from wordvec.formats.vocabulary_file import read_vocabulary, write_vocabulary
from wordvec.storage.atomic import replacing_folder, writing
from wordvec.storage.own_files import BEFORE, CONFIG, MODEL_FILES, RUN, STATE, foreign_entries
from wordvec.storage.plain_json import to_json
from wordvec.storage.temporary import new_name, remove_leftovers
from wordvec.vectors.growth import KnownWords
from wordvec.vectors.word_vectors import WordVectors

__all__ = [
    "Checkpoint",
    "check_checkpoint",
    "is_checkpoint",
    "read_checkpoint",
    "remove_checkpoint",
    "write_checkpoint",
]


class Checkpoint(NamedTuple):
    """A run between two stretches of its text."""

    vectors: WordVectors  # to use: the best so far, or those of that moment; with the training records so far
    state: dict[str, NDArray[np.generic]]  # of the engine
    run: dict[str, Any]  # how far it has come, and on what; plain data
    known: KnownWords | None = None  # of the model that the run grows, if it does


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, which is a model folder like any other; an older one is replaced at once.

    What users have put into the older one is in the new one, too.

    Raises:
        ResourceError: it cannot be written; what was there is still there.
    """
    with replacing_folder(path, MODEL_FILES) as folder:
        native.write_parts(checkpoint.vectors, folder, path)
        write_state(checkpoint.state, checkpoint.vectors, folder / STATE)
        shutil.copymode(folder / CONFIG, folder / STATE)
        (folder / RUN).write_text(to_json(checkpoint.run, indent=2) + "\n", encoding="utf-8", newline="\n")
        if checkpoint.known is not None:
            write_vocabulary(*checkpoint.known, folder / BEFORE, path)


def is_checkpoint(path: Path) -> bool:
    """Whether there is a checkpoint.

    Raises:
        FormatError: the folder cannot be looked into.
    """
    with reading(path):
        return (path / RUN).exists() and (path / STATE).exists()


def check_checkpoint(path: Path) -> None:
    """Refuse a path where there is no checkpoint.

    Raises:
        FormatError: so it is.
    """
    with reading(path):
        path.stat()  # says why, if it cannot be reached
    if not is_checkpoint(path):
        raise FormatError(
            f"{path} is no checkpoint: {RUN} or {STATE} is missing, so there is no run in it to go on with (a finished "
            "model can be trained on with start_from, --start-from)"
        )


def read_checkpoint(path: Path) -> Checkpoint:
    """Read what `write_checkpoint` wrote.

    Raises:
        FormatError: it is no checkpoint, or damaged.
    """
    check_checkpoint(path)
    with reading(path):
        has_known = (path / BEFORE).exists()
    vectors = native.read(path)
    known = KnownWords(*read_vocabulary(path / BEFORE, most_words=len(vectors))) if has_known else None
    return Checkpoint(vectors, read_state(path / STATE, vectors), native.read_object(path / RUN), known)


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
