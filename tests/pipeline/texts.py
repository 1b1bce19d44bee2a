"""Texts for the tests of the pipeline: what follows a word tells its class; counts and lengths vary."""

from __future__ import annotations

from typing import Any

import numpy as np

NUM_CLASSES = 3

# Small, and nothing at a round number where a mistake would hide.
SMALL: dict[str, Any] = {
    "dim": 5,
    "epochs": 4,
    "window": 2,
    "negatives": 3,
    "subsample": 0.05,
    "min_count": 1,
    "learning_rate": 0.1,
    "threads": 1,
}
STILL = {
    **SMALL,
    "learning_rate": 1e-30,
    "final_learning_rate": 0.0,
}  # steps that change no float32 of any size


def ring_texts(num_texts: int = 150, seed: int = 5, prefix: str = "") -> list[list[str]]:
    """Each text goes around a ring of three classes of words; within a class, some words are more frequent."""
    rng = np.random.default_rng(seed)
    texts = []
    for _ in range(num_texts):
        first = int(rng.integers(NUM_CLASSES))
        members = np.minimum(rng.geometric(0.4, int(rng.integers(2, 14))), 5).tolist()
        texts.append(
            [
                f"{prefix}{'abc'[(first + place) % NUM_CLASSES]}{member}"
                for place, member in enumerate(members)
            ]
        )
    return texts


def epochs_of(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records of epochs' ends."""
    return [record for record in records if record["event"] == "epoch"]
