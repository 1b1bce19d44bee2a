"""Sentences: do cosines put pairs of sentences in the order in which people put them? (STS; Agirre et al., 2012)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.tokenizers import TOKENIZERS, tokenized
from wordvec.errors import EvaluationError
from wordvec.evaluation.questions import Line
from wordvec.evaluation.similarity import SCORE_NAME
from wordvec.text import is_number
from wordvec.vectors.documents import sif_weights
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["Compared", "SentencePairs", "begins_sentences", "compare_sentences", "pearson", "read_sentences"]

# P pairs, A of which are asked; n distinct words, D dimensions
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LINES_TO_LOOK_AT = 10  # for the columns
TEXT_NAME = re.compile(r"sent(ence|_)?|text|phrase|premise|hypothesis|\bs[12ab]\b", re.IGNORECASE)
LAYOUTS = (
    "columns are two sentences and a number, with tabs or commas between, and perhaps others beside them, as in STS-B "
    "and SICK"
)


class SentencePairs(NamedTuple):
    """How similar people found pairs of sentences."""

    pairs: list[tuple[str, str]]  # (P,)
    scores: list[float]  # (P,)


class Compared(NamedTuple):
    """How vectors compare the pairs of which both sentences have a known word."""

    asked: Ints  # (A,)  numbers of the pairs
    plain: Floats  # (A,)  cosines of the sentences' mean vectors
    weighted: (
        Floats | None
    )  # (A,)  the same, with rare words weighing more (SIF); None where counts are not known


class _Columns(NamedTuple):
    first: int  # of the two sentences
    second: int
    score: int


def begins_sentences(lines: Sequence[Line]) -> bool:
    r"""Whether the first lines of a test are of sentence pairs: two texts, one of several words, and a number.

    >>> begins_sentences([Line("", "A man eats.\tA man is eating.\t4.5")])
    True
    >>> begins_sentences([Line("", "tiger, cat 7.35")])
    False
    """
    return _columns(_tables(lines)) is not None


def read_sentences(place: str, text: str) -> SentencePairs:
    r"""Read rows of two sentences and a number, with tabs or commas between; with commas, cells may be quoted.

    The first row may be a heading. Where there are other columns, the heading says which are meant, or else the
    sentences stand side by side and the score before or after them, as in STS-B's own files.

    Raises:
        EvaluationError: a row has no two sentences and a finite number where the others have them.

    >>> read_sentences("", 'sentence1,sentence2,score\n"Yes, a cat.",A cat.,4.5')
    SentencePairs(pairs=[('Yes, a cat.', 'A cat.')], scores=[4.5])
    """
    rows = list(_rows(place, text))
    beginning = [cells for _, cells in rows[: LINES_TO_LOOK_AT + 1]]
    columns = _columns(beginning)
    if columns is None:
        raise EvaluationError(f"{place} has no pairs of sentences; {LAYOUTS}")
    found = SentencePairs([], [])
    for number, (where, cells) in enumerate(rows):
        if number == 0 and len(cells) > max(columns) and not _is_score(cells[columns.score]):
            continue  # a heading
        if len(cells) <= max(columns) or not _is_score(cells[columns.score]):
            raise EvaluationError(
                f"{where} must have two sentences and a number, how similar people find them, got "
                f"{' | '.join(cells)[:60]!r}; {LAYOUTS}"
            )
        found.pairs.append((cells[columns.first], cells[columns.second]))
        found.scores.append(float(cells[columns.score]))
    return found


def _rows(place: str, text: str) -> list[tuple[str, list[str]]]:
    """The cells of each row, with its place."""
    if "\t" in text.partition("\n")[0]:
        lines = io.StringIO(text, newline=None)
        listed = [(number, line.rstrip("\n").split("\t")) for number, line in enumerate(lines, 1)]
    else:
        reader = csv.reader(io.StringIO(text, newline=""))
        try:
            listed = [(reader.line_num, cells) for cells in reader]
        except csv.Error as problem:
            raise EvaluationError(
                f"{place}, line {reader.line_num} is not CSV: {problem}; {LAYOUTS}"
            ) from problem
    return [
        (f"{place}, line {number}", [cell.strip() for cell in cells])
        for number, cells in listed
        if any(cell.strip() for cell in cells)
    ]


def _tables(lines: Sequence[Line]) -> list[list[str]]:
    tables = []
    for line in lines:
        with suppress(csv.Error):  # too long a cell
            cells = line.text.split("\t") if "\t" in line.text else next(csv.reader([line.text]), [])
            tables.append([cell.strip() for cell in cells])
    return tables


def _columns(rows: Sequence[Sequence[str]]) -> _Columns | None:
    """Where the sentences and the score stand: as the heading says, or as the rows after the first show."""
    if not rows:
        return None
    named = _named_columns(rows[0])
    if named is not None and len(rows) > 1 and _has_score(rows[1], named):
        return named
    for cells in rows[1:] or rows:
        found = _side_by_side(cells)
        if found is not None:
            return found
    return None


def _named_columns(heading: Sequence[str]) -> _Columns | None:
    texts = [
        column for column, name in enumerate(heading) if TEXT_NAME.search(name) and "id" not in name.lower()
    ]
    scores = [column for column, name in enumerate(heading) if SCORE_NAME.search(name)]
    if len(texts) < 2 or not scores or any(len(name.split()) > 3 for name in heading):
        return None
    return _Columns(texts[0], texts[1], next(iter(set(scores) - set(texts)), scores[0]))


def _side_by_side(cells: Sequence[str]) -> _Columns | None:
    for first in range(len(cells) - 1):
        texts = cells[first], cells[first + 1]
        if any(map(is_number, texts)) or not all(texts) or not any(len(text.split()) > 1 for text in texts):
            continue
        for score in (first + 2, first - 1):
            if 0 <= score < len(cells) and _is_score(cells[score]):
                return _Columns(first, first + 1, score)
    return None


def _has_score(cells: Sequence[str], columns: _Columns) -> bool:
    return len(cells) > max(columns) and _is_score(cells[columns.score])


def _is_score(cell: str) -> bool:
    return is_number(cell) and bool(np.isfinite(float(cell)))


def compare_sentences(questions: SentencePairs, model: WordVectors) -> Compared:
    """Compute the cosines of the pairs: of mean vectors, and where counts are known, of means weighted by SIF.

    Sentences are cut by the tokenizer that the model was trained with, if that is a built-in one, or at white space. A
    token that is not known as it is written is looked up in lower case, and then as the words that the tokenizer
    "words" finds in it; what is unknown then is left out.

    >>> words = WordVectors(["a", "cat", "dog"], [[1, 0], [1, 1], [0, 1]])
    >>> compare_sentences(SentencePairs([("A cat.", "cat a"), ("A dog!", "?")], [5, 0]), words)
    Compared(asked=array([0]), plain=array([1.]), weighted=None)
    """
    name = (model.config or {}).get("tokenizer")
    sentences = list(dict.fromkeys(sentence for pair in questions.pairs for sentence in pair))
    cut = tokenized(sentences, name if name in TOKENIZERS else "whitespace")
    known = _lookup(model)
    words = [[form for token in tokens for form in known(token)] for tokens in cut]
    number_of = {
        word: number for number, word in enumerate(dict.fromkeys(word for one in words for word in one))
    }
    place_of = {sentence: place for place, sentence in enumerate(sentences)}
    asked = [
        number
        for number, (one, other) in enumerate(questions.pairs)
        if words[place_of[one]] and words[place_of[other]]
    ]
    pairs = [(place_of[one], place_of[other]) for one, other in (questions.pairs[number] for number in asked)]
    vectors = model.lookup(list(number_of)).astype(np.float64) if number_of else np.zeros((0, model.dim))
    numbers = [[number_of[word] for word in one] for one in words]
    weighted = None
    if model.counts is not None:
        weights = sif_weights(model, list(number_of))
        weighted = _cosines(vectors * weights[:, None], numbers, pairs)
    return Compared(np.array(asked, np.int64), _cosines(vectors, numbers, pairs), weighted)


def _lookup(model: WordVectors) -> Callable[[str], list[str]]:
    """From a token to the words that have a vector: one, none, or several parts of it."""
    found: dict[str, list[str]] = {}

    def known(token: str) -> list[str]:
        if token not in found:
            forms = [form for form in (token, token.lower()) if form in model][:1]
            if not forms:
                parts = tokenized([token], "words")[0]
                forms = [part for part in parts if model.vocabulary.has_vector(part)]
            found[token] = forms
        return found[token]

    return known


def _cosines(vectors: Floats, numbers: Sequence[list[int]], pairs: Sequence[tuple[int, int]]) -> Floats:
    sums = np.array([vectors[of_text].sum(axis=0) for of_text in numbers]).reshape(-1, vectors.shape[1])
    lengths = np.sqrt(np.einsum("ij,ij->i", sums, sums))
    units = sums / np.where(lengths > 0, lengths, 1.0)[:, None]
    one, other = np.array(pairs, np.int64).reshape(-1, 2).T
    cosines: Floats = np.einsum("ij,ij->i", units[one], units[other]).clip(-1.0, 1.0)
    return cosines


def pearson(one: Floats, other: Floats) -> float | None:
    """Pearson's correlation of two rows of numbers; None where one has no spread.

    >>> pearson(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]))
    1.0
    """
    if len(one) < 2:
        return None
    deviations = one - one.mean(), other - other.mean()
    lengths = float(np.sqrt((deviations[0] @ deviations[0]) * (deviations[1] @ deviations[1])))
    if lengths == 0:
        return None
    return float(min(1.0, max(-1.0, deviations[0] @ deviations[1] / lengths)))
