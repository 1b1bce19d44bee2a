"""Network: a model of the time that ranks need, checked over slow links, and what it predicts of many machines.

    python -m benchmarks.network                # as root, on Linux

A round takes t = compute + bytes · (1 / bandwidth + handling) + messages · delay; where sending overlaps with the next
round, the larger one of computing and sending. Ranks in network namespaces (`benchmarks.namespaces`) train over links
of several bandwidths and delays; what they take is compared to the model, whose compute time is that of the same ranks
over links without a limit. Predictions take the speed of a core from a page of results, and the cost of handling a byte
from this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from torture.kills import write_corpus

from benchmarks.measured import RESULTS, conditions_of, heading, moment, save
from benchmarks.namespaces import Machines, machines
from benchmarks.page import table
from wordvec.distributed.rounds import rows_combined
from wordvec.distributed.synchronizer import EXACT_ROWS, SAMPLED_ROWS

# V words, D dimensions, N ranks

DIM = 100
SETTINGS = {"dim": DIM, "epochs": 1, "threads": 1, "seed": 3, "sync_every": 10_000, "sync_rows": "all"}
NUM_RANKS = (2, 4)
MEGABITS = (200, 80, 40)
DELAY_SECONDS = 0.02
SECONDS_OF_A_SPEED_TEST = 1.5
MATRICES = 2
PORT = 29_511

TEN_GIGABITS = 10e9 / 8  # bytes a second
DELAY_OF_A_SWITCH = 50e-6  # seconds from one machine to another
CORES = 16
WORDS_PER_CORE = 1.45e6 / 2  # a second at dim 300: benchmarks/results/enwiki100m-1-epoch.md
EFFICIENCY = 0.8  # of 16 cores, beside 16 times one
BIG = {"vocabulary": 1_000_000, "dim": 300}
MACHINES = (2, 4, 8, 16, 32, 64)
WORDS_PER_ROUND = (20_000, 200_000, 1_000_000, 2_000_000, 4_000_000, 16_000_000)
FLOPS_SHARE = 0.5  # of the fastest product of matrices, that products of thin ones reach on all cores


class Network(NamedTuple):
    """What links between ranks do."""

    bytes_per_second: float
    delay_seconds: float = 0.0


class Cost(NamedTuple):
    """What a part of a run costs one rank."""

    compute_seconds: float
    bytes_sent: float
    messages: float  # one after the other, each of which waits for the one before


def seconds_of(cost: Cost, network: Network, *, handling: float = 0.0, overlaps: bool = False) -> float:
    """The model of time.

    Args:
        cost: of a round, or of many.
        network: that bytes go through.
        handling: seconds of a core for each byte sent, where they are not in the time of computing.
        overlaps: sending goes on while the next round is computed.

    >>> seconds_of(Cost(2.0, 1e6, 10), Network(1e6, 0.1))
    4.0
    >>> seconds_of(Cost(2.0, 1e6, 10), Network(1e6, 0.1), overlaps=True)
    2.0
    """
    sending = (
        cost.bytes_sent * (1 / network.bytes_per_second + handling) + cost.messages * network.delay_seconds
    )
    return max(cost.compute_seconds, sending) if overlaps else cost.compute_seconds + sending


def messages_of_round(ranks: int) -> int:
    """Messages of a round, one after the other: to the owners and around the ring, for each matrix; and to agree.

    >>> messages_of_round(2), messages_of_round(8)
    (5, 23)
    """
    return MATRICES * (1 + ranks - 1) + ranks - 1


def bytes_of_curvature(ranks: int, dim: int) -> float:
    """Bytes that a rank sends to add up the curvature of all matrices, (D, D) of float64 each, with all others.

    >>> bytes_of_curvature(8, 300) / 1e6
    2.52
    """
    return 2 * (ranks - 1) / ranks * MATRICES * dim * dim * 8


def mean_rows(vocabulary: int) -> float:
    """Rows of a matrix that are combined after a round of the schedule "frequent", on average over many rounds.

    >>> mean_rows(1_000_000) / 1024  # 1 + half the number of doublings
    5.94...
    """
    rounds = 4096
    found = np.mean([rows_combined("frequent", number, vocabulary) for number in range(1, rounds + 1)])
    return float(found)


def predicted_speed(
    ranks: int, words_per_round: int, *, handling: float, flops_per_second: float, overlaps: bool
) -> float:
    """Words/s of so many machines beside those of one, by the model, with the default rule and schedule.

    Args:
        ranks: one a machine.
        words_per_round: that each trains on.
        handling: seconds for each byte sent.
        flops_per_second: of one core, in products of matrices.
        overlaps: sending goes on while the next round is computed.
    """
    vocabulary, dim = BIG["vocabulary"], BIG["dim"]
    alone = words_per_round / (WORDS_PER_CORE * CORES * EFFICIENCY)
    rows = MATRICES * mean_rows(vocabulary) * dim * 4
    bytes_sent = 2 * (ranks - 1) / ranks * rows + bytes_of_curvature(ranks, dim)
    # Second moments of the rows that a rank owns, of both matrices; rare ones are sampled.
    flops = 2 * MATRICES * min(vocabulary, EXACT_ROWS + SAMPLED_ROWS) / ranks * dim * dim
    curvature = flops / (flops_per_second * CORES * FLOPS_SHARE)
    network = Network(TEN_GIGABITS, DELAY_OF_A_SWITCH)
    cost = Cost(alone, bytes_sent, messages_of_round(ranks))
    return ranks * alone / (seconds_of(cost, network, handling=handling, overlaps=overlaps) + curvature)


def main() -> None:
    """Measure, compare and predict."""
    options = _parser().parse_args()
    if options.page:
        known = json.loads((options.results / "network.json").read_text(encoding="utf-8"))
        known["runs"] = with_model(known["runs"])
        save(options.results / "network", known, page(known["conditions"], known))
        return
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="wordvec-network-") as folder:
        corpus = Path(folder) / "zipf.txt"
        write_corpus(corpus, options.megabytes)
        conditions = conditions_of({"zipf.txt": corpus}, settings=SETTINGS)
        runs: list[dict[str, Any]] = []
        handling: list[float] = []
        for ranks in options.ranks:
            free: dict[bool, list[dict[str, Any]]] = {}
            for delay in (0.0, DELAY_SECONDS):
                runs += measured(corpus, ranks, delay, options.repeats, handling, free)
                facts = {  # saved after each number of ranks, so an interruption loses little
                    "seconds": round(time.perf_counter() - began),
                    "runs": with_model(runs),
                    "handling_seconds_per_byte": statistics.median(handling),
                    "flops_per_second": flops_of_a_core(),
                }
                save(
                    options.results / "network", {"conditions": conditions, **facts}, page(conditions, facts)
                )


def measured(
    corpus: Path,
    ranks: int,
    delay: float,
    repeats: int,
    handling: list[float],
    free: dict[bool, list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    """Runs of so many ranks over each bandwidth.

    Args:
        corpus: the text.
        ranks: how many.
        delay: of links, in seconds; 0 comes first.
        repeats: how often.
        handling: where seconds of a core for each byte are added.
        free: runs over links without limit and delay, with and without overlap, to which more are added.
    """
    found = []
    with machines(ranks, delay_seconds=delay) as network, _ranks(network, corpus) as ask:
        ask(SETTINGS)  # kernels are compiled
        if not delay:
            cost = ask({})
            handling.append(cost["cpu_seconds"] / cost["bytes_sent"])
        for _ in range(repeats):
            for megabits in MEGABITS[1:2] if delay else MEGABITS:
                for overlaps in (False, True):
                    settings = {**SETTINGS, "sync_overlap": overlaps}
                    if not delay:  # just before, as the machine has other work to do
                        network.limit(None)
                        free.setdefault(overlaps, []).append(ask(settings))
                    network.limit(megabits * 1e6)
                    found_speed = ask({"bytes": round(megabits * 1e6 / 8 * SECONDS_OF_A_SPEED_TEST)})
                    slow = ask(settings)
                    beside = free[overlaps][-1]
                    run = {
                        "ranks": ranks,
                        "megabits": megabits,
                        "measured_megabits": found_speed["bytes_per_second"] * 8 / 1e6,
                        "delay_seconds": delay,
                        "overlaps": overlaps,
                        **moment(),
                        "free": beside,
                        "slow": slow,
                    }
                    found.append(run)
                    print(_line(run), file=sys.stderr)
    return found


def _line(run: dict[str, Any]) -> str:
    return (
        f"{run['ranks']} ranks, {run['megabits']} Mbit/s, delay {run['delay_seconds']} s, overlap {run['overlaps']}: "
        f"{run['free']['seconds']:.1f} s without limit, {run['slow']['seconds']:.1f} s"
    )


def with_model(runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The runs with what the model says of each.

    A link carries less than its limit while all ranks send, by a share that does not depend on the limit: the median of
    all tests of speed of as many ranks, of which a single one is too short beside other work.
    """
    found = []
    for run in runs:
        beside = [one for one in runs if one["ranks"] == run["ranks"]]
        share = statistics.median(one["measured_megabits"] / one["megabits"] for one in beside)
        link = Network(run["megabits"] * 1e6 / 8 * share, run["delay_seconds"])
        seconds = expected_seconds(run["free"], run["slow"], link, overlaps=run["overlaps"])
        found.append({**run, "share_of_limit": share, "model_seconds": seconds})
    return found


def expected_seconds(free: dict[str, Any], slow: dict[str, Any], link: Network, *, overlaps: bool) -> float:
    """What a run takes over slow links, from what it took over links without a limit and without a delay.

    What handling costs is in the time of the latter, so only bytes and messages are new. With overlap, training still
    waits while the ranks agree on the end of a round, and for the second moments.
    """
    ranks, rounds, dim = slow["ranks"], slow["rounds"], DIM
    moments = slow["moments"]
    in_turn = Cost(0.0, moments * bytes_of_curvature(ranks, dim), (rounds + moments) * (ranks - 1))
    rows = Cost(free["seconds"], slow["bytes_sent"], rounds * MATRICES * ranks)
    return seconds_of(in_turn, link) + seconds_of(rows, link, overlaps=overlaps)


@contextmanager
def _ranks(network: Machines, corpus: Path) -> Iterator[Any]:
    """Start a rank on each machine; a function that lets all do one thing, and returns what rank 0 says of it."""
    with ExitStack() as stack:
        started = []
        for rank, name in enumerate(network.names):
            variables = {
                "RANK": rank,
                "WORLD_SIZE": len(network.names),
                "MASTER_ADDR": network.address(0),
                "MASTER_PORT": PORT,
                "GLOO_SOCKET_IFNAME": network.links[rank][0],
                "OMP_NUM_THREADS": 1,
                "OPENBLAS_NUM_THREADS": 1,
            }
            command = [
                "ip",
                "netns",
                "exec",
                name,
                sys.executable,
                "-m",
                "benchmarks.network_job",
                str(corpus),
            ]
            process = subprocess.Popen(
                command,
                env={**os.environ, **{key: str(value) for key, value in variables.items()}},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            started.append(stack.enter_context(process))
            stack.callback(process.kill)

        def ask(settings: dict[str, Any]) -> dict[str, Any]:
            for process in started:
                assert process.stdin is not None
                process.stdin.write(json.dumps(settings) + "\n")
                process.stdin.flush()
            assert started[0].stdout is not None
            answer: dict[str, Any] = json.loads(started[0].stdout.readline())
            return answer

        yield ask
        for process in started:
            assert process.stdin is not None
            process.stdin.close()
        for process in started:
            process.wait()


def flops_of_a_core(size: int = 1024, repeats: int = 4) -> float:
    """Floating-point operations a second of one core, in products of float32 matrices, by its own clock."""
    rows = np.random.default_rng(0).random((size, size), np.float32)
    rows @ rows
    began = time.process_time()
    for _ in range(repeats):
        rows @ rows
    return repeats * 2 * size**3 / (time.process_time() - began)


def page(conditions: dict[str, Any], facts: dict[str, Any]) -> str:
    """What was measured and what follows, as Markdown."""
    handling, flops = facts["handling_seconds_per_byte"], facts["flops_per_second"]
    ratios = [run["slow"]["seconds"] / run["model_seconds"] for run in facts["runs"]]
    settings = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in SETTINGS.items())
    alone = WORDS_PER_CORE * CORES * EFFICIENCY
    some, speed_test = facts["runs"][0]["slow"], SECONDS_OF_A_SPEED_TEST
    return f"""{heading("Ranks over slow networks", "benchmarks.network", conditions)}
- {facts["seconds"] / 60:.0f} minutes; load average {_range([run["load_average"] for run in facts["runs"]])}

The model: a round takes t = compute + bytes · (1 / bandwidth + handling) + messages · delay, and with \
`--sync-overlap` the larger one of computing and sending.

## Checked

Ranks in network namespaces, with one link each to a bridge, limited by a token bucket (`tc` tbf) both ways; delay by \
TAP devices whose frames wait, as the kernel here has no netem. {some["vocabulary"]:,} words, {some["words"]:,} \
tokens, `{settings}`; {" and ".join(str(ranks) for ranks in sorted({run["ranks"] for run in facts["runs"]}))} ranks on \
{conditions["machine"]["cores"]} cores. The model takes three things from outside of the \
run: the time of a run over links without limit and delay, just before it or the last one ("without limit": compute \
and handling); the bandwidth while all ranks send at the same time ("both ways"), which tests of {speed_test:g} s \
before each run measured as a share of the limit, of which the median is taken; and the delay, as it was set.

{table(_checked_rows(facts["runs"]))}

Measured beside the model: median {statistics.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}.

## Bytes

Bytes that a rank sends for each word that all ranks train on, at V = {BIG["vocabulary"]:,}, dim {BIG["dim"]}, by the \
schedules, with the second moments that `by-curvature` needs (`bytes_sent` of reports is without them):

{table(_byte_rows())}

## Predicted

{CORES} cores a machine, {alone / 1e6:.1f} million words/s: {WORDS_PER_CORE / 1e6:.3f} million words/s of a core at \
dim 300 ([measured](enwiki100m-1-epoch.md), V = 67,917), times {CORES}, times {EFFICIENCY} (assumed). 10 Gbit/s, \
{DELAY_OF_A_SWITCH * 1e6:.0f} µs from machine to machine (assumed). Handling {handling * 1e9:.2f} ns a byte sent, of \
one core's own time, measured here with the rule `mean`. Second moments at {FLOPS_SHARE:g} of {CORES} times \
{flops / 1e9:.0f} GFLOP/s, as measured here for large products of one core; training waits for them, with overlap, \
too. V = {BIG["vocabulary"]:,}, schedule `frequent`, rule `by-curvature`. Not in it: ranks of different speed, the \
first rounds, which are shorter, and the ends of epochs. What so long rounds cost in quality is another question.

Speed beside one machine, as a share of N:

{table(_predicted_rows(handling, flops, overlaps=False))}

With `--sync-overlap`:

{table(_predicted_rows(handling, flops, overlaps=True))}
"""


def _checked_rows(runs: Sequence[dict[str, Any]]) -> list[list[str]]:
    rows = [
        [
            "ranks",
            "Mbit/s",
            "both ways",
            "delay, ms",
            "overlap",
            "MB sent",
            "without limit, s",
            "model, s",
            "measured, s",
            "beside",
        ]
    ]
    for run in runs:
        slow, model = run["slow"], run["model_seconds"]
        rows.append(
            [
                str(run["ranks"]),
                str(run["megabits"]),
                f"{run['megabits'] * run['share_of_limit']:.0f}",
                f"{run['delay_seconds'] * 1000:.0f}",
                "yes" if run["overlaps"] else "no",
                f"{slow['bytes_sent'] / 1e6:.1f}",
                f"{run['free']['seconds']:.1f}",
                f"{model:.1f}",
                f"{slow['seconds']:.1f}",
                f"{slow['seconds'] / model:.2f}",
            ]
        )
    return rows


def bytes_per_word(ranks: int, words_per_round: int, rows: float) -> tuple[float, float]:
    """Bytes that a rank sends for each word that all ranks train on: for rows, and for second moments.

    Args:
        ranks: how many.
        words_per_round: of each rank.
        rows: of each matrix that are combined after a round.

    >>> bytes_per_word(8, 1_000_000, rows=1_000_000.0)
    (525.0, 0.315)
    """
    words, dim = ranks * words_per_round, BIG["dim"]
    of_rows = 2 * (ranks - 1) / ranks * MATRICES * rows * dim * 4 / words
    return of_rows, bytes_of_curvature(ranks, dim) / words


def _byte_rows() -> list[list[str]]:
    rows = [["words a round, of a rank", "frequent, 8 ranks", "all, 8 ranks", "second moments, 8 ranks"]]
    for words in WORDS_PER_ROUND:
        frequent, moments = bytes_per_word(8, words, mean_rows(BIG["vocabulary"]))
        every, _ = bytes_per_word(8, words, BIG["vocabulary"])
        rows.append([f"{words:,}", *(f"{value:,.2f}" for value in (frequent, every, moments))])
    return rows


def _predicted_rows(handling: float, flops: float, *, overlaps: bool) -> list[list[str]]:
    rows = [["words a round, of a rank", *(f"N = {ranks}" for ranks in MACHINES)]]
    for words in WORDS_PER_ROUND:
        speeds = [
            predicted_speed(ranks, words, handling=handling, flops_per_second=flops, overlaps=overlaps)
            / ranks
            for ranks in MACHINES
        ]
        rows.append([f"{words:,}", *(f"{speed:.2f}" for speed in speeds)])
    return rows


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.0f} to {max(values):.0f}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ranks", type=int, nargs="+", default=NUM_RANKS)
    parser.add_argument("--megabytes", type=float, default=0.6, help="of the corpus")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--page", action="store_true", help="write the page of known results again")
    parser.add_argument("--results", type=Path, default=RESULTS, help="a folder")
    return parser


if __name__ == "__main__":
    main()
