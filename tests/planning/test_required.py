import pytest

from wordvec.config import Config
from wordvec.engines.numba.spec import NUMBA
from wordvec.engines.torch.spec import TORCH
from wordvec.pipeline.train import train
from wordvec.planning.required import (
    TrainingMemory,
    checkpoint_bytes,
    model_bytes,
    process_memory,
    training_memory,
)
from wordvec.vectors.word_vectors import WordVectors

WORDS = 1000
MATRIX = 4 * WORDS * 32  # rows of two whole cache lines, so that padding adds nothing


def memory(engine=TORCH, *, writes_checkpoints=False, is_asked=False, **settings):
    config = Config(dim=32, **settings)
    return training_memory(config, engine, WORDS, writes_checkpoints=writes_checkpoints, is_asked=is_asked)


def test_rows_of_the_numba_engine_are_padded():
    found = training_memory(Config(dim=33), NUMBA, WORDS, writes_checkpoints=False, is_asked=False)
    assert found == TrainingMemory(2 * 4 * WORDS * 48, 0, 0, 0)


@pytest.mark.parametrize(
    ("settings", "matrices"),
    [
        ({}, 2),
        ({"optimizer": "sparse_adam"}, 6),
        ({"optimizer": "adagrad"}, 4),
        ({"optimizer": "adam"}, 8),
        ({"optimizer": "rmsprop"}, 6),
        ({"objective": "softmax", "optimizer": "adagrad"}, 5),
        ({"objective": "softmax"}, 3),
    ],
    ids=str,
)
def test_an_optimizer_remembers_and_dense_gradients_fill_matrices(settings, matrices):
    assert memory(**settings).matrices / MATRIX == pytest.approx(matrices, abs=0.01)


@pytest.mark.parametrize(
    ("engine", "settings", "copies"),
    [
        (NUMBA, {}, 0),
        (TORCH, {}, 2),
        (TORCH, {"objective": "hierarchical"}, 1),
        (NUMBA, {"is_asked": True}, 3),
        (NUMBA, {"writes_checkpoints": True}, 4),
        (TORCH, {"writes_checkpoints": True, "optimizer": "sparse_adam"}, 8),
        (NUMBA, {"keep": "best"}, 4),
        (NUMBA, {"patience": 2}, 4),
        (NUMBA, {"keep": "best", "is_asked": True}, 5),
        (TORCH, {"keep": "best", "writes_checkpoints": True, "optimizer": "sparse_adam"}, 10),
        (NUMBA, {"writes_checkpoints": True, "is_asked": True}, 7),  # while it is being written
    ],
    ids=str,
)
def test_copies_are_those_of_the_worst_moment(engine, settings, copies):
    assert memory(engine, **settings).copies / MATRIX == pytest.approx(copies, abs=0.01)


def test_a_checkpoint_is_written_and_the_best_epoch_kept_while_batches_are_at_work():
    settings = {"batch_size": 100_000, "optimizer": "adam"}
    alone = memory(TORCH, **settings)
    beside = memory(TORCH, **settings, keep="best", writes_checkpoints=True)
    assert alone.peak == alone.matrices + alone.batches
    assert alone.batches > beside.copies  # or else this would say nothing
    assert (beside.peak - alone.peak) / MATRIX == pytest.approx(
        2 + 6, abs=0.01
    )  # the best; model and optimizer


def test_the_full_softmax_of_a_batch_grows_with_the_vocabulary():
    few = memory(objective="softmax", optimizer="adam", batch_size=100)
    assert few.batches == 3 * 4 * 100 * 10 * WORDS
    assert few.peak == few.matrices + few.batches


def test_a_process_needs_most_when_reading_or_when_training():
    config = Config(dim=32, threads=2)
    small, large = TrainingMemory(10**6, 0, 0, 0), TrainingMemory(10**9, 0, 0, 0)
    reads_much = process_memory(config, NUMBA, 10**7, WORDS, small)
    assert reads_much == process_memory(config, NUMBA, 10**7, WORDS // 2, small) > 10**9
    assert process_memory(config, NUMBA, WORDS, WORDS, large) > 10**9
    assert process_memory(Config(threads=9), NUMBA, 10**7, WORDS, small) > reads_much


@pytest.mark.parametrize("name", ["model.wv", "model.bin", "model.txt"])
def test_a_model_takes_about_so_much_on_the_disk(tmp_path, name):
    rows = [[1 / (row + column) for column in range(1, 101)] for row in range(1, 301)]
    WordVectors([f"word{row}" for row in range(300)], rows, counts=[7] * 300, output_matrix=rows).save(
        tmp_path / name
    )
    path = tmp_path / name
    true = sum(file.stat().st_size for file in path.iterdir()) if path.is_dir() else path.stat().st_size
    assert model_bytes(Config(dim=100), 300, path) == pytest.approx(true, rel=0.15)


@pytest.mark.parametrize("settings", [{}, {"optimizer": "adam", "batch_size": 20}], ids=["sgd", "adam"])
def test_a_checkpoint_takes_about_so_much_on_the_disk(tmp_path, settings):
    words = [f"word{number}" for number in range(500)]
    config = Config(dim=100, epochs=1, min_count=1, threads=1, subsample=0, **settings)
    train([words], config=config, checkpoint=tmp_path / "c", checkpoint_every="1epoch")
    true = sum(file.stat().st_size for file in (tmp_path / "c").iterdir())
    assert checkpoint_bytes(config, NUMBA, 500) == pytest.approx(true, rel=0.1)
