"""The lines of docs/formats.md for sentence-transformers, model2vec, spaCy and ONNX Runtime run."""

import warnings

import numpy as np
import pytest
from tests.documentation.test_formats import line_of

from wordvec.vectors.word_vectors import WordVectors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of their own imports
    import spacy
    from model2vec import StaticModel
    from onnxruntime import InferenceSession
    from sentence_transformers import SentenceTransformer


@pytest.mark.parametrize(
    ("format_name", "path"),
    [
        ("sentence-transformers", "encoder"),
        ("model2vec", "encoder"),
        ("spacy", "pipeline"),
        ("onnx", "v.onnx"),
    ],
)
def test_the_line_runs(format_name, path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    vectors = WordVectors(["a", "text"], [[1.0, 2.0], [3.0, 4.0]])
    vectors.save(path, format=format_name)
    names = {
        "StaticModel": StaticModel,
        "InferenceSession": InferenceSession,
        "SentenceTransformer": SentenceTransformer,
        "spacy": spacy,
        "ids": np.array([0, 1]),
    }
    found = eval(line_of(format_name), names)  # noqa: S307
    mean = (
        np.mean([found("text").vector, [1, 2]], axis=0) if format_name == "spacy" else np.mean(found, axis=0)
    )
    assert np.ravel(mean if format_name != "onnx" else found[0].mean(axis=0)) == pytest.approx([2, 3])
