"""Copies of rows that all threads move: with one at a time they change nothing but rounding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.engines.numba.judged import train
from tests.engines.numba.test_engine_family import TEXTS, config_of, each_of_the_family, engine_of

from wordvec.engines.numba.copies import probabilities
from wordvec.sampling.noise import alias_table


@each_of_the_family
def test_a_thread_alone_with_copies_trains_as_without(settings: dict[str, Any]) -> None:
    alone, with_copies = engine_of(config_of(settings)), engine_of(config_of(settings, threads=2))
    assert alone._copies is None
    assert with_copies._copies is not None
    assert sum(with_copies._copies.numbers) > 0
    found, wanted = (train(one, TEXTS, epochs=range(2)) for one in (with_copies, alone))
    np.testing.assert_allclose([one.loss for one in found], [one.loss for one in wanted], rtol=1e-4)
    expected = alone.state()
    for name, matrix in with_copies.state().items():
        np.testing.assert_allclose(matrix, expected[name], rtol=1e-3, atol=1e-4, err_msg=name)


@each_of_the_family
def test_threads_in_turn_see_what_each_other_moved(settings: dict[str, Any]) -> None:
    alone, shared = engine_of(config_of(settings)), engine_of(config_of(settings, threads=2))
    ids, rate = TEXTS.ids, TEXTS.learning_rate
    workers = [shared.worker(), shared.worker()]
    half = ids.num_positions // 2
    for engine_workers in ([alone.worker()] * 2, workers):
        for worker, (start, stop) in zip(engine_workers, ((0, half), (half, ids.num_positions)), strict=True):
            worker.train_stretch(ids, 0, start, stop, (rate, rate / 2))()
    expected = alone.state()
    for name, matrix in shared.state().items():
        np.testing.assert_allclose(matrix, expected[name], rtol=1e-3, atol=1e-4, err_msg=name)


@pytest.mark.parametrize("threads", [1, 5])
def test_one_thread_and_more_than_four_have_no_copies(threads: int) -> None:
    assert engine_of(config_of({}, threads=threads))._copies is None


def test_deterministic_training_has_no_copies() -> None:
    config = config_of({"objective": "hierarchical"}, threads=2, deterministic=True)
    assert engine_of(config)._copies is None
    assert engine_of(replace(config, deterministic=False))._copies is not None


def test_the_distribution_of_a_table_is_found_again() -> None:
    distribution = np.array([0.5, 0.25, 0.2, 0.05])
    np.testing.assert_allclose(probabilities(alias_table(distribution)), distribution, atol=1e-6)
