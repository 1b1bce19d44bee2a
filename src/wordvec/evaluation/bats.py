"""BATS: a folder of analogies, one relation a file, in which several answers may be right (Gladkova et al., 2016)."""

from __future__ import annotations

import itertools
from pathlib import Path

from wordvec.errors import FormatError
from wordvec.evaluation.analogies import Analogies
from wordvec.evaluation.lines import Line, read_lines

__all__ = ["bats_files", "read_bats"]

MOST_PAIRS = 500  # of a relation, which are ten times BATS's own; each is asked beside each other one


def bats_files(folder: Path) -> list[Path]:
    """The relations of a folder and the folders in it, in order of their names."""
    return sorted(path for path in folder.rglob("*.txt") if path.is_file())


def read_bats(folder: Path) -> Analogies:
    """Ask for each pair of a relation beside each other pair of it: a is to b as c is to what.

    A file has lines of a word and what it is related to, with white space between; "/" parts several right answers,
    of which the first stands for b where the pair is the model. The file's name is that of the section.

    Raises:
        FormatError: a file has something else in it, or too much.
    """
    questions: list[tuple[str, ...]] = []
    sections: list[str] = []
    answers: list[tuple[str, ...]] = []
    for path in bats_files(folder):
        pairs = [_pair(line) for line in read_lines(path)]
        if len(pairs) > MOST_PAIRS:
            raise FormatError(
                f"{path} has {len(pairs):,} pairs, and each is asked beside each other one; at most "
                f"{MOST_PAIRS} are read: part the file"
            )
        for (a, right_of_a), (c, right_of_c) in itertools.permutations(pairs, 2):
            questions.append((a, right_of_a[0], c, right_of_c[0]))
            sections.append(path.stem)
            answers.append(right_of_c)
    return Analogies(questions, sections, answers)


def _pair(line: Line) -> tuple[str, tuple[str, ...]]:
    words = line.text.split()
    answers = tuple(word for word in words[-1].split("/") if word)
    if len(words) != 2 or not answers:
        raise FormatError(
            f"{line.place} must have a word and what it is related to, answers parted by /, got {line.text[:60]!r}"
        )
    return words[0], answers
