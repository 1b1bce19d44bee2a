"""Word tests: the content tells which kind a file or folder is."""

from __future__ import annotations

from pathlib import Path

import pytest

from wordvec.errors import EvaluationError
from wordvec.evaluation.analogies import Analogies
from wordvec.evaluation.similarity import Judgments
from wordvec.evaluation.word_groups import Categories, OutlierSets
from wordvec.evaluation.word_tests import read_test

CATEGORIES = "tiger\tanimal\noak\ttree\nelm\ttree\n"
TOPIC = "lion\ntiger\ncat\n\nbread\nstone\n"


@pytest.mark.parametrize(
    ("text", "kind", "num_questions"),
    [
        ("a b c d\n", Analogies, 1),
        (": one\na b c d\n", Analogies, 1),
        ("a b 3\n", Judgments, 1),
        ("one,two,score\na,b,3\n", Judgments, 1),
        (CATEGORIES, Categories, 3),
        ("tiger,animal\noak, tree\nelm, tree\n", Categories, 3),
        ("take leave V 3.5\nrun walk V 7\n", Judgments, 2),
        ("king\tking/monarch\nox\tox/cattle\ncow\tcattle\n", Analogies, 6),
        ("cat\tcats\nox\toxen\n", Analogies, 2),
        (TOPIC, OutlierSets, 2),
    ],
    ids=[
        "analogies",
        "sections",
        "pairs",
        "heading",
        "categories",
        "commas",
        "verbs",
        "answers",
        "pairs of words",
        "outliers",
    ],
)
def test_a_file_is_recognized_by_its_lines(text: str, kind: type, num_questions: int, tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text(text, encoding="utf-8")
    test = read_test(tmp_path / "test.csv")
    assert type(test.questions) is kind
    assert (test.name, test.num_questions) == ("test.csv", num_questions)


def test_folders_hold_relations_or_topics(tmp_path: Path) -> None:
    for name, text in (
        ("bats/1/I01.txt", "cat cats\nox oxen\n"),
        ("topics/cats.txt", TOPIC),
        ("topics/x.txt", TOPIC),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    bats, topics = read_test(tmp_path / "bats"), read_test(tmp_path / "topics")
    assert (bats.kind, bats.num_questions) == ("analogies", 2)
    assert (topics.kind, topics.num_questions) == ("outliers", 4)


@pytest.mark.parametrize(
    ("text", "is_relation"),
    [
        ("ann\tspanish\nben\tgreek\neva\tgreek\n", False),
        ("ann\tspanish/basque\nben\tgreek\neva\tgreek\n", True),
        ("pear\tfruit/food\nfig\tfruit/food\nleek\tgreens/food\nkale\tgreens/food\n", False),
        ("ann\tspanish\nben\tgreek\neva\tthai\n", True),
    ],
    ids=["categories", "several answers", "categories with a slash", "all different"],
)
def test_pairs_with_their_own_answers_are_a_relation(text: str, is_relation: bool, tmp_path: Path) -> None:
    (tmp_path / "pairs.txt").write_text(text, encoding="utf-8")
    assert read_test(tmp_path / "pairs.txt").kind == ("analogies" if is_relation else "categories")


def test_a_file_named_as_those_of_bats_is_a_relation_even_if_words_repeat(tmp_path: Path) -> None:
    named = tmp_path / "E04 [name - nationality].txt"
    named.write_text("ann\tspanish\nben\tgreek\neva\tgreek\n", encoding="utf-8")
    test = read_test(named)
    assert (test.kind, test.num_questions) == ("analogies", 6)
    assert set(test.questions[1]) == {"E04 [name - nationality]"}


def test_a_category_for_each_word_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text("tiger,animal\noak,tree\n", encoding="utf-8")
    with pytest.raises(EvaluationError, match=r"test\.csv has as many categories as words \(2\)"):
        read_test(tmp_path / "test.csv")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, r"is a folder without \.txt files"),
        ({"a.txt": "cat cats\n"}, "has no question in it"),
        ({"a.txt": TOPIC, "b.txt": "lion\n"}, "b.txt must have words that belong together"),
        ({"a.txt": "cat cats\nox\n"}, r"a\.txt, line 2 must have a word"),
    ],
    ids=["empty", "one pair", "no outliers", "no pair"],
)
def test_a_folder_of_something_else_is_refused(files: dict[str, str], message: str, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(EvaluationError, match=message):
        read_test(tmp_path)
