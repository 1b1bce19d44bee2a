"""The flags of `train`: one for each setting; what is not given leaves room for a recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

import pytest
from cyclopts import App, CycloptsError

from wordvec.cli.options import GROUPS, NO_FLAGS, ConfigFlags, given
from wordvec.config import Config

Parse = Callable[..., dict[str, Any]]


@pytest.fixture
def parse() -> Parse:
    app = App(result_action="return_value")

    @app.default
    def verb(text: str, /, *, flags: ConfigFlags = NO_FLAGS) -> dict[str, Any]:
        return given(flags)

    return lambda *flags: app(["text", *flags], exit_on_error=False, print_error=False)


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The help text, in one line."""
    monkeypatch.setenv("COLUMNS", "200")
    app = App(help_format="plaintext")

    @app.default
    def verb(*, flags: ConfigFlags = NO_FLAGS) -> None: ...

    app.help_print([])
    return " ".join(capsys.readouterr().out.replace("│", " ").split())


def test_what_is_not_given_is_not_set(parse: Parse) -> None:
    assert parse() == {}
    assert set(asdict(NO_FLAGS).values()) == {None}


@pytest.mark.parametrize(
    ("flag", "value", "setting", "expected"),
    [
        ("--dim", "300", "dim", 300),
        ("--final-learning-rate", "1e-5", "final_learning_rate", 1e-5),
        ("--subsample", "0", "subsample", 0.0),
        ("--max-vocab", "5", "max_vocab", 5),
        ("--threads", "2", "threads", 2),
        ("--architecture", "cbow", "architecture", "cbow"),
        ("--unknown-word", "<unk>", "unknown_word", "<unk>"),
        ("--min-count", "5", "min_count", 5),  # its default, said out loud: a recipe's value does not stand
    ],
)
def test_a_flag_sets_its_setting_alone(
    parse: Parse, flag: str, value: str, setting: str, expected: object
) -> None:
    assert parse(flag, value) == {setting: expected}
    assert type(parse(flag, value)[setting]) is type(expected)


def test_several_flags_go_together(parse: Parse) -> None:
    assert parse("--dim", "7", "--keep", "best", "--seed=3") == {"dim": 7, "keep": "best", "seed": 3}


@pytest.mark.parametrize("field", fields(Config), ids=lambda field: field.name)
def test_each_setting_is_in_the_help_with_its_text_and_its_default(field: Any, shown: str) -> None:
    text = field.metadata["help"]
    default = "" if field.default is None else f" (default: {field.default})"
    _, _, after = shown.partition(f"--{field.name.replace('_', '-')} ")
    after_kind = after.partition(" ")[2]  # which cyclopts 4, the last for Python 3.10, does not show
    assert after_kind.startswith(f"{text}{default}") or after.startswith(f"{text}{default}")


def test_the_help_has_the_settings_in_groups_and_in_order(shown: str) -> None:
    titles = [group.name for group in GROUPS.values()]
    assert all(titles)
    places = [shown.index(title) for title in titles]
    assert places == sorted(places)
    assert {field.metadata["group"] for field in fields(Config)} == set(GROUPS)
    for field in fields(Config):
        flag = shown.index(f"--{field.name.replace('_', '-')} ")
        group = list(GROUPS).index(field.metadata["group"])
        assert places[group] < flag < [*places, len(shown)][group + 1]


@pytest.mark.parametrize(
    "flags",
    [["--dim", "x"], ["--architecture", "gpt"], ["--flags.dim", "5"], ["--dim"], ["--no-dim"]],
    ids=" ".join,
)
def test_what_is_neither_a_value_nor_a_flag_is_a_misuse(parse: Parse, flags: list[str]) -> None:
    with pytest.raises(CycloptsError):
        parse(*flags)
