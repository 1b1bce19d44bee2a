"""Similarity: rank correlations by hand, as SciPy computes them, and as gensim does."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from wordvec.errors import FormatError
from wordvec.evaluation.lines import Line
from wordvec.evaluation.similarity import Judgements, rank_pairs, read_judgements, spearman

ANGLES = np.radians([0, 10, 30, 80])
MATRIX = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1).astype(np.float32) * [[1], [5], [0.1], [3]]


def judged(**scores: float) -> Judgements:
    return Judgements([tuple(pair) for pair in scores], list(scores.values()))


def test_the_order_of_the_cosines_is_compared_over_the_known_pairs() -> None:
    found = rank_pairs(judged(ab=9.0, az=10.0, Ac=2.0, ad=3.0), list("abcd"), MATRIX.astype(np.float32))
    assert found.asked.tolist() == [0, 2, 3]
    assert found.cosines == pytest.approx(np.cos(ANGLES[1:]), abs=1e-6)
    assert found.rho == pytest.approx(0.5)  # ranks 3 2 1 against 3 1 2


@pytest.mark.parametrize("judgements", [judged(), judged(ab=1.0), judged(ab=5.0, ac=5.0), judged(yz=1, xy=2)])
def test_without_an_order_there_is_no_score(judgements: Judgements) -> None:
    assert rank_pairs(judgements, list("abcd"), MATRIX.astype(np.float32)).rho is None


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=2, max_size=30))
def test_ties_share_the_mean_of_their_ranks_as_in_scipy(pairs: list[tuple[int, int]]) -> None:
    one, other = np.array(pairs, float).T
    found = spearman(one, other)
    if len(set(one)) == 1 or len(set(other)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(spearmanr(one, other).statistic, abs=1e-12)


@pytest.mark.parametrize("between", ["\t", ",", ";", " ", "   ", ", ", " \t "])
def test_columns_may_be_parted_in_many_ways(between: str) -> None:
    lines = [Line("", between.join(row)) for row in (("one", "other", "score"), ("tiger", "cat", "7.35"))]
    assert read_judgements(lines) == Judgements([("tiger", "cat")], [7.35])


def test_cells_may_be_in_quotation_marks() -> None:
    lines = ['"one","other","score"', '"tiger","cat",7.35', '"car";"train";"6.5"', "\"\t'\t1"]
    expected = [("tiger", "cat"), ("car", "train"), ('"', "'")], [7.35, 6.5, 1.0]
    assert read_judgements([Line("", line) for line in lines]) == expected


def test_without_a_heading_the_first_line_counts() -> None:
    assert read_judgements([Line("", "tiger\tcat\t7.35")]).scores == [7.35]


@pytest.mark.parametrize("text", ["new york\tcity\t3", "new york,city,3.5", '"new york";"city";"3"'])
def test_a_first_line_with_a_score_is_not_passed_over_as_a_heading(text: str) -> None:
    with pytest.raises(FormatError, match="line 1 must have two words and a number"):
        read_judgements([Line("p.tsv, line 1", text), Line("p.tsv, line 2", "a b 1")])
    headings = ["word1,word2,SimLex999", "Word 1\tWord 2\tRating 1"]
    for heading in headings:
        assert read_judgements([Line("", heading), Line("", "a,b,1")]).scores == [1.0]


@pytest.mark.parametrize(
    "text", ["tiger cat", "tiger cat high", "tiger cat nan", "tiger cat 1 2", ",cat,1", "inf"]
)
def test_what_is_no_judgement_is_refused_where_it_stands(text: str) -> None:
    lines = [Line("p.tsv, line 1", "a b 1"), Line("p.tsv, line 2", text)]
    with pytest.raises(FormatError, match=r"p\.tsv, line 2 must have two words and a number"):
        read_judgements(lines)


def test_gensim_finds_the_same(tmp_path: Path) -> None:
    gensim = pytest.importorskip("gensim.models")
    rng = np.random.default_rng(4)
    words = [f"w{number}" for number in range(40)]
    matrix = rng.normal(size=(40, 6)).astype(np.float32)
    theirs = gensim.KeyedVectors(6)
    theirs.add_vectors(words, matrix)
    rows = rng.permutation(np.array(list(itertools.combinations(range(40), 2))))[:100]
    scores = rng.integers(0, 8, 100) / 2
    pairs = [(words[one], words[other]) for one, other in rows.tolist()]
    file = tmp_path / "pairs.tsv"
    text = "".join(f"{one}\t{other}\t{score}\n" for (one, other), score in zip(pairs, scores, strict=True))
    file.write_text(text, encoding="utf-8")
    found = rank_pairs(Judgements(list(pairs), scores.tolist()), words, matrix).rho
    assert found == pytest.approx(theirs.evaluate_word_pairs(str(file))[1].statistic, abs=1e-6)
