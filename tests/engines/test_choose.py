"""Engines: numba where it can, torch where it must, and no setting ignored."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest
import torch

import wordvec
from wordvec.config import Config
from wordvec.engines.choose import ENGINES, choose_engine
from wordvec.engines.engine import EngineMemory
from wordvec.engines.numba.batches import BatchEngine
from wordvec.engines.numba.deterministic import Blocks
from wordvec.engines.numba.engine import NumbaEngine
from wordvec.engines.numba.softmax_engine import SoftmaxEngine
from wordvec.engines.numba.spec import HONORED, NUMBA, WINDOW_BY_WINDOW
from wordvec.engines.torch.engine import TorchEngine
from wordvec.engines.torch.spec import device_of
from wordvec.errors import ConfigError, EngineError, MissingPackageError
from wordvec.pipeline.run_log import Compiling
from wordvec.training.trainer import schedule_of

# A value of each setting that the compiled kernels do not know, with what it needs to have a meaning.
BEYOND_NUMBA: dict[str, dict[str, Any]] = {
    "optimizer": {"optimizer": "rmsprop"},
}

CBOW_SOFTMAX = "architecture='cbow' with optimizer='adam'"

# A value of each setting that makes steps those of batches.
IN_BATCHES: dict[str, Any] = {
    "skipgram_input": "center",
    "max_norm": 2.0,
    "unknown": "gap",
    "window_edges": "skip",
    "subsample_scope": "window",
    "negative_sharing": "batch",
    "batch_size": 100,
    "batch_unit": "texts",
    "shuffle": True,
    "optimizer": "adam",
    "reduction": "mean",
}


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "torch" else find_spec(name)
    )


def test_numba_is_the_engine_of_what_it_can_do(without_torch: None) -> None:
    assert choose_engine(Config()).name == "numba"
    chosen = Config(dim=7, window=9, negatives=2, window_reach="fixed", schedule="constant", noise_power=0.5)
    assert choose_engine(chosen).name == "numba"
    assert choose_engine(Config(engine="numba", device="cpu")).name == "numba"


def test_the_setting_names_each_engine() -> None:
    names = get_args(get_type_hints(Config)["engine"])
    assert set(names) == {"auto", *(spec.name for spec in ENGINES)}


def test_every_setting_that_numba_limits_is_tried_below() -> None:
    assert set(BEYOND_NUMBA) | {"device"} == set(HONORED) | {"optimizer"}


def test_every_setting_that_asks_for_batches_is_tried_below() -> None:
    assert set(IN_BATCHES) == set(WINDOW_BY_WINDOW)


@pytest.mark.parametrize("name", IN_BATCHES)
def test_what_asks_for_batches_is_trained_by_compiled_kernels_without_torch(
    name: str, without_torch: None
) -> None:
    config = Config(**{name: IN_BATCHES[name]})
    assert choose_engine(config).name == "numba"
    assert isinstance(NUMBA.build(config, np.array([9, 4, 3])), BatchEngine)


@pytest.mark.parametrize("optimizer", ["SparseAdam", "sparse_adam", "ADAM", "Adagrad", "SGD"])
def test_the_names_of_optimizers_may_be_written_as_in_torch(optimizer: str) -> None:
    config = Config(optimizer=optimizer, reduction="mean")
    assert isinstance(choose_engine(config).build(config, np.array([9, 4, 3])), BatchEngine)


@pytest.mark.parametrize("name", BEYOND_NUMBA)
def test_what_numba_cannot_do_is_refused_by_name_and_else_goes_to_torch(name: str) -> None:
    settings = BEYOND_NUMBA[name]
    with pytest.raises(
        EngineError, match=f"numba engine cannot train with (.* and )?{name}={settings[name]!r}; the torch"
    ):
        choose_engine(Config(engine="numba", **settings))
    assert choose_engine(Config(**settings)).name == "torch"


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"optimizer": "sgd"}, "objective='softmax' with optimizer='sgd' and reduction='sum'"),
        ({"optimizer": "adam", "max_norm": 2.0}, "objective='softmax' with max_norm=2"),
        ({"optimizer": "SparseAdam"}, "objective='softmax' with optimizer='SparseAdam'"),
        ({"architecture": "cbow", "optimizer": "adam", "reduction": "mean"}, CBOW_SOFTMAX),
    ],
)
def test_what_numba_cannot_do_together_is_refused_together(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(EngineError, match=f"numba engine cannot train with {named}; the torch"):
        choose_engine(Config(engine="numba", objective="softmax", **settings))
    together = Config(objective="softmax", optimizer="adam", reduction="mean")
    assert isinstance(choose_engine(together).build(together, np.array([9, 4, 3])), SoftmaxEngine)


def test_all_obstacles_are_named_at_once() -> None:
    with pytest.raises(
        EngineError,
        match=r"train with optimizer='rmsprop' and architecture='cbow' with optimizer='rmsprop' and a custom objective",
    ):
        choose_engine(
            Config(engine="numba", architecture="cbow", optimizer="rmsprop"), has_custom_objective=True
        )


def test_a_custom_objective_goes_to_torch() -> None:
    assert choose_engine(Config(negatives=3), has_custom_objective=True).name == "torch"


def test_torch_is_the_engine_where_it_is_asked_for() -> None:
    assert choose_engine(Config(engine="torch")).name == "torch"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"engine": "torch"}, "engine='torch'"),
        ({"optimizer": "rmsprop"}, "training with optimizer='rmsprop'"),
    ],
)
def test_a_missing_torch_is_named_with_the_remedy(
    settings: dict[str, Any], reason: str, without_torch: None
) -> None:
    with pytest.raises(MissingPackageError, match=rf"{reason} needs PyTorch: pip install 'wordvec\[torch\]'"):
        choose_engine(Config(**settings))


def test_a_device_that_is_not_there_is_refused_with_those_that_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    with pytest.raises(
        EngineError, match=r"device='cuda' is not there: PyTorch finds mps and cpu on this machine"
    ):
        choose_engine(Config(device="cuda"))
    assert device_of(Config(device="auto")) == torch.device("mps")
    assert device_of(Config(device="cpu")) == torch.device("cpu")


@pytest.mark.parametrize("device", ["cuda", "mps"])
@pytest.mark.parametrize("engine", ["auto", "torch"])
def test_deterministic_is_promised_on_the_cpu_alone(engine: Any, device: Any) -> None:
    with pytest.raises(
        EngineError, match=f"deterministic cannot be promised with device='{device}', where Py"
    ):
        choose_engine(Config(deterministic=True, engine=engine, device=device))
    assert choose_engine(Config(deterministic=True, engine=engine, device="cpu")).name in ("numba", "torch")


def test_a_deterministic_run_takes_the_cpu_where_it_may_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device_of(Config(deterministic=True)) == torch.device("cpu")
    assert device_of(Config()) == torch.device("cuda")


@pytest.mark.parametrize(
    ("learning_rate", "max_moves"), [(0.025, 40), (0.3, 3), (0.9, 1), (5.0, 1), (1e-320, 10**9)]
)
def test_in_a_block_no_row_moves_further_than_a_step_of_size_1(
    learning_rate: float, max_moves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Blocks | None] = []
    monkeypatch.setattr(NumbaEngine, "__init__", lambda *_, blocks, **__: found.append(blocks))
    config = Config(deterministic=True, learning_rate=learning_rate, final_learning_rate=0.0, threads=3)
    NUMBA.build(config, np.array([7, 5, 2]))
    NUMBA.build(Config(), np.array([7, 5, 2]))
    assert found == [Blocks(max_moves=max_moves, threads=3), None]


def test_numba_has_no_other_device_than_the_cpu() -> None:
    with pytest.raises(EngineError, match="numba engine cannot train with device='mps'"):
        choose_engine(Config(engine="numba", device="mps"))


@pytest.mark.parametrize(
    ("void", "reason"),
    [
        ({"negatives": 4}, {"objective": "softmax"}),
        ({"negative_sharing": "pair"}, {"objective": "softmax"}),
        ({"negatives_avoid": "targets"}, {"objective": "hierarchical"}),
        ({"noise_power": 1.0}, {"objective": "hierarchical"}),
        ({"noise_table": 100}, {"objective": "softmax"}),
        ({"pooling": "sum"}, {"architecture": "skipgram"}),
        ({"skipgram_input": "center"}, {"architecture": "cbow"}),
        ({"final_learning_rate": 0.01}, {"schedule": "constant"}),
        ({"subsample": 1e-4}, {"subsample_quantile": 0.5}),
    ],
    ids=lambda settings: next(iter(settings)),
)
@pytest.mark.parametrize("engine", ["auto", "numba", "torch"])
def test_a_setting_without_a_meaning_is_refused_by_name(
    void: dict[str, Any], reason: dict[str, Any], engine: Any
) -> None:
    with pytest.raises(
        ConfigError, match=rf"{next(iter(void))} has no meaning with {next(iter(reason))}.*got"
    ):
        choose_engine(Config(**void, **reason, engine=engine))


@pytest.mark.parametrize(
    "settings",
    [
        {"architecture": "cbow", "pooling": "sum", "noise_power": 1.0},
        {"objective": "softmax", "subsample_formula": "paper", "subsample_scope": "window"},
        {"schedule": "linear", "final_learning_rate": 0.01, "subsample_quantile": 0.5},
    ],
)
def test_settings_that_have_a_meaning_are_not_refused(settings: dict[str, Any]) -> None:
    assert choose_engine(Config(**settings, engine="torch")).name == "torch"


def test_an_objective_of_your_own_leaves_noise_its_meaning_and_takes_that_of_the_setting() -> None:
    assert choose_engine(Config(negatives=3, noise_power=1), has_custom_objective=True).name == "torch"
    with pytest.raises(ConfigError, match="objective has no meaning with a custom objective, got 'softmax'"):
        choose_engine(Config(objective="softmax"), has_custom_objective=True)


def test_optimizers_are_looked_up_before_any_text_is_read() -> None:
    with pytest.raises(ConfigError, match=r"optimizer must be one of torch.optim .*'adm'"):
        choose_engine(Config(optimizer="adm"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optimizer": "sparse_adam"}, "sparse_adam.*use optimizer='adam'"),
        ({"max_norm": 1.0}, "max_norm limits"),
    ],
)
def test_what_a_full_softmax_cannot_do_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(EngineError, match=message):
        choose_engine(Config(objective="softmax", **settings))


def test_the_schedule_is_the_one_asked_for() -> None:
    assert schedule_of(Config(learning_rate=0.5, final_learning_rate=0.1)).at(0.5) == pytest.approx(0.3)
    assert schedule_of(Config(learning_rate=0.5, schedule="constant")).at(0.5) == 0.5


def test_both_engines_start_from_the_same_vectors() -> None:
    counts = np.array([7, 5, 2])
    numba, torch_ = (spec.build(Config(dim=3, seed=9), counts) for spec in ENGINES)  # type: ignore[arg-type]
    assert isinstance(numba, NumbaEngine)
    assert isinstance(torch_, TorchEngine)
    for one, other in zip(numba.vectors(), torch_.vectors(), strict=True):
        np.testing.assert_array_equal(one, other)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["numba", "torch"])
def test_an_engine_starts_from_the_vectors_given(name: Any) -> None:
    start = np.arange(6, dtype=np.float32).reshape(3, 2), np.ones((3, 2), np.float32)
    engine = {spec.name: spec for spec in ENGINES}[name].build(
        Config(dim=2), np.array([7, 5, 2]), start=start
    )
    for one, other in zip(engine.vectors(), start, strict=True):
        np.testing.assert_array_equal(one, other)  # type: ignore[arg-type]


def test_a_third_engine_trains_by_describing_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the list of engines knows one by its name."""
    third = replace(
        NUMBA,
        name="third",
        getting_ready=("waking", "the third engine"),
        versions=("numpy",),
        memory=lambda _, num_words: EngineMemory(matrices=8 * num_words, state=8 * num_words),
    )
    monkeypatch.setitem(choose_engine.__kwdefaults__ or {}, "engines", (third,))
    seen: list[object] = []
    vectors = wordvec.train(
        [["red", "green", "blue"]] * 40, dim=4, threads=1, subsample=0, on_progress=seen.append
    )
    assert vectors.config is not None
    assert vectors.config["engine"] == "third"
    assert "numpy" in vectors.training[-1]["machine"]["versions"]
    assert [one.engine.name for one in seen if isinstance(one, Compiling)] == ["third"]


def test_an_engine_can_honor_settings_but_not_their_combination() -> None:
    def obstacles(config: Config) -> list[str]:
        both = config.architecture == "cbow" and config.deterministic
        return ["architecture='cbow' with deterministic"] if both else []

    third = replace(NUMBA, name="third", obstacles=obstacles)
    assert choose_engine(Config(architecture="cbow"), engines=(third,)).name == "third"
    assert choose_engine(Config(deterministic=True), engines=(third,)).name == "third"
    with pytest.raises(EngineError, match="cannot train with architecture='cbow' with deterministic"):
        choose_engine(Config(architecture="cbow", deterministic=True), engines=(third,))
