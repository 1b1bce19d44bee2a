"""The page on recipes says what the recipes are; `python -m tests.recipes.test_page` renews it."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from wordvec.cli.app import app
from wordvec.config import Config
from wordvec.recipes.catalog import RECIPES
from wordvec.recipes.recipe import Recipe

PAGE = Path(__file__).resolve().parents[2] / "docs" / "recipes.md"
BEGIN = "<!-- recipes: made by `python -m tests.recipes.test_page` -->\n"
END = "<!-- end of recipes -->"


def made() -> str:
    """A section for each recipe, and a table of all settings in which they differ from the defaults."""
    return "\n\n".join([*map(section, RECIPES.values()), "## Parameters", INTRODUCTION, table()]) + "\n\n"


INTRODUCTION = (
    "A dash is the default, in the last column. `wordvec train --help` says what each setting means."
)


def section(one: Recipe) -> str:
    differences = "\n".join(f"- {difference}" for difference in one.differences)
    command = f"    wordvec train --recipe {one.name} --output {one.name}.wv"
    parts = [
        f"## {one.name}",
        f"*{one.title}.* {one.about}",
        command,
        "What it does other than the original:",
        differences,
    ]
    return "\n\n".join(parts)


def table() -> str:
    default = Config()
    names = [field.name for field in fields(Config)]
    changed = [
        name
        for name in names
        if any(getattr(one.config, name) != getattr(default, name) for one in RECIPES.values())
    ]
    rows = [["", *RECIPES, "default"], ["---"] * (len(RECIPES) + 2)]
    rows.append(["data", *(str(one.data) for one in RECIPES.values()), ""])
    rows.append(
        ["validation", *(one.data.validation_split or one.validation for one in RECIPES.values()), ""]
    )
    rows.append(["tokenizer", *(one.tokenizer for one in RECIPES.values()), "whitespace"])
    for name in changed:
        usual = getattr(default, name)
        values = [getattr(one.config, name) for one in RECIPES.values()]
        rows.append(
            [f"`{name}`", *("–" if value == usual else shown(value) for value in values), shown(usual)]
        )
    rows.append(["watched words", *(" ".join(one.watch) for one in RECIPES.values()), ""])
    rows.append(["watched besides", *(one.watch_sample or "" for one in RECIPES.values()), ""])
    rows.append(["words on the map", *(one.map_words or "" for one in RECIPES.values()), ""])
    rows.append(["checkpoint", *(one.checkpoint_every or "" for one in RECIPES.values()), ""])
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


def shown(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "none" if value is None else str(value).replace("<unk>", "`<unk>`")


def page_with(text: str) -> str:
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    return before + BEGIN + "\n" + text + END + rest.split(END)[1]


def test_the_page_says_what_the_recipes_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_with(made()), "run: python -m tests.recipes.test_page"


@pytest.mark.parametrize("command", re.findall(r"^ {4}wordvec (.+)$", PAGE.read_text(encoding="utf-8"), re.M))
def test_each_command_on_the_page_is_one_that_exists(command: str) -> None:
    app.parse_args(command.split(), exit_on_error=False, print_error=False)


if __name__ == "__main__":
    PAGE.write_text(page_with(made()), encoding="utf-8")
