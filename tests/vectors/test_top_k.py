import tracemalloc

import numpy as np
import pytest

from wordvec.errors import ConfigError
from wordvec.vectors import top_k as top_k_module
from wordvec.vectors.directions import unit_rows
from wordvec.vectors.top_k import exact_cosines, top_k


def compare_with_all(unit_vectors, query, k, exclude=()):
    """The plain version: every cosine in float64, then sorted by score and id."""
    cosines = np.clip(unit_vectors.astype(np.float64) @ query.astype(np.float64), -1, 1).astype(np.float32)
    ranked = sorted((-score, row) for row, score in enumerate(cosines.tolist()) if row not in exclude)
    return [row for _, row in ranked[:k]], [-score for score, _ in ranked[:k]]


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(top_k_module, "ROWS_PER_BLOCK", 7)
    monkeypatch.setattr(top_k_module, "SCORES_PER_BLOCK", 1)
    monkeypatch.setattr(top_k_module, "QUERIES_PER_BLOCK", 3)


@pytest.mark.parametrize("k", [1, 4, 7, 8, 53, 54], ids=lambda k: f"k={k}")
@pytest.mark.parametrize("dim", [1, 3, 33], ids=lambda dim: f"dim={dim}")
def test_blocks_find_what_comparing_with_every_row_finds(small_blocks, k, dim):
    unit_vectors = unit_rows(np.random.default_rng(dim).normal(size=(53, dim)))
    queries = unit_vectors[[5, 52, 0, 5, 17]]
    exclude = [[5], [52, 51, 0], [], [6, 6], list(range(50))]
    found = top_k(unit_vectors, queries, k, exclude=exclude)
    assert found.ids.shape == found.scores.shape == (5, min(k, 53))
    for query in range(5):
        ids, scores = compare_with_all(unit_vectors, queries[query], k, exclude[query])
        missing = min(k, 53) - len(ids)
        assert found.ids[query].tolist() == ids + [-1] * missing
        assert found.scores[query].tolist() == scores + [-np.inf] * missing


def test_equal_scores_come_in_the_order_of_ids_across_blocks(small_blocks):
    direction, other = [0.3, -0.2, 0.7], [0.7, 0.3, 0.2]
    unit_vectors = unit_rows(np.array([other if row % 3 else direction for row in range(40)]))
    found = top_k(unit_vectors, unit_vectors[:1], k=16)
    twins = list(range(0, 40, 3))
    assert found.ids[0].tolist() == [*twins, 1, 2]


def test_queries_of_zeros_are_answered_without_a_look_at_all_rows(monkeypatch):
    unit_vectors = unit_rows(np.random.default_rng(1).normal(size=(40, 5)))
    queries = np.concatenate([np.zeros((2, 5), np.float32), unit_vectors[7:8]])
    found = top_k(unit_vectors, queries, k=3, exclude=[[1], [0, 2], [7]])
    assert found.ids[:2].tolist() == [[0, 2, 3], [1, 3, 4]]
    assert found.scores[:2].tolist() == [[0.0] * 3] * 2
    assert found.ids[2].tolist() == compare_with_all(unit_vectors, unit_vectors[7], 3, [7])[0]

    def scores_rows(*_):
        raise AssertionError("rows are scored for a query without a direction")

    monkeypatch.setattr(np, "matmul", scores_rows)
    all_but_two = top_k(unit_vectors, queries[:1], k=40, exclude=[[5, 6]])
    assert all_but_two.ids[0].tolist() == [row for row in range(40) if row not in (5, 6)] + [-1, -1]


def test_equal_rows_score_equally_wherever_they_stand():
    rng = np.random.default_rng(2)
    matrix = rng.normal(size=(1003, 37))
    matrix[[3, 500, 1002]] = matrix[17]
    found = top_k(unit_rows(matrix), unit_rows(rng.normal(size=(4, 37))), k=1003)
    for query in range(4):
        of_row = dict(zip(found.ids[query].tolist(), found.scores[query].tolist(), strict=True))
        assert len({of_row[row] for row in (3, 17, 500, 1002)}) == 1


def test_an_answer_does_not_depend_on_the_other_queries(small_blocks):
    unit_vectors = unit_rows(np.random.default_rng(3).normal(size=(31, 5)))
    together = top_k(unit_vectors, unit_vectors, k=6)
    for query in range(31):
        alone = top_k(unit_vectors, unit_vectors[query : query + 1], k=6)
        assert np.array_equal(alone.ids[0], together.ids[query])
        assert np.array_equal(alone.scores[0], together.scores[query])


def test_zero_vectors_score_zero_and_rank_by_id():
    unit_vectors = unit_rows(np.array([[0.0, 0.0], [-1.0, 0.0], [0.0, 0.0], [2.0, 0.0]]))
    found = top_k(unit_vectors, unit_vectors[[3, 0]], k=4)
    assert found.ids.tolist() == [[3, 0, 2, 1], [0, 1, 2, 3]]
    assert found.scores.tolist() == [[1.0, 0.0, 0.0, -1.0], [0.0, 0.0, 0.0, 0.0]]


def test_a_cosine_never_leaves_its_range():
    unit_vectors = unit_rows(np.random.default_rng(4).normal(size=(500, 3)))
    scores = top_k(unit_vectors, unit_vectors, k=500).scores
    assert -1 <= scores.min() < scores.max() <= 1


def test_no_query_gives_no_answer():
    assert top_k(np.eye(3, dtype=np.float32), np.empty((0, 3), dtype=np.float32), k=2).ids.shape == (0, 2)


def test_nothing_is_left_when_every_row_is_excluded():
    found = top_k(np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32)[:1], k=2, exclude=[[0, 1, 2]])
    assert found.ids.tolist() == [[-1, -1]]


def test_memory_does_not_grow_with_queries_times_words():
    unit_vectors = unit_rows(np.random.default_rng(5).normal(size=(100_000, 2)))
    tracemalloc.start()
    top_k(unit_vectors, unit_vectors[:300], k=3)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 64 << 20  # all scores at once would take 120 MB


@pytest.mark.parametrize("k", [0, -1])
def test_fewer_than_one_neighbor_is_refused(k):
    with pytest.raises(ConfigError, match="k must be at least 1"):
        top_k(np.eye(2, dtype=np.float32), np.eye(2, dtype=np.float32), k)


@pytest.mark.parametrize("k", [1, 10, 5000], ids=lambda k: f"k={k}")
def test_one_query_is_one_call_of_blas_however_many_words_there_are(monkeypatch, k):
    unit_vectors = unit_rows(np.random.default_rng(6).normal(size=(50_000, 4)))
    expected = compare_with_all(unit_vectors, unit_vectors[77], k, [77])
    calls, matmul = [], np.matmul

    def counted(*arguments, **options):
        calls.append(arguments[1].shape)
        return matmul(*arguments, **options)

    monkeypatch.setattr(np, "matmul", counted)
    found = top_k(unit_vectors, unit_vectors[77:78], k, exclude=[[77]])
    assert calls == [(4, 50_000)]
    assert (found.ids[0].tolist(), found.scores[0].tolist()) == expected


@pytest.mark.parametrize("size", [40, 300, 5003], ids=lambda size: f"{size} rows a block")
@pytest.mark.parametrize("k", [900, 2000, 5003], ids=lambda k: f"k={k}")
def test_large_k_finds_what_comparing_with_every_row_finds(monkeypatch, k, size):
    monkeypatch.setattr(top_k_module, "ROWS_PER_BLOCK", size)
    monkeypatch.setattr(top_k_module, "SCORES_PER_BLOCK", 1)
    unit_vectors = unit_rows(np.random.default_rng(7).normal(size=(5003, 6)).round(1))  # some of them equal
    unit_vectors[100:200] = 0
    found = top_k(unit_vectors, unit_vectors[[5, 4999]], k, exclude=[[5], [4999, 6]])
    for query, (row, own) in enumerate(((5, [5]), (4999, [4999, 6]))):
        ids, scores = compare_with_all(unit_vectors, unit_vectors[row], k, own)
        assert found.ids[query, : len(ids)].tolist() == ids
        assert found.scores[query, : len(ids)].tolist() == pytest.approx(scores, abs=1e-7)
        assert (found.ids[query, len(ids) :] == -1).all()


def test_large_k_does_not_trust_scores_that_float32_rounds():
    rng = np.random.default_rng(9)
    unit_vectors = unit_rows(1 + 1e-6 * rng.normal(size=(4000, 65)))  # nearly alike
    queries = unit_rows(rng.normal(size=(3, 65)))
    found = top_k(unit_vectors, queries, 1500)
    exact = [np.lexsort((np.arange(4000), -exact_cosines(unit_vectors, query[None]))) for query in queries]
    assert found.ids.tolist() == [order[:1500].tolist() for order in exact]
