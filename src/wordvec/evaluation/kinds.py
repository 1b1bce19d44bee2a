"""Kinds of tests: how each is scored, and how many words analogies use. Imports nothing heavy."""

from __future__ import annotations

from typing import Literal

__all__ = ["MAX_WORDS", "OPP", "SCORES", "Kind"]

Kind = Literal["analogies", "similarity", "categories", "outliers", "sentences", "next item"]

SCORES: dict[Kind, str] = {
    "analogies": "share right",
    "similarity": "Spearman's rho",
    "categories": "purity",
    "outliers": "share found",
    "sentences": "Spearman's rho",
    "next item": "hit@10",
}
OPP = "outlier position"  # its mean, 1 for always last, which is right: OPP (Camacho-Collados and Navigli, 2016)
MAX_WORDS = 30_000  # the most frequent words, which analogies use: the usual limit
