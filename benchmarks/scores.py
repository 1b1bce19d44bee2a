"""Scores: how well vectors solve Google's analogies and agree with WordSim-353; one judge for every trainer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wordvec.evaluation.analogies import Analogies, Tally, answer_analogies, read_analogies, tally_sections
from wordvec.evaluation.questions import read_lines
from wordvec.evaluation.similarity import Judgments, rank_pairs, read_judgments

__all__ = ["analogies_in", "analogy_scores", "judgments_in", "similarity_scores"]

Floats = NDArray[np.float32]


def analogies_in(file: Path) -> Analogies:
    """Read questions in the format of questions-words.txt."""
    return read_analogies(read_lines(file))


def judgments_in(file: Path) -> Judgments:
    """Read pairs of words and how similar people found them."""
    return read_judgments(read_lines(file))


def analogy_scores(words: Sequence[str], matrix: Floats, analogies: Analogies) -> dict[str, float | None]:
    """Percent right: of all; of the sections whose names begin with "gram", the syntactic ones; of the others."""
    sections = tally_sections(analogies, answer_analogies(analogies, words, matrix))
    syntactic = [tally for section, tally in sections.items() if section.startswith("gram")]
    semantic = [tally for section, tally in sections.items() if not section.startswith("gram")]
    return {
        "analogies": _percent([*semantic, *syntactic]),
        "analogies_semantic": _percent(semantic),
        "analogies_syntactic": _percent(syntactic),
        "analogies_asked": sum(tally.asked for tally in sections.values()),
    }


def similarity_scores(words: Sequence[str], matrix: Floats, judgments: Judgments) -> dict[str, float | None]:
    """Spearman's rank correlation x 100 between cosines and human scores, over the pairs that are known."""
    ranking = rank_pairs(judgments, words, matrix)
    return {
        "similarity": None if ranking.rho is None else 100 * ranking.rho,
        "similarity_pairs": len(ranking.asked),
    }


def _percent(tallies: Sequence[Tally]) -> float | None:
    asked = sum(tally.asked for tally in tallies)
    return 100 * (sum(tally.right for tally in tallies) / asked) if asked else None
