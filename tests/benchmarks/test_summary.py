"""Ratios are of pairs, differences of means, and results outlive an interruption."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from benchmarks.report import markdown
from benchmarks.results import ConditionsChangedError, Results, Run
from benchmarks.summary import difference_of_means, spread, summarize

CONDITIONS = {
    "machine": {"cpu": "planted", "cores": 2, "simd": ["avx2"], "memory_bytes": 2**34, "os": "Linux"},
    "versions": {"python": "3.11.7"},
    "source": {"commit": "abc", "dirty": False},
    "corpus": {"name": "text.txt", "bytes": 9},
    "threads": 2,
    "epochs": 5,
}


def run(trainer: str, seed: int, words_per_second: float, analogies: float | None) -> Run:
    return Run(
        case="dim100",
        trainer=trainer,
        seed=seed,
        started="2026-01-01T00:00:00+00:00",
        load_average=0.0,
        words_per_second=words_per_second,
        training_seconds=2.0,
        job_seconds=4.0 if trainer == "gensim" else 1.0,
        cpu_seconds=6.0,
        peak_memory_bytes=100,
        peak_private_bytes=None,
        phases={"training": 2.0},
        words=7,
        vocabulary=3,
        scores={} if analogies is None else {"analogies": analogies, "analogies_asked": 3},
    )


def results(path: Path, runs: list[Run]) -> Results:
    settings = {"dim": 100, "window": 5, "negatives": 5, "subsample": 1e-3, "min_count": 5}
    return Results(path=path, conditions=CONDITIONS, cases={"dim100": {"settings": settings}}, runs=runs)


@pytest.fixture
def two_pairs(tmp_path: Path) -> Results:
    runs = [
        run("wordvec", 1, 30, 40),
        run("gensim", 1, 10, 41),
        run("wordvec", 2, 40, 42),
        run("gensim", 2, 8, 39),
    ]
    return results(tmp_path / "planted.json", runs)


def test_ratios_are_taken_within_pairs(two_pairs: Results):
    ratio = summarize(two_pairs)["dim100"]["wordvec / gensim"]["words_per_second"]
    assert ratio == {"median": 4, "mean": 4, "least": 3, "most": 5}


def test_a_run_without_its_partner_gives_no_ratio(tmp_path: Path):
    lone = results(tmp_path / "lone.json", [run("wordvec", 1, 30, 40), run("gensim", 2, 10, 41)])
    assert summarize(lone)["dim100"]["wordvec / gensim"]["words_per_second"] is None


def test_the_first_trainer_is_compared_with_each_other_one(two_pairs: Results):
    two_pairs.runs += [run("wordvec-torch", 1, 5, 39), run("wordvec-torch", 2, 5, 40)]
    two_pairs.summary = summarize(two_pairs)
    summary = two_pairs.summary["dim100"]
    assert summary["wordvec / wordvec-torch"]["words_per_second"]["median"] == 7
    assert summary["wordvec - wordvec-torch"]["analogies"]["mean"] == 1.5
    assert summary["wordvec / gensim"]["words_per_second"]["median"] == 4
    page = markdown(two_pairs)
    assert "# wordvec and wordvec-torch and gensim on text.txt" in page
    assert "| wordvec beside wordvec-torch | wordvec beside gensim |" in page
    assert "**7.0x as fast** (6.0 to 8.0) | **4.0x as fast** (3.0 to 5.0) |" in page
    assert "on its torch engine" in page


def test_a_lone_trainer_is_compared_with_none(tmp_path: Path):
    lone = results(tmp_path / "lone.json", [run("gensim", 1, 30, 40)])
    lone.summary = summarize(lone)
    assert "beside" not in markdown(lone)


def test_the_interval_of_a_difference_is_welchs():
    # both variances are 0.13: 2.776 (Student, 4 degrees of freedom) * sqrt(0.26 / 3) = 0.8174
    difference = difference_of_means([37.1, 36.9, 37.6], [36.1, 36.8, 36.3])
    assert difference == {
        "mean": pytest.approx(0.8),
        "low": pytest.approx(0.8 - 0.8174, abs=1e-4),
        "high": pytest.approx(0.8 + 0.8174, abs=1e-4),
    }


@pytest.mark.parametrize(
    ("ours", "theirs"), [([1.0], [2.0, 3.0]), ([1.0, 1.0], [2.0, 2.0])], ids=["one run", "no spread"]
)
def test_where_no_interval_can_be_had_none_is_given(ours: list[float], theirs: list[float]):
    assert difference_of_means(ours, theirs)["low"] is None


def test_nothing_has_no_spread():
    assert spread([]) is None


def test_saved_results_are_continued(two_pairs: Results):
    two_pairs.summary = summarize(two_pairs)
    two_pairs.save()
    continued = Results.open(two_pairs.path, CONDITIONS, replace=False)
    assert continued.runs == two_pairs.runs
    assert markdown(continued) == markdown(two_pairs)
    assert continued.find("dim100", "gensim", 2) == two_pairs.runs[3]
    assert continued.find("dim300", "gensim", 2) is None


def test_results_of_other_conditions_are_neither_mixed_nor_lost(two_pairs: Results):
    two_pairs.save()
    changed = CONDITIONS | {"source": {"commit": "abc", "dirty": True}}
    with pytest.raises(ConditionsChangedError, match="source dirty: False then, True now"):
        Results.open(two_pairs.path, changed, replace=False)
    assert Results.open(two_pairs.path, changed, replace=True).runs == []


def test_the_page_says_how_many_times_as_fast(two_pairs: Results):
    two_pairs.summary = summarize(two_pairs)
    page = markdown(two_pairs)
    assert "| whole job, s | 1.0 (1.0 to 1.0) | 4.0 (4.0 to 4.0) | **4.0x as fast** (4.0 to 4.0) |" in page
    assert "not the same corpus" not in page


@pytest.mark.parametrize(
    ("order", "is_random"),
    [({}, False), ({"shuffle_texts": False}, False), ({"shuffle_texts": None}, True)],
    ids=["recorded before there was a choice", "in order", "by default"],
)
def test_the_page_says_that_wordvec_alone_takes_texts_in_random_order(
    order: dict[str, Any], is_random: bool, two_pairs: Results
):
    two_pairs.cases["dim100"]["settings"] = {**two_pairs.cases["dim100"]["settings"], **order}
    two_pairs.summary = summarize(two_pairs)
    assert ("texts in random order (wordvec alone)" in markdown(two_pairs)) is is_random


def test_one_trainers_scores_of_all_cases_are_one_table(tmp_path: Path):
    alone = results(tmp_path / "alone.json", [run("wordvec", 1, 30, 40), run("wordvec", 2, 30, 44)])
    settings = {**alone.cases["dim100"]["settings"], "architecture": "cbow", "max_n": 6, "min_n": 3}
    alone.cases["cbow"] = {"settings": settings}
    alone.runs.append(replace(run("wordvec", 1, 30, 50), case="cbow"))
    alone.summary = summarize(alone)
    page = markdown(alone)
    assert "| skip-gram | 42.0 (40.0 to 44.0) | - | - | - | 0.025 |" in page
    assert "| CBOW, n-grams of 3 to 6 characters | 50.0 (50.0 to 50.0) | - | - | - | 0.1 |" in page


def test_trainers_side_by_side_have_no_such_table(two_pairs: Results):
    two_pairs.summary = summarize(two_pairs)
    assert "learning rate" not in markdown(two_pairs)


def test_the_page_tells_when_the_trainers_read_different_words(two_pairs: Results):
    two_pairs.runs[1] = replace(two_pairs.runs[1], words=6)
    two_pairs.summary = summarize(two_pairs)
    assert "not the same corpus" in markdown(two_pairs)


def test_where_other_work_ran_beside_it_the_page_has_scores_and_no_speeds(two_pairs: Results):
    two_pairs.conditions = CONDITIONS | {"quality_alone": True}
    two_pairs.summary = summarize(two_pairs)
    page = markdown(two_pairs)
    assert "| Google analogies, % | 41.0 (40.0 to 42.0) | 40.0 (39.0 to 41.0) |" in page
    assert "words/s" not in page
    assert "as fast" not in page
