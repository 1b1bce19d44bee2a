import json
import platform

import numpy as np
import pytest

import wordvec
from wordvec.engines.numba.spec import NUMBA
from wordvec.engines.torch.spec import TORCH
from wordvec.pipeline import run_log
from wordvec.pipeline.run_log import machine_facts


def test_versions_are_those_of_what_did_the_work():
    versions = machine_facts(NUMBA, "cpu")["versions"]
    assert (versions["wordvec"], versions["numpy"]) == (wordvec.__version__, np.__version__)
    assert versions["python"] == platform.python_version()
    assert "numba" in versions
    assert "torch" not in versions
    assert "torch" in machine_facts(TORCH, "cpu")["versions"]


def test_facts_are_plain_data():
    facts = machine_facts(NUMBA, "cpu")
    assert json.loads(json.dumps(facts)) == facts
    assert facts["cores"] >= 1
    assert facts["device"] == "cpu"


@pytest.mark.parametrize(
    ("cpu_info", "name"),
    [
        (
            "processor : 0\nmodel name\t: Some CPU @ 2 GHz\n\nprocessor : 1\nmodel name\t: Other\n",
            "Some CPU @ 2 GHz",
        ),
        ("processor : 0\nBogoMIPS : 50\n", None),
        (None, None),
    ],
    ids=["named", "without a name", "no file"],
)
def test_the_processor_is_named_where_the_system_names_it(tmp_path, monkeypatch, cpu_info, name):
    file = tmp_path / "cpuinfo"
    if cpu_info is not None:
        file.write_text(cpu_info)
    monkeypatch.setattr(run_log, "_CPU_INFO", file)
    found = machine_facts(NUMBA, "cpu")["processor"]
    assert found == (name or platform.processor() or platform.machine())


def test_a_gpu_has_a_name(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"Tester 1 of {device}")
    assert machine_facts(TORCH, "cuda:0")["device"] == "cuda:0 (Tester 1 of cuda:0)"


def test_a_package_that_was_not_installed_as_one_has_no_known_version(monkeypatch):
    def missing(package):
        raise run_log.PackageNotFoundError(package)

    monkeypatch.setattr(run_log, "version", missing)
    assert machine_facts(NUMBA, "cpu")["versions"]["numpy"] == "unknown"
