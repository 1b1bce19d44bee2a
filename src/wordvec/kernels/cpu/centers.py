"""Centers: thin a stretch of the corpus by subsampling, and lay a window around each word that is left."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import TEXT_END
from wordvec.kernels.cpu.random import below, hash64, unit_interval
from wordvec.kernels.simd.compile import kernel, kernel_part

__all__ = ["Centers", "empty_centers", "gather_centers"]


class Centers(NamedTuple):
    """The kept words of a stretch of corpus, with their windows; places are indices into these arrays."""

    words: NDArray[np.int32]  # (N,)  word ids, halo included
    offset: NDArray[np.int32]  # (N,)  where in the stretch of corpus each stands
    first: NDArray[np.int32]  # (N,)  place of the leftmost context word
    last: NDArray[np.int32]  # (N,)  place of the rightmost context word
    same: NDArray[np.int32]  # (N,)  nearest earlier place of the same word, if near, else -1


def empty_centers(size: int) -> Centers:
    """Room for `size` kept words."""
    return Centers(*(np.empty(size, np.int32) for _ in Centers._fields))


@kernel
def gather_centers(  # type: ignore[no-untyped-def]
    ids,  # (L,) int32  a stretch of the corpus: halo, centers' part, halo
    first_position,  # position of ids[0] in the corpus
    start,  # the centers' part is ids[start:stop]
    stop,
    is_corpus_start,  # ids[0] is the first position of the corpus
    is_corpus_end,  # ids[L - 1] is the last one
    keep,  # (V,) float32  probability of keeping each word
    window,
    is_fixed,  # every window reaches `window` words; else 1..window, uniformly
    stream,  # uint64  random stream of this epoch
    centers,  # Centers, overwritten; at least L places
):
    """Fill `centers`; return the places [first center, end of centers), or (-1, -1) if the halo is too short.

    Whether a word is kept and how far its window reaches are drawn by its
    position in the corpus, so neighbouring stretches agree about the words that they share, and cutting the corpus
    into stretches loses no pair.
    """
    begin, kept_before = start, 0
    while begin > 0 and kept_before < window and ids[begin - 1] != TEXT_END:
        begin -= 1
        if unit_interval(hash64(stream, first_position + begin)) < keep[ids[begin]]:
            kept_before += 1
    if begin == 0 and kept_before < window and not is_corpus_start:
        return -1, -1

    # A literal 0 would be a type of its own, for which numba would compile each part once more.
    num_kept: Any = np.int64(0)
    text_begin: Any = np.int64(0)
    kept_after: Any = np.int64(0)
    first_center, end_of_centers = -1, -1
    place = begin
    while place < len(ids) and (place < stop or kept_after < window):
        if place == start:
            first_center = num_kept
        if place == stop:
            end_of_centers = num_kept
        word = ids[place]
        if word == TEXT_END:
            _close_text(centers, text_begin, num_kept, window)
            text_begin = num_kept
            if place >= stop:
                break
        else:
            bits = hash64(stream, first_position + place)
            if unit_interval(bits) < keep[word]:
                reach = window if is_fixed else 1 + below(bits, window)
                centers.words[num_kept] = word
                centers.offset[num_kept] = place
                centers.first[num_kept] = max(num_kept - reach, text_begin)
                centers.last[num_kept] = num_kept + reach
                centers.same[num_kept] = _nearest_same(centers.words, num_kept, text_begin, 2 * window)
                num_kept += 1
                kept_after += place >= stop
        place += 1
    if place == len(ids) and kept_after < window and not is_corpus_end:
        return -1, -1
    _close_text(centers, text_begin, num_kept, window)
    if first_center < 0:
        first_center = num_kept
    if end_of_centers < 0:
        end_of_centers = num_kept
    return first_center, end_of_centers


@kernel_part
def _close_text(centers, text_begin, text_end, window):  # type: ignore[no-untyped-def]
    """Cut the windows of a text's last words at its end."""
    for place in range(max(text_begin, text_end - window), text_end):
        centers.last[place] = min(centers.last[place], text_end - 1)


@kernel_part
def _nearest_same(words, place, text_begin, reach):  # type: ignore[no-untyped-def]
    for earlier in range(place - 1, max(place - reach, text_begin) - 1, -1):
        if words[earlier] == words[place]:
            return earlier
    return -1
