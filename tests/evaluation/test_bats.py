"""BATS's folders: each pair beside each other one, several right answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from wordvec.errors import EvaluationError
from wordvec.evaluation import analogies
from wordvec.evaluation.analogies import bats_files, read_bats


def relation(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_each_pair_is_asked_beside_each_other_one(tmp_path: Path) -> None:
    relation(tmp_path / "2_Derivational", "D01.txt", "able\tunable\nkind\tunkind\n")
    relation(tmp_path / "1_Inflectional", "I01 [noun - plural].txt", "cat\tcats\nox\toxen/oxes\nmouse mice\n")
    found = read_bats(tmp_path)
    assert found.sections == ["I01 [noun - plural]"] * 6 + ["D01"] * 2
    assert found.questions[:2] == [("cat", "cats", "ox", "oxen"), ("cat", "cats", "mouse", "mice")]
    assert found.questions[2] == ("ox", "oxen", "cat", "cats")
    assert found.answers is not None
    assert found.answers[0] == ("oxen", "oxes")
    assert found.questions[-1] == ("kind", "unkind", "able", "unable")


def test_only_texts_are_relations(tmp_path: Path) -> None:
    relation(tmp_path, "metadata.json", "{}")
    assert bats_files(tmp_path) == []


@pytest.mark.parametrize(
    "text", ["cat\n", "cat cats kittens\n", "cat /\n"], ids=["one", "three", "no answer"]
)
def test_what_is_not_a_pair_is_refused_with_its_place(text: str, tmp_path: Path) -> None:
    relation(tmp_path, "a.txt", "ox oxen\n" + text)
    with pytest.raises(EvaluationError, match=r"a\.txt, line 2 must have a word and what it is related to"):
        read_bats(tmp_path)


def test_a_relation_that_would_ask_millions_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analogies, "MAX_PAIRS", 3)
    relation(tmp_path, "a.txt", "".join(f"w{row} x{row}\n" for row in range(4)))
    with pytest.raises(EvaluationError, match=r"has 4 pairs.*at most 3"):
        read_bats(tmp_path)
