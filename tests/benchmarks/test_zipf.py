from __future__ import annotations

from collections import Counter

from benchmarks.zipf import zipf_lines


def test_a_longer_text_begins_as_a_shorter_one() -> None:
    short, long = (b"".join(zipf_lines(num_words, distinct=500)) for num_words in (1000, 1400))
    assert long.startswith(short.rstrip(b"\n"))
    assert short != b"".join(zipf_lines(1000, distinct=500, seed=2))


def test_words_are_as_frequent_as_the_law_says() -> None:
    counts = Counter(b"".join(zipf_lines(200_000, distinct=1000)).decode().split())
    assert sum(counts.values()) == 200_000
    assert 0.095 < counts["a"] / 200_000 < 0.105  # log(2) / log(1001)
    assert 6.8 < counts["a"] / counts["j"] < 7.8  # log(2) / log(1.1)
