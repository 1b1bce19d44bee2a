"""One step on a case, by each of those who can take it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from tests.kernels.cases import Case
from torch import nn

from wordvec.kernels.cpu.matrices import Matrices
from wordvec.kernels.cpu.skipgram import skip_gram
from wordvec.kernels.cpu.tile import TileShape
from wordvec.kernels.cpu.window_update import LearningRate, Scratch, empty_scratch, plain_data, train_windows
from wordvec.kernels.cpu.windows import LaidWindows, empty_windows
from wordvec.kernels.reference import update_window
from wordvec.models.architectures import SkipGram, Windows
from wordvec.models.negative_sampling import NegativeSampling, step_by_hand
from wordvec.models.word2vec import Word2Vec

Floats = NDArray[np.floating]
Step = tuple[float, Floats, Floats]  # the loss before the step, both matrices after it
TakesStep = Callable[[Case, Floats, Floats], Step]

# V words, D dimensions


def random_matrices(case: Case) -> Matrices:
    rng = np.random.default_rng(7)
    matrices = Matrices.initial(case.vocabulary_size, case.dim, rng)
    for flat in (matrices.input_vectors, matrices.output_vectors):
        rows = flat.reshape(-1, matrices.row_length)[:, : case.dim]
        rows[:] = rng.normal(size=rows.shape) * case.scale
    return matrices


def run_kernel(
    case: Case, matrices: Matrices, lanes: int, contexts_per_part: int | None = None
) -> tuple[float, int]:
    """Train on the window as the only one of its text."""
    model = skip_gram(len(case.negatives), lanes)
    scratch, are_guards_whole = guarded_scratch(
        model.tile,
        num_hidden=contexts_per_part or len(case.contexts),
        num_targets=1 + len(case.negatives),
        row_length=matrices.row_length,
    )
    centers, rate = (case.center, case.center + 1), LearningRate(case.learning_rate, 0.0)
    loss, pairs = train_windows(model, matrices, plain_data(), laid(case), centers, rate, scratch)
    assert are_guards_whole(), "something was written beyond the scratch memory"
    return loss, pairs


def laid(case: Case) -> LaidWindows:
    """The windows of the case's text, as wide as it; only the center's has negatives."""
    num_words = len(case.sentence)
    windows = empty_windows(num_words, len(case.negatives))
    windows.words[:] = case.sentence
    windows.positions[:] = np.arange(num_words)
    windows.first[:], windows.last[:] = 0, num_words - 1
    windows.repeated[:] = repeated_places(case.sentence)
    windows.negatives[:] = -(10**6)
    windows.negatives[case.center] = case.negatives
    return windows


def repeated_places(words: Sequence[int]) -> list[int]:
    """Of each place, the last one whose word stands again there or before, however far from it."""
    places = [
        max((earlier for earlier in range(place) if words[earlier] == word), default=-1)
        for place, word in enumerate(words)
    ]
    return [max(places[: place + 1]) for place in range(len(places))]


GUARD = 64


def guarded_scratch(shape: TileShape, **sizes: int) -> tuple[Scratch, Callable[[], bool]]:
    """Scratch of the exact size, full of NaN or nonsense, between guards that nothing may write to."""
    wholes, parts = [], {}
    for name, array in empty_scratch(shape, **sizes)._asdict().items():
        whole = np.full(array.size + 2 * GUARD, 12345, array.dtype)
        part = whole[GUARD:-GUARD].reshape(array.shape)
        part[:] = array
        if name in ("snapshot", "gradients", "hidden"):
            part[:] = np.nan  # what is read there must have been written before
        wholes.append(whole)
        parts[name] = part

    def are_guards_whole() -> bool:
        return all((whole[:GUARD] == 12345).all() and (whole[-GUARD:] == 12345).all() for whole in wholes)

    return Scratch(**parts), are_guards_whole


def by_kernel(case: Case, inputs: Floats, outputs: Floats) -> Step:
    """The compiled kernel, which computes in float32."""
    matrices = Matrices.holding(inputs.astype(np.float32), outputs.astype(np.float32))
    loss, _ = run_kernel(case, matrices, lanes=16)
    return loss, *matrices.unpadded()


def by_reference(case: Case, inputs: Floats, outputs: Floats) -> Step:
    """Plain NumPy."""
    inputs, outputs = inputs.copy(), outputs.copy()
    contexts, center = np.array(case.contexts), case.sentence[case.center]
    loss = update_window(inputs, outputs, contexts, center, np.array(case.negatives), case.learning_rate)
    return loss, inputs, outputs


def by_autograd(case: Case, inputs: Floats, outputs: Floats, windows: Windows | None = None) -> Step:
    """The judge: the model in PyTorch, and a step of SGD along the gradient that autograd finds."""
    embeddings = [nn.Embedding.from_pretrained(torch.tensor(m), freeze=False) for m in (inputs, outputs)]
    model = Word2Vec(embeddings[0], SkipGram("context"), NegativeSampling(embeddings[1]))
    loss = model(windows or window_of(case)).losses.sum()
    weights = [embedding.weight for embedding in embeddings]
    gradients = torch.autograd.grad(loss, weights)
    moved = [
        weight - case.learning_rate * gradient for weight, gradient in zip(weights, gradients, strict=True)
    ]
    return loss.item(), *(weight.detach().numpy() for weight in moved)


def by_hand(case: Case, inputs: Floats, outputs: Floats, windows: Windows | None = None) -> Step:
    """PyTorch without autograd."""
    v, u = torch.tensor(inputs), torch.tensor(outputs)
    losses, _ = step_by_hand(v, u, windows or window_of(case), case.learning_rate)
    return losses.sum().item(), v.numpy(), u.numpy()


def window_of(case: Case, padding: tuple[int, ...] = ()) -> Windows:
    """The case as a batch of one window, with such words as padding."""
    contexts = [*case.contexts, *padding]
    is_context = [True] * len(case.contexts) + [False] * len(padding)
    return Windows(
        centers=torch.tensor([case.sentence[case.center]]),
        contexts=torch.tensor([contexts]),
        is_context=torch.tensor([is_context]),
        negatives=torch.tensor([case.negatives]),
    )


def loss_of(case: Case, inputs: Floats, outputs: Floats) -> float:
    """The loss as the paper writes it (Mikolov et al., 2013b, equation 4), for the pairs of a window."""
    scores = inputs[list(case.contexts)] @ outputs[[case.sentence[case.center], *case.negatives]].T
    return float(np.logaddexp(0, -scores[:, 0]).sum() + np.logaddexp(0, scores[:, 1:]).sum())
