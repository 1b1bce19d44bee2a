"""Tuning: how sessions are divided, what counts as a hit, and the page of what was found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from benchmarks.tuning import halves, hit_rates, page

from wordvec.vectors.word_vectors import WordVectors

CONDITIONS = {
    "machine": {"cpu": "a CPU", "cores": 2, "memory_bytes": 2**34, "simd": [], "os": "Linux"},
    "versions": {"python": "3.11"},
    "source": {"commit": "0", "dirty": False},
    "corpora": [],
}


def test_no_last_item_is_trained_on_and_no_session_both_chooses_and_reports(tmp_path: Path) -> None:
    path = tmp_path / "sessions.txt"
    path.write_text("".join(f"a{n} b{n} c{n}\n" for n in range(100)) + "lonely\n", encoding="utf-8")
    known, chooses, reports = halves(path)
    assert [len(known), len(chooses), len(reports)] == [101, 50, 50]
    assert not {item for session in known for item in session if item.startswith("c")}
    assert not {session[0] for session in chooses} & {session[0] for session in reports}
    assert all(len(session) == 3 for session in (*chooses, *reports))


def test_a_session_that_cannot_be_asked_counts_as_missed() -> None:
    words = [f"item{number}" for number in range(40)]
    vectors = WordVectors(words, np.eye(40)[:, ::-1] + 0.01, counts=np.arange(40, 0, -1))
    popular, unknown = ["item30", "item0"], ["item30", "nowhere"]
    assert hit_rates(vectors, [popular, unknown])["most frequent"] == 50.0


def test_the_page_has_what_was_found_beside_the_defaults_and_gensim() -> None:
    settings = {"window": 9}
    scores = {
        "tuned": {"by cosines": 5.0},
        "defaults": {"by output vectors": 2.0, "most frequent": 1.0},
        "gensim": {"by output vectors": 0.5, "by cosines": 0.25},
    }
    search = {"sampler": "tpe", "seed": 1, "threads": 1, "trials_made": 60, "slowdown": 3.0}
    shop = {**search, "text": "shop.txt", "trials": 60, "scores": scores, "settings": settings}
    shop["has_starts"] = True
    wiki_scores = {"tuned": 44.0, "defaults": 38.0, "difference": [6.0, 5.0, 7.0], "gensim": 29.0}
    wiki = {**search, "text": "wiki.txt", "budget": "10m", "scores": wiki_scores, "settings": settings}
    written = page({"conditions": CONDITIONS, "texts": {}, "runs": [shop, wiki]})
    assert (
        "| shop.txt | tpe, seed 1 | 60 trials, 1 thread | 60 | 5.00 % | 2.00 % | 2.50 | 0.50 % | 0.25 % | 1.00 % |"
        in written
    )
    assert (
        "| wiki.txt | tpe without starts, seed 1 | 10m, 1 thread | 60 | 44.0 | 38.0 | +6.0 (+5.0 to +7.0) | 29.0 |"
        in written
    )
    assert "- shop.txt, tpe, seed 1: window 9" in written
