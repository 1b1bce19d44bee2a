"""An ONNX model that looks vectors up: from "ids" (N,) to "vectors" (N, D); the words are in its metadata."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from wordvec.errors import FormatError
from wordvec.formats.foreign_words import check_unicode
from wordvec.packages import imported
from wordvec.storage.atomic import replacing_file
from wordvec.vectors.word_vectors import WordVectors
from wordvec.version import __version__

__all__ = ["write_onnx"]

OPSET, IR_VERSION = 13, 8  # of 2021: what runs ONNX today runs these
MAX_BYTES = 2**31 - 2**20  # a protobuf message has less than 2 GiB


def write_onnx(vectors: WordVectors, path: Path) -> None:
    """Write input vectors, and the words as a JSON list under the metadata key "words".

    Raises:
        FormatError: a word is not valid text, or there are more bytes than ONNX allows.
        ResourceError: the file cannot be written.
        MissingPackageError: onnx is not installed.
    """
    onnx, helper = imported("onnx", "an ONNX file"), imported("onnx.helper", "an ONNX file")
    check_unicode(vectors.words, path)
    words = json.dumps(vectors.words, ensure_ascii=False)
    num_bytes = vectors.matrix.nbytes + len(words.encode())
    if num_bytes > MAX_BYTES:
        raise FormatError(
            f"{path}: an ONNX file holds at most {MAX_BYTES:,} bytes, and these vectors have {num_bytes:,}; "
            "wordvec convert --limit N takes the first N words"
        )
    table = onnx.numpy_helper.from_array(np.asarray(vectors.matrix), "table")
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "ids"], ["vectors"], axis=0)],
        "word vectors",
        [helper.make_tensor_value_info("ids", onnx.TensorProto.INT64, ["N"])],
        [helper.make_tensor_value_info("vectors", onnx.TensorProto.FLOAT, ["N", vectors.dim])],
        [table],
    )
    model = helper.make_model(
        graph,
        producer_name="wordvec",
        producer_version=__version__,
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )
    helper.set_model_props(model, {"words": words})
    with replacing_file(path) as stream:
        stream.write(model.SerializeToString())
