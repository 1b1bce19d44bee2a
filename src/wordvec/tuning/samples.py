"""Samples: a text that is read and encoded once, for trials on parts of it and with smaller vocabularies."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.corpus.encoded import GAP, TEXT_END, EncodedCorpus, TextWriter, create_id_file
from wordvec.errors import CorpusError
from wordvec.sampling.seeds import Purpose, generator
from wordvec.training.corpora import check_contexts
from wordvec.vocabulary.final_ids import DROPPED
from wordvec.vocabulary.rearranging import draw_sample
from wordvec.vocabulary.vocabulary import CountedVocabulary

__all__ = ["TextPart", "TuningText", "cut_last_items", "shares_of_text"]

# V words of the text, W of them in a part
Ints = NDArray[np.int64]

REDUCTION = 3  # each sample has a third of the words of the next larger one
MAX_SAMPLES = 2
MIN_SAMPLE_WORDS = 1_000_000  # fewer say too little of how settings do on all of the text
KEPT_PARTS = 3  # files of word ids that are kept for the next trial
MIN_SESSION_ITEMS = 3  # without the last one, two are left to train on
POSITIONS_AT_ONCE = 2**20


def shares_of_text(num_words: int, *, uses_samples: bool = True) -> tuple[float, ...]:
    """The shares of a text that a trial trains on, one after the other while it does well; the last is 1, all of it.

    Args:
        num_words: of the text.
        uses_samples: whether trials begin with samples.

    >>> shares_of_text(15_000_000), shares_of_text(4_000_000), shares_of_text(9_000)
    ((0.1111111111111111, 0.3333333333333333, 1.0), (0.3333333333333333, 1.0), (1.0,))
    """
    powers = range(MAX_SAMPLES if uses_samples else 0, 0, -1)
    samples = [
        share for share in (REDUCTION**-power for power in powers) if share * num_words >= MIN_SAMPLE_WORDS
    ]
    return (*samples, 1.0)


class TextPart(NamedTuple):
    """What a trial trains on."""

    vocabulary: CountedVocabulary  # of W words, counted in this part, by descending count
    corpus: EncodedCorpus  # in ids of this vocabulary
    max_text_length: int  # words and gaps, where windows are texts; else 0


class TuningText:
    """The text of a search: all of it as word ids, and parts of it that are made when they are asked for.

    Args:
        vocabulary: of the text, by descending count.
        corpus: the text.
        folder: for the files of parts; they go with it.
        config: what all trials share: its seed draws the samples.
        max_text_length: words and gaps of the longest text, where windows are texts; else 0.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "corpus.int32")
    ...     np.array([0, 1, 2, TEXT_END, 0, 1, TEXT_END], dtype=np.int32).tofile(path)
    ...     corpus = EncodedCorpus(path, num_positions=7, num_words=5, num_texts=2)
    ...     text = TuningText(
    ...         CountedVocabulary(["a", "b", "c"], np.array([2, 2, 1])), corpus, Path(folder), Config()
    ...     )
    ...     part = text.part(1.0, min_count=2)
    ...     part.vocabulary.words, part.corpus.read(0, part.corpus.num_positions).tolist()
    (['a', 'b'], [0, 1, -1, 0, 1, -1])
    """

    def __init__(
        self,
        vocabulary: CountedVocabulary,
        corpus: EncodedCorpus,
        folder: Path,
        config: Config,
        max_text_length: int = 0,
    ):
        self.vocabulary, self.corpus = vocabulary, corpus
        self._folder, self._config, self._max_text_length = folder, config, max_text_length
        self._samples: dict[float, tuple[EncodedCorpus, Ints]] = {1.0: (corpus, vocabulary.counts)}
        self._parts: OrderedDict[tuple[float, int], TextPart] = OrderedDict()

    def part(self, share: float, min_count: int) -> TextPart:
        """A sample of the text, in the words that occur `min_count` times in all of it and once in the sample.

        So a setting of `min_count` means the same vocabulary, nearly, on a sample and on all of the text.

        Args:
            share: of the text, in (0, 1].
            min_count: words that occur less often are left out; no less than was asked for when the text was encoded.

        Raises:
            CorpusError: fewer than two words are left, or no two side by side; or a file has been lost.
            ResourceError: the disk is full.
        """
        if (share, min_count) not in self._parts:
            self._parts[share, min_count] = self._made(share, min_count)
        self._parts.move_to_end((share, min_count))
        while len(self._parts) > KEPT_PARTS:
            _, old = self._parts.popitem(last=False)
            old.corpus.path.unlink(missing_ok=True)
        return self._parts[share, min_count]

    def _made(self, share: float, min_count: int) -> TextPart:
        corpus, counts = self._sample(share)
        kept = np.flatnonzero((self.vocabulary.counts >= min_count) & (counts > 0))
        kept = kept[np.argsort(-counts[kept], kind="stable")]  # (W,)
        if len(kept) < 2:
            raise CorpusError(
                f"min_count={min_count} leaves {len(kept)} words in {share:.0%} of the text, and training tells words "
                "apart, so it needs two; lower min_count, or give more text"
            )
        dropped = GAP if self._config.unknown == "gap" else DROPPED
        final_ids = np.full(
            len(counts) + 2, dropped, np.int32
        )  # the last two places are for GAP and TEXT_END
        final_ids[GAP], final_ids[TEXT_END] = GAP, TEXT_END
        final_ids[kept] = np.arange(len(kept))
        vocabulary = CountedVocabulary([self.vocabulary.words[word] for word in kept.tolist()], counts[kept])
        with create_id_file(self._folder) as file:
            writer = TextWriter(file)
            for ids in _pieces(corpus):
                renumbered = final_ids[ids]
                writer.add(renumbered[renumbered != DROPPED])
        found = writer.corpus()
        check_contexts(found, vocabulary.words, vocabulary.counts)
        return TextPart(vocabulary, found, self._max_text_length)

    def _sample(self, share: float) -> tuple[EncodedCorpus, Ints]:
        """The texts of a sample in ids of the whole vocabulary, and how often it has each word, (V,)."""
        if share not in self._samples:
            chance = generator(self._config.seed, Purpose.SAMPLED_TEXTS)
            corpus = draw_sample(self.corpus, share, chance, self._folder)
            counts = np.zeros(len(self.vocabulary), np.int64)
            for ids in _pieces(corpus):
                counts += np.bincount(ids[ids >= 0], minlength=len(counts))
            self._samples[share] = corpus, counts
        return self._samples[share]


def _pieces(corpus: EncodedCorpus) -> Iterator[NDArray[np.int32]]:
    for start in range(0, corpus.num_positions, POSITIONS_AT_ONCE):
        yield corpus.read(start, min(start + POSITIONS_AT_ONCE, corpus.num_positions))


def cut_last_items(
    corpus: EncodedCorpus, max_sessions: int, chance: np.random.Generator, folder: Path
) -> tuple[EncodedCorpus, list[list[int]]]:
    """Take texts for sessions, and write the corpus without the last word of each of these.

    Args:
        corpus: its file stays as it is.
        max_sessions: how many to take, at most; of texts with three words or more.
        chance: draws which ones.
        folder: for the new file.

    Returns:
        The corpus to train on, and the word ids of each session, whole.

    Raises:
        CorpusError: no text has three words.
        ResourceError: the disk is full.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "corpus.int32")
    ...     np.array([0, 1, 2, TEXT_END, 0, 1, TEXT_END], dtype=np.int32).tofile(path)
    ...     corpus = EncodedCorpus(path, num_positions=7, num_words=5, num_texts=2)
    ...     rest, sessions = cut_last_items(corpus, 5, np.random.default_rng(1), Path(folder))
    ...     rest.read(0, rest.num_positions).tolist(), sessions
    ([0, 1, -1, 0, 1, -1], [[0, 1, 2]])
    """
    lengths = _text_lengths(corpus)
    eligible = np.flatnonzero(lengths >= MIN_SESSION_ITEMS)
    if not len(eligible):
        raise CorpusError(
            f"none of the {len(lengths):,} texts has three words or more, so no session has an item to ask for and two "
            "to train on; give one session a line"
        )
    taken = np.sort(chance.choice(eligible, min(max_sessions, len(eligible)), replace=False))
    ends = np.cumsum(lengths + 1) - 1  # (T,)  positions of the texts' ends
    is_cut = np.zeros(corpus.num_positions, bool)
    is_cut[ends[taken] - 1] = True
    sessions = [corpus.read(int(ends[text] - lengths[text]), int(ends[text])).tolist() for text in taken]
    with create_id_file(folder) as file:
        writer, done = TextWriter(file), 0
        for ids in _pieces(corpus):
            writer.add(ids[~is_cut[done : done + len(ids)]])
            done += len(ids)
    return writer.corpus(), [[word for word in session if word >= 0] for session in sessions]


def _text_lengths(corpus: EncodedCorpus) -> Ints:
    """The words and gaps of each text, (T,)."""
    ends, done = [], 0
    for ids in _pieces(corpus):
        ends.append(np.flatnonzero(ids == TEXT_END) + done)
        done += len(ids)
    places: Ints = np.concatenate(ends).astype(np.int64)
    return np.diff(places, prepend=np.int64(-1)) - np.int64(1)
