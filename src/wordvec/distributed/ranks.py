"""Ranks: what is different about a run that several ranks train, or one process that simulates them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config, usable_cores
from wordvec.corpus.encoded import EncodedCorpus
from wordvec.distributed.group import Group
from wordvec.distributed.round_trainer import Replica, RoundSettings, RoundTrainer
from wordvec.distributed.rounds import EpochPlan, words_per_round
from wordvec.distributed.rules import compile_rule, rule_named
from wordvec.distributed.synchronizer import GroupSynchronizer, LocalSynchronizer, Rows, Synchronizer
from wordvec.engines.engine import RankEngine
from wordvec.errors import ConfigError
from wordvec.storage.plain_json import to_json
from wordvec.training.progress import RunPosition
from wordvec.training.trainer import schedule_of

__all__ = ["RankedEngine", "Ranks", "check_same_run", "replicas_in_memory", "with_own_threads"]

Floats = NDArray[np.float32]

MEMORY = "combining."  # begins the names of what the rule remembers, in a checkpoint's state
MAX_SHOWN = 60  # characters of a value in a message


@dataclass(frozen=True)
class Ranks:
    """How many ranks train, and which of them are in this process.

    >>> Ranks(8).is_first, Ranks(8).is_simulated, Ranks(8).number_here
    (True, True, 8)
    """

    size: int
    group: Group | None = None  # of which this process is one rank; None: all ranks are simulated here

    @property
    def is_simulated(self) -> bool:
        """Whether all ranks are in this process."""
        return self.group is None

    @property
    def is_first(self) -> bool:
        """Whether this process reports, writes checkpoints and saves the model."""
        return self.group is None or self.group.rank == 0

    @property
    def number_here(self) -> int:
        """Ranks in this process, each of which holds all matrices."""
        return self.size if self.group is None else 1

    def engine_config(self, config: Config) -> Config:
        """The settings with which a rank's engine is built: its own learning rate and number of threads."""
        factor = rule_named(config.combine).rate_factor(self.size)
        threads = 1 if self.is_simulated else config.threads
        return replace(config, learning_rate=config.first_learning_rate * factor, threads=threads)


def replicas_in_memory(number_here: int, config: Config) -> int:
    """How many times a process holds all matrices: of each rank in it, what they began with, and what is sent.

    >>> replicas_in_memory(8, Config()), replicas_in_memory(1, Config(sync_overlap=True))
    (9, 3)
    """
    base_and_memory = 1 + rule_named(config.combine).has_memory
    return number_here * (1 + config.sync_overlap) + base_and_memory


def with_own_threads(config: Config) -> Config:
    """The settings with a number of threads, where none is given: the ranks of a machine share its cores."""
    if config.threads is not None:
        return config
    on_this_machine = 1
    with suppress(ValueError):
        on_this_machine = max(1, int(os.environ.get("LOCAL_WORLD_SIZE", "1")))
    return replace(config, threads=max(1, usable_cores() // on_this_machine))


class RankedEngine:
    """The engines of the ranks in this process, with what the rule remembers, as one thing to save and restore.

    Args:
        ranks: how many there are, and which are here.
        config: the settings of the run.
        build: builds the engine of a rank, ready to train; all of them begin with the same rows.
    """

    def __init__(self, ranks: Ranks, config: Config, build: Callable[[Config], RankEngine]):
        self._ranks, self._config = ranks, config
        here = range(ranks.size) if ranks.group is None else [ranks.group.rank]
        self._replicas = [Replica(rank, build(ranks.engine_config(config))) for rank in here]
        first = self._replicas[0].engine
        rule, rows = rule_named(config.combine), Rows(first.moves(), first.curvature_weights())
        compile_rule(rule)
        self._synchronizer: Synchronizer
        if ranks.group is None:
            views = [replica.engine.matrices() for replica in self._replicas]
            self._synchronizer = LocalSynchronizer(views, rows, rule, threads=config.num_threads)
        else:
            self._synchronizer = GroupSynchronizer(
                first.matrices(), rows, rule, ranks.group, threads=config.num_threads
            )

    def trainer(
        self,
        corpus: EncodedCorpus,
        *,
        held_out: EncodedCorpus | None,
        shares: Sequence[int],
        start: RunPosition,
        facts: Mapping[str, Any] | None,
        remedies: Sequence[str],
    ) -> RoundTrainer:
        """The trainer of these ranks.

        Args:
            corpus: all of it.
            held_out: what a loss is computed on after each epoch.
            shares: how many positions each rank has read, (N,).
            start: where the run goes on.
            facts: of the checkpoint that it goes on from.
            remedies: settings to lower if training diverges.

        Raises:
            FormatError: the checkpoint's plan of rounds is damaged.
        """
        config, engine_config = self._config, self._ranks.engine_config(self._config)
        return RoundTrainer(
            self._replicas,
            self._synchronizer,
            self._ranks.group,
            corpus,
            RoundSettings(
                config.sync_every or words_per_round(config.epochs * corpus.num_words / self._ranks.size),
                config.sync_rows,
                config.sync_overlap,
            ),
            epochs=config.epochs,
            threads=config.num_threads,
            schedule=schedule_of(engine_config),
            held_out=held_out,
            shares=shares if len(shares) == self._ranks.size and corpus.share is not None else None,
            start=start,
            plan=_plan_of(facts, start, corpus.num_positions),
            remedies=remedies,
        )

    def vectors(self) -> tuple[Floats, Floats | None]:
        """See `Engine`; all ranks have the same where all rows are combined."""
        return self._replicas[0].engine.vectors()

    def position_weights(self) -> Floats | None:
        """See `Engine`."""
        return self._replicas[0].engine.position_weights()

    def state(self) -> dict[str, NDArray[np.generic]]:
        """The state of a rank's engine, and what the rule remembers."""
        memory = {f"{MEMORY}{name}": rows for name, rows in self._synchronizer.memory().items()}
        return {**self._replicas[0].engine.state(), **memory}

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from what `state` gave, or the state of an engine by itself.

        Raises:
            EngineError: the state is that of another model or rule.
        """
        of_engine = {name: rows for name, rows in state.items() if not name.startswith(MEMORY)}
        memory = {name[len(MEMORY) :]: rows for name, rows in state.items() if name.startswith(MEMORY)}
        for replica in self._replicas:
            replica.engine.restore(of_engine)
        self._synchronizer.restore(memory)

    def into_vectors(self) -> tuple[Floats, Floats | None]:
        """See `Engine`."""
        return self._replicas[0].engine.into_vectors()


def _plan_of(
    facts: Mapping[str, Any] | None, start: RunPosition, num_positions: int
) -> tuple[EpochPlan, int] | None:
    """The rounds of the epoch under way in a checkpoint, and the next of them; None at the beginning of an epoch."""
    if start.position == 0 or facts is None:
        return None
    found = facts.get("plan")
    if found is None:  # one rank without rounds, which has trained the text in its order
        left = ((start.position, num_positions),)
        return EpochPlan((left,), num_positions, start.position / num_positions), 0
    plan = EpochPlan.from_facts(found, num_positions)
    return plan, min(max(int(found.get("next_round", 0)), 0), plan.rounds)


def check_same_run(group: Group, facts: Mapping[str, Any]) -> None:
    """Check that all ranks run the same: every fact must be that of rank 0.

    Raises:
        ConfigError: a rank differs; the message names it and the fact.

    >>> from wordvec.distributed.group import run_in_threads
    >>> run_in_threads(2, lambda group: check_same_run(group, {"dim": 100 + group.rank}))
    Traceback (most recent call last):
    wordvec.errors.ConfigError: rank 1 has dim=101 and rank 0 has 100; all ranks must run the same: give the same ...
    """
    of_all = group.gather({name: to_json(value) for name, value in facts.items()})
    first = of_all[0]
    for rank, found in enumerate(of_all):
        for name in sorted({*first, *found}):
            if found.get(name) != first.get(name):
                got, expected = (str(one.get(name, "nothing"))[:MAX_SHOWN] for one in (found, first))
                raise ConfigError(
                    f"rank {rank} has {name}={got} and rank 0 has {expected}; all ranks must run the same: give the "
                    "same command, text and version of wordvec to all"
                )
