"""Check resources: raise an error for a run that lacks memory or disk, before it costs any time.

Only what cannot fit is an error: where the system does not report what is free, or where it is close, the run may try.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from wordvec.config import Config
from wordvec.corpus.sources import Source
from wordvec.corpus.tokenizers import Tokenizer
from wordvec.engines.engine import EngineSpec
from wordvec.errors import ResourceError
from wordvec.planning.available import disk_number, free_disk, free_memory
from wordvec.planning.counted_sample import count_sample, expect
from wordvec.planning.request import TrainingRequest
from wordvec.planning.required import TrainingMemory, checkpoint_bytes, model_bytes, training_memory
from wordvec.text import size

__all__ = [
    "check_disk",
    "check_memory",
    "check_room_for_text",
    "check_temporary_disk",
    "min_vocabulary",
]

ID_BYTES = 4
SAMPLE_BYTES = 2**20
SURE_OF_MEMORY = 0.8  # of what is computed, this much is needed for sure
SURE_OF_SAMPLE = 0.75  # and of what is estimated from the first megabyte
SURE_OF_VOCABULARY = 0.5
MAX_ID_BYTES = 40  # for a byte of the source: compressed to a tenth, and each letter a word


def check_memory(
    config: Config,
    engine: EngineSpec,
    num_words: int,
    *,
    writes_checkpoints: bool,
    is_asked: bool,
    replicas: int = 1,
) -> None:
    """Check that the free memory can hold what training needs.

    Args:
        config: the settings.
        engine: that will train.
        num_words: of the vocabulary.
        writes_checkpoints: whether it does.
        is_asked: whether its vectors are asked for neighbors or scores after each epoch.
        replicas: of the matrices, where several ranks train.

    Raises:
        ResourceError: there is too little memory; the message says what to lower.
    """
    need = training_memory(
        config, engine, num_words, writes_checkpoints=writes_checkpoints, is_asked=is_asked
    )
    need = need._replace(matrices=need.matrices * replicas)
    free_on_device = engine.free_device_memory(config)
    if free_on_device is not None:
        on_device = need._replace(kept=0, copies=0)
        if SURE_OF_MEMORY * on_device.peak > free_on_device:
            raise ResourceError(
                _too_large(config, num_words, on_device, f"{size(free_on_device)} of the GPU")
            )
        need = need._replace(matrices=0, batches=0)
    free = free_memory()
    if free is not None and SURE_OF_MEMORY * need.peak > free:
        raise ResourceError(_too_large(config, num_words, need, size(free)))


def _too_large(config: Config, num_words: int, need: TrainingMemory, free: str) -> str:
    parts = {"to train": need.matrices, "for a batch": need.batches, "for copies": need.copies}
    named = ", ".join(f"{size(part)} {name}" for name, part in parts.items() if part)
    remedies = [
        f"lower dim (now {config.dim})",
        f"keep fewer words: raise min_count (now {config.min_count}) or set max_vocab (now {config.max_vocab})",
    ]
    if config.keeps_best:
        remedies.append("leave out keep='best' and patience, which keep a second model")
    if need.batches > max(need.matrices, need.copies):
        remedies.append("lower batch_size")
    if need.copies:
        remedies.append("write no checkpoints (checkpoint_every='never'), as they are written from copies")
    return (
        f"not enough memory: training {num_words:,} words x {config.dim} needs about {size(need.peak)} ({named}), "
        f"{free} are free; {', or '.join(remedies)}"
    )


def check_room_for_text(request: TrainingRequest) -> None:
    """Check that the disk can hold the encoded text of a run, and the copy by which it is shuffled.

    Raises:
        ResourceError: the disk is too small.
        CorpusError: the text cannot be read.
    """
    check_temporary_disk(
        request.text,
        request.tokenizer,
        request.temporary_folder,
        request.validation_source,
        shuffles=request.shuffles_texts,
    )


def check_temporary_disk(
    source: Source,
    tokenizer: str | Tokenizer,
    folder: str | Path | None,
    validation_source: Source | None = None,
    *,
    shuffles: bool = False,
) -> None:
    """Check that the disk can hold the encoded corpus, 4 bytes a word, as the first megabyte of the text predicts it.

    Args:
        source: the text; where only reading tells its size, nothing is checked.
        tokenizer: that will be used.
        folder: where the encoded corpus will be; None for the system's place for temporary files.
        validation_source: text to validate on, which is encoded, too.
        shuffles: whether the text to train on is put in random order, by way of a copy.

    Raises:
        ResourceError: the disk is too small.
        CorpusError: the text cannot be read.
    """
    path = Path(folder or tempfile.gettempdir())
    free = free_disk(path)
    sources = [source] if validation_source is None else [source, validation_source]
    sizes = [one.num_bytes for one in sources]
    has_weights = any(one.weight is not None for one in sources)
    copies = [2 if shuffles else 1, 1]
    most = MAX_ID_BYTES * sum(times * (size or 0) for times, size in zip(copies, sizes, strict=False))
    if free is None or (not has_weights and most <= free):
        return
    name = "whitespace" if callable(tokenizer) else tokenizer  # a function may not bear to be called twice
    samples = [count_sample(one, name, sample_bytes=SAMPLE_BYTES, threads=1) for one in sources]
    needed = sum(
        times * ID_BYTES * sample.num_positions * sample.times
        for times, sample in zip(copies, samples, strict=False)
        if sample is not None
    )
    if SURE_OF_SAMPLE * needed > free:
        twice = ", and as much again to shuffle it" if shuffles else ""
        keep_order = (
            ", or leave it in its order with --no-shuffle-texts (shuffle_texts=False)" if shuffles else ""
        )
        raise ResourceError(
            f"the encoded text needs about {size(needed)} in {path} (4 bytes a word{twice}), and {size(free)} are "
            "free; choose another folder with --temporary-folder (in Python: temporary_folder=...), or free some space"
            f"{keep_order}"
        )


def min_vocabulary(
    source: Source,
    tokenizer: str | Tokenizer,
    config: Config,
    keep_words: Sequence[str] = (),
) -> int:
    """How many words the vocabulary has at least, by the first megabyte of the text; 0 if that says nothing.

    Raises:
        CorpusError: the text cannot be read.
    """
    name = "whitespace" if callable(tokenizer) else tokenizer
    sample = count_sample(source, name, sample_bytes=SAMPLE_BYTES, threads=1)
    if sample is None or set(sample.words) <= {config.unknown_word}:
        return len(keep_words)
    expected = expect(sample, config, keep_words)
    return expected.vocabulary if sample.is_whole else round(SURE_OF_VOCABULARY * expected.vocabulary)


def check_disk(
    config: Config,
    engine: EngineSpec,
    num_words: int,
    *,
    checkpoint: Path | None,
    output: Path | None = None,
) -> None:
    """Check that the disk can hold the model and a checkpoint.

    Args:
        config: the settings.
        engine: that will train.
        num_words: of the vocabulary, at least.
        checkpoint: where checkpoints go.
        output: where the model goes, which is there beside the last checkpoint.

    Raises:
        ResourceError: the disk is too small; the message says what to lower.
    """
    needed: dict[int | None, list[tuple[Path, int]]] = {}
    if checkpoint is not None:
        there = _bytes_below(checkpoint)  # of an older one, which the next one replaces
        needed.setdefault(disk_number(checkpoint), []).append(
            (checkpoint, max(0, checkpoint_bytes(config, engine, num_words) - there))
        )
    if output is not None:
        needed.setdefault(disk_number(output), []).append((output, model_bytes(config, num_words, output)))
    for files in needed.values():
        all_bytes, free = sum(num_bytes for _, num_bytes in files), free_disk(files[0][0])
        if free is not None and all_bytes > free:
            named = " and ".join(f"{path} ({size(num_bytes)})" for path, num_bytes in files)
            raise ResourceError(
                f"not enough disk for {named}: {num_words:,} words x {config.dim} need {size(all_bytes)}, "
                f"{size(free)} are free; choose another disk, free some space, lower dim (now {config.dim}), or keep "
                f"fewer words: raise min_count (now {config.min_count}) or set max_vocab (now {config.max_vocab})"
            )


def _bytes_below(folder: Path) -> int:
    try:
        return sum(file.stat().st_size for file in folder.iterdir())
    except OSError:  # there is none
        return 0
