"""Expressions: what is written is what is computed; errors say where; hostile input is refused quickly."""

from __future__ import annotations

import re
import time
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordvec import ConfigError, UnknownWordError, WordVectors
from wordvec.vectors.expressions import (
    MAX_DEPTH,
    MAX_LENGTH,
    ExpressionError,
    Term,
    UnknownTermError,
    neighbors_of_expression,
    parse,
    terms_of,
)
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary

WORDS = [
    "king",
    "man",
    "woman",
    "queen",
    "well-known",
    "c++",
    "new_york",
    "1984",
    "20-year-old",
    "-",
    "and/or",
]


def find(written: str) -> str | None:
    joined = "_".join(written.split())
    return next((word for word in (written, joined) if word in WORDS), None)


def weights(expression: str) -> dict[str, float]:
    return {term.word: term.weight for term in parse(expression, find)}


def quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


@pytest.mark.parametrize(
    ("expression", "meant"),
    [
        ("king", {"king": 1.0}),
        ("king - man + woman", {"king": 1.0, "man": -1.0, "woman": 1.0}),
        ("king-man+woman", {"king": 1.0, "man": -1.0, "woman": 1.0}),
        ("0.5*king + man/4", {"king": 0.5, "man": 0.25}),
        ("king*.5e1", {"king": 5.0}),
        ("2*(king - (man + woman))/4", {"king": 0.5, "man": -0.5, "woman": -0.5}),
        ("--king - -man", {"king": 1.0, "man": 1.0}),
        ("king \u2212 2\u00d7man", {"king": 1.0, "man": -2.0}),
        ("king \u00f7 2 \uff0b \uff08man\uff09", {"king": 0.5, "man": 1.0}),
        ('"new york" - 2*"c++"', {"new_york": 1.0, "c++": -2.0}),
        ("\u201cnew york\u201d", {"new_york": 1.0}),
        ("new  york - man", {"new_york": 1.0, "man": -1.0}),
        ("well-known - king", {"well-known": 1.0, "king": -1.0}),
        ("well-known-king", {"well-known": 1.0, "king": -1.0}),
        ("c+++king", {"c++": 1.0, "king": 1.0}),
        ("20-year-old/2", {"20-year-old": 0.5}),
        ("and/or", {"and/or": 1.0}),
        ("-", {"-": 1.0}),
        ("1984 - king", {"1984": 1.0, "king": -1.0}),
        ("2*1984", None),  # two numbers: a number that is multiplied is no word
        ('2*"1984"', {"1984": 2.0}),
        ("3d - king", {"3d": 1.0, "king": -1.0}),
        ("e-mail", {"e": 1.0, "mail": -1.0}),
        ("king + man - king", {"king": 0.0, "man": 1.0}),
        (r'"say \"hi\" \\"', {'say "hi" \\': 1.0}),
    ],
)
def test_an_expression_means_these_words_with_these_weights(
    expression: str, meant: dict[str, float] | None
) -> None:
    if meant is None:
        with pytest.raises(ExpressionError, match="got only numbers"):
            parse(expression, find)
    else:
        assert weights(expression) == meant


@pytest.mark.parametrize(
    ("expression", "column", "message"),
    [
        ("", 0, "the expression is empty"),
        (" \t", 0, "the expression is empty"),
        ("king man", 5, r'before man .* such as king \+ man; .* in quotes, "king man"'),
        ("2 king", 2, r"such as 2\*king"),
        ("king -", 6, "expected a word or a number after -, got the end"),
        ("king + * man", 7, r"expected a word or a number, got \*"),
        ("(king", 5, "the parenthesis that closes the one at column 0"),
        ("king)", 4, "the opening parenthesis"),
        ("king * man", 5, r"expected a number on one side of \*"),
        ("2/king", 2, "expected a number after /"),
        ("king/0", 5, "another divisor than 0"),
        ("king + 2", 7, "got the number 2"),
        ("2*3", 0, "got only numbers"),
        ('king - "man', 7, "the quotation mark that closes the one at column 7"),
        ('king - " "', 7, "a word between the quotation marks"),
        ("1e400*king", 0, "got inf"),
        ("1e9*1e9*king", 4, "got 1e\\+18"),
        ("1e-9*1e-9*king", 5, "got 1e-18"),
        ("king (man)", 5, r"expected \+, -, \* or / before \("),
    ],
)
def test_errors_say_what_was_expected_and_where(expression: str, column: int, message: str) -> None:
    with pytest.raises(ExpressionError, match=message) as problem:
        parse(expression, find)
    assert problem.value.column == column
    assert "\n" not in str(problem.value)


TREES: st.SearchStrategy[Any] = st.recursive(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(str.strip),
    lambda tree: st.one_of(
        st.tuples(st.just("+"), tree, tree),
        st.tuples(st.just("-"), tree, tree),
        st.tuples(st.just("*"), st.integers(1, 9), tree),
        st.tuples(st.just("/"), tree, st.sampled_from([1, 2, 4])),
        st.tuples(st.just("neg"), tree),
    ),
    max_leaves=8,
)


def printed(tree: Any) -> str:
    match tree:
        case str():
            return quoted(tree)
        case ("neg", inner):
            return f"-({printed(inner)})"
        case ("*", int() as number, inner):
            return f"{number} \u00d7 ({printed(inner)})"
        case ("/", inner, number):
            return f"({printed(inner)})/{number}"
        case (sign, left, right):
            return f"{printed(left)} {sign} ({printed(right)})"
    raise AssertionError(tree)


def summed(tree: Any, factor: Fraction, found: dict[str, Fraction]) -> dict[str, Fraction]:
    match tree:
        case str():
            found[tree] = found.get(tree, Fraction()) + factor
        case ("neg", inner):
            summed(inner, -factor, found)
        case ("*", int() as number, inner):
            summed(inner, factor * number, found)
        case ("/", inner, number):
            summed(inner, factor / number, found)
        case (sign, left, right):
            summed(left, factor, found)
            summed(right, factor if sign == "+" else -factor, found)
    return found


@given(TREES)
def test_a_tree_that_is_printed_and_read_back_has_the_same_weights(tree: Any) -> None:
    terms = parse(printed(tree), lambda _: None)
    assert {term.word: term.weight for term in terms} == {
        word: float(weight) for word, weight in summed(tree, Fraction(1), {}).items()
    }


def read(text: str) -> tuple[list[Term], ExpressionError | None]:
    try:
        return parse(text, find), None
    except ExpressionError as problem:
        return [], problem


PIECES = [*'ab1.e+-*/()"\\ _\u2212\u00d7\u201c\u201d', "king", "new york"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_is_read_or_refused_at_a_column_inside_of_it(text: str) -> None:
    terms, problem = read(text)
    if problem is not None:
        assert 0 <= problem.column <= len(text)
        assert str(problem.column) in str(problem) or "empty" in str(problem)
        return
    assert terms
    assert all(np.isfinite(term.weight) for term in terms)
    assert all(0 <= term.column < len(text) for term in terms)


@pytest.mark.parametrize(
    "expression",
    [
        "(" * MAX_LENGTH,
        "-" * (MAX_LENGTH - 4) + "king",
        "(" * (MAX_DEPTH + 1) + "king" + ")" * (MAX_DEPTH + 1),
        "a+" * (MAX_LENGTH // 2 - 1) + "a+",
        "a " * (MAX_LENGTH // 2),
        "9" * MAX_LENGTH,
        '"' + "\\" * (MAX_LENGTH - 1),
        "a" * (MAX_LENGTH + 1),
        "1e9*" * 1000 + "a",
    ],
    ids=lambda text: f"{text[:4]}...{len(text)}",
)
def test_hostile_expressions_are_refused_within_a_second(expression: str) -> None:
    begin = time.perf_counter()
    with pytest.raises(ExpressionError):
        parse(expression, find)
    assert time.perf_counter() - begin < 1


def test_depth_up_to_the_limit_is_read() -> None:
    assert weights("(" * MAX_DEPTH + "king" + ")" * MAX_DEPTH) == {"king": 1.0}


def plane() -> WordVectors:
    return WordVectors(["king", "man", "woman", "queen"], [[1, 1], [1, 0], [-1, 0], [-1, 1]])


def test_neighbors_of_an_expression_are_those_of_its_weighted_words_without_its_own() -> None:
    terms, near = neighbors_of_expression(plane(), "king - 0.5*man + woman/2", k=4)
    weighted = [("king", 1.0), ("man", -0.5), ("woman", 0.5)]
    assert [(term.word, term.weight) for term in terms] == weighted
    assert near == plane().most_similar(weighted, k=4)
    assert [found.word for found in near] == ["queen"]


def test_a_word_that_cancels_out_is_not_among_the_neighbors() -> None:
    _, near = neighbors_of_expression(plane(), "king + man - king", k=4)
    assert {found.word for found in near} == {"woman", "queen"}


def test_the_size_of_all_numbers_together_does_not_matter() -> None:
    _, tiny = neighbors_of_expression(plane(), "1e-9*king + 1e-9*woman", k=2)
    assert tiny == neighbors_of_expression(plane(), "king + woman", k=2)[1]


def test_words_that_cancel_out_to_nothing_are_refused() -> None:
    with pytest.raises(ConfigError, match="no direction"):
        neighbors_of_expression(plane(), "king - king")


def test_an_unknown_word_is_named_with_its_column_and_near_spellings() -> None:
    with pytest.raises(UnknownTermError, match="closest spellings: king") as problem:
        neighbors_of_expression(plane(), "man - kimg")
    assert isinstance(problem.value, UnknownWordError)
    assert (problem.value.word, problem.value.column) == ("kimg", 6)


def test_accents_are_composed_as_in_the_model() -> None:
    cafes = WordVectors(["caf\u00e9", "tea"], [[1.0, 2.0], [2.0, 1.0]])
    assert [term.word for term in terms_of(cafes, "cafe\u0301 - tea")] == ["caf\u00e9", "tea"]


def test_models_with_subwords_answer_words_that_they_do_not_know() -> None:
    rules = SubwordRules(3, 3, 20)
    rows = np.random.default_rng(0).normal(size=(SubwordVocabulary(["king", "man"], rules).num_rows, 4))
    model = WordVectors(SubwordVocabulary(["king", "man"], rules), rows.astype(np.float32))
    terms, near = neighbors_of_expression(model, "kings - man")
    assert [term.word for term in terms] == ["kings", "man"]
    assert [found.word for found in near] == ["king"]


def test_messages_show_control_characters_as_escapes() -> None:
    with pytest.raises(ExpressionError) as problem:
        parse("king \u202e\x07", find)
    assert not re.search("[\u202e\x07]", str(problem.value))
