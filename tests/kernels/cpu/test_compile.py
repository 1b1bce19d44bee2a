"""The kernel cache: its place follows the sources, and where there is none, kernels still compile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numba as nb
import pytest

from wordvec.kernels.cpu import compile as module


def forget() -> None:
    module._cache_folder.cache_clear()
    module._revision.cache_clear()


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    forget()
    yield
    forget()


def test_the_folder_is_named_by_the_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(nb.config, "CACHE_DIR", str(tmp_path))
    before = module._cache_folder()
    assert before is not None
    assert before.parent == tmp_path
    (tmp_path / "tile.py").write_text("an edit", encoding="utf-8")
    monkeypatch.setattr(module, "__file__", str(tmp_path / "compile.py"))
    forget()
    assert module._cache_folder() != before


def test_the_users_own_choice_of_a_folder_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(nb.config, "CACHE_DIR", str(tmp_path))
    module.kernel(forget)
    assert str(tmp_path) == nb.config.CACHE_DIR


def test_without_a_place_for_a_cache_kernels_compile_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setattr(nb.config, "CACHE_DIR", str(tmp_path / "file"))
    assert module._cache_folder() is None
    assert module.kernel(lambda number: number + 1)(1) == 2
