"""BATS: analogies, one relation a file, in which several answers may be right (Gladkova et al., 2016)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import Path

from wordvec.errors import FormatError
from wordvec.evaluation.analogies import Analogies
from wordvec.evaluation.lines import Line, read_lines

__all__ = ["bats_files", "is_relation", "read_bats"]

NAME_OF_BATS = re.compile(r"[DEIL]\d\d \[")
MOST_PAIRS = 500  # of a relation, which are ten times BATS's own; each is asked beside each other one


def bats_files(folder: Path) -> list[Path]:
    """The relations of a folder and the folders in it, in order of their names; a file is a relation itself."""
    if folder.is_file():
        return [folder]
    return sorted(path for path in folder.rglob("*.txt") if path.is_file())


def is_relation(path: Path, lines: Sequence[Line]) -> bool:
    r"""Whether lines of two words are a relation of BATS, and not words with their categories.

    They are if the file has the name of one of BATS's, such as "E01 [country - capital].txt", if no second word
    stands on two lines, or if several answers stand there, parted by "/", and most lines have answers of their own.

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
    """Ask for each pair of a relation beside each other pair of it: a is to b as c is to what.

    A file has lines of a word and what it is related to, with white space between; "/" parts several right answers,
    of which the first stands for b where the pair is the model. The file's name is that of the section. `path`
    is a folder of such files, or one of them.

    Raises:
        FormatError: a file has something else in it, or too much.
    """
    questions: list[tuple[str, ...]] = []
    sections: list[str] = []
    answers: list[tuple[str, ...]] = []
    for file in bats_files(path):
        pairs = [_pair(line) for line in read_lines(file)]
        if len(pairs) > MOST_PAIRS:
            raise FormatError(
                f"{file} has {len(pairs):,} pairs, and each is asked beside each other one; at most "
                f"{MOST_PAIRS} are read: part the file"
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
        raise FormatError(
            f"{line.place} must have a word and what it is related to, answers parted by /, got {line.text[:60]!r}"
        )
    return words[0], answers
