"""The state of an engine: arrays come back bit by bit, and those that the model has, too, are not written twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from wordvec.errors import FormatError
from wordvec.formats.checkpoint import read_state, write_state
from wordvec.vectors.word_vectors import WordVectors

WORDS = ["a", "b", "c"]


@pytest.fixture
def vectors() -> WordVectors:
    numbers = np.random.default_rng(2).normal(size=(2, 3, 4)).astype(np.float32)
    numbers[:, 0, 0] = 0.0
    return WordVectors(WORDS, numbers[0], output_matrix=numbers[1])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state.safetensors"


def test_what_the_model_has_is_not_written_twice_and_comes_back(vectors: WordVectors, file: Path) -> None:
    assert vectors.output_matrix is not None
    state = {"in": vectors.matrix.copy(), "model/out": vectors.output_matrix.copy(), "step": np.array(7)}
    write_state(state, vectors, file)
    assert list(load_file(file)) == ["step"]
    found = read_state(file, vectors)
    assert sorted(found) == sorted(state)
    for name, array in state.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        assert found[name].tobytes() == array.tobytes()


def test_what_differs_in_one_bit_is_written(vectors: WordVectors, file: Path) -> None:
    signed = vectors.matrix.copy()
    signed[0, 0] = -0.0
    others = {"signed": signed, "wide": vectors.matrix.astype(np.float64), "short": vectors.matrix[:2].copy()}
    write_state(others, vectors, file)
    assert sorted(load_file(file)) == sorted(others)
    assert np.signbit(read_state(file, vectors)["signed"][0, 0])


def test_a_model_without_output_vectors_shares_its_input_alone(vectors: WordVectors, file: Path) -> None:
    alone = WordVectors(WORDS, vectors.matrix)
    write_state({"input": alone.matrix, "output": np.ones((2, 4), np.float32)}, alone, file)
    assert list(load_file(file)) == ["output"]
    assert read_state(file, alone)["input"].tobytes() == alone.matrix.tobytes()


@pytest.mark.parametrize("about", [{"there": "input"}, {"other": "vocabulary"}, {"other": "output"}])
def test_a_name_for_what_is_not_there_is_refused(
    vectors: WordVectors, file: Path, about: dict[str, str]
) -> None:
    save_file({"there": np.ones(2)}, file, about)
    with pytest.raises(FormatError, match="is declared as the model's"):
        read_state(file, WordVectors(WORDS, vectors.matrix))
