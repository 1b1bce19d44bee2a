"""Unspaced text: tell languages that are written without spaces between words, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.shortening import shortened

__all__ = ["advice_without_spaces"]

# The language, its letters, how long words on average must be to be sentences, and what cuts it into words.
_LANGUAGES = (
    ("Japanese", r"[\u3040-\u30ff]", 4, "fugashi or Janome"),
    ("Chinese", r"[\u3400-\u9fff\U00020000-\U0003ffff]", 4, "tokenizer=jieba.lcut"),
    ("Thai", r"[\u0e00-\u0e7f]", 8, "tokenizer=pythainlp.word_tokenize"),
    ("Lao", r"[\u0e80-\u0eff]", 8, "laonlp"),
    ("Khmer", r"[\u1780-\u17ff]", 8, "khmer-nltk"),
    ("Burmese", r"[\u1000-\u109f]", 8, "pyidaungsu"),
)
_LETTERS = re.compile("|".join(letters for _, letters, *_ in _LANGUAGES))
_MOST_WORDS = 10_000  # to look at


def advice_without_spaces(
    words: Sequence[str],  # (W,)
    counts: NDArray[np.int64],  # (W,)
) -> str | None:
    """Say what to do where most words are sentences of a language without spaces; None where they are not.

    >>> print(advice_without_spaces(["今天天气很好", "我喜欢吃苹果"], np.array([1, 1])))
    most words are whole phrases, such as '今天天气很好': Chinese is written without spaces, so cut the text into ...
    >>> advice_without_spaces(["今天", "天气", "很", "好"], np.array([1, 1, 1, 1])) is None
    True
    """
    unspaced = [
        (word, count)
        for word, count in islice(zip(words, counts.tolist(), strict=True), _MOST_WORDS)
        if 2 * len(_LETTERS.findall(word)) > len(word)
    ]
    num_unspaced = sum(count for _, count in unspaced)
    if not unspaced or 2 * num_unspaced <= counts[:_MOST_WORDS].sum():
        return None
    text = "".join(word for word, _ in unspaced)
    # Chinese characters are in Japanese text, too, so that a fifth of kana is enough to tell it.
    language, _, min_length, remedy = next(
        (one for one in _LANGUAGES if 5 * len(re.findall(one[1], text)) > len(text)), _LANGUAGES[1]
    )
    if sum(len(word) * count for word, count in unspaced) < min_length * num_unspaced:
        return None
    example = next(word for word, _ in unspaced if len(word) >= min_length)
    return (
        f"most words are whole phrases, such as {shortened(example, 20)!r}: {language} is written without spaces, so "
        f"cut the text into words first: tokenizer= takes a function from a text to its words ({remedy}) or a "
        "tokenizer of Hugging Face; for the shell, write the text with spaces between words"
    )
