"""Analogies whose right answers are planted, and the answers that gensim gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from wordvec.errors import EvaluationError
from wordvec.evaluation.analogies import (
    Analogies,
    Tally,
    answer_analogies,
    read_analogies,
    tally_sections,
)
from wordvec.evaluation.questions import Line
from wordvec.vectors.analogy import Method

WORDS = ["rome", "italy", "walked", "paris", "walk", "france", "swim", "swam", "tokyo"]


def planted_matrix() -> NDArray[np.float32]:
    """Countries are capitals plus one direction, past tenses are verbs plus another; lengths differ."""
    rows = dict(zip(WORDS, np.eye(len(WORDS), 12, dtype=np.float32), strict=True))
    rows["italy"] = rows["rome"] + np.eye(12, dtype=np.float32)[10]
    rows["france"] = rows["paris"] + np.eye(12, dtype=np.float32)[10]
    rows["walked"] = rows["walk"] + np.eye(12, dtype=np.float32)[11]
    rows["swam"] = rows["swim"] + np.eye(12, dtype=np.float32)[11]
    return np.stack([rows[word] * length for length, word in enumerate(WORDS, start=1)])


CAPITAL = ("rome", "italy", "paris", "france")
TENSE = ("walk", "walked", "swim", "swam")
WRONG = ("walk", "walked", "swim", "tokyo")


def asked(*questions: tuple[str, ...]) -> Analogies:
    return Analogies(list(questions), [""] * len(questions))


def right(analogies: Analogies, words: list[str], matrix: NDArray[np.float32], **limit: int) -> list[bool]:
    found: list[bool] = answer_analogies(analogies, words, matrix, **limit).is_right.tolist()
    return found


def test_planted_analogies_are_solved() -> None:
    assert right(asked(CAPITAL, WRONG, TENSE), WORDS, planted_matrix()) == [True, False, True]


def test_a_word_of_the_question_is_never_its_answer() -> None:
    matrix = np.array([[1, 0], [1, 0.1], [0.9, 0.1], [0, 1]], dtype=np.float32)
    assert right(asked(("a", "b", "c", "d")), ["a", "b", "c", "d"], matrix) == [True]


def test_questions_beyond_the_limit_are_not_asked() -> None:
    found = answer_analogies(asked(TENSE, CAPITAL), WORDS, planted_matrix(), search_limit=7)
    assert found.asked.tolist() == [1]


def test_answers_beyond_the_limit_are_not_given() -> None:
    matrix = planted_matrix()
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    rome, italy, paris = (matrix[WORDS.index(word)] for word in ("rome", "italy", "paris"))
    matrix, words = np.vstack([matrix, italy - rome + paris]), [*WORDS, "stranger"]
    assert right(asked(CAPITAL), words, matrix, search_limit=len(WORDS)) == [True]
    assert right(asked(CAPITAL), words, matrix) == [False]


def test_more_questions_than_a_block_keep_their_order() -> None:
    questions = asked(*[CAPITAL, WRONG, TENSE] * 345)
    assert right(questions, WORDS, planted_matrix()) == [True, False, True] * 345


@pytest.mark.parametrize("method", ["add", "mul"])
def test_blocks_of_any_size_give_the_answers_of_the_plain_formula(
    method: Method, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(12)
    words, matrix = [f"w{row}" for row in range(40)], rng.normal(size=(40, 4)).astype(np.float32)
    questions = [tuple(words[row] for row in rng.integers(40, size=4)) for _ in range(300)]
    unit = (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float64)
    expected = []
    for question in questions:
        a, b, c, d = ([words.index(word)] for word in question)
        cosines = [unit @ unit[row[0]] for row in (a, b, c)]
        if method == "add":
            scores = cosines[1] - cosines[0] + cosines[2]
        else:
            scores = (1 + cosines[1]) / 2 * (1 + cosines[2]) / 2 / ((1 + cosines[0]) / 2 + 0.001)
        scores[[*a, *b, *c]] = -np.inf
        expected.append(bool(scores.argmax() == d[0]))
    assert 5 < sum(expected) < 295
    for words_per_block, questions_per_block, cosines in ((2048, 64, 2**24), (7, 3, 2**24), (2048, 64, 1)):
        monkeypatch.setattr("wordvec.evaluation.analogies.WORDS_PER_BLOCK", words_per_block)
        monkeypatch.setattr("wordvec.evaluation.analogies.QUESTIONS_PER_BLOCK", questions_per_block)
        monkeypatch.setattr("wordvec.evaluation.analogies.MAX_COSINES", cosines)
        assert answer_analogies(asked(*questions), words, matrix, method=method).is_right.tolist() == expected


def test_any_of_several_right_answers_is_right() -> None:
    questions = [("rome", "italy", "paris", "gaul"), ("rome", "italy", "paris", "oslo")]
    answers = [("gaul", "FRANCE"), ("oslo",)]
    found = answer_analogies(Analogies(questions, ["", ""], answers), WORDS, planted_matrix())
    assert (found.asked.tolist(), found.is_right.tolist()) == ([0], [True])
    both = Analogies(questions[:1], [""], [("tokyo", "france")])
    assert answer_analogies(both, WORDS, planted_matrix()).is_right.tolist() == [True]


def test_each_section_has_its_own_tally() -> None:
    unknown = ("rome", "italy", "oslo", "norway")
    analogies = Analogies([CAPITAL, unknown, WRONG, TENSE, WRONG], ["c", "c", "gram", "gram", "gram"])
    assert tally_sections(analogies, answer_analogies(analogies, WORDS, planted_matrix())) == {
        "c": Tally(right=1, asked=1, of=2),
        "gram": Tally(right=1, asked=3, of=3),
    }


def test_a_word_is_looked_up_as_written_and_then_in_lower_case() -> None:
    assert right(asked(("Rome", "ITALY", "Paris", "France")), WORDS, planted_matrix()) == [True]
    words = [*WORDS, "Rome"]
    matrix = np.vstack([planted_matrix(), -planted_matrix()[:1]])
    assert right(asked(("Rome", "italy", "paris", "france")), words, matrix) == [False]


def test_a_row_of_zeros_spoils_nothing() -> None:
    matrix = planted_matrix()
    matrix[WORDS.index("tokyo")] = 0
    assert right(asked(CAPITAL), WORDS, matrix) == [True]


def test_nothing_that_can_be_asked_is_not_an_answer() -> None:
    assert answer_analogies(asked(("a", "b", "c", "d")), WORDS, planted_matrix()).asked.tolist() == []


@pytest.mark.parametrize("text", ["one two three", "one two three four five", "word"])
def test_another_number_of_words_is_refused_where_it_stands(text: str) -> None:
    lines = [Line("q.txt, line 1", ": capitals"), Line("q.txt, line 2", text)]
    with pytest.raises(EvaluationError, match=r"q\.txt, line 2 must have four words .* got '"):
        read_analogies(lines)


def test_gensim_answers_alike(tmp_path: Path) -> None:
    gensim = pytest.importorskip("gensim.models")
    rng = np.random.default_rng(3)
    words = [f"w{number}" for number in range(60)]
    matrix = rng.normal(size=(60, 4)).astype(np.float32)
    theirs = gensim.KeyedVectors(4)
    theirs.add_vectors(words, matrix)
    questions = [tuple(words[row] for row in rng.choice(60, 4, replace=False)) for _ in range(400)]
    answers = theirs.get_normed_vectors()
    for number, (a, b, c, _) in enumerate(questions):  # half of them with the answer that 3CosAdd finds
        if number % 2:
            rows = [words.index(word) for word in (a, b, c)]
            scores = answers @ (answers[rows[1]] - answers[rows[0]] + answers[rows[2]])
            scores[rows] = -np.inf
            questions[number] = (a, b, c, words[int(scores.argmax())])
    file = tmp_path / "questions.txt"
    file.write_text(
        ": all\n" + "".join(" ".join(question) + "\n" for question in questions), encoding="utf-8"
    )
    found = right(asked(*questions), words, matrix)
    total = theirs.evaluate_word_analogies(str(file), case_insensitive=False)[1][-1]
    assert (sum(found), len(found)) == (len(total["correct"]), 400)
    assert {" ".join(q).upper() for q, is_right in zip(questions, found, strict=True) if is_right} == {
        " ".join(q).upper() for q in total["correct"]
    }
