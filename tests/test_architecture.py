"""The architecture: imports go down, importing is light, files are small, and docs/architecture.md tells the truth."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import wordvec

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "wordvec"
STUB = SOURCE / "__init__.pyi"
PAGE = ROOT / "docs" / "architecture.md"
FILES = ROOT / "docs" / "files.md"
MODULES = sorted(SOURCE.rglob("*.py"))


def first_sentence(file: Path) -> str:
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    assert docstring, f"{file} must begin with a docstring"
    return " ".join(docstring.split("\n\n")[0].split())


def rooms() -> str:
    """Each room and file with the first sentence of its docstring."""
    lines = []
    for folder in sorted({file.parent for file in MODULES}):
        room = Path("wordvec") / folder.relative_to(SOURCE)
        lines.append(f"**`{room}/`** {first_sentence(folder / '__init__.py')}\n")
        files = [file for file in MODULES if file.parent == folder and file.name != "__init__.py"]
        lines += [f"- `{file.name}` {first_sentence(file)}" for file in files]
        lines.append("")
    return "\n".join(lines)


def files_page() -> str:
    return f"""# Files

Each room and each file, with the first sentence of its docstring. `make architecture` writes this page; do not edit it.
[Architecture](architecture.md) has the picture, the glossary, and three walks through these files.

{rooms()}"""


def test_the_page_of_files_lists_every_room_and_file() -> None:
    assert FILES.read_text(encoding="utf-8") == files_page(), "run: make architecture"


def test_each_file_and_room_named_on_the_page_exists() -> None:
    named = re.findall(r"`((?:\w+/)+(?:\w+\.py)?)`", PAGE.read_text(encoding="utf-8"))
    assert len(named) >= 30
    for file in named:
        assert (SOURCE / file).exists() or (ROOT / file).exists(), f"docs/architecture.md names {file}"


def test_the_page_shows_the_layers_that_the_linter_enforces() -> None:
    toml = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    layers = toml.split("layers = [")[1].split("]")[0]
    names = [line.strip(' ",').replace("wordvec.", "") for line in layers.strip().splitlines()]
    assert " → ".join(name for name in names if name != "__main__") in PAGE.read_text(encoding="utf-8")
    picture = (ROOT / "docs" / "images" / "rooms.svg").read_text(encoding="utf-8")
    for room in re.findall(r"\w+", " ".join(names)):
        assert f">{room}</text>" in picture or room == "__main__", f"docs/images/rooms.svg lacks {room}"


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_a_file_holds_at_most_600_lines(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 600


def stub() -> str:
    """The public names as type checkers and editors read them, from the list by which they are imported."""
    homes = sorted((module, name) for name, module in wordvec._HOME.items())
    lines = [f"from {module} import {name} as {name}" for module, name in homes]
    return "\n".join(
        [
            "# The public names, for type checkers; made by `make architecture`.",
            *lines,
            "",
            "__version__: str",
            "",
        ]
    )


def test_type_checkers_know_the_public_names() -> None:
    assert STUB.read_text(encoding="utf-8") == stub(), "run: make architecture"


def test_imports_go_down() -> None:
    from importlinter.cli import lint_imports

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def loaded_by(code: str) -> set[str]:
    """Top-level packages in memory after running code in a new Python."""
    command = (
        f"{code}\nimport sys, json; print(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    )
    output = subprocess.run([sys.executable, "-c", command], capture_output=True, check=True, text=True)  # noqa: S603
    return set(json.loads(output.stdout.splitlines()[-1]))


def test_importing_wordvec_loads_nothing_heavy() -> None:
    assert not loaded_by("import wordvec") & {"numpy", "numba", "torch", "pyarrow", "rich", "cyclopts"}


def test_asking_for_neighbors_loads_neither_torch_nor_numba(tmp_path: Path) -> None:
    wordvec.WordVectors(["a", "b"], [[1.0, 2.0], [2.0, 1.0]]).save(tmp_path / "model.wv")
    code = (
        f"from wordvec.cli.app import run; assert run(['similar', {str(tmp_path / 'model.wv')!r}, 'a']) == 0"
    )
    assert not loaded_by(code) & {"numba", "torch"}


def test_the_public_names_are_sorted_and_exist() -> None:
    assert wordvec.__all__ == sorted(wordvec.__all__)
    assert set(dir(wordvec)) == set(wordvec.__all__)
    for name in wordvec.__all__:
        assert getattr(wordvec, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        wordvec.trian  # noqa: B018


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_what_a_module_offers_exists(file: Path) -> None:
    name = ".".join(["wordvec", *file.relative_to(SOURCE).with_suffix("").parts]).removesuffix(".__init__")
    if name == "wordvec.__main__":
        return
    module = importlib.import_module(name)
    for offered in getattr(module, "__all__", []):
        assert hasattr(module, offered)


if __name__ == "__main__":
    FILES.write_text(files_page(), encoding="utf-8")
    STUB.write_text(stub(), encoding="utf-8")
