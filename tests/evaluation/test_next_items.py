"""Next items: ranked by prediction, or by cosines; hits and gains are counted as in the papers."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from wordvec.errors import EvaluationError
from wordvec.evaluation.next_items import Sessions, rank_next_items
from wordvec.evaluation.scores import judge, score
from wordvec.evaluation.word_tests import WordTest, read_test
from wordvec.vectors.word_vectors import WordVectors

ITEMS = [f"item{number}" for number in range(30)]
RNG = np.random.default_rng(8)
INPUT, OUTPUT = RNG.normal(size=(2, 30, 6)).astype(np.float32)
COUNTS = np.arange(60, 0, -2)
MODEL = WordVectors(ITEMS, INPUT, output_matrix=OUTPUT, counts=COUNTS)
SESSIONS = [tuple(RNG.choice(ITEMS, size, replace=False).tolist()) for size in RNG.integers(2, 6, 200)]


@pytest.mark.parametrize(
    ("name", "mark"), [("x.txt", "# next item\n"), ("shop.sessions.txt", "")], ids=["line", "name"]
)
def test_sessions_say_that_they_are(name: str, mark: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(mark + "tea milk honey sugar\n17 18 19\n", encoding="utf-8")
    test = read_test(tmp_path / name)
    assert (test.kind, test.num_questions) == ("next item", 2)
    assert test.questions == Sessions([("tea", "milk", "honey", "sugar"), ("17", "18", "19")])


def test_a_session_of_one_item_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "x.sessions").write_text("a b\nc\n", encoding="utf-8")
    with pytest.raises(EvaluationError, match=r"line 2 must have the items of a session"):
        read_test(tmp_path / "x.sessions")


def test_ranks_are_places_in_the_order_of_scores_without_the_session_s_own_items() -> None:
    ranks = rank_next_items(SESSIONS, MODEL)
    for number, rank in zip(ranks.asked.tolist(), ranks.ranks.tolist(), strict=True):
        *context, target = (ITEMS.index(item) for item in SESSIONS[number])
        scores = OUTPUT.astype(float) @ INPUT[context].astype(float).mean(axis=0)
        scores[context] = -np.inf
        place = int((scores > scores[target]).sum()) + 1
        assert rank == (place if place <= 10 else 0)
    assert len(ranks.asked) == len(SESSIONS)


def test_without_output_vectors_cosines_with_the_mean_rank() -> None:
    ranked = rank_next_items(SESSIONS, WordVectors(ITEMS, INPUT))
    unit = INPUT / np.linalg.norm(INPUT, axis=1, keepdims=True)
    for number, rank in zip(ranked.asked.tolist(), ranked.ranks.tolist(), strict=True):
        *context, target = (ITEMS.index(item) for item in SESSIONS[number])
        cosines = unit.astype(float) @ INPUT[context].mean(axis=0)
        cosines[context] = -np.inf
        place = int((cosines > cosines[target]).sum()) + 1
        assert rank == (place if place <= 10 else 0)
    assert ranked.by_cosines is None
    assert ranked.by_counts is None
    both = rank_next_items(SESSIONS, MODEL).by_cosines
    assert both is not None
    assert both.tolist() == ranked.ranks.tolist()


def test_the_most_frequent_items_are_the_baseline() -> None:
    ranked = rank_next_items(
        [("item0", "item3"), ("item5", "item0"), ("item5", "item10"), ("item5", "item11")], MODEL
    )
    assert ranked.by_counts is not None
    assert ranked.by_counts.tolist() == [3, 1, 10, 0]  # item0 to item9 or, without item5, item10


def test_repeated_unknown_and_lonely_items_are_not_asked() -> None:
    sessions = [("item1", "item2", "item1"), ("item1", "soap"), ("soap", "item1"), ("soap", "item1", "item2")]
    assert rank_next_items(sessions, MODEL).asked.tolist() == [3]
    assert not len(rank_next_items([], MODEL).asked)


def test_two_models_are_compared_and_say_how_they_answer() -> None:
    test = WordTest("shop", Sessions(SESSIONS))
    judged = judge(test, [MODEL, WordVectors(ITEMS, INPUT)], search_limit=10)
    ranks = rank_next_items(SESSIONS, MODEL).ranks
    one, other = judged.scores
    assert one.value == pytest.approx((ranks > 0).mean())
    gains = [1 / math.log2(1 + rank) if rank else 0 for rank in ranks.tolist()]
    assert one.further["NDCG@10"].value == pytest.approx(np.mean(gains))
    assert one.low is not None
    assert one.value is not None
    assert one.low < one.value
    assert (one.note, other.note) == (None, "by cosines, as there are no output vectors")
    assert one.further["hit@10 by cosines"].value == other.value
    assert judged.difference is not None
    assert score(test, ITEMS, INPUT).value == other.value  # as after an epoch
