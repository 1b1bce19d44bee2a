"""Map words: which words are on a map, and what the map is called."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # not needed for --help
    from wordvec.vectors.word_vectors import WordVectors

__all__ = ["chosen_words", "title_of"]


def chosen_words(
    vectors: WordVectors, num_words: int, near: Sequence[str], only: Sequence[str], listed: Sequence[str]
) -> list[str]:
    """Choose the words to draw, each once, the most important ones first; those listed are among them.

    Raises:
        UnknownWordError: a word that was asked for by name is not in the model.
    """
    chosen = list(dict.fromkeys([*_ranked(vectors, num_words, near, only), *listed]))
    vectors.ids(chosen)
    return chosen


def _ranked(vectors: WordVectors, num_words: int, near: Sequence[str], only: Sequence[str]) -> Sequence[str]:
    if only:
        return only
    if near:
        ranked = [[word, *(found.word for found in vectors.most_similar(word, k=num_words))] for word in near]
        in_turn = (word for word in chain.from_iterable(zip_longest(*ranked)) if word is not None)
        return list(dict.fromkeys(in_turn))[: max(num_words, len(near))]
    if vectors.counts is None:
        return vectors.words[:num_words]  # by habit, the most frequent first
    most_frequent = (-vectors.counts).argsort(kind="stable")[:num_words]
    return [vectors.words[row] for row in most_frequent]


def title_of(model: str, num_words: int, near: Sequence[str], only: Sequence[str]) -> str:
    """Say in one line what a map shows.

    >>> title_of("model.wv", 400, near=["chip"], only=[])
    'The words of model.wv nearest to chip'
    """
    if only:
        return f"{num_words:,} words of {model}"
    if near:
        return f"The words of {model} nearest to {', '.join(near)}"
    return f"The {num_words:,} most frequent words of {model}"
