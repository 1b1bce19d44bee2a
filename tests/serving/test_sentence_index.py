"""Sentence index: it finds what reading the text finds; shows the text as it stands; and damage is an error."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordvec import CorpusError, FormatError, ResourceError
from wordvec.corpus.sources import FileSource
from wordvec.corpus.tokenizers import tokenized
from wordvec.serving.sentence_index import (
    EXCERPT,
    MAX_PASSAGE_BYTES,
    FoundSentences,
    SentenceIndex,
    build_index,
)

TEXT = """The king met the queen.
A man, a plan; nothing else.

Nobody knows King Lear, the old king: the queen left.
The New York queen is far from, very far from, the king of New Orleans.
In new york and York.
"""


def indexed(
    folder: Path, text: str | bytes = TEXT, tokenizer: str = "words", name: str = "a.txt"
) -> SentenceIndex:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    build_index(FileSource(str(file)), tokenizer, folder / "a.index", {})
    return SentenceIndex(folder / "a.index")


def lines(found: FoundSentences) -> list[int]:
    return [sentence.line for sentence in found.sentences]


def marked(found: FoundSentences) -> list[list[str]]:
    return [[one.text[start:stop] for start, stop in one.spans] for one in found.sentences]


def test_a_word_is_found_in_each_sentence_that_has_it_in_the_order_of_the_text(tmp_path: Path) -> None:
    found = indexed(tmp_path).find("king")
    assert (found.total, lines(found)) == (3, [1, 4, 5])
    assert marked(found) == [["king"], ["King", "king"], ["king"]]
    assert found.sentences[1].text == "Nobody knows King Lear, the old king: the queen left."
    assert found.sentences[0].file == "a.txt"


def test_two_words_are_found_where_both_are_the_nearest_first(tmp_path: Path) -> None:
    found = indexed(tmp_path).find("king", "queen")
    assert (found.total, lines(found)) == (3, [4, 1, 5])
    assert marked(found)[1] == ["king", "queen"]
    assert lines(indexed(tmp_path).find("queen", "king")) == [4, 1, 5]
    assert indexed(tmp_path).find("man", "queen") == FoundSentences(0, [])


def test_a_word_with_itself_is_found_where_it_is_twice(tmp_path: Path) -> None:
    found = indexed(tmp_path).find("king", "king")
    assert (found.total, lines(found)) == (1, [4])


@pytest.mark.parametrize("phrase", ["new york", "New_York", "new-york"])
def test_a_phrase_is_found_as_a_model_or_the_text_spells_it(phrase: str, tmp_path: Path) -> None:
    found = indexed(tmp_path).find(phrase)
    assert (found.total, lines(found)) == (2, [5, 6])
    assert marked(found) == [["New York"], ["new york"]]


def test_pages_of_sentences_follow_each_other(tmp_path: Path) -> None:
    index = indexed(tmp_path)
    pages = [index.find("the", k=1, offset=offset) for offset in range(5)]
    assert [lines(page) for page in pages] == [[1], [4], [5], [], []]
    assert {page.total for page in pages} == {3}


@pytest.mark.parametrize("word", ["soup", "", " ", "\x00", "a" * 10_000, "\ud800", "new soup"])
def test_a_word_that_the_text_does_not_have_is_found_nowhere(word: str, tmp_path: Path) -> None:
    index = indexed(tmp_path)
    assert index.find(word) == index.find("king", word) == index.find(word, "king") == FoundSentences(0, [])


def test_whitespace_tokens_are_found_with_their_case_and_punctuation(tmp_path: Path) -> None:
    index = indexed(tmp_path, tokenizer="whitespace")
    assert lines(index.find("king:")) == [4]
    assert lines(index.find("King")) == [4]
    assert lines(index.find("new_york")) == [6]


def test_compressed_text_is_shown_as_it_stands_with_spans_in_code_points(tmp_path: Path) -> None:
    text = "\ufeffnothing\r\n\U0001f600\u202e <b>Tea</b> &\ttea\r\nand tea"
    index = indexed(tmp_path, gzip.compress(text.encode()), name="a.txt.gz")
    found = index.find("tea")
    assert [one.text for one in found.sentences] == ["\U0001f600\u202e <b>Tea</b> &\ttea", "and tea"]
    assert marked(found) == [["Tea", "tea"], ["tea"]]
    assert lines(found) == [2, 3]


def test_sentences_of_several_files_have_the_lines_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("tea\nmilk")
    (tmp_path / "two.txt").write_text("milk\n\ntea and milk\n")
    source = FileSource((str(tmp_path / "one.txt"), str(tmp_path / "two.txt")))
    build_index(source, "words", tmp_path / "x.index", {})
    found = SentenceIndex(tmp_path / "x.index").find("milk")
    assert [(one.file, one.line) for one in found.sentences] == [
        ("one.txt", 2),
        ("two.txt", 1),
        ("two.txt", 3),
    ]


def test_rows_of_a_table_are_sentences(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "green tea"}\n{"text": null}\n{"text": "black\\ntea"}\n')
    build_index(FileSource(str(tmp_path / "a.jsonl"), column="text"), "words", tmp_path / "x.index", {})
    found = SentenceIndex(tmp_path / "x.index").find("tea")
    assert [(one.text, one.line) for one in found.sentences] == [("green tea", 1), ("black tea", 3)]


def test_a_long_line_is_cut_into_passages_and_shown_as_excerpts_of_whole_words(tmp_path: Path) -> None:
    filler = " ".join(f"word{number}." if number % 9 == 0 else f"word{number}" for number in range(5000))
    line = f"{filler} needle in the hay {filler} needle"
    found = indexed(tmp_path, f"first\n{line}\n").find("needle")
    assert (found.total, lines(found)) == (2, [2, 2])
    assert len(line) > 20 * MAX_PASSAGE_BYTES
    for sentence in found.sentences:
        assert len(sentence.text) <= EXCERPT + 4
        assert marked(found)[0] == ["needle"]
        inner = sentence.text.removeprefix("\u2026 ").removesuffix(" \u2026")
        assert f" {inner} " in f" {line} "
        assert all(word in line.split() for word in inner.split())


def test_a_line_that_is_longer_than_what_is_read_at_a_time_keeps_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wordvec.serving.sentence_index.READ_BYTES", 100)
    monkeypatch.setattr("wordvec.serving.sentence_index.WINDOW_TOKENS", 7)
    monkeypatch.setattr("wordvec.serving.sentence_index.BLOCK_BYTES", 64)
    found = indexed(tmp_path, "one\n" + "some words " * 50 + "tea\n\ntea\n").find("tea", k=5)
    assert lines(found) == [2, 4]


def test_a_line_without_any_space_is_one_passage(tmp_path: Path) -> None:
    found = indexed(tmp_path, "x" * 5000 + "\n" + "y" * 5000 + " tea").find("tea")
    assert found.total == 1
    assert marked(found) == [["tea"]]


WORDS = st.sampled_from(["tea", "Tea", "milk", "new", "york", "a"])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(WORDS, max_size=6).map(" ".join), min_size=1, max_size=8),
    st.sampled_from(["words", "whitespace"]),
)
def test_it_finds_the_lines_that_reading_finds(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], tokenizer: str
) -> None:
    index = indexed(tmp_path_factory.mktemp("index"), "\n".join(texts) + "\n", tokenizer)
    tokens = tokenized(texts, tokenizer)
    for word in ("tea", "Tea", "milk"):
        spelled = word.lower() if tokenizer == "words" else word
        assert lines(index.find(word)) == [
            line for line, of_line in enumerate(tokens, 1) if spelled in of_line
        ]
        both = {line for line, of_line in enumerate(tokens, 1) if {spelled, "a"} <= set(of_line)}
        assert set(lines(index.find(word, "a"))) == both
    phrase = [line for line, text in enumerate(texts, 1) if "new york" in text]
    assert lines(index.find("new_york")) == phrase


def test_progress_grows_from_0_to_1(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT * 10)
    seen: list[float] = []
    build_index(FileSource(str(tmp_path / "a.txt")), "words", tmp_path / "x.index", {}, seen.append)
    assert seen == sorted(seen)
    assert 0 <= seen[0] < seen[-1] == 1.0


def test_a_text_without_words_has_an_index(tmp_path: Path) -> None:
    assert indexed(tmp_path, "\n--\n").find("tea") == FoundSentences(0, [])


def test_words_beyond_the_limit_are_left_out_and_others_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wordvec.serving.sentence_index.MAX_WORDS", 2)
    index = indexed(tmp_path, "tea milk soup tea\nsoup milk\n")
    assert lines(index.find("milk")) == [1, 2]
    assert marked(index.find("tea")) == [["tea", "tea"]]
    assert index.find("soup").total == 0


def test_nothing_is_left_over_where_building_fails(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"tea\n\xff\xfe\x00\n")
    with pytest.raises(CorpusError):
        build_index(FileSource(str(tmp_path / "a.txt")), "words", tmp_path / "x.index", {})
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("cut", [0, 7, 100, -1])
def test_a_truncated_index_is_refused(cut: int, tmp_path: Path) -> None:
    indexed(tmp_path)
    path = tmp_path / "a.index"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(FormatError, match="not an index of sentences"):
        SentenceIndex(path)


def test_damage_inside_is_an_error_of_one_line(tmp_path: Path) -> None:
    indexed(tmp_path)
    path, start = tmp_path / "a.index", 64
    content = bytearray(path.read_bytes())
    content[start : start + 8] = b"\xff" * 8
    path.write_bytes(content)
    with pytest.raises(ResourceError, match="damaged"):
        SentenceIndex(path).find("king")
