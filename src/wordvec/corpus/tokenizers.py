"""Tokenizers: how a text becomes words: one of the built-in ways, by name, or a user's own function."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import pyarrow.compute as pc

from wordvec.errors import ConfigError

__all__ = ["TOKENIZERS", "Spacing", "Tokenizer", "spacing_named"]

Tokenizer: TypeAlias = Callable[[str], Iterable[str]]  # a user's own: from a text to its words
Spacing: TypeAlias = Callable[
    [Any], Any
]  # a built-in one: rewrite strings so that whitespace parts their words

# Kept inside of a word: the apostrophe, and the marks that join or part the letters of one word (zero-width
# joiner and non-joiner: Persian and the languages of India).
_JOINER = r"['\x{200c}\x{200d}]"
_NEITHER = r"[^\p{L}\p{M}\p{N}'\x{200c}\x{200d}]"
_BETWEEN_WORDS = rf"^{_JOINER}+|{_JOINER}+$|{_JOINER}?(?:{_NEITHER}|{_JOINER}{{2,}})+{_JOINER}?"

# All that str.split parts words at; the \s of pyarrow's patterns is ASCII's whitespace alone.
_SPACE = "".join(rf"\x{{{code:x}}}" for code in range(0x3001) if chr(code).isspace())
_WITHOUT_ALPHANUMERIC = rf"(^|[{_SPACE}])(?:[^{_SPACE}a-z0-9]+(?:[{_SPACE}]+|$))+"
_MARKS = {
    ".": "PERIOD",
    ",": "COMMA",
    '"': "QUOTATION_MARK",
    ";": "SEMICOLON",
    "!": "EXCLAMATION_MARK",
    "?": "QUESTION_MARK",
    "(": "LEFT_PAREN",
    ")": "RIGHT_PAREN",
    "--": "HYPHENS",
    ":": "COLON",
}


def _space_words(strings: Any) -> Any:
    """Part lower-cased Unicode words by spaces: runs of letters, marks, digits, and apostrophes inside.

    Everything else parts words: punctuation, hyphens, underscores, quotation marks. A typographic apostrophe
    becomes a plain one. Text that is written without spaces (Chinese, Japanese, Thai) is not cut into words.

    >>> import pyarrow as pa
    >>> _space_words(pa.array(["'Don't' say well-known O'Neil2_a"])).to_pylist()
    [" don't say well known o'neil2 a"]
    """
    lowered = pc.replace_substring(pc.utf8_lower(strings), "\u2019", "'")
    return pc.replace_substring_regex(lowered, _BETWEEN_WORDS, " ")


def _keep_words(strings: Any) -> Any:
    """Words are what stands between whitespace, as for `str.split`."""
    return strings


def _keep_alphanumeric(strings: Any) -> Any:
    """Lower-case, and leave out words without any of a-z and 0-9.

    >>> import pyarrow as pa
    >>> _keep_alphanumeric(pa.array(["@-@ Re-election , in 1945 É"])).to_pylist()
    ['re-election in 1945 ']
    """
    return pc.replace_substring_regex(pc.utf8_lower(strings), _WITHOUT_ALPHANUMERIC, r"\1")


def _name_punctuation(strings: Any) -> Any:
    """Lower-case, and make each punctuation mark a word, as the course notebook on text8 does.

    >>> import pyarrow as pa
    >>> _name_punctuation(pa.array(["Who? (Me.)"])).to_pylist()
    ['who <QUESTION_MARK>  <LEFT_PAREN> me <PERIOD>  <RIGHT_PAREN> ']
    """
    named = pc.utf8_lower(strings)
    for mark, name in _MARKS.items():
        named = pc.replace_substring(named, mark, f" <{name}> ")
    return named


TOKENIZERS: dict[str, Spacing] = {
    "whitespace": _keep_words,
    "words": _space_words,
    "alphanumeric": _keep_alphanumeric,
    "punctuation": _name_punctuation,
}


def spacing_named(name: str) -> Spacing:
    """Look a built-in tokenizer up.

    Raises:
        ConfigError: there is none of this name.

    >>> spacing_named("sentences")
    Traceback (most recent call last):
    wordvec.errors.ConfigError: tokenizer must be 'whitespace', 'words', 'alphanumeric', 'punctuation' or a ...
    """
    if name not in TOKENIZERS:
        raise ConfigError(
            f"tokenizer must be {', '.join(map(repr, TOKENIZERS))} or a function from a text to its words, "
            f"got {name!r}"
        )
    return TOKENIZERS[name]
