"""Kinds of tests: what each is scored by, and how many words analogies are asked among. Loads nothing."""

from __future__ import annotations

from typing import Literal

__all__ = ["MOST_WORDS", "OPP", "SCORES", "Kind"]

Kind = Literal["analogies", "similarity", "categories", "outliers"]

SCORES: dict[Kind, str] = {
    "analogies": "share right",
    "similarity": "Spearman's rho",
    "categories": "purity",
    "outliers": "share found",
}
OPP = "outlier position"  # its mean, 1 for always last, which is right: OPP (Camacho-Collados and Navigli, 2016)
MOST_WORDS = 30_000  # that may be answers to analogies, the most frequent ones: the usual limit
