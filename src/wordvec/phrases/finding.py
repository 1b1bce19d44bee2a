"""Finding phrases: count the neighboring words of a text, score the pairs, and join those that are phrases, on ids.

The text is read once, into a file of word ids. Each pass counts the pairs in it, in 64 hash tables that threads share
out among them. Which pairs are forgotten is decided for each table by itself, so threads never change the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.corpus.encoded import TEXT_END, IdReader, append_ids, open_to_rewrite
from wordvec.corpus.sources import SourceLike, parse_source
from wordvec.corpus.tokenizers import Tokenizer, as_tokenizer
from wordvec.errors import ConfigError
from wordvec.kernels.cpu.word_pairs import (
    NUM_PARTS,
    PairTable,
    count_pairs,
    empty_pair_list,
    empty_pair_table,
    find_joins,
    join_words,
    key_of,
    list_pairs,
    make_join_table,
    move_pairs,
)
from wordvec.phrases.phrases import ENGLISH_CONNECTOR_WORDS, Phrase, Phrases, PhraseSettings
from wordvec.settings import check_count
from wordvec.storage.temporary import folder_for_corpora
from wordvec.vocabulary.encoding import CountingProgress, UnrankedText, number_words
from wordvec.vocabulary.selection import check_has_words

__all__ = ["find_phrases", "join_text"]

BLOCK_POSITIONS = 2**21  # of the file that are worked on at a time
MAX_TAIL = 2**16  # connector words in a row that may be inside of a phrase, about
MIN_SLOTS = 2**8  # of a table
POSITIONS_PER_PAIR = 8  # of a long text, for each distinct pair, at least about
WORDS_AROUND = 4  # a phrase in its example, on each side

Ids = NDArray[np.int32]
Bools = NDArray[np.bool_]


def find_phrases(
    source: SourceLike,
    *,
    column: str | None = None,
    input_format: str | None = None,
    encoding: str = "utf-8",
    errors: str = "strict",
    tokenizer: str | Tokenizer | Any = "whitespace",
    threads: int | None = None,
    temporary_folder: str | Path | None = None,
    on_progress: Callable[[CountingProgress], None] | None = None,
    **settings: Any,
) -> Phrases:
    """Find words that stand side by side more often than chance has it, such as new york (Mikolov et al., 2013b).

    A pair a b has the score (count(a b) - min_count) V / (count(a) count(b)), where V is the number of distinct words
    and pairs, as in gensim; or the normalized pointwise mutual information (`scoring="npmi"`; Bouma, 2009).

    Args:
        source: the text, as for `wordvec.train`.
        column: which column of tables, or key of dicts, is the text.
        input_format: "text", "csv", "tsv", "jsonl" or "parquet" (default: by the files' names and contents).
        encoding: of files, but for Parquet.
        errors: what is done with bytes that are not of the encoding: "strict", "replace" or "ignore".
        tokenizer: as for `wordvec.train`; train with the same one.
        threads: how many read and count (default: one for each core).
        temporary_folder: where the text is kept as word ids, 4 bytes a word (default: the system's).
        on_progress: called with a record for each block that is read.
        settings: min_count (5), threshold (10; for npmi 0.5), scoring ("word2vec" or "npmi"), passes (1; with n passes,
            phrases have up to 2^n words), connector_words (words that may be inside of a phrase, but not at its ends;
            "english" for a, of, the and so on), delimiter ("_"), and max_pairs (40 million, of which 24 bytes each are
            counted in about twice the room; beyond it, the rarest pairs are forgotten, and `pruned` says so).

    Returns:
        The phrases, to look at, to save, or to train with.

    Raises:
        ConfigError: a setting is unknown or out of range.
        CorpusError: the text cannot be read, or has no words.
        ResourceError: there is too little disk.

    >>> texts = ["we saw new york", "new york is far", "old friends like new york", "some new things"]
    >>> list(find_phrases([text.split() for text in texts], min_count=1, threshold=1))
    [Phrase(words=('new', 'york'), count=3, score=3.5, example='we saw new york')]
    """
    known = _checked_settings(settings)
    if threads is not None:
        check_count("threads", threads, "how many read and count")
    num_threads = Config().num_threads if threads is None else threads
    parsed = parse_source(source, column, input_format, encoding, errors)
    report = on_progress or (lambda _: None)
    with folder_for_corpora(temporary_folder) as folder:
        text = number_words(parsed, folder, as_tokenizer(tokenizer), num_threads, report)
        check_has_words(text.words, name=parsed.description, unknown_word=None)
        num_words = int(text.counts.sum())
        passes: list[tuple[Phrase, ...]] = []
        pruned: list[int] = []
        for number in range(known.passes):
            if number > 0:
                text = join_text(text, Phrases((passes[-1],), known), num_threads)
            found, forgotten = _find_in(text, known, num_threads)
            passes.append(found)
            pruned.append(forgotten)
            if not found:
                break
    return Phrases(tuple(passes), known, num_words, tuple(pruned))


def join_text(text: UnrankedText, phrases: Phrases, threads: int) -> UnrankedText:
    """Join the phrases of a text, in its file.

    Raises:
        CorpusError: the file has been lost.

    >>> from tempfile import TemporaryDirectory
    >>> found = Phrases(((Phrase(("new", "york"), 9, 12.0, ""),),))
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "text.int32")
    ...     np.array([0, 1, 2, -1, 1, 0, -1], np.int32).tofile(path)
    ...     text = UnrankedText(path, 7, ["in", "new", "york"], np.array([2, 2, 1]))
    ...     joined = join_text(text, found, threads=1)
    ...     np.fromfile(path, np.int32).tolist(), joined.words, joined.counts.tolist()
    ([0, 3, -1, 1, 0, -1], ['in', 'new', 'york', 'new_york'], [2, 1, 0, 1])
    """
    for found in phrases.passes:
        text = _join_pass(text, Phrases((found,), phrases.settings), threads)
    return text


def _checked_settings(settings: dict[str, Any]) -> PhraseSettings:
    if settings.get("connector_words") == "english":
        settings = settings | {"connector_words": ENGLISH_CONNECTOR_WORDS}
    try:
        return PhraseSettings(**settings)
    except TypeError:
        names = list(PhraseSettings.__dataclass_fields__)
        unknown = [name for name in settings if name not in names]
        raise ConfigError(
            f"find_phrases has no setting {' or '.join(unknown) or 'of that kind'}; there are {', '.join(names)}"
        ) from None


def _is_connector(text: UnrankedText, settings: PhraseSettings) -> Bools:
    """Which words are connector words, (W,)."""
    connectors = frozenset(settings.connector_words)
    if not connectors:
        return np.zeros(len(text.words), bool)
    return np.fromiter(map(connectors.__contains__, text.words), bool, len(text.words))


class _Candidates(NamedTuple):
    """Pairs that are frequent enough to be phrases."""

    positions: NDArray[np.int64]  # (N,)  where each occurs first
    counts: NDArray[np.int64]  # (N,)


def _find_in(text: UnrankedText, settings: PhraseSettings, threads: int) -> tuple[tuple[Phrase, ...], int]:
    """The phrases of one pass, and the count up to which pairs were forgotten."""
    is_connector = _is_connector(text, settings)
    reader = IdReader(text.path, min_id=TEXT_END, max_id=len(text.words) - 1)
    counter = _PairCounter(settings.max_pairs, threads, text.num_positions)
    with counter.threads():
        for ids, start, first_position in _blocks(reader, text.num_positions, is_connector):
            counter.add(ids, start, first_position, is_connector)
    found = counter.at_least(settings.min_count)
    first = _ids_at(reader, text.num_positions, found.positions)
    ends = found.positions + 1  # of the last word of each
    while (is_inside := is_connector[last := _ids_at(reader, text.num_positions, ends)]).any():
        ends[is_inside] += 1
    num_distinct = int(np.count_nonzero(~is_connector & (text.counts > 0))) + counter.num_pairs
    scores = _scores(
        found.counts, text.counts[first], text.counts[last], num_distinct, int(text.counts.sum()), settings
    )
    is_phrase = scores > (settings.threshold or 0.0)
    phrases = [
        Phrase(words, count, score, example)
        for (words, example), count, score in zip(
            _with_examples(text, reader, found.positions[is_phrase], ends[is_phrase]),
            found.counts[is_phrase].tolist(),
            scores[is_phrase].tolist(),
            strict=True,
        )
    ]
    return tuple(sorted(phrases, key=lambda one: (-one.score, one.words))), counter.forgotten


def _scores(
    pair_counts: NDArray[np.int64],  # (N,)
    first_counts: NDArray[np.int64],  # (N,)
    last_counts: NDArray[np.int64],  # (N,)
    num_distinct: int,  # words and pairs
    num_words: int,
    settings: PhraseSettings,
) -> NDArray[np.float64]:
    """The scores of pairs, (N,), to the bit those of gensim."""
    if settings.scoring == "word2vec":
        return (
            (pair_counts - settings.min_count)
            / (first_counts * last_counts).astype(np.float64)
            * num_distinct
        )
    total = float(num_words)
    pair_share = pair_counts / total
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.log(pair_share / ((first_counts / total) * (last_counts / total))) / -np.log(pair_share)
    return np.where(np.isfinite(scores), scores, -np.inf)


@dataclass
class _PairCounter:
    """Counts the pairs of a text, block by block."""

    max_pairs: int
    num_threads: int
    num_positions: int  # of the text

    def __post_init__(self) -> None:
        expected = min(self.num_positions // POSITIONS_PER_PAIR, self.max_pairs) // NUM_PARTS
        num_slots = max(MIN_SLOTS, 1 << expected.bit_length())
        self.tables = [empty_pair_table(num_slots) for _ in range(NUM_PARTS)]
        self.forgotten_in = [0] * NUM_PARTS  # of each table, the count up to which pairs were forgotten
        share = -(-BLOCK_POSITIONS // self.num_threads)
        self._lists = [empty_pair_list(share) for _ in range(self.num_threads)]

    @property
    def num_pairs(self) -> int:
        """Distinct pairs that are counted now."""
        return sum(int(table.number[0]) for table in self.tables)

    @property
    def forgotten(self) -> int:
        """The count up to which pairs were forgotten at some time; 0: none."""
        return max(self.forgotten_in)

    @contextmanager
    def threads(self) -> Iterator[None]:
        """Hold the threads that count."""
        with ThreadPoolExecutor(self.num_threads, thread_name_prefix="wordvec-phrases") as self._pool:
            yield

    def add(self, ids: Ids, start: int, first_position: int, is_connector: Bools) -> None:
        """Count the pairs that end in the ids from `start` on; `first_position` is that of the first id in the text."""
        borders = np.linspace(start, len(ids), self.num_threads + 1).astype(np.int64).tolist()

        def list_slice(thread: int) -> None:
            list_pairs(ids, borders[thread], borders[thread + 1], is_connector, self._lists[thread])

        def count_part(part: int) -> None:
            for pairs in self._lists:
                start, stop = int(pairs.starts[part]), int(pairs.starts[part + 1])
                while (start := count_pairs(pairs, start, stop, first_position, self.tables[part])) < stop:
                    self._make_room(part, 2 * len(self.tables[part].keys), 1)
            self._forget_rare(part)

        for _ in self._pool.map(list_slice, range(self.num_threads)):
            pass
        for _ in self._pool.map(count_part, range(NUM_PARTS)):
            pass

    def at_least(self, min_count: int) -> _Candidates:
        """The pairs that occur so often, in the order of the text."""
        chosen = [table.counts >= min_count for table in self.tables]
        positions = np.concatenate(
            [table.positions[one] for table, one in zip(self.tables, chosen, strict=True)]
        )
        counts = np.concatenate([table.counts[one] for table, one in zip(self.tables, chosen, strict=True)])
        order = np.argsort(positions)
        return _Candidates(positions[order], counts[order])

    def _forget_rare(self, part: int) -> None:
        """Forget pairs, the rarest first, until there are as few as there may be, as gensim's max_vocab_size does."""
        while self.tables[part].number[0] > -(-self.max_pairs // NUM_PARTS):
            self.forgotten_in[part] += 1
            self._make_room(part, len(self.tables[part].keys), self.forgotten_in[part] + 1)

    def _make_room(self, part: int, num_slots: int, min_count: int) -> None:
        old: PairTable = self.tables[part]
        self.tables[part] = empty_pair_table(num_slots)
        move_pairs(old, self.tables[part], min_count)


def _blocks(reader: IdReader, num_positions: int, is_connector: Bools) -> Iterator[tuple[Ids, int, int]]:
    """Blocks of a text, each with the place where it goes on, and the position of its first id.

    What comes before that place is the end of the block before: its last word, and the connector words after it.
    """
    tail = np.empty(0, np.int32)
    for start in range(0, num_positions, BLOCK_POSITIONS):
        ids = np.concatenate([tail, reader.read(start, min(start + BLOCK_POSITIONS, num_positions))])
        yield ids, len(tail), start - len(tail)
        last = len(ids) - 1
        while last > 0 and ids[last] >= 0 and is_connector[ids[last]]:
            last -= 1
        tail = ids[last:] if len(ids) - last <= MAX_TAIL else ids[:0]


def _ids_at(reader: IdReader, num_positions: int, positions: NDArray[np.int64]) -> Ids:
    """The ids at ascending positions, or nearly ascending ones."""
    found = np.empty(len(positions), np.int32)
    blocks = positions // BLOCK_POSITIONS
    for block in np.unique(blocks).tolist():
        start = block * BLOCK_POSITIONS
        here = blocks == block
        found[here] = reader.read(start, min(start + BLOCK_POSITIONS, num_positions))[positions[here] - start]
    return found


def _with_examples(
    text: UnrankedText,
    reader: IdReader,
    positions: NDArray[np.int64],  # (N,)  of the first word of each phrase, ascending
    ends: NDArray[np.int64],  # (N,)  of the last one
) -> Iterator[tuple[tuple[str, ...], str]]:
    """The words of each phrase, and some words of the text around it."""
    block_start, ids = 0, np.empty(0, np.int32)
    word_of = text.words.__getitem__
    for position, end in zip(positions.tolist(), ends.tolist(), strict=True):
        first, stop = max(0, position - WORDS_AROUND), min(text.num_positions, end + 1 + WORDS_AROUND)
        if first < block_start or stop > block_start + len(ids):
            block_start = first
            ids = reader.read(first, min(text.num_positions, max(stop, first + BLOCK_POSITIONS)))
        around = ids[first - block_start : stop - block_start].tolist()
        begin, length = position - first, end + 1 - position
        words = tuple(map(word_of, around[begin : begin + length]))
        if TEXT_END in around:
            ends_before = [place + 1 for place in range(begin) if around[place] == TEXT_END]
            ends_after = [place for place in range(begin + length, len(around)) if around[place] == TEXT_END]
            around = around[max(ends_before, default=0) : min(ends_after, default=len(around))]
        yield words, " ".join(map(word_of, around))


def _join_pass(text: UnrankedText, phrases: Phrases, threads: int) -> UnrankedText:
    """Join the phrases of one pass in the file of a text, block by block, written behind the block that is read."""
    words, keys, ids = _numbered(text.words, phrases)
    if not len(keys):
        return text
    table = make_join_table(keys, ids)
    grown = text._replace(words=words)
    is_connector = _is_connector(grown, phrases.settings)
    may_begin = np.zeros(len(words), bool)
    may_begin[_first_ids(text.words, phrases)] = True
    counts = np.zeros(len(words), np.int64)
    reader = IdReader(text.path, min_id=TEXT_END, max_id=len(words) - 1)
    length, rest = 0, np.empty(0, np.int32)
    with open_to_rewrite(text.path) as file, ThreadPoolExecutor(threads) as pool:
        for start in range(0, text.num_positions, BLOCK_POSITIONS):
            stop = min(start + BLOCK_POSITIONS, text.num_positions)
            block = np.concatenate([rest, reader.read(start, stop)])
            joins, joined = np.empty_like(block), np.empty_like(block)
            borders = np.linspace(0, len(block), threads + 1).astype(np.int64).tolist()
            lookups = [
                pool.submit(find_joins, block, begin, end, is_connector, may_begin, table, joins)
                for begin, end in pairwise(borders)
            ]
            for lookup in lookups:
                lookup.result()
            is_last = stop == text.num_positions or len(rest) > MAX_TAIL
            num_joined, num_done = join_words(block, joins, is_connector, is_last, joined, counts)
            append_ids(file, joined[:num_joined])
            length, rest = length + num_joined, block[num_done:]
        file.truncate()
    return UnrankedText(text.path, length, words, counts)


def _numbered(words: list[str], phrases: Phrases) -> tuple[list[str], NDArray[np.int64], Ids]:
    """The words of a text followed by its phrases; the keys of those that it may have, (N,), and their ids, (N,)."""
    needed = {word for phrase in phrases for word in (*phrase.words, phrases.name(phrase))}
    id_of = {word: number for number, word in enumerate(words) if word in needed}
    names: list[str] = []
    keys: dict[int, int] = {}
    for phrase in phrases:
        ids = [id_of.get(word, -1) for word in phrase.words]
        if min(ids) < 0:
            continue
        name = phrases.name(phrase)
        if name not in id_of:
            id_of[name] = len(words) + len(names)
            names.append(name)
        keys[int(key_of(np.array(ids, np.int32)))] = id_of[name]
    return words + names, np.array(list(keys), np.int64), np.array(list(keys.values()), np.int32)


def _first_ids(words: list[str], phrases: Phrases) -> list[int]:
    beginnings = {phrase.words[0] for phrase in phrases}
    return [number for number, word in enumerate(words) if word in beginnings]
