"""Texts that are served: texts become vectors, and those of a file are searched by meaning.

The encoder is a folder of `wordvec encoder`, or the mean of a model's word vectors, rare words counting more (SIF),
where the model knows how often its words occur.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from wordvec.answers import embeddings_answer, search_answer
from wordvec.corpus.tokenizers import tokenized
from wordvec.errors import ConfigError, FormatError
from wordvec.formats.encoder_folder import load_encoder
from wordvec.formats.files import reading
from wordvec.serving.corpus_sentences import tokenizer_of
from wordvec.serving.models import ServedModel
from wordvec.serving.problems import Problem
from wordvec.vectors.documents import DocumentEncoder
from wordvec.vectors.top_k import top_k
from wordvec.vocabulary.vocabulary import NO_ID

__all__ = ["Texts", "embeddings_of", "encoding_of"]

# N texts, D dimensions
Floats = NDArray[np.float32]
Answer = dict[str, Any]


class Encoder(Protocol):
    """What turns texts into vectors of length 1, or 0."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """The vectors of texts, (N, D)."""


class _MeanOfWords(NamedTuple):
    """An encoder made of a model's word vectors."""

    encoder: DocumentEncoder
    tokenizer: str
    model: ServedModel

    def encode(self, texts: Sequence[str]) -> Floats:
        """The vectors of texts, (N, D)."""
        tokens = tokenized(list(texts), self.tokenizer)
        phrases = self.model.vectors.phrases
        joined = tokens if phrases is None else [phrases.join(text) for text in tokens]
        return self.encoder.encode(joined)


class Texts:
    """What is served about texts.

    Args:
        encoder: a folder of `wordvec encoder`; None uses the models' word vectors.
        texts: a file with a text in each line, to search in; needs an encoder.

    Raises:
        FormatError: a file cannot be read.
        ConfigError: there are texts, but no encoder, or no text.
    """

    def __init__(self, encoder: str | None = None, texts: str | None = None):
        self._encoder = None if encoder is None else load_encoder(encoder)
        self.name = None if encoder is None else Path(encoder).name
        self._means: dict[str, _MeanOfWords] = {}
        self._texts = {} if texts is None else _lines_of(texts)
        if texts is not None and not self._texts:
            raise ConfigError(f"--texts needs a text in each line, got none in {texts}")
        if self._texts and self._encoder is None:
            raise ConfigError("--texts needs --encoder DIR: wordvec encoder makes one of a model")
        self._lines = list(self._texts)
        self._matrix: Floats | None = None
        if self._encoder is not None and self._texts:
            self._matrix = self._encoder.encode(list(self._texts.values()))

    @property
    def has_texts(self) -> bool:
        """Whether there are texts to search in."""
        return self._matrix is not None

    def has_encoder(self, model: ServedModel) -> bool:
        """Whether texts can be encoded along with a model."""
        return self._encoder is not None or model.vectors.counts is not None

    def encoder_of(self, model: ServedModel) -> Encoder:
        """What encodes texts.

        Raises:
            Problem: 400, the model's words have no counts, and there is no other encoder.
        """
        if self._encoder is not None:
            return self._encoder
        if model.vectors.counts is None:
            raise Problem(
                400,
                "no_encoder",
                f"model {model.name!r} does not say how often its words occur, so texts cannot be encoded; "
                "wordvec serve --encoder DIR takes an encoder",
            )
        found = self._means.get(model.fingerprint)
        if found is None:
            found = _MeanOfWords(DocumentEncoder(model.vectors), tokenizer_of(model.vectors), model)
            self._means = {model.fingerprint: found}  # of the newest model alone: those of before are let go
        return found

    def search(self, query: str, k: int) -> Answer:
        """The texts nearest to a query.

        Raises:
            Problem: 400, there are no texts.
        """
        if self._encoder is None or self._matrix is None:
            raise Problem(
                400, "no_texts", "no texts are served; wordvec serve --texts FILE --encoder DIR takes some"
            )
        vector = self._encoder.encode([query])
        if not vector.any():
            return search_answer(query, [])
        best = top_k(self._matrix, vector, k)
        rows = zip(best.ids[0].tolist(), best.scores[0].tolist(), strict=True)
        found = [
            (self._lines[row], cosine, self._texts[self._lines[row]]) for row, cosine in rows if row != NO_ID
        ]
        return search_answer(query, found)


def encoding_of(encoder: Encoder, texts: Sequence[str]) -> Answer:
    """The vectors of texts, as plain data."""
    vectors = encoder.encode(texts)
    return {"dim": int(vectors.shape[1]), "vectors": vectors.tolist()}


def embeddings_of(encoder: Encoder, model: str, texts: Sequence[str], encoding: str) -> Answer:
    """The vectors of texts in OpenAI's form."""
    vectors = encoder.encode(texts)
    if encoding == "base64":
        listed: list[Any] = [base64.b64encode(row.astype("<f4").tobytes()).decode() for row in vectors]
    else:
        listed = vectors.tolist()
    return embeddings_answer(model, listed, sum(len(text.split()) for text in texts))


def _lines_of(path: str) -> Mapping[int, str]:
    with reading(Path(path)):
        content = Path(path).read_bytes()
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as problem:
        raise FormatError(
            f"{path} is not UTF-8 text ({problem.reason}); give a text in each line"
        ) from problem
    return {number: line.strip() for number, line in enumerate(lines, 1) if line.strip()}
