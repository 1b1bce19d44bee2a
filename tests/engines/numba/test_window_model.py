"""Every model that is trained window by window takes the step that autograd finds for it, on the awkward windows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.kernels.cases import CASES, Case
from tests.kernels.steps import guarded_scratch, laid

from wordvec.engines.numba.window_model import Family, WindowModel, first_matrices, window_model
from wordvec.kernels.cpu.matrices import Matrices
from wordvec.kernels.cpu.skipgram import SkipGram
from wordvec.kernels.cpu.window_update import LearningRate, train_windows
from wordvec.models.architectures import Windows
from wordvec.models.word2vec import Word2Vec, build_model

FAMILIES = {
    "skip-gram": Family(),
    "CBOW": Family("cbow"),
    "CBOW, word2vec.c's gradient": Family("cbow", cbow_gradient="word2vec"),
    "CBOW, sum": Family("cbow", pooling="sum"),
    "CBOW, sum that is held back": Family("cbow", pooling="sum", contexts_at_full_step=2),
    "CBOW, position weights": Family("cbow", position_weights=True),
    "CBOW, position weights, word2vec.c's gradient": Family(
        "cbow", position_weights=True, cbow_gradient="word2vec"
    ),
    "CBOW, position weights, sum": Family("cbow", position_weights=True, pooling="sum"),
}
OBJECTIVES = ("negative", "hierarchical", "negative+hierarchical")
COMPILED_BY_DEFAULT = {  # a kernel takes some five seconds to compile
    ("CBOW", "negative"),
    ("CBOW, position weights", "negative+hierarchical"),
    ("skip-gram", "hierarchical"),
}
EACH_PART_ONCE = {
    *COMPILED_BY_DEFAULT,
    ("CBOW, word2vec.c's gradient", "hierarchical"),
    ("CBOW, sum that is held back", "hierarchical"),
    ("skip-gram", "negative+hierarchical"),
}


def marks_of(name: str, objective: str) -> list[pytest.MarkDecorator]:
    """How often the test of a family runs."""
    if (name, objective) in COMPILED_BY_DEFAULT:
        return []
    return [pytest.mark.slow if (name, objective) in EACH_PART_ONCE else pytest.mark.exhaustive]


ALL = [
    pytest.param(
        family._replace(objective=objective),
        id=f"{name}, {objective}",
        marks=marks_of(name, objective),
    )
    for name, family in FAMILIES.items()
    for objective in OBJECTIVES
]
BY_DEFAULT = [one for one in ALL if not one.marks]
FEW = [FAMILIES[name]._replace(objective=objective) for name, objective in sorted(EACH_PART_ONCE)]
WITH_THREE_NEGATIVES = [case for case in CASES if len(case.negatives) == 3]
WIDTHS = [pytest.param(8, id="AVX2"), pytest.param(4, id="NEON")]


def counts_of(case: Case) -> NDArray[np.int64]:
    """Such that paths differ in length, and some take four tiles of nodes."""
    return np.array([2 ** min(word, 20) for word in range(case.vocabulary_size)], np.int64)


def built(family: Family, case: Case, lanes: int) -> tuple[WindowModel, Matrices]:
    """The model, and random matrices."""
    half = len(case.sentence) - 1
    chance = np.random.default_rng(7)
    negatives = len(case.negatives) if family.draws_noise else 0
    model = window_model(
        family,
        counts_of(case),
        negatives=negatives,
        window=half,
        contexts_per_part=len(case.contexts),
        lanes=lanes,
    )
    matrices = first_matrices(family, case.vocabulary_size, dim=case.dim, window=half, generator=chance)
    for name in ("input_vectors", "output_vectors", "position_vectors"):
        rows = matrices.rows_of(name)
        rows[:] = chance.normal(size=rows.shape) * (1 if name == "position_vectors" else case.scale)
    return model, matrices


def step_of_kernel(family: Family, case: Case, model: WindowModel, matrices: Matrices) -> tuple[float, int]:
    """Train on the window as the only one of its text; its loss and pairs."""
    pools = not isinstance(model.parts.architecture, SkipGram)
    scratch, are_guards_whole = guarded_scratch(
        model.parts.tile,
        num_hidden=model.max_hidden,
        num_targets=model.max_targets,
        row_length=matrices.row_length,
        num_contexts=2 * model.window if pools else 0,
    )
    windows = laid(case)
    if not family.draws_noise:
        windows = windows._replace(negatives=np.empty((len(case.sentence), 0), np.int32))
    centers, rate = (case.center, case.center + 1), LearningRate(case.learning_rate, 0.0)
    found: tuple[float, int] = train_windows(
        model.parts, matrices, model.data, windows, centers, rate, scratch
    )
    assert are_guards_whole(), "something was written beyond the scratch memory"
    return found


def judge_of(family: Family, case: Case, matrices: Matrices) -> Word2Vec:
    """The same model in PyTorch, in float64."""
    num_words = case.vocabulary_size
    inputs = matrices.rows_of("input_vectors").copy()
    outputs = matrices.rows_of("output_vectors").copy()
    of_words, of_nodes = (
        (outputs[:num_words], outputs[num_words:]) if family.draws_noise else (inputs, outputs)
    )
    model = build_model(
        counts_of(case),
        (inputs, of_words),
        architecture=family.architecture,
        objective=family.objective,
        skipgram_input="context",
        pooling=family.pooling,
        cbow_gradient=family.cbow_gradient,
        num_positions=len(matrices.rows_of("position_vectors")),
        max_norm=None,
        is_sparse=False,
        contexts_at_full_step=family.contexts_at_full_step,
    ).model.double()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "node_embedding" in name:
                parameter.copy_(torch.tensor(of_nodes))
            if "positions" in name:
                parameter.copy_(torch.tensor(matrices.rows_of("position_vectors")))
    return model


def windows_of(family: Family, case: Case) -> Windows:
    """The case as a batch of one window; each context in the column of its place."""
    half = len(case.sentence) - 1
    contexts, is_context = torch.zeros(1, 2 * half, dtype=torch.int64), torch.zeros(1, 2 * half, dtype=bool)
    for place, word in enumerate(case.sentence):
        if place != case.center:
            column = half + place - case.center - (place > case.center)
            contexts[0, column], is_context[0, column] = word, True
    negatives = torch.tensor([case.negatives]) if family.draws_noise else None
    return Windows(torch.tensor([case.sentence[case.center]]), contexts, is_context, negatives)


def expect_the_step_of_the_judge(family: Family, case: Case, lanes: int) -> None:
    model, matrices = built(family, case, lanes)
    judge = judge_of(family, case, matrices)
    loss, pairs = step_of_kernel(family, case, model, matrices)

    losses, num_terms = judge(windows_of(family, case))
    losses.sum().backward()
    moved = {
        name: (parameter - case.learning_rate * parameter.grad).detach().numpy()
        for name, parameter in judge.named_parameters()
    }
    num_words = case.vocabulary_size if family.draws_noise else 0
    outputs = matrices.rows_of("output_vectors")
    found = {
        "input_embedding": matrices.rows_of("input_vectors"),
        "output_embedding": outputs[:num_words],
        "node_embedding": outputs[num_words:],
        "positions": matrices.rows_of("position_vectors"),
    }
    assert moved
    rounding = 3e-6 * (1 + case.scale) * len(case.sentence) ** 0.5
    for name, expected in moved.items():
        (matrix,) = (rows for part, rows in found.items() if part in name)
        np.testing.assert_allclose(matrix, expected, rtol=1e-5, atol=rounding, err_msg=name)
    assert loss == pytest.approx(losses.sum().item(), rel=1e-5, abs=1e-6)
    assert pairs == num_terms.sum()


@pytest.mark.parametrize("family", ALL)
@pytest.mark.parametrize("case", WITH_THREE_NEGATIVES, ids=lambda case: case.name)
def test_the_kernel_takes_the_step_that_autograd_finds(family: Family, case: Case) -> None:
    expect_the_step_of_the_judge(family, case, lanes=16)


@pytest.mark.exhaustive
@pytest.mark.parametrize("lanes", WIDTHS)
@pytest.mark.parametrize("family", FEW)
@pytest.mark.parametrize("case", WITH_THREE_NEGATIVES, ids=lambda case: case.name)
def test_the_kernel_takes_that_step_with_every_width_of_vector(
    family: Family, case: Case, lanes: int
) -> None:
    expect_the_step_of_the_judge(family, case, lanes)


@pytest.mark.slow
@pytest.mark.parametrize("family", FEW)
@pytest.mark.parametrize(
    "case", [case for case in CASES if len(case.negatives) != 3], ids=lambda case: case.name
)
def test_the_kernel_takes_that_step_with_any_number_of_negatives(family: Family, case: Case) -> None:
    expect_the_step_of_the_judge(family, case, lanes=16)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("family", BY_DEFAULT)
def test_random_windows_take_that_step_too(family: Family, data: st.DataObject) -> None:
    num_words = data.draw(st.integers(2, 30))
    word = st.integers(0, num_words - 1)
    sentence = tuple(data.draw(st.lists(word, min_size=2, max_size=12)))
    center = data.draw(st.integers(0, len(sentence) - 1))
    noise = st.sampled_from([other for other in range(num_words) if other != sentence[center]])
    negatives = tuple(data.draw(st.lists(noise, min_size=3, max_size=3)))
    dim = data.draw(st.integers(1, 40))
    expect_the_step_of_the_judge(family, Case("", num_words, dim, sentence, center, negatives), lanes=16)


@pytest.mark.parametrize("family", [Family(objective="hierarchical"), Family("cbow", "hierarchical")])
def test_a_single_word_has_an_empty_path_and_learns_nothing(family: Family) -> None:
    case = Case("", 1, 3, (0, 0, 0), 1, ())
    model, matrices = built(family, case, lanes=16)
    before = matrices.rows_of("input_vectors").copy()
    assert step_of_kernel(family, case, model, matrices) == (0.0, 1 + (family.architecture == "skipgram"))
    np.testing.assert_array_equal(matrices.rows_of("input_vectors"), before)
