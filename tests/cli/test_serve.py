"""`wordvec serve` says in a line what is missing, and loads what serves only when it serves."""

import subprocess
import sys

import pytest

from wordvec.cli.app import run


@pytest.mark.parametrize("module", ["fastapi", "uvicorn"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(monkeypatch, capsys, module):
    monkeypatch.setitem(sys.modules, module, None)
    assert run(["serve", "model.wv"]) == 1
    assert "pip install 'wordvec[serve]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name at least one model"),
        (["model.wv", "--host", "0.0.0.0"], "needs a --token"),  # noqa: S104
        (["model.wv", "--port", "70000"], "--port must be 0 to 65535"),
        (["model.wv", "--workers", "0"], "--workers must be 1 to 64"),
        (["model.wv", "--tokn", "x"], "--token"),
    ],
    ids=str,
)
def test_misuse_ends_with_status_2_and_one_line(monkeypatch, capsys, arguments, message):
    pytest.importorskip("fastapi")
    monkeypatch.delenv("WORDVEC_TOKEN", raising=False)
    assert run(["serve", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_the_token_may_come_from_the_environment(monkeypatch, capsys):
    pytest.importorskip("fastapi")
    monkeypatch.setenv("WORDVEC_TOKEN", "with space")
    assert run(["serve", "model.wv"]) == 2
    assert "--token must be ASCII" in capsys.readouterr().err


def test_a_missing_model_ends_with_status_1(capsys):
    pytest.importorskip("fastapi")
    assert run(["serve", "nowhere.wv", "--port", "0"]) == 1
    assert capsys.readouterr().err == "wordvec: error: nowhere.wv does not exist; check the path\n"


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"]], ids=" ".join)
def test_help_does_not_load_what_serves(arguments):
    code = f"""
import sys
from wordvec.cli.app import run
run({arguments!r})
print([name for name in ("fastapi", "starlette", "uvicorn", "pydantic", "mcp", "pyarrow") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.splitlines()[-1] == "[]"
