"""Final ids: the vocabulary that a text gets, chosen or given, and the ids of its words in it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import GAP, TEXT_END
from wordvec.vocabulary.merging import Exchange, HashedWords, merge_words, sums_of
from wordvec.vocabulary.selection import (
    advice_without_spaces,
    check_enough_words,
    check_has_words,
    choose_words,
    with_absent,
)
from wordvec.vocabulary.vocabulary import CountedVocabulary

__all__ = ["DROPPED", "ChosenVocabulary", "GivenVocabulary", "PartWords", "final_ids_in"]

DROPPED = -3  # the final id of a word that is left out

_UNKNOWN_ID = {"drop": DROPPED, "gap": GAP}


class PartWords(NamedTuple):
    """The words of a part of a text, where there are other parts or ranks."""

    hashed: HashedWords
    num_words: int  # read, of every frequency
    first_words: list[str]  # for messages
    first_counts: NDArray[np.int64]  # of the first words


@dataclass(frozen=True)
class ChosenVocabulary:
    """How the vocabulary of a text is chosen; see `encode_corpus`."""

    name: str  # of the source
    min_count: int
    max_vocab: int | None
    unknown: Literal["drop", "gap"]
    unknown_word: str | None
    keep_words: tuple[str, ...]
    adds_words: bool

    def number(
        self, words: list[str], counts: NDArray[np.int64]
    ) -> tuple[CountedVocabulary, NDArray[np.int32]]:
        """The vocabulary of all words, (W,), by their counts, (W,), and their ids in it, (W,)."""
        num_distinct = len(words)
        words, counts = with_absent(words, counts, self.keep_words)
        chosen = self._choose(words, counts)
        self._check(counts[chosen], words[:num_distinct], counts[:num_distinct])
        ids = np.full(len(words), _UNKNOWN_ID[self.unknown], dtype=np.int32)
        ids[chosen] = np.arange(len(chosen))
        return CountedVocabulary([words[place] for place in chosen.tolist()], counts[chosen]), ids[
            :num_distinct
        ]

    def merge(self, parts: Sequence[PartWords], exchange: Exchange) -> tuple[CountedVocabulary, int, int]:
        """The vocabulary of the words of all parts and ranks; how many words were read, and how many are distinct."""
        merged = merge_words(
            [part.hashed for part in parts],
            exchange,
            min_count=self.min_count,
            keep_words=self.keep_words,
            unknown_word=self.unknown_word,
            choose=self._choose,
        )
        words, counts = with_absent(merged.words, merged.counts, self.keep_words)
        chosen = self._choose(words, counts)
        num_known = merged.num_distinct - (merged.unknown_count > 0)
        totals = (merged.num_words - merged.unknown_count, num_known, merged.max_count)
        shown, of_shown = parts[0].first_words, parts[0].first_counts  # of which messages give advice
        if not num_known or shown in ([], [self.unknown_word]):
            shown = [""] if num_known else [str(self.unknown_word)] * merged.num_distinct
            of_shown = np.ones(len(shown), np.int64)
        self._check(counts[chosen], shown, of_shown, totals)
        vocabulary = CountedVocabulary([words[place] for place in chosen.tolist()], counts[chosen])
        return vocabulary, merged.num_words, merged.num_distinct

    def _choose(self, words: list[str], counts: NDArray[np.int64]) -> NDArray[np.int64]:
        return choose_words(
            words,
            counts,
            min_count=self.min_count,
            max_vocab=self.max_vocab,
            keep_words=self.keep_words,
            adds_words=self.adds_words,
            unknown_word=self.unknown_word,
        )

    def _check(
        self,
        chosen_counts: NDArray[np.int64],  # (V,)
        words: list[str],  # (W,)  of the text
        counts: NDArray[np.int64],  # (W,)
        totals: tuple[int, int, int] | None = None,
    ) -> None:
        check_enough_words(
            int(np.count_nonzero(chosen_counts)),
            words,
            counts,
            name=self.name,
            min_count=self.min_count,
            max_vocab=self.max_vocab,
            unknown_word=self.unknown_word,
            adds_words=self.adds_words,
            totals=totals,
        )
        if advice := advice_without_spaces(words, counts):
            warnings.warn(f"in {self.name}, {advice}", stacklevel=2)


@dataclass(frozen=True)
class GivenVocabulary:
    """A vocabulary that there is already; see `encode_with`."""

    name: str  # of the source
    vocabulary: CountedVocabulary
    unknown: Literal["drop", "gap"]
    unknown_word: str | None

    def number(self, words: list[str], _: NDArray[np.int64]) -> tuple[CountedVocabulary, NDArray[np.int32]]:
        """The vocabulary, and the ids of words, (W,), in it."""
        check_has_words(words, name=self.name, unknown_word=self.unknown_word)
        return self.vocabulary, _ids_in(self.vocabulary, words, self.unknown, self.unknown_word)

    def merge(self, parts: Sequence[PartWords], exchange: Exchange) -> tuple[CountedVocabulary, int, int]:
        """The vocabulary; how many words all ranks have read; and how many distinct ones their parts have, in sum."""
        each = [(len(part.first_words), part.first_words == [self.unknown_word]) for part in parts]
        num_words, num_distinct, num_worded, num_unknown = sums_of(
            exchange,
            sum(part.num_words for part in parts),
            sum(part.hashed.num_words for part in parts),
            sum(num_first > 0 for num_first, _ in each),
            sum(is_unknown for _, is_unknown in each),
        )
        if num_worded == num_unknown:  # of the parts, each has no word or the unknown one
            shown = [str(self.unknown_word)] * (num_worded > 0)
            check_has_words(shown, name=self.name, unknown_word=self.unknown_word)
        return self.vocabulary, num_words, num_distinct


def _ids_in(
    vocabulary: CountedVocabulary,
    words: list[str],  # (W,)
    unknown: Literal["drop", "gap"],
    unknown_word: str | None,
) -> NDArray[np.int32]:
    """The ids of words in a vocabulary, (W,)."""
    ids = np.full(len(words), _UNKNOWN_ID[unknown], dtype=np.int32)
    for place, word in enumerate(words):
        if word in vocabulary and word != unknown_word:
            ids[place] = vocabulary.id_of(word)
    return ids


def final_ids_in(
    vocabulary: CountedVocabulary,
    hashed: HashedWords,  # of a part of a text
    unknown: Literal["drop", "gap"],
    unknown_word: str | None,
) -> NDArray[np.int32]:
    """The final ids of a part, (W + 1,), by provisional id; the last place is for TEXT_END."""
    ids = np.full(hashed.num_words + 1, TEXT_END, np.int32)
    for bucket in hashed.buckets():
        words = bucket["word"].to_pylist()
        ids[bucket["id"].to_numpy()] = _ids_in(vocabulary, words, unknown, unknown_word)
    return ids
