from dataclasses import fields

import pytest
from cyclopts import App, CycloptsError

from wordvec.cli.config_flags import DEFAULTS, ConfigFlags
from wordvec.config import Config
from wordvec.errors import ConfigError


@pytest.fixture
def parse():
    app = App(result_action="return_value")

    @app.default
    def verb(text: str, /, *, config: ConfigFlags = DEFAULTS) -> Config:
        return config

    return lambda *flags: app(["text", *flags], exit_on_error=False, print_error=False)


def test_without_flags_every_setting_has_its_default(parse):
    assert parse() == Config()


@pytest.mark.parametrize(
    ("flag", "value", "setting", "expected"),
    [
        ("--dim", "300", "dim", 300),
        ("--final-learning-rate", "1e-5", "final_learning_rate", 1e-5),
        ("--subsample", "0", "subsample", 0.0),
        ("--max-vocab", "5", "max_vocab", 5),
        ("--threads", "2", "threads", 2),
        ("--architecture", "cbow", "architecture", "cbow"),
    ],
)
def test_a_flag_sets_its_setting_alone(parse, flag, value, setting, expected):
    assert parse(flag, value) == Config(**{setting: expected})


def test_each_setting_has_a_flag_with_its_help_text(capsys):
    app = App(help_format="plaintext")

    @app.default
    def verb(*, config: ConfigFlags = DEFAULTS) -> None: ...

    app.help_print([])
    shown = "".join(letter for letter in capsys.readouterr().out if letter not in "│ \n")
    for field in fields(Config):
        assert f"--{field.name.replace('_', '-')}" in shown
        assert field.metadata["help"].replace(" ", "") in shown


def test_a_value_out_of_range_is_the_error_of_config(parse):
    with pytest.raises(
        ConfigError, match="window must be an integer of at least 1 and at most 10,000, got 0"
    ):
        parse("--window", "0")


@pytest.mark.parametrize(
    "flags", [["--dim", "x"], ["--architecture", "gpt"], ["--config.dim", "5"]], ids=" ".join
)
def test_what_is_no_value_or_no_flag_is_a_misuse(parse, flags):
    with pytest.raises(CycloptsError):
        parse(*flags)
