"""Devices that tests compute on: the CPU, and an NVIDIA GPU where PyTorch finds one."""

from __future__ import annotations

import pytest
import torch

__all__ = ["DEVICES", "EACH_DEVICE", "WITHOUT_VALUES"]

DEVICES = [torch.device("cpu"), *([torch.device("cuda")] if torch.cuda.is_available() else [])]
EACH_DEVICE = pytest.mark.parametrize("device", DEVICES, ids=str)

# Its tensors have shapes but no values. It stands in for a GPU: PyTorch raises an error where Python asks for a value,
# and where a tensor of the CPU gets into a computation.
WITHOUT_VALUES = torch.device("meta")
