"""Models are loaded mapped, named, and taken anew when their files are: never half of one and half of another."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("fastapi")

from wordvec import WordVectors
from wordvec.errors import ConfigError, FormatError
from wordvec.serving.models import load_models, names_of, reloaded
from wordvec.serving.problems import Problem


def saved(path, seed, precision=None):
    matrix = np.random.default_rng(seed).normal(size=(5, 4)).astype(np.float32)
    vectors = WordVectors([f"w{number}" for number in range(5)], matrix, counts=[9, 7, 5, 3, 1])
    vectors.save(path)
    return vectors


@pytest.mark.parametrize("name", ["model.wv", "vectors.safetensors", "vectors.bin", "vectors.npz"])
def test_models_of_all_formats_are_served(tmp_path, name):
    vectors = saved(tmp_path / name, 1)
    models = load_models([str(tmp_path / name)])
    assert models.default.name == name.partition(".")[0]
    assert (models.default.vectors.matrix == vectors.matrix).all()


def test_a_model_that_can_be_mapped_is(tmp_path):
    saved(tmp_path / "model.wv", 1)
    rows = load_models([str(tmp_path / "model.wv")]).default.vectors.matrix
    bases = []
    while rows is not None:
        bases.append(type(rows))
        rows = getattr(rows, "base", None)
    assert np.memmap in bases


def test_names_are_those_of_the_files_and_differ():
    assert names_of(["a/news.wv", "b/news.bin", "news", "c/wiki.vec.gz"]) == [
        "news", "news-2", "news-3", "wiki.vec",
    ]  # fmt: skip


def test_no_model_and_a_missing_one_are_errors(tmp_path):
    with pytest.raises(ConfigError, match="at least one model"):
        load_models([])
    with pytest.raises(FormatError, match="does not exist"):
        load_models([str(tmp_path / "nowhere.wv")])


def test_a_model_that_was_replaced_as_a_whole_still_answers_as_before(tmp_path):
    path = tmp_path / "model.wv"
    before = saved(path, 1)
    served = load_models([str(path)]).default
    saved(path, 2)
    served.check_unchanged()
    assert (served.vectors["w3"] == before["w3"]).all()


@pytest.mark.parametrize("name", ["model.wv", "vectors.safetensors"])
def test_a_mapped_file_that_is_written_into_is_not_answered_from(tmp_path, name):
    path = tmp_path / name
    saved(path, 1)
    served = load_models([str(path)]).default
    served.check_unchanged()
    file = path / "vectors.safetensors" if path.is_dir() else path
    with file.open("r+b") as stream:
        stream.seek(-4, 2)
        stream.write(b"\x00\x00\x80\x3f")
    with pytest.raises(Problem, match="overwritten while it was served") as caught:
        served.check_unchanged()
    assert caught.value.status == 503


def test_only_models_that_changed_are_loaded_again(tmp_path):
    paths = [str(tmp_path / "one.wv"), str(tmp_path / "two.wv")]
    for seed, path in enumerate(paths):
        saved(path, seed)
    before = load_models(paths)
    assert reloaded(paths, None, before) == before
    newer = saved(paths[1], 9)
    after = reloaded(paths, None, before)
    assert after.by_name["one"] is before.by_name["one"]
    assert after.by_name["two"].fingerprint != before.by_name["two"].fingerprint
    assert (after.by_name["two"].vectors.matrix == newer.matrix).all()


def test_a_limit_is_kept(tmp_path):
    saved(tmp_path / "model.wv", 1)
    assert len(load_models([str(tmp_path / "model.wv")], limit=2).default.vectors) == 2


def test_models_are_ready_once_they_are_prepared(tmp_path):
    saved(tmp_path / "model.wv", 1)
    models = load_models([str(tmp_path / "model.wv")])
    assert not models.is_ready
    models.default.prepare()
    assert models.is_ready
    models.default.check_prepared()


def test_a_process_that_waits_for_another_says_so(tmp_path):
    saved(tmp_path / "model.wv", 1)
    models = load_models([str(tmp_path / "model.wv")])
    models.default.answer_not_ready()
    assert not models.is_ready
    for ask in (
        lambda: models.default.search,
        lambda: models.default.prefixes,
        lambda: models.default.spellings,
    ):
        with pytest.raises(Problem, match="being made ready"):
            ask()


def test_what_went_wrong_while_preparing_is_kept(tmp_path, monkeypatch):
    saved(tmp_path / "model.wv", 1)
    model = load_models([str(tmp_path / "model.wv")]).default
    monkeypatch.setattr(
        "wordvec.serving.models.PrefixIndex", lambda _: (_ for _ in ()).throw(MemoryError("no"))
    )
    model.prepare()
    assert not model.is_ready
    with pytest.raises(MemoryError):
        model.check_prepared()
