"""Encoding: one pass over the text counts and numbers its words; the vocabulary then renumbers them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wordvec.corpus.encoded import TEXT_END, EncodedCorpus
from wordvec.corpus.id_file import append_ids, create_id_file
from wordvec.corpus.reading import BLOCK_BYTES, read_tokens, source_bytes
from wordvec.corpus.sources import TextSource, TokenLists, describe
from wordvec.corpus.token_block import TokenBlock
from wordvec.corpus.tokenizers import Tokenizer
from wordvec.errors import CorpusError
from wordvec.vocabulary.counting import WordCounter, most_frequent
from wordvec.vocabulary.vocabulary import Vocabulary

__all__ = ["CountingProgress", "encode_corpus"]

_DROPPED = -2  # in place of a word that the vocabulary leaves out
_WINDOW_POSITIONS = 2**20


@dataclass(frozen=True, slots=True)
class CountingProgress:
    """How far reading has come. The last record tells what was read in all."""

    phase: Literal["counting", "encoding"]
    bytes_done: int  # counting: of the files as they lie on disk; encoding: of the file of word ids
    bytes_total: int | None  # None where the size is not known before the end (standard input, token lists)
    words: int  # read so far, of every frequency
    distinct_words: int  # among these


def encode_corpus(
    source: TextSource | TokenLists,
    *,
    folder: Path,
    tokenizer: str | Tokenizer = "whitespace",
    min_count: int = 5,
    max_vocab: int | None = None,
    threads: int = 2,
    on_progress: Callable[[CountingProgress], None] | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> tuple[Vocabulary, EncodedCorpus]:
    """Read a source once; choose the vocabulary; write the text as word ids to a file in `folder`.

    Words outside of the vocabulary are left out, and so are texts in which no word is left.

    Raises:
        CorpusError: the source cannot be read, the vocabulary has less than two words, or the disk is full.

    >>> from tempfile import TemporaryDirectory
    >>> texts = [["b", "a", "b", "rare"], ["rare?"], ["a", "b"]]
    >>> with TemporaryDirectory() as folder:
    ...     vocabulary, corpus = encode_corpus(texts, folder=Path(folder), min_count=2)
    ...     corpus.read(0, corpus.num_positions).tolist()
    [0, 1, 0, -1, 1, 0, -1]
    >>> vocabulary.words, vocabulary.counts.tolist(), corpus.num_texts
    (['b', 'a'], [3, 2], 2)
    """
    report = on_progress or (lambda _: None)
    bytes_total = source_bytes(source)
    blocks = read_tokens(source, tokenizer, threads=threads, block_bytes=block_bytes)
    file = create_id_file(folder)
    path = Path(file.name)
    try:
        with file, closing(blocks):
            report(CountingProgress("counting", 0, bytes_total, 0, 0))
            words, counts = _count(blocks, file, bytes_total, report)
        report(CountingProgress("encoding", 0, path.stat().st_size, int(counts.sum()), len(counts)))
        chosen = most_frequent(words, counts, min_count=min_count, max_vocab=max_vocab)
        _refuse_too_few_words(len(chosen), counts, source, min_count, max_vocab)
        vocabulary = Vocabulary([words[place] for place in chosen.tolist()], counts[chosen])
        final_ids = np.full(len(words) + 1, _DROPPED, dtype=np.int32)
        final_ids[chosen] = np.arange(len(chosen))
        final_ids[TEXT_END] = TEXT_END  # the last place
        del words
        corpus = _renumber(path, final_ids, int(counts.sum()), report)
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


def _renumber(
    path: Path,
    final_ids: NDArray[np.int32],  # (W + 1,)  by provisional id; the last place is for TEXT_END, which is -1
    words_read: int,
    report: Callable[[CountingProgress], None],
) -> EncodedCorpus:
    """Put final ids in place of provisional ones, in the same file: the text only becomes shorter."""
    num_positions = num_texts = 0
    follows_end = True
    bytes_total = path.stat().st_size
    with path.open("rb") as old, path.open("r+b", buffering=0) as new:
        while len(provisional := np.fromfile(old, dtype=np.int32, count=_WINDOW_POSITIONS)):
            ids, follows_end = _final_texts(provisional, final_ids, follows_end=follows_end)
            append_ids(new, ids)
            num_positions += len(ids)
            num_texts += int(np.count_nonzero(ids == TEXT_END))
            bytes_done = old.tell()
            report(CountingProgress("encoding", bytes_done, bytes_total, words_read, len(final_ids) - 1))
        new.truncate()
    return EncodedCorpus(path, num_positions, num_positions - num_texts, num_texts)


def _final_texts(
    provisional: NDArray[np.int32],  # (P,)
    final_ids: NDArray[np.int32],  # (W + 1,)
    *,
    follows_end: bool,
) -> tuple[NDArray[np.int32], bool]:
    """Renumber, leave out dropped words and empty texts; say whether the next position follows a text's end.

    >>> final_ids = np.array([_DROPPED, 0, TEXT_END], dtype=np.int32)
    >>> ids, follows_end = _final_texts(np.array([0, -1, 1, 0, -1, -1]), final_ids, follows_end=True)
    >>> ids.tolist(), follows_end
    ([0, -1], True)
    """
    ids = final_ids[provisional]
    ids = ids[ids != _DROPPED]
    if not len(ids):
        return ids, follows_end
    is_end = ids == TEXT_END
    ends_nothing = is_end & np.concatenate([[follows_end], is_end[:-1]])
    return ids[~ends_nothing], bool(is_end[-1])


def _refuse_too_few_words(
    num_kept: int,
    counts: NDArray[np.int64],  # (W,)
    source: TextSource | TokenLists,
    min_count: int,
    max_vocab: int | None,
) -> None:
    if num_kept >= 2:
        return
    name = describe(source)
    if not len(counts):
        raise CorpusError(
            f"there are no words in {name}: it is empty, or nothing but whitespace; give some text"
        )
    read = (
        f"{counts.sum():,} words were read, {len(counts):,} of them distinct, and the most frequent one "
        f"occurs {counts.max():,} times"
    )
    if num_kept == 0:
        raise CorpusError(
            f"all words in {name} are rarer than min_count: {read}; lower min_count (now {min_count}), or "
            "give more text"
        )
    remedy = "raise max_vocab (now 1)" if max_vocab == 1 else f"lower min_count (now {min_count})"
    raise CorpusError(
        f"only one word of {name} is left in the vocabulary, but training tells words apart, so it needs "
        f"two: {read}; {remedy}, or give more text"
    )
