"""Sources: what a user gives to train on, parsed once: text in files, a column of a table, or lists of words."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, TypeAlias

from wordvec.corpus.byte_stream import STANDARD_INPUT, FilePart, file_bytes, has_secret, is_url
from wordvec.corpus.decoding import ERRORS, UTF_8, Decoding, check_decoding, is_encoding
from wordvec.corpus.listing import KINDS, check_input_format, find_files
from wordvec.errors import ConfigError, CorpusError
from wordvec.text import is_unicode, name_list

__all__ = [
    "FileSource",
    "Source",
    "SourceLike",
    "TableSource",
    "TokenSource",
    "is_source_facts",
    "options_from_facts",
    "parse_source",
    "source_from_facts",
]

SourceLike: TypeAlias = str | os.PathLike[str] | Iterable[Any] | Any  # what users give; see parse_source


@dataclass(frozen=True)
class FileSource:
    """Text in files: one text a line, or a column of tables. The files are listed once, when first asked for."""

    paths: str | tuple[str, ...]  # files, folders, patterns, URLs or `-`, as given
    column: str | None = None  # of tables, that is the text
    input_format: str | None = None  # of all files, see listing.KINDS; None: by their names and contents
    decoding: Decoding = UTF_8
    weight: str | None = None  # column that says how often each text counts
    share: tuple[FilePart, ...] | None = None  # what to read of them; None: all

    @property
    def description(self) -> str:
        """The name of the source in messages.

        >>> FileSource("corpus.txt").description, FileSource(("-", "b.txt")).description
        ('corpus.txt', 'standard input and 1 more')
        """
        first, *others = self._each_path
        name = "standard input" if first == STANDARD_INPUT else first
        return f"{name} and {len(others)} more" if others else name

    @property
    def is_standard_input(self) -> bool:
        """Whether the source is standard input and nothing else."""
        return self._each_path == (STANDARD_INPUT,)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The files to read, in order: folders and patterns become the files in them, sorted.

        Hidden files and folders, pipes, sockets and devices are left out unless named themselves.

        Raises:
            CorpusError: a file does not exist, or a folder or pattern has no files.

        >>> FileSource("no/such/file.txt").files
        Traceback (most recent call last):
        wordvec.errors.CorpusError: there is no file no/such/file.txt; check the path (the folder now is ...)
        """
        return tuple(file for file, _ in self._listed)

    @cached_property
    def file_sizes(self) -> tuple[int | None, ...]:
        """The size of each file as it lies on disk, in bytes; None where only reading tells."""
        return tuple(file_bytes(file) if size is None else size for file, size in self._listed)

    @property
    def parts(self) -> tuple[FilePart, ...]:
        """The files to read, in order, or the parts of them in this share."""
        return tuple(map(FilePart, self.files)) if self.share is None else self.share

    @property
    def num_bytes(self) -> int | None:
        """How many bytes there are to read, as they lie on disk; None where only reading tells."""
        return None if None in self.file_sizes else sum(filter(None, self.file_sizes))

    def facts(self) -> dict[str, Any] | list[str] | str | None:
        """The source as plain data, for checkpoints: its absolute paths, with the options that are not the defaults.

        There are no paths where the text cannot be found again by them, or where a URL holds a secret.

        >>> FileSource("s3://bucket/a.txt").facts()
        's3://bucket/a.txt'
        >>> FileSource("s3://key:secret@bucket/a.csv", column="text").facts()
        {'paths': None, 'column': 'text', 'input_format': None}
        """
        paths = self._lasting_paths()
        if replace(self, share=None) == FileSource(self.paths):
            return paths
        facts = {"paths": paths, "column": self.column, "input_format": self.input_format}
        facts |= {} if self.weight is None else {"weight": self.weight}
        return facts if self.decoding == UTF_8 else facts | self.decoding._asdict()

    @property
    def _each_path(self) -> tuple[str, ...]:
        return (self.paths,) if isinstance(self.paths, str) else self.paths

    @cached_property
    def _listed(self) -> list[tuple[str, int | None]]:
        if self.share is not None:
            return [(part.file, part.num_bytes) for part in self.share]
        return find_files(self._each_path, in_list=not isinstance(self.paths, str))

    def _lasting_paths(self) -> list[str] | str | None:
        paths = self._each_path
        if STANDARD_INPUT in paths or not all(map(is_unicode, paths)) or any(map(has_secret, paths)):
            return None
        absolute = [path if is_url(path) else _absolute(path) for path in paths]
        return absolute[0] if isinstance(self.paths, str) else absolute


@dataclass(frozen=True, eq=False, slots=True)
class TableSource:
    """A column of a table that is in memory, or that another library reads."""

    table: Any
    kind: Literal[
        "data set", "arrow", "dicts"
    ]  # of Hugging Face; that gives its data as Arrow; rows that are dicts
    column: str | None = None
    weight: str | None = None  # column that says how often each text counts

    @property
    def description(self) -> str:
        """The name of the source in messages.

        >>> TableSource([{"text": "red green"}], "dicts", "text").description
        "column 'text' of the list"
        """
        of = f"column {self.column!r} of the " if self.column else "the "
        return of + type(self.table).__name__

    @property
    def num_bytes(self) -> None:
        """Unknown: only reading tells."""
        return

    def facts(self) -> dict[str, Any]:
        """The source as plain data, for checkpoints: it cannot be found again by a path."""
        facts = {"paths": None, "column": self.column, "input_format": None}
        return facts if self.weight is None else facts | {"weight": self.weight}


@dataclass(frozen=True, eq=False, slots=True)
class TokenSource:
    """Texts that are lists of words already; an iterator can be read once."""

    texts: Iterable[Iterable[str]]

    @property
    def description(self) -> str:
        """The name of the source in messages."""
        return "the token lists"

    @property
    def weight(self) -> None:
        """There is none: each text counts once."""
        return

    @property
    def num_bytes(self) -> None:
        """Unknown: only reading tells."""
        return

    def facts(self) -> None:
        """Nothing, in checkpoints: it cannot be found again by a path."""
        return


Source: TypeAlias = FileSource | TableSource | TokenSource


def parse_source(
    source: Any,
    column: str | None = None,
    input_format: str | None = None,
    encoding: str = UTF_8.encoding,
    errors: str = UTF_8.errors,
    weight: str | None = None,
) -> Source:
    """Find out what a user gives to train on, and check that the options apply to it. No file is looked for yet.

    Paths name text to be read; token lists are the text. A list of strings is a list of paths, as a text in Python is
    a list of words.

    Args:
        source: a path or several, a folder, a glob pattern, a URL, `-`; an iterable of texts that are lists or sets of
            words or integers, or dicts; a data set of Hugging Face; or a table, Series or array of pandas, polars or
            pyarrow. What is parsed already is returned as it is.
        column: of tables or dicts, that is the text.
        input_format: of files: "text", "csv", "tsv", "jsonl" or "parquet".
        encoding: of files.
        errors: what to do with bytes that are not of the encoding: "strict", "replace" or "ignore".
        weight: column of tables or key of dicts that says how often each text counts.

    Raises:
        ConfigError: an option has an unknown value, or does not apply to this source.
        CorpusError: the source is several data sets, a dict, or nothing to train on at all.

    >>> parse_source(["a.csv", "b.csv"], column="text")
    FileSource(paths=('a.csv', 'b.csv'), column='text', input_format=None, decoding=Decoding(...), weight=None, ...)
    >>> parse_source([["red", "green"], ["blue"]])
    TokenSource(texts=[['red', 'green'], ['blue']])
    >>> parse_source([["red", "green"]], column="text")
    Traceback (most recent call last):
    wordvec.errors.ConfigError: column applies only to tables and texts that are dicts, got 'text' for ...
    """
    check_input_format(input_format)
    check_decoding(encoding, errors)
    decoding = Decoding(encoding, errors)
    if weight is not None and weight == column:
        raise ConfigError(f"weight and column must be two columns, got {weight!r} for both")
    if isinstance(source, (FileSource, TableSource, TokenSource)):
        return source
    if _is_column_of_a_data_set(source):
        if column not in (None, source.column_name):
            raise ConfigError(
                f"column applies only to whole tables, got {column!r} for the column {source.column_name!r} of one; "
                "leave it out"
            )
        source, column = source.source, source.column_name
    if not _is_arrow(source) and hasattr(source, "to_frame"):  # a Series before pandas 3
        source = source.to_frame()
    if _is_data_set(source) or _is_arrow(source):
        _check_options_of_files(input_format, decoding)
        return TableSource(source, "data set" if _is_data_set(source) else "arrow", column, weight)
    if _is_path(source):
        return FileSource(os.fspath(source), column, input_format, decoding, weight)
    if isinstance(source, Sequence) and len(source) > 0 and all(map(_is_path, source)):
        return FileSource(tuple(map(os.fspath, source)), column, input_format, decoding, weight)
    _check_options_of_files(input_format, decoding)
    if isinstance(source, Mapping):
        raise _several_tables(source)
    if not isinstance(source, Iterable):
        raise CorpusError(
            "give a path, a list of paths, or texts that are lists of words, to train on, "
            f"got {type(source).__name__}"
        )
    if column is None and weight is not None:
        raise ConfigError(
            f"weight applies only to tables and texts that are dicts, got {weight!r} for "
            f"{TokenSource(source).description}; leave it out, or give dicts, and column, the key of the text"
        )
    if column is None:
        return TokenSource(source)
    if not _may_give_dicts(source):
        raise ConfigError(
            f"column applies only to tables and texts that are dicts, got {column!r} for "
            f"{TokenSource(source).description}; leave it out"
        )
    return TableSource(source, "dicts", column, weight)


def is_source_facts(value: Any) -> bool:
    """Whether this is what `facts` of a source may give, as a checkpoint holds it.

    >>> (
    ...     is_source_facts(None),
    ...     is_source_facts(["a.txt"]),
    ...     is_source_facts([]),
    ...     is_source_facts({"paths": "a.txt"}),
    ... )
    (True, True, False, False)
    """
    if not isinstance(value, dict):
        return _are_recorded_paths(value)
    names = {"paths", "column", "input_format"}
    return (
        names <= value.keys() <= names | set(Decoding._fields) | {"weight"}
        and _are_recorded_paths(value["paths"])
        and (value["column"] is None or isinstance(value["column"], str))
        and value["input_format"] in (None, *KINDS)
        and isinstance(value.get("weight", ""), str)
        and is_encoding(value.get("encoding", UTF_8.encoding))
        and value.get("errors", UTF_8.errors) in ERRORS
    )


def source_from_facts(facts: Any) -> FileSource | None:
    """The files that facts name, which may not be there any more; None where they name none.

    >>> source_from_facts(FileSource("/a.csv", column="text").facts())
    FileSource(paths='/a.csv', column='text', input_format=None, decoding=Decoding(...), weight=None, ...)
    """
    paths = facts["paths"] if isinstance(facts, dict) else facts
    if paths is None:
        return None
    options = options_from_facts(facts)
    return FileSource(
        paths if isinstance(paths, str) else tuple(paths),
        options.get("column"),
        options.get("input_format"),
        Decoding(options.get("encoding", UTF_8.encoding), options.get("errors", UTF_8.errors)),
        options.get("weight"),
    )


def options_from_facts(facts: Any) -> dict[str, Any]:
    """The options of `parse_source` that the source with these facts was given with.

    >>> options_from_facts(FileSource("/a.csv", column="text").facts()), options_from_facts("/a.txt")
    ({'column': 'text', 'input_format': None}, {})
    """
    options = facts if isinstance(facts, dict) else {}
    return {name: value for name, value in options.items() if name != "paths"}


def _are_recorded_paths(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(path, str) for path in value)
    return value is None or isinstance(value, str)


def _absolute(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111  (may be a pattern)


def _is_path(value: Any) -> bool:
    return isinstance(value, (str, os.PathLike))


def _is_data_set(value: Any) -> bool:
    """Whether this is a data set of Hugging Face, in memory or streaming."""
    return all(hasattr(value, name) for name in ("with_format", "select_columns", "iter", "column_names"))


def _is_column_of_a_data_set(value: Any) -> bool:
    return hasattr(value, "column_name") and _is_data_set(getattr(value, "source", None))


def _is_arrow(value: Any) -> bool:
    """Whether this gives its data as Arrow."""
    gives = any(hasattr(value, name) for name in ("__arrow_c_stream__", "__arrow_c_array__"))
    return gives and not isinstance(value, type)


def _may_give_dicts(source: Iterable[Any]) -> bool:
    """Whether the first text is a dict, or can be looked at only by reading it."""
    if isinstance(source, Sequence):
        return len(source) == 0 or isinstance(source[0], Mapping)
    return True


def _check_options_of_files(input_format: str | None, decoding: Decoding) -> None:
    """Check that no option of files is given for something else.

    Raises:
        ConfigError: one is.
    """
    if input_format is not None:
        raise ConfigError(
            f"input_format applies only to files, got {input_format!r} for something else; leave it out"
        )
    if decoding != UTF_8:
        raise ConfigError(
            f"encoding and errors apply only to files, got {decoding.encoding!r} and {decoding.errors!r} for "
            "something else; leave them out"
        )


def _several_tables(source: Mapping[Any, Any]) -> CorpusError:
    names = [name if isinstance(name, str) else repr(name) for name in source]
    remedy = f"give one of its parts, such as data[{next(iter(source), 'train')!r}]"
    if not any(map(_is_data_set, source.values())):
        remedy += ", or list(data.values()) if each value is a text"
    return CorpusError(
        f"a {type(source).__name__} of {name_list(names) or 'nothing'} is not one text to train on; {remedy}"
    )
