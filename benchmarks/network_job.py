"""Network job: one rank of `benchmarks.network`, which trains again for each line of settings that it reads.

    python -m benchmarks.network_job CORPUS

The environment says which rank it is, as torchrun would; each line on stdin is a JSON object of settings, and each line
on stdout one of what a run took. An empty object asks for what rows cost by themselves, see `cost_of_rows`; one with
`bytes` alone for the speed of links, see `speed_of_links`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from wordvec import train
from wordvec.distributed.group import rank_timeout
from wordvec.distributed.rules import rule_named
from wordvec.distributed.synchronizer import GroupSynchronizer, Rows

ROWS, DIM, COMBININGS = 8192, 300, 8  # of `cost_of_rows`


def main() -> None:
    """Train for each line."""
    import torch.distributed as processes

    from wordvec.distributed.group import TorchGroup

    processes.init_process_group("gloo", timeout=rank_timeout())
    group = TorchGroup()
    corpus = Path(sys.argv[1])
    for line in sys.stdin:
        settings = json.loads(line)
        group.barrier()
        if "bytes" in settings:
            found = speed_of_links(group, settings["bytes"])
        else:
            found = trained(corpus, settings) if settings else cost_of_rows(group)
        if group.rank == 0:
            print(json.dumps(found), flush=True)


def trained(corpus: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """One run, and how long its training took."""
    records = train(corpus, progress=False, **settings).training
    end = records[-1]
    return {
        "seconds": end["phases"]["training"],
        "words": end["words_trained"],
        "vocabulary": records[0]["vocabulary"],
        "moments": end["ranks"]["rounds"],  # how often second moments were exchanged
        **end["ranks"],
    }


def speed_of_links(group: Any, num_bytes: int) -> dict[str, Any]:
    """Bytes a second that a rank sends, while all of them send that many to the others at the same time."""
    sent = np.zeros((group.size, num_bytes // (group.size - 1)), np.uint8)
    began = time.perf_counter()
    group.exchange(sent)
    group.barrier()
    return {"bytes_per_second": sent.nbytes * (group.size - 1) / group.size / (time.perf_counter() - began)}


def cost_of_rows(group: Any) -> dict[str, Any]:
    """Seconds of one core for each byte sent: to pack rows, to send and receive them, and to combine and unpack them.

    The rule is `mean`, which costs next to nothing beside the memory that it reads and writes.
    """
    matrices = {"rows": np.zeros((ROWS, DIM), np.float32)}
    moves = {"rows": np.full(ROWS, 1e-3)}
    synchronizer = GroupSynchronizer(matrices, Rows(moves, {}), rule_named("mean"), group)
    began, cpu_began = time.perf_counter(), time.process_time()
    for _ in range(COMBININGS):
        synchronizer.train_round(1000.0)
        synchronizer.combine(lambda rows: rows, 0.025, is_delayed=False)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    return {"bytes_sent": synchronizer.bytes_sent, "seconds": wall, "cpu_seconds": cpu}


if __name__ == "__main__":
    main()
