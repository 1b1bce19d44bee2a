"""Each command on the page about maps runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from tests.documentation.pages import DOCS

from wordvec.cli.app import run
from wordvec.vectors.word_vectors import WordVectors

pytest.importorskip("openTSNE")
pytest.importorskip("matplotlib")

COMMANDS = re.findall(r"^wordvec (.+)$", (DOCS / "map.md").read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_the_page_has_commands() -> None:
    assert len(COMMANDS) >= 9


@pytest.mark.parametrize("command", dict.fromkeys(COMMANDS))
def test_a_command_makes_what_it_says(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["king", "queen", "man", "woman", *(f"word{number}" for number in range(36))]
    WordVectors(words, np.random.default_rng(1).normal(size=(40, 5))).save("model.wv")
    Path("list.txt").write_text("queen\nword7\n", encoding="utf-8")
    assert run(command.split()) == 0
    output = command.split("--output ")[1].split()[0]
    assert (tmp_path / output).exists()
