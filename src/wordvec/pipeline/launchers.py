"""Launchers: train on the workers of a Ray or Spark cluster, whose own launchers start ranks and replace lost ones."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wordvec.config import Config
from wordvec.distributed.group import is_silent_rank
from wordvec.errors import ConfigError, EngineError
from wordvec.formats.checkpoint import is_checkpoint, remove_checkpoint
from wordvec.formats.load import load
from wordvec.packages import imported
from wordvec.pipeline.resume import resume
from wordvec.pipeline.train import train
from wordvec.text import reason_of
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["train_on_ray", "train_on_spark", "train_rank"]

_CHECKPOINT = ".checkpoint"
_HEALTH_CHECK, _SECONDS_TO_ANSWER = "RAY_TRAIN_WORKER_HEALTH_CHECK_TIMEOUT_S", "60"
_OF_THE_DRIVER = ("checkpoint", "simulate_ranks", "on_progress", "progress", "custom_objective", "config")


def train_on_ray(
    source: str | list[str],
    output: str | Path,
    *,
    workers: int | tuple[int, int],
    max_failures: int = 3,
    resources_per_worker: Mapping[str, float] | None = None,
    storage: str | Path | None = None,
    **arguments: Any,
) -> WordVectors:
    """Train on the workers of a Ray cluster, as ranks of one run (Ray Train's `TorchTrainer`).

    A worker that is lost is replaced, and the run goes on from its last checkpoint, which is beside the output; so how
    much is lost depends on `checkpoint_every`. One that does not answer Ray for a minute is lost, too (unless the
    environment has RAY_TRAIN_WORKER_HEALTH_CHECK_TIMEOUT_S, which this sets for the process).

    Args:
        source: paths or URLs of the text, which all workers can read.
        output: where the model is saved, and the checkpoint while it is trained: a folder that all workers can reach.
        workers: how many; with a newer Ray, the fewest and the most, for a cluster that grows and shrinks.
        max_failures: how often workers may be lost before the run ends with an error; -1 for any number.
        resources_per_worker: as Ray has them, such as {"CPU": 16}; a rank has as many threads as CPUs here, unless
            `threads` is given (default: one CPU).
        storage: where Ray keeps its own records of the run (default: Ray's).
        arguments: those of `train`, and settings, by name. They travel to the workers: paths, numbers and names.

    Returns:
        The vectors, as they were saved.

    Raises:
        ConfigError: an argument cannot travel, or an unfinished run is in the way.
        EngineError: the workers failed, more often than `max_failures`; the message says why.
        MissingPackageError: Ray is not installed.

    >>> train_on_ray("corpus.txt", "model.wv", workers=2, progress=True)
    Traceback (most recent call last):
    wordvec.errors.ConfigError: progress cannot be given where workers train; leave it out
    """
    job = _job(source, output, arguments)
    cpus = dict(resources_per_worker or {}).get("CPU", 1)
    job["arguments"].setdefault("threads", max(1, int(cpus)))
    ray = imported("ray.train", "training on a Ray cluster")
    of_torch = imported("ray.train.torch", "training on a Ray cluster")
    trainer = of_torch.TorchTrainer(
        train_rank,
        train_loop_config=job,
        scaling_config=ray.ScalingConfig(
            num_workers=workers, resources_per_worker=dict(resources_per_worker or {"CPU": 1})
        ),
        run_config=ray.RunConfig(
            storage_path=None if storage is None else str(Path(storage).absolute()),
            failure_config=ray.FailureConfig(max_failures=max_failures),
        ),
        torch_config=of_torch.TorchConfig(backend="gloo"),
    )
    # Read when workers are started. Ray's own default is ten minutes, in which all others wait for one that hangs.
    os.environ.setdefault(_HEALTH_CHECK, _SECONDS_TO_ANSWER)
    try:
        trainer.fit()
    except Exception as problem:
        raise _failed("Ray", problem) from problem
    return load(job["output"])


def train_on_spark(
    source: str | list[str],
    output: str | Path,
    *,
    workers: int,
    local: bool = False,
    **arguments: Any,
) -> WordVectors:
    """Train on the executors of a Spark cluster, as ranks of one run (PySpark's `TorchDistributor`).

    There must be a Spark session, whose cluster has that many free slots. When an executor is lost, the run ends with
    an error; call this again with the same arguments and `resume=True`, and it goes on from its last checkpoint.

    Args:
        source: paths or URLs of the text, which all executors can read.
        output: where the model is saved, and the checkpoint while it is trained: a folder that all executors can reach.
        workers: how many.
        local: whether the processes run on the driver's machine, without executors.
        arguments: those of `train`, and settings, by name; `resume=True` to go on with an unfinished run.

    Returns:
        The vectors, as they were saved.

    Raises:
        ConfigError: an argument cannot travel, or an unfinished run is in the way.
        EngineError: the workers failed; the message says why.
        MissingPackageError: PySpark is not installed.

    >>> train_on_spark([["red", "green"]], "model.wv", workers=2)
    Traceback (most recent call last):
    wordvec.errors.ConfigError: source must be a path or a list of paths, which all workers can read, got list
    """
    job = _job(source, output, arguments)
    spark = imported("pyspark.ml.torch.distributor", "training on a Spark cluster")
    distributor = spark.TorchDistributor(num_processes=workers, local_mode=local, use_gpu=False)
    try:
        distributor.run(train_rank, job)
    except Exception as problem:
        raise _failed("Spark", problem) from problem
    return load(job["output"])


def train_rank(job: Mapping[str, Any]) -> None:
    r"""Be one rank of a run: what a launcher starts in each process, after it has set the variables of torchrun.

    The run goes on from its checkpoint, if there is one. Rank 0 saves the vectors, and removes the checkpoint.

    Args:
        job: `source`, `output` and `arguments`, those of `train` by name; plain data.

    Raises:
        WordvecError: see `train`.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     text = Path(folder, "corpus.txt")
    ...     size = text.write_text("red green blue\n" * 20)
    ...     job = {
    ...         "source": str(text),
    ...         "output": f"{folder}/model.wv",
    ...         "arguments": {"dim": 10, "threads": 1},
    ...     }
    ...     train_rank(job)
    ...     load(job["output"]).words
    ['blue', 'green', 'red']
    """
    output = Path(job["output"])
    checkpoint = _checkpoint_of(output)
    if is_checkpoint(checkpoint):
        folder = job["arguments"].get("temporary_folder")
        vectors = resume(checkpoint, temporary_folder=folder, progress=False)
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        vectors = train(job["source"], checkpoint=checkpoint, progress=False, **job["arguments"])
    if vectors.training[-1]["event"] == "interrupted":
        raise EngineError(f"rank {os.environ.get('RANK', 0)} was stopped; its run goes on from {checkpoint}")
    if not is_silent_rank():
        vectors.save(output)
        remove_checkpoint(checkpoint)


def _checkpoint_of(output: Path) -> Path:
    return output.with_name(output.name + _CHECKPOINT)


def _job(source: str | list[str], output: str | Path, arguments: dict[str, Any]) -> dict[str, Any]:
    """What each rank is to do, as plain data with absolute paths; checked before anything is started."""
    goes_on = arguments.pop("resume", False)
    for name in _OF_THE_DRIVER:
        if name in arguments:
            raise ConfigError(f"{name} cannot be given where workers train; leave it out")
    Config(**{name: value for name, value in arguments.items() if name in Config.__dataclass_fields__})
    checkpoint = _checkpoint_of(Path(output))
    if is_checkpoint(checkpoint) and not goes_on:
        raise ConfigError(
            f"{checkpoint} belongs to an unfinished run; give resume=True to go on with it, or remove it to start over"
        )
    paths = [source] if isinstance(source, str) else list(source)
    if not all(isinstance(path, str) for path in paths):
        raise ConfigError(
            f"source must be a path or a list of paths, which all workers can read, got {type(source).__name__}"
        )
    absolute = [path if "://" in path else str(Path(path).expanduser().absolute()) for path in paths]
    return {
        "source": absolute[0] if isinstance(source, str) else absolute,
        "output": str(Path(output).expanduser().absolute()),
        "arguments": arguments,
    }


def _failed(launcher: str, problem: Exception) -> EngineError:
    cause: BaseException = problem
    while (deeper := getattr(cause, "cause", None) or cause.__cause__) is not None and deeper is not cause:
        cause = deeper
    return EngineError(f"the workers of {launcher} failed: {reason_of(cause)}; their logs say more")
