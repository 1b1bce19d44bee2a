"""The whole job of gensim: import, read and count, train, save; run by itself in a fresh process.

Usage: python gensim_job.py '{"corpus": ..., "folder": ..., "settings": {...}}'
"""

from __future__ import annotations

import time

started = time.perf_counter()

import json  # noqa: E402  (imports are part of the job, and are timed)
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from gensim.models import FastText, Word2Vec  # noqa: E402


def main() -> None:
    """Train, save the vectors in the quickest of gensim's ways, and report the seconds of each phase."""
    job = json.loads(sys.argv[1])
    corpus, folder = job["corpus"], Path(job["folder"])
    folder.mkdir()
    phases = {}
    phases["importing"] = time.perf_counter() - started

    phase_started = time.perf_counter()
    model = (FastText if "max_n" in job["settings"] else Word2Vec)(**job["settings"])
    model.build_vocab(corpus_file=corpus)
    phases["counting"] = time.perf_counter() - phase_started

    phase_started = time.perf_counter()
    model.train(
        corpus_file=corpus,
        total_examples=model.corpus_count,
        total_words=model.corpus_total_words,
        epochs=model.epochs,
    )
    phases["training"] = time.perf_counter() - phase_started

    phase_started = time.perf_counter()
    model.wv.save(str(folder / "vectors.kv"))
    phases["saving"] = time.perf_counter() - phase_started

    words = sum(model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key)
    (folder / "report.json").write_text(json.dumps({"phases": phases, "words": int(words)}))


if __name__ == "__main__":
    main()
