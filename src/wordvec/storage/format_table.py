"""Format table: one record for each format that wordvec reads or writes; choices, detection and docs follow it.

To add a format, write `wordvec/formats/NAME.py` with a reader and a writer, and add a record here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

__all__ = [
    "BEFORE",
    "CARD",
    "CONFIG",
    "ENCODER",
    "EXPORTS",
    "FORMATS",
    "MODEL_FILES",
    "NAMES",
    "NEEDED",
    "PHRASES",
    "PROJECTOR",
    "RUN",
    "STATE",
    "SUFFIXES",
    "TRAINING",
    "VECTORS",
    "VOCABULARY",
    "Folder",
    "Format",
    "FormatName",
    "function_of",
]

VECTORS = "vectors.safetensors"  # "input" and, where training may go on, "output": float32; formats/native.py has more
VOCABULARY = "vocabulary.parquet"  # word, count
CONFIG = "config.json"  # format and settings
TRAINING = "training.jsonl"  # a record for each report
PHRASES = "phrases.json"  # those that were joined in the text, if any were
CARD = "README.md"  # for people; never read back
STATE = "state.safetensors"  # checkpoints only: everything that training changes
RUN = "run.json"  # checkpoints only: how far the run has come, and on what
BEFORE = "before.parquet"  # checkpoints of runs that grow a model only: its words, with their counts

ENCODER = "encoder.safetensors"  # a text encoder: words and rows, with all else in its metadata

NEEDED = (VECTORS, VOCABULARY, CONFIG, TRAINING)
MODEL_FILES = (*NEEDED, PHRASES, CARD, STATE, RUN, BEFORE)
PROJECTOR = frozenset({"metadata.tsv", "projector_config.pbtxt", "tensors.tsv"})  # `wordvec map` writes them


class Folder(NamedTuple):
    """The entries of a format that is a folder."""

    needed: tuple[str, ...]  # a folder without one of these is not such a model, and is not replaced
    own: frozenset[str]  # all that we write into it; everything else belongs to a user
    shown_by: tuple[str, ...] = ()  # one of these is enough to recognize the format, if it is read


class Format(NamedTuple):
    """What there is to know about a format before its code is loaded."""

    name: str
    writer: str  # "module.function" in wordvec.formats, imported when it is first used
    reader: str = ""  # the same; empty if the format is only written
    suffixes: tuple[str, ...] = ()  # a path that ends in one of them means this format
    holds: tuple[str, ...] = ()  # beside words and vectors
    pattern: bytes = b""  # a regular expression of its first bytes; files of text have none
    mark: bytes = b""  # what the first 64 bytes hold of a file that is only written
    folder: Folder | None = None  # None: it is a file
    can_be_mapped: bool = False  # the reader takes mmap=True
    can_be_decoded: bool = False  # the reader takes decoding=..., and files that are compressed


_EMBEDDING = Folder(
    needed=("model.safetensors", "tokenizer.json"),
    own=frozenset(
        {
            "README.md",
            "config.json",
            "config_sentence_transformers.json",
            "model.safetensors",
            "modules.json",
            "tokenizer.json",
        }
    ),
)
_TABLE = (
    Format(
        name="native",
        writer="native.write_model",
        reader="native.read_model",
        holds=(
            "counts",
            "output vectors",
            "subwords",
            "position weights",
            "settings",
            "training records",
            "phrases",
        ),
        folder=Folder((VECTORS, VOCABULARY), frozenset(MODEL_FILES), shown_by=(CONFIG, VECTORS)),
        can_be_mapped=True,
    ),
    Format(
        name="word2vec-binary",
        writer="word2vec_binary.write_word2vec_binary",
        reader="word2vec_binary.read_word2vec_binary",
        suffixes=(".bin",),
        can_be_decoded=True,
    ),
    Format(
        name="fasttext",
        writer="fasttext_binary.write_fasttext",
        reader="fasttext_binary.read_fasttext",
        holds=("counts", "output vectors", "subwords"),
        pattern=rb"\xba\x16\x4f\x2f",  # its magic number, 793712314
        can_be_decoded=True,
    ),
    Format(
        name="word2vec-text",
        writer="text_vectors.write_word2vec_text",
        reader="text_vectors.read_word2vec_text",
        suffixes=(".txt", ".vec"),
        can_be_decoded=True,
    ),
    Format(
        name="glove",
        writer="text_vectors.write_glove",
        reader="text_vectors.read_glove",
        can_be_decoded=True,
    ),
    Format(
        name="safetensors",
        writer="safetensors_file.write_safetensors",
        reader="safetensors_file.read_safetensors",
        suffixes=(".safetensors",),
        holds=("counts",),
        pattern=rb".{4}\0{4}\{",  # the length of the header in eight bytes, and the header, which is JSON
        can_be_mapped=True,
    ),
    Format(
        name="numpy",
        writer="npz.write_npz",
        reader="npz.read_npz",
        suffixes=(".npz",),
        holds=("counts",),
        pattern=rb"PK\x03\x04.{26}[\w.-]{1,80}\.npy",  # a zip archive whose first file is an array
    ),
    Format(
        name="parquet",
        writer="parquet.write_parquet",
        reader="parquet.read_parquet",
        suffixes=(".parquet",),
        holds=("counts",),
        pattern=rb"PAR1\x15",  # and the first byte of a page
    ),
    Format(
        name="sentence-transformers",
        writer="exports.write_for_sentence_transformers",
        folder=_EMBEDDING,
    ),
    Format(
        name="model2vec",
        writer="exports.write_for_model2vec",
        folder=_EMBEDDING,
    ),
    Format(
        name="encoder",
        writer="encoder_folder.write_encoder_of",
        folder=Folder((ENCODER,), frozenset({"README.md", ENCODER, "encoder.js"})),
    ),
    Format(
        name="spacy",
        writer="exports.write_spacy",
        folder=Folder(("meta.json", "vocab"), frozenset({"config.cfg", "meta.json", "tokenizer", "vocab"})),
    ),
    Format(
        name="onnx",
        writer="exports.write_onnx",
        suffixes=(".onnx",),
        mark=b"wordvec",
    ),
)

FORMATS = {format_.name: format_ for format_ in _TABLE}
NAMES = tuple(name for name, format_ in FORMATS.items() if format_.reader)  # written and read
EXPORTS = tuple(name for name, format_ in FORMATS.items() if not format_.reader)  # only written
SUFFIXES = {suffix: name for name, format_ in FORMATS.items() for suffix in format_.suffixes}

if TYPE_CHECKING:
    FormatName: TypeAlias = str
else:
    FormatName = Literal[tuple(FORMATS)]  # the choices of --format


def function_of(place: str) -> Any:
    """Import a reader or a writer.

    >>> function_of(FORMATS["numpy"].writer).__name__
    'write_npz'
    """
    module, _, name = place.rpartition(".")
    return getattr(import_module(f"wordvec.formats.{module}"), name)
