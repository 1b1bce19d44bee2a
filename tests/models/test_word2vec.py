"""Each architecture with each objective: the right loss, the right gradient, whatever the batch and its padding."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.finite_differences import slopes
from tests.models.examples import (
    EACH_KIND,
    KINDS,
    VOCABULARY_SIZE,
    Kind,
    Weights,
    built,
    loss_and_terms,
    weights_of,
    window,
    windows_for,
)

from wordvec.models.architectures import Cbow, SkipGram, SubwordEmbedding, Windows, in_parts
from wordvec.models.negative_sampling import NegativeSampling
from wordvec.models.word2vec import Word2Vec


def gradients(model: Word2Vec, windows: Windows) -> list[NDArray[np.float64]]:
    """The gradient of the sum of the losses, filled up with zeros."""
    model.zero_grad()
    model(windows).losses.sum().backward()
    found = [parameter.grad for parameter in model.parameters()]
    assert all(gradient is not None for gradient in found)
    return [(gradient.to_dense() if gradient.is_sparse else gradient).numpy().copy() for gradient in found]


@EACH_KIND
def test_the_loss_is_that_of_the_formula_pair_by_pair(kind: Kind) -> None:
    weights, windows = weights_of(kind), windows_for(kind)
    losses, num_terms = built(kind, weights).model(windows)
    expected, terms = loss_and_terms(kind, weights, windows)
    np.testing.assert_allclose(losses.detach().numpy(), expected, rtol=1e-12)
    assert num_terms.tolist() == terms
    assert terms[3] == 0  # the window without contexts


@EACH_KIND
def test_the_gradient_is_the_one_that_finite_differences_of_the_formula_find(kind: Kind) -> None:
    weights, windows = weights_of(kind), windows_for(kind)
    found = gradients(built(kind, weights).model, windows)
    wanted = [
        slopes(lambda: loss_and_terms(kind, weights, windows)[0].sum(), matrix)
        for matrix in weights
        if matrix.size
    ]
    assert len(found) == len(wanted)
    for gradient, slope in zip(found, wanted, strict=True):
        assert abs(slope).max() > 0.1
        np.testing.assert_allclose(gradient, slope, atol=1e-7)


@EACH_KIND
def test_sparse_gradients_are_the_dense_ones(kind: Kind) -> None:
    weights, windows = weights_of(kind), windows_for(kind)
    sparse = built(kind, weights, is_sparse=True).model
    for gradient, dense in zip(
        gradients(sparse, windows), gradients(built(kind, weights).model, windows), strict=True
    ):
        np.testing.assert_allclose(gradient, dense, rtol=1e-12, atol=1e-14)
    assert sparse.input_embedding.weight.grad.is_sparse


@EACH_KIND
def test_padding_changes_nothing_with_any_words_in_it(kind: Kind) -> None:
    weights, windows = weights_of(kind), windows_for(kind)
    model = built(kind, weights).model
    wanted, wanted_gradients = model(windows), gradients(model, windows)
    for word in (0, 4, VOCABULARY_SIZE - 1):
        padded = with_padding(windows, word)
        found = model(padded)
        torch.testing.assert_close(found.losses, wanted.losses, rtol=1e-12, atol=0)
        assert found.num_terms.tolist() == wanted.num_terms.tolist()
        for gradient, expected in zip(gradients(model, padded), wanted_gradients, strict=True):
            np.testing.assert_allclose(gradient, expected, rtol=1e-12, atol=1e-14)


def with_padding(windows: Windows, word: int) -> Windows:
    """A word in place of what was padding, and in two more columns of it; and noise words for these."""
    centers, contexts, is_context, negatives = windows
    contexts = torch.where(is_context, contexts, word)
    contexts = torch.cat([contexts, torch.full((5, 2), word)], dim=1)
    is_wide = torch.cat([is_context, torch.zeros(5, 2, dtype=torch.bool)], dim=1)
    if negatives is not None and negatives.dim() == 3 and negatives.shape[1] == 4:
        negatives = torch.where(is_context[..., None], negatives, word)
        negatives = torch.cat([negatives, torch.full((5, 2, 3), word)], dim=1)
    return Windows(centers, contexts, is_wide, negatives)


@EACH_KIND
def test_a_batch_is_the_sum_of_its_windows(kind: Kind) -> None:
    weights, windows = weights_of(kind), windows_for(kind)
    model = built(kind, weights).model
    losses, num_terms = model(windows)
    singles = [window(windows, number) for number in range(5)]
    torch.testing.assert_close(losses, torch.cat([model(one).losses for one in singles]), rtol=1e-12, atol=0)
    assert num_terms.tolist() == [int(model(one).num_terms) for one in singles]
    summed = [sum(parts) for parts in zip(*(gradients(model, one) for one in singles), strict=True)]
    for gradient, expected in zip(gradients(model, windows), summed, strict=True):
        np.testing.assert_allclose(gradient, expected, rtol=1e-12, atol=1e-14)


@EACH_KIND
def test_scores_of_a_thousand_give_a_finite_loss_and_gradients(kind: Kind) -> None:
    weights = Weights(*(matrix * 30 for matrix in weights_of(kind)))
    model, windows = built(kind, weights).model.float(), windows_for(kind)
    losses = model(windows).losses
    assert losses.max() > 300
    assert torch.isfinite(losses).all()
    assert all(np.isfinite(gradient).all() for gradient in gradients(model, windows))
    assert abs(gradients(model, windows)[0]).max() > 1  # they still learn


SKIP_GRAMS = pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.architecture == "skipgram"], ids=lambda kind: kind.name
)


@pytest.mark.parametrize("contexts_per_part", [1, 2, 3, 4, 9])
@SKIP_GRAMS
def test_the_parts_of_windows_have_their_losses_and_gradients_together(
    kind: Kind, contexts_per_part: int
) -> None:
    model, windows = built(kind, weights_of(kind)).model, windows_for(kind)
    losses, num_terms = model(windows)
    parts = list(in_parts(windows, contexts_per_part))
    assert len(parts) == -(-4 // contexts_per_part)
    assert all(part.is_context.sum(1).max() <= contexts_per_part for part in parts)
    found = [model(part) for part in parts]
    assert sum(part.losses.sum().item() for part in found) == pytest.approx(losses.sum().item(), rel=1e-12)
    assert int(sum(part.num_terms.sum() for part in found)) == int(num_terms.sum())
    whole = gradients(model, windows)
    summed = [sum(part) for part in zip(*(gradients(model, part) for part in parts), strict=True)]
    for gradient, expected in zip(summed, whole, strict=True):
        np.testing.assert_allclose(gradient, expected, atol=1e-12)


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
@EACH_KIND
def test_what_many_contexts_share_moves_as_far_as_for_a_few_and_all_else_as_ever(
    kind: Kind, limit: int
) -> None:
    """The center that is looked up for skip-gram, the sum of the contexts for CBOW."""
    limited = built(kind, weights_of(kind), contexts_at_full_step=limit).model
    usual = built(kind, weights_of(kind)).model
    is_shared = (kind.architecture, kind.variant) in [("skipgram", "center"), ("cbow", "sum")]
    for number in (0, 1, 2, 4):
        one = window(windows_for(kind), number)
        num_contexts = int(one.is_context.sum())
        share = min(1.0, limit / num_contexts) if is_shared else 1.0
        np.testing.assert_allclose(limited(one).losses.detach(), usual(one).losses.detach(), rtol=1e-14)
        (moved, *rest), (whole, *others) = gradients(limited, one), gradients(usual, one)
        np.testing.assert_allclose(moved, share * whole, atol=1e-13)
        for gradient, expected in zip(rest, others, strict=True):
            np.testing.assert_allclose(gradient, expected, atol=1e-13)


WORDS_OF_ROWS = [
    [0],
    [1, 2, 4],
    [4, 5],
    [3, 3, 1, 5],
]  # a row that a word has twice, and one that two words share


def words_of_rows() -> SubwordEmbedding:
    """Random rows, in float64."""
    rows = torch.nn.Embedding(6, 3, dtype=torch.float64)
    starts = np.cumsum([0, *map(len, WORDS_OF_ROWS)])
    return SubwordEmbedding(
        rows, torch.tensor(starts), torch.tensor([row for word in WORDS_OF_ROWS for row in word])
    )


def test_the_mean_of_contexts_made_of_rows_is_the_mean_of_all_their_rows_as_in_fasttext() -> None:
    words = words_of_rows()
    windows = Windows(
        torch.tensor([0, 0]),
        torch.tensor([[1, 3, 3], [2, 0, 1]]),
        torch.tensor([[True, True, True], [True, False, True]]),
    )
    with torch.no_grad():
        (first,), (second,) = Cbow()(words, windows).hidden
    rows = words.weight.detach()
    torch.testing.assert_close(first, rows[[1, 2, 4, *[3, 3, 1, 5] * 2]].mean(0))
    torch.testing.assert_close(second, rows[[4, 5, 1, 2, 4]].mean(0))


@pytest.mark.parametrize(("gradient", "moves"), [("exact", [3 / 7, 4 / 7]), ("word2vec", [1.0, 1.0])])
def test_a_context_of_many_rows_learns_its_share_of_their_mean_or_all_of_it(
    gradient: Literal["exact", "word2vec"], moves: list[float]
) -> None:
    """Each row of a word moves as far as the word does, and one that stands in two words moves with both."""
    words = words_of_rows()
    windows = Windows(torch.tensor([0]), torch.tensor([[1, 3]]), torch.tensor([[True, True]]))
    Cbow(gradient=gradient)(words, windows).hidden.sum().backward()
    expected = np.zeros(6)
    for word, move in zip((1, 3), moves, strict=True):
        np.add.at(expected, WORDS_OF_ROWS[word], move)
    np.testing.assert_allclose(words.weight.grad.numpy()[:, 0], expected, rtol=1e-12)


@pytest.mark.parametrize("architecture", [SkipGram("context"), SkipGram("center"), Cbow()], ids=repr)
def test_each_row_of_a_word_gets_the_whole_slope_of_the_word(architecture: SkipGram | Cbow) -> None:
    """Finite differences find the slope of a mean's loss in each row: a part of it, which is that of the mean."""
    words = words_of_rows()
    output = torch.nn.Embedding(4, 3, dtype=torch.float64)
    model = Word2Vec(words, architecture, NegativeSampling(output))
    windows = Windows(  # word 1 has three rows; those of the others are others
        torch.tensor([0, 0]),
        torch.tensor([[1, 0], [0, 1]]),
        torch.ones(2, 2, dtype=bool),
        torch.tensor([[2, 3]] * 2),
    )
    if isinstance(architecture, SkipGram) and architecture.input == "center":
        windows = windows._replace(centers=torch.tensor([1, 1]))
    model(windows).losses.sum().backward()
    rows = words.weight.detach().numpy()
    slope = slopes(lambda: float(model(windows).losses.sum().detach()), rows)
    sizes = np.array([1, 3, 3, 0, 3, 0])  # of the word that has the row
    assert abs(slope[[1, 2, 4]]).max() > 0.1
    np.testing.assert_allclose(words.weight.grad.numpy(), sizes[:, None] * slope, atol=1e-7)
