from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from wordvec.config import Config
from wordvec.corpus.sources import parse_source
from wordvec.distributed.exchange import GroupExchange
from wordvec.distributed.group import Group, run_in_threads
from wordvec.training.corpora import encode


def lines(num_lines: int) -> str:
    random_numbers = np.random.default_rng(3)
    return "\n".join(
        " ".join(f"w{word}" for word in random_numbers.zipf(1.5, 6) % 400) for _ in range(num_lines)
    )


@pytest.mark.parametrize("size", [1, 2, 5])
def test_parts_of_any_length_arrive_as_they_were_sent(size: int) -> None:
    def work(group: Group) -> list[list[bytes]]:
        exchange = GroupExchange(group)
        parts = [bytes([group.rank, to]) * (7 * group.rank + to) for to in range(size)]
        return [exchange.all_to_all(parts), exchange.all_gather(parts[0])]

    for rank, (to_this, of_all) in enumerate(run_in_threads(size, work)):
        assert to_this == [bytes([one, rank]) * (7 * one + rank) for one in range(size)]
        assert of_all == [bytes([one, 0]) * (7 * one) for one in range(size)]


def test_a_group_of_threads_encodes_what_one_process_encodes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(lines(300))
    config = Config(min_count=2, validation=0.2, shuffle_texts=False)

    def ids(group: Group) -> list[list[int]]:
        corpora = encode(
            parse_source(str(path)),
            tmp_path / f"{group.size} {group.rank}",
            config,
            "whitespace",
            on_progress=lambda _: None,
            exchange=GroupExchange(group),
        )
        assert corpora.held_out is not None
        return [one.read(*one.own).tolist() for one in (corpora.training, corpora.held_out)]

    (alone,) = run_in_threads(1, ids)
    together = run_in_threads(3, ids)
    assert [[id_ for rank in together for id_ in rank[side]] for side in range(2)] == alone


JOB = """
import json, sys
from pathlib import Path
from wordvec.config import Config
from wordvec.corpus.sources import parse_source
from wordvec.distributed.exchange import GroupExchange
from wordvec.distributed.group import joined_group
from wordvec.training.corpora import encode

path, folder = map(Path, sys.argv[1:])
with joined_group() as group:
    corpora = encode(parse_source(str(path)), folder / str(group.rank), Config(min_count=2), "whitespace",
                     on_progress=lambda _: None, exchange=GroupExchange(group))
    ids = corpora.training.read(*corpora.training.own).tolist()
    (folder / f"{group.rank}.json").write_text(json.dumps([corpora.vocabulary.words, ids, corpora.shares]))
"""


@pytest.mark.slow
def test_processes_encode_together_what_one_process_encodes(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    path = tmp_path / "a.txt"
    path.write_text(lines(300))
    alone = encode(
        parse_source(str(path)),
        tmp_path / "alone",
        Config(min_count=2, shuffle_texts=False),
        "whitespace",
        on_progress=lambda _: None,
    )
    (tmp_path / "job.py").write_text(JOB)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    subprocess.run(  # noqa: S603
        [*command, str(tmp_path / "job.py"), str(path), str(tmp_path)],
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=240,
    )
    found = [json.loads((tmp_path / f"{rank}.json").read_text()) for rank in range(2)]
    assert found[0][0] == found[1][0] == list(alone.vocabulary.words)
    assert found[0][1] + found[1][1] == alone.training.read(0, alone.training.num_positions).tolist()
    assert found[0][2] == [len(rank[1]) for rank in found]
