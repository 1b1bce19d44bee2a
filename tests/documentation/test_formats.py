"""The page of formats names them all, with their endings, and the lines that load them elsewhere do."""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from wordvec.storage.format_table import EXPORTS, FORMATS, NAMES, SUFFIXES
from wordvec.vectors.word_vectors import WordVectors

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
LINES = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| `")]
ROWS = {first.strip(" `"): [first, *others] for first, *others in LINES}
PLACES = {"native": "model.wv", "glove": "v.glove", "fasttext": "v.bin"}


def line_of(format_name: str) -> str:
    """The code that loads it."""
    return re.findall("`([^`]+)`", ROWS[format_name][-1])[0]


def test_each_format_has_its_row_with_its_endings() -> None:
    assert list(ROWS) == [*NAMES, *EXPORTS]
    for name, cells in ROWS.items():
        assert re.findall(r"`(\.\w+)`", cells[1]) == list(FORMATS[name].suffixes), name
        if name in NAMES:
            assert cells[2].strip() == ", ".join(FORMATS[name].holds), name


def test_the_snippets_are_python() -> None:
    for snippet in re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL):
        ast.parse(snippet)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("format_name", NAMES)
def test_the_line_loads_the_same_vectors_there(
    format_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ending = next((ending for ending, meant in SUFFIXES.items() if meant == format_name), "")
    ours = WordVectors(["a", "b", "c"], np.random.default_rng(1).normal(size=(3, 4)))
    ours.save(PLACES.get(format_name, f"v{ending}"), format=format_name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of their own imports
        from gensim.models import KeyedVectors
        from gensim.models.fasttext import load_facebook_vectors
    pandas = pytest.importorskip("pandas")
    names = {"KeyedVectors": KeyedVectors, "np": np, "pandas": pandas, "safetensors": safetensors}
    names["load_facebook_vectors"] = load_facebook_vectors
    loaded: Any = eval(line_of(format_name), names)  # noqa: S307
    if format_name == "native":
        loaded = loaded["input"]
    if format_name == "parquet":
        loaded = np.stack(loaded["vector"])
    matrix = getattr(loaded, "vectors", loaded)
    assert matrix.tobytes() == ours.matrix.tobytes()
