"""Guided: a reader under libFuzzer, which follows the lines that a file reaches; by hand, with `pip install atheris`.

    python -m torture.guided glove -max_total_time=300

What follows the reader's name is for libFuzzer. It stops at a finding, and says where the file is.
"""

from __future__ import annotations

import random
import sys
import tempfile
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["wordvec"]):
    from torture.reading import outcome_of, put
    from torture.samples import READERS, Sample, sample

NUM_SAMPLES = 30


def main() -> None:
    """Fuzz until there is a finding, or no more time."""
    reader = sys.argv[1] if len(sys.argv) > 1 else ""
    if reader not in READERS:
        sys.exit(f"say which reader: {', '.join(READERS)}")
    warnings.simplefilter("ignore")
    chance = random.Random(1)
    samples = [sample(reader, chance) for _ in range(NUM_SAMPLES)]
    with tempfile.TemporaryDirectory() as folder:
        place, seeds = Path(folder, "case"), Path(folder, "seeds")
        seeds.mkdir()
        for number, content in enumerate(samples):
            for name, file in content.items():
                (seeds / f"{number}{name}").write_bytes(_choice(content, name) + file)

        def one(data: bytes) -> None:
            put(_chosen(samples[0], data), place)
            outcome = outcome_of(reader, place, Path(folder))
            if outcome not in ("accepted", "refused"):
                raise AssertionError(outcome)

        atheris.Setup([sys.argv[0], *sys.argv[2:], str(seeds)], one)
        atheris.Fuzz()


def _choice(content: Sample, name: str) -> bytes:
    """The first byte of a case: which file of a folder the rest is."""
    return bytes([sorted(content).index(name)]) if len(content) > 1 else b""


def _chosen(whole: Sample, data: bytes) -> Sample:
    """A good sample, with one file replaced."""
    if len(whole) == 1:
        return {"": data}
    names = sorted(whole)
    return {**whole, names[data[0] % len(names) if data else 0]: data[1:]}


if __name__ == "__main__":
    main()
