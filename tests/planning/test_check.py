import shutil
from typing import NamedTuple

import numpy as np
import pytest

from wordvec.config import Config
from wordvec.corpus.sources import parse_source
from wordvec.engines.numba.spec import NUMBA
from wordvec.engines.torch.spec import TORCH
from wordvec.errors import ResourceError
from wordvec.planning import check
from wordvec.planning.check import (
    check_disk,
    check_memory,
    check_temporary_disk,
    min_vocabulary,
)
from wordvec.planning.required import checkpoint_bytes, model_bytes, training_memory

CONFIG = Config(dim=32, threads=1)
WORDS = 10_000


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def corpus(tmp_path):
    file = tmp_path / "corpus.txt"
    file.write_text("red green blue green\n" * 10_000, encoding="utf-8")  # 50,000 ids: 200,000 bytes
    return file


@pytest.fixture
def disk(monkeypatch):
    def set_free(num_bytes):
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**15, 0, num_bytes))

    return set_free


def refuse_memory(monkeypatch, free, config=CONFIG, **settings):
    monkeypatch.setattr(check, "free_memory", lambda: free)
    asked = {"writes_checkpoints": False, "is_asked": False} | settings
    check_memory(config, NUMBA, WORDS, **asked)


def test_a_run_that_memory_cannot_hold_is_refused(monkeypatch):
    with pytest.raises(ResourceError) as refusal:
        refuse_memory(monkeypatch, 10**6)
    message = str(refusal.value)
    assert message.startswith(
        "not enough memory: training 10,000 words x 32 needs about 2.6 MB (2.6 MB to train), 1.0 MB"
    )
    assert "lower dim (now 32)" in message
    assert "raise min_count (now 5) or set max_vocab (now None)" in message
    assert "checkpoint" not in message


def test_what_is_close_may_try(monkeypatch):
    need = training_memory(CONFIG, NUMBA, WORDS, writes_checkpoints=False, is_asked=False).peak
    refuse_memory(monkeypatch, round(0.85 * need))
    with pytest.raises(ResourceError):
        refuse_memory(monkeypatch, round(0.75 * need))


def test_nothing_is_refused_where_the_system_does_not_tell(monkeypatch):
    refuse_memory(monkeypatch, None)


def test_copies_count_and_the_message_says_what_makes_them(monkeypatch):
    refuse_memory(monkeypatch, 4 * 10**6)
    with pytest.raises(ResourceError, match=r"5\.1 MB for copies.*checkpoint_every='never'"):
        refuse_memory(monkeypatch, 4 * 10**6, writes_checkpoints=True)
    with pytest.raises(ResourceError, match="leave out keep='best'"):
        refuse_memory(monkeypatch, 4 * 10**6, Config(dim=32, keep="best"))


def test_a_batch_that_is_too_large_is_named(monkeypatch):
    config = Config(dim=32, objective="softmax", optimizer="adam")
    monkeypatch.setattr(check, "free_memory", lambda: 10**7)
    with pytest.raises(ResourceError, match="lower batch_size"):
        check_memory(config, TORCH, WORDS, writes_checkpoints=False, is_asked=False)


def test_on_a_gpu_its_memory_counts(monkeypatch):
    import torch

    monkeypatch.setattr("wordvec.engines.torch.spec.device_of", lambda _: torch.device("cuda"))
    monkeypatch.setattr(check, "free_memory", lambda: 3 * 10**6)  # enough for two matrices to save
    config = Config(dim=32, optimizer="adam", batch_size=1)
    for free in (9 * 10**6, 10**6):
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _, free=free: (free, 10**12))
        if free == 10**6:
            with pytest.raises(ResourceError, match=r"1\.0 MB of the GPU are free"):
                check_memory(config, TORCH, WORDS, writes_checkpoints=False, is_asked=False)
        else:
            check_memory(config, TORCH, WORDS, writes_checkpoints=False, is_asked=False)


def test_a_text_that_does_not_fit_on_the_temporary_disk_is_refused(corpus, disk, tmp_path):
    disk(100_000)
    with pytest.raises(
        ResourceError, match=rf"about 200 kB in {tmp_path}.*100 kB are free.*--temporary-folder"
    ):
        check_temporary_disk(parse_source(corpus), "whitespace", tmp_path)


def test_a_text_that_nearly_fits_may_try(corpus, disk, tmp_path):
    disk(160_000)
    check_temporary_disk(parse_source(corpus), "whitespace", tmp_path)


def test_a_text_that_is_shuffled_needs_room_for_a_copy(corpus, disk, tmp_path):
    disk(250_000)
    with pytest.raises(ResourceError, match=r"about 400 kB.*as much again to shuffle it.*--no-shuffle-texts"):
        check_temporary_disk(parse_source(corpus), "whitespace", tmp_path, shuffles=True)
    disk(350_000)
    check_temporary_disk(parse_source(corpus), "whitespace", tmp_path, shuffles=True)


def test_the_text_to_validate_on_needs_room_too(corpus, disk, tmp_path):
    disk(250_000)
    check_temporary_disk(parse_source(corpus), "whitespace", tmp_path)
    with pytest.raises(ResourceError, match=r"about 400 kB"):
        check_temporary_disk(parse_source(corpus), "whitespace", tmp_path, parse_source(corpus))


def test_a_large_text_is_judged_by_its_beginning(tmp_path, disk):
    file = tmp_path / "corpus.txt"
    file.write_bytes(b"red green blue green\n" * 150_000)  # 3 MB, with 750,000 ids
    disk(2_000_000)
    with pytest.raises(ResourceError, match=r"about 3\.0 MB"):
        check_temporary_disk(parse_source(file), "whitespace", tmp_path)


def test_a_large_disk_spares_the_look_at_the_text(corpus, disk, tmp_path, monkeypatch):
    monkeypatch.delattr(check, "count_sample")
    disk(10**12)
    check_temporary_disk(parse_source(corpus), "whitespace", tmp_path)


def test_a_function_of_ones_own_is_not_called_for_that(corpus, disk, tmp_path):
    disk(100_000)
    with pytest.raises(ResourceError, match="about"):
        check_temporary_disk(parse_source(corpus), lambda _: 1 / 0, tmp_path)


@pytest.mark.parametrize("source", ["-", [["red", "green"]]], ids=["standard input", "token lists"])
def test_text_of_unknown_size_is_not_refused(disk, tmp_path, source):
    disk(1)
    check_temporary_disk(parse_source(source), "whitespace", tmp_path)


@pytest.mark.parametrize("text", ["", "red\n", "red\n" * 3], ids=["empty", "one word", "lonely words"])
def test_the_least_texts_are_left_for_others_to_refuse(tmp_path, disk, text):
    (tmp_path / "corpus.txt").write_text(text)
    disk(10**6)
    check_temporary_disk(parse_source(tmp_path / "corpus.txt"), "whitespace", tmp_path)
    assert min_vocabulary(parse_source(tmp_path / "corpus.txt"), "whitespace", Config(min_count=1)) == bool(
        text
    )


def test_the_least_vocabulary_is_exact_where_the_text_is_small(corpus):
    assert min_vocabulary(parse_source(corpus), "whitespace", CONFIG) == 3
    assert min_vocabulary(parse_source(corpus), "whitespace", CONFIG, ["red", "violet"]) == 4
    assert min_vocabulary(parse_source("-"), "whitespace", CONFIG, ["red", "violet"]) == 2
    assert min_vocabulary(parse_source(corpus), "whitespace", Config(max_vocab=2)) == 2


def test_the_least_vocabulary_is_no_more_than_the_true_one(tmp_path):
    words = np.random.default_rng(6).zipf(1.5, 1_200_000)
    (tmp_path / "corpus.txt").write_text(" ".join(map(str, words)))
    true = int((np.unique(words, return_counts=True)[1] >= 5).sum())
    assert true / 4 < min_vocabulary(parse_source(tmp_path / "corpus.txt"), "whitespace", CONFIG) < true


def test_a_model_that_the_disk_cannot_hold_is_an_error(tmp_path, disk):
    disk(2_000_000)
    output = tmp_path / "news.wv"
    with pytest.raises(ResourceError) as refusal:
        check_disk(CONFIG, NUMBA, WORDS, checkpoint=None, output=output)
    message = str(refusal.value)
    assert message.startswith(
        f"not enough disk for {output} (2.7 MB): 10,000 words x 32 need 2.7 MB, 2.0 MB are"
    )
    assert "lower dim (now 32)" in message
    disk(model_bytes(CONFIG, WORDS))
    check_disk(CONFIG, NUMBA, WORDS, checkpoint=None, output=output)


def test_a_checkpoint_beside_the_model_needs_room_too(tmp_path, disk):
    output, checkpoint = tmp_path / "news.wv", tmp_path / "news.wv.checkpoint"
    both = model_bytes(CONFIG, WORDS) + checkpoint_bytes(CONFIG, NUMBA, WORDS)
    disk(both)
    check_disk(CONFIG, NUMBA, WORDS, checkpoint=checkpoint, output=output)
    disk(both - 1)
    with pytest.raises(ResourceError, match=r"checkpoint \(2\.7 MB\) and .*news\.wv \(2\.7 MB\)"):
        check_disk(CONFIG, NUMBA, WORDS, checkpoint=checkpoint, output=output)
    check_disk(CONFIG, NUMBA, WORDS, checkpoint=checkpoint)  # the model may go elsewhere


def test_a_checkpoint_that_is_there_has_its_room(tmp_path, disk):
    checkpoint = tmp_path / "news.wv.checkpoint"
    checkpoint.mkdir()
    (checkpoint / "state.safetensors").write_bytes(bytes(6_000_000))
    disk(10)
    check_disk(CONFIG, NUMBA, WORDS, checkpoint=checkpoint)


def test_disks_are_counted_by_themselves(tmp_path, disk, monkeypatch):
    monkeypatch.setattr(check, "disk_number", lambda path: path.suffix)
    disk(checkpoint_bytes(CONFIG, NUMBA, WORDS))
    check_disk(CONFIG, NUMBA, WORDS, checkpoint=tmp_path / "a.checkpoint", output=tmp_path / "a.wv")
