"""The pages on Ray and Spark: their snippets start ranks on this machine, and a lost one is replaced."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tests.documentation.pages import DOCS, recorded_outputs, run_page

import wordvec

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

SETTINGS = {"dim": 10, "epochs": 2, "threads": 1, "sync_every": 500}


@pytest.fixture
def text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    path = tmp_path / "corpus.txt"
    path.write_text("red green blue\nsun moon star\n" * 1500)
    return str(path)


def test_the_snippet_for_ray_trains_on_local_workers(text: str, tmp_path: Path) -> None:
    ray = pytest.importorskip("ray")
    pytest.importorskip("ray.train.torch")
    ray.init(num_cpus=2, include_dashboard=False, object_store_memory=100_000_000)
    try:
        page = DOCS / "ray.md"
        names = {"text": text, "folder": str(tmp_path), "workers": 2, "cpus": 1, "settings": SETTINGS}
        outputs, found = run_page(page, names)
    finally:
        ray.shutdown()
    assert outputs == recorded_outputs(page)
    assert sorted(found["vectors"].words) == ["blue", "green", "moon", "red", "star", "sun"]
    assert not (tmp_path / "model.wv.checkpoint").exists()


def test_the_snippet_for_spark_trains_on_local_executors(text: str, tmp_path: Path) -> None:
    pytest.importorskip("pyspark.ml.torch.distributor")
    page = DOCS / "spark.md"
    names = {
        "text": text,
        "folder": str(tmp_path),
        "workers": 2,
        "master": "local[2]",
        "settings": SETTINGS,
    }
    outputs, found = run_page(page, names)
    assert outputs == recorded_outputs(page)
    assert sorted(found["vectors"].words) == ["blue", "green", "moon", "red", "star", "sun"]


def test_an_unfinished_run_is_not_overwritten(text: str, tmp_path: Path) -> None:
    wordvec.train(text, checkpoint=tmp_path / "model.wv.checkpoint", progress=False, dim=10, threads=1)
    for train in (wordvec.train_on_ray, wordvec.train_on_spark):
        with pytest.raises(wordvec.ConfigError, match="belongs to an unfinished run; give resume=True"):
            train(text, tmp_path / "model.wv", workers=2)
