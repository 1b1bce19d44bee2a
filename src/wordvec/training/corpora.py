"""Corpora: the encoded text of a run, to train on and to validate on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.config import MAX_WINDOW, Config
from wordvec.corpus.encoded import EncodedCorpus
from wordvec.corpus.shares import share_of
from wordvec.corpus.sources import Source
from wordvec.corpus.tokenizers import Tokenizer
from wordvec.errors import CorpusError
from wordvec.phrases.finding import join_text
from wordvec.phrases.phrases import Phrases
from wordvec.sampling.seeds import Purpose, generator
from wordvec.vocabulary.encoding import CountingProgress, encode_corpus, encode_with
from wordvec.vocabulary.merging import ALONE, Exchange, failing_together, numbers_of, sums_of
from wordvec.vocabulary.rearranging import hold_out, shuffle_texts
from wordvec.vocabulary.selection import advice_without_spaces
from wordvec.vocabulary.vocabulary import CountedVocabulary

__all__ = ["Corpora", "check_contexts", "encode", "max_text_window"]

POSITIONS_OF_A_PIECE, WINDOWS_OF_A_PIECE = 1_000, 20


class Corpora(NamedTuple):
    """A run's text, in word ids."""

    vocabulary: CountedVocabulary
    training: EncodedCorpus
    held_out: EncodedCorpus | None
    read: CountingProgress  # the last report on reading the training text
    max_text_length: int  # words and gaps, where windows are texts; else 0
    shares: tuple[int, ...]  # (ranks,)  the positions that each rank trains on

    def fitted(self, config: Config) -> Config:
        """The settings with a window in words, for the engine."""
        return config.for_texts(self.max_text_length)


def encode(
    source: Source,
    folder: Path,
    config: Config,
    tokenizer: str | Tokenizer,
    *,
    phrases: Phrases | None = None,
    validation_source: Source | None = None,
    keep_words: Sequence[str] = (),
    on_progress: Callable[[CountingProgress], None],
    exchange: Exchange = ALONE,
    speeds: Sequence[float] | None = None,
    max_distinct: int | None = None,
) -> Corpora:
    """Read and encode the text; set apart what is to be validated on.

    Args:
        source: all of the text; each rank reads its share.
        folder: where the encoded text goes.
        config: the settings.
        tokenizer: as for `encode_corpus`.
        phrases: to join in the text.
        validation_source: text to validate on, of which each rank reads its share, too.
        keep_words: as for `encode_corpus`.
        on_progress: called with a record for each block.
        exchange: with the other ranks. They get the vocabulary, and hold out the texts, that one rank has and holds out
            that reads all of the text; but texts that are read in turns (`share_of`) are held out in another order.
            With `shuffle_texts`, each rank reads all of the text, and has all of it.
        speeds: how fast each rank is, (ranks,), compared with the others; None: all alike.
        max_distinct: as for `encode_corpus`.

    Raises:
        CorpusError: it cannot be read, or there is too little of it.
    """
    encode_for = partial(
        _encode,
        source,
        folder,
        config,
        tokenizer,
        phrases=phrases,
        validation_source=validation_source,
        keep_words=keep_words,
        on_progress=on_progress,
        max_distinct=max_distinct,
    )
    if not config.shuffle_texts or exchange.size == 1:
        return encode_for(exchange=exchange, speeds=speeds)
    with failing_together(exchange):  # their random order is that of all texts
        return encode_for(exchange=ALONE, speeds=None)


def _encode(
    source: Source,
    folder: Path,
    config: Config,
    tokenizer: str | Tokenizer,
    *,
    phrases: Phrases | None,
    validation_source: Source | None,
    keep_words: Sequence[str],
    on_progress: Callable[[CountingProgress], None],
    exchange: Exchange,
    speeds: Sequence[float] | None,
    max_distinct: int | None,
) -> Corpora:
    """Each rank's share of the text; where one is alone, all of it, shuffled unless that is not wanted."""
    name = source.description
    with failing_together(exchange):
        source = share_of(source, exchange.rank, exchange.size, weights=speeds)
        if validation_source is not None:
            validation_source = share_of(validation_source, exchange.rank, exchange.size, weights=speeds)
    rewrite = None if phrases is None else partial(join_text, phrases=phrases, threads=config.num_threads)
    last_read: list[CountingProgress] = []

    def on_counting(progress: CountingProgress) -> None:
        last_read[:] = [progress]
        on_progress(progress)

    vocabulary, corpus = encode_corpus(
        source,
        folder=folder,
        tokenizer=tokenizer,
        min_count=config.min_count,
        max_vocab=config.max_vocab,
        unknown=config.unknown,
        unknown_word=config.unknown_word,
        keep_words=keep_words,
        adds_words=config.start_vocabulary != "old",
        rewrite=rewrite,
        threads=config.num_threads,
        on_progress=on_counting,
        exchange=exchange,
        max_distinct=max_distinct,
    )
    check_contexts(corpus, vocabulary.words, vocabulary.counts, exchange)
    max_text_length = max_text_window(corpus, config, name=name, exchange=exchange)
    held_out = None
    if validation_source is not None:
        held_out = encode_with(
            vocabulary,
            validation_source,
            folder=folder,
            tokenizer=tokenizer,
            unknown=config.unknown,
            unknown_word=config.unknown_word,
            rewrite=rewrite,
            threads=config.num_threads,
            exchange=exchange,
            max_distinct=max_distinct,
        )
        of_held_out = max_text_window(held_out, config, name=validation_source.description, exchange=exchange)
        max_text_length = max(max_text_length, of_held_out)
    elif config.validation:
        chance = generator(config.seed, Purpose.HELD_OUT_TEXTS)
        corpus, held_out = hold_out(
            corpus,
            config.validation,
            chance,
            folder,
            keeps_repeats_together=source.weight is not None,
            exchange=exchange,
        )
    if config.shuffle_texts is not False and exchange.size == 1:
        corpus = _in_random_order(corpus, folder, config)
    shares = tuple(numbers_of(exchange, corpus.num_positions))
    if exchange.size > 1:
        corpus = _as_share(corpus, exchange)
        held_out = None if held_out is None else _as_share(held_out, exchange)
    return Corpora(vocabulary, corpus, held_out, last_read[0], max_text_length, shares)


def _in_random_order(corpus: EncodedCorpus, folder: Path, config: Config) -> EncodedCorpus:
    chance = generator(config.seed, Purpose.TEXT_ORDER)
    return shuffle_texts(corpus, chance, folder, piece_positions=_piece_positions(config, corpus))


def _piece_positions(config: Config, corpus: EncodedCorpus) -> int:
    """In pieces of what length texts are shuffled: such that few windows are cut, and none whose texts count."""
    if config.window == "text" or config.batch_unit == "texts":
        return corpus.num_positions
    return max(POSITIONS_OF_A_PIECE, WINDOWS_OF_A_PIECE * config.window)


def _as_share(corpus: EncodedCorpus, exchange: Exchange) -> EncodedCorpus:
    """What this rank has of the corpus of all ranks, whose shares stand one after the other in the order of ranks."""
    sizes = numbers_of(exchange, corpus.num_positions)
    first = sum(sizes[: exchange.rank])
    num_positions, num_words, num_texts = sums_of(
        exchange, corpus.num_positions, corpus.num_words, corpus.num_texts
    )
    own = (first, first + corpus.num_positions)
    return corpus.shared(own, num_positions=num_positions, num_words=num_words, num_texts=num_texts)


def check_contexts(
    corpus: EncodedCorpus,
    words: Sequence[str],  # (W,)  of the text
    counts: NDArray[np.int64],  # (W,)
    exchange: Exchange = ALONE,
) -> None:
    """Check that some word stands beside another, in the share of some rank.

    Raises:
        CorpusError: every text has one word.
    """
    num_words, num_texts = sums_of(exchange, corpus.num_words, corpus.num_texts)
    if num_words == num_texts:
        advice = advice_without_spaces(words, counts) or (
            "wordvec reads one text a line: put the words of a sentence on one line"
        )
        raise CorpusError(
            f"each of the {num_texts:,} texts has one word (of those in the vocabulary), so no word has a "
            f"context to learn from; {advice}"
        )


def max_text_window(corpus: EncodedCorpus, config: Config, *, name: str, exchange: Exchange = ALONE) -> int:
    """The words and gaps of the longest text of all ranks, where windows are texts; else 0.

    Raises:
        CorpusError: a text is too long to be a window.
    """
    if config.window != "text":
        return 0
    longest = int(max(numbers_of(exchange, corpus.max_text_length())))
    if longest > MAX_WINDOW:
        raise CorpusError(
            f"window='text' pairs each word of a text with all others, in texts of up to {MAX_WINDOW:,} words, and "
            f"{name} has a text of {longest:,}; cut it into shorter texts, or give window a number of words"
        )
    return longest
