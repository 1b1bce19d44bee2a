"""Maps that are served: drawn once, in the background, with progress, and kept for the next start."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import numpy as np
import pytest

import wordvec.serving.maps as module
from wordvec import FormatError, MissingPackageError, WordVectors
from wordvec.serving.jobs import Job, Report
from wordvec.serving.maps import Maps, draw_map
from wordvec.serving.problems import Problem
from wordvec.visualization.map_files import read_atlas

pytest.importorskip("sklearn")
pytest.importorskip("openTSNE")


def forest(num_words: int = 60) -> WordVectors:
    rng = np.random.default_rng(1)
    axes = np.eye(4, 6)[np.arange(num_words) % 4] + rng.normal(scale=0.1, size=(num_words, 6))
    return WordVectors([f"w{number}" for number in range(num_words)], axes, counts=np.arange(num_words) + 1)


def test_a_map_is_drawn_in_the_background_and_kept(tmp_path: Path) -> None:
    maps = Maps(tmp_path)
    assert maps.state("a").answer == {"state": "none", "message": None}
    assert maps.begin("a", forest(), words=50).name in ("drawing", "ready")
    maps.wait(60)
    answer = maps.state("a").answer
    assert (answer["state"], answer["method"]) == ("ready", "tsne")
    assert answer["words"] == [f"w{number}" for number in range(59, 9, -1)]  # the most frequent ones
    assert len(answer["x"]) == len(answer["y"]) == len(answer["groups"]) == 50
    assert max(answer["x"] + answer["y"]) == 100.0
    assert min(answer["x"]) == min(answer["y"]) == 0.0
    assert max(answer["groups"]) == len(answer["group_names"]) - 1
    again = Maps(tmp_path).state("a").answer
    assert again["words"] == answer["words"]
    assert again["x"] == pytest.approx(answer["x"], abs=1e-3)
    assert (again["groups"], again["method"]) == (answer["groups"], "tsne")
    assert Maps(tmp_path).state("b").name == "none"


def test_progress_grows_and_does_not_change_the_map() -> None:
    seen: list[float] = []
    reported, _ = draw_map(forest(), 60, "tsne", seen.append)
    assert seen == sorted(seen)
    assert len(seen) > 50
    assert seen[-1] == 1.0
    quiet, _ = draw_map(forest(), 60, "tsne", lambda _: None)
    assert (quiet.points == reported.points).all()


def waiting_map(monkeypatch: pytest.MonkeyPatch) -> Event:
    go_on = Event()

    def drawn(vectors: WordVectors, words: int, method: str, report: Report) -> object:
        report(0.25)
        go_on.wait(30)
        report(0.5)
        return draw_map(vectors, words, "pca", report)

    monkeypatch.setattr(module, "draw_map", drawn)
    return go_on


def test_one_map_is_drawn_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = waiting_map(monkeypatch)
    maps = Maps()
    maps.begin("a", forest())
    while maps.state("a").progress < 0.25:
        pass
    assert maps.state("a").answer == {
        "state": "drawing",
        "progress": 0.25,
        "message": "the map is being drawn, 25% are done",
    }
    assert maps.begin("a", forest()).name == "drawing"
    with pytest.raises(Problem, match="another model") as problem:
        maps.begin("b", forest())
    assert problem.value.status == 503
    assert maps.state("b").name == "none"
    go_on.set()
    maps.wait(30)
    assert maps.state("a").name == "ready"
    maps.begin("b", forest())
    maps.wait(30)
    assert maps.state("a").name == maps.state("b").name == "ready"


def test_the_server_ends_without_waiting_for_a_map(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = waiting_map(monkeypatch)
    maps = Maps()
    maps.begin("a", forest())
    maps.close()
    go_on.set()
    maps.wait(30)
    assert maps.state("a").message == "the map could not be drawn: the server ends"


def test_a_map_that_fails_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(*_: object) -> object:
        raise MemoryError("no room")

    monkeypatch.setattr(module, "draw_map", failing)
    maps = Maps()
    maps.begin("a", forest())
    maps.wait(30)
    assert maps.state("a").message == "the map could not be drawn: no room"
    assert "warning: the map failed: no room" in capsys.readouterr().err


@pytest.mark.parametrize("words", [0, 1, 100_001])
def test_a_map_of_too_few_or_too_many_words_is_refused(words: int) -> None:
    with pytest.raises(Problem, match="2 to 100,000 words") as problem:
        Maps().begin("a", forest(), words=words)
    assert (problem.value.status, problem.value.parameter) == (400, "words")


def test_a_model_of_one_word_has_no_map() -> None:
    with pytest.raises(Problem, match="at least two words"):
        Maps().begin("a", WordVectors(["oak"], [[1.0, 2.0]]))


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(module: str, needed_for: str) -> object:
        raise MissingPackageError(f"{needed_for} needs {module}")

    monkeypatch.setattr(module, "imported", missing)
    with pytest.raises(MissingPackageError, match="a map needs sklearn"):
        Maps().begin("a", forest())


def test_a_damaged_map_that_was_kept_is_none_with_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "map-a.parquet").write_bytes(b"PAR1 and more")
    assert Maps(tmp_path).state("a").name == "none"
    assert "warning: the map that was kept cannot be read" in capsys.readouterr().err


def test_a_map_that_cannot_be_kept_is_shown_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    maps = Maps(tmp_path / "file" / "folder")
    maps.begin("a", forest(), method="pca")
    maps.wait(30)
    assert maps.state("a").name == "ready"
    assert "warning: the map is not kept" in capsys.readouterr().err


def test_a_map_of_wordvec_map_is_taken_and_something_else_refused(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from wordvec.cli.app import run

    forest().save(tmp_path / "forest.wv")
    file = tmp_path / "map.parquet"
    assert (
        run(["map", str(tmp_path / "forest.wv"), "--output", str(file), "--method", "pca", "--words", "9"])
        == 0
    )
    maps = Maps()
    maps.load("a", file)
    assert (maps.state("a").answer["method"], len(maps.state("a").answer["words"])) == ("pca", 9)
    pq.write_table(
        pa.table({"text": ["a"], "x": [1.0], "y": [1.0], "group": ["a"]}), tmp_path / "other.parquet"
    )
    with pytest.raises(FormatError, match="is not a map; wordvec map MODEL"):
        maps.load("a", tmp_path / "other.parquet")
    with pytest.raises(FormatError, match="is not a map, or is damaged"):
        read_atlas(tmp_path / "forest.wv" / "vectors.safetensors")


def test_a_job_that_is_at_work_is_not_started_twice() -> None:
    go_on = Event()
    job: Job[bool] = Job("waiting", lambda _: go_on.wait(30))
    assert job.start()
    assert not job.start()
    go_on.set()
    job.wait(30)
    assert job.result
    assert job.start()
    job.wait(30)
