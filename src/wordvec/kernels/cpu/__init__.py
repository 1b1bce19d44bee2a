"""CPU kernels: explicit SIMD in numba. From below: vector, vector_math, tile; random; then a file per model."""
