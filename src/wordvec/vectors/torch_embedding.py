"""The vectors as a layer of a PyTorch network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import MissingPackageError

if TYPE_CHECKING:
    from torch.nn import Embedding

__all__ = ["embedding_of"]


def embedding_of(matrix: NDArray[np.float32], *, freeze: bool) -> Embedding:
    """Copy a (V, D) matrix into a `torch.nn.Embedding` whose ids are its rows.

    Raises:
        MissingPackageError: torch is not installed.
    """
    try:
        import torch
    except ImportError as missing:
        raise MissingPackageError("to_embedding needs torch: pip install 'wordvec[torch]'") from missing
    return torch.nn.Embedding.from_pretrained(torch.tensor(matrix), freeze=freeze)
