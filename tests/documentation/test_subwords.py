"""The page about subwords: its snippets run, and what stands behind them comes out; its commands convert."""

from __future__ import annotations

import ast
import gzip
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.documentation.pages import DOCS

from wordvec import WordVectors, load
from wordvec.cli.app import run
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary

PAGE = (DOCS / "subwords.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    wordvec (.+)$", PAGE, flags=re.MULTILINE)


def test_the_snippets_answer_what_stands_behind_them() -> None:
    names: dict[str, Any] = {}
    num_answers = 0
    for snippet in re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL):
        for line in snippet.splitlines():
            code, _, said = line.partition("  # ")
            if not said:
                exec(code, names)  # noqa: S102
                continue
            answer = eval(code, names)  # noqa: S307
            if re.match(r"[\[(TF]", said):
                assert answer == ast.literal_eval(said.partition(":")[0]), line
                num_answers += 1
    assert num_answers == 5
    assert len(names["vectors"].nearest_ngrams("walkable", k=3)) == 3


def test_its_commands_go_to_our_folder_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    vocabulary = SubwordVocabulary(["gehen", "ging"], SubwordRules(3, 6, 100))
    rows = np.random.default_rng(1).normal(size=(vocabulary.num_rows, 4)).astype(np.float32)
    first = re.findall(r"\S+\.bin\S*", COMMANDS[0])[0]
    WordVectors(vocabulary, rows).save("plain.bin", "fasttext")
    Path(first).write_bytes(gzip.compress(Path("plain.bin").read_bytes()))
    for command in COMMANDS:
        assert run(command.split()) == 0
    last = re.findall(r"\S+\.bin", COMMANDS[-1])[0]
    np.testing.assert_array_equal(load(last).rows, load(first).rows)
