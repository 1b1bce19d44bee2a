"""Rearranging the texts of an encoded corpus: hold some out, to compute a loss on; copy a sample; or shuffle them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from copy import deepcopy
from io import FileIO
from math import inf
from pathlib import Path
from typing import NamedTuple

import numpy as np
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
from wordvec.errors import CorpusError
from wordvec.vocabulary.merging import ALONE, Exchange, numbers_of, sums_of

__all__ = ["draw_sample", "hold_out", "shuffle_texts"]

PIECE_POSITIONS = 10_000  # words and gaps in a unit, at most
_WINDOW_POSITIONS = 2**18
POSITIONS_SHUFFLED_AT_ONCE = 2**23  # 32 MiB
MAX_SHUFFLED_FILES = 200  # which are open at the same time
_GAMMA, _FIRST_MULTIPLIER, _SECOND_MULTIPLIER = map(
    np.uint64, (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)


def hold_out(
    corpus: EncodedCorpus,
    share: float,
    generator: np.random.Generator,
    folder: Path,
    *,
    keeps_repeats_together: bool = False,
    exchange: Exchange = ALONE,
) -> tuple[EncodedCorpus, EncodedCorpus]:
    """Hold out about this share of the words of a corpus; return the rest, and what is held out.

    Random draws take whole texts; a text with more than 10,000 words and gaps is drawn in pieces of that length, and
    cut only where a held-out piece meets another. At least one text or piece is held out, and at least one stays.

    Args:
        corpus: its file is rewritten.
        share: in (0, 1).
        generator: draws one number for each unit, in order.
        folder: for the file of the held-out texts.
        keeps_repeats_together: draw by what a text consists of, so that all repeats of it go to the same side; long
            texts then are not cut.
        exchange: with the other ranks, each of which has its share of the text. Where the shares, one rank's after the
            other's, have the order of the text, the same texts are held out as where one rank has all of it; always
            so where repeats are kept together.

    Returns:
        The corpus to train on, in the same file, and the one held out; some text in each has two words.

    Raises:
        CorpusError: there are too few texts, or the file has been lost; no file is left behind.
        ResourceError: the disk is full.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "corpus.int32")
    ...     np.array([0, 1, TEXT_END, 2, 3, TEXT_END, 4, 5, TEXT_END], dtype=np.int32).tofile(path)
    ...     corpus = EncodedCorpus(path, num_positions=9, num_words=6, num_texts=3)
    ...     corpora = hold_out(corpus, 0.3, np.random.default_rng(1), Path(folder))
    ...     [corpus.read(0, corpus.num_positions).tolist() for corpus in corpora]
    [[0, 1, -1, 2, 3, -1], [4, 5, -1]]
    """
    paths = [corpus.path]
    try:
        cut = _texts if keeps_repeats_together else _stretches
        if exchange.size > 1 and not keeps_repeats_together:
            units = numbers_of(exchange, _num_units(corpus))
            generator = deepcopy(generator)
            generator.bit_generator.advance(sum(units[: exchange.rank]))  # type: ignore[attr-defined]
        limit = _limit(corpus, share, cut(corpus, deepcopy(generator)), exchange)
        with open_to_rewrite(corpus.path) as new, create_id_file(folder) as file:
            paths.append(Path(file.name))
            training, held_out = TextWriter(new), TextWriter(file)
            for stretch in cut(corpus, generator):
                is_held_out = stretch.draws < limit
                training.add(_part(stretch, ~is_held_out))
                held_out.add(_part(stretch, is_held_out), share_done=stretch.stop / corpus.num_positions)
            new.truncate()
    except BaseException:
        for path in paths:
            path.unlink(missing_ok=True)
        raise
    return training.corpus(), held_out.corpus()


def _num_units(corpus: EncodedCorpus) -> int:
    """How many numbers are drawn for a corpus."""
    return sum(len(stretch.draws) - 1 for stretch in _stretches(corpus, np.random.default_rng(0)))


def draw_sample(
    corpus: EncodedCorpus, share: float, generator: np.random.Generator, folder: Path
) -> EncodedCorpus:
    """Copy about this share of the words of a corpus; `hold_out` says how texts are drawn.

    Of two samples by generators that begin alike, the larger one has all that the smaller one has.

    Args:
        corpus: its file stays as it is.
        share: in (0, 1].
        generator: draws one number for each text, or piece of a long text.
        folder: for the file of the sample.

    Raises:
        CorpusError: the file has been lost.
        ResourceError: the disk is full.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "corpus.int32")
    ...     np.array([0, 1, TEXT_END, 2, 3, TEXT_END, 4, 5, TEXT_END], dtype=np.int32).tofile(path)
    ...     corpus = EncodedCorpus(path, num_positions=9, num_words=6, num_texts=3)
    ...     sample = draw_sample(corpus, 0.3, np.random.default_rng(1), Path(folder))
    ...     sample.read(0, sample.num_positions).tolist()
    [4, 5, -1]
    """
    with create_id_file(folder) as file:
        try:
            sample = TextWriter(file)
            for stretch in _stretches(corpus, generator):
                share_done = stretch.stop / corpus.num_positions
                sample.add(_part(stretch, stretch.draws < share), share_done=share_done)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    return sample.corpus()


def shuffle_texts(
    corpus: EncodedCorpus, generator: np.random.Generator, folder: Path, *, piece_positions: int
) -> EncodedCorpus:
    """Put the texts of a corpus in random order, every order as likely as every other.

    Texts go to files by chance, and then each file is read and its texts are shuffled in memory. Meanwhile the corpus
    takes twice its room on the disk.

    Args:
        corpus: its file is rewritten.
        generator: draws a number for each text or piece, and the order in each file.
        folder: for the files.
        piece_positions: longer texts are cut into pieces of that many words and gaps, which are texts from then on.

    Raises:
        CorpusError: the file has been lost; no file is left behind.
        ResourceError: the disk is full.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "corpus.int32")
    ...     np.array([0, 1, TEXT_END, 2, 3, TEXT_END, 4, 5, 6, TEXT_END], dtype=np.int32).tofile(path)
    ...     corpus = EncodedCorpus(path, num_positions=10, num_words=7, num_texts=3)
    ...     shuffled = shuffle_texts(corpus, np.random.default_rng(2), Path(folder), piece_positions=2)
    ...     shuffled.read(0, shuffled.num_positions).tolist()
    [2, 3, -1, 6, -1, 4, 5, -1, 0, 1, -1]
    """
    num_files = min(-(-corpus.num_positions // POSITIONS_SHUFFLED_AT_ONCE), MAX_SHUFFLED_FILES)
    paths = [corpus.path]
    try:
        with ExitStack() as stack:
            files: list[FileIO] = []
            for _ in range(num_files):
                files.append(stack.enter_context(create_id_file(folder)))
                paths.append(Path(files[-1].name))
            for stretch in _stretches(corpus, generator, piece_positions):
                file_of_unit = (np.where(stretch.draws < inf, stretch.draws, 0) * num_files).astype(np.int64)
                for number in np.unique(file_of_unit):
                    units = _units(stretch, file_of_unit == number)
                    append_ids(files[number], units, share_done=stretch.stop / corpus.num_positions)
        with open_to_rewrite(corpus.path) as new:
            writer = TextWriter(new)
            for path in paths[1:]:
                size = path.stat().st_size // 4
                if size:
                    ids = IdReader(path, min_id=GAP, max_id=corpus.max_id).read(0, size)
                    for some in _in_random_order(ids, generator):
                        writer.add(some)
                path.unlink()
            new.truncate()
    except BaseException:
        for path in paths:
            path.unlink(missing_ok=True)
        raise
    return writer.corpus()


def _in_random_order(ids: NDArray[np.int32], generator: np.random.Generator) -> Iterator[NDArray[np.int32]]:
    """The same texts, some at a time."""
    ends = np.flatnonzero(ids == TEXT_END) + 1
    starts = np.concatenate([[0], ends[:-1]])
    order = generator.permutation(len(ends))
    starts, sizes = starts[order], (ends - starts)[order]
    written = np.cumsum(sizes)
    first = 0
    while first < len(order):
        before = int(written[first - 1]) if first else 0
        end = max(int(np.searchsorted(written, before + _WINDOW_POSITIONS, "right")), first + 1)
        some = sizes[first:end]
        places = np.arange(int(some.sum())) + np.repeat(
            starts[first:end] - (written[first:end] - some - before), some
        )
        yield ids[places]
        first = end


class _Stretch(NamedTuple):
    """Successive positions of a corpus, and the units that they belong to."""

    ids: NDArray[np.int32]  # (P,)
    borders: NDArray[np.int64]  # (U + 2,)  in ids: of the unit that is open before, and the U that begin
    draws: NDArray[np.float64]  # (U + 1,)  in [0, 1); infinite before the first unit
    stop: int  # in the corpus


def _stretches(
    corpus: EncodedCorpus, generator: np.random.Generator, piece_positions: int | None = None
) -> Iterator[_Stretch]:
    """Read a corpus, find the units in it, and draw a number for each."""
    size_of_piece = piece_positions or PIECE_POSITIONS
    place = 0  # of the next position in its text
    draw = inf
    for start in range(0, corpus.num_positions, _WINDOW_POSITIONS):
        stop = min(start + _WINDOW_POSITIONS, corpus.num_positions)
        ids = corpus.read(start, stop)
        is_end = ids == TEXT_END
        after_ends = np.flatnonzero(is_end) + 1
        text_begins = np.concatenate([[-place], after_ends])
        positions_of_texts = np.diff(np.concatenate([[0], after_ends, [len(ids) + 1]]))
        places = np.arange(len(ids) + 1) - np.repeat(text_begins, positions_of_texts)  # (P + 1,)
        # A text's end belongs to its last piece, even where that is full.
        begins = np.flatnonzero((places[:-1] % size_of_piece == 0) & ~is_end)
        draws = np.concatenate([[draw], generator.random(len(begins))])
        yield _Stretch(ids, np.concatenate([[0], begins, [len(ids)]]), draws, stop)
        place, draw = int(places[-1]), float(draws[-1])


def _texts(corpus: EncodedCorpus, generator: np.random.Generator) -> Iterator[_Stretch]:
    """Read a corpus in whole texts, and draw for each a number that follows from the generator and its words."""
    salt = generator.integers(2**64, dtype=np.uint64)
    rest, draw, stop = np.empty(0, np.int32), inf, 0
    while stop < corpus.num_positions:
        start, stop = stop, min(stop + _WINDOW_POSITIONS, corpus.num_positions)
        ids = np.concatenate([rest, corpus.read(start, stop)])
        ends = np.flatnonzero(ids == TEXT_END)
        if not len(ends):
            rest = ids
            continue
        ids, rest = ids[: ends[-1] + 1], ids[ends[-1] + 1 :]
        begins = np.concatenate([[0], ends[:-1] + 1])
        places = np.arange(len(ids)) - np.repeat(begins, np.diff(begins, append=len(ids)))
        # A sum of hashes of places and words: equal for equal texts, and else only by a chance of 2⁻⁶⁴.
        each = _mixed(salt + (places.astype(np.uint64) << np.uint64(32)) + ids.astype(np.uint32))
        draws = (_mixed(np.add.reduceat(each, begins)) >> np.uint64(11)) * 2.0**-53
        yield _Stretch(ids, np.concatenate([[0], begins, [len(ids)]]), np.append(draw, draws), stop)
        draw = float(draws[-1])


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """64 random bits for each number (SplitMix64; Steele, Lea and Flood, 2014)."""
    bits = bits + _GAMMA
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST_MULTIPLIER
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND_MULTIPLIER
    return bits ^ (bits >> np.uint64(31))


def _limit(corpus: EncodedCorpus, share: float, stretches: Iterator[_Stretch], exchange: Exchange) -> float:
    """The number such that units with smaller draws are held out: `share`, or the nearest number that works.

    On each side there must be a unit of two words or more.
    """
    lowest, highest = inf, -inf
    words_so_far = 0  # in the unit that reaches into the next stretch
    for ids, borders, draws, _ in stretches:
        num_words_before = np.concatenate([[0], np.cumsum(ids >= 0)])  # (P + 1,)
        num_words = np.diff(num_words_before[borders])  # (U + 1,)
        num_words[0] += words_so_far
        words_so_far = int(num_words[-1])
        will_do = draws[num_words >= 2]
        lowest = float(will_do.min(initial=lowest))
        highest = float(will_do.max(initial=highest))
    lowest, highest = min(numbers_of(exchange, lowest)), max(numbers_of(exchange, highest))
    num_texts, num_words_in_all = sums_of(exchange, corpus.num_texts, corpus.num_words)
    if not lowest < highest:
        raise CorpusError(
            f"validation: the corpus has too few texts to hold out {share:g} of it: {num_texts:,} "
            f"with {num_words_in_all:,} words, and it takes two with two words each (of a long text, pieces of "
            f"{PIECE_POSITIONS:,} words count as texts); give a file to validate on, or more text"
        )
    return float(min(max(share, np.nextafter(lowest, 1)), highest))


def _part(stretch: _Stretch, is_chosen: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The chosen units, (U + 1,), of a stretch, with a text's end wherever the next unit is not chosen.

    Where the text ended anyway, that makes an empty one, which TextWriter leaves out.

    >>> ids, borders = np.array([5, 6, 7, 8, TEXT_END]), np.array([0, 2, 5])
    >>> _part(_Stretch(ids, borders, np.empty(2), stop=5), np.array([True, False])).tolist()
    [5, 6, -1]
    """
    return _cut(stretch, is_chosen, is_chosen[:-1] & ~is_chosen[1:])


def _units(stretch: _Stretch, is_chosen: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The chosen units, (U + 1,), of a stretch, each a text of its own; the last one may go on in the next stretch."""
    ends = stretch.borders[1:-1]
    # Whether a unit that ends with the stretch before also ended its text is not known: that makes an empty text.
    ends_text = (ends > 0) & (stretch.ids[ends - 1] == TEXT_END)
    return _cut(stretch, is_chosen, is_chosen[:-1] & ~ends_text)


def _cut(stretch: _Stretch, is_chosen: NDArray[np.bool_], is_cut: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The chosen units, (U + 1,), with a text's end after those, (U,), that are cut."""
    chosen = np.flatnonzero(np.repeat(is_chosen, np.diff(stretch.borders)))
    cut_at = stretch.borders[1:-1][is_cut]
    return np.insert(stretch.ids[chosen], np.searchsorted(chosen, cut_at), TEXT_END)
