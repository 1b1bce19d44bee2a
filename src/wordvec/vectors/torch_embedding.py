"""Torch embedding: the vectors as the first layer of a PyTorch network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError, UnknownWordError
from wordvec.packages import imported
from wordvec.vocabulary.vocabulary import Vocabulary

if TYPE_CHECKING:
    from torch.nn import Embedding

__all__ = ["embedding_of", "embedding_of_tokens"]

# V words, D dimensions, T tokens
TOKENS_IN_MESSAGE = 5


def embedding_of(matrix: NDArray[np.float32], *, freeze: bool) -> Embedding:
    """Copy a (V, D) matrix into a `torch.nn.Embedding` whose ids are its rows.

    Raises:
        MissingPackageError: torch is not installed.
    """
    torch = imported("torch", "to_embedding")
    layer: Embedding = torch.nn.Embedding.from_pretrained(torch.tensor(matrix), freeze=freeze)
    return layer


def embedding_of_tokens(
    tokens: Sequence[str],
    vocabulary: Vocabulary,
    rows: NDArray[np.float32],
    *,
    padding: str | None,
    freeze: bool,
    seed: int,
) -> Embedding:
    """Make a `torch.nn.Embedding` with a row for each token; see `WordVectors.embedding_for`.

    Args:
        tokens: T tokens, in the order of the network's ids.
        vocabulary: finds the vectors of known words.
        rows: (R, D) what it makes them of.
        padding: the token whose row is zero and stays so.
        freeze: keep all rows as they are.
        seed: start of the draws for tokens that are not known.

    Raises:
        ConfigError: tokens is not a list of tokens, or padding is not among them.
        UnknownWordError: no token is known.
        MissingPackageError: torch is not installed.
    """
    torch = imported("torch", "embedding_for")
    if isinstance(tokens, str) or not isinstance(tokens, Sequence):  # a dict or a set has its own order
        raise ConfigError(
            f"tokens must be a list of str, in the order of the network's ids, got {type(tokens).__name__}"
        )
    if not tokens:
        raise ConfigError("tokens must hold at least one token, got none")
    if padding is not None and padding not in tokens:
        raise ConfigError(f"padding must be one of the {len(tokens):,} tokens, got {padding!r}")
    padding_id = None if padding is None else tokens.index(padding)
    known = np.array([vocabulary.has_vector(token) for token in tokens])  # (T,)
    if padding_id is not None:
        known[padding_id] = False
    if not known.any():
        some = ", ".join(repr(token) for token in tokens[:TOKENS_IN_MESSAGE])
        raise UnknownWordError(
            f"none of the {len(tokens):,} tokens is in the vocabulary ({len(vocabulary.words):,} words), such as {some}"
            "; tokens must be spelled as the words are, so take off marks that the tokenizer adds"
        )
    vectors = vocabulary.vectors_of([tokens[position] for position in np.flatnonzero(known).tolist()], rows)
    generator = torch.Generator("cpu").manual_seed(seed)  # torch's own one would be moved on for everybody
    weight = torch.empty(len(tokens), rows.shape[1], dtype=torch.float32, device="cpu")
    weight.normal_(0.0, float(vectors.std(axis=1).mean()), generator=generator)
    weight[torch.from_numpy(known)] = torch.from_numpy(vectors)
    if padding_id is not None:
        weight[padding_id] = 0
    layer: Embedding = torch.nn.Embedding.from_pretrained(weight, freeze=freeze, padding_idx=padding_id)
    return layer
