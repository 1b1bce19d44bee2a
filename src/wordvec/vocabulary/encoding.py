"""Encoding: a source as a vocabulary and a file of word ids; the source is read once, and the file renumbered."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wordvec.corpus.encoded import (
    GAP,
    TEXT_END,
    EncodedCorpus,
    IdReader,
    TextWriter,
    append_ids,
    create_id_file,
    open_to_rewrite,
)
from wordvec.corpus.reading import BLOCK_BYTES, read_tokens
from wordvec.corpus.sources import Source
from wordvec.corpus.token_blocks import TokenBlock
from wordvec.corpus.tokenizers import Tokenizer
from wordvec.errors import ConfigError, CorpusError
from wordvec.vocabulary.selection import (
    WordCounter,
    advice_without_spaces,
    check_enough_words,
    check_has_words,
    choose_words,
    with_absent,
)
from wordvec.vocabulary.vocabulary import CountedVocabulary

__all__ = ["DROPPED", "CountingProgress", "encode_corpus", "encode_with", "renumber"]

DROPPED = -3  # the final id of a word that is left out
_WINDOW_POSITIONS = 2**20

_UNKNOWN_ID = {"drop": DROPPED, "gap": GAP}


def renumber(
    path: Path,
    num_positions: int,  # provisional ids in the file
    final_ids: NDArray[np.int32],  # (W + 1,)  by provisional id; the last place is for TEXT_END, which is -1
    report: Callable[[int, int], None],
) -> EncodedCorpus:
    """Rewrite a file of provisional ids, window by window; `report` is called with the bytes done and the bytes in all.

    Dropped words are left out, and so are texts in which no word is left.

    Raises:
        CorpusError: the file no longer exists, has become shorter or been overwritten, or cannot be read or written.

    >>> from tempfile import TemporaryDirectory
    >>> from wordvec.corpus.encoded import GAP, TEXT_END
    >>> final_ids = np.array([DROPPED, 0, GAP, TEXT_END], dtype=np.int32)
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "corpus.int32")
    ...     np.array([0, -1, 2, 1, 0, -1, 2, -1], dtype=np.int32).tofile(path)
    ...     corpus = renumber(path, 8, final_ids, lambda bytes_done, bytes_total: None)
    ...     corpus.read(0, corpus.num_positions).tolist()
    [-2, 0, -1]
    """
    old = IdReader(path, min_id=TEXT_END, max_id=len(final_ids) - 2)
    with open_to_rewrite(path) as new:
        writer = TextWriter(new)
        for start in range(0, num_positions, _WINDOW_POSITIONS):
            stop = min(start + _WINDOW_POSITIONS, num_positions)
            ids = final_ids[old.read(start, stop)]
            writer.add(ids[ids != DROPPED])
            report(4 * stop, 4 * num_positions)
        new.truncate()
    return writer.corpus()


@dataclass(frozen=True, slots=True)
class CountingProgress:
    """How far reading has come; the last record counts everything that was read."""

    phase: Literal["counting", "encoding"]
    bytes_done: int  # counting: of the files as they lie on disk; encoding: of the file of word ids
    bytes_total: int | None  # None where only reading tells (standard input, token lists)
    words: int  # read so far, of every frequency
    distinct_words: int  # among these


def encode_corpus(
    source: Source,
    *,
    folder: Path,
    tokenizer: str | Tokenizer = "whitespace",
    min_count: int = 5,
    max_vocab: int | None = None,
    unknown: Literal["drop", "gap"] = "drop",
    unknown_word: str | None = None,
    keep_words: Sequence[str] = (),
    threads: int = 2,
    on_progress: Callable[[CountingProgress], None] | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> tuple[CountedVocabulary, EncodedCorpus]:
    """Read a source once; choose the vocabulary; write the text as word ids to a file in `folder`.

    Texts in which no word of the vocabulary is left are left out.

    Args:
        source: what to read; see `parse_source`.
        folder: where the file goes.
        tokenizer: a built-in one by name, or a function from a text to its words.
        min_count: rarer words are not in the vocabulary.
        max_vocab: the size of the vocabulary, at most; the most frequent words stay.
        unknown: "drop" leaves out words that are not in the vocabulary; "gap" keeps the place of each by a `GAP`.
        unknown_word: a token that already marks unknown words, such as `<unk>`; it is never in the vocabulary.
        keep_words: words that are always in the vocabulary, even where the source does not have them; `max_vocab` then
            limits how many others are added.
        threads: how many read.
        on_progress: called with a record for each block.
        block_bytes: how much text is worked on at a time, by each thread.

    Raises:
        CorpusError: the source cannot be read, or fewer than two words of the vocabulary occur in it.
        ResourceError: the disk is full.
        ConfigError: the tokenizer is unknown, or the unknown word is one to keep.

    >>> from tempfile import TemporaryDirectory
    >>> from wordvec.corpus.sources import parse_source
    >>> source = parse_source([["b", "a", "b", "rare"], ["rare?"], ["a", "b"]])
    >>> with TemporaryDirectory() as folder:
    ...     vocabulary, corpus = encode_corpus(source, folder=Path(folder), min_count=2)
    ...     corpus.read(0, corpus.num_positions).tolist()
    [0, 1, 0, -1, 1, 0, -1]
    >>> vocabulary.words, vocabulary.counts.tolist(), corpus.num_texts
    (['b', 'a'], [3, 2], 2)
    """
    if unknown_word is not None and unknown_word in keep_words:
        raise ConfigError(
            f"unknown_word marks words that are not in the vocabulary, got {unknown_word!r}, which the vocabulary "
            "must keep, as it has been trained already; leave unknown_word out"
        )

    def number(words: list[str], counts: NDArray[np.int64]) -> tuple[CountedVocabulary, NDArray[np.int32]]:
        num_distinct = len(words)
        words, counts = with_absent(words, counts, keep_words)
        chosen = choose_words(
            words,
            counts,
            min_count=min_count,
            max_vocab=max_vocab,
            keep_words=keep_words,
            unknown_word=unknown_word,
        )
        check_enough_words(
            int(np.count_nonzero(counts[chosen])),
            words[:num_distinct],
            counts[:num_distinct],
            name=source.description,
            min_count=min_count,
            max_vocab=max_vocab,
            unknown_word=unknown_word,
        )
        if advice := advice_without_spaces(words, counts):
            warnings.warn(f"in {source.description}, {advice}", stacklevel=2)
        ids = np.full(len(words), _UNKNOWN_ID[unknown], dtype=np.int32)
        ids[chosen] = np.arange(len(chosen))
        return CountedVocabulary([words[place] for place in chosen.tolist()], counts[chosen]), ids[
            :num_distinct
        ]

    return _encode(source, number, folder, tokenizer, threads, on_progress, block_bytes)


def encode_with(
    vocabulary: CountedVocabulary,
    source: Source,
    *,
    folder: Path,
    tokenizer: str | Tokenizer,
    unknown: Literal["drop", "gap"],
    unknown_word: str | None,
    threads: int,
    on_progress: Callable[[CountingProgress], None] | None = None,
) -> EncodedCorpus:
    """Write another source, to validate on, as ids of an existing vocabulary; see `encode_corpus`.

    Raises:
        CorpusError: the source cannot be read, or none of its texts has two words of the vocabulary.
        ResourceError: the disk is full.
        ConfigError: the tokenizer is unknown.

    >>> from tempfile import TemporaryDirectory
    >>> from wordvec.corpus.sources import parse_source
    >>> vocabulary = CountedVocabulary(["a", "b"], np.array([9, 4]))
    >>> with TemporaryDirectory() as folder:
    ...     corpus = encode_with(
    ...         vocabulary,
    ...         parse_source([["b", "new", "a"], ["new"]]),
    ...         folder=Path(folder),
    ...         tokenizer="whitespace",
    ...         unknown="gap",
    ...         unknown_word=None,
    ...         threads=1,
    ...     )
    ...     corpus.read(0, corpus.num_positions).tolist()
    [1, -2, 0, -1]
    """

    def number(words: list[str], _: NDArray[np.int64]) -> tuple[CountedVocabulary, NDArray[np.int32]]:
        check_has_words(words, name=source.description, unknown_word=unknown_word)
        ids = np.full(len(words), _UNKNOWN_ID[unknown], dtype=np.int32)
        for place, word in enumerate(words):
            if word in vocabulary and word != unknown_word:
                ids[place] = vocabulary.id_of(word)
        return vocabulary, ids

    _, corpus = _encode(source, number, folder, tokenizer, threads, on_progress)
    if corpus.num_words == corpus.num_texts:  # each text has a word, so none has two
        corpus.path.unlink(missing_ok=True)
        raise CorpusError(
            f"no text in {source.description} holds two words of the vocabulary, so there is nothing to compute a loss "
            f"on: {corpus.num_texts:,} texts hold one of its {len(vocabulary):,} words; give text of the same kind as "
            "the training text, one text a line"
        )
    return corpus


def _encode(
    source: Source,
    # from the distinct words, (W,), and their counts, (W,), to a vocabulary and the ids that it gives them, (W,)
    number: Callable[[list[str], NDArray[np.int64]], tuple[CountedVocabulary, NDArray[np.int32]]],
    folder: Path,
    tokenizer: str | Tokenizer,
    threads: int,
    on_progress: Callable[[CountingProgress], None] | None,
    block_bytes: int = BLOCK_BYTES,
) -> tuple[CountedVocabulary, EncodedCorpus]:
    """Write the text in provisional ids, in the order of first sight; then replace them by what `number` gives."""
    report = on_progress or (lambda _: None)
    bytes_total = source.num_bytes
    blocks = read_tokens(source, tokenizer, threads=threads, block_bytes=block_bytes)
    file = create_id_file(folder)
    path = Path(file.name)
    try:
        with file, closing(blocks):
            report(CountingProgress("counting", 0, bytes_total, 0, 0))
            words, counts = _count(blocks, file, bytes_total, report)
            bytes_written = file.tell()
        num_words, num_distinct = int(counts.sum()), len(counts)
        report(CountingProgress("encoding", 0, bytes_written, num_words, num_distinct))
        vocabulary, ids = number(words, counts)
        del words  # many, perhaps, and no longer needed
        corpus = renumber(
            path,
            bytes_written // 4,
            np.append(ids, np.int32(TEXT_END)),
            lambda done, total: report(CountingProgress("encoding", done, total, num_words, num_distinct)),
        )
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        pa.default_memory_pool().release_unused()  # pyarrow would keep some 40 MB from the training to come
    return vocabulary, corpus


def _count(
    blocks: Iterable[TokenBlock],
    file: FileIO,
    bytes_total: int | None,
    report: Callable[[CountingProgress], None],
) -> tuple[list[str], NDArray[np.int64]]:
    """Write the text in provisional ids; give the words, (W,), that they number, and their counts, (W,)."""
    counter = WordCounter()
    for block in blocks:
        share_done = block.bytes_read / bytes_total if bytes_total else None
        append_ids(file, counter.add(block), share_done=share_done)
        words, distinct_words = counter.num_words, counter.num_distinct_words
        report(CountingProgress("counting", block.bytes_read, bytes_total, words, distinct_words))
    return counter.words(), counter.counts()
