"""Zipf: text of any size whose words follow Zipf's law, drawn from a seed, as a stream of lines.

    python -m benchmarks.zipf --words 1_000_000_000 --seed 1 > corpus.txt

The word of rank r is drawn with a probability about in proportion to 1 / r. Its letters count in base 26, the shortest
names first: some 4 bytes a word, with the space. Lines have 20 words.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["zipf_lines"]

WORDS_PER_LINE = 20
BLOCK_WORDS = 1_000_000  # drawn at a time, with a generator of its own
DISTINCT = 20_000_000


def zipf_lines(num_words: int, *, distinct: int = DISTINCT, seed: int = 1) -> Iterator[bytes]:
    """Blocks of whole lines, with so many words in all.

    Args:
        num_words: to draw.
        distinct: how many words there are to draw from.
        seed: of the draws; each million words is drawn by itself, so that a longer text begins as a shorter one.

    >>> text = b"".join(zipf_lines(45, distinct=1000, seed=2)).decode()
    >>> [len(line.split()) for line in text.splitlines()]
    [20, 20, 5]
    """
    for start in range(0, num_words, BLOCK_WORDS):
        size = min(BLOCK_WORDS, num_words - start)
        uniform = np.random.default_rng([seed, start]).random(BLOCK_WORDS)[:size]
        # The continuous law 1 / x on [1, distinct + 1), rounded down: its distribution function is a logarithm.
        ranks = np.minimum(np.exp(uniform * np.log(distinct + 1)).astype(np.int64), distinct)
        yield _text(ranks)


def _text(ranks: np.ndarray) -> bytes:
    """Lines of the words of these ranks, (P,), which are from 1 on."""
    found, places = np.unique(ranks, return_inverse=True)
    words = pa.array(list(map(_word, found.tolist()))).take(pa.array(places))
    borders = np.append(np.arange(0, len(ranks), WORDS_PER_LINE), len(ranks)).astype(np.int32)
    lines = pc.binary_join(pa.ListArray.from_arrays(pa.array(borders), words), " ")
    return "\n".join([*lines.to_pylist(), ""]).encode()


def _word(rank: int) -> str:
    """The word of a rank.

    >>> [_word(rank) for rank in (1, 26, 27, 702, 703)]
    ['a', 'z', 'aa', 'zz', 'aaa']
    """
    letters = []
    while rank:
        rank, letter = divmod(rank - 1, 26)
        letters.append(chr(ord("a") + letter))
    return "".join(reversed(letters))


def main(output: BinaryIO | None = None) -> None:
    """Write the text to standard output."""
    parser = argparse.ArgumentParser(prog="benchmarks.zipf", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--words", type=int, required=True)
    parser.add_argument("--distinct", type=int, default=DISTINCT)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for block in zipf_lines(options.words, distinct=options.distinct, seed=options.seed):
        (output or sys.stdout.buffer).write(block)


if __name__ == "__main__":
    main()
