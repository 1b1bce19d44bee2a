"""Encoder folders: read back exactly; refused in one line if damaged; loaded without heavy packages."""

import json
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file

import wordvec
from wordvec.errors import ConfigError, FormatError
from wordvec.formats.encoder_folder import load_encoder, save_encoder, write_search_page
from wordvec.formats.safetensors_file import write_tensors
from wordvec.phrases.phrases import Phrase, Phrases
from wordvec.storage.format_table import ENCODER
from wordvec.vectors.text_encoder import TextEncoder
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary

WORDS = ["the", "cat", "naïve", "日本", "", "a b"]
PHRASES = Phrases(((Phrase(("the", "cat"), 9, 12.0, ""),),))
TEXTS = ["The cat", "naïve cats of 日本", "unknown"]


def vectors_of(*, has_subwords, phrases=None):
    vocabulary = SubwordVocabulary(WORDS, SubwordRules(3, 5, 50)) if has_subwords else WORDS
    num_rows = vocabulary.num_rows if has_subwords else len(WORDS)
    rows = np.random.default_rng(3).normal(size=(num_rows, 9))
    config = {"tokenizer": "words"}
    return WordVectors(vocabulary, rows, counts=[50, 9, 5, 3, 1, 0], config=config, phrases=phrases)


@pytest.fixture
def encoder():
    return TextEncoder.of(vectors_of(has_subwords=True, phrases=PHRASES), precision="int8")


def damaged(folder, tensors=None, about=None):
    """Write the file again, with other tensors or other metadata; None leaves a tensor out."""
    arrays = load_file(folder / ENCODER) | (tensors or {})
    metadata = json.loads(_metadata(folder)) | (about or {})
    kept = {name: array for name, array in arrays.items() if array is not None}
    write_tensors(kept, folder / ENCODER, {"wordvec": json.dumps(metadata)})


def _metadata(folder):
    from safetensors import safe_open

    with safe_open(folder / ENCODER, framework="numpy") as file:
        return file.metadata()["wordvec"]


@pytest.mark.parametrize("precision", ["float32", "float16", "int8", "bit"])
@pytest.mark.parametrize("has_subwords", [False, True], ids=["words", "subwords"])
def test_what_is_read_encodes_as_what_was_written(precision, has_subwords, tmp_path):
    whole = TextEncoder.of(vectors_of(has_subwords=has_subwords, phrases=PHRASES), precision=precision)
    save_encoder(whole, tmp_path / "encoder")
    found = load_encoder(tmp_path / "encoder")
    assert np.array_equal(found.encode(TEXTS), whole.encode(TEXTS))
    assert (found.words, found.precision, found.dim) == (WORDS, precision, 9)
    assert (found.tokenizer, found.phrases) == ("words", PHRASES)
    assert np.array_equal(load_encoder(tmp_path / "encoder" / ENCODER).encode(TEXTS), whole.encode(TEXTS))


def test_a_function_is_not_kept_but_can_be_given_again(tmp_path):
    whole = TextEncoder.of(vectors_of(has_subwords=False), tokenizer=str.split)
    save_encoder(whole, tmp_path / "encoder")
    assert load_encoder(tmp_path / "encoder").tokenizer is None
    again = load_encoder(tmp_path / "encoder", tokenizer=str.split)
    assert np.array_equal(again.encode(TEXTS), whole.encode(TEXTS))


def test_convert_writes_an_encoder_with_and_without_counts(tmp_path):
    for counts in ([3, 2], None):
        vectors = WordVectors(["a", "b"], np.eye(2), counts=counts)
        vectors.save(tmp_path / "encoder", format="encoder")
        assert load_encoder(tmp_path / "encoder").words == ["a", "b"]


def test_an_older_encoder_is_replaced_and_nothing_else(encoder, tmp_path):
    for _ in range(2):
        save_encoder(encoder, tmp_path / "encoder")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years", encoding="utf-8")
    with pytest.raises(FormatError, match="saving replaces all of it"):
        save_encoder(encoder, tmp_path / "mine")
    with pytest.raises(FormatError, match="not valid Unicode"):
        save_encoder(TextEncoder.of(WordVectors(["\ud800"], [[1.0]], counts=[1])), tmp_path / "half")


def test_vectors_are_not_looked_for_in_an_encoder(encoder, tmp_path):
    save_encoder(encoder, tmp_path / "encoder")
    with pytest.raises(FormatError, match=r"is a text encoder, not vectors: wordvec\.load_encoder"):
        wordvec.load(tmp_path / "encoder")


@pytest.mark.parametrize(
    "about",
    [
        {"format": "other"},
        {"format_version": 2},
        {"format_version": "1"},
        {"precision": "bit"},
        {"precision": ["int8"]},
        {"dim": 10},
        {"dim": 2**70},
        {"dim": "9"},
        {"tokenizer": "sentences"},
        {"tokenizer": 7},
        {"ngrams": None, "precision": "float32"},
        {"ngrams": {"min_n": 3, "max_n": 10**9, "buckets": 50}},
        {"ngrams": {"min_n": 3, "max_n": 5, "buckets": 2}},
        {"ngrams": {"min_n": 3}},
        {"ngrams": 3},
        {"phrases": []},
        {"phrases": {"format": "wordvec phrases"}},
    ],
    ids=str,
)
def test_metadata_that_do_not_fit_are_refused(encoder, about, tmp_path):
    save_encoder(encoder, tmp_path / "encoder")
    damaged(tmp_path / "encoder", about=about)
    with pytest.raises(FormatError) as caught:
        load_encoder(tmp_path / "encoder")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "tensors",
    [
        {"rows": None},
        {"rows": np.zeros((5, 9), np.int8)},
        {"rows": np.zeros((6, 9), np.float32)},
        {"scales": None},
        {"scales": np.full(6, np.inf, np.float32)},
        {"scales": np.ones(5, np.float32)},
        {"words": np.array([255] * 30, np.uint8)},
        {"word_ends": np.array([3, 2, 1, 4, 5, 6], np.int32)},
        {"word_ends": np.array([0, 0, 0, 0, 0, 0], np.int32)},
        {"word_ends": np.array([1, 2, 3, 4, 5, 2**30], np.int32)},
        {"word_ends": np.array([], np.int32)},
        {"buckets": None},
        {"buckets": np.array([-1], np.int32)},
        {"ngram_rows": np.zeros((1, 9), np.int8)},
        {"ngram_scales": None},
    ],
    ids=lambda tensors: f"{next(iter(tensors))} {np.shape(next(iter(tensors.values())))}",
)
def test_tensors_that_do_not_fit_are_refused(encoder, tensors, tmp_path):
    save_encoder(encoder, tmp_path / "encoder")
    damaged(tmp_path / "encoder", tensors)
    with pytest.raises(FormatError) as caught:
        load_encoder(tmp_path / "encoder")
    assert "\n" not in str(caught.value)


def test_numbers_that_are_not_finite_are_refused(tmp_path):
    save_encoder(TextEncoder.of(vectors_of(has_subwords=False)), tmp_path / "encoder")
    damaged(tmp_path / "encoder", {"rows": np.full((6, 9), np.nan, np.float32)})
    with pytest.raises(FormatError, match="NaN or infinity"):
        load_encoder(tmp_path / "encoder")


def test_a_file_cut_anywhere_is_refused(encoder, tmp_path):
    save_encoder(encoder, tmp_path / "encoder")
    content = (tmp_path / "encoder" / ENCODER).read_bytes()
    for length in range(0, len(content), 97):
        (tmp_path / "cut.safetensors").write_bytes(content[:length])
        with pytest.raises(FormatError):
            load_encoder(tmp_path / "cut.safetensors")
    with pytest.raises(FormatError, match="does not exist"):
        load_encoder(tmp_path / "nowhere")


def test_reading_and_encoding_load_neither_torch_nor_tokenizers_nor_numba(encoder, tmp_path):
    save_encoder(encoder, tmp_path / "encoder")
    script = (
        "import sys, wordvec; e = wordvec.load_encoder(sys.argv[1]); before = 'pyarrow' in sys.modules; "
        "e.encode(['The cat']); print(*sys.modules)"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script, str(tmp_path / "encoder")], check=True, capture_output=True, text=True
    )
    assert {"torch", "tokenizers", "transformers", "numba"}.isdisjoint(done.stdout.split())


def test_a_page_holds_texts_that_look_like_markup_as_text(encoder, tmp_path):
    hostile = ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "the cat \u2028 \ud800"]
    write_search_page(encoder, hostile, tmp_path / "page.html", title="<b>cats</b>")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<script") == 3
    assert "<img" not in page
    assert "&lt;b&gt;cats" in page
    assert "default-src 'none'" in page
    with pytest.raises(ConfigError, match="no text to search"):
        write_search_page(encoder, [], tmp_path / "page.html")
    without = TextEncoder.of(vectors_of(has_subwords=False), tokenizer=str.split)
    with pytest.raises(ConfigError, match="built-in tokenizer"):
        write_search_page(without, ["a"], tmp_path / "page.html")
