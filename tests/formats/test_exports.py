"""Formats that are only written; what the libraries make of them is tested in tests/interop."""

import sys

import numpy as np
import pytest
from safetensors.numpy import load_file

from wordvec.corpus.token_blocks import tokenize_text
from wordvec.corpus.tokenizers import spacing_named
from wordvec.errors import ConfigError, FormatError, MissingPackageError, ResourceError
from wordvec.formats.save import save
from wordvec.storage.format_table import EXPORTS
from wordvec.vectors.documents import sif_weights
from wordvec.vectors.word_vectors import WordVectors

VECTORS = WordVectors(["a", "b"], np.eye(2), counts=[2, 1])


@pytest.mark.parametrize(
    ("format_name", "package", "remedy"),
    [
        ("sentence-transformers", "tokenizers", r"pip install 'wordvec\[export\]'"),
        ("model2vec", "tokenizers", r"pip install 'wordvec\[export\]'"),
        ("onnx", "onnx", r"pip install 'wordvec\[export\]'"),
        ("spacy", "spacy", "pip install spacy"),
    ],
)
def test_a_missing_package_is_reported_with_its_remedy(tmp_path, monkeypatch, format_name, package, remedy):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPackageError, match=remedy):
        save(VECTORS, tmp_path / "export", format_name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("format_name", "package"),
    [("sentence-transformers", "tokenizers"), ("model2vec", "tokenizers"), ("spacy", "spacy")],
)
def test_half_a_character_is_refused(tmp_path, format_name, package):
    pytest.importorskip(package)
    with pytest.raises(FormatError, match=r"the word '\\ud800' \(row 1\) is not valid Unicode text"):
        save(WordVectors(["a", "\ud800"], np.eye(2)), tmp_path / "export", format_name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format_name", ["sentence-transformers", "model2vec"])
def test_a_full_disk_is_reported_and_leaves_nothing(tmp_path, format_name):
    pytest.importorskip("tokenizers")
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(
            ResourceError, match="cannot be written: File too large; nothing there was changed"
        ):
            save(VECTORS, tmp_path / "export", format_name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("format_name", "tensor"), [("sentence-transformers", "embedding.weight"), ("model2vec", "embeddings")]
)
def test_rows_are_weighed_where_counts_are_known(tmp_path, format_name, tensor):
    pytest.importorskip("tokenizers")
    for counts in ([30, 10], None):
        vectors = WordVectors(["a", "b"], np.eye(2), counts=counts)
        expected = np.ones(2) if counts is None else sif_weights(vectors, ["a", "b"])
        save(vectors, tmp_path / "export", format_name)
        rows = load_file(tmp_path / "export" / "model.safetensors")[tensor]
        np.testing.assert_allclose(rows, [[expected[0], 0], [0, expected[1]], [0, 0]], rtol=1e-6)
        assert ("(SIF)" in (tmp_path / "export" / "README.md").read_text(encoding="utf-8")) == (
            counts is not None
        )


@pytest.mark.parametrize(("name", "format_name"), [("v.kv", None), ("v.wv", "gensim")])
def test_gensims_own_format_is_refused_with_the_one_that_gensim_reads(tmp_path, name, format_name):
    with pytest.raises(ConfigError, match=r"gensim reads word2vec's binary files: save\('.*v\.bin'\)"):
        save(VECTORS, tmp_path / name, format_name)
    assert list(tmp_path.iterdir()) == []


def test_an_onnx_file_may_be_replaced_and_other_files_not(tmp_path):
    pytest.importorskip("onnx")
    for _ in range(2):
        save(VECTORS, tmp_path / "v.onnx")
    (tmp_path / "other.onnx").write_bytes(b"\x80\x04.")
    with pytest.raises(FormatError, match="something other than vectors"):
        save(VECTORS, tmp_path / "other.onnx")


@pytest.mark.parametrize("format_name", [name for name in EXPORTS if name != "onnx"])
def test_a_folder_of_something_else_is_not_replaced(tmp_path, format_name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "README.md").write_text("another project", encoding="utf-8")
    with pytest.raises(FormatError, match="is a folder with"):
        save(VECTORS, tmp_path / "folder", format_name)
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(FormatError, match=f"is a file, and a {format_name} model is a folder"):
        save(VECTORS, tmp_path / "file", format_name)


def test_the_tokenizer_in_the_folder_finds_the_words_that_training_found(tmp_path):
    tokenizers = pytest.importorskip("tokenizers")
    text = "Cafe\u0301 \u2764\ufe0f caf\u00e9 1\ufe0f\u20e3 \u0301 ΟΔΟΣ Don\u2019t \u845b\U000e0100\u57ce ΣΟΦΙΑ J\u030c"
    trained_on, _ = tokenize_text(text.encode(), spacing_named("words"))
    vectors = WordVectors(trained_on, np.eye(len(trained_on)), config={"tokenizer": "words"})
    save(vectors, tmp_path / "export", "sentence-transformers")
    tokenizer = tokenizers.Tokenizer.from_file(str(next((tmp_path / "export").rglob("tokenizer.json"))))
    assert list(dict.fromkeys(tokenizer.encode(text).tokens)) == trained_on
