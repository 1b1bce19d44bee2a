"""Places: which files a folder of each format holds, and how files begin that are written but not read."""

from __future__ import annotations

from wordvec.formats.native_files import MODEL_FILES, VECTORS, VOCABULARY

__all__ = ["FOLDERS", "LONGEST_MARK", "MARKS", "PROJECTOR", "SPACY", "STATIC_EMBEDDING"]

STATIC_EMBEDDING = frozenset(
    {
        "README.md",
        "config.json",
        "config_sentence_transformers.json",
        "model.safetensors",
        "modules.json",
        "tokenizer.json",
    }
)
SPACY = frozenset({"config.cfg", "meta.json", "tokenizer", "vocab"})
PROJECTOR = frozenset(
    {"metadata.tsv", "projector_config.pbtxt", "tensors.tsv"}
)  # of `wordvec map`, not of `save`

# By format: what is in such a folder at least, and at most; the others are files.
FOLDERS: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {
    "native": ((VECTORS, VOCABULARY), frozenset(MODEL_FILES)),
    "sentence-transformers": (("model.safetensors", "tokenizer.json"), STATIC_EMBEDDING),
    "model2vec": (("model.safetensors", "tokenizer.json"), STATIC_EMBEDDING),
    "spacy": (("meta.json", "vocab"), SPACY),
}
# What stands at the beginning of files that `recognise` does not know, as they are never read.
MARKS = {"gensim": b"cgensim.models.keyedvectors\nKeyedVectors\n", "onnx": b"wordvec"}
LONGEST_MARK = 64  # bytes
