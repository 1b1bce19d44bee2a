"""Scores: how well vectors solve Google's analogies and agree with WordSim-353; one judge for every trainer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wordvec.evaluation.analogies import Analogies, answer_analogies, read_analogies
from wordvec.evaluation.lines import read_lines
from wordvec.evaluation.similarity import Judgements, rank_pairs, read_judgements

__all__ = ["analogies_in", "analogy_scores", "judgements_in", "similarity_scores"]

Floats = NDArray[np.float32]


def analogies_in(file: Path) -> Analogies:
    """Read them."""
    return read_analogies(read_lines(file))


def judgements_in(file: Path) -> Judgements:
    """Read them."""
    return read_judgements(read_lines(file))


def analogy_scores(words: Sequence[str], matrix: Floats, analogies: Analogies) -> dict[str, float | None]:
    """Percent right: of all; of the sections whose names begin with "gram", the syntactic ones; of the others."""
    asked, is_right = answer_analogies(analogies, words, matrix)
    is_syntactic = np.array(
        [analogies.sections[number].startswith("gram") for number in asked.tolist()], bool
    )
    return {
        "analogies": _percent(is_right),
        "analogies_semantic": _percent(is_right[~is_syntactic]),
        "analogies_syntactic": _percent(is_right[is_syntactic]),
        "analogies_asked": len(asked),
    }


def similarity_scores(
    words: Sequence[str], matrix: Floats, judgements: Judgements
) -> dict[str, float | None]:
    """Spearman's rank correlation x 100 between cosines and human scores, over the pairs that are known."""
    ranking = rank_pairs(judgements, words, matrix)
    return {
        "similarity": None if ranking.rho is None else 100 * ranking.rho,
        "similarity_pairs": len(ranking.asked),
    }


def _percent(is_right: NDArray[np.bool_]) -> float | None:
    return float(100 * is_right.mean()) if len(is_right) else None
