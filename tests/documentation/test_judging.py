"""Each command on the page about judging runs as it stands, and each kind of test in its table is one that is read."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from tests.documentation.pages import DOCS

from wordvec.cli.app import run
from wordvec.evaluation.word_tests import read_test
from wordvec.vectors.word_vectors import WordVectors

PAGE = (DOCS / "judging.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^wordvec (.+)$", PAGE, flags=re.MULTILINE)
EXAMPLES = {
    kind: line.replace("<TAB>", "\t") + "\n"
    for kind, line in re.findall(
        r"^\| (analogies|similarity|categories) \| `(.+?)`", PAGE, flags=re.MULTILINE
    )
}
WORDS = ["athens", "greece", "oslo", "norway", "tiger", "cat", "animal", *(f"w{row}" for row in range(30))]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_does_what_it_says(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    for name in re.findall(r"[\w-]+\.wv", command):
        WordVectors(WORDS, rng.normal(size=(len(WORDS), 4))).save(name)
    Path("questions-words.txt").write_text(EXAMPLES["analogies"], encoding="utf-8")
    for name in ("wordsim353.tsv", "pairs.csv"):
        Path(name).write_text("tiger\tcat\t7.35\noslo\tcat\t1\nw1\tw2\t3\n", encoding="utf-8")
    text = [" ".join(f"{'ab'[row % 2]}{word}" for word in rng.integers(9, size=9)) for row in range(300)]
    Path("corpus.txt").write_text("\n".join(text), encoding="utf-8")
    assert run(command.split()) == 0
    for output in re.findall(r"--output (\S+)", command):
        assert (tmp_path / output).exists()


@pytest.mark.parametrize("kind", ["analogies", "similarity", "categories"])
def test_a_line_of_the_table_is_of_its_kind(kind: str, tmp_path: Path) -> None:
    more = "cat\tanimal\noslo\ttown\n" if kind == "categories" else ""  # one word alone could be anything
    (tmp_path / "test").write_text(EXAMPLES[kind] + more, encoding="utf-8")
    assert read_test(tmp_path / "test").kind == kind
