"""Windows: thin a stretch of the corpus, lay a window around each word that is left, and draw its noise words.

Random numbers have no state: each draw is a hash of (stream, counter), and its counter follows from the word's position
in the corpus. So it does not depend on which thread draws, or how the corpus is cut into stretches.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numpy.typing import NDArray

from wordvec.corpus.encoded import TEXT_END
from wordvec.kernels.cpu.hot_rows import ROWS_LISTED_AT_ONCE
from wordvec.kernels.simd.compile import kernel, kernel_part
from wordvec.kernels.simd.intrinsics import Bool, Int, Ints, emitted
from wordvec.kernels.simd.memory import prefetch_element
from wordvec.kernels.simd.scans import last_equal
from wordvec.kernels.simd.vectors import FLOAT, INT32, INT64, Simd
from wordvec.sampling.noise import AliasTable

__all__ = [
    "LaidWindows",
    "WindowRules",
    "below",
    "draw_negatives",
    "draw_noise",
    "draw_word",
    "draw_words",
    "empty_windows",
    "hash64",
    "is_among",
    "lay_windows",
    "unit_interval",
]

GOLDEN_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)
_SECOND_MULTIPLIER = np.uint64(0x94D049BB133111EB)
MAX_REDRAWS = 64
WORDS_DRAWN_AT_ONCE = 8
PREFETCH_DISTANCE = 16  # words

# V words; N places, one for each word that is kept; K negatives


class LaidWindows(NamedTuple):
    """The kept words of a stretch of corpus, each the center of a window; places are indices into these arrays.

    Kernels read some more rows and negatives than there are: use `empty_windows`, which leaves room behind them.
    """

    words: NDArray[np.int32]  # (N,)  word ids, halo included
    input_rows: NDArray[
        np.int32
    ]  # (N,)  where the words' vectors stand in the input matrix: `words` itself, or apart
    positions: NDArray[np.int64]  # (N,)  where in the corpus each stands
    first: NDArray[np.int32]  # (N,)  place of the leftmost context word
    last: NDArray[np.int32]  # (N,)  place of the rightmost context word
    repeated: NDArray[
        np.int32
    ]  # (N,)  the last place whose word stands again, near it, at this place or before; -1 if there is none
    negatives: NDArray[np.int32]  # (N, K)  noise words


class WindowRules(NamedTuple):
    """Which words are kept, and which of those are near each other."""

    keep: NDArray[np.float32]  # (V,)  probability of keeping each occurrence
    window: int
    is_fixed: bool  # every window reaches `window` words; else 1..window, uniformly


def empty_windows(
    places: int | tuple[int, ...], negatives: int, *, has_input_rows: bool = False
) -> LaidWindows:
    """Room for that many kept words; with several dimensions, for several stretches.

    Without `has_input_rows`, the vector of word i stands in row i of the input matrix.
    """
    shape = (places,) if isinstance(places, int) else places
    words = _empty_with_room_behind(shape)
    return LaidWindows(
        words=words,
        input_rows=_empty_with_room_behind(shape) if has_input_rows else words,
        positions=np.empty(shape, np.int64),
        first=np.empty(shape, np.int32),
        last=np.empty(shape, np.int32),
        repeated=np.empty(shape, np.int32),
        negatives=_empty_with_room_behind((*shape, negatives)),
    )


def _empty_with_room_behind(shape: tuple[int, ...]) -> NDArray[np.int32]:
    size = int(np.prod(shape))
    return np.empty(size + ROWS_LISTED_AT_ONCE, np.int32)[:size].reshape(shape)


@kernel
def lay_windows(  # type: ignore[no-untyped-def]
    ids,  # (L,) int32  a stretch of the corpus: halo, centers' part, halo
    first_position,  # position of ids[0] in the corpus
    part,  # (start, stop): the centers' part is ids[start:stop]
    is_whole,  # (bool, bool): ids begin, end with the corpus
    rules,  # WindowRules
    stream,  # uint64  random stream of this epoch
    windows,  # LaidWindows, overwritten; at least L places
):
    """Fill `windows`; return the places (first center, end of centers), or (-1, -1) if the halo is too short.

    Whether a word is kept and how far its window reaches are drawn by its
    position in the corpus, so neighboring stretches agree about the words that they share, and cutting the corpus
    into stretches loses no pair.
    """
    start, stop = part
    window = rules.window
    begin, kept_before = start, 0
    while begin > 0 and kept_before < window and ids[begin - 1] != TEXT_END:
        begin -= 1
        if unit_interval(hash64(stream, first_position + begin)) < rules.keep[ids[begin]]:
            kept_before += 1
    if begin == 0 and kept_before < window and not is_whole[0]:
        return -1, -1

    # A literal 0 would be a type of its own, for which numba would compile each part once more.
    num_kept: Any = np.int64(0)
    text_begin: Any = np.int64(0)
    kept_after: Any = np.int64(0)
    first_center, end_of_centers = -1, -1
    offset = begin
    while offset < len(ids) and (offset < stop or kept_after < window):
        if offset == start:
            first_center = num_kept
        if offset == stop:
            end_of_centers = num_kept
        word = ids[offset]
        if word == TEXT_END:
            _close_text(windows, text_begin, num_kept, window)
            text_begin = num_kept
            if offset >= stop:
                break
        else:
            prefetch_element(rules.keep, ids[min(offset + PREFETCH_DISTANCE, len(ids) - 1)])
            # What is written for a word that is not kept, the next one overwrites: a branch would be mispredicted.
            bits = hash64(stream, first_position + offset)
            is_kept = np.int64(unit_interval(bits) < rules.keep[word])
            reach = window if rules.is_fixed else 1 + below(bits, window)
            windows.words[num_kept] = word
            windows.positions[num_kept] = first_position + offset
            windows.first[num_kept] = max(num_kept - reach, text_begin)
            windows.last[num_kept] = num_kept + reach
            num_kept += is_kept
            kept_after += is_kept * (offset >= stop)
        offset += 1
    if offset == len(ids) and kept_after < window and not is_whole[1]:
        return -1, -1
    _close_text(windows, text_begin, num_kept, window)
    if first_center < 0:
        first_center = num_kept
    if end_of_centers < 0:
        end_of_centers = num_kept
    return first_center, end_of_centers


@kernel_part
def _close_text(windows, text_begin, text_end, window):  # type: ignore[no-untyped-def]
    """Cut the windows of a text's last words at its end, and find words that stand near each other twice.

    A window that begins at place `first` and ends at `last` has a word twice if `repeated[last] >= first`.
    """
    for place in range(max(text_begin, text_end - window), text_end):
        windows.last[place] = min(windows.last[place], text_end - 1)
    repeated: Any = np.int64(-1)
    for place in range(text_begin, text_end):
        nearest = max(place - 2 * window, text_begin)
        repeated = max(repeated, last_equal(windows.words, nearest, place, windows.words[place]))
        windows.repeated[place] = repeated


@kernel
def draw_negatives(  # type: ignore[no-untyped-def]
    windows,  # LaidWindows, whose negatives are overwritten
    centers,  # (first, end): places of the centers to draw for
    noise,  # AliasTable of the noise distribution
    stream,  # uint64  random stream of this epoch
):
    """Draw K noise words for each center, none of them the center itself, ahead, so that rows can be fetched early.

    A draw that hits the center is repeated: a negative equal to the target would undo the positive update. (After 64
    hits in a row, which needs a noise distribution that is nearly all one word, the next word is taken.)
    """
    num_negatives = windows.negatives.shape[1]
    for center in range(centers[0], centers[1]):
        counter = windows.positions[center] * num_negatives
        for first in range(0, num_negatives, WORDS_DRAWN_AT_ONCE):
            number = min(num_negatives - first, WORDS_DRAWN_AT_ONCE)
            place = center * num_negatives + first
            if _draw_some(
                stream, counter + first, number, noise, windows.words[center], windows.negatives, place
            ):
                for hit in range(first, first + number):
                    windows.negatives[center, hit] = draw_noise(
                        stream, counter + hit, noise, windows.words, center, center + 1
                    )


@kernel_part
def draw_words(stream, counter, number, noise, words, place):  # type: ignore[no-untyped-def]
    """Write what `draw_word` makes of hashes number `counter`, counter + 1, ... to words[place : place + number]."""
    for first in range(0, number, WORDS_DRAWN_AT_ONCE):
        some = min(number - first, WORDS_DRAWN_AT_ONCE)
        _draw_some(stream, counter + first, some, noise, -1, words, place + first)


@kernel_part
def _draw_some(stream, counter, number, noise, center, words, place):  # type: ignore[no-untyped-def]
    return _draw_at_once(stream, counter, number, noise, np.int64(len(noise.alias)), center, words, place)


@emitted
def _draw_at_once(
    builder: Any,
    stream: Int,
    counter: Int,
    number: Int,  # 1 to WORDS_DRAWN_AT_ONCE
    noise: AliasTable,
    vocabulary_size: Int,
    center: Int,
    words: Ints,  # int32
    place: Int,
) -> Bool:
    """Write some drawn words; return whether the center is among them."""
    simd = Simd(builder, WORDS_DRAWN_AT_ONCE)
    lanes = range(WORDS_DRAWN_AT_ONCE)
    words_type, flags = ir.VectorType(INT32, len(lanes)), ir.IntType(len(lanes))
    gamma = int(GOLDEN_GAMMA)
    first = builder.add(stream, builder.mul(builder.add(counter, INT64(1)), INT64(gamma)))
    steps = ir.Constant(ir.VectorType(INT64, len(lanes)), [INT64(lane * gamma % 2**64) for lane in lanes])
    bits = builder.add(simd.splat(first), steps)
    for shift, multiplier in ((30, _FIRST_MULTIPLIER), (27, _SECOND_MULTIPLIER)):
        bits = builder.xor(bits, builder.lshr(bits, simd.whole(shift)))
        bits = builder.mul(bits, simd.whole(int(multiplier)))
    bits = builder.xor(bits, builder.lshr(bits, simd.whole(31)))
    lower = builder.and_(bits, simd.whole(2**32 - 1))
    slots = builder.lshr(builder.mul(lower, simd.splat(vocabulary_size)), simd.whole(32))
    upper = builder.trunc(builder.lshr(bits, simd.whole(40)), words_type)
    chances = simd.multiply(builder.sitofp(upper, simd.type), simd.constant(2.0**-24))
    has_center = simd.variable(ir.IntType(1)(0))

    def look_up(num: int) -> None:
        is_kept = builder.fcmp_ordered("<", chances, simd.gather(noise.keep, slots, FLOAT, num))
        aliases = simd.gather(noise.alias, slots, INT32, num)
        drawn = builder.select(is_kept, builder.trunc(slots, words_type), aliases)
        simd.store_int32(simd.first_of(drawn, num), words, place)
        is_center = builder.icmp_signed("==", drawn, simd.splat(builder.trunc(center, INT32)))
        hits = builder.and_(builder.bitcast(is_center, flags), flags(2**num - 1))
        has_center.value = builder.icmp_unsigned("!=", hits, flags(0))

    simd.one_of(number, range(1, len(lanes) + 1), look_up)
    return has_center.value


@kernel_part
def draw_noise(stream, counter, noise, forbidden, first, end):  # type: ignore[no-untyped-def]
    """A noise word; drawn again (64 times, then the next word is taken) while it is in forbidden[first:end]."""
    bits = hash64(stream, counter)
    word = draw_word(bits, noise)
    for _ in range(MAX_REDRAWS):
        if not is_among(word, forbidden, first, end):
            return word
        bits = hash64(bits, GOLDEN_GAMMA)
        word = draw_word(bits, noise)
    if is_among(word, forbidden, first, end):
        word = (word + 1) % len(noise.alias)
    return word


@kernel_part
def is_among(word, words, first, end):  # type: ignore[no-untyped-def]
    """Whether words[first:end] has the word."""
    found = False
    for index in range(first, end):
        found |= words[index] == word
    return found


@kernel_part
def draw_word(bits, noise):  # type: ignore[no-untyped-def]
    """The word that 64 random bits draw from an AliasTable."""
    slot = below(bits, len(noise.alias))
    place = np.uint64(slot)  # numba would ask of a signed one whether it counts from the end
    alias = np.int64(noise.alias[place])  # read in any case: a branch would be mispredicted every other time
    return slot if unit_interval(bits) < noise.keep[place] else alias


@kernel_part
def hash64(stream, counter):  # type: ignore[no-untyped-def]
    """64 random bits: value number `counter` of SplitMix64 started at `stream` (Steele, Lea and Flood, 2014)."""
    bits = np.uint64(stream) + (np.uint64(counter) + np.uint64(1)) * GOLDEN_GAMMA
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST_MULTIPLIER
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND_MULTIPLIER
    return bits ^ (bits >> np.uint64(31))


@kernel_part
def unit_interval(bits):  # type: ignore[no-untyped-def]
    """A float32 in [0, 1) from the upper 24 of 64 random bits."""
    return np.float32(bits >> np.uint64(40)) * np.float32(2.0**-24)


@kernel_part
def below(bits, limit):  # type: ignore[no-untyped-def]
    """An integer in [0, limit) from the lower 32 of 64 random bits (Lemire, 2019); limit <= 2³¹."""
    return np.int64(((bits & np.uint64(0xFFFFFFFF)) * np.uint64(limit)) >> np.uint64(32))
