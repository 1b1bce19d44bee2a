"""Ranks: a simulated run is repeatable, equals torchrun's to the byte, and resumes with any number of ranks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.pipeline.texts import SMALL, epochs_of, ring_texts

import wordvec
from wordvec.errors import ConfigError, EngineError
from wordvec.training.progress import TrainingProgress

TEXTS = ring_texts(200)
ROUNDS = {**SMALL, "sync_every": 100}


def trained(ranks: int | None = 3, **settings: Any) -> wordvec.WordVectors:
    return wordvec.train(TEXTS, simulate_ranks=ranks, **{**ROUNDS, **settings})


def same(one: wordvec.WordVectors, other: wordvec.WordVectors) -> bool:
    outputs = one.output_matrix, other.output_matrix
    return bool(np.array_equal(one.matrix, other.matrix) and np.array_equal(*outputs))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"sync_overlap": True, "sync_rows": "all"},
        {"combine": "momentum"},
        {"architecture": "cbow", "objective": "negative+hierarchical", "position_weights": True},
        {"max_n": 3, "min_n": 2, "buckets": 500},
        {"deterministic": True},
    ],
)
def test_the_same_seed_and_ranks_give_the_same_bytes_on_any_number_of_threads(
    settings: dict[str, Any],
) -> None:
    assert same(trained(**settings), trained(**{**settings, "threads": 2}))


def test_one_rank_learns_what_a_run_without_ranks_does() -> None:
    one = trained(ranks=1)
    alone = wordvec.train(TEXTS, **SMALL, shuffle_texts=False)
    np.testing.assert_allclose(one.matrix, alone.matrix, rtol=1e-3, atol=1e-4)


def test_ranks_take_texts_in_their_order_where_nobody_says() -> None:
    config = trained().config
    assert config is not None
    assert config["shuffle_texts"] is False
    assert same(trained(), trained(shuffle_texts=False))
    assert not same(trained(), trained(shuffle_texts=True))


def test_more_ranks_are_another_run_that_learns_the_same() -> None:
    losses = [epochs_of(trained(ranks).training)[-1]["epoch_loss"] for ranks in (1, 2, 5)]
    assert len(set(losses)) == 3
    assert max(losses) < min(losses) + 0.05


def test_reports_count_all_ranks_together() -> None:
    reports: list[TrainingProgress] = []
    vectors = wordvec.train(
        TEXTS,
        simulate_ranks=4,
        **ROUNDS,
        validation=0.1,
        on_progress=lambda record: reports.append(record) if isinstance(record, TrainingProgress) else None,
    )
    end = vectors.training[-1]
    assert end["words_trained"] == 4 * end["words"]  # epochs
    assert all(epoch["validation_loss"] > 0 for epoch in epochs_of(vectors.training))
    last = reports[-1].ranks
    assert last is not None
    assert (last.ranks, end["ranks"]["ranks"], last.slowest_lag >= 1) == (4, 4, True)
    # Each of 4 ranks sends its rows to three owners, and three times the rows that it owns, 2 matrices in D dimensions.
    rows = -(-len(vectors) // 4)
    of_rows = 2 * 3 * rows * vectors.dim * 4 * 2
    of_curvatures = 2 * 3 * -(-2 * vectors.dim**2 // 4) * 8
    assert last.bytes_sent == last.rounds * (of_rows + of_curvatures)
    assert vectors.config is not None
    assert vectors.config["simulate_ranks"] == 4


def test_an_epoch_begins_and_ends_at_the_learning_rate_of_one_machine() -> None:
    rates = [epoch["learning_rate"] for epoch in epochs_of(trained().training)]
    alone = [epoch["learning_rate"] for epoch in epochs_of(wordvec.train(TEXTS, **SMALL).training)]
    assert rates == pytest.approx(alone)


class Stop:
    """Ends a run by Ctrl-C after so many reports of training."""

    def __init__(self, after: int):
        self.left = after

    def __call__(self, record: object) -> None:
        if isinstance(record, TrainingProgress):
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt


@pytest.mark.parametrize("combine", ["by-curvature", "momentum"])
@pytest.mark.parametrize("after", [1, 2])
def test_a_run_resumes_to_the_vectors_that_it_would_have_had(
    after: int, combine: str, tmp_path: Path
) -> None:
    path = tmp_path / "run.wv"
    stopped = trained(combine=combine, checkpoint=path, on_progress=Stop(after))
    assert stopped.training[-1]["event"] == "interrupted"
    assert same(wordvec.resume(path, TEXTS), trained(combine=combine))


@pytest.mark.parametrize("ranks", [1, 2, 6])
def test_a_run_resumes_with_another_number_of_ranks(ranks: int, tmp_path: Path) -> None:
    path = tmp_path / "run.wv"
    trained(checkpoint=path, on_progress=Stop(2))
    resumed = wordvec.resume(path, TEXTS, simulate_ranks=ranks)
    assert resumed.training[-1]["words_trained"] == 4 * resumed.training[-1]["words"]
    assert (
        epochs_of(resumed.training)[-1]["epoch_loss"] < epochs_of(trained().training)[-1]["epoch_loss"] + 0.05
    )


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"optimizer": "adam"}, "optimizer='adam' on several ranks"),
        ({"batch_size": 64}, "batch_size=64 on several ranks"),
        ({"engine": "torch"}, "the torch engine cannot train with several ranks"),
    ],
)
def test_what_cannot_be_shared_out_is_refused_by_name(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(EngineError, match=named):
        trained(**settings)


def test_settings_of_ranks_mean_nothing_without_ranks() -> None:
    with pytest.raises(ConfigError, match="sync_every has no meaning with one rank"):
        wordvec.train(TEXTS, **ROUNDS)


@pytest.mark.parametrize("ranks", [0, -1, 1.5, 5000])
def test_an_impossible_number_of_ranks_is_refused(ranks: Any) -> None:
    with pytest.raises(ConfigError, match="simulate_ranks must be"):
        trained(ranks)


def launch(folder: Path, ranks: int, *arguments: str, limit: float = 500) -> subprocess.CompletedProcess[str]:
    """Run `wordvec` under torchrun, with as many processes as there are ranks."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={ranks}"]
    return subprocess.run(  # noqa: S603
        [*command, "-m", "wordvec", *arguments],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=limit,
        check=False,
    )


def flags(settings: dict[str, Any]) -> list[str]:
    return [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]


@pytest.mark.slow
def test_processes_under_torchrun_read_their_shares_and_learn_what_a_simulation_does(tmp_path: Path) -> None:
    write_corpus(tmp_path, TEXTS)
    settings = {**ROUNDS, "validation": 0.1}
    for output in ("model.wv", "again.wv"):
        done = launch(tmp_path, 3, "train", "corpus.txt", "-o", output, *flags(settings))
        assert done.returncode == 0, done.stderr
        assert done.stderr.count(f"saved to {output}") == 1
    found = wordvec.load(tmp_path / "model.wv")
    assert same(found, wordvec.load(tmp_path / "again.wv"))
    assert found.config is not None
    assert found.config["ranks"] == 3
    simulated = wordvec.train(tmp_path / "corpus.txt", simulate_ranks=3, **settings)
    assert found.words == simulated.words
    for name in ("words", "words_trained"):
        assert found.training[-1][name] == simulated.training[-1][name]
    for name in ("epoch_loss", "validation_loss"):
        assert epochs_of(found.training)[-1][name] == pytest.approx(
            epochs_of(simulated.training)[-1][name], abs=0.03
        )


@pytest.mark.slow
def test_ranks_go_on_with_the_random_order_of_a_run_on_one_machine(tmp_path: Path) -> None:
    write_corpus(tmp_path, TEXTS)
    settings = {**SMALL, "epochs": 30}
    with pytest.raises(Lost):
        wordvec.train(
            tmp_path / "corpus.txt",
            checkpoint=tmp_path / "model.wv.checkpoint",
            on_progress=lose_after_2_epochs,
            **settings,
        )
    resumed = launch(tmp_path, 2, "resume", "model.wv")
    assert resumed.returncode == 0, resumed.stderr
    found = wordvec.load(tmp_path / "model.wv")
    assert found.config is not None
    assert (found.config["ranks"], found.config["shuffle_texts"]) == (2, True)
    assert found.training[-1]["words_trained"] == 30 * found.training[-1]["words"]


class Lost(Exception):  # noqa: N818
    """What ends a run in the middle."""


def lose_after_2_epochs(progress: object) -> None:
    if isinstance(progress, TrainingProgress) and progress.is_epoch_end and progress.epoch == 2:
        raise Lost


@pytest.mark.slow
def test_ranks_that_are_given_different_texts_are_refused_by_name(tmp_path: Path) -> None:
    for rank in range(2):
        (tmp_path / f"{rank}.txt").write_text("a b c\n" * 50)
    script = tmp_path / "script.py"
    script.write_text(
        "import os, wordvec\nwordvec.train(os.environ['RANK'] + '.txt', dim=5, min_count=1, threads=1)\n"
    )
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node=2",
        str(script),
    ]
    done = subprocess.run(  # noqa: S603
        command, cwd=tmp_path, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode != 0
    assert "rank 1 has source=" in done.stderr


def write_corpus(folder: Path, texts: list[list[str]]) -> None:
    (folder / "corpus.txt").write_text("\n".join(" ".join(text) for text in texts))


def workers_of(launcher: subprocess.Popen[str]) -> list[int]:
    """The processes that a launcher has started."""
    children = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children")
    return [int(pid) for pid in children.read_text().split()]


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


LONG = {**ROUNDS, "epochs": 250}
TWO_RANKS = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
TRAIN = ["-m", "wordvec", "train", "corpus.txt", "-o", "model.wv"]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the ranks in /proc")
def test_a_rank_that_is_killed_is_replaced_and_all_go_on_from_the_checkpoint(tmp_path: Path) -> None:
    write_corpus(tmp_path, TEXTS)
    command = [*TWO_RANKS, "--max-restarts=2", *TRAIN, "--checkpoint-every=1s", *flags(LONG)]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as launcher:  # noqa: S603
        wait_for((tmp_path / "model.wv.checkpoint" / "run.json").exists)
        os.kill(workers_of(launcher)[-1], signal.SIGKILL)
        said = launcher.communicate(timeout=500)[1]
    assert launcher.returncode == 0, said
    assert "a rank was lost; all go on from model.wv.checkpoint" in said
    found = wordvec.load(tmp_path / "model.wv")
    assert found.training[-1]["words_trained"] == LONG["epochs"] * found.training[-1]["words"]
    assert found.training[-1]["words_before"] > 0
    alone = wordvec.train(tmp_path / "corpus.txt", **{**SMALL, "epochs": LONG["epochs"]})
    losses = [epochs_of(vectors.training)[-1]["epoch_loss"] for vectors in (found, alone)]
    assert losses[0] == pytest.approx(losses[1], abs=0.02)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the ranks in /proc")
def test_sigterm_to_one_rank_ends_all_with_a_checkpoint_that_another_number_of_ranks_goes_on_from(
    tmp_path: Path,
) -> None:
    write_corpus(tmp_path, TEXTS)
    command = [*TWO_RANKS, *TRAIN, "--checkpoint-every=2s", *flags(LONG)]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as launcher:  # noqa: S603
        wait_for((tmp_path / "model.wv.checkpoint" / "run.json").exists)
        os.kill(workers_of(launcher)[-1], signal.SIGTERM)
        said = launcher.communicate(timeout=500)[1]
    assert launcher.returncode != 0
    assert "the vectors so far are in model.wv.checkpoint" in said
    assert not (tmp_path / "model.wv").exists()
    resumed = launch(tmp_path, 3, "resume", "model.wv")
    assert resumed.returncode == 0, resumed.stderr
    found = wordvec.load(tmp_path / "model.wv")
    assert found.config is not None
    assert found.config["ranks"] == 3
    assert found.training[-1]["words_trained"] == LONG["epochs"] * found.training[-1]["words"]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the ranks in /proc")
def test_a_machine_that_joins_an_elastic_launch_trains_what_is_left_with_the_others(tmp_path: Path) -> None:
    write_corpus(tmp_path, TEXTS)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    agent = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--nnodes=1:2",
        "--nproc-per-node=1",
        "--rdzv-id=job",
    ]
    agent += ["--rdzv-backend=c10d", f"--rdzv-endpoint=127.0.0.1:{port}", "--rdzv-conf=last_call_timeout=1"]
    agent += ["--local-addr=127.0.0.1", *TRAIN]
    agent += ["--checkpoint-every=1s", *flags({**LONG, "epochs": 800})]
    variables = {**os.environ, "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}  # see docs/machines.md
    with subprocess.Popen(agent, cwd=tmp_path, env=variables, stderr=subprocess.PIPE, text=True) as first:  # noqa: S603
        wait_for((tmp_path / "model.wv.checkpoint" / "run.json").exists)
        with (
            (tmp_path / "second.log").open("w") as log,
            subprocess.Popen(agent, cwd=tmp_path, env=variables, stderr=log) as second,  # noqa: S603
        ):
            said = first.communicate(timeout=500)[1]
    # Only rank 0 speaks, and either machine may come to be it: the launcher orders them by process id.
    said += (tmp_path / "second.log").read_text()
    assert (first.returncode, second.returncode) == (0, 0), said
    assert "ranks have joined or left; all go on from model.wv.checkpoint" in said
    found = wordvec.load(tmp_path / "model.wv")
    assert found.config is not None
    assert found.config["ranks"] == 2
    assert found.training[-1]["words_before"] > 0
    assert found.training[-1]["words_trained"] == 800 * found.training[-1]["words"]
