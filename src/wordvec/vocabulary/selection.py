"""Selection: counting words, and choosing the vocabulary from the counts."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import TEXT_END
from wordvec.corpus.token_blocks import TokenBlock
from wordvec.errors import CorpusError
from wordvec.text import shortened

__all__ = [
    "WordCounter",
    "advice_without_spaces",
    "check_enough_words",
    "check_has_words",
    "choose_words",
    "with_absent",
]

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
_MAX_WORDS = 10_000  # to look at


def advice_without_spaces(
    words: Sequence[str],  # (W,)
    counts: NDArray[np.int64],  # (W,)
) -> str | None:
    """Advice for text of a language without spaces, where most words are whole sentences; None for other text.

    >>> print(advice_without_spaces(["今天天气很好", "我喜欢吃苹果"], np.array([1, 1])))
    most words are whole phrases, such as '今天天气很好': Chinese is written without spaces, so cut the text into ...
    >>> advice_without_spaces(["今天", "天气", "很", "好"], np.array([1, 1, 1, 1])) is None
    True
    """
    unspaced = [
        (word, count)
        for word, count in islice(zip(words, counts.tolist(), strict=True), _MAX_WORDS)
        if 2 * len(_LETTERS.findall(word)) > len(word)
    ]
    num_unspaced = sum(count for _, count in unspaced)
    if not unspaced or 2 * num_unspaced <= counts[:_MAX_WORDS].sum():
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


class WordCounter:
    """All words seen so far, and how often.

    >>> counter = WordCounter()
    >>> counter.add(TokenBlock(["b", "a"], np.array([0, 1, 0, TEXT_END], dtype=np.int32))).tolist()
    [0, 1, 0, -1]
    >>> counter.add(TokenBlock(["c", "a"], np.array([0, 1, TEXT_END], dtype=np.int32))).tolist()
    [2, 1, -1]
    >>> counter.words(), counter.counts().tolist()
    (['b', 'a', 'c'], [2, 2, 1])
    """

    def __init__(self) -> None:
        self._numbers = _Numbers()
        self._counts = np.zeros(1024, dtype=np.int64)
        self.num_words = 0

    def add(self, block: TokenBlock) -> NDArray[np.int32]:
        """Count the words of a block, with the repeats of its texts, and return the block in provisional numbers."""
        num_distinct = len(block.words)
        numbers = np.full(num_distinct + 1, TEXT_END, dtype=np.int32)  # the last one is for TEXT_END, -1
        numbers[:-1] = np.fromiter(map(self._numbers.__getitem__, block.words), np.int32, num_distinct)
        if len(self._numbers) > len(self._counts):
            self._counts = np.pad(self._counts, (0, 2 * len(self._numbers) - len(self._counts)))
        times = None
        if block.repeats is not None:
            times = np.repeat(block.repeats, np.diff(np.flatnonzero(block.ids == TEXT_END), prepend=-1))
        found = np.bincount(block.ids + 1, times, minlength=num_distinct + 1)[1:].astype(np.int64)
        self._counts[numbers[:-1]] += found
        self.num_words += int(found.sum())
        return numbers[block.ids]

    @property
    def num_distinct_words(self) -> int:
        """How many words `words` holds."""
        return len(self._numbers)

    def words(self) -> list[str]:
        """The distinct words, (W,), in the order they were first seen."""
        return list(self._numbers)

    def counts(self) -> NDArray[np.int64]:
        """How often each was seen, (W,)."""
        return self._counts[: len(self._numbers)]


class _Numbers(dict[str, int]):
    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number


def choose_words(
    words: list[str],  # (W,)
    counts: NDArray[np.int64],  # (W,)
    *,
    min_count: int,
    max_vocab: int | None = None,
    keep_words: Collection[str] = (),
    adds_words: bool = True,
    unknown_word: str | None = None,
) -> NDArray[np.int64]:
    """The indices of `keep_words`, and, with `adds_words`, of the words with at least `min_count`, (V,).

    There are at most `max_vocab` of them, the most frequent ones; but `keep_words` stay in any case, and the unknown
    word is never among them. They are sorted by descending count; words of equal count by their code points.

    >>> words, counts = ["c", "d", "a", "b", "e"], np.array([2, 7, 2, 2, 1])
    >>> [words[place] for place in choose_words(words, counts, min_count=2, max_vocab=3)]
    ['d', 'a', 'b']
    >>> [words[place] for place in choose_words(words, counts, min_count=2, max_vocab=3, keep_words=["e"])]
    ['d', 'a', 'e']
    """
    is_kept = np.fromiter(map(frozenset(keep_words).__contains__, words), bool, len(words))
    may_stay = is_kept | ((counts >= min_count) & adds_words)
    if unknown_word is not None and unknown_word in words:
        may_stay[words.index(unknown_word)] = False
    places = np.array(sorted(np.flatnonzero(may_stay).tolist(), key=words.__getitem__), dtype=np.int64)
    places = places[np.argsort(-counts[places], kind="stable")]
    if max_vocab is None:
        return places
    is_other = ~is_kept[places]
    num_others = max(0, max_vocab - int(np.count_nonzero(is_kept)))
    return places[~is_other | (np.cumsum(is_other) <= num_others)]


def with_absent(
    words: list[str],  # (W,)
    counts: NDArray[np.int64],  # (W,)
    keep_words: Sequence[str],
) -> tuple[list[str], NDArray[np.int64]]:
    """The words and their counts, followed by those of `keep_words` that are not among them, with count 0.

    >>> words, counts = with_absent(["a", "b"], np.array([3, 1]), ["c", "a", "c"])
    >>> words, counts.tolist()
    (['a', 'b', 'c'], [3, 1, 0])
    """
    absent = sorted(set(keep_words).difference(words))
    return (words + absent, np.pad(counts, (0, len(absent)))) if absent else (words, counts)


def check_enough_words(
    num_chosen: int,  # of the words that occur
    words: list[str],  # (W,)
    counts: NDArray[np.int64],  # (W,)
    *,
    name: str,
    min_count: int,
    max_vocab: int | None,
    unknown_word: str | None,
    adds_words: bool = True,
    totals: tuple[int, int, int] | None = None,
) -> None:
    """Check that at least two words of a source were chosen; say why they were not, and what to change.

    Args:
        num_chosen: how many were, of the words that occur.
        words: (W,) of the source, or some of them.
        counts: (W,)
        name: of the source.
        min_count: as for `choose_words`.
        max_vocab: as for `choose_words`.
        unknown_word: as for `choose_words`.
        adds_words: as for `choose_words`.
        totals: how many words the source has, how many of them are distinct, and how often the most frequent one
            occurs, but for the unknown word; None: `words` are all.

    Raises:
        CorpusError: `num_chosen` is 0 or 1.
    """
    if num_chosen >= 2:
        return
    check_has_words(words, name=name, unknown_word=unknown_word)
    if not adds_words:
        raise CorpusError(
            f"{name} has {'none' if num_chosen == 0 else 'only one'} of the words of the model to start from, and "
            "training tells words apart, so it needs two; give other text, or let its words join them: "
            "start_vocabulary='union' (--start-vocabulary union)"
        )
    known = counts[[word != unknown_word for word in words]]
    num_words, num_distinct, max_count = totals or (known.sum(), len(known), known.max())
    read = (
        f"{num_words:,} words were read, {num_distinct:,} of them distinct, and the most frequent one "
        f"occurs {max_count:,} times"
    )
    remedy = f"lower min_count (now {min_count}), or give more text"
    if max_vocab == 1 and num_chosen:
        remedy = "raise max_vocab (now 1), or give more text"
    remedy = advice_without_spaces(words, counts) or remedy
    if num_chosen == 0:
        raise CorpusError(f"all words in {name} are rarer than min_count: {read}; {remedy}")
    raise CorpusError(
        f"only one word of {name} is left in the vocabulary, but training tells words apart, so it needs "
        f"two: {read}; {remedy}"
    )


def check_has_words(words: list[str], *, name: str, unknown_word: str | None) -> None:
    """Check that a source has words, and not only the one that marks unknown words.

    Raises:
        CorpusError: it has none, or only that one.
    """
    if not words:
        raise CorpusError(f"there are no words in {name}: it is empty, or all whitespace; give some text")
    if words == [unknown_word]:
        raise CorpusError(
            f"there are no words in {name} but {unknown_word!r}, which marks unknown words (unknown_word); "
            "give other text, or leave unknown_word out"
        )
