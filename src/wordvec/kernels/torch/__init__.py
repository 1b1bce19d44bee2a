"""Tensor kernels: draws of windows and negatives in vectorised PyTorch, on any device; equal to the CPU kernels'."""
