"""Config file: settings of a training run as a JSON file that people can read and edit, for `train --config`."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, NamedTuple

from wordvec.config import Config
from wordvec.errors import ConfigError, FormatError
from wordvec.foreign_names import unknown_settings
from wordvec.formats.files import reading
from wordvec.storage.atomic import replacing_file
from wordvec.storage.plain_json import parse_json, to_json

__all__ = ["SavedSettings", "read_config", "write_config"]

TOKENIZER = "tokenizer"  # beside the settings
MAX_BYTES = 2**20
OF_A_MACHINE = ("threads", "engine", "device")  # not written: the file is for other machines, too


class SavedSettings(NamedTuple):
    """What a config file says."""

    settings: dict[str, Any]  # by the names of Config; those that it does not name have their defaults
    tokenizer: str | None  # a built-in one's name, where the file names one


def write_config(path: str | Path, config: Config, tokenizer: str | None = None) -> None:
    """Write the settings that differ from the defaults, one a line; `threads`, `engine` and `device` are left out.

    Raises:
        ResourceError: the file cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_config(Path(folder, "a.json"), Config(dim=50, window=8), "words")
    ...     print(Path(folder, "a.json").read_text())
    {
      "tokenizer": "words",
      "dim": 50,
      "window": 8
    }
    """
    defaults = asdict(Config())
    changed = {
        name: value
        for name, value in asdict(config).items()
        if value != defaults[name] and name not in OF_A_MACHINE
    }
    named = {} if tokenizer is None else {TOKENIZER: tokenizer}
    with replacing_file(Path(path)) as file:
        file.write((to_json({**named, **changed}, indent=2) + "\n").encode("utf-8"))


def read_config(path: str | Path) -> SavedSettings:
    """Read a config file.

    Raises:
        FormatError: it cannot be read, or is not a JSON object.
        ConfigError: a setting is unknown, or out of range.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.json")
    ...     _ = path.write_text('{"dim": 50}')
    ...     read_config(path)
    SavedSettings(settings={'dim': 50}, tokenizer=None)
    """
    path = Path(path)
    settings = _content(path)
    tokenizer = settings.pop(TOKENIZER, None)
    if tokenizer is not None and not isinstance(tokenizer, str):
        raise ConfigError(f"{path}: tokenizer must be the name of a built-in one, got {tokenizer!r:.60}")
    problem = unknown_settings(settings, [one.name for one in fields(Config)], [TOKENIZER])
    if problem is not None:
        raise ConfigError(f"{path}: {problem}")
    try:
        Config(**settings)
    except ConfigError as problem:
        raise ConfigError(f"{path}: {problem}") from problem
    return SavedSettings(settings, tokenizer)


def _content(path: Path) -> dict[str, Any]:
    with reading(path), path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    try:
        if len(content) > MAX_BYTES:
            raise ValueError(f"it has more than {MAX_BYTES:,} bytes")
        found = parse_json(content.decode("utf-8-sig"))
        if not isinstance(found, dict):
            raise ValueError("it is not an object")
    except ValueError as problem:
        raise FormatError(
            f'{path} is not a config file: {problem}; it must be a JSON object of settings, such as {{"dim": 300}}'
        ) from problem
    return found
