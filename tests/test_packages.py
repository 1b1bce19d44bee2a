"""Every package that some of wordvec needs is brought by the extra that the message names."""

import re
import sys
from pathlib import Path

import pytest

from wordvec.errors import MissingPackageError
from wordvec.packages import PACKAGES, imported

tomllib = pytest.importorskip("tomllib")  # of Python 3.11

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def extras():
    """The names of the packages in each extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {
        extra: {re.split(r"[\[><=]", requirement)[0] for requirement in requirements}
        for extra, requirements in project["optional-dependencies"].items()
    }


@pytest.mark.parametrize("module", sorted(PACKAGES))
def test_a_missing_package_is_named_with_what_brings_it(monkeypatch, extras, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingPackageError, match=r"a picture needs .*: pip install .*, or none") as caught:
        imported(module, "a picture", otherwise=", or none")
    extra = re.search(r"wordvec\[(\w+)\]", str(caught.value))
    if extra is None:
        assert module == "spacy"
    else:
        assert {PACKAGES[module].name.split()[-1], module} & extras[extra[1]]


def test_each_extra_is_asked_for_by_some_package(extras):
    assert {package.extra for package in PACKAGES.values()} - {None} == set(extras)
