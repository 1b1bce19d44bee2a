from wordvec.visualization.losses import EpochEnd, LossCurve
from wordvec.visualization.terminal_chart import draw_loss_chart

LONG = LossCurve(
    [(50, 0.6), (150, 0.5)],
    [EpochEnd(1, 100, 0.6, 0.62, {"q.txt": 0.1, "s.tsv": 0.4}), EpochEnd(2, 200, 0.5, 0.55, {"q.txt": 0.3})],
)
PLAIN = LossCurve([(75, 0.58), (225, 0.47)], [EpochEnd(1, 150, 0.58, None, {})])


def lines_of(width=80, is_ascii=False, **curves):
    return draw_loss_chart(curves, width=width, is_ascii=is_ascii).plain.split("\n")


def test_one_run_is_a_line_with_marks_and_its_scores_are_a_chart_below():
    lines = lines_of(run=LONG)
    assert lines[0] == "mean loss of a pair"
    assert lines[19:21] == ["      words seen, 100 in an epoch", "⠤ train   o validation"]
    assert lines[22] == "score: share right, or Spearman's rho"
    assert lines[-1] == "o q.txt   x s.tsv"
    losses, scores = "".join(lines[1:17]), "".join(lines[23:31])
    assert (losses.count("o"), scores.count("o"), scores.count("x")) == (2, 2, 1)


def test_runs_differ_by_letters_without_colors():
    lines = lines_of(first=LONG, second=PLAIN, is_ascii=True)
    assert lines[19:21] == [
        "      words seen",
        "a first: train   A first: validation   b second: train",
    ]
    assert lines[-1] == "a first: q.txt   b first: s.tsv"
    losses = "".join(lines[1:17])
    assert [losses.count(letter) for letter in "aAbB"] == [2, 2, 2, 0]


def test_runs_of_one_epoch_length_say_it():
    assert "      words seen, 100 in an epoch" in lines_of(first=LONG, second=LONG)


def test_a_train_loss_of_one_point_is_seen():
    lines = lines_of(run=LossCurve([(75, 0.58)], []))
    assert (
        sum(line.count(".") for line in lines[1:17] if "┤" not in line)
        + sum(line.split("┤")[1].count(".") for line in lines[1:17] if "┤" in line)
        == 1
    )
    assert lines[-1] == ". train"


def test_there_is_not_a_chart_of_nothing():
    assert lines_of(run=LossCurve([], [EpochEnd(1, 9, None, None, {"q.txt": 0.5})]))[0].startswith("score")
    assert not any(line.startswith("score") for line in lines_of(run=PLAIN))


def test_the_name_of_a_run_has_nothing_that_a_terminal_would_obey():
    text = "\n".join(lines_of(**{"a\x1b[31mb": LONG, "c\u202ed\x9b": PLAIN}))
    assert all(line.isprintable() for line in text.split("\n"))
    assert "a\\x1b[31mb" in text
