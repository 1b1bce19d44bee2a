"""Windows of batches: the contexts of each center, by every rule that there is for windows, and noise for their pairs.

The draws are, value for value, those of `kernels.torch.windows`: what is drawn for a word follows from its position in
the corpus. `windows` lays and draws faster, for windows that reach over kept words and share their noise.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import TEXT_END
from wordvec.kernels.cpu.windows import below, hash64, unit_interval
from wordvec.kernels.simd.compile import kernel, kernel_part

__all__ = [
    "HALO_TOO_SHORT",
    "NO_ROOM",
    "ContextRules",
    "Contexts",
    "empty_contexts",
    "list_contexts",
    "shuffled_contexts",
]

HALO_TOO_SHORT, NO_ROOM = -1, -2  # in place of a number of windows
NOTHING = -1  # the word of a gap

# L positions of a stretch, N places of windows in it, B windows with P contexts in all


class ContextRules(NamedTuple):
    """Which words are the contexts of which."""

    keep: NDArray[np.float32]  # (V,)  probability of keeping each occurrence
    window: int
    is_fixed: bool  # every window reaches `window` words; else 1..window, uniformly
    is_full: bool  # no center without `window` words on both sides
    thins_text: bool  # words are thinned before windows are laid; else afterwards, center and contexts


class Contexts(NamedTuple):
    """The windows of a stretch: those of their centers that have a context."""

    centers: NDArray[np.int32]  # (B,)  word ids
    positions: NDArray[np.int64]  # (B,)  where in the corpus the centers stand
    first: NDArray[np.int64]  # (B + 1,)  where each window's contexts begin, and the last one's end
    words: NDArray[np.int32]  # (P,)  word ids
    slots: NDArray[np.int32]  # (P,)  which of the 2·window places around the center, from the left
    place_words: NDArray[np.int32]  # (N,)  while they are laid: the word at each place, or NOTHING
    place_offsets: NDArray[np.int64]  # (N,)  and where in the stretch, -1 where the word is not a center
    place_texts: NDArray[np.int32]  # (N,)  and which text it belongs to


def empty_contexts(num_positions: int, num_contexts: int) -> Contexts:
    """Room for the windows of a stretch of that many positions, its halo included; unused room takes no memory."""
    return Contexts(
        centers=np.empty(num_positions, np.int32),
        positions=np.empty(num_positions, np.int64),
        first=np.zeros(num_positions + 1, np.int64),
        words=np.empty(num_contexts, np.int32),
        slots=np.empty(num_contexts, np.int32),
        place_words=np.empty(num_positions, np.int32),
        place_offsets=np.empty(num_positions, np.int64),
        place_texts=np.empty(num_positions, np.int32),
    )


@kernel
def list_contexts(  # type: ignore[no-untyped-def]
    ids,  # (L,) int32  a stretch of the corpus: halo, centers' part, halo
    first_position,  # position of ids[0] in the corpus
    part,  # (start, stop): the centers' part is ids[start:stop]
    is_whole,  # (bool, bool): ids begin, end with the corpus
    rules,  # ContextRules
    stream,  # uint64  random stream of this epoch, for what is kept and how far windows reach
    context_stream,  # uint64  the same, for contexts that are thinned by themselves
    contexts,  # Contexts, overwritten
):
    """List the windows whose centers stand in the centers' part; return how many there are.

    In place of that, HALO_TOO_SHORT says that more must be read on both sides, NO_ROOM that there are more contexts.
    """
    start, stop = part
    num_places, before, after = _find_places(ids, first_position, start, stop, rules, stream, contexts)
    if not ((is_whole[0] or before >= rules.window) and (is_whole[1] or after >= rules.window)):
        return HALO_TOO_SHORT
    num_windows, num_contexts = np.int64(0), np.int64(0)
    first_of_text: Any = np.int64(0)
    end_of_text: Any = np.int64(0)
    for place in range(num_places):
        if place == end_of_text:
            first_of_text, end_of_text = place, _end_of_text(contexts, place, num_places)
        offset = contexts.place_offsets[place]
        if offset < 0:
            continue
        if num_contexts + 2 * rules.window > len(contexts.words):
            return NO_ROOM
        position = first_position + offset
        reach = rules.window if rules.is_fixed else 1 + below(hash64(stream, position), rules.window)
        is_full = place - first_of_text >= rules.window and end_of_text - place > rules.window
        if rules.is_full and not is_full:
            continue
        around = max(place - reach, first_of_text), min(place + reach + 1, end_of_text)
        end = _list_contexts_of(place, around, position, rules, context_stream, num_contexts, contexts)
        if end > num_contexts:
            contexts.centers[num_windows] = contexts.place_words[place]
            contexts.positions[num_windows] = position
            num_windows += 1
            contexts.first[num_windows] = end
            num_contexts = end
    return num_windows


def shuffled_contexts(contexts: Contexts, num_windows: int, stream: np.uint64) -> Contexts:
    """The same windows in random order: that of the random numbers of their centers' positions.

    Args:
        contexts: whose first `num_windows` windows are meant.
        num_windows: B, at least 1.
        stream: random stream of this epoch, for nothing else.
    """
    keys = np.empty(num_windows, np.uint64)
    _draw_keys(contexts.positions, stream, keys)
    order = np.argsort(keys)
    shuffled = empty_contexts(num_windows, int(contexts.first[num_windows]))
    _take_in_order(contexts, order, shuffled)
    return shuffled


@kernel
def _draw_keys(positions, stream, keys):  # type: ignore[no-untyped-def]
    for window in range(len(keys)):
        keys[window] = hash64(stream, positions[window])


@kernel
def _take_in_order(contexts, order, shuffled):  # type: ignore[no-untyped-def]
    end = np.int64(0)
    for place in range(len(order)):
        window = order[place]
        shuffled.centers[place] = contexts.centers[window]
        shuffled.positions[place] = contexts.positions[window]
        for index in range(contexts.first[window], contexts.first[window + 1]):
            shuffled.words[end] = contexts.words[index]
            shuffled.slots[end] = contexts.slots[index]
            end += 1
        shuffled.first[place + 1] = end


@kernel_part
def _find_places(ids, first_position, start, stop, rules, stream, contexts):  # type: ignore[no-untyped-def]
    """List what has a place in windows; return (places, places on the left of the centers' part, on its right).

    A text that ends on one side is as good as any number of places there.
    """
    num_places, text = np.int64(0), np.int32(0)
    before: Any = np.int64(0)
    after: Any = np.int64(0)
    for offset in range(len(ids)):
        word = ids[offset]
        if word == TEXT_END:
            text += np.int32(1)
            before += rules.window * (offset < start)
            after += rules.window * (offset >= stop)
            continue
        is_word = word >= 0
        keep = rules.keep[np.uint64(max(word, np.int32(0)))]
        is_kept = is_word & (unit_interval(hash64(stream, first_position + offset)) < keep)
        is_center = is_kept & (start <= offset) & (offset < stop)
        contexts.place_words[num_places] = word if is_word else NOTHING
        contexts.place_offsets[num_places] = offset if is_center else -1
        contexts.place_texts[num_places] = text
        # Written all the same where the word is thinned out: no processor can guess which are.
        has_place = is_kept | (not is_word) | (not rules.thins_text)
        num_places += has_place
        before += has_place & (offset < start)
        after += has_place & (offset >= stop)
    return num_places, before, after


@kernel_part
def _end_of_text(contexts, place, num_places):  # type: ignore[no-untyped-def]
    """The end of the places of a text, the first of which is `place`."""
    end, text = place + 1, contexts.place_texts[place]
    while end < num_places and contexts.place_texts[end] == text:
        end += 1
    return end


@kernel_part
def _list_contexts_of(place, around, position, rules, context_stream, first, contexts):  # type: ignore[no-untyped-def]
    """List the contexts of one center, at the places `around` = (first, end), from `first` on; return their end."""
    window, end = np.int64(rules.window), first
    for neighbor in range(around[0], around[1]):
        word = contexts.place_words[np.uint64(neighbor)]
        slot = neighbor - place + window - (neighbor > place)
        is_context = (neighbor != place) & (word != NOTHING)
        if not rules.thins_text:
            bits = hash64(context_stream, position * (2 * window) + slot)
            is_context &= unit_interval(bits) < rules.keep[np.uint64(max(word, np.int32(0)))]
        contexts.words[np.uint64(end)] = word  # see `_find_places`
        contexts.slots[np.uint64(end)] = slot
        end += is_context
    return end
