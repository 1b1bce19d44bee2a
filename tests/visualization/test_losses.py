import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordvec.visualization.losses import EpochEnd, loss_curve


def report(words, epoch_loss, event="report", **more):
    return {"event": event, "words": words, "epoch_loss": epoch_loss, **more}


def records_of(stretches, words_per_epoch, pairs_per_word=3):
    """The records of a run, from the words and the loss of a pair of each stretch."""
    records, words, words_of_epoch, total = [], 0, 0, 0.0
    for num_words, loss in stretches:
        words, words_of_epoch, total = words + num_words, words_of_epoch + num_words, total + num_words * loss
        mean = total * pairs_per_word / (words_of_epoch * pairs_per_word)
        is_end = words_of_epoch == words_per_epoch
        records.append(report(words, mean, "epoch" if is_end else "report"))
        if is_end:
            words_of_epoch, total = 0, 0.0
    return records


def test_the_loss_of_each_stretch_is_found_again_and_stands_at_its_middle():
    stretches = [(40, 0.6), (10, 0.5), (50, 0.47), (70, 0.44), (30, 0.41), (60, 0.45)]
    curve = loss_curve(records_of(stretches, words_per_epoch=100))
    assert [words for words, _ in curve.train] == [20, 45, 75, 135, 185, 230]
    assert [loss for _, loss in curve.train] == pytest.approx([loss for _, loss in stretches])
    assert [end[:3] for end in curve.epochs] == [
        (1, 100, pytest.approx(0.525)),
        (2, 200, pytest.approx(0.431)),
    ]


def test_a_run_that_reports_no_more_than_epochs_has_a_point_for_each():
    curve = loss_curve([report(100, 0.5, "epoch"), report(200, 0.4, "epoch")])
    assert curve.train == [(50, 0.5), (150, 0.4)]


def test_the_last_few_words_of_an_epoch_make_no_point_of_their_own():
    """The mean of a handful of pairs may be anything, and would stand out as a spike."""
    few = [(992, 0.5), (4, 9.0), (4, 9.0), (600, 0.4), (399, 0.45), (1, 9.0)]
    curve = loss_curve(records_of(few, words_per_epoch=1000))
    assert [words for words, _ in curve.train] == [500, 1300, 1800]
    assert [loss for _, loss in curve.train] == pytest.approx([0.568, 0.4, (399 * 0.45 + 9) / 400])


def test_validation_losses_and_scores_stand_at_the_ends_of_epochs():
    scores = {"a.txt": {"kind": "analogies", "value": 0.25}, "b.tsv": {"kind": "similarity", "value": None}}
    curve = loss_curve(
        [
            report(50, 0.6),
            report(100, 0.5, "epoch", epoch=1, validation_loss=0.55, scores=scores),
            report(200, 0.4, "epoch", epoch=2, scores={"b.tsv": {"value": -0.5}}),
        ]
    )
    assert curve.epochs == [
        EpochEnd(1, 100, 0.5, 0.55, {"a.txt": 0.25}),
        EpochEnd(2, 200, 0.4, None, {"b.tsv": -0.5}),
    ]
    assert curve.validation == [(100, 0.55)]
    assert curve.scores == {"a.txt": [(100, 0.25)], "b.tsv": [(200, -0.5)]}


def test_a_run_without_losses_is_empty():
    assert loss_curve([]).is_empty
    assert loss_curve([{"loss": 3.0}, {"event": "corpus", "words": 9}, report(9, None, "epoch")]).is_empty
    assert not loss_curve([report(9, None, "epoch", validation_loss=0.5)]).is_empty


@pytest.mark.parametrize("value", [None, "0.5", True, float("nan"), float("-inf"), 10**400, [0.5], {}])
def test_what_is_not_a_finite_number_is_left_out(value):
    damaged = [
        report(value, 0.5),
        report(60, value),
        report(100, 0.4, "epoch", epoch=value, validation_loss=value, scores={"a": {"value": value}}),
        report(200, value, "epoch", scores=value),
    ]
    curve = loss_curve(damaged)
    assert curve.train == [(50, 0.4)]
    assert curve.epochs == [EpochEnd(1, 100, 0.4, None, {}), EpochEnd(2, 200, None, None, {})]


def test_words_that_run_backwards_are_left_out():
    records = [report(50, 0.6), report(20, 0.1), report(20, 0.1, "epoch"), report(100, 0.5, "epoch")]
    curve = loss_curve(records)
    assert curve.train == [(25, 0.6), (75, pytest.approx(0.4))]
    assert [end.words for end in curve.epochs] == [100]


ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers()))


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["event", "words", "epoch", "epoch_loss", "validation_loss", "scores"]),
            st.one_of(
                st.sampled_from(["report", "epoch"]),
                ANYTHING,
                st.dictionaries(st.text(), st.just({"value": 1})),
            ),
        )
    )
)
def test_no_record_breaks_it(records):
    curve = loss_curve(records)
    values = [value for points in (curve.train, curve.validation) for point in points for value in point]
    assert all(abs(value) < float("inf") for value in values)


def test_more_pairs_in_some_stretches_move_the_curve_little():
    """Records have no pairs; stretches of 5 % more or fewer pairs a word still give their loss to 1 %."""
    draw = random.Random(1)  # noqa: S311
    losses = [0.4 + 0.1 / (1 + place / 10) for place in range(50)]
    pairs = [draw.uniform(0.95, 1.05) for _ in losses]
    records = [
        report(
            20 * (place + 1),
            sum(p * loss for p, loss in zip(pairs[: place + 1], losses, strict=False))
            / sum(pairs[: place + 1]),
        )
        for place in range(50)
    ]
    assert [loss for _, loss in loss_curve(records).train] == pytest.approx(losses, rel=0.01)
