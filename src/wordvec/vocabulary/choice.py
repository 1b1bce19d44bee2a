"""Choice: which of the words that were counted become the vocabulary."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import CorpusError
from wordvec.vocabulary.unspaced import advice_without_spaces

__all__ = ["choose_words", "refuse_no_words", "refuse_too_few_words", "with_absent"]


def choose_words(
    words: list[str],  # (W,)
    counts: NDArray[np.int64],  # (W,)
    *,
    min_count: int,
    max_vocab: int | None = None,
    keep_words: Collection[str] = (),
    unknown_word: str | None = None,
) -> NDArray[np.int64]:
    """The places of `keep_words`, and of the words with at least `min_count`, (V,).

    There are at most `max_vocab` of them, the most frequent ones; but `keep_words` stay in any case, and the unknown
    word is never among them. They come by descending count; words of equal count in the order of their code points.

    >>> words, counts = ["c", "d", "a", "b", "e"], np.array([2, 7, 2, 2, 1])
    >>> [words[place] for place in choose_words(words, counts, min_count=2, max_vocab=3)]
    ['d', 'a', 'b']
    >>> [words[place] for place in choose_words(words, counts, min_count=2, max_vocab=3, keep_words=["e"])]
    ['d', 'a', 'e']
    """
    is_kept = np.fromiter(map(frozenset(keep_words).__contains__, words), bool, len(words))
    may_stay = is_kept | (counts >= min_count)
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


def refuse_too_few_words(
    num_chosen: int,  # of the words that occur
    words: list[str],  # (W,)
    counts: NDArray[np.int64],  # (W,)
    *,
    name: str,
    min_count: int,
    max_vocab: int | None,
    unknown_word: str | None,
) -> None:
    """Say why fewer than two words of a source were chosen, and what to change.

    Raises:
        CorpusError: `num_chosen` is 0 or 1.
    """
    if num_chosen >= 2:
        return
    refuse_no_words(words, name=name, unknown_word=unknown_word)
    known = counts[[word != unknown_word for word in words]]
    read = (
        f"{known.sum():,} words were read, {len(known):,} of them distinct, and the most frequent one "
        f"occurs {known.max():,} times"
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


def refuse_no_words(words: list[str], *, name: str, unknown_word: str | None) -> None:
    """Say that a source holds no words, or only the one that stands for unknown ones.

    Raises:
        CorpusError: so it is.
    """
    if not words:
        raise CorpusError(
            f"there are no words in {name}: it is empty, or nothing but whitespace; give some text"
        )
    if words == [unknown_word]:
        raise CorpusError(
            f"there are no words in {name} but {unknown_word!r}, which stands for unknown ones (unknown_word); "
            "give other text, or leave unknown_word out"
        )
