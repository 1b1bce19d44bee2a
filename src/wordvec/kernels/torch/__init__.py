"""Tensor kernels: draws of windows and negatives in vectorized PyTorch, on any device; equal to the CPU kernels'."""
