"""Holding out: move a part of an encoded corpus to a second file, to compute a loss on after each epoch."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from math import inf
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import TEXT_END, EncodedCorpus, TextWriter, create_id_file, open_to_rewrite
from wordvec.errors import CorpusError

__all__ = ["hold_out"]

PIECE_POSITIONS = 10_000  # words and gaps in a unit, at most
_WINDOW_POSITIONS = 2**18


def hold_out(
    corpus: EncodedCorpus, share: float, generator: np.random.Generator, folder: Path
) -> tuple[EncodedCorpus, EncodedCorpus]:
    """Hold out about this share of the words of a corpus; return the rest, and what is held out.

    Random draws take whole texts; a text with more than 10,000 words and gaps is drawn in pieces of that length, and
    cut only where a held-out piece meets another. At least one text or piece is held out, and at least one stays.

    Args:
        corpus: its file is rewritten.
        share: in (0, 1).
        generator: draws one number for each unit, in order.
        folder: for the file of the held-out texts.

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
        limit = _limit(corpus, share, deepcopy(generator))
        with open_to_rewrite(corpus.path) as new, create_id_file(folder) as file:
            paths.append(Path(file.name))
            training, held_out = TextWriter(new), TextWriter(file)
            for stretch in _stretches(corpus, generator):
                is_held_out = stretch.draws < limit
                training.add(_part(stretch, ~is_held_out))
                held_out.add(_part(stretch, is_held_out), share_done=stretch.stop / corpus.num_positions)
            new.truncate()
    except BaseException:
        for path in paths:
            path.unlink(missing_ok=True)
        raise
    return training.corpus(), held_out.corpus()


class _Stretch(NamedTuple):
    """Successive positions of a corpus, and the units that they belong to."""

    ids: NDArray[np.int32]  # (P,)
    borders: NDArray[np.int64]  # (U + 2,)  in ids: of the unit that is open before, and the U that begin
    draws: NDArray[np.float64]  # (U + 1,)  in [0, 1); infinite before the first unit
    stop: int  # in the corpus


def _stretches(corpus: EncodedCorpus, generator: np.random.Generator) -> Iterator[_Stretch]:
    """Read a corpus, find the units in it, and draw a number for each."""
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
        begins = np.flatnonzero((places[:-1] % PIECE_POSITIONS == 0) & ~is_end)
        draws = np.concatenate([[draw], generator.random(len(begins))])
        yield _Stretch(ids, np.concatenate([[0], begins, [len(ids)]]), draws, stop)
        place, draw = int(places[-1]), float(draws[-1])


def _limit(corpus: EncodedCorpus, share: float, generator: np.random.Generator) -> float:
    """The number such that units with smaller draws are held out: `share`, or the nearest number that works.

    On each side there must be a unit of two words or more.
    """
    lowest, highest = inf, -inf
    words_so_far = 0  # in the unit that reaches into the next stretch
    for ids, borders, draws, _ in _stretches(corpus, generator):
        num_words_before = np.concatenate([[0], np.cumsum(ids >= 0)])  # (P + 1,)
        num_words = np.diff(num_words_before[borders])  # (U + 1,)
        num_words[0] += words_so_far
        words_so_far = int(num_words[-1])
        will_do = draws[num_words >= 2]
        lowest, highest = will_do.min(initial=lowest), will_do.max(initial=highest)
    if not lowest < highest:
        raise CorpusError(
            f"validation: the corpus has too few texts to hold out {share:g} of it: {corpus.num_texts:,} "
            f"with {corpus.num_words:,} words, and it takes two with two words each (of a long text, pieces of "
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
    chosen = np.flatnonzero(np.repeat(is_chosen, np.diff(stretch.borders)))
    left_at = stretch.borders[1:-1][is_chosen[:-1] & ~is_chosen[1:]]
    return np.insert(stretch.ids[chosen], np.searchsorted(chosen, left_at), TEXT_END)
