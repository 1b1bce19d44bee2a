"""A spaCy pipeline that has nothing but vectors: what `spacy.load` and `Vectors.from_disk` take."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np

from wordvec.errors import FormatError
from wordvec.formats.foreign_words import check_unicode
from wordvec.packages import imported
from wordvec.storage.atomic import replacing_folder
from wordvec.storage.format_table import FORMATS, Folder
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["write_spacy"]

OWN = cast("Folder", FORMATS["spacy"].folder).own
LANGUAGE = "xx"  # spaCy's word for any
NAME = "wordvec"


def write_spacy(vectors: WordVectors, path: Path) -> None:
    """Write words and input vectors; spaCy's own code does it.

    Raises:
        FormatError: spaCy cannot hold a word.
        ResourceError: the folder cannot be written.
        MissingPackageError: spaCy is not installed.
    """
    spacy = imported("spacy", "a folder of spaCy vectors")
    if "" in vectors:
        raise FormatError(f"{path}: spaCy cannot hold the empty word; leave it out")
    check_unicode(vectors.words, path)
    pipeline = spacy.blank(LANGUAGE)
    strings = pipeline.vocab.strings
    keys = np.array([strings.add(word) for word in vectors.words], dtype=np.uint64)
    pipeline.vocab.vectors = spacy.vectors.Vectors(
        strings=strings, data=np.array(vectors.matrix), keys=keys, name=NAME
    )
    pipeline.meta["name"] = NAME
    with replacing_folder(path, OWN) as folder:
        pipeline.to_disk(folder)
