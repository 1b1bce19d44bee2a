import pytest

from wordvec.visualization.loss_picture import MARKERS, RUN_COLORS
from wordvec.visualization.losses import (
    MAX_RUNS,
    EpochEnd,
    LossCurve,
    Series,
    loss_series,
    score_series,
    words_per_epoch,
)


def run(words, epochs=2, scores=()):
    return LossCurve(
        [(words / 2, 0.5)],
        [
            EpochEnd(epoch, epoch * words, 0.5, 0.6, dict.fromkeys(scores, 0.1))
            for epoch in range(1, epochs + 1)
        ],
    )


def test_a_test_has_the_same_number_in_all_runs():
    curves = {"a": run(10, 1, ["x", "y"]), "b": run(10, 1, ["z", "y"])}
    assert score_series(curves) == [
        Series("a: x", [(10, 0.1)], 0, 0),
        Series("a: y", [(10, 0.1)], 0, 1),
        Series("b: z", [(10, 0.1)], 1, 2),
        Series("b: y", [(10, 0.1)], 1, 1),
    ]


def test_a_run_alone_needs_no_name():
    assert [series.name for series in loss_series({"a": run(10)})] == ["train", "validation"]


def test_long_names_keep_their_beginning_and_their_end():
    curves = {f"an experiment of many words with rate {rate}.wv": run(10) for rate in (0.1, 0.2)}
    assert [series.name for series in loss_series(curves)][::2] == [
        "an experiment …ith rate 0.1.wv: train",
        "an experiment …ith rate 0.2.wv: train",
    ]


def test_validation_is_kind_one_even_where_there_is_not_a_train_loss():
    assert [series.kind for series in loss_series({"a": run(10)._replace(train=[])})] == [1]


@pytest.mark.parametrize(
    ("curves", "expected"),
    [
        ([run(100)], 100),
        ([run(100, epochs=3), run(100, epochs=1)], 100),
        ([run(100_000), run(100_001)], 100_000),
        ([run(100), run(120)], None),
        ([run(100), LossCurve([(5, 0.5)], [])], None),
        ([LossCurve([(5, 0.5)], [])], None),
        ([run(0)], None),
    ],
    ids=["one", "equal", "nearly", "different", "unknown in one", "unknown", "no words"],
)
def test_epochs_are_shown_where_they_are_equally_long(curves, expected):
    assert words_per_epoch(dict(zip("abc", curves, strict=False))) == expected


def test_there_is_a_color_and_a_marker_for_each_run():
    assert len(set(RUN_COLORS)) == len(set(MARKERS)) == MAX_RUNS
