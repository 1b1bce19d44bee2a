"""Sentence pairs: read as published, compared as their words' vectors say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from wordvec.errors import EvaluationError
from wordvec.evaluation.scores import judge, score
from wordvec.evaluation.sentences import SentencePairs, compare_sentences, read_sentences
from wordvec.evaluation.similarity import Judgments
from wordvec.evaluation.word_tests import WordTest, read_test
from wordvec.vectors.word_vectors import WordVectors

WORDS = ["the", "a", "cat", "dog", "runs", "sleeps"]
MATRIX = np.random.default_rng(3).normal(size=(6, 4)).astype(np.float32)
COUNTS = [900, 700, 20, 20, 10, 5]


@pytest.mark.parametrize(
    "text",
    [
        "A cat runs.,The dog sleeps,2.5\nA cat,The cat,5\n",
        'sentence1,sentence2,score\n"A cat runs.",The dog sleeps,2.5\nA cat,The cat,5\n',
        "A cat runs.\tThe dog sleeps\t2.5\nA cat\tThe cat\t5\n",
        (
            "main-captions\tMSRvid\t2012test\t0001\t2.500\tA cat runs.\tThe dog sleeps\n"
            "main-captions\tMSRvid\t2012test\t0004\t5.000\tA cat\tThe cat\n"
        ),
        (
            "pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment\n"
            "1\tA cat runs.\tThe dog sleeps\t2.5\tNEUTRAL\n2\tA cat\tThe cat\t5\tNEUTRAL\n"
        ),
        "index\tkind\tsentence1\tsentence2\tscore\n0\tx\tA cat runs.\tThe dog sleeps\t2.5\n1\tx\tA cat\tThe cat\t5\n",
    ],
    ids=["commas", "heading", "tabs", "STS-B", "SICK", "GLUE"],
)
def test_published_layouts_are_read(text: str, tmp_path: Path) -> None:
    (tmp_path / "sts.tsv").write_text(text, encoding="utf-8")
    test = read_test(tmp_path / "sts.tsv")
    assert (test.kind, test.num_questions) == ("sentences", 2)
    assert test.questions == SentencePairs(
        [("A cat runs.", "The dog sleeps"), ("A cat", "The cat")], [2.5, 5.0]
    )


def test_commas_and_line_ends_may_stand_in_quotes() -> None:
    found = read_sentences("", '"A cat, which ""runs"".","The dog\nsleeps",2.5\nA cat,The cat,5\n')
    assert found.pairs[0] == ('A cat, which "runs".', "The dog\nsleeps")


def test_pairs_of_words_remain_a_test_of_words(tmp_path: Path) -> None:
    for text in (
        "Word 1,Word 2,Human (mean),1,2\ntiger,cat,7.35,7,8\n",
        "tiger, cat 7.35\n",
        "cat\tdog\t5\n",
    ):
        (tmp_path / "words.csv").write_text(text, encoding="utf-8")
        assert isinstance(read_test(tmp_path / "words.csv").questions, Judgments)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("A cat,The cat,5\nA dog,The dog,many\nA cat,The dog,2\n", 2),
        ("A cat\tThe cat\t5\nA dog\tThe dog\nA cat\tThe dog\t2\n", 2),
        ("A cat,B c,inf\n", 0),
    ],
    ids=["score", "column", "infinity"],
)
def test_other_rows_are_refused_with_their_place(text: str, line: int) -> None:
    with pytest.raises(EvaluationError, match=f"line {line}" if line else "no pairs of sentences"):
        read_sentences("sts.csv", text)


def test_an_endless_cell_is_refused(tmp_path: Path) -> None:
    text = "a cat,a dog,3\na dog,a cat,2\n" + "a cat " * 50_000 + ",a dog,3\n"
    with pytest.raises(EvaluationError, match="is not CSV: field larger"):
        read_sentences("sts.csv", text)
    (tmp_path / "sts.csv").write_text("a cat " * 50_000 + ",a dog,3\n", encoding="utf-8")
    with pytest.raises(EvaluationError):
        read_test(tmp_path / "sts.csv")


def test_cosines_are_those_of_means_and_of_weighted_means() -> None:
    model = WordVectors(WORDS, MATRIX, counts=COUNTS, config={"tokenizer": "words"})
    found = compare_sentences(SentencePairs([("A cat runs, a cat!", "the DOG")], [1.0]), model)

    def cosine(weights: np.ndarray) -> float:
        rows = MATRIX.astype(float) * weights[:, None]
        one, other = 2 * rows[1] + 2 * rows[2] + rows[4], rows[0] + rows[3]
        return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))

    shares = np.array(COUNTS) / sum(COUNTS)
    assert found.plain[0] == pytest.approx(cosine(np.ones(6)))
    assert found.weighted is not None
    assert found.weighted[0] == pytest.approx(cosine(3e-4 / (3e-4 + shares)), abs=1e-6)


def test_punctuation_and_capitals_are_no_obstacle_to_a_model_cut_at_white_space() -> None:
    model = WordVectors(WORDS, MATRIX, config={"tokenizer": "whitespace"})
    found = compare_sentences(
        SentencePairs([("The cat... (runs)", "cat runs the"), ("?", "cat")], [1, 1]), model
    )
    assert found.asked.tolist() == [0]
    assert found.plain[0] == pytest.approx(1)


def test_two_models_are_compared_on_sentences() -> None:
    pairs = [("a cat", "the cat"), ("a cat", "a dog"), ("the dog runs", "dog sleeps"), ("runs", "sleeps")]
    good = WordVectors(WORDS, MATRIX, counts=COUNTS)
    scores = (-compare_sentences(SentencePairs(pairs, [0] * 4), good).plain).tolist()
    test = WordTest("sts", SentencePairs(pairs, [-one for one in scores]))
    bad = WordVectors(WORDS, MATRIX[::-1].copy())
    judged = judge(test, [good, bad], search_limit=10)
    assert judged.scores[0].value == pytest.approx(1)
    assert judged.difference is not None
    assert judged.difference.value > 0
    assert list(judged.scores[0].further) == ["Pearson's r", "Spearman's rho, SIF", "Pearson's r, SIF"]
    assert list(judged.scores[1].further) == ["Pearson's r"]
    assert score(test, WORDS, MATRIX).value == judged.scores[0].value  # as after an epoch
