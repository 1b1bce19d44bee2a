"""Read-only: what word vectors give out cannot change them, so what is saved is whole."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import wordvec

CONFIG = {"dim": 2, "tokenizer": "words", "noise": {"power": 0.75}}
TRAINING = [{"event": "epoch", "scores": [0.25, 0.5]}, {"event": "done"}]


@pytest.fixture
def vectors() -> wordvec.WordVectors:
    return wordvec.WordVectors(
        ["oak", "elm", "ash"],
        [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],
        counts=[9, 4, 1],
        output_matrix=[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]],
        config=CONFIG,
        training=TRAINING,
    )


CHANGES: dict[str, Callable[[Any], object]] = {
    "a word added": lambda v: v.words.append("fir"),
    "words added": lambda v: v.words.extend(["fir", "yew"]),
    "words in place": lambda v: v.words.__iadd__(["fir"]),
    "words repeated": lambda v: v.words.__imul__(2),
    "a word inserted": lambda v: v.words.insert(0, "fir"),
    "a word removed": lambda v: v.words.remove("oak"),
    "the last word taken": lambda v: v.words.pop(),
    "no words left": lambda v: v.words.clear(),
    "words sorted": lambda v: v.words.sort(),
    "words turned round": lambda v: v.words.reverse(),
    "a word replaced": lambda v: v.words.__setitem__(0, "elm"),
    "words deleted": lambda v: v.words.__delitem__(slice(2)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_words_cannot_be_changed_and_are_saved_whole(
    vectors: wordvec.WordVectors, tmp_path: Path, change: Callable[[Any], object]
) -> None:
    with pytest.raises(
        TypeError, match=r"words of vectors never change, .* change a copy, list\(vectors\.words\)"
    ):
        change(vectors)
    vectors.save(tmp_path / "trees.wv")
    found = wordvec.load(tmp_path / "trees.wv")
    assert found.words == vectors.words == ["oak", "elm", "ash"]
    assert (found.config, found.training) == (CONFIG, TRAINING)


def test_settings_and_records_are_copies(vectors: wordvec.WordVectors, tmp_path: Path) -> None:
    assert vectors.config is not None
    vectors.config["dim"] = object()
    vectors.config["noise"].clear()
    vectors.training.append({"loss": float})
    vectors.training[0]["scores"].pop()
    vectors.save(tmp_path / "trees.wv")
    found = wordvec.load(tmp_path / "trees.wv")
    assert (found.config, found.training) == (vectors.config, vectors.training) == (CONFIG, TRAINING)


@pytest.mark.parametrize("part", ["matrix", "output_matrix", "counts", "unit_matrix"])
def test_arrays_that_are_given_out_are_read_only(vectors: wordvec.WordVectors, part: str) -> None:
    with pytest.raises(ValueError, match="read-only"):
        getattr(vectors, part)[0] = 0


@pytest.mark.parametrize("part", ["words", "matrix", "output_matrix", "counts", "config", "training", "dim"])
def test_no_part_is_replaced_by_another(vectors: wordvec.WordVectors, part: str) -> None:
    with pytest.raises(AttributeError):
        setattr(vectors, part, getattr(vectors, part))


def test_what_the_parts_were_made_of_may_change_afterwards(tmp_path: Path) -> None:
    words, counts, config, training = (
        ["oak", "elm"],
        np.array([5, 2]),
        {"noise": {"power": 1}},
        [{"loss": [1]}],
    )
    vectors = wordvec.WordVectors(words, [[1.0], [2.0]], counts=counts, config=config, training=training)
    words.append("ash")
    counts[:] = -1
    config["noise"]["power"] = 2
    training[0]["loss"].append(2)
    training.clear()
    vectors.save(tmp_path / "trees.wv")
    found = wordvec.load(tmp_path / "trees.wv")
    assert (found.words, found.config, found.training) == (
        ["oak", "elm"],
        {"noise": {"power": 1}},
        [{"loss": [1]}],
    )
    assert found.counts is not None
    assert found.counts.tolist() == [5, 2]


@pytest.mark.parametrize("name", ["trees.wv", "trees.txt"])
@pytest.mark.parametrize("part", ["matrix", "output_matrix"])
def test_a_matrix_that_was_spoiled_from_outside_is_not_saved(tmp_path: Path, name: str, part: str) -> None:
    arrays = {"matrix": np.ones((2, 3), np.float32), "output_matrix": np.ones((2, 3), np.float32)}
    vectors = wordvec.WordVectors(["oak", "elm"], **arrays)  # type: ignore[arg-type]
    vectors.save(tmp_path / name)
    arrays[part][1, 2] = np.nan
    with pytest.raises(wordvec.ConfigError, match=rf"^{part} must be finite, .* row 1 \('elm'\)"):
        vectors.save(tmp_path / name)
    assert wordvec.load(tmp_path / name).matrix.tolist() == [[1, 1, 1], [1, 1, 1]]


def test_parts_read_as_pythons_own(vectors: wordvec.WordVectors) -> None:
    assert repr(vectors.words) == "['oak', 'elm', 'ash']"
    assert json.loads(json.dumps([vectors.words, vectors.config, vectors.training])) == [
        ["oak", "elm", "ash"],
        CONFIG,
        TRAINING,
    ]
    assert pa.array(vectors.words, pa.string()).to_pylist() == ["oak", "elm", "ash"]
    assert type(vectors.words * 2) is type(vectors.words.copy()) is type(vectors.words[1:]) is list


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])  # noqa: S301
def test_a_copied_model_is_as_read_only_as_its_original(
    vectors: wordvec.WordVectors, again: Callable[[Any], Any]
) -> None:
    copied = again(vectors)
    assert (copied.words, copied.config, copied.training) == (vectors.words, CONFIG, TRAINING)
    with pytest.raises(TypeError, match="never change"):
        copied.words.append("fir")


def test_a_copy_of_a_part_can_be_changed(vectors: wordvec.WordVectors) -> None:
    words, config = list(vectors.words), dict(vectors.config or {})
    words.append("fir")
    config["dim"] = 3
    assert (len(words), config["dim"], len(vectors.words)) == (4, 3, 3)
