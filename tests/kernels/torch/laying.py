"""Windows of a list of ids, as lists that can be compared: laid by tensors, and by the CPU kernel."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from wordvec.kernels.cpu import windows as cpu
from wordvec.kernels.torch.windows import LaidWindows, WindowRules, lay_windows

STREAM, CONTEXT_STREAM = np.uint64(5), np.uint64(2**63 + 9)


class Window(NamedTuple):
    position: int  # of the center in the corpus
    center: int
    contexts: list[int]  # from left to right


class Stretch(NamedTuple):
    """Part of a corpus: the centers' part with a halo on each side, where there is so much."""

    ids: NDArray[np.int32]
    first_position: int
    start: int
    stop: int
    is_whole: tuple[bool, bool]


def whole(ids: ArrayLike) -> Stretch:
    array = np.asarray(ids, np.int32)
    return Stretch(array, 0, 0, len(array), (True, True))


def stretch_of(ids: NDArray[np.int32], start: int, stop: int, halo: int) -> Stretch:
    first, end = max(0, start - halo), min(len(ids), stop + halo)
    return Stretch(ids[first:end], first, start - first, stop - first, (first == 0, end == len(ids)))


def rules(
    window: int = 3,
    keep: NDArray[np.float32] | None = None,
    *,
    is_fixed: bool = False,
    is_full: bool = False,
    thins_text: bool = True,
    device: torch.device | None = None,
) -> WindowRules:
    """Rules on a device, on which windows are then laid."""
    keep = np.ones(50, np.float32) if keep is None else keep
    return WindowRules(torch.tensor(keep, device=device), window, is_fixed, is_full, thins_text)


def laid(
    stretch: Stretch,
    rules: WindowRules,
    stream: np.uint64 = STREAM,
    context_stream: np.uint64 = CONTEXT_STREAM,
) -> LaidWindows | None:
    ids = torch.tensor(stretch.ids, dtype=torch.int64, device=rules.keep.device)
    return lay_windows(ids, *stretch[1:], rules, stream, context_stream)


def by_tensors(stretch: Stretch, rules: WindowRules, stream: np.uint64 = STREAM) -> list[Window] | None:
    windows = laid(stretch, rules, stream)
    return None if windows is None else as_lists(windows)


def as_lists(windows: LaidWindows) -> list[Window]:
    return [
        Window(int(position), int(center), contexts[is_context].tolist())
        for position, center, contexts, is_context in zip(*windows, strict=True)
    ]


def by_kernel(stretch: Stretch, rules: WindowRules, stream: np.uint64 = STREAM) -> list[Window] | None:
    """The windows that have a context, which are all that tensors are made of."""
    found = cpu.empty_windows(len(stretch.ids), 0)
    part = (stretch.start, stretch.stop)
    cpu_rules = cpu.WindowRules(rules.keep.cpu().numpy(), rules.window, rules.is_fixed)
    first, end = cpu.lay_windows(
        stretch.ids, stretch.first_position, part, stretch.is_whole, cpu_rules, stream, found
    )
    if first < 0:
        return None
    windows = [
        Window(
            int(found.positions[place]),
            int(found.words[place]),
            found.words[
                [other for other in range(found.first[place], found.last[place] + 1) if other != place]
            ].tolist(),
        )
        for place in range(first, end)
    ]
    return [window for window in windows if window.contexts]
