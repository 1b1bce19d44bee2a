"""The files of a model folder."""

from __future__ import annotations

__all__ = [
    "BEFORE",
    "CARD",
    "CONFIG",
    "MODEL_FILES",
    "NEEDED",
    "RUN",
    "STATE",
    "TRAINING",
    "VECTORS",
    "VOCABULARY",
]

VECTORS = "vectors.safetensors"  # "input" and, where training may go on, "output": (V, D) float32
VOCABULARY = "vocabulary.parquet"  # word, count
CONFIG = "config.json"  # format and settings
TRAINING = "training.jsonl"  # a record for each report
CARD = "README.md"  # for people; never read back
STATE = "state.safetensors"  # checkpoints only: everything that training changes
RUN = "run.json"  # checkpoints only: how far the run has come, and on what
BEFORE = "before.parquet"  # checkpoints of runs that grow a model only: its words, with their counts

NEEDED = (VECTORS, VOCABULARY, CONFIG, TRAINING)
MODEL_FILES = (*NEEDED, CARD, STATE, RUN, BEFORE)
