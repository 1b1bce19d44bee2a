"""The kernel cache: its place follows the sources, and where there is none, kernels still compile."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numba as nb
import pytest

from wordvec.kernels.simd import compile as module


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


def double(number: int) -> int:
    return 2 * number


def loads_of(compiled: Any) -> int:
    """How often the machine code came from the disk."""
    return sum(compiled.stats.cache_hits.values())


@pytest.fixture
def cached(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A cache with one kernel in it."""
    monkeypatch.setattr(nb.config, "CACHE_DIR", str(tmp_path))
    assert module.kernel(double)(4) == 8
    return tmp_path


def empty(file: Path) -> None:
    file.write_bytes(b"")


def cut_short(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def overwrite(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)


def fill_with_noise(file: Path) -> None:
    file.write_bytes(bytes(range(255, 0, -1)) * 9)


def test_a_kernel_that_is_in_the_cache_is_loaded(cached: Path) -> None:
    again = module.kernel(double)
    assert (again(5), loads_of(again)) == (10, 1)


@pytest.mark.parametrize("damage", [empty, cut_short, overwrite, fill_with_noise])
@pytest.mark.parametrize("kind", ["nbi", "nbc"], ids=["index", "machine code"])
def test_an_entry_that_is_damaged_is_made_anew(
    kind: str, damage: Callable[[Path], None], cached: Path
) -> None:
    (file,) = cached.rglob(f"*.{kind}")
    damage(file)
    first, second = module.kernel(double), module.kernel(double)
    assert (first(5), loads_of(first)) == (10, 0)
    assert (second(5), loads_of(second)) == (10, 1)


def test_machine_code_that_differs_from_its_checksum_is_not_run(cached: Path) -> None:
    (file,) = cached.rglob("*.nbc")
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))  # numba itself would not notice
    again = module.kernel(double)
    assert (again(5), loads_of(again)) == (10, 0)


def test_an_index_that_cannot_be_replaced_does_not_keep_kernels_from_compiling(cached: Path) -> None:
    (file,) = cached.rglob("*.nbi")
    file.unlink()
    file.mkdir()
    assert module.kernel(double)(5) == 10


def test_a_full_disk_under_the_cache_does_not_keep_kernels_from_compiling(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(nb.config, "CACHE_DIR", str(tmp_path))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    compiled = module.kernel(double)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, limits[1]))
    try:
        assert compiled(5) == 10
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.rglob("*.nbc")) == []
    assert list(tmp_path.rglob("*.tmp.*")) == []


def test_kernels_compile_where_numba_is_set_not_to(cached: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nb.config, "DISABLE_JIT", 1)
    compiled = module.kernel(double)
    assert (compiled(5), loads_of(compiled)) == (10, 1)
    assert hasattr(module.kernel_part(double), "py_func")
    assert nb.config.DISABLE_JIT == 1


posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")


@posix
def test_the_folder_is_for_its_owner_alone(cached: Path) -> None:
    (folder,) = cached.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    forget()
    assert loads_of(module.kernel(double)) == 0
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.rglob("*.nbc"))  # that others could read it is no reason to compile again


@posix
def test_what_others_may_have_put_there_is_removed(cached: Path) -> None:
    (folder,) = cached.iterdir()
    folder.chmod(0o777)
    forget()
    again = module.kernel(double)
    assert (again(5), loads_of(again)) == (10, 0)
    assert folder.stat().st_mode & 0o777 == 0o700


@posix
def test_a_folder_of_somebody_else_is_not_used(cached: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    forget()
    assert module._cache_folder() is None
    again = module.kernel(double)
    assert (again(5), loads_of(again)) == (10, 0)


@posix
def test_a_link_in_the_place_of_the_folder_is_not_followed(cached: Path) -> None:
    (folder,) = cached.iterdir()
    folder.rename(cached / "elsewhere")
    folder.symlink_to(cached / "elsewhere")
    forget()
    assert module._cache_folder() is None


def test_a_place_of_numbas_own_is_not_used_instead(cached: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (cached / "file").touch()
    monkeypatch.setattr(module, "_cache_folder", lambda: cached / "file")
    compiled = module.kernel(double)
    assert (compiled(5), loads_of(compiled)) == (10, 0)
    with pytest.raises(RuntimeError, match="which is not private"):
        module._KernelCache(double, cached / "file")
