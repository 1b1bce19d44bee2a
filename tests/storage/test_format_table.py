"""The format table: one record is all that the rest of wordvec needs to know of a format."""

import sys
from types import ModuleType

import numpy as np
import pytest

from wordvec.errors import FormatError
from wordvec.formats.detect import format_of
from wordvec.formats.load import load
from wordvec.formats.save import save
from wordvec.storage.format_table import EXPORTS, FORMATS, NAMES, SUFFIXES, Format
from wordvec.vectors.word_vectors import WordVectors

VECTORS = WordVectors(["river", "bank", "loan"], [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


@pytest.fixture
def pair_format(monkeypatch):
    """A format of pairs, in a module of its own, and its record."""

    def write(vectors, path):
        lines = [f"{word} {x:g} {y:g}" for word, (x, y) in zip(vectors.words, vectors.matrix, strict=True)]
        path.write_text("\n".join(["PAIRS", *lines]), encoding="utf-8")

    def read(path, limit=None):
        rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()[1:]][:limit]
        return WordVectors([word for word, *_ in rows], np.float32([numbers for _, *numbers in rows]))

    module = ModuleType("wordvec.formats.pairs")
    module.write_pairs, module.read_pairs = write, read
    monkeypatch.setitem(sys.modules, module.__name__, module)
    record = Format("pairs", writer="pairs.write_pairs", reader="pairs.read_pairs", pattern=rb"PAIRS\n")
    monkeypatch.setitem(FORMATS, "pairs", record)


def test_a_record_is_all_that_a_new_format_needs(tmp_path, pair_format):
    for _ in range(2):  # the second time, what is there is known as vectors, and replaced
        save(VECTORS, tmp_path / "v", "pairs")
    assert load(tmp_path / "v").matrix.tolist() == VECTORS.matrix.tolist()
    assert load(tmp_path / "v", limit=2).words == ["river", "bank"]
    assert format_of(tmp_path / "v", "pairs") == "pairs"


def test_without_its_record_a_format_is_unknown(tmp_path):
    (tmp_path / "v").write_text("PAIRS\nriver bank loan", encoding="utf-8")
    with pytest.raises(FormatError, match="not of a known format"):
        load(tmp_path / "v")


def test_names_endings_and_marks_are_of_one_format_each():
    assert {*NAMES, *EXPORTS} == set(FORMATS)
    assert len(SUFFIXES) == sum(len(known.suffixes) for known in FORMATS.values())
    assert all(known.pattern or known.can_be_decoded or known.folder for known in map(FORMATS.get, NAMES))
