"""Exports: folders and files that other libraries take and wordvec does not read back: model2vec, spaCy, ONNX."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

from wordvec.errors import FormatError
from wordvec.formats.foreign_words import check_unicode
from wordvec.formats.safetensors_file import write_tensors
from wordvec.packages import imported
from wordvec.storage.atomic import replacing_file, replacing_folder
from wordvec.storage.format_table import FORMATS, Folder
from wordvec.storage.plain_json import to_json
from wordvec.vectors.documents import SMOOTHING, sif_weights
from wordvec.vectors.word_vectors import WordVectors
from wordvec.version import __version__

__all__ = ["write_for_model2vec", "write_for_sentence_transformers", "write_onnx", "write_spacy"]

STATIC_EMBEDDING_FILES = cast("Folder", FORMATS["model2vec"].folder).own
UNKNOWN = "[UNK]"
# Words of the tokenizer "words": letters, digits, marks on them, and inside of a word an apostrophe or a joiner.
WORD = r"[\p{L}\p{N}][\p{L}\p{Mn}\p{Mc}\p{N}]*(?:['\x{200c}\x{200d}][\p{L}\p{Mn}\p{Mc}\p{N}]+)*"
VARIATION_SELECTORS = r"[\x{180b}-\x{180d}\x{180f}\x{fe00}-\x{fe0f}\x{e0100}-\x{e01ef}]"
FINAL_SIGMA = r"(?<=\p{L})\x{3a3}(?!\p{L})"  # a capital one, which is lower-cased character by character
CARD = """\
---
library_name: {name}
pipeline_tag: feature-extraction
tags: [static-embeddings, word-vectors, word2vec]
---
# Static embeddings: {num_words:,} words, {dim:,} dimensions

Word vectors, written for {name} by [wordvec](https://pypi.org/project/wordvec/) {version}. A text is encoded as the
mean of its words' vectors{weighed}; an unknown word counts as a vector of zeros.

```python
{example}
```
"""
MODULES = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"}]

SPACY_FILES = cast("Folder", FORMATS["spacy"].folder).own
LANGUAGE = "xx"  # spaCy's word for any
PIPELINE_NAME = "wordvec"

OPSET, IR_VERSION = 13, 8  # of 2021: what runs ONNX today runs these
MAX_ONNX_BYTES = 2**31 - 2**20  # a protobuf message has less than 2 GiB


class Library(NamedTuple):
    """What is particular to a library that loads such folders."""

    name: str
    tensor: str  # what it calls the matrix
    example: str


SENTENCE_TRANSFORMERS = Library(
    "sentence-transformers",
    "embedding.weight",
    "from sentence_transformers import SentenceTransformer\n\n"
    'SentenceTransformer("path/to/this/folder").encode(["a text"])',
)
MODEL2VEC = Library(
    "model2vec",
    "embeddings",
    "from model2vec import StaticModel\n\n"
    'StaticModel.from_pretrained("path/to/this/folder").encode(["a text"])',
)


def write_for_sentence_transformers(vectors: WordVectors, path: Path) -> None:
    """Write a folder for `SentenceTransformer(path)`; where counts are known, rare words weigh more (SIF).

    Raises:
        FormatError: a word is not valid text.
        ResourceError: the folder cannot be written.
        MissingPackageError: tokenizers is not installed.
    """
    about = {"__version__": {"wordvec": __version__}, "similarity_fn_name": "cosine", "prompts": {}}
    _write(vectors, path, SENTENCE_TRANSFORMERS, {"config_sentence_transformers.json": about})


def write_for_model2vec(vectors: WordVectors, path: Path) -> None:
    """Write a folder for `StaticModel.from_pretrained(path)`; where counts are known, rare words weigh more (SIF).

    Raises:
        FormatError: a word is not valid text.
        ResourceError: the folder cannot be written.
        MissingPackageError: tokenizers is not installed.
    """
    about = {"model_type": "model2vec", "normalize": False, "embedding_dtype": "float32"}
    _write(vectors, path, MODEL2VEC, {"config.json": about})


def _write(vectors: WordVectors, path: Path, library: Library, about: dict[str, Any]) -> None:
    check_unicode(vectors.words, path)
    unknown = _unknown_word(vectors)
    tokenizer = _tokenizer(vectors, unknown)
    with replacing_folder(path, STATIC_EMBEDDING_FILES) as folder:
        # Not tokenizer.save, which raises nothing more particular than Exception when the disk is full.
        (folder / "tokenizer.json").write_text(tokenizer.to_str(pretty=False), encoding="utf-8", newline="\n")
        for name, content in {"modules.json": MODULES, **about}.items():
            (folder / name).write_text(to_json(content, indent=2) + "\n", encoding="utf-8")
        matrix, weighed = vectors.matrix, ""
        if vectors.counts is not None:
            matrix = (matrix * sif_weights(vectors, vectors.words)[:, None]).astype(np.float32)
            weighed = (
                f", each times a / (a + p), with p the word's share of the text and a = {SMOOTHING:g} (SIF)"
            )
        about_model = {
            "num_words": len(vectors),
            "dim": vectors.dim,
            "version": __version__,
            "weighed": weighed,
        }
        card = CARD.format(**about_model, **library._asdict())
        (folder / "README.md").write_text(card, encoding="utf-8")
        # Zeros for unknown words leave the direction of a mean as it is.
        matrix = np.concatenate([matrix, np.zeros((1, vectors.dim), np.float32)])
        write_tensors({library.tensor: matrix}, folder / "model.safetensors")
        (folder / "model.safetensors").chmod((folder / "modules.json").stat().st_mode)


def _unknown_word(vectors: WordVectors) -> str:
    """A word that stands for all others, and is none of them."""
    unknown = UNKNOWN
    while unknown in vectors:
        unknown += "_"
    return unknown


def _tokenizer(vectors: WordVectors, unknown: str) -> Any:
    """What takes a text apart as it was for training, where that was at white space or by the tokenizer "words"."""
    tokenizers = imported("tokenizers", "a folder with a tokenizer")
    rows = {word: row for row, word in enumerate(vectors.words)}
    rows[unknown] = len(rows)
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(rows, unk_token=unknown))
    is_lower = all(word == word.lower() for word in vectors.words)
    steps: list[Any] = [tokenizers.normalizers.Lowercase()] if is_lower else []  # "Paris" may be a word
    if (vectors.config or {}).get("tokenizer") == "words":
        tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Split(
            tokenizers.Regex(WORD), "removed", invert=True
        )
        replace = tokenizers.normalizers.Replace
        steps = [
            replace(tokenizers.Regex(FINAL_SIGMA), "\u03c2"),
            *steps,
            replace("\u2019", "'"),
            replace(tokenizers.Regex(VARIATION_SELECTORS), ""),
            tokenizers.normalizers.NFC(),
        ]
    else:
        tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    tokenizer.normalizer = tokenizers.normalizers.Sequence(steps)
    return tokenizer


def write_spacy(vectors: WordVectors, path: Path) -> None:
    """Write words and input vectors; spaCy's own code does it.

    Raises:
        FormatError: spaCy cannot hold a word.
        ResourceError: the folder cannot be written.
        MissingPackageError: spaCy is not installed.
    """
    spacy = imported("spacy", "a folder of spaCy vectors")
    if "" in vectors:
        raise FormatError(f"{path}: spaCy cannot hold the empty word; leave it out")
    check_unicode(vectors.words, path)
    pipeline = spacy.blank(LANGUAGE)
    strings = pipeline.vocab.strings
    keys = np.array([strings.add(word) for word in vectors.words], dtype=np.uint64)
    pipeline.vocab.vectors = spacy.vectors.Vectors(
        strings=strings, data=np.array(vectors.matrix), keys=keys, name=PIPELINE_NAME
    )
    pipeline.meta["name"] = PIPELINE_NAME
    with replacing_folder(path, SPACY_FILES) as folder:
        pipeline.to_disk(folder)


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
    if num_bytes > MAX_ONNX_BYTES:
        raise FormatError(
            f"{path}: an ONNX file holds at most {MAX_ONNX_BYTES:,} bytes, and these vectors have {num_bytes:,}; "
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
