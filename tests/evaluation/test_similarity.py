"""Similarity: rank correlations by hand, as SciPy computes them, and as gensim does."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from wordvec.errors import EvaluationError
from wordvec.evaluation.questions import Line
from wordvec.evaluation.similarity import Judgments, rank_pairs, read_judgments, spearman, why_no_order

ANGLES = np.radians([0, 10, 30, 80])
MATRIX = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1).astype(np.float32) * [[1], [5], [0.1], [3]]


def judged(**scores: float) -> Judgments:
    return Judgments([tuple(pair) for pair in scores], list(scores.values()))


def test_the_order_of_the_cosines_is_compared_over_the_known_pairs() -> None:
    found = rank_pairs(judged(ab=9.0, az=10.0, Ac=2.0, ad=3.0), list("abcd"), MATRIX.astype(np.float32))
    assert found.asked.tolist() == [0, 2, 3]
    assert found.cosines == pytest.approx(np.cos(ANGLES[1:]), abs=1e-6)
    assert found.rho == pytest.approx(0.5)  # ranks 3 2 1 against 3 1 2


@pytest.mark.parametrize("judgments", [judged(), judged(ab=1.0), judged(ab=5.0, ac=5.0), judged(yz=1, xy=2)])
def test_without_an_order_there_is_not_a_score(judgments: Judgments) -> None:
    assert rank_pairs(judgments, list("abcd"), MATRIX.astype(np.float32)).rho is None


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
    assert read_judgments(lines) == Judgments([("tiger", "cat")], [7.35])


def test_cells_may_be_in_quotation_marks() -> None:
    lines = ['"one","other","score"', '"tiger","cat",7.35', '"car";"train";"6.5"', "\"\t'\t1"]
    expected = [("tiger", "cat"), ("car", "train"), ('"', "'")], [7.35, 6.5, 1.0]
    assert read_judgments([Line("", line) for line in lines]) == expected


def test_without_a_heading_the_first_line_counts() -> None:
    assert read_judgments([Line("", "tiger\tcat\t7.35")]).scores == [7.35]


@pytest.mark.parametrize("text", ["new york\tcity\t3", "new york,city,3.5", '"new york";"city";"3"'])
def test_a_first_line_with_a_score_is_not_passed_over_as_a_heading(text: str) -> None:
    with pytest.raises(EvaluationError, match="line 1 must have two words and a number"):
        read_judgments([Line("p.tsv, line 1", text), Line("p.tsv, line 2", "a b 1")])
    headings = ["word1,word2,SimLex999", "Word 1\tWord 2\tRating 1"]
    for heading in headings:
        assert read_judgments([Line("", heading), Line("", "a,b,1")]).scores == [1.0]


@pytest.mark.parametrize(
    "text", ["tiger cat", "tiger cat high", "tiger cat nan", "tiger cat 1 2", ",cat,1", "inf"]
)
def test_what_is_not_a_judgment_is_refused_where_it_stands(text: str) -> None:
    lines = [Line("p.tsv, line 1", "a b 1"), Line("p.tsv, line 2", text)]
    with pytest.raises(EvaluationError, match=r"p\.tsv, line 2 must have two words and a number"):
        read_judgments(lines)


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
    found = rank_pairs(Judgments(list(pairs), scores.tolist()), words, matrix).rho
    assert found == pytest.approx(theirs.evaluate_word_pairs(str(file))[1].statistic, abs=1e-6)


def rows(text: str) -> list[Line]:
    return [Line(f"p.tsv, line {number}", line) for number, line in enumerate(text.splitlines(), 1)]


SIMLEX = "word1\tword2\tPOS\tSimLex999\tconc(w1)\tconc(w2)\tconcQ\tAssoc(USF)\tSimAssoc333\tSD(SimLex)\n"
RATERS = "Word 1,Word 2,Human (mean),1,2,3,4\n"
LAYOUTS = {
    "SimLex-999": SIMLEX
    + "river\tlake\tN\t4.5\t5\t4.9\t4\t0.3\t1\t0.9\nrun\twalk\tV\t6.25\t3\t3.1\t2\t2\t0\t1\n",
    "SimVerb-3500": "river\tlake\tV\t4.5\tNONE\nrun\twalk\tV\t6.25\tCOHYPONYMS\n",
    "WordSim-353, all": "Word 1,Word 2,Human (mean)\nriver,lake,4.5\nrun,walk,6.25\n",
    "WordSim-353, a set": RATERS + "river,lake,4.5,4,5,4,5\nrun,walk,6.25,9,4,6,6\n",
    "WordSim-353, a set with tabs": (RATERS + "river,lake,4.5,4,5,4,5\nrun,walk,6.25,9,4,6,6\n").replace(
        ",", "\t"
    ),
    "MEN": "river lake 4.500000\nrun walk 6.250000\n",
    "RareWords": "river\tlake\t4.5\t4\t5\t4\t5\nrun\twalk\t6.25\t9\t4\t6\t6\n",
    "MTurk": "river,lake,4.5\nrun,walk,6.25\n",
    "RG-65": "river;lake;4.5\nrun;walk;6.25\n",
    "frequencies first": "word1,word2,freq1,freq2,similarity\nriver,lake,90,80,4.5\nrun,walk,70,60,6.25\n",
    "a part of speech in words": "river lake noun 4.5\nrun walk verb 6.25\n",
}


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_published_layouts_are_read_with_their_score(text: str) -> None:
    assert read_judgments(rows(text)) == Judgments([("river", "lake"), ("run", "walk")], [4.5, 6.25])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (RATERS + "river,lake,4.5,4,5,4,5\nrun,walk,,4,5,4,5\n", "line 3 must have two words and a number"),
        (RATERS + "river,lake,4.5,4,5,4,5\nrun,walk\n", "line 3 must have two words and a number"),
        (SIMLEX + "a\tb\tN\t1.5\t3\t4\nc\td\t1.5\t3\t4\n", "line 3 must have two words and a number"),
        ("river lake 4.5 4 5\nrun walk\n", "line 2 must have two words and a number"),
        ("a b 1.5 9 9\nc d 3\n", "line 1 has 3 numbers, of which the first is not the mean of the others"),
        ("river\tlake\t90\t80\t4.5\n", "name the score's column in a heading"),
        ("word1,word2,x,y,z\nriver,lake,90,80,4.5\n", "line 2 has 3 numbers"),
        ("r\triver\tlake\t4.5\ns\trun\twalk\t6\n", "line 1 must have two words and a number"),
        ("1\triver\tlake\t4.5\n2\trun\twalk\t6\n", "line 1 must have two words and a number"),
        ("a,b,c,3\na,b,3\n", "line 1 must have two words and a number"),
        ("a,b,c,1\na,b,3\n", "line 1 must have two words and a number"),
    ],
    ids=[
        "mean missing",
        "row cut",
        "part of speech missing",
        "row of two words",
        "not a mean",
        "score last",
        "no name says so",
        "relation first",
        "number first",
        "three words first",
        "as a rater's number",
    ],
)
def test_where_the_score_cannot_be_told_the_line_is_refused(text: str, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        read_judgments(rows(text))


def test_lemmas_are_found_without_their_part_of_speech_if_none_is_known_with_it() -> None:
    lemmas = Judgments([("a-n", "b-v"), ("a-n", "c-j"), ("a-n", "z-n")], [3.0, 2.0, 1.0])
    matrix = MATRIX.astype(np.float32)
    assert rank_pairs(lemmas, list("abcd"), matrix).asked.tolist() == [0, 1]
    assert rank_pairs(lemmas, ["a-n", "b-v", "a", "c"], matrix).asked.tolist() == [0]
    mixed = Judgments([("a-n", "b-v"), ("a-n", "b-side")], [3.0, 2.0])
    assert rank_pairs(mixed, list("abcd"), matrix).asked.tolist() == []


@pytest.mark.parametrize(
    ("cosines", "scores", "reason"),
    [
        ([], [], None),
        ([0.5], [7.0], "only one pair"),
        ([0.5, 0.25], [7.0, 7.0], "people's scores of the pairs are equal"),
        ([0.5, 0.5], [7.0, 6.0], "the cosines of the pairs are equal"),
        ([0.5, 0.25], [7.0, 6.0], None),
    ],
)
def test_it_is_said_why_pairs_have_no_order(
    cosines: list[float], scores: list[float], reason: str | None
) -> None:
    found = why_no_order(np.array(cosines), np.array(scores))
    assert (found is None) == (reason is None)
    assert (reason or "") in (found or "")
    if len(scores) > 1:
        assert (spearman(np.array(cosines), np.array(scores)) is None) == (found is not None)
