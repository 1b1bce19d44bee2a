"""Counted sample: the beginning of a text, counted as a run counts it, and what that says of all of the text."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.corpus.encoded import GAP, TEXT_END, EncodedCorpus, TextWriter, create_id_file
from wordvec.corpus.reading import read_sample, tokenize_blocks
from wordvec.corpus.sources import Source
from wordvec.corpus.tokenizers import Tokenizer
from wordvec.vocabulary.final_ids import DROPPED
from wordvec.vocabulary.selection import WordCounter, choose_words, with_absent

__all__ = [
    "CountedSample",
    "Expected",
    "count_sample",
    "encode_sample",
    "expect",
    "expected_vocabulary",
    "growth_exponent",
]

FITTED_PARTS = (4, 2, 1)  # the law is fitted at a quarter, a half and all of the sample: it bends before that
RELIABLE_COUNT = 5  # of a word in the sample, to say how often it occurs in all
MIN_COUNT = 2  # that says something


def growth_exponent(first_sight_ids: NDArray[np.int32]) -> float:
    """The b of Heaps' law: n words of running text have about K n^b distinct ones.

    Args:
        first_sight_ids: (P,) a text in provisional ids, which are given in the order of first sight.

    Returns:
        In [0, 1].

    >>> growth_exponent(np.array([0, 1, 0, 2, 1, 2, 3, 0, 1, 4, 2, 1, 5, 0, 1, 4], np.int32))
    0.5
    """
    if len(first_sight_ids) < max(FITTED_PARTS):
        return 0.0
    places = len(first_sight_ids) // np.array(FITTED_PARTS)
    distinct = np.array([first_sight_ids[:place].max() + 1 for place in places])
    slope = np.polyfit(np.log(places), np.log(distinct), 1)[0]
    return round(float(np.clip(slope, 0, 1)), 6)


def expected_vocabulary(
    counts: NDArray[np.int64],  # (W,)
    *,
    times: float,
    exponent: float,
    min_count: int,
) -> tuple[int, int]:
    """How many words a text has at least `min_count` times, and how often these occur, from the counts in a part of it.

    A word that is frequent in the part is `times` as frequent in all. Where `min_count` / `times` is below what a count
    in the part can tell, the words that are still to come count, too: there, the number of words with a given count
    grows with the same exponent as the number of distinct words, which is what Zipf's law makes of Heaps'.

    On 100 MB of Wikipedia, from 2, 8 and 16 % of it, the vocabulary at min_count 5 is found 10, 6 and 6 % too large,
    and the occurrences that it leaves out, 1.5 % of the text, 34, 13 and 8 %.

    Args:
        counts: of the words in the part.
        times: how often the whole text is as long as the part, at least 1.
        exponent: from `growth_exponent`.
        min_count: of a word of the vocabulary.

    >>> expected_vocabulary(np.array([50, 10, 2, 1, 1]), times=1, exponent=0.5, min_count=2)
    (3, 62)
    >>> expected_vocabulary(np.array([50, 10, 2, 1, 1]), times=4, exponent=0.5, min_count=1)
    (10, 256)
    """
    thresholds = np.arange(1, min_count + 1)  # (M,)
    # Of `times`, as much as the counts themselves can tell of.
    known_times = np.clip(thresholds / RELIABLE_COUNT, 1, times)
    ordered = np.sort(counts)

    def num_with(least: NDArray[np.float64]) -> NDArray[np.int64]:
        return len(ordered) - np.searchsorted(ordered, least, side="left")

    # (M,)  words with at least 1, 2, ... occurrences; the second is larger where words are about equally frequent
    num_words = np.maximum(
        num_with(thresholds / known_times) * (times / known_times) ** exponent,
        num_with(np.maximum(thresholds / times, MIN_COUNT)),
    )
    # Words with j occurrences each, for all j below min_count.
    left_out = num_words[:-1].sum() - (min_count - 1) * num_words[-1]
    occurrences = max(0.0, counts.sum() * times - max(0.0, left_out))
    return round(float(num_words[-1])), round(float(occurrences))


@dataclass(frozen=True, eq=False)
class CountedSample:
    """A part of the text; or all of it, if that is not much."""

    share: float  # of the text, in (0, 1]
    is_whole: bool
    bytes_total: int  # of the text as it lies on disk
    words: list[str]  # (W,)  by first sight
    counts: NDArray[np.int64]  # (W,)
    ids: NDArray[np.int32]  # (P,)  places in words, and TEXT_END; each text once
    num_positions: int  # P, with the repeats of texts that have weights
    seconds: float  # that reading and counting took

    @property
    def times(self) -> float:
        """How often all of the text is as long."""
        return 1 / self.share


class Expected(NamedTuple):
    """What all of the text holds: counted if the sample is all of it, else expected."""

    words: int
    distinct_words: int
    words_in_vocabulary: int
    counts: NDArray[np.int64]  # (V,)
    known: NDArray[
        np.int64
    ]  # (at most V,)  places of the first of these in the sample's words; the rest is to come
    known_words: list[str]  # the same, as words

    @property
    def vocabulary(self) -> int:
        """V."""
        return len(self.counts)


def count_sample(
    source: Source, tokenizer: str | Tokenizer, *, sample_bytes: int, threads: int
) -> CountedSample | None:
    """Read and count about `sample_bytes` of text; None where text could be read only once, as from standard input.

    Raises:
        CorpusError: the source cannot be read, or is not text.
        ConfigError: the tokenizer is unknown.
    """
    began = time.perf_counter()
    sample = read_sample(source, sample_bytes)
    if sample is None:
        return None
    counter = WordCounter()
    parts, num_positions = [], 0
    for block in tokenize_blocks(sample.blocks, tokenizer, threads=threads):
        parts.append(counter.add(block))
        num_ends = np.count_nonzero(block.ids == TEXT_END) if block.repeats is None else block.repeats.sum()
        num_positions += int(num_ends)
    num_positions += counter.num_words
    return CountedSample(
        share=sample.share,
        is_whole=sample.is_whole,
        bytes_total=sample.bytes_total,
        words=counter.words(),
        counts=counter.counts(),
        ids=np.concatenate([np.empty(0, np.int32), *parts]),
        num_positions=num_positions,
        seconds=time.perf_counter() - began,
    )


def expect(sample: CountedSample, config: Config, keep_words: Sequence[str] = ()) -> Expected:
    """What all of the text holds.

    Args:
        sample: with a word in it that is not the unknown one.
        config: the settings that choose the vocabulary.
        keep_words: words that are in it in any case.
    """
    words, counts = with_absent(sample.words, sample.counts, keep_words)
    adds_words = config.start_vocabulary != "old"
    num_words, occurrences, exponent = config.max_vocab if adds_words else None, 0, 0.0
    if not sample.is_whole:
        exponent = growth_exponent(sample.ids[sample.ids >= 0])
    if not sample.is_whole and adds_words:
        num_words, occurrences = _expected_size(sample, config, exponent, keep_words)
    known = choose_words(
        words,
        counts,
        min_count=config.min_count if sample.is_whole else 1,
        max_vocab=num_words,
        keep_words=keep_words,
        adds_words=adds_words,
        unknown_word=config.unknown_word,
    )
    counts_known = np.round(counts[known] * sample.times).astype(np.int64)
    num_to_come = 0 if sample.is_whole or num_words is None else max(0, num_words - len(known))
    return Expected(
        words=round(sample.counts.sum() * sample.times),
        distinct_words=round(len(sample.words) * sample.times**exponent),
        words_in_vocabulary=occurrences if num_to_come else int(counts_known.sum()),
        counts=np.pad(counts_known, (0, num_to_come), constant_values=config.min_count),
        known=known,
        known_words=[words[place] for place in known.tolist()],
    )


def _expected_size(
    sample: CountedSample, config: Config, exponent: float, keep_words: Sequence[str]
) -> tuple[int, int]:
    """How many words the vocabulary has, and how often they occur; more often, where `max_vocab` leaves some out."""
    is_other = np.array([word != config.unknown_word for word in sample.words])
    num_words, occurrences = expected_vocabulary(
        sample.counts[is_other], times=sample.times, exponent=exponent, min_count=config.min_count
    )
    kept = frozenset(keep_words)
    frequent = {
        word
        for word, count in zip(sample.words, sample.counts.tolist(), strict=True)
        if count * sample.times >= config.min_count
    }
    num_words += len(kept - frequent)
    return min(num_words, config.max_vocab or num_words), occurrences


def encode_sample(
    sample: CountedSample, known: NDArray[np.int64], config: Config, folder: Path
) -> EncodedCorpus:
    """Write the sample as a run writes its text, with the places in `known` as ids.

    Raises:
        ResourceError: the disk is full.
    """
    size = (
        max(len(sample.words), int(known.max(initial=0)) + 1) + 1
    )  # words that are kept need not be in the sample
    final_ids = np.full(size, GAP if config.unknown == "gap" else DROPPED, np.int32)
    final_ids[known] = np.arange(len(known), dtype=np.int32)
    final_ids[TEXT_END] = TEXT_END
    ids = final_ids[sample.ids]
    with create_id_file(folder) as file:
        writer = TextWriter(file)
        writer.add(ids[ids != DROPPED])
    return writer.corpus()
