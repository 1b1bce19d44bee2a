"""Options that verbs share: the flags of `train`, made from Config, and which option a misspelled one means."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, make_dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from cyclopts import App, Group, Parameter

from wordvec.config import Config
from wordvec.errors import ConfigError
from wordvec.foreign_names import explain
from wordvec.text import is_number

__all__ = [
    "NO_FLAGS",
    "STRICT",
    "ConfigFlags",
    "DecodingFlags",
    "check_sources",
    "given",
    "misread_option",
    "unfolded",
    "unknown_option",
    "with_help",
]

GROUPS = {
    "text": Group("Settings: the text", sort_key=1),
    "model": Group("Settings: the model", sort_key=2),
    "window": Group("Settings: windows and subsampling", sort_key=3),
    "noise": Group("Settings: negative samples", sort_key=4),
    "steps": Group("Settings: steps", sort_key=5),
    "ranks": Group("Settings: several machines", sort_key=6),
    "machine": Group("Settings: the machine", sort_key=7),
}

Verb = TypeVar("Verb", bound=Callable[..., None])

_FOLD = re.compile(r"(?<=\S)\n +(?=\S)(?! *[\w-]+: )")  # a line of a docstring that continues the one before
_ONE_DASH_WORD = re.compile("-[A-Za-z]{2,}")


def _flag(setting: Any, kind: Any) -> tuple[str, Any, Any]:
    text = setting.metadata["help"]
    if setting.default is not None:
        text += f" (default: {setting.default})"
    parameter = Parameter(help=text, group=GROUPS[setting.metadata["group"]], show_default=False)
    return (
        setting.name,
        Annotated[(str if _is_number_or_word(kind) else kind) | None, parameter],
        field(default=None),
    )


def _is_number_or_word(kind: Any) -> bool:
    """Whether a setting is a number or one of some words, of which Config says more than the reader of flags can."""
    return int in get_args(kind) and any(get_origin(one) is Literal for one in get_args(kind))


def _as_number(value: str) -> int | str:
    try:
        return int(value)
    except ValueError:
        return value


_HINTS = get_type_hints(Config)
_Flags = make_dataclass(
    "_Flags", [_flag(setting, _HINTS[setting.name]) for setting in fields(Config)], frozen=True
)
_Flags.__module__ = (
    __name__  # make_dataclass says "types", for which cyclopts takes it to be one of Python's own
)
NO_FLAGS: Any = _Flags()

if TYPE_CHECKING:
    ConfigFlags = Any
else:
    ConfigFlags = Annotated[_Flags, Parameter(name="*")]  # "*": no prefix, so --dim and not --flags.dim


def given(flags: ConfigFlags) -> dict[str, Any]:
    """The settings whose flags were given.

    >>> given(NO_FLAGS)
    {}
    """
    return {
        name: _as_number(value) if _is_number_or_word(_HINTS[name]) else value
        for name, value in asdict(flags).items()
        if value is not None
    }


@Parameter(name="*")  # no prefix, so --errors and not --decoding.errors
@dataclass(frozen=True)
class DecodingFlags:
    """What `wordvec.load` takes by the same names."""

    encoding: Annotated[
        str,
        Parameter(
            help="encoding of the words in files of word2vec and GloVe, as Python names it: cp1252, gbk ..."
        ),
    ] = "utf-8"
    errors: Annotated[
        Literal["strict", "replace", "ignore"],
        Parameter(
            help="bytes that are invalid in that encoding: strict, stop with an error; replace, use U+FFFD; ignore, "
            "leave them out"
        ),
    ] = "strict"


STRICT = DecodingFlags()


def unfolded(verb: Verb) -> Verb:
    r"""Join the lines of each text in a verb's docstring, since its help would keep their ends.

    >>> def similar(words):
    ...     "Find.\n\n    Args:\n        words: find the neighbors\n            of these words\n"
    >>> unfolded(similar).__doc__.splitlines()[-1]
    '        words: find the neighbors of these words'
    """
    if verb.__doc__:  # Python -OO has none
        verb.__doc__ = _FOLD.sub(" ", verb.__doc__)
    return verb


def options_of(verb: App) -> list[str]:
    """The long names of a verb's options, with their dashes."""
    arguments = verb.assemble_argument_collection()
    return [name for argument in arguments for name in argument.names if name.startswith("--")]


def unknown_option(option: str, value: str | None, options: Iterable[str]) -> str:
    """Describe an unknown option, and the option that it means.

    >>> unknown_option("-iter", "10", ["--epochs", "--output"])
    '-iter (gensim, word2vec.c): write --epochs 10'
    """
    name, _, attached = option.partition("=")
    whose, meaning = explain(name.lstrip("-"), attached or value, options, _shell)
    return f"{option}{whose}{': ' * bool(meaning)}{meaning}"


def check_sources(verb: App, sources: Sequence[str]) -> None:
    """Check that no option was taken for the name of a file.

    Raises:
        ConfigError: an argument other than - begins with a dash.
    """
    unknown = [
        unknown_option(source, _value_of_option(following), options_of(verb))
        for source, following in zip_longest(sources, sources[1:], fillvalue="")
        if source.startswith("-") and source != "-" and not is_number(source)
    ]
    if unknown:
        (name,) = verb.name
        first = next(source for source in sources if source.startswith("-") and source != "-")
        unknown.append(f"a file of that name: ./{first}")
        raise ConfigError(with_help("; ".join(unknown), f"wordvec {name}"))


def with_help(unknown: str, command: str) -> str:
    """The line about unknown options, with the way to the help.

    >>> with_help("--jsno: did you mean --json?", "wordvec info")
    'unknown option --jsno: did you mean --json? Try: wordvec info --help'
    """
    return f"unknown option {unknown}{'' if unknown.endswith('?') else '.'} Try: {command} --help"


def misread_option(verb: App, arguments: Sequence[str]) -> str | None:
    """An option with one dash that would be read as a letter with its value: -output as -o utput.

    >>> from typing import Annotated
    >>> from cyclopts import Parameter
    >>> verb = App(name="train")
    >>> @verb.default
    ... def train(*, output: Annotated[str, Parameter(name=["--output", "-o"])]): ...
    >>> misread_option(verb, ["-output", "m.bin"]), misread_option(verb, ["-om.bin"])
    ('-output: write --output m.bin', None)
    """
    arguments = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if not any(map(_ONE_DASH_WORD.fullmatch, arguments)):
        return None  # listing the options takes some time
    names = [name for argument in verb.assemble_argument_collection() for name in argument.names]
    long_names = [name for name in names if name.startswith("--")]
    for option, value in zip_longest(arguments, arguments[1:], fillvalue=""):
        if _ONE_DASH_WORD.fullmatch(option) and option[:2] in names and f"-{option}" in long_names:
            return unknown_option(option, value or None, long_names)
    return None


def _shell(option: str, value: Any) -> str:
    return option if value is None else f"{option} {shlex.quote(str(value))}"


def _value_of_option(following: str) -> str | None:
    """What follows an option, if that can be its value rather than a file to read."""
    return (
        following
        if following in ("ns", "hs", "softmax", "skipgram", "cbow") or is_number(following)
        else None
    )
