"""Tests are told by their content; what is no test is refused with its place."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordvec.errors import EvaluationError
from wordvec.evaluation.analogies import Analogies
from wordvec.evaluation.scores import Score, score, score_all
from wordvec.evaluation.similarity import Judgments
from wordvec.evaluation.word_tests import read_test

WORDS = ["man", "king", "woman", "queen", "cat"]
MATRIX = np.array([[0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [1, 0, 1, 0], [0, 0, 0, 1]], np.float32)
ANALOGIES = ": royal\nman king woman queen\n\n# a comment\nman king woman cat\nman king woman dog\n"
PAIRS = "Word 1\tWord 2\tHuman\nman\tking\t8\nman\tcat\t1\nman\tdog\t5\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "test.txt"


@pytest.fixture(scope="module")
def rewritten(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file for all examples of a property."""
    return tmp_path_factory.mktemp("rewritten") / "test.txt"


def test_both_kinds_are_reported_apart_and_taken(file: Path) -> None:
    file.write_text(ANALOGIES, encoding="utf-8-sig")  # with a mark before the colon
    pairs = file.with_name("pairs.tsv")
    pairs.write_bytes(b"\xef\xbb\xbf" + PAIRS.replace("\n", "\r\n").encode())
    assert score_all([read_test(file), read_test(str(pairs))], WORDS, MATRIX) == (
        Score("test.txt", "analogies", 0.5, 2, 3),
        Score("pairs.tsv", "similarity", 1.0, 2, 3),
    )


def test_analogies_need_no_section_and_may_be_packed(file: Path) -> None:
    file.write_bytes(gzip.compress(b"man king woman queen\n"))
    assert score(read_test(file), WORDS, MATRIX).value == 1.0


def test_where_nothing_can_be_asked_there_is_not_a_score(file: Path) -> None:
    for text, kind in ((ANALOGIES, "analogies"), (PAIRS, "similarity")):
        file.write_text(text, encoding="utf-8")
        test = read_test(file)
        assert score(test, ["x"], np.ones((1, 4), np.float32)) == Score("test.txt", kind, None, 0, 3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no question in it; a test has lines of four words"),
        (b"# nothing\n\n", "has no question in it"),
        (b": section\n", "has no question in it"),
        (b"one\ttwo\tthree\n", "has no question in it"),
        (
            b"old new big 1.5\nbig old new 9\n",
            r"line 1 must have two words and a number, .* got 'old new big 1.5'",
        ),
        (b"old new A 1.5\nbig old A\n", r"line 2 must have two words and a number"),
        (b"first\tsecond\tthird\tscore\nold\tnew\tbig\t1.5\n", r"line 2 must have two words and a number"),
        (b"a b 1\na b\n", r"test\.txt, line 2 must have two words and a number"),
        (b": s\n\na b c\n", r"test\.txt, line 3 must have four words"),
        (b"a b 1\n\xff\xfe\n", r"test\.txt, line 2 is not UTF-8 text"),
        (b"\x1f\x8b\x08\x00broken", "the test cannot be read: .*damaged or incomplete gzip data"),
    ],
    ids=[
        "empty",
        "comments",
        "no question",
        "heading only",
        "three words and a number",
        "no score",
        "three words with heading",
        "short",
        "three words",
        "bytes",
        "broken gzip",
    ],
)
def test_what_is_not_a_test_is_refused_with_its_place(content: bytes, message: str, file: Path) -> None:
    file.write_bytes(content)
    with pytest.raises(EvaluationError, match=message):
        read_test(file)


def test_a_file_that_is_not_there_is_reported(file: Path) -> None:
    with pytest.raises(EvaluationError, match=r"the test cannot be read: cannot open .*No such file"):
        read_test(file)


def test_a_corpus_is_not_taken_for_a_test(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wordvec.evaluation.questions.MAX_BYTES", 1000)
    file.write_bytes(gzip.compress(b"a b 1\n" * 10_000))
    with pytest.raises(EvaluationError, match="too large for a test: more than 1,000 bytes"):
        read_test(file)


def test_places_count_every_line_however_it_ends(file: Path) -> None:
    for end in ("\n", "\r\n", "\r"):
        file.write_bytes(end.join([": s", "", "# c", "a b c d", "one \u2028two three"]).encode())
        with pytest.raises(EvaluationError, match=r"test\.txt, line 5 must have four words"):
            read_test(file)


WORD = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1, max_size=6).filter(
    lambda word: not word.startswith((":", "#", "\ufeff")) and not word[-1:].isnumeric()
)


@settings(deadline=None)  # the machine may be busy
@given(
    questions=st.lists(st.tuples(WORD, WORD, WORD, WORD), min_size=1, max_size=8),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_what_is_written_as_analogies_is_read_so(
    questions: list[tuple[str, ...]], end: str, rewritten: Path
) -> None:
    rewritten.write_bytes(end.join([": all", *(" ".join(question) for question in questions)]).encode())
    assert read_test(rewritten).questions == Analogies(questions, ["all"] * len(questions))


@settings(deadline=None)
@given(
    rows=st.lists(
        st.tuples(WORD, WORD, st.floats(allow_nan=False, allow_infinity=False)), min_size=1, max_size=8
    ),
    between=st.sampled_from(["\t", " ", ","]),
)
def test_what_is_written_as_similarities_is_read_so(
    rows: list[tuple[str, str, float]], between: str, rewritten: Path
) -> None:
    rows = [row for row in rows if not set(row[0] + row[1]) & set(",;")] or [("a", "b", 1.0)]
    text = "".join(f"{one}{between}{other}{between}{score!r}\n" for one, other, score in rows)
    rewritten.write_bytes(text.encode())
    found = read_test(rewritten)
    assert found.kind == "similarity"
    assert found.questions == Judgments([row[:2] for row in rows], [row[2] for row in rows])


@settings(deadline=None)
@given(content=st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_bytes_are_a_test_or_refused(content: bytes, rewritten: Path) -> None:
    rewritten.write_bytes(content)
    try:
        test = read_test(rewritten)
    except EvaluationError:
        return
    found = score(test, WORDS, MATRIX)
    assert found.asked <= found.of
    assert found.value is None or -1 <= found.value <= 1
