"""ONNX Runtime runs what we write."""

import json

import numpy as np
import pytest

from wordvec.errors import FormatError
from wordvec.formats import exports
from wordvec.vectors.word_vectors import WordVectors

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")


def test_ids_become_vectors_and_the_words_are_beside_them(vectors, tmp_path):
    vectors.save(tmp_path / "v.onnx")
    onnx.checker.check_model(str(tmp_path / "v.onnx"), full_check=True)
    session = onnxruntime.InferenceSession(tmp_path / "v.onnx", providers=["CPUExecutionProvider"])
    words = json.loads(session.get_modelmeta().custom_metadata_map["words"])
    assert words == vectors.words
    ids = [words.index(word) for word in ("東京", "the", "東京")]
    (found,) = session.run(["vectors"], {"ids": np.array(ids)})
    assert found.tobytes() == vectors.lookup(["東京", "the", "東京"]).tobytes()


def test_a_model_may_be_replaced_and_other_files_not(vectors, tmp_path):
    for _ in range(2):
        vectors.save(tmp_path / "v.onnx")
    (tmp_path / "other.onnx").write_bytes(b"\x08\x07\x12\x07pytorch")
    with pytest.raises(FormatError, match="something other than vectors"):
        vectors.save(tmp_path / "other.onnx")


def test_more_than_onnx_can_hold_is_refused(vectors, tmp_path, monkeypatch):
    monkeypatch.setattr(exports, "MAX_ONNX_BYTES", 1000)
    with pytest.raises(FormatError, match=r"holds at most 1,000 bytes, .*--limit N"):
        vectors.save(tmp_path / "v.onnx")


def test_words_that_are_no_text_are_refused(tmp_path):
    with pytest.raises(FormatError, match="not valid Unicode text"):
        WordVectors(["\ud800"], [[1.0]]).save(tmp_path / "v.onnx")
