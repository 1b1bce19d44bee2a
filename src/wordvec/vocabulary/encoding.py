"""Encoding: a source as a vocabulary and a file of word ids; the source is read once, and the file renumbered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wordvec.corpus.encoded import (
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
from wordvec.corpus.weights import repeated
from wordvec.errors import ConfigError, CorpusError
from wordvec.vocabulary.final_ids import DROPPED, ChosenVocabulary, GivenVocabulary, PartWords, final_ids_in
from wordvec.vocabulary.merging import ALONE, Exchange, HashedWords, failing_together, sums_of
from wordvec.vocabulary.selection import WordCounter
from wordvec.vocabulary.vocabulary import CountedVocabulary

__all__ = [
    "CountingProgress",
    "Rewrite",
    "UnrankedText",
    "encode_corpus",
    "encode_with",
    "number_words",
    "renumber",
]

_WINDOW_POSITIONS = 2**20
_FIRST_WORDS = 10_000  # of a part, kept for messages


LOG = logging.getLogger("wordvec")


def renumber(
    parts: Sequence[tuple[Path, int]],  # (S,)  files, with how many provisional ids each has
    final_ids_of: Callable[[int], NDArray[np.int32]],
    report: Callable[[int, int], None],
) -> EncodedCorpus:
    """Rewrite files of provisional ids as one, the first one; `report` is called with the bytes done and in all.

    Dropped words are left out, and so are texts in which no word is left.

    Args:
        parts: files, with how many provisional ids each has; those after the first are removed when they are read.
        final_ids_of: the final ids of a part, (W + 1,), by provisional id; the last place is for TEXT_END, which is -1.
        report: called with the bytes done and the bytes in all.

    Raises:
        CorpusError: the file no longer exists, has become shorter or been overwritten, or cannot be read or written.

    >>> from tempfile import TemporaryDirectory
    >>> from wordvec.corpus.encoded import GAP, TEXT_END
    >>> final_ids = np.array([DROPPED, 0, GAP, TEXT_END], dtype=np.int32)
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "corpus.int32")
    ...     np.array([0, -1, 2, 1, 0, -1, 2, -1], dtype=np.int32).tofile(path)
    ...     corpus = renumber([(path, 8)], lambda part: final_ids, lambda bytes_done, bytes_total: None)
    ...     corpus.read(0, corpus.num_positions).tolist()
    [-2, 0, -1]
    """
    num_done, num_positions = 0, sum(positions for _, positions in parts)
    with open_to_rewrite(parts[0][0]) as new:
        writer = TextWriter(new)
        for part, (path, positions) in enumerate(parts):
            final_ids = final_ids_of(part)
            old = IdReader(path, min_id=TEXT_END, max_id=len(final_ids) - 2)
            for start in range(0, positions, _WINDOW_POSITIONS):
                stop = min(start + _WINDOW_POSITIONS, positions)
                ids = final_ids[old.read(start, stop)]
                writer.add(ids[ids != DROPPED])
                report(4 * (num_done + stop), 4 * num_positions)
            num_done += positions
            if part:
                del old
                path.unlink(missing_ok=True)
            else:
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


class UnrankedText(NamedTuple):
    """A text as word ids in a file, before a vocabulary is chosen: each word has an id, in the order of first sight."""

    path: Path
    num_positions: int  # ids in the file, `TEXT_END` after each text among them
    words: list[str]  # (W,)
    counts: NDArray[np.int64]  # (W,)


Rewrite: TypeAlias = Callable[
    [UnrankedText], UnrankedText
]  # changes a text in its file, as joining phrases does


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
    adds_words: bool = True,
    rewrite: Rewrite | None = None,
    threads: int = 2,
    on_progress: Callable[[CountingProgress], None] | None = None,
    block_bytes: int = BLOCK_BYTES,
    exchange: Exchange = ALONE,
    max_distinct: int | None = None,
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
        adds_words: whether others are added.
        rewrite: changes the text before its vocabulary is chosen.
        threads: how many read.
        on_progress: called with a record for each block.
        block_bytes: how much text is worked on at a time, by each thread.
        exchange: with the other ranks, each of which reads its share of the text (`share_of`): all get the vocabulary
            of all of it.
        max_distinct: how many distinct words are counted in memory, about; more go to files beside the text, and no
            count is lost. None: all.

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

    rule = ChosenVocabulary(
        source.description, min_count, max_vocab, unknown, unknown_word, tuple(keep_words), adds_words
    )
    return _encode(
        source, rule, folder, tokenizer, threads, on_progress, rewrite, block_bytes, exchange, max_distinct
    )


def encode_with(
    vocabulary: CountedVocabulary,
    source: Source,
    *,
    folder: Path,
    tokenizer: str | Tokenizer,
    unknown: Literal["drop", "gap"],
    unknown_word: str | None,
    threads: int,
    rewrite: Rewrite | None = None,
    on_progress: Callable[[CountingProgress], None] | None = None,
    exchange: Exchange = ALONE,
    max_distinct: int | None = None,
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
    rule = GivenVocabulary(source.description, vocabulary, unknown, unknown_word)
    _, corpus = _encode(
        source, rule, folder, tokenizer, threads, on_progress, rewrite, BLOCK_BYTES, exchange, max_distinct
    )
    num_words, num_texts = sums_of(exchange, corpus.num_words, corpus.num_texts)
    if num_words == num_texts:  # each text has a word, so none has two
        corpus.path.unlink(missing_ok=True)
        raise CorpusError(
            f"no text in {source.description} holds two words of the vocabulary, so there is nothing to compute a loss "
            f"on: {num_texts:,} texts hold one of its {len(vocabulary):,} words; give text of the same kind as "
            "the training text, one text a line"
        )
    return corpus


def _encode(
    source: Source,
    rule: ChosenVocabulary | GivenVocabulary,
    folder: Path,
    tokenizer: str | Tokenizer,
    threads: int,
    on_progress: Callable[[CountingProgress], None] | None,
    rewrite: Rewrite | None,
    block_bytes: int,
    exchange: Exchange,
    max_distinct: int | None,
) -> tuple[CountedVocabulary, EncodedCorpus]:
    """Write the text in provisional ids, in the order of first sight; then replace them by those of a vocabulary.

    Where there are too many words for memory, or several ranks, each part of the text has its words by hash.
    """
    report = on_progress or (lambda _: None)
    parts: list[_Part] = []
    try:
        with failing_together(exchange):
            blocks = read_tokens(source, tokenizer, threads=threads, block_bytes=block_bytes)
            with closing(blocks):
                for text, is_last in _number_parts(
                    blocks, folder, source.num_bytes, report, max_distinct, ends_texts=rewrite is not None
                ):
                    parts.append(_Part(text))
                    is_only = is_last and len(parts) == 1
                    if is_only and exchange.size == 1:
                        num_read, num_distinct = int(text.counts.sum()), len(text.counts)
                        report(
                            CountingProgress("encoding", 0, 4 * text.num_positions, num_read, num_distinct)
                        )
                    if rewrite is not None:
                        text = rewrite(text)
                    if is_only and exchange.size == 1:
                        parts[0].keep(text)
                    else:
                        parts[-1].hash(text, None if is_only else folder)
                    del text  # it has many words, perhaps
            if len(parts) > 1:
                LOG.info(
                    "%s has more distinct words than memory is for: they were counted in %d parts, whose counts, in "
                    "files, are added up before rare words are left out, so that no count is lost",
                    source.description,
                    len(parts),
                )
        if parts[0].text is not None:
            vocabulary, ids = rule.number(parts[0].text.words, parts[0].text.counts)
            parts[0].text = None  # its words are no longer needed
        else:
            words = [part.words for part in parts if part.words is not None]
            vocabulary, num_read, num_distinct = rule.merge(words, exchange)

        def final_ids_of(part: int) -> NDArray[np.int32]:
            found = parts[part].words
            if found is None:
                return np.append(ids, np.int32(TEXT_END))
            return final_ids_in(vocabulary, found.hashed, rule.unknown, rule.unknown_word)

        with failing_together(exchange):
            corpus = renumber(
                [(part.path, part.num_positions) for part in parts],
                final_ids_of,
                lambda done, total: report(CountingProgress("encoding", done, total, num_read, num_distinct)),
            )
    except BaseException:
        for part in parts:
            part.path.unlink(missing_ok=True)
        raise
    finally:
        for part in parts:
            part.remove_words()
        pa.default_memory_pool().release_unused()  # pyarrow would keep some 40 MB from the training to come
    return vocabulary, corpus


class _Part:
    """A part of a text as provisional ids in a file, and its words: by hash, where there are other parts or ranks."""

    def __init__(self, text: UnrankedText) -> None:
        self.path, self.num_positions = text.path, text.num_positions
        self._num_words = int(text.counts.sum())
        self.text: UnrankedText | None = None  # where its words are not hashed
        self.words: PartWords | None = None

    def keep(self, text: UnrankedText) -> None:
        """Keep the words of the text, as it was rewritten."""
        self.num_positions, self.text = text.num_positions, text

    def hash(self, text: UnrankedText, folder: Path | None) -> None:
        """Keep its words by hash, in memory or in a file in the folder."""
        self.num_positions = text.num_positions
        first_words, first_counts = text.words[:_FIRST_WORDS], text.counts[:_FIRST_WORDS].copy()
        hashed = HashedWords(text.words, text.counts, folder)
        self.words = PartWords(hashed, self._num_words, first_words, first_counts)

    def remove_words(self) -> None:
        self.text = None
        if self.words is not None:
            self.words.hashed.remove()


def number_words(
    source: Source,
    folder: Path,
    tokenizer: str | Tokenizer,
    threads: int,
    report: Callable[[CountingProgress], None],
    block_bytes: int = BLOCK_BYTES,
) -> UnrankedText:
    """Read a source once; write the text in provisional ids to a file in `folder`, and count its words.

    Raises:
        CorpusError: the source cannot be read.
        ResourceError: the disk is full.
        ConfigError: the tokenizer is unknown.

    >>> from tempfile import TemporaryDirectory
    >>> from wordvec.corpus.sources import parse_source
    >>> with TemporaryDirectory() as folder:
    ...     source = parse_source([["b", "a", "b"], ["c"]])
    ...     text = number_words(source, Path(folder), "whitespace", 1, lambda progress: None)
    ...     np.fromfile(text.path, np.int32).tolist(), text.words, text.counts.tolist()
    ([0, 1, 0, -1, 2, -1], ['b', 'a', 'c'], [2, 1, 1])
    """
    blocks = read_tokens(source, tokenizer, threads=threads, block_bytes=block_bytes)
    with closing(blocks):
        text, _ = next(_number_parts(blocks, folder, source.num_bytes, report))
    return text


def _number_parts(
    blocks: Iterable[TokenBlock],
    folder: Path,
    bytes_total: int | None,
    report: Callable[[CountingProgress], None],
    max_distinct: int | None = None,
    *,
    ends_texts: bool = False,
) -> Iterator[tuple[UnrankedText, bool]]:
    """Write the text in provisional ids, in parts of some distinct words each; and say which part is the last.

    `ends_texts` says that no text goes on from one part to the next.
    """
    waiting = iter(blocks)
    words_before = distinct_before = 0
    is_last = False
    while not is_last:
        file = create_id_file(folder)
        path = Path(file.name)
        counter = WordCounter()
        try:
            with file:
                if not words_before:
                    report(CountingProgress("counting", 0, bytes_total, 0, 0))
                for block in waiting:
                    share_done = block.bytes_read / bytes_total if bytes_total else None
                    for ids in repeated(counter.add(block), block.repeats):
                        append_ids(file, ids, share_done=share_done)
                    words, distinct = (
                        words_before + counter.num_words,
                        distinct_before + counter.num_distinct_words,
                    )
                    report(CountingProgress("counting", block.bytes_read, bytes_total, words, distinct))
                    is_cut = not ends_texts or block.ids[-1:].tolist() == [TEXT_END]
                    if max_distinct is not None and counter.num_distinct_words >= max_distinct and is_cut:
                        break
                else:
                    is_last = True
                text = UnrankedText(path, file.tell() // 4, counter.words(), counter.counts())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        words_before += counter.num_words
        distinct_before += counter.num_distinct_words
        del counter  # it has many words, perhaps
        yield text, is_last
        del text
