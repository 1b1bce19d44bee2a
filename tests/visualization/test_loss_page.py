import io
import re
from html.parser import HTMLParser

import pytest

from wordvec.visualization.losses import EpochEnd, LossCurve
from wordvec.visualization.output_kinds import check_plot_target
from wordvec.visualization.plain_pages import write_loss_page

pytest.importorskip("matplotlib")

RUN = LossCurve(
    [(75, 0.6), (225, 0.5)],
    [EpochEnd(1, 15000, 0.55, 0.625, {"q.txt": 0.1}), EpochEnd(2, 30000, 0.5, None, {"<b>": -0.25})],
)
PLAIN = LossCurve([(75, 0.6)], [EpochEnd(1, 150, 0.55, None, {})])
VOID = ("meta", "link", "br", "img")


def written(title="Training", **curves):
    file = io.BytesIO()
    write_loss_page(curves, file, title=title)
    return file.getvalue().decode()


class Reader(HTMLParser):
    """Collects tags, addresses, and the texts of table rows; notices what is closed wrongly."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.loaded, self.rows, self.captions = [], set(), [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.loaded += [value for name, value in attributes if name in ("src", "href", "data", "action")]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag, attributes):
        self.loaded += [value for name, value in attributes if name in ("src", "href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data
        elif self.open and self.open[-1] == "caption":
            self.captions.append(data)


def test_the_page_has_the_picture_and_the_numbers():
    page = Reader(written(**{"my.wv": RUN, "other.wv": PLAIN}))
    assert not page.open
    assert "svg" in page.tags
    assert page.captions == ["my.wv", "other.wv"]
    assert page.rows == [
        ["epoch", "words seen", "train loss", "validation loss", "q.txt", "<b>"],
        ["1", "15,000", "0.5500", "0.6250", "0.1000", ""],
        ["2", "30,000", "0.5000", "", "", "-0.2500"],
        ["epoch", "words seen", "train loss"],
        ["1", "150", "0.5500"],
    ]


def test_the_page_loads_nothing():
    page = written(run=RUN)
    reader = Reader(page)
    assert not [address for address in reader.loaded if not address.startswith("#")]
    assert not reader.tags & {"script", "img", "link", "iframe", "object"}
    assert "url(http" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "a&b", '"quoted"', "{0}", "new\nline", "\udcff"]
)
def test_names_cannot_break_the_page(name):
    page = written(title=name, **{name: RUN})
    assert "script" not in Reader(page).tags
    assert Reader(page).captions == [name.replace("\n", "\\n").replace("\udcff", "\\udcff")]


def test_a_page_may_be_replaced_by_a_plot(tmp_path):
    (tmp_path / "losses.html").write_text(written(run=RUN), encoding="utf-8")
    check_plot_target(tmp_path / "losses.html")


def test_a_run_without_a_whole_epoch_has_no_table():
    assert not Reader(written(run=LossCurve([(7, 0.5), (9, 0.4)], []))).rows


def test_the_same_losses_are_the_same_page():
    page = written(run=RUN)
    assert written(run=RUN) == page
    assert not re.search(r"<\?xml|DOCTYPE svg", page)
