"""Required resources: the memory and the disk that a run takes, from its settings and the size of its vocabulary."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from wordvec.config import Config
from wordvec.engines.engine import EngineSpec
from wordvec.formats.detect import format_of
from wordvec.vocabulary.subwords import SubwordRules

__all__ = ["TrainingMemory", "checkpoint_bytes", "model_bytes", "process_memory", "training_memory"]

# V words, D dimensions
FLOAT_BYTES = 4

# Measured on Linux with Python 3.11, as the peak of the resident memory (docs/decisions/0011-estimates.md):
MEGABYTE = 10**6
READING_BYTES = 150 * MEGABYTE  # Python, pyarrow, and what they work with
READING_BYTES_PER_THREAD = 28 * MEGABYTE  # blocks of text, as text and as numbers
BYTES_PER_DISTINCT_WORD = 175  # while the text is counted: the word, its id, its count, its dictionary entry
BYTES_PER_WORD = 250  # of the vocabulary, beside its vectors: as before, and what is drawn for it
BYTES_PER_WORD_LEFT_OUT = 65  # what counting leaves in pieces too small to give back

BYTES_PER_SAVED_WORD = 16  # in vocabulary.parquet, and before each vector in word2vec's files
DIGITS_BYTES = 12  # of a number in a text file


class TrainingMemory(NamedTuple):
    """What training asks the system for, in bytes."""

    matrices: int  # as the engine holds them, with what its optimizer remembers and gradients that fill them
    batches: int  # what is looked up at a time, in all threads
    kept: int  # copies that are there while batches are at work: the best epoch, a checkpoint being written
    copies: int  # all copies, at the moment when there are most; no batch is at work then

    @property
    def peak(self) -> int:
        """At one moment."""
        return self.matrices + max(self.batches + self.kept, self.copies)


def training_memory(
    config: Config, engine: EngineSpec, num_words: int, *, writes_checkpoints: bool, is_asked: bool
) -> TrainingMemory:
    """What training asks for beside what is in use when the text has been read.

    Args:
        config: the settings.
        engine: that trains.
        num_words: of the vocabulary.
        writes_checkpoints: whether it does.
        is_asked: whether its vectors are asked for neighbors or scores after each epoch.

    >>> from wordvec.engines.choose import choose_engine
    >>> numba = choose_engine(Config())
    >>> memory = training_memory(Config(dim=100), numba, 10_000, writes_checkpoints=True, is_asked=False)
    >>> memory  # two matrices, with rows of 112; two to save as vectors, two to go on from
    TrainingMemory(matrices=8960000, batches=0, kept=16000000, copies=16000000)
    """
    matrix = FLOAT_BYTES * num_words * config.dim
    vectors = FLOAT_BYTES * config.dim * _num_saved_rows(config, num_words)
    held = engine.memory(config, num_words)
    at_the_end = vectors if held.copies_vectors else 0
    moments = [0]  # of an epoch's end
    if config.keeps_best:
        moments.append(vectors)  # a better epoch, while the best before is still kept
    if is_asked:
        moments.append(vectors + matrix)  # these, and the input vectors at length 1
    best = config.keeps_best * vectors
    being_written = writes_checkpoints * (held.state if config.keeps_best else held.state + vectors)
    copies = best + max(at_the_end, being_written + max(moments))
    return TrainingMemory(held.matrices, held.batches, best + being_written, copies)


def process_memory(
    config: Config, engine: EngineSpec, num_distinct_words: int, num_words: int, training: TrainingMemory
) -> int:
    """The most memory that the process uses at a time, in reading or in training.

    How near that is to what was measured: docs/decisions/0011-estimates.md.
    """
    reading = READING_BYTES + READING_BYTES_PER_THREAD * config.num_threads
    reading += BYTES_PER_DISTINCT_WORD * num_distinct_words + engine.library_bytes_while_reading
    left = BYTES_PER_WORD * num_words + BYTES_PER_WORD_LEFT_OUT * max(0, num_distinct_words - num_words)
    return max(reading, engine.library_bytes + left + training.peak)


def model_bytes(config: Config, num_words: int, path: Path | None = None) -> int:
    """What the vectors take on the disk, in the format that the path's ending means.

    >>> model_bytes(Config(dim=100), 1000), model_bytes(Config(dim=100), 1000, Path("vectors.bin"))
    (816000, 416000)
    """
    kind = "native" if path is None else format_of(path)
    numbers = num_words * config.dim
    if kind == "native":
        rows = _num_saved_rows(config, num_words)
        return FLOAT_BYTES * config.dim * rows + BYTES_PER_SAVED_WORD * num_words
    number_bytes = FLOAT_BYTES if kind == "word2vec-binary" else DIGITS_BYTES
    return number_bytes * numbers + BYTES_PER_SAVED_WORD * num_words


def checkpoint_bytes(config: Config, engine: EngineSpec, num_words: int) -> int:
    """What a checkpoint takes on the disk: a model, and all that training changes and is not in that.

    >>> from wordvec.engines.choose import choose_engine
    >>> numba = choose_engine(Config())
    >>> (
    ...     checkpoint_bytes(Config(dim=100), numba, 1000),
    ...     checkpoint_bytes(Config(dim=100, keep="best"), numba, 1000),
    ... )
    (816000, 1616000)
    """
    held = engine.memory(config, num_words)
    is_in_the_model = held.state_has_vectors and not config.keeps_best
    matrices = FLOAT_BYTES * config.dim * _num_saved_rows(config, num_words)
    return model_bytes(config, num_words) + held.state - is_in_the_model * matrices


def _num_saved_rows(config: Config, num_words: int) -> int:
    """Rows of the matrices of a model; the tree of hierarchical softmax has no row for each word."""
    rules = SubwordRules.of(config)
    inputs = rules.expected_rows(num_words) if rules else num_words
    return inputs + num_words * (config.objective != "hierarchical")
