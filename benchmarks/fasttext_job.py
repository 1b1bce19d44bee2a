"""The whole job of the fasttext package: import, read and count, train, save; run by itself in a fresh process.

It reads and trains in one call: the seconds of training are those of the call, less those of a call that only reads,
with as good as no epoch.

Usage: python fasttext_job.py '{"corpus": ..., "folder": ..., "settings": {...}}'
"""

from __future__ import annotations

import time

started = time.perf_counter()

import json  # noqa: E402  (imports are part of the job, and are timed)
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

import fasttext  # noqa: E402
import numpy as np  # noqa: E402


def main() -> None:
    """Train, save words and vectors, and report the seconds of each phase."""
    job = json.loads(sys.argv[1])
    corpus, folder, settings = job["corpus"], Path(job["folder"]), job["settings"]
    folder.mkdir()
    phases = {"importing": time.perf_counter() - started}

    phase_started = time.perf_counter()
    fasttext.train_unsupervised(corpus, verbose=0, **{**settings, "epoch": 0})
    phases["counting"] = time.perf_counter() - phase_started

    phase_started = time.perf_counter()
    model = fasttext.train_unsupervised(corpus, verbose=0, **settings)
    phases["training"] = time.perf_counter() - phase_started - phases["counting"]

    phase_started = time.perf_counter()
    words, counts = model.get_words(include_freq=True)
    vectors = np.array([model.get_word_vector(word) for word in words], np.float32)
    np.save(folder / "vectors.npy", vectors)
    (folder / "words.json").write_text(json.dumps(words), encoding="utf-8")
    phases["saving"] = time.perf_counter() - phase_started
    report = {"phases": phases, "words": int(np.sum(counts))}
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")


if __name__ == "__main__":
    main()
