"""Word tests: questions for vectors, read from a file or a folder, whose content tells the kind of test."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from wordvec.errors import EvaluationError
from wordvec.evaluation.analogies import (
    WORDS_OF_A_QUESTION,
    Analogies,
    bats_files,
    is_relation,
    read_analogies,
    read_bats,
)
from wordvec.evaluation.kinds import Kind
from wordvec.evaluation.next_items import Sessions, are_sessions, read_sessions
from wordvec.evaluation.questions import Line, read_lines, read_text
from wordvec.evaluation.sentences import (
    LINES_TO_LOOK_AT,
    SentencePairs,
    begins_sentences,
    read_sentences,
)
from wordvec.evaluation.similarity import TAGGED, Judgments, read_judgments
from wordvec.evaluation.word_groups import Categories, OutlierSets, read_categories, read_topic
from wordvec.text import is_number

__all__ = ["WordTest", "read_test", "words_of_questions"]

Questions = Analogies | Judgments | Categories | OutlierSets | SentencePairs | Sessions

KINDS: dict[type, Kind] = {
    Analogies: "analogies",
    Judgments: "similarity",
    Categories: "categories",
    OutlierSets: "outliers",
    SentencePairs: "sentences",
    Sessions: "next item",
}
FORMS = (
    "a test has lines of four words (a is to b as c is to d), of two words and a number (how similar people find "
    "them), of two sentences and a number, of a word and its category or answers, or of one word each, an empty line, "
    "and words that do not belong to them; or sessions of items, after a first line '# next item'"
)


class WordTest(NamedTuple):
    """A test that was read from a file."""

    name: str  # of the file or folder, without those around it
    questions: Questions

    @property
    def kind(self) -> Kind:
        """What it asks for."""
        return KINDS[type(self.questions)]

    @property
    def num_questions(self) -> int:
        """The number of its questions."""
        return (
            self.questions.num_questions
            if isinstance(self.questions, OutlierSets)
            else len(self.questions[0])
        )


def read_test(path: str | Path) -> WordTest:
    """Read a test, of any kind.

    A file is one of analogies if it begins with a section (": capitals") or with four words; of similarity if its
    lines have a number after them; of sentences if these are two texts of more than a word and a number, with tabs or
    commas between; of categories if they have two words; of outliers if they have one; of next items if its first line
    is `# next item`, or its name ends in .sessions. Two words a line are one of BATS's relations if the second ones are
    answers (see `analogies.is_relation`). A folder holds BATS's relations, or topics with outliers.

    Raises:
        EvaluationError: it cannot be read, is none of these, or has no question in it.
    """
    path = Path(path)
    questions = _read_folder(path) if path.is_dir() else _read_file(path)
    name = path.name.encode(errors="backslashreplace").decode()  # records hold no bytes that are not UTF-8
    test = WordTest(name, questions)
    if not test.num_questions:
        raise EvaluationError(f"{path} has no question in it; {FORMS}")
    return test


def words_of_questions(test: WordTest) -> list[tuple[str, ...]]:
    """The words of each question of pairs, categories or outliers, (Q,), in the order of their numbers.

    Of analogies there are none, nor of pairs of lemmas with their part of speech ("sun-n"), which are no words as such.

    >>> words_of_questions(WordTest("small", Judgments([("cat", "tiger"), ("cat", "car")], [9.0, 1.0])))
    [('cat', 'tiger'), ('cat', 'car')]
    """
    questions = test.questions
    if isinstance(questions, Judgments):
        is_tagged = all(TAGGED.fullmatch(word) for pair in questions.pairs for word in pair)
        return [] if is_tagged else questions.pairs
    if isinstance(questions, Categories):
        return [(word,) for word in questions.words]
    if isinstance(questions, OutlierSets):
        return [(*topic.members, outlier) for topic in questions.topics for outlier in topic.outliers]
    return []


def _read_folder(path: Path) -> Questions:
    files = bats_files(path)
    if not files:
        raise EvaluationError(
            f"{path} is a folder without .txt files; BATS has one for each relation, a test of outliers one for each "
            "topic"
        )
    if _has_one_word_a_line(_beginning(files[0])):
        return OutlierSets([read_topic(str(file), read_text(file)) for file in files])
    return read_bats(path)


def _read_file(path: Path) -> Questions:
    text = read_text(path)
    if are_sessions(path, text):
        return read_sessions(read_lines(path))
    if begins_sentences(list(itertools.islice(read_lines(path), LINES_TO_LOOK_AT + 1))):
        return read_sentences(str(path), text)
    beginning = _beginning(path)
    if _begins_analogies([line.text for line in beginning]):
        return read_analogies(read_lines(path))
    if _has_one_word_a_line(beginning):
        return OutlierSets([read_topic(str(path), read_text(path))])
    if beginning and _begins_categories(beginning):
        return _read_pairs(path)
    return read_judgments(read_lines(path))


def _read_pairs(path: Path) -> Questions:
    """Words with what they are related to, or with their categories."""
    lines = list(read_lines(path))
    has_white_space_only = all(len(line.text.split()) == 2 for line in lines)
    if has_white_space_only and is_relation(path, lines):
        return read_bats(path)
    found = read_categories(lines)
    if len(set(found.categories)) == len(found.categories):
        raise EvaluationError(
            f"{path} has as many categories as words ({len(found.words):,}), which any vectors would separate; a "
            "test of categories has several words of each, pairs of analogies have a tab between"
        )
    return found


def _beginning(path: Path) -> list[Line]:
    return list(itertools.islice(read_lines(path), 2))  # a heading says less than the line after it


def _begins_analogies(beginning: Sequence[str]) -> bool:
    if not beginning or beginning[0].startswith(":"):
        return bool(beginning)
    has_four_words = "," not in beginning[0] and len(beginning[0].split()) == WORDS_OF_A_QUESTION
    return has_four_words and not any(is_number(text.split()[-1]) for text in beginning)


def _begins_categories(beginning: Sequence[Line]) -> bool:
    return all(len(line.text.replace(",", " ").replace(";", " ").split()) == 2 for line in beginning)


def _has_one_word_a_line(beginning: Sequence[Line]) -> bool:
    return bool(beginning) and all(re.fullmatch(r"[^\s,;]+", line.text) for line in beginning)
