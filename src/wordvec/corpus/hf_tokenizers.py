"""Tokenizers of Hugging Face, as functions from texts to their tokens; their packages are not imported here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wordvec.corpus.tokenizers import Tokenizer
from wordvec.errors import ConfigError

__all__ = ["SubwordTokenizer", "as_tokenizer"]


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
