"""Phrases: what was found in a text, how it is joined in other texts, and its file, which is plain JSON."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, Literal, get_args

from wordvec.errors import ConfigError, FormatError
from wordvec.settings import check_count
from wordvec.storage.atomic import replacing_file
from wordvec.storage.plain_json import parse_json, to_json
from wordvec.text import is_unicode, reason_of, short_repr
from wordvec.version import __version__

__all__ = ["ENGLISH_CONNECTOR_WORDS", "Phrase", "PhraseSettings", "Phrases", "Scoring", "as_phrases"]

Scoring = Literal["word2vec", "npmi"]

ENGLISH_CONNECTOR_WORDS = (
    *("a", "an", "the"),
    *("for", "of", "with", "without", "at", "from", "to", "in", "on", "by"),
    *("and", "or"),
)

FORMAT = "wordvec phrases"
FORMAT_VERSION = 1  # goes up when an older wordvec could no longer read what this one writes
DEFAULT_THRESHOLDS = {"word2vec": 10.0, "npmi": 0.5}
MAX_FILE_BYTES = 2**31  # more than any text has phrases
AGAIN = "get the file again from where it came from, or find the phrases again (wordvec phrases)"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that are joined to one."""

    words: tuple[str, ...]  # two or more; from the second pass on, some are phrases themselves
    count: int  # of the words side by side
    score: float
    example: str  # some words of the text around its first occurrence


@dataclass(frozen=True, kw_only=True)
class PhraseSettings:
    """How phrases are found.

    Args:
        min_count: what is subtracted from the count of a pair (word2vec), or its lowest count (npmi).
        threshold: phrases have a score above it; None for 10 (word2vec) or 0.5 (npmi).
        scoring: "word2vec", as in word2vec.c and gensim, or "npmi", in [-1, 1].
        passes: how often phrases are looked for, each time in the text with the phrases so far joined.
        connector_words: they may be inside of a phrase, but not at its ends.
        delimiter: what joins the words of a phrase.
        max_pairs: how many distinct pairs are counted at a time; beyond that, the rarest are forgotten.

    Raises:
        ConfigError: a value is out of range.

    >>> PhraseSettings(scoring="npmi").threshold
    0.5
    """

    min_count: int = 5
    threshold: float | None = None
    scoring: Scoring = "word2vec"
    passes: int = 1
    connector_words: tuple[str, ...] = ()
    delimiter: str = "_"
    max_pairs: int = 40_000_000

    def __post_init__(self) -> None:
        if self.scoring not in get_args(Scoring):
            raise ConfigError(f"scoring must be 'word2vec' or 'npmi', got {short_repr(self.scoring)}")
        if self.threshold is None:
            object.__setattr__(self, "threshold", DEFAULT_THRESHOLDS[self.scoring])
        check_count("min_count", self.min_count, "how often the words of a phrase occur side by side")
        check_count("passes", self.passes, "how often phrases are looked for")
        check_count("max_pairs", self.max_pairs, "how many pairs of words are counted at a time")
        threshold = self.threshold
        is_number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
        if self.scoring == "npmi" and not (is_number and -1 <= threshold <= 1):  # type: ignore[operator]
            raise ConfigError(
                f"threshold must be a number of at least -1 and at most 1 with scoring='npmi', got "
                f"{short_repr(threshold)}; good ones are between 0.3 and 0.8"
            )
        if self.scoring == "word2vec" and not (is_number and 0 < threshold < math.inf):  # type: ignore[operator]
            raise ConfigError(
                f"threshold must be a number above 0 with scoring='word2vec', got {short_repr(threshold)}; the "
                "default is 10, and a higher one finds fewer phrases"
            )
        if (
            not isinstance(self.delimiter, str)
            or len(self.delimiter.split()) != 1
            or self.delimiter.strip() != (self.delimiter)
        ):
            raise ConfigError(
                f"delimiter must be one or more characters other than whitespace, got {short_repr(self.delimiter)}; "
                "the default is '_'"
            )
        words: Any = self.connector_words
        if isinstance(words, str) or not all(isinstance(word, str) and word for word in words):
            raise ConfigError(
                f"connector_words must be a list of words, got {short_repr(words)}; give ['of', 'the']"
            )
        object.__setattr__(self, "connector_words", tuple(sorted(set(words))))


@dataclass(frozen=True)
class Phrases:
    """The phrases of a text, for `wordvec.train(..., phrases=...)`.

    Args:
        passes: the phrases of each pass, highest score first.
        settings: with which they were found.
        num_words: of the text.
        pruned: for each pass, the count up to which pairs were forgotten for lack of room at some time; 0: none.

    >>> import wordvec
    >>> texts = ["we saw new york", "new york is far", "old friends like new york", "some new things"]
    >>> phrases = wordvec.find_phrases([text.split() for text in texts], min_count=1, threshold=1)
    >>> phrases.join(["old", "new", "york"]), "new_york" in phrases
    (['old', 'new_york'], True)
    """

    passes: tuple[tuple[Phrase, ...], ...]
    settings: PhraseSettings = PhraseSettings()
    num_words: int = 0
    pruned: tuple[int, ...] = ()

    def __len__(self) -> int:
        return sum(map(len, self.passes))

    def __iter__(self) -> Iterator[Phrase]:
        for found in self.passes:
            yield from found

    def __contains__(self, word: object) -> bool:
        return word in self._names

    def __repr__(self) -> str:
        settings = self.settings
        return (
            f"Phrases({len(self):,}, passes={settings.passes}, {settings.scoring} > {settings.threshold:g})"
        )

    def name(self, phrase: Phrase) -> str:
        """The word that a phrase becomes.

        Args:
            phrase: one of these.

        Returns:
            Its words, with the delimiter between them.

        Raises:
            ConfigError: it is not a phrase.

        >>> Phrases(()).name(Phrase(("new", "york"), 9, 12.0, ""))
        'new_york'
        """
        if not isinstance(phrase, Phrase):
            raise ConfigError(f"phrase must be one of these phrases, got {short_repr(phrase)}")
        return self.settings.delimiter.join(phrase.words)

    def join(self, tokens: Iterable[str]) -> list[str]:
        """Join the phrases of a text, from left to right, pass by pass.

        Args:
            tokens: the text; no phrase crosses its end.

        Returns:
            The tokens, with a word in place of each phrase.

        Raises:
            ConfigError: tokens is a str, whose tokens would be its letters.

        >>> found = (Phrase(("new", "york"), 9, 12.0, ""),), (Phrase(("new_york", "city"), 5, 11.0, ""),)
        >>> Phrases(found).join("a new york city , a new york".split())
        ['a', 'new_york_city', ',', 'a', 'new_york']
        """
        if isinstance(tokens, str):
            raise ConfigError(
                f"tokens must be a list of words, got {short_repr(tokens)}; give {short_repr(tokens)}.split()"
            )
        joined = list(tokens)
        for name_of in self._name_of:
            joined = _joined(joined, name_of, self._connectors)
        return joined

    def save(self, path: str | PathLike[str]) -> None:
        """Write the phrases as JSON; this replaces an older file in one step.

        Args:
            path: the file.

        Raises:
            ResourceError: the file cannot be written; what was there is still there.
            FormatError: a word is not valid Unicode.

        >>> from tempfile import TemporaryDirectory
        >>> found = Phrases(((Phrase(("new", "york"), 9, 12.0, ""),),))
        >>> with TemporaryDirectory() as folder:
        ...     found.save(f"{folder}/phrases.json")
        ...     Phrases.load(f"{folder}/phrases.json") == found
        True
        """
        with replacing_file(Path(path)) as file:
            file.write(self.to_json().encode())

    @staticmethod
    def load(path: str | PathLike[str]) -> Phrases:
        """Read what `save` wrote.

        Args:
            path: the file.

        Returns:
            The phrases.

        Raises:
            FormatError: the file does not exist, is damaged, or is not one of phrases.

        >>> Phrases.load("nowhere.json")
        Traceback (most recent call last):
        wordvec.errors.FormatError: nowhere.json does not exist; wordvec phrases writes a file of phrases
        """
        file = Path(path)
        try:
            if file.exists() and not file.is_file():
                raise FormatError(f"{file} is not a file of phrases; wordvec phrases writes one")
            if file.stat().st_size > MAX_FILE_BYTES:
                raise FormatError(f"{file} is too large to be a file of phrases; wordvec phrases writes one")
            content = file.read_bytes()
        except FileNotFoundError as problem:
            raise FormatError(f"{file} does not exist; wordvec phrases writes a file of phrases") from problem
        except OSError as problem:
            raise FormatError(f"{file} cannot be read: {reason_of(problem)}; check the path") from problem
        return Phrases.from_json(content, str(file))

    def to_json(self) -> str:
        """Write the phrases to a text, a line for each.

        Returns:
            JSON.

        Raises:
            FormatError: a word is not valid Unicode.

        >>> print(Phrases(((Phrase(("new", "york"), 9, 12.0, ""),),)).to_json())
        {"format": "wordvec phrases", ... "passes": [[
        {"words": ["new", "york"], "count": 9, "score": 12.0, "example": ""}
        ]]}
        """
        about = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "wordvec_version": __version__,
            "settings": dataclasses.asdict(self.settings),
            "num_words": self.num_words,
            "pruned": list(self.pruned),
        }
        passes = ["[\n" + ",\n".join(to_json(_entry(one)) for one in found) + "\n]" for found in self.passes]
        return f'{to_json(about)[:-1]}, "passes": [{", ".join(passes)}]}}\n'

    @staticmethod
    def from_json(content: bytes, name: str) -> Phrases:
        """Read what `to_json` wrote.

        Args:
            content: in UTF-8.
            name: of the file, for messages.

        Returns:
            The phrases.

        Raises:
            FormatError: it is damaged, or something else.

        >>> Phrases.from_json(b"[]", "list.json")
        Traceback (most recent call last):
        wordvec.errors.FormatError: list.json does not say "format": "wordvec phrases"; wordvec phrases writes ...
        """
        try:
            text = content.decode()
            parsed = parse_json(text)
            if "\\u" in text and not is_unicode(json.dumps(parsed, ensure_ascii=False)):
                raise ValueError("half a character, as \\ud800, is not text")
        except ValueError as problem:
            raise FormatError(
                f"{name} is not a file of phrases, or damaged: {reason_of(problem)}; {AGAIN}"
            ) from problem
        if not isinstance(parsed, dict) or parsed.get("format") != FORMAT:
            raise FormatError(
                f'{name} does not say "format": "{FORMAT}"; wordvec phrases writes a file of phrases'
            )
        version = parsed.get("format_version")
        if isinstance(version, int) and version > FORMAT_VERSION:
            raise FormatError(
                f"{name} has format {version}, of wordvec {parsed.get('wordvec_version')}; this is wordvec "
                f"{__version__}, which reads up to format {FORMAT_VERSION}: pip install --upgrade wordvec"
            )
        try:
            return _checked(parsed)
        except (ConfigError, KeyError, TypeError, ValueError) as problem:
            raise FormatError(f"{name} is damaged: {reason_of(problem)}; {AGAIN}") from problem

    @cached_property
    def _name_of(self) -> list[dict[tuple[str, ...], str]]:
        return [{one.words: self.name(one) for one in found} for found in self.passes]

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(name for names in self._name_of for name in names.values())

    @cached_property
    def _connectors(self) -> frozenset[str]:
        return frozenset(self.settings.connector_words)


def as_phrases(given: Phrases | str | PathLike[str] | None) -> Phrases | None:
    """Phrases as users give them: found, or the path of their file.

    Raises:
        ConfigError: it is something else.
        FormatError: the file does not exist, is damaged, or is not one of phrases.
    """
    if given is None or isinstance(given, Phrases):
        return given
    if isinstance(given, str | PathLike):
        return Phrases.load(given)
    raise ConfigError(
        f"phrases must be what wordvec.find_phrases returns, or the path of its file, got {type(given).__name__}"
    )


def _joined(
    tokens: Sequence[str], name_of: Mapping[tuple[str, ...], str], connectors: frozenset[str]
) -> list[str]:
    """Join phrases from left to right: a word that ends one begins no other."""
    joined: list[str] = []
    begun: list[str] = []  # a word that may begin a phrase, and the connector words after it
    for token in tokens:
        if token in connectors:
            (begun or joined).append(token)
            continue
        name = name_of.get((*begun, token)) if begun else None
        if name is not None:
            joined.append(name)
            begun = []
        else:
            joined += begun
            begun = [token]
    return joined + begun


def _checked(parsed: dict[str, Any]) -> Phrases:
    """The phrases of a file, if everything in it is what it can be.

    Raises:
        ConfigError: a setting is out of range.
        KeyError: something is missing.
        TypeError: a setting is unknown.
        ValueError: a phrase, or something else, cannot be what it is.
    """
    settings, passes = parsed["settings"], parsed["passes"]
    if not isinstance(settings, dict) or not isinstance(passes, list):
        raise ValueError("settings must be an object, and passes a list")
    if not isinstance(settings.get("connector_words"), list):
        raise ValueError("connector_words must be a list")
    pruned, num_words = parsed["pruned"], parsed["num_words"]
    if not isinstance(pruned, list) or not all(map(_is_count, [*pruned, num_words])):
        raise ValueError("pruned and num_words must be counts")
    known = PhraseSettings(**settings)
    found = tuple(tuple(_phrase(entry, known) for entry in one) for one in passes)
    return Phrases(found, known, num_words, tuple(pruned))


def _entry(phrase: Phrase) -> dict[str, Any]:
    return {
        "words": phrase.words,
        "count": phrase.count,
        "score": phrase.score,
        "example": phrase.example,
    }


def _phrase(entry: Any, settings: PhraseSettings) -> Phrase:
    phrase = Phrase(tuple(entry["words"]), entry["count"], entry["score"], entry["example"])
    words = phrase.words
    if (
        not isinstance(entry["words"], list)
        or len(words) < 2
        or not all(word and isinstance(word, str) for word in words)
        or not _is_count(phrase.count)
        or not isinstance(phrase.score, int | float)
        or isinstance(phrase.score, bool)
        or not isinstance(phrase.example, str)
        or words[0] in settings.connector_words
        or words[-1] in settings.connector_words
    ):
        raise ValueError(f"{short_repr(entry)} is not a phrase")
    return phrase


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
