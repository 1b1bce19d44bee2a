"""fastText's models: what is written by its layout is read, what we write is its layout, and lies are refused."""

from __future__ import annotations

import bz2
import gzip
import struct
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wordvec.errors import ConfigError, FormatError
from wordvec.formats.detect import detect
from wordvec.formats.load import load
from wordvec.formats.save import save
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary, ngram_buckets

WORDS = ["</s>", "paris", "Größe", "日本語", "two"]
COUNTS = [9, 7, 5, 3, 2**40]
DIM, BUCKETS = 3, 50
CBOW, SKIPGRAM, SUPERVISED = 1, 2, 3
HIERARCHICAL, NEGATIVE = 1, 2
ARGUMENTS = {
    "dim": DIM,
    "ws": 5,
    "epoch": 4,
    "minCount": 1,
    "neg": 6,
    "wordNgrams": 1,
    "loss": NEGATIVE,
    "model": SKIPGRAM,
    "bucket": BUCKETS,
    "minn": 3,
    "maxn": 5,
    "lrUpdateRate": 100,
}


def rows_of(num_rows: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(num_rows, DIM)).astype("<f4")


def content_of(
    words: Sequence[bytes | str] = WORDS,
    *,
    labels: Sequence[str] = (),
    version: int = 12,
    pruned: int = -1,
    quantized: tuple[int, int] = (0, 0),
    input_shape: tuple[int, int] | None = None,
    output_shape: tuple[int, int] | None = None,
    entries: int | None = None,
    num_words: int | None = None,
    kind: int = 0,
    **arguments: int,
) -> bytes:
    """A model of fastText, byte by byte, as its source has it; what is named is what the file says, not what it has."""
    said = {**ARGUMENTS, **arguments}
    content = struct.pack("<ii", 793712314, version)
    content += struct.pack("<12i", *said.values()) + struct.pack("<d", 1e-4)
    content += struct.pack("<i", len(words) + len(labels) if entries is None else entries)
    content += struct.pack("<i", len(words) if num_words is None else num_words)
    content += struct.pack("<iqq", len(labels), 1000, pruned)
    for place, word in enumerate(words):
        encoded = word.encode() if isinstance(word, str) else word
        content += encoded + b"\0" + struct.pack("<qb", COUNTS[place % len(COUNTS)], kind)
    for label in labels:
        content += label.encode() + b"\0" + struct.pack("<qb", 1, 1)
    inputs, outputs = len(words) + max(0, said["bucket"]), len(words)
    content += struct.pack("<bqq", quantized[0], *(input_shape or (inputs, said["dim"])))
    content += rows_of(inputs).tobytes()
    content += struct.pack("<bqq", quantized[1], *(output_shape or (outputs, said["dim"])))
    return content + rows_of(outputs, seed=2).tobytes()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "model.bin").write_bytes(content_of())
    return tmp_path / "model.bin"


def vector_by_hand(word: str) -> np.ndarray:
    """What fastText answers: the mean of the rows of a word and its n-grams."""
    rows, buckets = rows_of(len(WORDS) + BUCKETS), ngram_buckets([word], SubwordRules(3, 5, BUCKETS))[1]
    own = [WORDS.index(word)] if word in WORDS else []
    mean: np.ndarray = rows[[*own, *(len(WORDS) + buckets)]].mean(0)
    return mean


def test_a_model_is_detected_by_its_magic_number_and_read_with_all_that_it_has(model: Path) -> None:
    assert detect(model) == "fasttext"
    found = load(model)
    assert found.words == WORDS
    assert found.counts is not None
    assert found.counts.tolist() == COUNTS
    np.testing.assert_array_equal(found.rows, rows_of(len(WORDS) + BUCKETS))
    np.testing.assert_array_equal(found.output_matrix, rows_of(len(WORDS), seed=2))
    assert isinstance(found.vocabulary, SubwordVocabulary)
    assert found.vocabulary.rules == SubwordRules(3, 5, BUCKETS)
    assert found.vocabulary.used_buckets.tolist() == list(range(BUCKETS))


@pytest.mark.parametrize("word", [*WORDS, "parisien", "größer", "本", "never seen"])
def test_known_and_unknown_words_have_the_mean_of_their_rows(model: Path, word: str) -> None:
    np.testing.assert_allclose(load(model)[word], vector_by_hand(word), atol=1e-6)


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_a_limit_keeps_the_first_words_and_all_buckets(model: Path, limit: int) -> None:
    found = load(model, limit=limit)
    assert found.words == WORDS[:limit]
    np.testing.assert_array_equal(found.rows[-BUCKETS:], rows_of(len(WORDS) + BUCKETS)[-BUCKETS:])
    np.testing.assert_array_equal(found.output_matrix, rows_of(len(WORDS), seed=2)[:limit])
    np.testing.assert_allclose(found["parisien"], vector_by_hand("parisien"), atol=1e-6)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_a_compressed_model_is_read_as_facebook_offers_them(tmp_path: Path, pack: Any) -> None:
    (tmp_path / "cc.bin.gz").write_bytes(pack(content_of()))
    np.testing.assert_array_equal(load(tmp_path / "cc.bin.gz").rows, rows_of(len(WORDS) + BUCKETS))


@pytest.mark.parametrize("bucket", [0, 7])
def test_a_model_without_ngrams_has_a_simple_vocabulary(tmp_path: Path, bucket: int) -> None:
    (tmp_path / "model.bin").write_bytes(content_of(maxn=0, minn=0, bucket=bucket))
    found = load(tmp_path / "model.bin")
    assert not found.vocabulary.has_vector("parisien")
    np.testing.assert_array_equal(found.matrix, rows_of(len(WORDS) + bucket)[: len(WORDS)])
    np.testing.assert_array_equal(found.output_matrix, rows_of(len(WORDS), seed=2))


def test_output_vectors_of_a_tree_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(content_of(loss=HIERARCHICAL, model=CBOW))
    assert load(tmp_path / "model.bin").output_matrix is None


def test_labels_of_a_text_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(content_of(labels=["__label__a", "__label__b"]))
    found = load(tmp_path / "model.bin")
    assert found.words == WORDS
    np.testing.assert_array_equal(found.rows, rows_of(len(WORDS) + BUCKETS))


def test_the_older_version_is_read_alike(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(content_of(version=11))
    assert load(tmp_path / "model.bin").words == WORDS


def test_a_shortest_ngram_of_nothing_means_one_character(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(content_of(minn=0, maxn=2))
    vocabulary = load(tmp_path / "model.bin").vocabulary
    assert isinstance(vocabulary, SubwordVocabulary)
    assert vocabulary.rules == SubwordRules(1, 2, BUCKETS)


def test_words_that_are_not_utf8_are_refused_or_replaced(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(content_of(["paris", b"caf\xe9", b"caf\xe8"]))
    with pytest.raises(
        FormatError, match=r"word 1: the word b'caf\\xe9' is not valid UTF-8.*--errors replace"
    ):
        load(tmp_path / "model.bin")
    with pytest.warns(UserWarning, match="repeats 1 words"):
        found = load(tmp_path / "model.bin", errors="replace")
    assert found.words == ["paris", "caf\ufffd"]
    np.testing.assert_array_equal(found.rows[2:], rows_of(3 + BUCKETS)[3:])
    with pytest.raises(ConfigError, match="encoding must be utf-8"):
        load(tmp_path / "model.bin", encoding="latin-1")


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "a newer version": ({"version": 13}, "format 13"),
    "an old version": ({"version": 10}, "format 10"),
    "a classifier": ({"model": SUPERVISED}, "a classifier"),
    "no known model": ({"model": 4}, "its model must be"),
    "quantized": ({"quantized": (1, 0)}, "a quantized model"),
    "quantized outputs": ({"quantized": (0, 1)}, "a quantized model"),
    "pruned": ({"pruned": 0}, "a quantized model"),
    "no dimensions": ({"dim": 0}, "must have dimensions"),
    "fewer than no buckets": ({"bucket": -1}, "must have dimensions and buckets"),
    "other buckets": ({"bucket": 49, "input_shape": (55, 3)}, "input matrix must be 54 x 3.* got 55 x 3"),
    "another size": ({"input_shape": (55, 4)}, "input matrix must be 55 x 3.* got 55 x 4"),
    "other outputs": ({"output_shape": (55, 3)}, "output matrix must be 5 x 3.* got 55 x 3"),
    "fewer than no rows": ({"input_shape": (-1, 3)}, "got -1 x 3"),
    "no words": ({"num_words": 0}, "5 entries, 0 words"),
    "fewer than no words": ({"num_words": -5}, "5 entries, -5 words"),
    "more words than entries": ({"num_words": 6}, "5 entries, 6 words"),
    "many words": (
        {"num_words": 2**31 - 1, "entries": 2**31 - 1},
        "cut short: it ends in its 2,147,483,647 words",
    ),
    "labels for words": ({"kind": 1}, "other kinds of entries"),
    "long n-grams": ({"maxn": 101}, "n-grams of up to 101 characters; wordvec reads models with up to 100"),
}


@pytest.mark.parametrize(("lie", "message"), LIES.values(), ids=LIES)
def test_models_that_cannot_be_are_refused_by_name(tmp_path: Path, lie: dict[str, Any], message: str) -> None:
    (tmp_path / "model.bin").write_bytes(content_of(**lie))
    with pytest.raises(FormatError, match=message) as problem:
        load(tmp_path / "model.bin")
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize(
    "lie",
    [
        {"bucket": 2**31 - 1, "input_shape": (2**31 + 4, DIM)},
        {"dim": 2**31 - 1, "input_shape": (len(WORDS) + BUCKETS, 2**31 - 1)},
    ],
    ids=["buckets", "dimensions"],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_matrices_that_the_file_has_no_room_for_take_no_memory(
    tmp_path: Path, lie: dict[str, Any], pack: Any
) -> None:
    honest = content_of()
    said = struct.pack(
        "<12i", *{**ARGUMENTS, **{name: lie[name] for name in ARGUMENTS if name in lie}}.values()
    )
    content = honest[:8] + said + honest[56:]
    content = content.replace(struct.pack("<qq", 55, DIM), struct.pack("<qq", *lie["input_shape"]))
    (tmp_path / "model.bin").write_bytes(pack(content))
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="cut short: it ends in the input matrix"):
            load(tmp_path / "model.bin")
        assert tracemalloc.get_traced_memory()[1] < 30e6
    finally:
        tracemalloc.stop()


def test_a_model_that_ends_anywhere_is_refused(tmp_path: Path) -> None:
    content = content_of()
    for size in [*range(4, 300), *range(300, len(content), 7)]:
        (tmp_path / "model.bin").write_bytes(content[:size])
        with pytest.raises(FormatError, match="cut short: it ends in"):
            load(tmp_path / "model.bin")


def test_a_word_that_does_not_end_is_refused(tmp_path: Path) -> None:
    content = content_of()
    start = content.index(b"paris")
    (tmp_path / "model.bin").write_bytes(content[:start] + b"x" * (3 << 20))
    with pytest.raises(FormatError, match="word 1 does not end within 1,048,576 bytes"):
        load(tmp_path / "model.bin")


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    content = content_of()
    (tmp_path / "model.bin").write_bytes(content[:-4] + struct.pack("<f", np.nan))
    with pytest.raises(FormatError, match="is damaged: output_matrix must be finite"):
        load(tmp_path / "model.bin")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.floats(0, 0.4), length=st.integers(0, 9), new=st.binary(max_size=9))
@pytest.mark.filterwarnings("ignore:.* repeats [0-9]+ words")
def test_a_model_with_a_stretch_replaced_is_read_or_refused_in_a_line(
    tmp_path: Path, start: float, length: int, new: bytes
) -> None:
    content = content_of()
    place = round(start * len(content))
    (tmp_path / "model.bin").write_bytes(content[:place] + new + content[place + length :])
    try:
        found = load(tmp_path / "model.bin")
    except FormatError as problem:
        assert "\n" not in str(problem)  # noqa: PT017
    else:
        assert np.isfinite(found.matrix).all()


def subword_vectors(**more: Any) -> WordVectors:
    vocabulary = SubwordVocabulary(WORDS[1:], SubwordRules(2, 4, 2000))
    return WordVectors(vocabulary, rows_of(vocabulary.num_rows), **more)


def test_the_bytes_that_are_written_are_those_of_fasttexts_layout(tmp_path: Path) -> None:
    used = np.unique(ngram_buckets(WORDS, SubwordRules(3, 5, BUCKETS))[1])
    rows = rows_of(len(WORDS) + BUCKETS)
    vocabulary = SubwordVocabulary(WORDS, SubwordRules(3, 5, BUCKETS), np.arange(BUCKETS))
    config = {
        "window": 5,
        "epochs": 4,
        "min_count": 1,
        "negatives": 6,
        "objective": "negative",
        "subsample": 1e-4,
    }
    assert len(used) < BUCKETS
    save(
        WordVectors(vocabulary, rows, counts=COUNTS, output_matrix=rows_of(len(WORDS), 2), config=config),
        tmp_path / "model.bin",
        "fasttext",
    )
    expected = bytearray(content_of())
    tokens = struct.pack("<iqq", 0, sum(COUNTS), -1)
    place = expected.index(struct.pack("<iqq", 0, 1000, -1))
    expected[place : place + len(tokens)] = tokens
    assert (tmp_path / "model.bin").read_bytes() == bytes(expected)


def test_buckets_without_a_row_are_written_as_zeros(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = subword_vectors(counts=[4, 3, 2, 1], output_matrix=rows_of(4, 2))
    monkeypatch.setattr("wordvec.formats.fasttext_binary.NUMBERS_PER_WRITE", 100)  # several parts
    save(vectors, tmp_path / "model.bin", "fasttext")
    found = load(tmp_path / "model.bin")
    assert isinstance(vectors.vocabulary, SubwordVocabulary)
    used = vectors.vocabulary.used_buckets
    np.testing.assert_array_equal(found.rows[4:][used], vectors.rows[4:])
    assert np.count_nonzero(found.rows[4:].any(axis=1)) == len(used)
    for word in [*vectors.words, "parisien", "Größen", "zzz"]:
        if vectors.vocabulary.has_vector(word):
            np.testing.assert_allclose(found[word], vectors[word], atol=1e-6)
        else:
            assert not found[word].any()


def test_what_is_not_known_is_written_as_ones_and_zeros(tmp_path: Path) -> None:
    save(WordVectors(["a", "b c", ""], rows_of(3)), tmp_path / "model.bin", "fasttext")
    found = load(tmp_path / "model.bin")
    assert found.words == ["a", "b c", ""]
    np.testing.assert_array_equal(found.rows, rows_of(3))
    assert found.counts is not None
    assert found.counts.tolist() == [1, 1, 1]
    assert found.output_matrix is not None
    assert not found.output_matrix.any()


def test_output_vectors_of_our_tree_are_not_written(tmp_path: Path) -> None:
    vectors = subword_vectors(output_matrix=rows_of(4, 2), config={"objective": "hierarchical"})
    save(vectors, tmp_path / "model.bin", "fasttext")
    found = load(tmp_path / "model.bin").output_matrix
    assert found is not None
    assert not found.any()


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("a\0b", r"cannot hold the word 'a\\x00b' \(row 1\), as a zero byte"),
        ("x" * 2**20 + "x", "bytes"),
        ("\ud800", "Unicode"),
    ],
    ids=["zero byte", "long", "half a character"],
)
def test_words_that_have_no_place_are_refused_and_nothing_is_written(
    tmp_path: Path, word: str, message: str
) -> None:
    with pytest.raises(FormatError, match=message):
        save(WordVectors(["a", word], [[1.0], [2.0]]), tmp_path / "model.bin", "fasttext")
    assert list(tmp_path.iterdir()) == []


def test_an_ending_alone_means_word2vecs_binary_file(tmp_path: Path) -> None:
    save(subword_vectors(), tmp_path / "vectors.bin")
    assert detect(tmp_path / "vectors.bin") == "word2vec-binary"
