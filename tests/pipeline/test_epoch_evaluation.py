"""Watching: neighbours of chosen words at each epoch's end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.pipeline.texts import SMALL, epochs_of, ring_texts

import wordvec
from wordvec.pipeline.epoch_evaluation import choose_watched, neighbors_of
from wordvec.pipeline.run_log import Progress
from wordvec.training.progress import TrainingProgress
from wordvec.vocabulary.vocabulary import CountedVocabulary


def vocabulary_of(size: int) -> CountedVocabulary:
    return CountedVocabulary([f"word{rank}" for rank in range(size)], np.arange(size, 0, -1))


@pytest.mark.parametrize("size", [1100, 5000])
def test_half_of_a_sample_is_frequent_and_half_is_rarer(size: int) -> None:
    watched = choose_watched(vocabulary_of(size), [], 16, seed=1)
    assert (watched < 100).sum() == 8
    assert ((watched >= 1000) & (watched < 1100)).sum() == 8
    assert len(set(watched.tolist())) == 16


@pytest.mark.parametrize("size", [10, 11, 150, 1099])
def test_a_small_vocabulary_is_halved(size: int) -> None:
    watched = choose_watched(vocabulary_of(size), [], 10, seed=1)
    num_frequent = min(100, -(-size // 2))
    assert (watched < num_frequent).sum() == 5
    assert len(set(watched.tolist())) == 10


def test_a_sample_larger_than_the_vocabulary_is_all_of_it() -> None:
    assert sorted(choose_watched(vocabulary_of(7), ["word3"], 99, seed=1).tolist()) == list(range(7))


def test_named_words_come_first_and_are_not_drawn_again() -> None:
    names = [f"word{rank}" for rank in range(60, 0, -1)]
    watched = choose_watched(vocabulary_of(3000), names, 80, seed=1).tolist()
    assert watched[:60] == list(range(60, 0, -1))
    assert len(set(watched)) == 60 + 80


def test_a_seed_repeats_the_sample_and_another_one_does_not() -> None:
    first, again, other = (choose_watched(vocabulary_of(3000), [], 16, seed).tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_neighbors_are_the_five_nearest_others_with_their_cosines() -> None:
    angles = np.radians([0, 10, 25, 45, 70, 100, 135])
    matrix = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32) * 3
    found = neighbors_of(np.array([6, 0]), matrix, "abcdefg")
    assert list(found) == ["g", "a"]
    assert [word for word, _ in found["a"]] == list("bcdef")
    assert [cosine for _, cosine in found["a"]] == pytest.approx(np.cos(angles[1:6]), abs=1e-6)


@pytest.mark.parametrize("engine", ["numba", "torch"])
def test_neighbors_are_reported_and_recorded_after_each_epoch(engine: str) -> None:
    seen: list[Progress] = []
    vectors = wordvec.train(
        ring_texts(), watch=["b1", "a2"], watch_sample=2, on_progress=seen.append, engine=engine, **SMALL
    )
    records = epochs_of(vectors.training)
    assert len(records) == 4
    for record in records:
        assert list(record["neighbors"])[:2] == ["b1", "a2"]
        assert len(record["neighbors"]) == 4
    last = [(word, round(cosine, 4)) for word, cosine in vectors.most_similar("b1", k=5)]
    assert [tuple(pair) for pair in records[-1]["neighbors"]["b1"]] == last
    assert records[0]["neighbors"]["b1"] != records[-1]["neighbors"]["b1"]
    reports = [progress for progress in seen if isinstance(progress, TrainingProgress)]
    assert all((progress.neighbors is not None) == progress.is_epoch_end for progress in reports)


def test_nothing_is_watched_unless_asked_for() -> None:
    assert all("neighbors" not in record for record in wordvec.train(ring_texts(), **SMALL).training)


def test_an_unknown_word_to_watch_is_left_out_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="cannot watch 'zebra': it is not among the 15 words"):
        vectors = wordvec.train(ring_texts(), watch=["a1", "zebra", "b2"], **SMALL)
    assert all(list(record["neighbors"]) == ["a1", "b2"] for record in epochs_of(vectors.training))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"watch": "a1"}, r"watch must be a list, got 'a1'; give \['a1'\]"),
        ({"watch_sample": -1}, "watch_sample must be an integer of at least 0, got -1"),
        ({"watch_sample": "16"}, "watch_sample must be an integer of at least 0, got '16'"),
    ],
)
def test_what_cannot_be_watched_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(wordvec.ConfigError, match=message):
        wordvec.train(ring_texts(), **settings, **SMALL)
