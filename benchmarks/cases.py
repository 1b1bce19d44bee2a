"""Cases: the named settings that trainers are compared on; corpus, threads and epochs are chosen per call."""

from __future__ import annotations

from wordvec.config import Config

__all__ = ["CASES"]

CASES = {
    "dim100": Config(dim=100, window=5, negatives=5),
    "dim300": Config(dim=300, window=5, negatives=5),
    "negatives15": Config(dim=100, window=5, negatives=15),
}
