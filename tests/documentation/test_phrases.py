"""The page about phrases runs, its commands run as they stand, and what it promises comes out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.documentation.pages import DOCS, recorded_outputs, run_page

from wordvec.cli.app import run as run_command
from wordvec.phrases.phrases import ENGLISH_CONNECTOR_WORDS, PhraseSettings

PAGE = DOCS / "phrases.md"
TEXT = PAGE.read_text(encoding="utf-8")
Run = tuple[list[str], dict[str, Any]]


@pytest.fixture(scope="module")
def run() -> Run:
    return run_page(PAGE, {})


def test_the_page_prints_what_it_says(run: Run) -> None:
    assert run[0] == recorded_outputs(PAGE)


def test_the_phrases_of_the_page_are_in_its_model(run: Run) -> None:
    names = {run[1]["phrases"].name(one) for one in run[1]["phrases"]}
    assert names == {"new_york", "san_marino", "bank_of_the_river", "old_town", "market_square"}
    assert names < set(run[1]["vectors"].words)


def test_each_command_runs(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("corpus.txt").write_text("\n".join(map(" ".join, run[1]["texts"] * 4)), encoding="utf-8")
    commands = re.findall(r"^wordvec ([a-z].+)$", TEXT, flags=re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        flags = " --threshold 1" if command.startswith("phrases") else ""
        assert run_command((command + flags).split()) == 0


def test_the_table_has_each_setting_and_the_words_that_english_names() -> None:
    settings = re.findall(
        r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", TEXT.split("## Settings")[1], flags=re.MULTILINE
    )
    assert settings == list(PhraseSettings.__dataclass_fields__)
    assert ", ".join(sorted(ENGLISH_CONNECTOR_WORDS)) in TEXT
