"""Settings: what each changes by itself, and the page that says so."""

from __future__ import annotations

from benchmarks.settings import CHANGES, name_of, page

from wordvec.config import Config

CONDITIONS = {
    "machine": {"cpu": "a CPU", "cores": 2, "memory_bytes": 2**34, "simd": [], "os": "Linux"},
    "versions": {"python": "3.11"},
    "source": {"commit": "0", "dirty": False},
    "corpora": [],
}


def test_every_change_is_one_from_the_defaults() -> None:
    names = [name_of(change) for change in CHANGES]
    assert len(set(names)) == len(names)
    assert names[0] == "defaults"
    assert all(Config(**change) != Config() for change in CHANGES[1:])


def test_the_page_has_the_difference_of_each_change_and_what_it_costs() -> None:
    runs = [
        {"text": "wiki", "change": {}, "seconds": 10.0, "scores": {"analogies": 38.0, "similarity": 65.0}},
        {
            "text": "wiki",
            "change": {"dim": 300},
            "seconds": 25.0,
            "scores": {"analogies": 41.0, "similarity": 66.0},
        },
        {"text": "shop", "change": {}, "seconds": 1.0, "scores": {"hits": 2.0}},
        {"text": "shop", "change": {"window": "text"}, "seconds": 1.5, "scores": {"hits": 3.0}},
    ]
    written = page({"conditions": CONDITIONS, "texts": {}, "runs": runs})
    assert "| dim 300 | 41.0 (+3.0) | 66.0 (+1.0) | 2.5x |  |  |" in written
    assert "| window text |  |  |  | 3.0 (+1.0) | 1.5x |" in written
