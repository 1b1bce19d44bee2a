"""Tokenizers: how a text becomes words, by a built-in one, which has a name, or by a user's.

A user's is a function, or a tokenizer of Hugging Face, whose packages are not imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from unicodedata import normalize

import pyarrow as pa
import pyarrow.compute as pc

from wordvec.corpus.tables import codes_of
from wordvec.errors import ConfigError

__all__ = [
    "TOKENIZERS",
    "Spacing",
    "SubwordTokenizer",
    "Tokenizer",
    "as_tokenizer",
    "spacing_named",
    "tokenized",
]

Tokenizer: TypeAlias = Callable[[str], Iterable[str]]  # a user's: from a text to its words
Spacing: TypeAlias = Callable[
    [Any], Any
]  # a built-in one: rewrite strings so that whitespace parts their words

# Kept inside of a word: the apostrophe, plain or typographic, and the marks that join or part the letters of one
# word (zero-width joiner and non-joiner: Persian and the languages of India).
_JOINERS = r"'\x{2019}\x{200c}\x{200d}"
_NEITHER = rf"[^\p{{L}}\p{{M}}\p{{N}}{_JOINERS}]"
_BETWEEN_WORDS = (
    rf"^[{_JOINERS}]+|[{_JOINERS}]+$|[{_JOINERS}]?(?:{_NEITHER}|[{_JOINERS}]{{2,}})+[{_JOINERS}]?"
)

# No word begins with a mark, an accent or a vowel sign, which belongs to the letter before it; and what encloses a
# character, such as a keycap, is in none. Variation selectors only choose how the character before them looks.
_LONE_MARKS = rf"(?:^| )[\p{{M}}{_JOINERS}]+|[{_JOINERS}]?\p{{Me}}[\p{{M}}{_JOINERS}]*"
_VARIATION_SELECTORS = r"[\x{180b}-\x{180d}\x{180f}\x{fe00}-\x{fe0f}\x{e0100}-\x{e01ef}]+"
# All characters that NFC may change, or that may change by a mark that follows: few of a text, in most languages.
_MAY_BE_COMPOSED = (
    r"[\p{M}\x{374}\x{37e}\x{387}\x{958}-\x{95f}\x{9dc}-\x{9df}\x{a33}-\x{a5e}\x{b5c}\x{b5d}\x{f43}-\x{f69}"
    r"\x{1160}-\x{11ff}\x{1f71}-\x{1ffd}\x{2000}\x{2001}\x{2126}-\x{212b}\x{2329}\x{232a}\x{2adc}"
    r"\x{f900}-\x{faff}\x{fb1d}-\x{fb4e}\x{1d15e}-\x{1d1c0}\x{2f800}-\x{2fa1f}]"
)
_CAPITAL_SIGMA = "\u03a3"

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
    """Separate lower-cased Unicode words by spaces: runs of letters, marks, digits, and apostrophes inside.

    Everything else separates words: punctuation, hyphens, underscores, quotation marks. A typographic apostrophe
    becomes a plain one. Accents are composed (Unicode's NFC), however they were written; variation selectors are left
    out. Text that is written without spaces (Chinese, Japanese, Thai) is not cut into words.

    >>> import pyarrow as pa
    >>> _space_words(pa.array(["'Don't' say well-known O'Neil2_a", "CAFE\u0301"])).to_pylist()
    [" don't say well known o'neil2 a", 'café']
    """
    spaced = pc.replace_substring_regex(_lower(strings), _BETWEEN_WORDS, " ")
    return _where(pc.invert(pc.string_is_ascii(spaced)), spaced, _in_one_spelling)


def _keep_words(strings: Any) -> Any:
    """Words are separated by whitespace, as for `str.split`."""
    return strings


def _keep_alphanumeric(strings: Any) -> Any:
    """Lower-case, and leave out words without any of a-z and 0-9.

    >>> import pyarrow as pa
    >>> _keep_alphanumeric(pa.array(["@-@ Re-election , in 1945 É"])).to_pylist()
    ['re-election in 1945 ']
    """
    return pc.replace_substring_regex(_lower(strings), _WITHOUT_ALPHANUMERIC, r"\1")


def _name_punctuation(strings: Any) -> Any:
    """Lower-case, and make each punctuation mark a word, as the course notebook on text8 does.

    >>> import pyarrow as pa
    >>> _name_punctuation(pa.array(["Who? (Me.)"])).to_pylist()
    ['who <QUESTION_MARK>  <LEFT_PAREN> me <PERIOD>  <RIGHT_PAREN> ']
    """
    named = _lower(strings)
    for mark, name in _MARKS.items():
        named = pc.replace_substring(named, mark, f" <{name}> ")
    return named


def _in_one_spelling(strings: Any) -> Any:
    """Compose letters and accents, leave out marks without a letter, and make apostrophes plain."""

    def composed(some: Any) -> Any:
        some = pc.replace_substring_regex(some, _VARIATION_SELECTORS, "")
        some = pc.replace_substring_regex(some, _LONE_MARKS, " ")
        # utf8_normalize of pyarrow 25 composes nothing.
        return pa.array((normalize("NFC", text) for text in some.to_pylist()), some.type)

    strings = pc.replace_substring(strings, "\u2019", "'")
    return _where(pc.match_substring_regex(strings, _MAY_BE_COMPOSED), strings, composed)


def _lower(strings: Any) -> Any:
    """Lower-case; a capital sigma as `str.lower` does, by its place in the word: pyarrow looks at single characters.

    >>> import pyarrow as pa
    >>> _lower(pa.array(["ΟΔΟΣ ΣΟΦΙΑΣ", "THE"])).to_pylist()
    ['οδος σοφιας', 'the']
    """
    if _CAPITAL_SIGMA.encode() in codes_of(strings).tobytes():
        has_sigma = pc.match_substring(strings, _CAPITAL_SIGMA)
        strings = _where(
            has_sigma, strings, lambda some: pa.array(map(str.lower, some.to_pylist()), some.type)
        )
    return pc.utf8_lower(strings)


def _where(is_chosen: Any, strings: Any, change: Callable[[Any], Any]) -> Any:
    """Change some of the strings."""
    if not pc.any(is_chosen).as_py():
        return strings
    return pc.replace_with_mask(strings, is_chosen, change(strings.filter(is_chosen)))


TOKENIZERS: dict[str, Spacing] = {
    "whitespace": _keep_words,
    "words": _space_words,
    "alphanumeric": _keep_alphanumeric,
    "punctuation": _name_punctuation,
}


def spacing_named(name: str) -> Spacing:
    """Look up a built-in tokenizer.

    Raises:
        ConfigError: no tokenizer has this name.

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


def tokenized(texts: Sequence[str], tokenizer: str | Tokenizer) -> list[list[str]]:
    """The words of some texts that are in memory, by a built-in tokenizer or a user's; half a character becomes U+FFFD.

    Raises:
        ConfigError: no tokenizer has this name.

    >>> tokenized(["Don't walk!", ""], "words")
    [["don't", 'walk'], []]
    """
    if not isinstance(tokenizer, str):
        function = as_tokenizer(tokenizer)
        if isinstance(function, SubwordTokenizer):
            return function.batch(texts)
        return [list(function(text)) for text in texts]  # type: ignore[operator]  # no name, as above
    spacing = spacing_named(tokenizer)
    try:
        strings = pa.array(texts, pa.large_string())
    except UnicodeEncodeError:
        strings = pa.array([_whole(text) for text in texts], pa.large_string())
    return [text.split() for text in spacing(strings).to_pylist()]


def _whole(text: str) -> str:
    """A text with U+FFFD in place of each half of a character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@dataclass(frozen=True, slots=True)
class SubwordTokenizer:
    """A `tokenizers.Tokenizer`: its tokens as words, without those that it would add around each text."""

    tokenizer: Any

    def __call__(self, text: str) -> list[str]:
        """The tokens of a text."""
        return self.batch([text])[0]

    def batch(self, texts: Sequence[str]) -> list[list[str]]:
        """The tokens of some texts; the package chooses the number of threads."""
        found = self.tokenizer.encode_batch(
            texts, add_special_tokens=False
        )  # encode_batch_fast has no tokens
        return [encoding.tokens for encoding in found]


def as_tokenizer(tokenizer: str | Tokenizer | Any) -> str | Tokenizer:
    """A user's tokenizer as a name or a function.

    Raises:
        ConfigError: it cuts texts off, and cannot be copied to turn that off.

    >>> as_tokenizer("words"), as_tokenizer(str.split)
    ('words', <method 'split' of 'str' objects>)
    """
    # A fast one of transformers has one of tokenizers inside. Calling it would give numbers.
    inside = getattr(tokenizer, "backend_tokenizer", tokenizer)
    if hasattr(inside, "encode_batch") and hasattr(inside, "id_to_token"):
        return SubwordTokenizer(_without_limits(inside))
    if hasattr(tokenizer, "tokenize") and hasattr(tokenizer, "convert_tokens_to_ids"):
        function: Tokenizer = tokenizer.tokenize
        return function
    named_or_function: str | Tokenizer = tokenizer
    return named_or_function


def _without_limits(tokenizer: Any) -> Any:
    """The same tokenizer, or a copy of it that neither cuts texts off nor pads them."""
    if tokenizer.truncation is None and tokenizer.padding is None:
        return tokenizer
    try:
        copy = type(tokenizer).from_str(tokenizer.to_str())
    except Exception as problem:  # what tokenizers raises has no kind of its own
        raise ConfigError(
            f"the tokenizer cuts texts off or pads them, and cannot be copied to turn that off ({problem}); call "
            "its no_truncation() and no_padding() first"
        ) from problem
    copy.no_truncation()
    copy.no_padding()
    return copy
