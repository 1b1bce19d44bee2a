"""Kernels: one training step, first as plain NumPy that can be read, then as compiled SIMD code."""
