import os
import shutil
from dataclasses import replace

import numpy as np
import pytest

from wordvec.config import Config
from wordvec.corpus.sources import parse_source
from wordvec.engines.numba.spec import NUMBA
from wordvec.errors import CorpusError, EngineError
from wordvec.pipeline.train import train
from wordvec.planning import check
from wordvec.planning import estimate as module
from wordvec.planning.estimate import estimate
from wordvec.planning.request import TrainingRequest
from wordvec.vectors.word_vectors import WordVectors

SMALL = {"dim": 4, "epochs": 2, "threads": 1, "min_count": 1, "subsample": 0}


@pytest.fixture
def write(tmp_path):
    def to_file(text, name="corpus.txt"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return to_file


@pytest.fixture
def zipfian(write):
    """60,000 words, of which a sample of 50,000 bytes holds a sixth."""
    words = np.random.default_rng(2).zipf(1.5, 60_000) % 50_000
    return write(
        "\n".join(" ".join(f"w{word}" for word in words[at : at + 20]) for at in range(0, 60_000, 20))
    )


def look(source, places=None, **settings):
    return estimate(
        TrainingRequest(source=parse_source(source), config=Config(**(SMALL | settings)), **(places or {}))
    )


def test_a_small_text_is_counted_exactly(write):
    found = look(write("red green red\nblue\ngreen rare\n"), min_count=2)
    assert found.is_exact
    assert (found.words, found.distinct_words, found.vocabulary, found.words_in_vocabulary) == (6, 4, 2, 4)
    assert found.temporary_bytes == 2 * 4 * (6 + 3)
    assert found.seconds > 0
    assert found.refusal is None


def test_a_large_text_is_estimated_as_what_a_run_then_finds(zipfian, monkeypatch):
    monkeypatch.setattr(module, "SAMPLE_BYTES", 50_000)
    found = look(zipfian, min_count=2)
    vectors = train(zipfian, **SMALL | {"min_count": 2, "epochs": 1})
    facts = vectors.training[0]
    assert not found.is_exact
    assert found.words == pytest.approx(facts["words_read"], rel=0.02)
    assert found.vocabulary == pytest.approx(len(vectors), rel=0.15)
    assert found.words_in_vocabulary == pytest.approx(facts["words"], rel=0.05)


def test_epochs_are_trained_and_not_read_again(zipfian, monkeypatch):
    monkeypatch.setattr(module, "TIMED_SECONDS", 0.05)
    monkeypatch.setattr(module, "words_per_second", lambda *_, **__: 30_000.0)
    assert look(zipfian, epochs=7).training_seconds == 14


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "adam"},
        {"architecture": "cbow", "objective": "hierarchical"},
        {"batch_unit": "texts", "batch_size": 2},
        {"unknown": "gap", "min_count": 2, "engine": "torch"},
    ],
    ids=str,
)
def test_the_torch_engine_is_timed_too(write, settings):
    found = look(write("red green red\nblue\ngreen rare\n" * 5), **settings)
    assert found.words_per_second > 0
    assert found.compiling_seconds >= 0


def test_a_text_to_validate_on_is_read_too(write):
    source, other = write("red green\n" * 10), write("red green\n" * 5, "other.txt")
    assert look(source, shuffle_texts=False).temporary_bytes == 120
    assert look(source).temporary_bytes == look(source, shuffle_texts=True).temporary_bytes == 240
    assert look(source, {"simulate_ranks": 2}).temporary_bytes == 120
    assert look(source, {"validation_source": parse_source(other)}).temporary_bytes == 300
    assert look(source, validation=0.1).temporary_bytes == 240


def test_the_words_of_a_model_to_start_from_have_vectors(write):
    found = look(write("red green\n" * 10), {"start_from": WordVectors(["red", "violet", "pink"], np.eye(3))})
    assert found.vocabulary == 4


def test_the_matrices_that_are_timed_are_as_large_as_they_slow_down(zipfian, monkeypatch):
    built = []

    def build(config, counts, **rows):
        built.append(len(counts))
        return NUMBA.build(config, counts, **rows)

    spec = replace(NUMBA, build=build)
    monkeypatch.setattr(module, "choose_engine", lambda *_, **__: spec)
    monkeypatch.setattr(module, "SAMPLE_BYTES", 5_000)
    monkeypatch.setattr(module, "TIMED_SECONDS", 0.05)
    found = look(zipfian)
    spec = replace(spec, max_timed_numbers=4 * 10)
    look(zipfian)
    assert built[0] == found.vocabulary > built[1] > 10


def test_each_simulated_rank_has_matrices_of_its_own(zipfian):
    alone, *simulated = (look(zipfian, {"simulate_ranks": ranks}, dim=2000) for ranks in (None, 1, 8))
    matrices = 2 * 4 * 2000 * alone.vocabulary
    assert simulated[1].memory_bytes - simulated[0].memory_bytes == pytest.approx(7 * matrices, rel=0.05)
    assert simulated[0].memory_bytes > alone.memory_bytes


def test_a_run_with_more_ranks_than_there_is_memory_for_is_refused(zipfian, monkeypatch):
    monkeypatch.setattr(check, "free_memory", lambda: 2 * 10**9)
    assert look(zipfian, {"simulate_ranks": 2}, dim=1000).refusal is None
    assert "not enough memory" in look(zipfian, {"simulate_ranks": 200}, dim=1000).refusal


@pytest.mark.parametrize("source", ["-", "/dev/stdin"])
def test_standard_input_is_left_alone(source):
    assert look(source) is None


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("", {}, "there are no words in .*corpus.txt: it is empty"),
        ("  \n\n", {}, "all whitespace"),
        ("red\ngreen\nred\n", {}, "each of the 3 texts has one word"),
        ("red red\n", {}, "only one word"),
        ("red green\n", {"min_count": 2}, "rarer than min_count"),
        ("<unk> <unk>\n", {"unknown_word": "<unk>"}, "no words in .* but '<unk>'"),
    ],
    ids=["empty", "whitespace", "one-word texts", "one word", "rare", "unknown"],
)
def test_what_a_run_would_refuse_after_reading_is_refused(write, text, settings, message):
    file = write(text)
    with pytest.raises(CorpusError, match=message):
        look(file, **settings)
    with pytest.raises(CorpusError, match=message):
        train(file, **SMALL | settings)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all files")
def test_a_file_that_may_not_be_read_is_refused(write):
    file = write("red green\n")
    file.chmod(0)
    with pytest.raises(CorpusError, match="permission denied"):
        look(file)


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="there is no file"):
        look(tmp_path / "none.txt")


def test_settings_that_do_not_go_together_are_refused(write):
    with pytest.raises(EngineError, match="cannot train with"):
        look(write("red green\n"), engine="numba", architecture="cbow", optimizer="adam")


def test_a_run_that_would_be_refused_is_reported_and_not_tried(write, tmp_path, monkeypatch):
    monkeypatch.setattr(check, "free_memory", lambda: 10)
    found = look(write("red green\n" * 10))
    assert found.refusal.startswith("not enough memory: training 2 words x 4 needs about")
    assert (found.training_seconds, found.seconds) == (None, None)
    assert found.reading_seconds > 0


def test_a_large_text_of_rare_words_is_reported(write, monkeypatch):
    monkeypatch.setattr(module, "SAMPLE_BYTES", 5_000)
    file = write(" ".join(f"w{number}" for number in range(5_000)))
    assert look(file, min_count=5).refusal.startswith("hardly any word seems to occur min_count (5) times")


def test_a_small_disk_is_reported(write, tmp_path, monkeypatch):
    file = write("red green\n" * 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 5_000))
    assert "the encoded text needs about" in look(file).refusal
    roomy = {"output": tmp_path / "m.wv", "checkpoint": tmp_path / "m.wv.checkpoint"}
    assert look(file, roomy).output_free_bytes == 5_000


def test_what_a_look_leaves_behind_is_nothing(write, tmp_path):
    file = write("red green\n" * 10)
    look(file, {"temporary_folder": tmp_path / "."})
    assert [path.name for path in tmp_path.iterdir()] == ["corpus.txt"]
