"""Expressions: words added and subtracted, with numbers before them, as in `king - man + 0.5*woman`; their neighbors.

sum     = ["+" | "-"] product {("+" | "-") product}
product = factor {("*" | "/") factor}          all but one factor are numbers, and so is what follows a slash
factor  = number | word | "words in quotes" | "(" sum ")" | ("+" | "-") factor
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, NoReturn, TypeAlias
from unicodedata import normalize

from wordvec.errors import ConfigError, UnknownWordError
from wordvec.text import printable

if TYPE_CHECKING:  # it offers no method for this: expressions stand above it
    from wordvec.vectors.top_k import Neighbor
    from wordvec.vectors.word_vectors import WordVectors

__all__ = [
    "ExpressionError",
    "Term",
    "UnknownTermError",
    "known_spelling",
    "neighbors_of_expression",
    "parse",
    "terms_of",
]

Find: TypeAlias = Callable[
    [str], str | None
]  # from what is written to the word of the model that is meant, or None

MAX_LENGTH = 4096  # characters
MAX_DEPTH = 50  # of parentheses and signs inside of one another
MAX_NUMBER, MIN_NUMBER = 1e9, 1e-9  # beyond them, a word counts for everything or for nothing
MAX_WORDS_OF_PHRASE = 8
MAX_SHOWN = 40  # characters of the expression in a message

SIGNS = {"+": "+", "\uff0b": "+", "-": "-", "\u2212": "-", "\ufe63": "-", "\uff0d": "-", "\u2013": "-"}
TIMES = {"*": "*", "\u00d7": "*", "\u22c5": "*", "\u2217": "*", "\uff0a": "*"}
SLASHES = {"/": "/", "\u00f7": "/", "\u2215": "/", "\u2044": "/", "\uff0f": "/"}
PARENTHESES = {"(": "(", ")": ")", "\uff08": "(", "\uff09": ")"}
MARKS = {**SIGNS, **TIMES, **SLASHES, **PARENTHESES}
QUOTES = {
    '"': '"',
    "\u201c": "\u201d",
    "\u201e": "\u201c\u201d",
    "\u00ab": "\u00bb",
}  # and what may close them

_OPERATORS = "".join(map(re.escape, [*SIGNS, *TIMES, *SLASHES]))
_BORDERS = "".join(map(re.escape, [*PARENTHESES, *QUOTES]))  # no word that is not in quotes has one inside
_SPACE = re.compile(r"\s*")
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_RUN = re.compile(rf"[^\s{_BORDERS}]+")
_PLAIN_RUN = re.compile(rf"[^\s{_BORDERS}{_OPERATORS}]+")
_OPERATOR = re.compile(f"[{_OPERATORS}]")
_NEXT_WORD = re.compile(rf"\s+([^\s{_BORDERS}{_OPERATORS}]+)")
# A run of more characters or more operators stands in quotes if it is a word.
MAX_RUN, MAX_OPERATORS = 200, 8

WORD, NUMBER, END = "word", "number", "end"


class ExpressionError(ConfigError):
    """An expression cannot be read; `column` says from which character on, from 0."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


class UnknownTermError(UnknownWordError):
    """A word of an expression has no vector; `column` says where it stands, from 0."""

    def __init__(self, word: str, column: int, problem: UnknownWordError) -> None:
        super().__init__(*problem.args)
        self.word, self.column = word, column


class Term(NamedTuple):
    """A word of an expression."""

    word: str
    weight: float
    column: int  # of the character where it first stands, from 0


class _Token(NamedTuple):
    kind: str  # WORD, NUMBER, END or a mark
    text: str  # of a word, the word that is meant; else as it is written
    column: int
    end: int


class _Value(NamedTuple):
    """A number, or words with their weights."""

    number: float | None
    terms: dict[str, tuple[float, int]]  # weight and column of each word


def neighbors_of_expression(
    vectors: WordVectors, expression: str, *, k: int = 10, search_limit: int | None = None
) -> tuple[list[Term], list[Neighbor]]:
    """Find the k words nearest to an expression; its own words are not among them.

    Args:
        vectors: the words and their vectors; of a model with subwords, other words may stand in the expression, too.
        expression: words of the model with signs and numbers, such as "king - man + woman"; a word with spaces or
            operators in it stands in quotes.
        k: how many words to find, at least 1.
        search_limit: search only the N most frequent words; None searches all.

    Returns:
        The words of the expression with their weights, and the words nearest to their sum.

    Raises:
        ExpressionError: the expression cannot be read.
        UnknownTermError: a word in it has no vector.
        ConfigError: k or search_limit is not valid, or the words cancel out.

    >>> from wordvec import WordVectors
    >>> axes = WordVectors(["king", "man", "woman", "queen"], [[1, 1], [1, 0], [-1, 0], [-1, 1]])
    >>> terms, near = neighbors_of_expression(axes, "king - man + woman", k=1)
    >>> [(term.word, term.weight) for term in terms], near[0].word
    ([('king', 1.0), ('man', -1.0), ('woman', 1.0)], 'queen')
    """
    terms = terms_of(vectors, expression)
    largest = max(abs(term.weight) for term in terms) or 1.0  # so that tiny numbers are not lost in float32
    weighted = [(term.word, term.weight / largest) for term in terms]
    return terms, vectors.most_similar(weighted, k=k, search_limit=search_limit)


def terms_of(vectors: WordVectors, expression: str) -> list[Term]:
    """The words of an expression as the model spells them, with their weights; each has a vector.

    Raises:
        ExpressionError: the expression cannot be read.
        UnknownTermError: a word in it has no vector; the message has the closest spellings.

    >>> from wordvec import WordVectors
    >>> cities = WordVectors(["new_york", "paris"], [[2.0, 1.0], [4.0, 3.0]])
    >>> [(term.word, term.weight) for term in terms_of(cities, '0.5*("new york" - paris)')]
    [('new_york', 0.5), ('paris', -0.5)]
    """
    terms = parse(expression, lambda written: known_spelling(vectors, written))
    for term in terms:
        if not vectors.vocabulary.has_vector(term.word):
            try:
                vectors.ids(term.word)
            except UnknownWordError as problem:
                raise UnknownTermError(term.word, term.column, problem) from None
    return terms


def known_spelling(vectors: WordVectors, written: str) -> str | None:
    """The word of the vocabulary that is meant, as it is written, composed (NFC), or joined as a phrase; None for none.

    >>> from wordvec import WordVectors
    >>> vectors = WordVectors(["new_york", "caf\u00e9"], [[2.0, 1.0], [4.0, 3.0]])
    >>> [known_spelling(vectors, written) for written in ("new york", "cafe\u0301", "york")]
    ['new_york', 'café', None]
    """
    if written in vectors:
        return written
    delimiter = "_" if vectors.phrases is None else vectors.phrases.settings.delimiter
    composed = normalize("NFC", written)
    return next((word for word in (composed, delimiter.join(composed.split())) if word in vectors), None)


def parse(expression: str, find: Find) -> list[Term]:
    """Read an expression: its words in the order in which they first stand, each once, with the sum of its weights.

    Args:
        expression: at most 4,096 characters.
        find: from what is written to the word of the vocabulary that is meant, or None. It decides where words
            end: well-known is one word if it is a known one, and new york is.

    Raises:
        ExpressionError: it is not an expression; the message says what was expected, and where.

    >>> known = {"king", "well-known", "paris"}
    >>> find = lambda written: written if written in known else None
    >>> parse("2*king - well-known/4", find)
    [Term(word='king', weight=2.0, column=2), Term(word='well-known', weight=-0.25, column=9)]
    >>> parse("king paris", find)
    Traceback (most recent call last):
    wordvec.vectors.expressions.ExpressionError: expected +, -, * or / before paris (column 5), such as ...
    """
    if len(expression) > MAX_LENGTH:
        raise ExpressionError(
            f"an expression has at most {MAX_LENGTH:,} characters, got {len(expression):,}; ask for less at a time",
            MAX_LENGTH,
        )
    whole = expression.strip()
    if whole and (found := find(whole)) is not None:  # such as -, which is a word of some models
        return [Term(found, 1.0, expression.index(whole))]
    return _Parser(expression, find).terms()


class _Parser:
    """Recursive descent, one token ahead."""

    def __init__(self, expression: str, find: Find) -> None:
        self._expression, self._find = expression, find
        self._depth = 0
        self._before = _Token("", "", 0, 0)
        self._token = self._read(0)

    def terms(self) -> list[Term]:
        """The whole expression."""
        if self._token.kind == END:
            raise ExpressionError(
                "the expression is empty; write words with + or - between them, such as king - man + woman", 0
            )
        first = self._token
        found = self._sum()
        if self._token.kind != END:
            self._fail(
                "the opening parenthesis that it closes" if self._token.kind == ")" else "+, -, * or /"
            )
        if found.number is not None:
            raise ExpressionError(
                f"expected a word, got only numbers (column {first.column}); a number stands before its word: 2*king",
                first.column,
            )
        return [Term(word, weight, column) for word, (weight, column) in found.terms.items()]

    def _sum(self) -> _Value:
        total = self._addend(1.0)
        while self._token.kind in ("+", "-"):
            sign = 1.0 if self._next().kind == "+" else -1.0
            total = self._added(total, self._addend(sign))
        return total

    def _addend(self, sign: float) -> _Value:
        first = self._token
        found = self._product()
        is_lone_number = first.kind == NUMBER and self._before is first
        if is_lone_number and (word := self._find(first.text)) is not None:  # such as 1984
            return _Value(None, {word: (sign, first.column)})
        return self._scaled(found, sign, first.column)

    def _product(self) -> _Value:
        value = self._factor()
        while self._token.kind in ("*", "/"):
            operator = self._next()
            right = self._token
            other = self._factor()
            if operator.kind == "/":
                value = self._divided(value, other, right.column)
            elif other.number is not None:
                value = self._scaled(value, other.number, right.column)
            elif value.number is not None:
                value = self._scaled(other, value.number, right.column)
            else:
                raise ExpressionError(
                    f"expected a number on one side of {operator.text} (column {operator.column}), got words on both; "
                    "words are added or subtracted, and multiplied by numbers, such as 0.5*king",
                    operator.column,
                )
        return value

    def _factor(self) -> _Value:
        token = self._token
        if token.kind not in (WORD, NUMBER, "(", "+", "-"):
            self._fail("a word or a number")
        self._next()
        if token.kind == WORD:
            return _Value(None, {token.text: (1.0, token.column)})
        if token.kind == NUMBER:
            return _Value(self._checked(float(token.text), token.column), {})
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(
                f"at most {MAX_DEPTH} parentheses and signs may stand inside of one another (column {token.column}); "
                "write fewer",
                token.column,
            )
        if token.kind == "(":
            value = self._sum()
            if self._token.kind != ")":
                self._fail(f"+, - or the parenthesis that closes the one at column {token.column}")
            self._next()
        else:
            value = self._scaled(self._factor(), 1.0 if token.kind == "+" else -1.0, token.column)
        self._depth -= 1
        return value

    def _added(self, one: _Value, other: _Value) -> _Value:
        column = self._before.column
        if one.number is not None and other.number is not None:
            return _Value(self._checked(one.number + other.number, column), {})
        if one.number is not None or other.number is not None:
            number = one.number if one.number is not None else other.number
            raise ExpressionError(
                f"expected a word to add or subtract, got the number {number:g} (column {column}); a number stands "
                "before its word, such as 0.5*king, and a word that looks like one in quotes",
                column,
            )
        terms = dict(one.terms)
        for word, (weight, place) in other.terms.items():
            before, first = terms.get(word, (0.0, place))
            terms[word] = self._checked(before + weight, place), first
        return _Value(None, terms)

    def _scaled(self, value: _Value, number: float, column: int) -> _Value:
        if value.number is not None:
            return _Value(self._checked(value.number * number, column), {})
        terms = {
            word: (self._checked(weight * number, column), place)
            for word, (weight, place) in value.terms.items()
        }
        return _Value(None, terms)

    def _divided(self, value: _Value, other: _Value, column: int) -> _Value:
        if other.number is None:
            raise ExpressionError(
                f"expected a number after / (column {column}), got words; write what is divided first, such as king/2",
                column,
            )
        if not other.number:
            raise ExpressionError(f"expected another divisor than 0 (column {column})", column)
        return self._scaled(value, 1.0 / other.number, column)

    def _checked(self, number: float, column: int) -> float:
        if not math.isfinite(number) or abs(number) > MAX_NUMBER or 0 < abs(number) < MIN_NUMBER:
            raise ExpressionError(
                f"expected 0 or a number of {MIN_NUMBER:g} to {MAX_NUMBER:,.0f} in size, got {number:g} "
                f"(column {column})",
                column,
            )
        return number

    def _next(self) -> _Token:
        """Go on by a token; the one that is left behind."""
        self._before, self._token = self._token, self._read(self._token.end)
        return self._before

    def _read(self, start: int) -> _Token:
        """The token that begins at or after a column."""
        text = self._expression
        column = _SPACE.match(text, start).end()  # type: ignore[union-attr]  # an empty match is one, too
        if column == len(text):
            return _Token(END, "", column, column)
        letter = text[column]
        if letter in QUOTES:
            return self._quoted(column)
        if letter in MARKS:
            return _Token(MARKS[letter], letter, column, column + 1)
        word = self._known_word(column)
        run = _PLAIN_RUN.match(text, column)
        run_end = column + 1 if run is None else run.end()
        number = _NUMBER.match(text, column)
        if number is not None and number.end() >= run_end and (word is None or number.end() >= word.end):
            return _Token(NUMBER, number.group(), column, number.end())
        return word or _Token(WORD, text[column:run_end], column, run_end)

    def _quoted(self, column: int) -> _Token:
        """A word in quotes, in which a backslash stands before a quotation mark or a backslash."""
        text, closing = self._expression, QUOTES[self._expression[column]]
        letters: list[str] = []
        place = column + 1
        while place < len(text) and text[place] not in closing:
            place += text[place] == "\\" and place + 1 < len(text)
            letters.append(text[place])
            place += 1
        written = "".join(letters)
        if place == len(text):
            raise ExpressionError(
                f"expected the quotation mark that closes the one at column {column}, got the end of the expression",
                column,
            )
        if not written.strip():
            raise ExpressionError(f"expected a word between the quotation marks (column {column})", column)
        return _Token(WORD, self._find(written) or written, column, place + 1)

    def _known_word(self, column: int) -> _Token | None:
        """The longest known word that begins here: a phrase with spaces, one with operators in it, or a plain one."""
        text = self._expression
        run = _RUN.match(text, column, column + MAX_RUN)
        if run is None:
            return None
        marks = [found.start() for found in _OPERATOR.finditer(text, column, run.end())][:MAX_OPERATORS]
        plain_end = marks[0] if marks else run.end()
        ends = [run.end(), *reversed(marks), *(mark + 1 for mark in reversed(marks))]
        for end in sorted(set(ends), reverse=True):
            if end == plain_end and end > column and (phrase := self._phrase(column, end)) is not None:
                return phrase
            if end > column and (found := self._find(text[column:end])) is not None:
                return _Token(WORD, found, column, end)
        return None

    def _phrase(self, column: int, end: int) -> _Token | None:
        """The longest known phrase of words with spaces between them."""
        ends: list[int] = []
        while len(ends) < MAX_WORDS_OF_PHRASE - 1 and (after := _NEXT_WORD.match(self._expression, end)):
            end = after.end()
            ends.append(end)
        for stop in reversed(ends):
            if stop - column <= MAX_RUN:
                found = self._find(" ".join(self._expression[column:stop].split()))
                if found is not None:
                    return _Token(WORD, found, column, stop)
        return None

    def _fail(self, expected: str) -> NoReturn:
        """Say what was expected here, and what there is."""
        token, before = self._token, self._before
        if token.kind == END:
            got = f"the end of the expression (column {token.column})"
            shown = printable(self._expression[max(0, before.column) : before.end], MAX_SHOWN)
            raise ExpressionError(f"expected {expected} after {shown}, got {got}", token.column)
        shown = printable(self._expression[token.column : token.end], MAX_SHOWN)
        if token.kind in (WORD, NUMBER, "(") and before.kind in (WORD, NUMBER, ")"):
            left = printable(self._expression[before.column : before.end], MAX_SHOWN)
            phrase = ""
            if before.kind == token.kind == WORD:
                phrase = '; one word with a space in it stands in quotes, "' + f'{left} {shown}"'
            operator = "*" if NUMBER in (before.kind, token.kind) else " + "
            raise ExpressionError(
                f"expected {expected} before {shown} (column {token.column}), such as {left}{operator}{shown}{phrase}",
                token.column,
            )
        raise ExpressionError(f"expected {expected}, got {shown} (column {token.column})", token.column)
