"""SIMD: explicit vector instructions in numba, which kernels are written with."""

FLOATS_PER_CACHE_LINE = 16  # also the widest vector
