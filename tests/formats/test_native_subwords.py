"""Model folders with subwords: rows, buckets and rules come back; what does not fit together is refused in a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from wordvec.errors import FormatError
from wordvec.formats.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from wordvec.formats.load import load
from wordvec.formats.save import save
from wordvec.storage.format_table import CARD, CONFIG, NEEDED, STATE, VECTORS
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary

WORDS = ["paris", "rome", "parisian", "Größe", "</s>"]
RULES = SubwordRules(3, 5, 1000)
DIM = 3


def subword_vectors(words: list[str] = WORDS, rules: SubwordRules = RULES) -> WordVectors:
    vocabulary = SubwordVocabulary(words, rules)
    generator = np.random.default_rng(3)
    return WordVectors(
        vocabulary,
        generator.normal(size=(vocabulary.num_rows, DIM)).astype(np.float32),
        counts=np.arange(len(words), 0, -1),
        output_matrix=generator.normal(size=(len(words), DIM)).astype(np.float32),
        position_weights=generator.normal(size=(4, DIM)).astype(np.float32),
        config={"dim": DIM},
        training=[{"event": "epoch"}],
    )


@pytest.fixture
def full() -> WordVectors:
    return subword_vectors()


@pytest.fixture
def model(full: WordVectors, tmp_path: Path) -> Path:
    save(full, tmp_path / "model.wv")
    return tmp_path / "model.wv"


def assert_same_subwords(found: WordVectors, expected: WordVectors) -> None:
    for one in (found, expected):
        assert isinstance(one.vocabulary, SubwordVocabulary)
    assert found.vocabulary.rules == expected.vocabulary.rules
    assert (found.words, found.config, found.training) == (expected.words, expected.config, expected.training)
    pairs: list[tuple[Any, Any]] = [
        (found.vocabulary.used_buckets, expected.vocabulary.used_buckets),
        (found.rows, expected.rows),
        (found.matrix, expected.matrix),
        (found.counts, expected.counts),
        (found.output_matrix, expected.output_matrix),
        (found.position_weights, expected.position_weights),
        (found["parisien"], expected["parisien"]),
    ]
    for one, other in pairs:
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("mmap", [False, True])
def test_everything_comes_back(full: WordVectors, model: Path, mmap: bool) -> None:
    assert_same_subwords(load(model, mmap=mmap), full)


def test_saved_loaded_saved_is_the_same_bytes(model: Path, tmp_path: Path) -> None:
    save(load(model), tmp_path / "again.wv")
    for name in (*NEEDED, CARD):
        assert (tmp_path / "again.wv" / name).read_bytes() == (model / name).read_bytes(), name


def test_what_is_stored_are_rows_buckets_and_rules(full: WordVectors, model: Path) -> None:
    tensors = load_file(model / VECTORS)
    shapes = {name: (tensor.dtype.name, tensor.shape) for name, tensor in tensors.items()}
    num_buckets = full.vocabulary.num_rows - len(WORDS)
    assert shapes == {
        "input": ("float32", (full.vocabulary.num_rows, DIM)),
        "buckets": ("int32", (num_buckets,)),
        "output": ("float32", (len(WORDS), DIM)),
        "positions": ("float32", (4, DIM)),
    }
    config = json.loads((model / CONFIG).read_text(encoding="utf-8"))
    assert config["format_version"] == 2
    assert config["subwords"] == {"min_n": 3, "max_n": 5, "buckets": 1000}
    assert config["settings"] == {"dim": DIM}
    assert "`buckets`" in (model / CARD).read_text(encoding="utf-8")


def test_weights_of_positions_alone_keep_the_format_that_older_ones_read(tmp_path: Path) -> None:
    save(WordVectors(["a"], [[1.0]], position_weights=[[2.0], [3.0]]), tmp_path / "model.wv")
    assert json.loads((tmp_path / "model.wv" / CONFIG).read_text())["format_version"] == 1
    found = load(tmp_path / "model.wv").position_weights
    assert found is not None
    assert found.tolist() == [[2.0], [3.0]]


@pytest.mark.parametrize("mmap", [False, True])
def test_a_limit_keeps_the_first_words_and_all_ngrams(full: WordVectors, model: Path, mmap: bool) -> None:
    found = load(model, limit=2, mmap=mmap)
    assert found.words == WORDS[:2]
    assert len(found.rows) == len(full.rows) - len(WORDS) + 2
    np.testing.assert_array_equal(found.matrix, full.matrix[:2])
    np.testing.assert_array_equal(found["parisien"], full["parisien"])
    assert "parisian" not in found
    assert found.vocabulary.has_vector("parisian")


def test_a_model_whose_only_word_has_no_ngrams_comes_back(tmp_path: Path) -> None:
    vectors = WordVectors(SubwordVocabulary(["</s>"], RULES), [[1.0, 2.0]])
    save(vectors, tmp_path / "model.wv")
    assert load(tmp_path / "model.wv").rows.tolist() == [[1.0, 2.0]]


def test_a_checkpoint_names_the_rows_that_its_state_has_too(full: WordVectors, tmp_path: Path) -> None:
    state = {"input": full.rows, "output": full.output_matrix, "other": np.arange(3)}
    write_checkpoint(tmp_path / "checkpoint", Checkpoint(full, state, {"epoch": 1}))
    assert list(load_file(tmp_path / "checkpoint" / STATE)) == ["other"]
    found = read_checkpoint(tmp_path / "checkpoint").state
    np.testing.assert_array_equal(found["input"], full.rows)


def changed_tensors(model: Path, **changes: np.ndarray | None) -> None:
    tensors = {**load_file(model / VECTORS), **changes}
    save_file({name: tensor for name, tensor in tensors.items() if tensor is not None}, model / VECTORS)


BUCKETS = np.array([5, 9], np.int32)
TENSOR_LIES: dict[str, tuple[dict[str, np.ndarray | None], str]] = {
    "no buckets": ({"buckets": None}, 'no tensor "buckets"'),
    "no rows": ({"input": None}, 'no tensor "input"'),
    "few buckets": ({"buckets": BUCKETS}, "rows, vocabulary.parquet 5 words"),
    "buckets of another kind": ({"buckets": np.zeros(3, np.int64)}, "buckets must be int32"),
    "buckets of two dimensions": ({"buckets": np.zeros((3, 1), np.int32)}, "buckets must be int32"),
    "buckets and no words": ({"buckets": np.arange(900, dtype=np.int32)}, "of them of buckets"),
    "positions of another size": ({"positions": np.ones((2, DIM + 1), np.float32)}, "position_weights"),
    "positions in a row": ({"positions": np.ones(DIM, np.float32)}, "positions must be float32"),
    "positions not finite": ({"positions": np.full((2, DIM), np.inf, np.float32)}, "position_weights"),
    "rows of another kind": ({"input": np.ones((9, DIM), np.float64)}, "input must be float32"),
}


@pytest.mark.parametrize(("changes", "message"), TENSOR_LIES.values(), ids=TENSOR_LIES)
def test_tensors_that_do_not_fit_are_refused(
    model: Path, changes: dict[str, np.ndarray | None], message: str
) -> None:
    changed_tensors(model, **changes)
    with pytest.raises(FormatError, match=message) as problem:
        load(model)
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize("place", [0, 1, -1])
def test_buckets_that_are_not_ascending_and_in_range_are_refused(model: Path, place: int) -> None:
    buckets = load_file(model / VECTORS)["buckets"]
    buckets[place] = [-1, buckets[0], 1000][[0, 1, -1].index(place)]
    changed_tensors(model, buckets=buckets)
    with pytest.raises(FormatError, match="used_buckets must be ascending"):
        load(model)


def test_buckets_that_are_not_those_of_the_words_are_refused(model: Path) -> None:
    buckets = load_file(model / VECTORS)["buckets"]
    others = np.setdiff1d(np.arange(1000, dtype=np.int32), buckets)[: len(buckets)]
    changed_tensors(model, buckets=others)
    with pytest.raises(FormatError, match="none for an n-gram of 'paris'"):
        load(model)


SUBWORD_LIES: dict[str, tuple[object, str]] = {
    "not an object": (3, "must have the integers"),
    "one missing": ({"min_n": 3, "max_n": 5}, "must have the integers"),
    "one more": ({"min_n": 3, "max_n": 5, "buckets": 9, "hash": 1}, "must have the integers"),
    "true for a number": ({"min_n": True, "max_n": 5, "buckets": 1000}, "must have the integers"),
    "half": ({"min_n": 2.5, "max_n": 5, "buckets": 1000}, "must have the integers"),
    "no shortest": ({"min_n": 0, "max_n": 5, "buckets": 1000}, "min_n"),
    "the longest is shorter": ({"min_n": 3, "max_n": 2, "buckets": 1000}, "min_n"),
    "far too long": ({"min_n": 3, "max_n": 10**9, "buckets": 1000}, "max_n"),
    "no buckets": ({"min_n": 3, "max_n": 5, "buckets": 0}, "buckets must be"),
    "too many buckets": ({"min_n": 3, "max_n": 5, "buckets": 2**31}, "buckets must be"),
    "none, with tensors": (None, "buckets must be float32"),
}


@pytest.mark.parametrize(("subwords", "message"), SUBWORD_LIES.values(), ids=SUBWORD_LIES)
def test_impossible_rules_are_refused(model: Path, subwords: object, message: str) -> None:
    config = json.loads((model / CONFIG).read_text(encoding="utf-8"))
    (model / CONFIG).write_text(json.dumps({**config, "subwords": subwords}), encoding="utf-8")
    with pytest.raises(FormatError, match=message) as problem:
        load(model)
    assert "\n" not in str(problem.value)
