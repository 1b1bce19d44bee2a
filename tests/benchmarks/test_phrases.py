"""The benchmark of phrases: both sides do the same work, and the page says whether they agree."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from benchmarks import phrases

TEXT = " ".join(f"w{n % 50} new york x{n % 50} old rivers y{n % 50}" for n in range(400)) + " cut"


def test_both_find_and_join_the_same_and_the_page_says_so(tmp_path: Path) -> None:
    pytest.importorskip("gensim")
    corpus, texts = tmp_path / "corpus.gz", tmp_path / "texts.txt"
    corpus.write_bytes(gzip.compress(TEXT.encode()))
    assert phrases._write_texts(corpus, 10**6, texts) == 2800
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phrases, "SETTINGS", {"min_count": 5, "threshold": 0.5})
        runs = {"gensim": [phrases._gensim_job(texts, 1)], "wordvec": [phrases._wordvec_job(texts, 2)]}
    agreement = phrases._agreement(runs["gensim"][0], runs["wordvec"][0])
    number = len(runs["gensim"][0]["phrases"])
    assert number > 2
    assert agreement.pop("same_joined_text")
    assert agreement == dict.fromkeys(("gensim", "wordvec", "both", "same_score"), number)
    for name, steps in phrases.STEPS.items():
        assert tuple(runs[name][0]["seconds"]) == steps


def test_a_difference_is_not_hidden() -> None:
    theirs = {"phrases": {"a_b": 1.0, "c_d": 2.0}, "joined_sha256": "x"}
    ours = {"phrases": {"a_b": 1.5}, "joined_sha256": "y"}
    assert phrases._agreement(theirs, ours) == {
        "gensim": 2,
        "wordvec": 1,
        "both": 1,
        "same_score": 0,
        "same_joined_text": False,
    }
