"""Which words encoding leaves out, keeps the place of, or keeps in any case; and encoding a second source."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wordvec.corpus.encoded import GAP, TEXT_END, EncodedCorpus
from wordvec.corpus.sources import parse_source
from wordvec.errors import ConfigError, CorpusError
from wordvec.vocabulary import encoding
from wordvec.vocabulary.encoding import CountingProgress, encode_corpus, encode_with
from wordvec.vocabulary.vocabulary import CountedVocabulary

VOCABULARY = CountedVocabulary(["b", "a", "<unk>", "c"], np.array([9, 4, 3, 0]))


def decoded(vocabulary: CountedVocabulary, corpus: EncodedCorpus) -> list[str]:
    """Each text as words and underscores for gaps; checks the counts of the corpus on the way."""
    ids = np.fromfile(corpus.path, dtype=np.int32)
    assert corpus.num_positions == len(ids) == corpus.num_words + corpus.num_texts + corpus.num_gaps
    assert corpus.num_gaps == np.count_nonzero(ids == GAP)
    assert corpus.num_texts == np.count_nonzero(ids == TEXT_END)
    names = [*vocabulary.words, "_", "\n"]  # GAP is -2, TEXT_END is -1
    assert ids.min() >= GAP
    return " ".join(names[id_] for id_ in ids).removesuffix("\n").split(" \n ")


def encoded(texts: list[str], folder: Path, **settings: Any) -> tuple[CountedVocabulary, list[str]]:
    vocabulary, corpus = encode_corpus(
        parse_source([text.split() for text in texts]), folder=folder, **settings
    )
    return vocabulary, [text.strip() for text in decoded(vocabulary, corpus)]


def encoded_with(vocabulary: CountedVocabulary, source: Any, folder: Path, **settings: Any) -> EncodedCorpus:
    defaults = {"tokenizer": "whitespace", "unknown": "drop", "unknown_word": None, "threads": 1}
    return encode_with(vocabulary, parse_source(source), folder=folder, **{**defaults, **settings})


@pytest.mark.parametrize("window_positions", [1, 2, 3, 7, 1000])
def test_gaps_keep_the_places_of_unknown_words_in_texts_that_have_a_known_one(
    window_positions: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "_WINDOW_POSITIONS", window_positions)
    texts = ["r", "s a t b u v", "", "w x", "y z q b", "p", "a o", "n"]
    _, found = encoded(texts, tmp_path, min_count=2, unknown="gap")
    assert found == ["_ a _ b _ _", "_ _ _ b", "a _"]


def test_random_texts_with_gaps_are_those_of_a_counter(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    texts = [
        [f"w{number:.0f}" for number in rng.pareto(0.5, size=length)] for length in rng.integers(9, size=400)
    ]
    counts = Counter(word for text in texts for word in text)
    known = [[word if counts[word] >= 4 else "_" for word in text] for text in texts]
    _, found = encoded([" ".join(text) for text in texts], tmp_path, min_count=4, unknown="gap")
    assert found == [" ".join(text) for text in known if set(text) - {"_"}]


@pytest.mark.parametrize(("unknown", "expected"), [("drop", ["a b a", "b"]), ("gap", ["a _ b _ a", "_ b"])])
def test_the_unknown_word_is_treated_as_rare_words_are(
    unknown: str, expected: list[str], tmp_path: Path
) -> None:
    texts = ["a <unk> b rare a", "<unk> <unk>", "<unk> b"]
    settings: Any = {"min_count": 2, "unknown": unknown, "unknown_word": "<unk>"}
    vocabulary, found = encoded(texts, tmp_path, **settings)
    assert found == expected
    assert vocabulary.words == ["a", "b"]
    assert vocabulary.counts.tolist() == [2, 2]


def test_words_to_keep_are_encoded_however_rare_and_those_absent_come_last(tmp_path: Path) -> None:
    texts = ["b b rare a", "a b seldom", "a c c"]
    keep = ["absent", "rare", "a", "Absent", "rare"]
    vocabulary, found = encoded(texts, tmp_path, min_count=2, unknown="gap", keep_words=keep)
    assert vocabulary.words == ["a", "b", "c", "rare", "Absent", "absent"]
    assert vocabulary.counts.tolist() == [3, 3, 2, 1, 0, 0]
    assert found == ["b b rare a", "a b _", "a c c"]


def test_a_text_that_has_hardly_any_of_the_words_to_keep_is_refused(tmp_path: Path) -> None:
    for texts, message in [(["x y", "z a"], "only one word"), (["x y", "z"], "all words .* rarer")]:
        with pytest.raises(CorpusError, match=message):
            encoded(texts, tmp_path / "ids", min_count=2, keep_words=["a", "b", "c"])
    with pytest.raises(CorpusError, match="no words in the token lists: it is empty"):
        encoded([""], tmp_path / "ids", keep_words=["a", "b", "c"])
    assert list((tmp_path / "ids").iterdir()) == []


def test_an_unknown_word_that_must_be_kept_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"unknown_word .* got '<unk>', which the vocabulary must keep"):
        encoded(["a b"], tmp_path, unknown_word="<unk>", keep_words=["a", "<unk>"])


def test_a_corpus_of_nothing_but_the_unknown_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no words in the token lists but '<unk>'"):
        encoded(["<unk> <unk>", "<unk>"], tmp_path, min_count=1, unknown_word="<unk>")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["a b", "c <unk> a"]),
        ({"unknown": "gap"}, ["_ a b", "c <unk> _ a"]),
        ({"unknown": "gap", "unknown_word": "<unk>"}, ["_ a b", "c _ _ a"]),
        ({"unknown_word": "<unk>"}, ["a b", "c a"]),
    ],
    ids=["drop", "gap", "gap-unk", "drop-unk"],
)
@pytest.mark.parametrize("is_file", [True, False], ids=["file", "lists"])
def test_another_source_is_encoded_with_the_same_ids(
    is_file: bool, settings: Any, expected: list[str], tmp_path: Path
) -> None:
    texts = ["new a b", "new", "", "c <unk> other a"]
    path = tmp_path / "validation.txt"
    path.write_text("\n".join(texts))
    source = path if is_file else [text.split() for text in texts]
    corpus = encoded_with(VOCABULARY, source, tmp_path / "ids", **settings)
    assert [text.strip() for text in decoded(VOCABULARY, corpus)] == expected


def test_two_sources_lie_in_one_folder_in_files_of_their_own(tmp_path: Path) -> None:
    vocabulary, corpus = encode_corpus(
        parse_source([["a", "b"], ["b", "a", "b"]]), folder=tmp_path, min_count=1
    )
    other = encoded_with(vocabulary, [["a", "a"]], tmp_path)
    assert decoded(vocabulary, corpus) == ["a b", "b a b "]
    assert decoded(vocabulary, other) == ["a a "]


def test_progress_tells_what_was_read_of_another_source(tmp_path: Path) -> None:
    seen: list[CountingProgress] = []
    encoded_with(VOCABULARY, [["a", "new", "b", "a"]], tmp_path, on_progress=seen.append)
    assert (seen[-1].phase, seen[-1].words, seen[-1].distinct_words) == ("encoding", 4, 3)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (
            [["a"], ["new", "b", "newer"]],
            "no text in the token lists holds two words .* 2 texts hold one of its 4",
        ),
        ([["new"]], "no text in the token lists holds two words .* 0 texts"),
        ([[]], "there are no words in the token lists: it is empty"),
        ([["<unk>", "<unk>"]], "no words in the token lists but '<unk>'"),
    ],
    ids=["one", "none", "empty", "unknown"],
)
def test_a_source_with_nothing_to_validate_on_is_refused_and_leaves_no_file(
    texts: list[list[str]], message: str, tmp_path: Path
) -> None:
    with pytest.raises(CorpusError, match=message):
        encoded_with(VOCABULARY, texts, tmp_path, unknown="gap", unknown_word="<unk>")
    assert list(tmp_path.iterdir()) == []
