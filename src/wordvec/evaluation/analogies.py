"""Analogies: is d the best answer to "a is to b as c is to ..."? (Mikolov et al., 2013a; Levy and Goldberg, 2014)."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import EvaluationError
from wordvec.evaluation.kinds import MAX_WORDS
from wordvec.evaluation.questions import Line, known_rows, read_lines
from wordvec.vectors.analogy import Method, check_method, combine
from wordvec.vectors.directions import unit_rows

__all__ = [
    "WORDS_OF_A_QUESTION",
    "Analogies",
    "Answers",
    "Tally",
    "answer_analogies",
    "bats_files",
    "is_relation",
    "read_analogies",
    "read_bats",
    "tally_sections",
]

Ints = NDArray[np.int64]

WORDS_PER_BLOCK = 2048  # that may be answers; their scores for a few questions stay in the cache
QUESTIONS_PER_BLOCK = 64
MAX_COSINES = 2**24  # in a block: 64 MiB
WORDS_OF_A_QUESTION = 4

NAME_OF_BATS = re.compile(r"[DEIL]\d\d \[")
MAX_PAIRS = 500  # of a relation, ten times those of BATS; each is asked with each other one


class Analogies(NamedTuple):
    """Questions: a is to b as c is to d, which is to be found."""

    questions: list[tuple[str, ...]]  # (Q,) of four words each
    sections: list[str]  # (Q,)  the name of each one's section
    answers: list[tuple[str, ...]] | None = None  # (Q,)  all that are right, where d is not the only one


class Answers(NamedTuple):
    """How the questions that could be asked were answered."""

    asked: Ints  # (A,)  their numbers
    is_right: NDArray[np.bool_]  # (A,)


class Tally(NamedTuple):
    """How many questions were answered rightly."""

    right: int
    asked: int  # their words are all known
    of: int


def read_analogies(lines: Iterable[Line]) -> Analogies:
    """Read the format of word2vec's questions-words.txt: lines of four words, and a ": name" before each section.

    Raises:
        EvaluationError: a line has another number of words.

    >>> lines = [Line("", ": capitals"), Line("", "Rome Italy Paris France")]
    >>> read_analogies(lines)[:2]
    ([('Rome', 'Italy', 'Paris', 'France')], ['capitals'])
    """
    found, section = Analogies([], []), ""
    for line in lines:
        if line.text.startswith(":"):
            section = line.text[1:].strip()
            continue
        words = tuple(line.text.split())
        if len(words) != WORDS_OF_A_QUESTION:
            raise EvaluationError(
                f"{line.place} must have four words (a is to b as c is to d) or begin a section with a colon, got "
                f"{line.text[:60]!r}"
            )
        found.questions.append(words)
        found.sections.append(section)
    return found


def answer_analogies(
    analogies: Analogies,
    words: Sequence[str],  # (V,)  most frequent first
    matrix: NDArray[np.float32],  # (V, D)
    search_limit: int = MAX_WORDS,
    method: Method = "add",
) -> Answers:
    """Answer each question with the best word by 3CosAdd or 3CosMul, which is none of its own three.

    Questions and answers use only the `search_limit` most frequent words. A word that is not among them as it is
    written is looked up in lower case.

    Raises:
        ConfigError: method is neither "add" nor "mul".

    >>> words = ["king", "man", "queen", "woman"]
    >>> matrix = np.array([[1, 1, 0], [0, 1, 0], [1, 0, 1], [0, 0, 1]], np.float32)
    >>> answer_analogies(
    ...     Analogies([("man", "king", "woman", "queen")], [""]), words, matrix
    ... ).is_right.tolist()
    [True]
    """
    check_method(method)
    words = words[:search_limit]
    asked, rows = known_rows(_with_known_answers(analogies, words), words, WORDS_OF_A_QUESTION)
    best = _best_answers(unit_rows(matrix[:search_limit]), rows[:, :3], method)
    is_right = best == rows[:, 3]
    if analogies.answers is not None:
        for place in np.flatnonzero(~is_right).tolist():
            right = analogies.answers[asked[place]]
            is_right[place] = words[best[place]] in {*right, *(word.lower() for word in right)}
    return Answers(asked, is_right)


def _with_known_answers(analogies: Analogies, words: Sequence[str]) -> list[tuple[str, ...]]:
    """The questions; where several answers are right, each with one that is known, if there is one."""
    if analogies.answers is None:
        return analogies.questions
    known = set(words)
    return [
        (*question[:3], next((word for word in right if {word, word.lower()} & known), right[0]))
        for question, right in zip(analogies.questions, analogies.answers, strict=True)
    ]


def _best_answers(unit: NDArray[np.float32], questions: Ints, method: Method) -> Ints:
    """The row of the best answer to each question, (A,), from the rows of its three words, (A, 3).

    Questions share their words, so the cosines of each distinct word with all others are computed once.
    """
    asked_words, places = np.unique(questions, return_inverse=True)
    a, b, c = places.reshape(questions.shape).T
    best = np.zeros(len(questions), np.int64)
    highest = np.full(len(questions), -np.inf, np.float32)
    num_words = min(WORDS_PER_BLOCK, max(1, MAX_COSINES // max(1, len(asked_words))))
    for start in range(0, len(unit), num_words):
        cosines = unit[asked_words] @ unit[start : start + num_words].T  # (distinct words, block)
        for first in range(0, len(questions), QUESTIONS_PER_BLOCK):
            some = slice(first, first + QUESTIONS_PER_BLOCK)
            scores = combine(cosines[a[some]], cosines[b[some]], cosines[c[some]], method)
            own = questions[some] - start
            question, which = np.nonzero((own >= 0) & (own < scores.shape[1]))
            scores[question, own[question, which]] = -np.inf
            found = scores.argmax(axis=1)
            score = scores[np.arange(len(scores)), found]
            is_better = score > highest[some]
            best[some][is_better] = found[is_better] + start
            highest[some][is_better] = score[is_better]
    return best


def tally_sections(analogies: Analogies, answers: Answers) -> dict[str, Tally]:
    """Count the answers of each section, in the order of the file.

    >>> capitals = Analogies([("rome", "italy", "paris", "france")] * 3, ["old", "new", "old"])
    >>> tally_sections(capitals, Answers(np.array([0, 2]), np.array([True, False])))
    {'old': Tally(right=1, asked=2, of=2), 'new': Tally(right=0, asked=0, of=1)}
    """
    of = Counter(analogies.sections)
    asked = [analogies.sections[number] for number in answers.asked.tolist()]
    right = Counter(
        section for section, is_right in zip(asked, answers.is_right.tolist(), strict=True) if is_right
    )
    num_asked = Counter(asked)
    return {section: Tally(right[section], num_asked[section], of[section]) for section in of}


def bats_files(folder: Path) -> list[Path]:
    """The relations of a folder and the folders in it, in order of their names; a file is a relation itself."""
    if folder.is_file():
        return [folder]
    return sorted(path for path in folder.rglob("*.txt") if path.is_file())


def is_relation(path: Path, lines: Sequence[Line]) -> bool:
    r"""Whether lines of two words are a relation of BATS, and not words with their categories.

    They are if the file has the name of one of BATS's, such as "E01 [country - capital].txt", if no second word
    stands on two lines, or if several answers stand there, separated by "/", and most lines have different answers.

    >>> is_relation(Path("x.txt"), [Line("", "ox\toxen/oxes"), Line("", "cat\tcats")])
    True
    >>> is_relation(Path("x.txt"), [Line("", "ox\tanimal"), Line("", "cat\tanimal")])
    False
    """
    if NAME_OF_BATS.match(path.name):
        return True
    seconds = [line.text.split()[-1] for line in lines]
    num_different = len(set(seconds))
    return num_different == len(seconds) or (
        num_different > len(seconds) / 2 and any("/" in second.strip("/") for second in seconds)
    )


def read_bats(path: Path) -> Analogies:
    """Ask for each pair of a relation with each other pair as the example: a is to b as c is to d.

    A file has lines of a word and what it is related to, with white space between; "/" separates several right answers,
    of which the first is b where the pair is the example. The file's name is that of the section. `path`
    is a folder of such files, or one of them.

    Raises:
        EvaluationError: a file has other lines, or too many.
    """
    questions: list[tuple[str, ...]] = []
    sections: list[str] = []
    answers: list[tuple[str, ...]] = []
    for file in bats_files(path):
        pairs = [_pair(line) for line in read_lines(file)]
        if len(pairs) > MAX_PAIRS:
            raise EvaluationError(
                f"{file} has {len(pairs):,} pairs, and each is asked with each other one; at most "
                f"{MAX_PAIRS} are read: split the file"
            )
        for (a, right_of_a), (c, right_of_c) in itertools.permutations(pairs, 2):
            questions.append((a, right_of_a[0], c, right_of_c[0]))
            sections.append(file.stem)
            answers.append(right_of_c)
    return Analogies(questions, sections, answers)


def _pair(line: Line) -> tuple[str, tuple[str, ...]]:
    words = line.text.split()
    answers = tuple(word for word in words[-1].split("/") if word)
    if len(words) != 2 or not answers:
        raise EvaluationError(
            f"{line.place} must have a word and what it is related to, answers separated by /, got {line.text[:60]!r}"
        )
    return words[0], answers
