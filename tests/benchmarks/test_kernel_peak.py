"""The kernel benchmark: a small job runs, and the page has a line for each version of each case."""

from __future__ import annotations

import numpy as np
from benchmarks.kernel_peak import page, summarize
from benchmarks.kernel_peak_job import measure_training
from benchmarks.measured import conditions_of


def test_training_is_measured_on_several_threads() -> None:
    ids = np.random.default_rng(1).integers(0, 50, 150_000).astype(np.int32)
    found = measure_training(ids, dim=8, threads=2)
    assert found["draw_ns_per_word"] > 0
    assert found["gflops_of_core"] > 0


def test_the_page_has_both_versions_and_the_ratio_of_their_medians() -> None:
    case = {"dim": 100, "threads": 1, "pairs_per_word": 26.0, "gflops_of_core": 50.0}
    before = case | {"draw_ns_per_word": 50.0, "train_ns_per_word": 250.0}
    now = case | {"draw_ns_per_word": 20.0, "train_ns_per_word": 180.0}
    runs = [
        {
            "round": 0,
            "version": version,
            "peak_gflops": 200.0,
            "cases": [entry],
            "whole": [{"dim": 100, "words_per_second": speed}],
        }
        for version, entry, speed in (("before", before, 8e6), ("now", now, 10e6))
    ]
    summary = summarize(runs)
    assert summary["cases"][0]["before_over_now"] == 1.5
    assert summary["cases"][0]["share_of_peak"] == 0.25
    conditions = conditions_of({}, before="f" * 40, words=10, rounds=1, epochs=5, threads=2, load_average=0.0)
    text = page({"conditions": conditions, **summary})
    assert "| 100 | 1 | 1.50 |" in text
    assert "| 100 | 8.00 (8.00 to 8.00) | 10.00 (10.00 to 10.00) | 1.25 (1.25 to 1.25) |" in text
    assert "50.0" in text
    assert "180.0" in text
