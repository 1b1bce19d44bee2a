"""The torch engine: any model of `models/`, any optimizer of `torch.optim`, any device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from wordvec.corpus.encoded import EncodedCorpus
from wordvec.engines.draws import Draws
from wordvec.engines.engine import LossSum, Pending
from wordvec.engines.stretches import Halo, even_stretches, shuffled_stretches, stretches_of_texts
from wordvec.engines.torch.optimizers import pack_state, unpack_state
from wordvec.errors import EngineError
from wordvec.kernels.torch.windows import (
    LaidWindows,
    NoiseRules,
    WindowRules,
    draw_negatives,
    lay_windows,
    shuffled_windows,
)
from wordvec.models.architectures import ExampleLosses, Reduction, Windows, in_parts, reduce
from wordvec.models.negative_sampling import step_by_hand
from wordvec.models.word2vec import BuiltModel
from wordvec.sampling.seeds import HELD_OUT_EPOCH, Purpose, stream

__all__ = ["Steps", "TorchEngine", "TorchWorker"]

BATCHES_PER_STRETCH = 64
MAX_POSITIONS_OF_BATCHES = 2**20  # of one stretch, however large the batches
MAX_CONTEXTS_OF_STRETCH = (
    2**24
)  # laid at a time, 8 bytes and a few copies each, where windows are as wide as texts
MAX_NOISE_WORDS_PER_DRAW = 2**21  # 17 MB, of which drawing holds a few copies; a single batch may need more

# V words, D dimensions; B windows of a batch, C contexts of each


class Steps(NamedTuple):
    """What one step learns from, and how."""

    is_by_hand: bool  # `models.by_hand` does what the model and the optimizer would do
    optimizer: type[torch.optim.Optimizer]
    reduction: Reduction
    batch_size: int
    batch_unit: Literal["centers", "texts"]
    contexts_per_part: int | None = (
        None  # a window with more takes a step for each part of that many contexts
    )
    predicts_contexts: bool = False  # the center predicts its contexts; else contexts predict the center
    predicts_together: bool = False  # all contexts of a window make one prediction
    shuffles: bool = False  # batches take the centers of a stretch in random order


class TorchEngine:
    """Trains a model batch by batch.

    Plain SGD on the CPU runs in as many threads as there are, which share the model without locks; other optimizers,
    which remember what they did, run in one thread, and PyTorch's operations use the others.

    Args:
        built: the model, on any device.
        draws: where windows and negatives come from.
        steps: batches, and the optimizer that moves the model's parameters.
        device: where the arithmetic is done; the model is moved there.
        threads: on the CPU; PyTorch's own setting, for the whole process, is changed to fit.

    Raises:
        EngineError: the optimizer cannot move what the model consists of.
    """

    def __init__(self, built: BuiltModel, draws: Draws, steps: Steps, *, device: torch.device, threads: int):
        self._model, self._output_weight = built
        self._model.to(device)
        self._seed = draws.seed
        self._rules = _rules(draws, device)
        self._steps, self._device, self._threads = steps, device, threads
        self._optimizer: torch.optim.Optimizer | None = None
        if steps.optimizer is not torch.optim.SGD:
            self._optimizer = _optimizer_of(self._model, steps.optimizer)

    def compile(self) -> None:
        """There is nothing to compile."""
        if self._device.type == "cpu":
            torch.set_num_threads(max(1, self._threads // self.num_workers(self._threads)))

    def num_workers(self, threads: int) -> int:
        """One for each thread with plain SGD on the CPU (Hogwild), else one."""
        return min(threads, self._threads) if self._optimizer is None and self._device.type == "cpu" else 1

    def worker(self) -> TorchWorker:
        """A worker on the shared model."""
        return TorchWorker(self._model, self._optimizer, self._rules, self._steps, self._seed, self._device)

    def stretches(self, corpus: EncodedCorpus, threads: int) -> Iterator[tuple[int, int]]:
        """Stretches of some batches each; or of just the texts of one."""
        if self._steps.batch_unit == "texts":
            return stretches_of_texts(corpus, self._steps.batch_size)
        if self._steps.shuffles:
            return shuffled_stretches(corpus.num_positions, self._rules[0].window)
        positions = min(BATCHES_PER_STRETCH * self._steps.batch_size, MAX_POSITIONS_OF_BATCHES)
        of_wide_windows = MAX_CONTEXTS_OF_STRETCH // (2 * self._rules[0].window)
        return even_stretches(
            corpus.num_positions, threads, min(positions, max(of_wide_windows, self._steps.batch_size))
        )

    def vectors(self) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Copies of the input and output matrices, each (V, D), as they are now."""
        output = self._output_weight
        return _to_numpy(self._model.input_embedding.weight), None if output is None else _to_numpy(output)

    def position_weights(self) -> NDArray[np.float32] | None:
        """A copy of the vectors of a window's places, (P, D), as they are now, where they are trained."""
        positions = getattr(self._model.architecture, "positions", None)
        return None if positions is None else _to_numpy(positions)

    def state(self) -> dict[str, NDArray[np.generic]]:
        """The model's parameters and the optimizer's state, by name."""
        return pack_state(self._model, self._optimizer)

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from what `state` gave.

        Raises:
            EngineError: the state is that of another model or optimizer.
        """
        unpack_state(state, self._model, self._optimizer)

    def into_vectors(self) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """The input and output matrices, each (V, D)."""
        return self.vectors()


class TorchWorker:
    """Draws the windows of a stretch, and takes a step for each batch of them."""

    def __init__(
        self,
        model: torch.nn.Module,
        optimizer: torch.optim.Optimizer | None,
        rules: tuple[WindowRules, NoiseRules | None],
        steps: Steps,
        seed: int,
        device: torch.device,
    ):
        self._model, self._optimizer = model, optimizer
        self._window_rules, self._noise_rules = rules
        self._steps, self._seed, self._device = steps, seed, device
        self._parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self._halo = Halo(self._window_rules.window)

    def train_stretch(
        self, corpus: EncodedCorpus, epoch: int, start: int, stop: int, learning_rates: tuple[float, float]
    ) -> Pending:
        """Take a step for each batch of the windows whose centers stand in [start, stop)."""
        self._model.train()
        first_rate, last_rate = learning_rates
        tally = _Tally()
        for position, batch in self._batches(corpus, epoch, start, stop):
            rate = first_rate + (last_rate - first_rate) * position / corpus.num_positions
            for part in self._parts(batch):
                tally.add(self._step(part, rate))
        return tally.result(corpus, start, stop)

    def _parts(self, batch: Windows) -> Iterator[Windows]:
        size = self._steps.contexts_per_part
        return iter([batch]) if size is None else in_parts(batch, size)

    def _step(self, batch: Windows, rate: float) -> ExampleLosses:
        """Take a step; the losses are those before it."""
        if self._steps.is_by_hand:
            input_vectors, output_vectors = self._parameters
            return step_by_hand(input_vectors, output_vectors, batch, rate)
        examples: ExampleLosses = self._model(batch)
        self._descend(reduce(examples, self._steps.reduction), rate)
        return ExampleLosses(examples.losses.detach(), examples.num_terms)

    def _descend(self, loss: Tensor, rate: float) -> None:
        if self._optimizer is None:
            gradients = torch.autograd.grad(loss, self._parameters)  # kept nowhere that threads would share
            for parameter, gradient in zip(self._parameters, gradients, strict=True):
                # Not `parameter` itself: other threads may hold it for their own gradients, and PyTorch raises
                # an error where these are computed from numbers that have changed since, as threads without locks do.
                parameter.data.add_(gradient, alpha=-rate)
            return
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        # Adagrad makes sparse tensors, and unless told that they are right, PyTorch warns that it does not check them.
        with torch.sparse.check_sparse_tensor_invariants(enable=False):  # type: ignore[no-untyped-call]
            try:
                self._optimizer.step()
            except RuntimeError as problem:  # such as gradients that it does not take
                raise _unsuited(type(self._optimizer), problem) from problem

    @torch.no_grad()
    def measure_stretch(self, corpus: EncodedCorpus, start: int, stop: int) -> Pending:
        """The loss on [start, stop), with windows and negatives that are the same each time."""
        self._model.eval()
        tally = _Tally()
        for _, batch in self._batches(corpus, HELD_OUT_EPOCH, start, stop):
            tally.add(self._model(batch))
        return tally.result(corpus, start, stop)

    def _batches(
        self, corpus: EncodedCorpus, epoch: int, start: int, stop: int
    ) -> Iterator[tuple[float, Windows]]:
        """The position that each batch begins at, and the batch; shuffled ones follow each other evenly."""
        laid = self._lay_windows(corpus, epoch, start, stop)
        num_windows = len(laid.positions)
        if num_windows == 0:
            return
        is_shuffled = self._steps.shuffles and epoch != HELD_OUT_EPOCH
        if is_shuffled:
            laid = shuffled_windows(laid, stream(self._seed, Purpose.ORDER, epoch))
        size = num_windows if self._steps.batch_unit == "texts" else self._steps.batch_size
        num_batches = -(-num_windows // size)
        cuts = [num_windows * number // num_batches for number in range(num_batches + 1)]
        positions = laid.positions[cuts[:-1]].tolist()
        if is_shuffled:
            positions = [start + (stop - start) * cut / num_windows for cut in cuts[:-1]]
        negatives = self._negatives_of_batches(laid, cuts, stream(self._seed, Purpose.NEGATIVES, epoch))
        for position, (first, last), noise in zip(positions, pairwise(cuts), negatives, strict=True):
            windows = LaidWindows(*(part[first:last] for part in laid))
            yield position, Windows(*windows[1:], noise)

    def _negatives_of_batches(
        self, laid: LaidWindows, cuts: list[int], negatives_stream: np.uint64
    ) -> Iterator[Tensor | None]:
        """The noise words of each batch, drawn for many batches at once: each draw waits for the device."""
        batches_per_draw = self._batches_per_draw(cuts[1] - cuts[0], laid.contexts.shape[1])
        for number in range(0, len(cuts) - 1, batches_per_draw):
            cuts_of_draw = cuts[number : number + batches_per_draw + 1]
            start, stop = cuts_of_draw[0], cuts_of_draw[-1]
            drawn = self._draw_negatives(LaidWindows(*(part[start:stop] for part in laid)), negatives_stream)
            for first, last in pairwise(cuts_of_draw):
                if drawn is None or drawn.dim() == 1:  # none, or (K,) for the batch as a whole
                    yield drawn
                else:
                    yield drawn[first - start : last - start]

    def _batches_per_draw(self, windows_per_batch: int, num_contexts: int) -> int:
        noise = self._noise_rules
        if noise is None or noise.sharing == "batch":
            return 1
        is_of_pairs = noise.sharing == "pair" and not self._steps.predicts_together
        words_per_window = noise.num_negatives * (num_contexts if is_of_pairs else 1)
        return max(1, MAX_NOISE_WORDS_PER_DRAW // (windows_per_batch * words_per_window))

    def _draw_negatives(self, windows: LaidWindows, negatives_stream: np.uint64) -> Tensor | None:
        noise = self._noise_rules
        if noise is None:
            return None
        targets, is_pair = windows.centers[:, None], windows.is_context
        if self._steps.predicts_contexts:
            targets = windows.contexts
        num_slots = 2 * self._window_rules.window
        if self._steps.predicts_together:
            is_pair, num_slots = torch.ones_like(targets, dtype=torch.bool), 1
        return draw_negatives(windows.positions, targets, is_pair, noise, negatives_stream, num_slots)

    def _lay_windows(self, corpus: EncodedCorpus, epoch: int, start: int, stop: int) -> LaidWindows:
        def attempt() -> LaidWindows | None:
            span = self._halo.around(start, stop, corpus.num_positions)
            return lay_windows(
                torch.tensor(corpus.read(span.first, span.end), dtype=torch.int64, device=self._device),
                span.first,
                start - span.first,
                stop - span.first,
                span.is_whole,
                self._window_rules,
                stream(self._seed, Purpose.WINDOWS, epoch),
                stream(self._seed, Purpose.CONTEXTS, epoch),
            )

        return self._halo.widened_until(attempt)


class _Tally:
    """The losses of a stretch's batches, added up when their sum is asked for, so that no batch waits for a number."""

    def __init__(self) -> None:
        self._examples: list[ExampleLosses] = []

    def add(self, examples: ExampleLosses) -> None:
        self._examples.append(examples)

    def result(self, corpus: EncodedCorpus, start: int, stop: int) -> Pending:
        words = int(np.count_nonzero(corpus.read(start, stop) >= 0))

        def finished() -> LossSum:
            if not self._examples:
                return LossSum(words)
            losses, num_terms = (torch.cat(parts).cpu() for parts in zip(*self._examples, strict=True))
            return LossSum(words, int(num_terms.sum()), float(losses.double().sum()))

        return finished


def _optimizer_of(model: torch.nn.Module, kind: type[torch.optim.Optimizer]) -> torch.optim.Optimizer:
    try:
        return kind(model.parameters(), lr=1.0)  # type: ignore[call-arg]
    except ValueError as problem:  # such as parameters that are not matrices
        raise _unsuited(kind, problem) from problem


def _unsuited(optimizer: type[torch.optim.Optimizer], problem: Exception) -> EngineError:
    return EngineError(
        f"the optimizer {optimizer.__name__} cannot train this model ({problem}); use another, such as adam"
    )


def _rules(draws: Draws, device: torch.device) -> tuple[WindowRules, NoiseRules | None]:
    """The draws as the kernels take them, on the device."""
    windows = WindowRules(
        keep=torch.tensor(draws.keep, device=device),
        window=draws.window,
        is_fixed=draws.is_fixed,
        is_full=draws.is_full,
        thins_text=draws.thins_text,
    )
    if draws.noise is None:
        return windows, None
    return windows, NoiseRules(
        alias_keep=torch.tensor(draws.noise.keep, device=device),
        alias=torch.tensor(draws.noise.alias, dtype=torch.int64, device=device),
        num_negatives=draws.negatives,
        sharing=draws.sharing,
        avoids_all_targets=draws.avoids_all_targets,
    )


def _to_numpy(weight: Tensor) -> NDArray[np.float32]:
    return weight.detach().cpu().numpy().copy()
