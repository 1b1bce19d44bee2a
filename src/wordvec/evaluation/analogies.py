"""Analogies: is the vector of b - a + c nearest to d? (Mikolov et al., 2013a; 3CosAdd of Levy and Goldberg, 2014)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import FormatError
from wordvec.evaluation.known_words import known_rows
from wordvec.evaluation.lines import Line
from wordvec.vectors.neighbors import unit_rows

__all__ = ["MOST_WORDS", "Analogies", "Answers", "answer_analogies", "read_analogies"]

Ints = NDArray[np.int64]

MOST_WORDS = 30_000  # that may be answers, the most frequent ones: the usual limit
QUESTIONS_PER_BLOCK = 512
WORDS_OF_A_QUESTION = 4


class Analogies(NamedTuple):
    """Questions: a is to b as c is to d, which is to be found."""

    questions: list[tuple[str, ...]]  # (Q,) of four words each
    sections: list[str]  # (Q,)  the name of each one's section


class Answers(NamedTuple):
    """How the questions that could be asked were answered."""

    asked: Ints  # (A,)  their numbers
    is_right: NDArray[np.bool_]  # (A,)


def read_analogies(lines: Sequence[Line]) -> Analogies:
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
    for start in range(0, len(rows), QUESTIONS_PER_BLOCK):
        block = rows[start : start + QUESTIONS_PER_BLOCK]
        a, b, c, d = block.T
        cosines = (unit[b] - unit[a] + unit[c]) @ unit.T  # (block, V)  times the same length in each row
        np.put_along_axis(cosines, block[:, :3], -np.inf, axis=1)
        is_right[start : start + len(block)] = cosines.argmax(axis=1) == d
    return Answers(asked, is_right)
