"""Network: the model of time, by hand, and the page that it is on."""

from __future__ import annotations

import pytest
from benchmarks.network import (
    Cost,
    Network,
    bytes_of_curvature,
    bytes_per_word,
    expected_seconds,
    page,
    predicted_speed,
    seconds_of,
    with_model,
)

CONDITIONS = {
    "machine": {"cpu": "a CPU", "cores": 2, "memory_bytes": 2**34, "simd": [], "os": "Linux"},
    "versions": {"python": "3.11"},
    "source": {"commit": "0", "dirty": False},
    "corpora": [],
}
RUN = {
    "ranks": 2,
    "rounds": 10,
    "moments": 10,
    "bytes_sent": 5_000_000,
    "vocabulary": 3000,
    "words": 100_000,
    "seconds": 9.0,
}


def test_sending_is_added_to_computing_or_hidden_behind_it() -> None:
    cost, network = Cost(3.0, 2e6, 5), Network(1e6, 0.2)
    assert seconds_of(cost, network) == pytest.approx(6.0)
    assert seconds_of(cost, network, handling=1e-6) == pytest.approx(8.0)
    assert seconds_of(cost, network, handling=1e-6, overlaps=True) == pytest.approx(5.0)


def test_a_slow_link_adds_its_bytes_and_messages_to_a_run_without_a_limit() -> None:
    free, link = {**RUN, "seconds": 4.0}, Network(1e6, 0.01)
    moments = (
        10 * bytes_of_curvature(2, 100) / 1e6 + 20 * 0.01
    )  # of 10 rounds: they and the agreement come one by one
    assert expected_seconds(free, RUN, link, overlaps=False) == pytest.approx(4 + 5 + 40 * 0.01 + moments)
    assert expected_seconds(free, RUN, link, overlaps=True) == pytest.approx(5 + 40 * 0.01 + moments)


def test_longer_rounds_scale_better_and_never_beyond_the_number_of_machines() -> None:
    speeds = [
        predicted_speed(16, words, handling=1e-9, flops_per_second=5e10, overlaps=False) / 16
        for words in (20_000, 1_000_000, 100_000_000)
    ]
    assert speeds == sorted(speeds)
    assert speeds[0] < 0.2
    assert 0.95 < speeds[2] <= 1


def test_bytes_of_a_word_are_those_of_all_rows_shared_by_the_words_of_a_round() -> None:
    of_rows, of_moments = bytes_per_word(2, 1_000_000, rows=1_000_000)
    assert of_rows == pytest.approx(2 * 1_000_000 * 300 * 4 / 2e6)
    assert of_moments == pytest.approx(2 * 300 * 300 * 8 / 2e6)


def test_links_carry_the_median_share_of_their_limit() -> None:
    run = {"ranks": 2, "megabits": 80, "delay_seconds": 0.0, "overlaps": False, "free": RUN, "slow": RUN}
    runs = with_model([{**run, "measured_megabits": measured} for measured in (8.0, 40.0, 60.0)])
    assert [one["share_of_limit"] for one in runs] == [0.5] * 3
    moments = 10 * bytes_of_curvature(2, 100)
    assert runs[0]["model_seconds"] == pytest.approx(9 + (5e6 + moments) / 5e6)


def test_the_page_has_measured_and_predicted_times() -> None:
    run = {"ranks": 2, "megabits": 80, "delay_seconds": 0.02, "overlaps": True, "load_average": 3.0}
    runs = [
        {**run, "free": {**RUN, "seconds": 4.0}, "slow": RUN, "model_seconds": 10.0, "share_of_limit": 0.5}
    ]
    facts = {"runs": runs, "seconds": 60, "handling_seconds_per_byte": 1e-9, "flops_per_second": 5e10}
    written = page(CONDITIONS, facts)
    assert "| 2 | 80 | 40 | 20 | yes | 5.0 | 4.0 | 10.0 | 9.0 | 0.90 |" in written
    assert "| 20,000 | " in written
