from __future__ import annotations

import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.vocabulary.ranks import RankOfThreads, run_ranks

from wordvec.errors import ConfigError, CorpusError, ResourceError
from wordvec.vocabulary import merging
from wordvec.vocabulary.merging import ALONE, HashedWords, MergedWords, failing_together, merge_words
from wordvec.vocabulary.selection import choose_words

UNHURRIED = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
RULES: list[dict[str, Any]] = [
    {"min_count": 1},
    {"min_count": 3},
    {"min_count": 2, "max_vocab": 5},
    {"min_count": 4, "max_vocab": 3, "keep_words": ("日本", "absent")},
    {"min_count": 1, "unknown_word": "a", "max_vocab": 4},
    {"min_count": 2, "keep_words": ("b", "z3"), "adds_words": False},
]
COUNTS = st.dictionaries(
    st.sampled_from(["a", "b", "日本", "café", "\U0001f600", *(f"z{n}" for n in range(12))]),
    st.integers(1, 9),
)


def hashed(counts: dict[str, int], folder: Path | None = None) -> HashedWords:
    return HashedWords(list(counts), np.array(list(counts.values()), np.int64), folder)


def merged(rank: Any, parts: list[HashedWords], rule: dict[str, Any]) -> MergedWords:
    return merge_words(
        parts,
        rank,
        min_count=rule["min_count"],
        keep_words=rule.get("keep_words", ()),
        unknown_word=rule.get("unknown_word"),
        choose=lambda words, counts: choose_words(words, counts, **rule),
    )


def chosen(words: list[str], counts: Any, rule: dict[str, Any]) -> list[tuple[str, int]]:
    return [
        (words[place], int(counts[place]))
        for place in choose_words(words, np.asarray(counts), **rule).tolist()
    ]


@given(st.lists(st.lists(COUNTS, max_size=3), min_size=1, max_size=5), st.sampled_from(RULES))
@UNHURRIED
def test_every_rank_chooses_what_one_rank_with_everything_chooses(
    tmp_path: Path, ranks: list[list[dict[str, int]]], rule: dict[str, Any]
) -> None:
    together: Counter[str] = Counter()
    for part in (part for parts in ranks for part in parts):
        together.update(part)
    found = run_ranks(
        len(ranks),
        lambda rank: merged(rank, [hashed(part, tmp_path) for part in ranks[rank.rank]], rule),
    )
    words, counts = list(together), list(together.values())
    unknown = rule.get("unknown_word")
    others = [count for word, count in together.items() if word != unknown]
    for one in found:
        assert chosen(one.words, one.counts, rule) == chosen(words, np.array(counts, np.int64), rule)
        assert one[2:] == (
            sum(counts),
            len(words),
            together[unknown] if unknown else 0,
            max(others, default=0),
        )


def test_words_are_added_up_in_several_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "_STEP_WORDS", 50)
    sent: list[list[int]] = []

    def work(rank: RankOfThreads) -> MergedWords:
        numbers = np.random.default_rng(rank.rank).permutation(900)[:500].tolist()
        found = merged(rank, [hashed({f"w{number}": number + 1 for number in numbers})], {"min_count": 600})
        sent.append(rank.bytes_sent)
        return found

    expected: Counter[str] = Counter()
    for rank in range(3):
        expected.update({f"w{n}": n + 1 for n in np.random.default_rng(rank).permutation(900)[:500].tolist()})
    for one in run_ranks(3, work):
        assert dict(zip(one.words, one.counts.tolist(), strict=True)) == {
            word: count for word, count in expected.items() if count >= 600
        }
    assert all(len(calls) > 10 for calls in sent)


def test_words_that_cannot_be_chosen_any_more_make_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many words that are frequent enough, a vocabulary of a few takes little memory; and is the same."""
    monkeypatch.setattr(merging, "_STEP_WORDS", 50)
    counts = {
        f"w{number}": int(count)
        for number, count in enumerate(np.random.default_rng(5).integers(1, 40, 5000))
    }
    seen: list[int] = []

    def choose(words: list[str], of_words: NDArray[np.int64]) -> NDArray[np.int64]:
        seen.append(len(words))
        return choose_words(words, of_words, min_count=2, max_vocab=30, keep_words=["w7"])

    found = merge_words([hashed(counts)], ALONE, min_count=2, keep_words=["w7"], choose=choose)
    kept = [found.words[place] for place in choose(found.words, found.counts).tolist()]
    words = list(counts)
    expected = choose_words(
        words, np.array([*counts.values()], np.int64), min_count=2, max_vocab=30, keep_words=["w7"]
    )
    assert kept == [words[place] for place in expected.tolist()]
    assert max(seen) < 300
    assert (found.num_words, found.num_distinct) == (sum(counts.values()), 5000)


def test_hashes_are_the_same_in_each_process() -> None:
    """Python's own are not: ranks would send a word to different ones."""
    buckets = [
        number for number, bucket in enumerate(hashed({"red": 3, "日本": 1}).buckets()) if bucket.num_rows
    ]
    assert buckets == [798, 1001]


def test_words_in_a_file_take_no_memory(tmp_path: Path) -> None:
    counts = {f"word-{number:,}": 1 for number in range(20_000)}
    words = hashed(counts, tmp_path)
    tracemalloc.start()
    try:
        found = merged(ALONE, [words], {"min_count": 2})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.words == []
    assert found.num_distinct == 20_000
    assert peak < 3_000_000
    words.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_lost_file_of_counts_is_an_error(tmp_path: Path) -> None:
    words = hashed({"red": 1}, tmp_path)
    words.remove()
    with pytest.raises(CorpusError, match=r"the counts of words in .*\.arrow are lost: .*; start again"):
        merged(ALONE, [words], {"min_count": 1})


def test_a_folder_that_cannot_be_written_to_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match=r"cannot write counts of words to .*; choose another folder"):
        hashed({"red": 1}, tmp_path / "missing")


@pytest.mark.parametrize("kind", [ConfigError, CorpusError, ZeroDivisionError])
def test_an_error_of_one_rank_is_raised_in_all(kind: type[Exception]) -> None:
    def work(rank: RankOfThreads) -> str:
        try:
            with failing_together(rank):
                if rank.rank == 1:
                    raise kind("there is no file b.txt")
        except Exception as problem:
            return f"{type(problem).__name__}: {problem}"
        return "no error"

    other = "WordvecError" if kind is ZeroDivisionError else kind.__name__
    messages = run_ranks(3, work)
    assert messages[1] == f"{kind.__name__}: there is no file b.txt"
    assert messages[0] == messages[2] == f"{other}: rank 1 of 3: there is no file b.txt"
