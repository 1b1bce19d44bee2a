"""The benchmark of unknown words: they are gone from the text, and only pairs with one of them count as unknown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import unknown_words
from wordvec.evaluation.similarity import Judgments

WORDS = [f"word{number}" for number in range(30)]
JUDGMENTS = Judgments([(WORDS[n], WORDS[n + 1]) for n in range(29)], [float(n) for n in range(29)])
REMOVED = unknown_words.words_to_remove(JUDGMENTS)


def test_some_words_are_removed_and_they_are_the_same_each_time() -> None:
    assert 0 < len(REMOVED) < len(WORDS)
    assert unknown_words.words_to_remove(JUDGMENTS) == REMOVED


def test_a_pair_counts_by_how_many_of_its_words_are_removed() -> None:
    kinds = [unknown_words.pairs_with(JUDGMENTS, REMOVED, number) for number in (0, 1, 2)]
    assert sum(len(one.pairs) for one in kinds) == len(JUDGMENTS.pairs)
    for number, one in enumerate(kinds):
        assert all(sum(word in REMOVED for word in pair) == number for pair in one.pairs)
    assert [kinds[1].scores[0]] == [JUDGMENTS.scores[JUDGMENTS.pairs.index(kinds[1].pairs[0])]]


def test_the_text_has_none_of_the_removed_words(tmp_path: Path) -> None:
    corpus, path = tmp_path / "corpus.txt", tmp_path / "without.txt"
    corpus.write_text(" ".join(WORDS) + "\nand others\n", encoding="utf-8")
    assert unknown_words.write_without(REMOVED, corpus, path) == len(REMOVED)
    kept = [word for word in WORDS if word not in REMOVED]
    assert path.read_text(encoding="utf-8") == " ".join(kept) + "\nand others\n"


def test_vectors_in_the_order_of_the_judgments_score_100() -> None:
    angles = np.linspace(1, 0.1, 5)
    vectors = {"a": np.array([1.0, 0.0], np.float32)}
    vectors |= {f"b{n}": np.array([np.cos(x), np.sin(x)], np.float32) for n, x in enumerate(angles)}
    judgments = Judgments([("a", f"b{n}") for n in range(5)], [0.0, 1.0, 2.0, 3.0, 4.0])
    assert unknown_words.ranked(vectors, judgments) == pytest.approx(100)


def test_words_are_compared_in_lower_case() -> None:
    assert unknown_words.lowered(Judgments([("FBI", "agent")], [8.0])).pairs == [("fbi", "agent")]
