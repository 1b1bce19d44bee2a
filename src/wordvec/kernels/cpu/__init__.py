"""CPU kernels: windows and negatives, the register tile, the update of a window, and what trains with it."""
