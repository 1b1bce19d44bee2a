import os
import shutil
from pathlib import Path

import pytest

from wordvec.planning import available
from wordvec.planning.available import disk_number, free_disk, free_memory

MEMINFO = (
    "MemTotal:       9000 kB\nMemFree:         100 kB\nMemAvailable:   5000 kB\nSwapFree:         {swap} kB\n"
)
UNLIMITED_V1 = "9223372036854771712"


@pytest.fixture
def system(tmp_path, monkeypatch):
    """A Linux of our own: `system(meminfo, cgroup, files)`; files are those of control groups."""
    monkeypatch.setattr(available, "_PROC", tmp_path / "proc")
    monkeypatch.setattr(available, "_CONTROL_GROUPS", tmp_path / "cgroup")
    (tmp_path / "proc" / "self").mkdir(parents=True)

    def make(meminfo=None, cgroup=None, files=None):
        for name, text in {"proc/meminfo": meminfo, "proc/self/cgroup": cgroup}.items():
            if text is not None:
                (tmp_path / name).write_text(text)
        for name, text in (files or {}).items():
            file = tmp_path / "cgroup" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    return make


def test_available_memory_is_free_and_so_is_swap(system):
    system(MEMINFO.format(swap=7))
    assert free_memory() == 5007 * 1024


def test_a_limit_of_the_control_group_counts_where_it_is_nearer(system):
    group = {
        "job/memory.max": "1000000\n",
        "job/memory.current": "900000\n",
        "job/memory.stat": "anon 650000\ninactive_file 200000\nactive_file 50000\n",
    }
    system(MEMINFO.format(swap=0), "0::/job\n", group)
    assert free_memory() == 350_000


def test_a_limit_above_the_group_counts_too(system):
    files = {"memory.max": "max", "memory.current": "5", "a/memory.max": "3000", "a/memory.current": "1000"}
    files |= {"a/b/memory.max": "9000", "a/b/memory.current": "500"}
    system(MEMINFO.format(swap=0), "0::/a/b\n", files)
    assert free_memory() == 2000


def test_groups_of_version_1_are_understood(system):
    files = {
        "memory/job/memory.limit_in_bytes": "70000\n",
        "memory/job/memory.usage_in_bytes": "30000\n",
        "memory/memory.limit_in_bytes": UNLIMITED_V1,
        "memory/memory.usage_in_bytes": "50000",
    }
    system(MEMINFO.format(swap=0), "5:cpu,memory:/job\n3:cpuset:/\n0::/\n", files)
    assert free_memory() == 40_000


def test_inside_a_container_the_limit_lies_at_the_root(system):
    files = {"memory/memory.limit_in_bytes": "70000", "memory/memory.usage_in_bytes": "30000"}
    system(MEMINFO.format(swap=0), "5:memory:/docker/0123abc\n", files)
    assert free_memory() == 40_000


@pytest.mark.parametrize("cgroup", [None, "0::/job\n"], ids=["no groups", "a group without files"])
def test_without_files_of_control_groups_the_machine_counts(system, cgroup):
    system(MEMINFO.format(swap=0), cgroup)
    assert free_memory() == 5000 * 1024


def test_without_proc_all_memory_counts(system, monkeypatch):
    monkeypatch.setattr(
        os, "sysconf", {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}.__getitem__, raising=False
    )
    system()
    assert free_memory() == 4_096_000


def test_what_no_system_tells_is_not_known(system, monkeypatch):
    monkeypatch.delattr(os, "sysconf", raising=False)
    system()
    assert free_memory() is None


def test_the_disk_of_a_path_that_is_not_there_yet_is_that_of_the_folder_above(tmp_path):
    path = tmp_path / "models" / "new" / "news.wv"
    assert free_disk(path) == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.1)
    assert disk_number(path) == tmp_path.stat().st_dev


def test_a_disk_that_cannot_be_asked_is_not_known(monkeypatch):
    def refuse(path):
        raise OSError

    monkeypatch.setattr(shutil, "disk_usage", refuse)
    assert free_disk(Path()) is None
