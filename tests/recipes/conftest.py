"""Data sets in the form that the hub has them, on this machine; nothing is fetched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

WriteData = Callable[[Mapping[str, Sequence[str | None]]], Path]


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No network, and a cache of its own; both are read from the environment when `datasets` is imported."""
    import datasets
    import huggingface_hub

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_MODULES_CACHE", str(tmp_path / "modules"))
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)


@pytest.fixture
def write_data(offline: None, tmp_path: Path) -> WriteData:
    """Write splits, a text a row, as the hub's own conversion to Parquet does: CONFIGURATION/SPLIT/0000.parquet."""

    def write(splits: Mapping[str, Sequence[str | None]]) -> Path:
        for split, texts in splits.items():
            folder = tmp_path / "data" / "penn_treebank" / split
            folder.mkdir(parents=True)
            table = pa.table({"sentence": pa.array(texts, pa.string())})
            pq.write_table(table, folder / "0000.parquet")
        return tmp_path / "data"

    return write
