"""Queries that arrive together are answered by one search, and each gets its own answer."""

from __future__ import annotations

import asyncio
import threading

import pytest

pytest.importorskip("fastapi")

from tests.serving.questions import WORDS, served, vectors_of

from wordvec.errors import ConfigError
from wordvec.serving import batching
from wordvec.serving.batching import Batcher
from wordvec.serving.problems import Problem


class SlowSearch:
    """A model whose first search waits until it may go on."""

    def __init__(self, model):
        self._search, self.may_go_on, self.num_directions = model.search, threading.Event(), []
        self.has_begun = threading.Event()

    def nearest(self, asked, *, k, search_limit=None):
        self.num_directions.append(len(asked))
        self.has_begun.set()
        assert self.may_go_on.wait(10)
        return self._search.nearest(asked, k=k, search_limit=search_limit)


@pytest.fixture
def slow():
    model = served()
    directions = [model.search.direction(word) for word in WORDS]
    search = SlowSearch(model)
    model.making_search = type("Made", (), {"result": lambda _: search})()
    return model, directions, search


async def _first_and_others(batcher, slow, others):
    """Answers to one query that finds nobody else, and to others that come while it is searched for."""
    model, directions, search = slow
    first = asyncio.ensure_future(batcher.nearest(model, directions[:1], k=2))
    await asyncio.to_thread(search.has_begun.wait, 10)
    asked = [asyncio.ensure_future(one) for one in others(batcher, model, directions)]
    await asyncio.sleep(0.01)
    search.may_go_on.set()
    return [await first, *await asyncio.gather(*asked, return_exceptions=True)]


def test_what_arrives_during_a_search_is_the_next_batch(slow):
    searched = []
    batcher = Batcher(searched.append)

    def others(batcher, model, directions):
        return [batcher.nearest(model, [one], k=k) for k, one in enumerate(directions[1:6], start=1)]

    found = asyncio.run(_first_and_others(batcher, slow, others))
    batcher.close()
    assert searched == slow[2].num_directions == [1, 5]
    expected = [
        vectors_of().most_similar(word, k=k) for word, k in zip(WORDS, (2, 1, 2, 3, 4, 5), strict=False)
    ]
    assert [near for (near,) in found] == expected


def test_different_limits_are_different_searches(slow):
    batcher = Batcher()

    def others(batcher, model, directions):
        return [
            batcher.nearest(model, directions[1:3], k=2, search_limit=4),
            batcher.nearest(model, directions[1:2], k=2),
            batcher.nearest(model, directions[3:4], k=2, search_limit=4),
        ]

    found = asyncio.run(_first_and_others(batcher, slow, others))
    batcher.close()
    assert slow[2].num_directions == [1, 3, 1]
    assert found[1][0] == vectors_of().most_similar(WORDS[1], k=2, search_limit=4)
    assert found[2][0] == vectors_of().most_similar(WORDS[1], k=2)


def test_an_error_reaches_those_who_asked_and_nobody_else(slow):
    batcher = Batcher()

    def others(batcher, model, directions):
        return [
            batcher.nearest(model, directions[1:2], k=2, search_limit=-1),
            batcher.nearest(model, directions[2:3], k=2),
        ]

    found = asyncio.run(_first_and_others(batcher, slow, others))
    batcher.close()
    assert isinstance(found[1], ConfigError)
    assert found[2][0] == vectors_of().most_similar(WORDS[2], k=2)


def test_who_has_gone_is_not_searched_for(slow):
    batcher = Batcher()

    async def asked():
        model, directions, search = slow
        first = asyncio.ensure_future(batcher.nearest(model, directions[:1], k=2))
        await asyncio.to_thread(search.has_begun.wait, 10)
        second = asyncio.ensure_future(batcher.nearest(model, directions[1:2], k=2))
        third = asyncio.ensure_future(batcher.nearest(model, directions[2:3], k=2))
        await asyncio.sleep(0.01)
        second.cancel()
        await asyncio.sleep(0.01)
        search.may_go_on.set()
        return await asyncio.gather(first, third)

    _first, third = asyncio.run(asked())
    batcher.close()
    assert slow[2].num_directions == [1, 1]
    assert third[0] == vectors_of().most_similar(WORDS[2], k=2)


def test_too_many_that_wait_get_the_answer_503(slow, monkeypatch):
    monkeypatch.setattr(batching, "MAX_WAITING", 2)
    batcher = Batcher()

    def others(batcher, model, directions):
        return [batcher.nearest(model, [one], k=2) for one in directions[1:4]]

    found = asyncio.run(_first_and_others(batcher, slow, others))
    batcher.close()
    refused = [one for one in found if isinstance(one, Problem)]
    assert [(one.status, one.headers["Retry-After"]) for one in refused] == [(503, "1")]


def test_a_large_batch_is_cut(slow, monkeypatch):
    monkeypatch.setattr(batching, "MAX_BATCH", 3)
    batcher = Batcher()

    def others(batcher, model, directions):
        return [batcher.nearest(model, directions[number : number + 2], k=2) for number in range(3)]

    asyncio.run(_first_and_others(batcher, slow, others))
    batcher.close()
    assert slow[2].num_directions == [1, 2, 2, 2]


def test_who_was_answered_together_and_asks_again_is_one_batch_again(slow, monkeypatch):
    monkeypatch.setattr(batching, "GATHER_SECONDS_PER_REQUEST", 5.0)
    batcher = Batcher()

    async def asked():
        model, directions, search = slow
        first = asyncio.ensure_future(batcher.nearest(model, directions[:1], k=2))
        await asyncio.to_thread(search.has_begun.wait, 10)
        search.may_go_on.set()

        async def client(number, pause):
            for _ in range(3):
                await batcher.nearest(model, directions[number : number + 1], k=2)
                await asyncio.sleep(pause)

        await asyncio.gather(first, *(client(number, 0.01 * number) for number in range(3)))

    asyncio.run(asked())
    batcher.close()
    assert slow[2].num_directions == [1, 3, 3, 3]


def test_a_client_that_goes_away_is_waited_for_only_a_moment(slow):
    batcher = Batcher()

    async def asked():
        model, directions, search = slow
        first = asyncio.ensure_future(batcher.nearest(model, directions[:1], k=2))
        await asyncio.to_thread(search.has_begun.wait, 10)
        search.may_go_on.set()
        await asyncio.gather(first, *(batcher.nearest(model, [one], k=2) for one in directions[1:4]))
        await asyncio.wait_for(batcher.nearest(model, directions[:1], k=2), 5)

    asyncio.run(asked())
    batcher.close()
    assert slow[2].num_directions == [1, 3, 1]
