"""Row optimizers: how a row moves along the gradient of a batch, with what the optimizer remembers of the row.

Each is the one of that name in `torch.optim`, to float32 rounding: `SparseAdam` moves the rows that a batch touched,
`Adam` all of them. A gradient here points downhill, the direction to move in; so a step adds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.simd.compile import kernel_part
from wordvec.kernels.simd.intrinsics import Float, Floats, Int, compile_time_constants, emitted
from wordvec.kernels.simd.memory import prefetch_row
from wordvec.kernels.simd.vectors import Simd

__all__ = [
    "BETAS",
    "Adagrad",
    "Adam",
    "BatchSgd",
    "Memory",
    "Rests",
    "SparseAdam",
    "Steps",
    "ask_for_row",
    "empty_rests",
    "steps_of",
]

# Defaults of torch.optim
BETAS = (0.9, 0.999)  # share of the mean gradient, and of its mean square, that is left after a step
EPSILON_OF_ADAM = 1e-8
EPSILON_OF_ADAGRAD = 1e-10

# While its bias corrections change fast, Adam takes each step of a row that rests; afterwards all of a rest at once.
STEPS_TAKEN_ONE_BY_ONE = 64
MAX_REST = 256  # steps after which a row has come to rest: 0.9 ** 256 is 2e-12

# V words, rows of R floats; S steps


class Memory(NamedTuple):
    """What an optimizer remembers of a matrix; what it does not need is empty."""

    mean: NDArray[np.float32]  # (V·R,)  of the gradients
    square: NDArray[np.float32]  # (V·R,)  mean or sum of their squares
    last_step: NDArray[np.int64]  # (V,)  the last step that each row has taken


class Steps(NamedTuple):
    """The steps of a stretch; step number s of the run is at s - first."""

    first: int
    size: NDArray[np.float32]  # (S,)  what moves are multiplied by
    divisor: NDArray[np.float32]  # (S,)  what the root of the mean square is multiplied by
    rests: Rests


class Rests(NamedTuple):
    """How far rows move that rest since their last step: for each length of the rest, two sums over its steps.

    A row that rests moves on by its momentum: j steps after its last one, number s, by

        a_j · m / (√v · e_j + ε)    a_j = rate_s · β₁ʲ / (1 - β₁ˢ),  e_j = √(β₂ʲ / (1 - β₂ˢ))

    with its mean m and mean square v as they were. With A = Σ a_j and B = Σ a_j / e_j, all of these moves together
    are A · m / (√v · A / B + ε): exact where ε does not matter and where it is all that matters; between, the e_j of
    a rest are taken for their mean. They differ the more the fewer steps there were before, so the first 64 are
    taken one by one. Then what a rest moves a row by is off by less than 0.1 % of itself; after 1,000 steps, by less
    than 0.002 %.
    """

    since: int  # no row has taken its last step before this one
    terms: NDArray[
        np.float64
    ]  # (S, 2)  rate / (1 - β₁ˢ), and that · √(1 - β₂ˢ), of step since + 1, and so on
    recent: NDArray[np.float64]  # (MAX_REST + 1, 2)  A and B by length, of rests that end before this step
    whole: NDArray[
        np.float64
    ]  # (S, 2)  A and B of rests of the full length, by the step before them, less `since`


def empty_rests(num_steps: int, since: int = 0) -> Rests:
    """Room for `num_steps` steps."""
    return Rests(since, np.zeros((num_steps, 2)), np.zeros((MAX_REST + 1, 2)), np.zeros((num_steps + 1, 2)))


def steps_of(optimizer: Any, first: int, rates: NDArray[np.float64], rests: Rests) -> Steps:
    """The steps with these learning rates, (S,), of which the first one is that number of the run, from 1 on.

    Adam's bias corrections are in them: Kingma and Ba (2015), algorithm 1; PyTorch's SparseAdam adds ε before them.
    """
    sizes, divisors = rates, np.ones(len(rates))
    if isinstance(optimizer, Adam | SparseAdam):
        numbers = first + np.arange(len(rates))
        of_mean, of_square = 1 - BETAS[0] ** numbers, np.sqrt(1 - BETAS[1] ** numbers)
        sizes = rates / of_mean
        if isinstance(optimizer, SparseAdam):
            sizes = sizes * of_square
        else:
            divisors = 1 / of_square
            places = slice(first - 1 - rests.since, first - 1 - rests.since + len(rates))
            rests.terms[places] = np.stack([sizes, sizes * of_square], axis=1)
    return Steps(first, sizes.astype(np.float32), divisors.astype(np.float32), rests)


@kernel_part
def ask_for_row(vectors, memory, start, row_length):  # type: ignore[no-untyped-def]
    """Ask for a row, and for what is remembered of it, to be read soon."""
    prefetch_row(vectors, start, row_length)
    if len(memory.mean) > 0:
        prefetch_row(memory.mean, start, row_length)
    if len(memory.square) > 0:
        prefetch_row(memory.square, start, row_length)


@kernel_part
def _move_by_gradient(optimizer, vectors, memory, row, row_length, gradient, steps, step):  # type: ignore[no-untyped-def]
    _add_multiple(optimizer, vectors, row * row_length, row_length, gradient, steps.size[step])


@kernel_part
def _move_by_adagrad(optimizer, vectors, memory, row, row_length, gradient, steps, step):  # type: ignore[no-untyped-def]
    _adagrad_step(optimizer, vectors, memory.square, row * row_length, row_length, gradient, steps.size[step])


@kernel_part
def _move_by_sparse_adam(optimizer, vectors, memory, row, row_length, gradient, steps, step):  # type: ignore[no-untyped-def]
    no_rest = np.int64(0)
    _move_by_adam_after(
        optimizer,
        vectors,
        memory,
        row,
        no_rest,
        row_length,
        gradient,
        steps.size[step],
        steps.divisor[step],
    )


@kernel_part
def _move_by_adam(optimizer, vectors, memory, row, row_length, gradient, steps, step):  # type: ignore[no-untyped-def]
    rest = steps.first + step - 1 - memory.last_step[row]
    _move_by_adam_after(
        optimizer, vectors, memory, row, rest, row_length, gradient, steps.size[step], steps.divisor[step]
    )


@kernel_part
def _move_by_adam_after(optimizer, vectors, memory, row, rest, row_length, gradient, size, divisor):  # type: ignore[no-untyped-def]
    """Take a step after a rest of some steps, which the vector has taken and the mean and the square have not."""
    _adam_step(
        optimizer,
        vectors,
        memory.mean,
        memory.square,
        row * row_length,
        row_length,
        gradient,
        size,
        divisor,
        np.float32(BETA_1**rest),
        np.float32(BETA_2**rest),
    )


@kernel_part
def _no_rest(optimizer, vectors, memory, row, row_length, steps, step):  # type: ignore[no-untyped-def]
    """Rows that no batch touches stay where they are."""


@kernel_part
def _never_rests(memory, row, steps, step):  # type: ignore[no-untyped-def]
    """Whether a row that rests should have moved: not with these optimizers."""
    return False


@kernel_part
def _has_rested(memory, row, steps, step):  # type: ignore[no-untyped-def]
    """Whether there were steps that a row has yet to take, other than this one."""
    return memory.last_step[row] < steps.first + step - 1


@kernel_part
def _no_last_step(memory, row, steps, step):  # type: ignore[no-untyped-def]
    """Who does not move rows that rest need not know how long they have rested."""


@kernel_part
def _remember_step(memory, row, steps, step):  # type: ignore[no-untyped-def]
    memory.last_step[row] = steps.first + step


@kernel_part
def _wake(optimizer, vectors, memory, row, row_length, steps, step):  # type: ignore[no-untyped-def]
    """Move a vector by its momentum as far as it had come before this step, had it moved in each."""
    rests, start = steps.rests, row * row_length
    last, now = memory.last_step[row], steps.first + step - 1
    if last == 0:  # of the run: there is no momentum yet
        return
    while last < now and last < STEPS_TAKEN_ONE_BY_ONE:
        last += 1
        size, corrected = rests.terms[last - 1 - rests.since, 0], rests.terms[last - 1 - rests.since, 1]
        _move_by_momentum(
            optimizer,
            vectors,
            memory.mean,
            memory.square,
            start,
            row_length,
            np.float32(size * BETA_1),
            np.float32(_ratio(size, corrected) * ROOT_OF_BETA_2),
        )
        _let_memory_rest(optimizer, memory, start, row_length, np.int64(1))
        memory.last_step[row] = last
    if last < now:
        length = now - last
        if length <= MAX_REST:
            first, second = rests.recent[length, 0], rests.recent[length, 1]
        else:
            first, second = rests.whole[last - rests.since, 0], rests.whole[last - rests.since, 1]
        _move_by_momentum(
            optimizer,
            vectors,
            memory.mean,
            memory.square,
            start,
            row_length,
            np.float32(first),
            np.float32(_ratio(first, second)),
        )


@kernel_part
def _take_steps_of_rest(optimizer, vectors, memory, row, row_length, steps, step):  # type: ignore[no-untyped-def]
    """Bring a row, with what is remembered of it, to where it is before this step."""
    _wake(optimizer, vectors, memory, row, row_length, steps, step)
    last, now = memory.last_step[row], steps.first + step - 1
    if 0 < last < now:
        _let_memory_rest(optimizer, memory, row * row_length, row_length, now - last)
        memory.last_step[row] = now


@kernel_part
def _let_memory_rest(optimizer, memory, start, row_length, length):  # type: ignore[no-untyped-def]
    _shrink(optimizer, memory.mean, start, row_length, np.float32(BETA_1**length))
    _shrink(optimizer, memory.square, start, row_length, np.float32(BETA_2**length))


@kernel_part
def _ratio(first, second):  # type: ignore[no-untyped-def]
    """How the two sums compare; 1 where both are 0, as with a learning rate of 0."""
    return first / second if second > 0.0 else 1.0


@kernel_part
def _nothing_to_begin(steps, step):  # type: ignore[no-untyped-def]
    """Steps of these optimizers do not depend on each other."""


@kernel_part
def _sum_up_rests(steps, step):  # type: ignore[no-untyped-def]
    """Find the sums of all rests that end before this step, each from the one that is a step shorter."""
    rests = steps.rests
    now = steps.first + step - 1
    longest = min(now - rests.since, MAX_REST)
    first, second = 0.0, 0.0
    for length in range(1, longest + 1):
        place = now - length - rests.since
        first = BETA_1 * (rests.terms[place, 0] + first)
        second = BETA_1 / ROOT_OF_BETA_2 * (rests.terms[place, 1] + second)
        rests.recent[length, 0], rests.recent[length, 1] = first, second
    if longest == MAX_REST:
        place = now - MAX_REST - rests.since
        rests.whole[place, 0], rests.whole[place, 1] = first, second


BETA_1, BETA_2 = BETAS
ROOT_OF_BETA_2 = BETA_2**0.5


@emitted
def _add_multiple(
    builder: Any, optimizer: Any, vectors: Floats, row: Int, row_length: Int, gradient: Floats, size: Float
) -> None:
    """Vectors += size · gradient."""
    simd = Simd(builder, optimizer.lanes)
    of_size = simd.splat(size)
    with simd.loop(row_length, optimizer.lanes) as column:
        place = builder.add(row, column)
        moved = simd.fma(of_size, simd.load(gradient, column), simd.load(vectors, place))
        simd.store(moved, vectors, place)


@emitted
def _adagrad_step(
    builder: Any,
    optimizer: Any,
    vectors: Floats,
    squares: Floats,
    row: Int,
    row_length: Int,
    gradient: Floats,
    size: Float,
) -> None:
    """Squares += gradient²; vectors += size · gradient / (√squares + ε) (Duchi, Hazan and Singer, 2011)."""
    simd = Simd(builder, optimizer.lanes)
    of_size = simd.splat(size)
    with simd.loop(row_length, optimizer.lanes) as column:
        place = builder.add(row, column)
        downhill = simd.load(gradient, column)
        square = simd.fma(downhill, downhill, simd.load(squares, place))
        simd.store(square, squares, place)
        divisor = simd.add(simd.square_root(square), simd.constant(EPSILON_OF_ADAGRAD))
        move = simd.divide(simd.multiply(of_size, downhill), divisor)
        simd.store(simd.add(simd.load(vectors, place), move), vectors, place)


@emitted
def _adam_step(
    builder: Any,
    optimizer: Any,
    vectors: Floats,
    means: Floats,
    squares: Floats,
    row: Int,
    row_length: Int,
    gradient: Floats,
    size: Float,
    divisor: Float,
    mean_left: Float,
    square_left: Float,
) -> None:
    """Move what is left of the means to the gradient and its square; then the vectors, as `_adam_move` says."""
    simd = Simd(builder, optimizer.lanes)
    of_mean, of_square = simd.splat(mean_left), simd.splat(square_left)
    with simd.loop(row_length, optimizer.lanes) as column:
        place = builder.add(row, column)
        downhill = simd.load(gradient, column)
        mean = simd.multiply(of_mean, simd.load(means, place))
        square = simd.multiply(of_square, simd.load(squares, place))
        mean = simd.fma(simd.constant(1 - BETA_1), simd.subtract(downhill, mean), mean)
        squared = simd.multiply(downhill, downhill)
        square = simd.fma(simd.constant(1 - BETA_2), squared, simd.multiply(simd.constant(BETA_2), square))
        simd.store(mean, means, place)
        simd.store(square, squares, place)
        move = _adam_move(simd, mean, square, size, divisor)
        simd.store(simd.add(simd.load(vectors, place), move), vectors, place)


@emitted
def _move_by_momentum(
    builder: Any,
    optimizer: Any,
    vectors: Floats,
    means: Floats,
    squares: Floats,
    row: Int,
    row_length: Int,
    size: Float,
    divisor: Float,
) -> None:
    """Move the vectors alone."""
    simd = Simd(builder, optimizer.lanes)
    with simd.loop(row_length, optimizer.lanes) as column:
        place = builder.add(row, column)
        mean, square = simd.load(means, place), simd.load(squares, place)
        move = _adam_move(simd, mean, square, size, divisor)
        simd.store(simd.add(simd.load(vectors, place), move), vectors, place)


@emitted
def _shrink(builder: Any, optimizer: Any, numbers: Floats, row: Int, row_length: Int, left: Float) -> None:
    """Numbers *= left."""
    simd = Simd(builder, optimizer.lanes)
    of_number = simd.splat(left)
    with simd.loop(row_length, optimizer.lanes) as column:
        place = builder.add(row, column)
        simd.store(simd.multiply(simd.load(numbers, place), of_number), numbers, place)


def _adam_move(simd: Simd, mean: Any, square: Any, size: Any, divisor: Any) -> Any:
    """Size · mean / (√square · divisor + ε)."""
    below = simd.fma(simd.square_root(square), simd.splat(divisor), simd.constant(EPSILON_OF_ADAM))
    return simd.divide(simd.multiply(simd.splat(size), mean), below)


@compile_time_constants
@dataclass(frozen=True)
class BatchSgd:
    """Rows move by learning rate · gradient."""

    lanes: int
    moves_all_rows: int = 0
    begin_step = _nothing_to_begin
    has_rested = _never_rests
    wake_row = _no_rest
    wake_row_and_memory = _no_rest
    move_row = _move_by_gradient
    remember_step = _no_last_step


@compile_time_constants
@dataclass(frozen=True)
class Adagrad:
    """Each number moves the less the more it has moved (Duchi, Hazan and Singer, 2011)."""

    lanes: int
    moves_all_rows: int = 0
    begin_step = _nothing_to_begin
    has_rested = _never_rests
    wake_row = _no_rest
    wake_row_and_memory = _no_rest
    move_row = _move_by_adagrad
    remember_step = _no_last_step


@compile_time_constants
@dataclass(frozen=True)
class SparseAdam:
    """Adam for the rows that a batch touches; the others keep their momentum until they are touched again."""

    lanes: int
    moves_all_rows: int = 0
    begin_step = _nothing_to_begin
    has_rested = _never_rests
    wake_row = _no_rest
    wake_row_and_memory = _no_rest
    move_row = _move_by_sparse_adam
    remember_step = _no_last_step


@compile_time_constants
@dataclass(frozen=True)
class Adam:
    """Adam (Kingma and Ba, 2015): all rows move in every step, by their momentum where a batch does not touch them.

    A row takes the steps of a rest when it is next read, so a step costs no more than that of `SparseAdam`; its mean
    and its square, which are only needed for its next move, take them with that.
    """

    lanes: int
    moves_all_rows: int = 1
    begin_step = _sum_up_rests
    has_rested = _has_rested
    wake_row = _wake
    wake_row_and_memory = _take_steps_of_rest
    move_row = _move_by_adam
    remember_step = _remember_step
