"""The tutorial runs, on a small text with the words that it talks about."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.documentation.pages import DOCS, recorded_outputs, run_page, shape_of

Run = tuple[list[str], dict[str, Any], Path]  # what is printed, the names that are left, the picture
PAGE = DOCS / "from-the-ground-up.md"
TOPICS = (
    "river lake sea water bridge valley flow shore stream bank",
    "february march april june july month date spring summer winter",
    "north northern south southern east eastern west western road town",
    "album song guitar music band singer tour concert lyrics piano",
    "episode season series show scene writer actor drama script plot",
    "ship sailed crew fleet guns port deck captain hull cruise",
    "military army war forces troops battle officer attack defence soldiers",
    "king queen prince man woman he his she her throne",
    "daughter son wife family married mother father child sister brother",
    "hurricane storm wind tropical rain damage cyclone coast flood warning",
    "species genus bird plant tree leaves fruit forest nest wings",
    "church parish tower priest roof altar chapel nave stone built",
    "goal scored match league club cup player football team season",
    "three third four fourth five six seven eight nine ten",
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The page, run on texts with one topic each."""
    folder = tmp_path_factory.mktemp("tutorial")
    rng = np.random.default_rng(3)
    topics = [topic.split() for topic in TOPICS]
    texts = [
        " ".join(
            np.where(rng.random(12) < 0.3, ["the", "was"] * 6, rng.choice(topics[number % len(topics)], 12))
        )
        for number in range(1500)
    ]
    (folder / "corpus.txt").write_text("\n".join(texts), encoding="utf-8")
    picture = folder / "map.png"
    outputs, names = run_page(
        PAGE, {"corpus": str(folder / "corpus.txt"), "epochs": 5, "picture": str(picture)}
    )
    return outputs, names, picture


def test_every_output_has_the_shape_of_the_one_on_the_page(run: Run) -> None:
    recorded = recorded_outputs(PAGE)
    assert len(recorded) >= 15
    assert [shape_of(printed) for printed in run[0]] == [shape_of(on_page) for on_page in recorded]


def test_the_loop_written_by_hand_does_what_the_torch_engine_does(run: Run) -> None:
    ours, same = run[1]["ours"], run[1]["same"].matrix
    assert np.abs(ours).max() > 0.1
    np.testing.assert_allclose(ours, same, atol=1e-5)


def test_the_loss_falls_from_that_of_untrained_vectors(run: Run) -> None:
    losses = [report["validation_loss"] for report in run[1]["same"].training if report["event"] == "epoch"]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < math.log(2) - 0.05


def test_the_vectors_know_the_topics(run: Run) -> None:
    for topic in ("river", "album", "ship"):
        members = next(words for words in TOPICS if words.startswith(topic) or f" {topic} " in words).split()
        assert {neighbor.word for neighbor in run[1]["vectors"].most_similar(topic, k=4)} <= set(members)


def test_the_picture_is_drawn(run: Run) -> None:
    assert run[2].read_bytes().startswith(b"\x89PNG")


def test_the_picture_on_the_page_is_small() -> None:
    picture = DOCS / "images" / "wikitext-2-map.png"
    assert 10_000 < picture.stat().st_size < 300_000
