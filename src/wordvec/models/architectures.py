"""Architectures: what predicts what in a window, skip-gram and CBOW; and the data that pass through a model.

Windows -> architecture -> predictions -> objective -> losses of the examples -> `reduce` -> the number that a step
lowers. `word2vec.py` puts an architecture and an objective together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, Protocol

import torch
from torch import Tensor, nn

__all__ = [
    "Architecture",
    "Cbow",
    "ExampleLosses",
    "Objective",
    "Predictions",
    "Reduction",
    "SkipGram",
    "SubwordEmbedding",
    "SumOfObjectives",
    "Windows",
    "in_parts",
    "reduce",
]

Reduction = Literal["sum", "mean", "example_mean"]

# B windows, which become B examples; C contexts of each, D dimensions, K noise words
# I hidden vectors and T targets of an example, P = max(I, T) pairs of them


class Windows(NamedTuple):
    """B windows of at most C context words; all random draws are made before they reach a model.

    Windows are padded to the widest of the batch: where `is_context` is False there is no word, and the id there has
    no effect. Id 0 is an ordinary word.

    `negatives` holds noise words, K for each true pair, in one of three shapes: (B, P, K), drawn for each pair
    (P = C for skip-gram, 1 for CBOW); (B, K), shared by the pairs of a window; (K,), shared by the whole batch.
    """

    centers: Tensor  # (B,) int64  word ids
    contexts: Tensor  # (B, C) int64  word ids
    is_context: Tensor  # (B, C) bool
    negatives: Tensor | None = None  # int64 word ids; None for objectives without noise


class Predictions(NamedTuple):
    """In each of B examples, I hidden vectors, each of which predicts each of T target words.

    I or T is 1, so an example has P = max(I, T) pairs of a vector and its target.
    """

    hidden: Tensor  # (B, I, D)
    targets: Tensor  # (B, T) int64  word ids
    is_pair: Tensor  # (B, P) bool  False where a pair is padding
    negatives: Tensor | None  # as in Windows


class ExampleLosses(NamedTuple):
    """The loss of each example, and the number of terms that it sums."""

    losses: Tensor  # (B,)
    num_terms: Tensor  # (B,) int64


class Architecture(Protocol):
    """What predicts what: from windows to predictions."""

    def __call__(self, input_embedding: nn.Module, windows: Windows) -> Predictions:
        """Look up the input vectors of the words that predict, and name the words to be predicted."""


class SkipGram(nn.Module):
    """A word by itself predicts a word near it (Mikolov et al., 2013a, §3.2).

    Args:
        input: "center": the center predicts each of its contexts, as the paper has it; "context": each context
            predicts the center, as word2vec.c does it. Over a corpus, both see the same pairs; they differ in
            what shares a window's negative samples.
        contexts_at_full_step: a center with more contexts than this moves as far as with this many, since the sum of
            all steps would overshoot; None: it moves by the sum.

    >>> import torch
    >>> windows = Windows(torch.tensor([2]), torch.tensor([[4, 7]]), torch.tensor([[True, True]]))
    >>> predictions = SkipGram("center")(nn.Embedding(9, 5), windows)
    >>> predictions.hidden.shape, predictions.targets.tolist()
    (torch.Size([1, 1, 5]), [[4, 7]])
    """

    def __init__(
        self,
        input: Literal["center", "context"] = "center",  # noqa: A002
        contexts_at_full_step: int | None = None,
    ):
        super().__init__()
        self.input = input
        self.contexts_at_full_step = contexts_at_full_step

    def forward(self, input_embedding: nn.Module, windows: Windows) -> Predictions:
        """Pair each center with each of its contexts."""
        inputs, targets = windows.centers[:, None], windows.contexts  # (B, 1), (B, C)
        if self.input == "context":
            inputs, targets = targets, inputs
        hidden = input_embedding(inputs)  # (B, 1, D) or (B, C, D)
        if self.input == "center":
            hidden = _limit_gradient(hidden, windows.is_context, self.contexts_at_full_step)
        return Predictions(hidden, targets, windows.is_context, windows.negatives)


class Cbow(nn.Module):
    """The context words of a window, pooled, predict its center (Mikolov et al., 2013a, §3.1).

    Args:
        pooling: "mean" or "sum" of the contexts' vectors. Where words are means of several rows themselves
            (`SubwordEmbedding`), the mean is that of all rows of all contexts, as in fastText: a context counts as
            often as it has rows.
        contexts_at_full_step: with "sum", more contexts than this make smaller steps, so that their sum moves as far
            as with this many; None: each makes a full step.
        gradient: of a mean, "exact": each context gets its share; or "word2vec": each gets the whole, as in
            word2vec.c and gensim.
        positions: (C, D), a vector for each place of the window, by which a context there is multiplied (Mikolov et
            al., 2018, §2.2): a window's contexts must stand in the columns of their places. None: places are equal.

    >>> import torch
    >>> windows = Windows(torch.tensor([2]), torch.tensor([[4, 7]]), torch.tensor([[True, False]]))
    >>> embedding = nn.Embedding(9, 5)
    >>> bool((Cbow("mean")(embedding, windows).hidden == embedding.weight[4]).all())
    True
    """

    def __init__(
        self,
        pooling: Literal["mean", "sum"] = "mean",
        contexts_at_full_step: int | None = None,
        *,
        gradient: Literal["exact", "word2vec"] = "exact",
        positions: nn.Parameter | None = None,
    ):
        super().__init__()
        self.pooling = pooling
        self.contexts_at_full_step = contexts_at_full_step
        self.gradient = gradient
        self.positions = positions

    def forward(self, input_embedding: nn.Module, windows: Windows) -> Predictions:
        """Pool the contexts of each window into one hidden vector."""
        is_context = windows.is_context[..., None]  # (B, C, 1)
        vectors = input_embedding(windows.contexts)  # (B, C, D)
        if self.positions is not None:
            vectors = vectors * self.positions
        hidden: Tensor = (vectors * is_context).sum(1, keepdim=True)  # (B, 1, D)
        if self.pooling == "mean":
            counts = _counts_in_mean(input_embedding, windows)[..., None]  # (B, C, 1)
            mean = (vectors * counts).sum(1, keepdim=True) / counts.sum(1, keepdim=True).clamp(min=1)
            hidden = mean if self.gradient == "exact" else _with_gradient_of(hidden, mean)
        else:
            hidden = _limit_gradient(hidden, windows.is_context, self.contexts_at_full_step)
        has_context = windows.is_context.any(1, keepdim=True)  # (B, 1)
        return Predictions(hidden, windows.centers[:, None], has_context, windows.negatives)


def _counts_in_mean(input_embedding: nn.Module, windows: Windows) -> Tensor:
    """How often each context counts in a window's mean, (B, C) int64; 0 for padding."""
    counts = windows.is_context.long()
    if isinstance(input_embedding, SubwordEmbedding):
        counts = counts * input_embedding.num_rows(windows.contexts)
    return counts


def _limit_gradient(
    hidden: Tensor,  # (B, 1, D)  shared by all contexts of a window
    is_context: Tensor,  # (B, C) bool
    contexts_at_full_step: int | None,
) -> Tensor:
    """The same vectors, whose gradients are scaled down to those of `contexts_at_full_step` contexts."""
    if contexts_at_full_step is None or is_context.shape[1] <= contexts_at_full_step:
        return hidden
    num_contexts = is_context.sum(1)[:, None, None].clamp(min=1)  # (B, 1, 1)
    share = (contexts_at_full_step / num_contexts).clamp(max=1.0)
    return _with_gradient_of(hidden * share, hidden)


def _with_gradient_of(moving: Tensor, values: Tensor) -> Tensor:
    """These values, whose gradient is passed on as if they were `moving`."""
    return moving + (values - moving).detach()


class SubwordEmbedding(nn.Module):
    """Input vectors of words that are the mean of several rows: a word's own, and its character n-grams'.

    In place of an `nn.Embedding` of words (Bojanowski et al., 2017). As in fastText, each row gets the whole gradient
    of the mean, so that a word moves as far as it would by a row of its own.

    Args:
        rows: (R, D), the embedding of rows.
        starts: (V + 1,), where in `rows_of_words` those of each word begin.
        rows_of_words: (N,), the rows of one word after the other; each word has at least one.

    >>> rows = nn.Embedding.from_pretrained(torch.tensor([[0.0], [2.0], [4.0]]))
    >>> words = SubwordEmbedding(rows, torch.tensor([0, 1, 3]), torch.tensor([0, 1, 2]))
    >>> words(torch.tensor([[1, 0]])).tolist()
    [[[3.0], [0.0]]]
    """

    starts: Tensor
    rows_of_words: Tensor

    def __init__(self, rows: nn.Embedding, starts: Tensor, rows_of_words: Tensor):
        super().__init__()
        self.rows = rows
        self.register_buffer("starts", starts.long(), persistent=False)
        self.register_buffer("rows_of_words", rows_of_words.long(), persistent=False)

    @property
    def weight(self) -> Tensor:
        """The rows, (R, D)."""
        return self.rows.weight

    def num_rows(self, words: Tensor) -> Tensor:
        """How many rows make the vector of each word, of the same shape."""
        numbers: Tensor = (self.starts[1:] - self.starts[:-1])[words]
        return numbers

    def forward(self, words: Tensor) -> Tensor:
        """The vectors of words, one more dimension than `words` has."""
        asked = words.flatten()
        numbers = self.num_rows(asked)
        which = torch.arange(len(asked), device=words.device).repeat_interleave(numbers)
        first = numbers.cumsum(0) - numbers
        places = torch.arange(len(which), device=words.device) - first[which] + self.starts[asked][which]
        vectors = self.rows(self.rows_of_words[places])
        total = vectors.new_zeros(len(asked), vectors.shape[1]).index_add(0, which, vectors)
        return _with_gradient_of(total, total / numbers[:, None]).reshape(*words.shape, -1)


class Objective(Protocol):
    """How predictions are scored: an `nn.Module` with its own parameters, such as output vectors.

    Your own objective needs nothing else; docs/custom-objectives.md trains one.
    """

    def __call__(self, predictions: Predictions) -> ExampleLosses:
        """The loss of each example, and the number of terms that the reported loss is a mean over.

        Padding, where `is_pair` is False, counts in neither.
        """


class SumOfObjectives(nn.Module):
    """Several objectives at once, as word2vec.c has it with negative sampling and a tree: losses and terms add up.

    Args:
        objectives: which, each with its own parameters.
    """

    def __init__(self, objectives: Sequence[nn.Module]):
        super().__init__()
        self.objectives = nn.ModuleList(objectives)

    def forward(self, predictions: Predictions) -> ExampleLosses:
        """The sum of all losses of each example, and of their terms."""
        found = [objective(predictions) for objective in self.objectives]
        losses, num_terms = zip(*found, strict=True)
        return ExampleLosses(sum(losses[1:], losses[0]), sum(num_terms[1:], num_terms[0]))


def reduce(examples: ExampleLosses, reduction: Reduction) -> Tensor:
    """Combine the losses of a batch into the number that a step lowers.

    Args:
        examples: from a model.
        reduction: "sum" makes the step that each pair causes independent of the size of the batch, as in word2vec.c;
            "mean" divides by the terms of the batch; "example_mean" is the sum over the examples of the
            mean over the terms of each, as with d2l's masked loss.

    >>> import torch
    >>> examples = ExampleLosses(torch.tensor([6.0, 1.0]), torch.tensor([3, 1]))
    >>> [float(reduce(examples, how)) for how in ("sum", "mean", "example_mean")]
    [7.0, 1.75, 3.0]
    """
    losses, num_terms = examples
    if reduction == "example_mean":
        return (losses / num_terms.clamp(min=1)).sum()
    total = losses.sum()
    return total / num_terms.sum().clamp(min=1) if reduction == "mean" else total


def in_parts(windows: Windows, contexts_per_part: int) -> Iterator[Windows]:
    """Split wide windows: all with their first contexts, then those with more contexts with their next ones, and so on.

    Each part keeps the noise words of its pairs.

    >>> import torch
    >>> contexts = torch.tensor([[4, 7, 5], [0, 8, 0]])
    >>> is_context = torch.tensor([[True, True, True], [False, True, False]])
    >>> for part in in_parts(Windows(torch.tensor([2, 3]), contexts, is_context), 2):
    ...     print(part.centers.tolist(), part.contexts.tolist(), part.is_context.tolist())
    [2, 3] [[4, 7], [8, 0]] [[True, True], [True, False]]
    [2] [[5]] [[True]]
    """
    centers, contexts, is_context, negatives = windows
    if contexts.shape[1] <= contexts_per_part:
        yield windows
        return
    widest = int(is_context.sum(1).max())
    order = is_context.int().argsort(dim=1, descending=True, stable=True)[:, :widest]
    contexts, is_context = contexts.gather(1, order), is_context.gather(1, order)
    if negatives is not None and negatives.dim() == 3:  # drawn for each pair, so they move with it
        negatives = negatives.gather(1, order[..., None].expand(-1, -1, negatives.shape[2]))
    for first in range(0, widest, contexts_per_part):
        columns = slice(first, first + contexts_per_part)
        wide = is_context[:, first].nonzero().squeeze(1)  # windows that have more
        noise = negatives
        if noise is not None and noise.dim() > 1:
            noise = noise[wide, columns] if noise.dim() == 3 else noise[wide]
        yield Windows(centers[wide], contexts[wide, columns], is_context[wide, columns], noise)
