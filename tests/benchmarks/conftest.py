"""benchmarks/ is a folder of scripts beside the package; bare `pytest` does not look there by itself."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
