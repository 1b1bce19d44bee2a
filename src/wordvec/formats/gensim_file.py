"""gensim's own format: a pickle of KeyedVectors, put together from plain data; written, and never read.

Loading a pickle runs what it says. These say: make a KeyedVectors, and set its attributes to numbers, words and arrays.
No object is pickled here, so the file is the same whatever is installed; gensim 4 loads it.
"""

from __future__ import annotations

import pickle
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordvec.storage.atomic import replacing_file
from wordvec.storage.own_files import MARKS
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["write"]

NEW = pickle.PROTO + b"\x04" + MARKS["gensim"] + pickle.EMPTY_TUPLE + pickle.NEWOBJ
BEGIN_STATE = pickle.EMPTY_DICT + pickle.MARK
END = pickle.SETITEMS + pickle.BUILD + pickle.STOP
CALL_WITH_ONE, CALL_WITH_TWO = pickle.TUPLE1 + pickle.REDUCE, pickle.TUPLE2 + pickle.REDUCE


def write(vectors: WordVectors, path: Path) -> None:
    """Write words, input vectors, and counts where they are known, for `KeyedVectors.load`.

    Raises:
        FormatError: the file cannot be written.
    """
    rows = {word: row for row, word in enumerate(vectors.words)}
    attributes = {
        "vector_size": vectors.dim,
        "next_index": len(vectors),
        "index_to_key": list(vectors.words),
        "key_to_index": rows,
        "norms": None,
        "mapfile_path": None,
    }
    with replacing_file(path) as stream:
        stream.write(NEW + BEGIN_STATE)
        for name, value in attributes.items():
            stream.write(_plain(name) + _plain(value))
        stream.write(_plain("expandos") + pickle.EMPTY_DICT)
        if vectors.counts is not None:
            stream.write(_plain("count"))
            stream.writelines(_array(vectors.counts))
            stream.write(pickle.SETITEM)
        stream.write(_plain("vectors"))
        stream.writelines(_array(vectors.matrix))
        stream.write(END)


def _plain(value: Any) -> bytes:
    """Words and numbers, in lists and dictionaries: a pickle without its first and last opcodes."""
    return pickle.dumps(value, protocol=3)[2:-1]


def _array(array: NDArray[Any]) -> Iterator[Any]:
    """np.copy(np.reshape(np.frombuffer(bytes, type), shape)), which every version of NumPy has."""
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    for function in ("copy", "reshape", "frombuffer"):
        yield pickle.GLOBAL + f"numpy\n{function}\n".encode()
    yield pickle.BINBYTES8 + struct.pack("<Q", little.nbytes)
    yield little.reshape(-1).view(np.uint8)  # not copied: it may be large
    yield _plain(little.dtype.str) + CALL_WITH_TWO + _plain(little.shape) + CALL_WITH_TWO + CALL_WITH_ONE
