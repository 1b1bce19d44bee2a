from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wordvec.corpus import docstrings
from wordvec.corpus.docstrings import python_docstrings, python_folders

MODULE = '''
"""The module's OWN words."""
import nothing_that_exists
raise SystemExit("never imported")

NOT_ONE = """a string, but no docstring"""

class Spam:
    """A class."""

    async def eggs(self):
        """A method."""
        if self:
            def inner():
                "An inner one."
        """Not one."""

match NOT_ONE:
    case _:
        def late():
            """A function
            of two lines."""
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, source in {
        "b.py": MODULE,
        "a.py": '"""First."""',
        "z/y.py": '"""Last one."""',
        "x/w.py": '"""Last but one."""',
        "c/d.py": '"""In a folder."""',
        "broken.py": '"""No Python. """ = (',
        "latin1.py": b'"""caf\xe9 without a coding line"""',
        "nul.py": b'"""nul \x00 byte"""',
        "empty.py": '""""""',
        "marks.py": '"""..."""',
        "half.py": '"""Half a pair \\ud800."""',
        "no_docstring.py": "'a string'",
        "notes.txt": '"""Not Python."""',
        "tests/e.py": '"""A test."""',
        ".hidden/f.py": '"""Hidden."""',
        "site-packages/g.py": '"""Another folder."""',
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
    return tmp_path


def found(*folders: Path, **limits: Any) -> list[str]:
    return [" ".join(words) for words in python_docstrings(folders, **limits)]


def test_docstrings_are_found_in_order_without_importing_anything(folder: Path) -> None:
    assert found(folder) == [
        "first",
        "the module's own words",
        "a class",
        "a method",
        "an inner one",
        "a function of two lines",
        "half a pair",
        "in a folder",
        "last but one",
        "last one",
    ]


def test_the_order_and_the_words_do_not_depend_on_the_batches(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = found(folder)
    monkeypatch.setattr(docstrings, "_BATCH_CHARACTERS", 1)
    assert found(folder) == expected


def test_a_docstring_met_before_is_left_out(folder: Path) -> None:
    assert found(folder, folder) == found(folder)


def test_the_docstring_that_reaches_the_limit_is_the_last(folder: Path) -> None:
    assert found(folder, max_words=1) == ["first"]
    assert found(folder, max_words=2) == found(folder, max_words=5) == ["first", "the module's own words"]


def test_no_file_is_read_after_the_time_is_over(folder: Path) -> None:
    assert found(folder, max_seconds=-1) == []
    assert found(folder, max_seconds=1000) == found(folder)


def test_a_huge_file_is_left_out(folder: Path) -> None:
    (folder / "aaa.py").write_text('"""Huge."""\n' + "#" * 2**19)
    assert "huge" not in found(folder)


def test_a_file_that_cannot_be_read_is_left_out(open_folder: Path, an_ordinary_user: Any) -> None:
    (open_folder / "locked.py").write_text('"""Locked."""')
    (open_folder / "open.py").write_text('"""Open."""')
    (open_folder / "locked.py").chmod(0)
    with an_ordinary_user():
        assert found(open_folder) == ["open"]


def test_warnings_about_others_code_are_not_shown(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    (tmp_path / "old.py").write_text('"""An invalid \\d escape sequence."""\nx = 1 is 1\n')
    assert found(tmp_path) == ["an invalid d escape sequence"]
    assert not recwarn.list


def test_the_standard_library_comes_first() -> None:
    assert (Path(python_folders()[0]) / "ast.py").exists()
