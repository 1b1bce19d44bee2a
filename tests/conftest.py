"""One thread for each operation of PyTorch: threads that share small matrices mostly wait for each other."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when PyTorch is imported, later
