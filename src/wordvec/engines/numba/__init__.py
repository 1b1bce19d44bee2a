"""The numba engine: compiled SIMD kernels on the CPU."""
