"""Analogies: is the vector of b - a + c nearest to d? (Mikolov et al., 2013a; 3CosAdd of Levy and Goldberg, 2014)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import FormatError
from wordvec.evaluation.known_words import known_rows
from wordvec.evaluation.lines import Line
from wordvec.vectors.neighbors import unit_rows

__all__ = [
    "MOST_WORDS",
    "Analogies",
    "Answers",
    "Tally",
    "answer_analogies",
    "read_analogies",
    "tally_sections",
]

Ints = NDArray[np.int64]

MOST_WORDS = 30_000  # that may be answers, the most frequent ones: the usual limit
QUESTIONS_PER_BLOCK = 512
MOST_COSINES = 2**24  # in a block: 64 MiB
WORDS_OF_A_QUESTION = 4


class Analogies(NamedTuple):
    """Questions: a is to b as c is to d, which is to be found."""

    questions: list[tuple[str, ...]]  # (Q,) of four words each
    sections: list[str]  # (Q,)  the name of each one's section


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
        FormatError: a line has another number of words.

    >>> lines = [Line("", ": capitals"), Line("", "Rome Italy Paris France")]
    >>> read_analogies(lines)
    Analogies(questions=[('Rome', 'Italy', 'Paris', 'France')], sections=['capitals'])
    """
    found, section = Analogies([], []), ""
    for line in lines:
        if line.text.startswith(":"):
            section = line.text[1:].strip()
            continue
        words = tuple(line.text.split())
        if len(words) != WORDS_OF_A_QUESTION:
            raise FormatError(
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
    most_words: int = MOST_WORDS,
) -> Answers:
    """Answer each question with the word whose vector has the highest cosine with b - a + c, none of the three.

    Only the `most_words` first words are asked about and may be answers. A word that is not among them as it is written
    is looked up in lower case.

    >>> words = ["king", "man", "queen", "woman"]
    >>> matrix = np.array([[1, 1, 0], [0, 1, 0], [1, 0, 1], [0, 0, 1]], np.float32)
    >>> answer_analogies(
    ...     Analogies([("man", "king", "woman", "queen")], [""]), words, matrix
    ... ).is_right.tolist()
    [True]
    """
    unit = unit_rows(matrix[:most_words])
    asked, rows = known_rows(analogies.questions, words[:most_words], WORDS_OF_A_QUESTION)
    is_right = np.empty(len(rows), bool)
    num_questions = min(QUESTIONS_PER_BLOCK, max(1, MOST_COSINES // max(1, len(unit))))
    for start in range(0, len(rows), num_questions):
        block = rows[start : start + num_questions]
        a, b, c, d = block.T
        cosines = (unit[b] - unit[a] + unit[c]) @ unit.T  # (block, V)  times the same length in each row
        np.put_along_axis(cosines, block[:, :3], -np.inf, axis=1)
        is_right[start : start + len(block)] = cosines.argmax(axis=1) == d
    return Answers(asked, is_right)


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
