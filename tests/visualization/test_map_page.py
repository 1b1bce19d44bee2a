import base64
import hashlib
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from wordvec.visualization.map_page import SHORT_IDS, write_map_page
from wordvec.visualization.output_kinds import check_map_target
from wordvec.visualization.word_map import WordMap

HOSTILE = [
    "<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "<!--", "]]>", "&lt;", '"', "'", "\\",
    "\u2028", "\x00", "\u202eabc", "שלום", "🎉", "{title}", "</SCRIPT >", "\ud800",
]  # fmt: skip


def map_of(words, k=2):
    random = np.random.default_rng(1)
    num_words = len(words)
    return WordMap(
        words=words,
        points=random.normal(size=(num_words, 2)).astype(np.float32),
        groups=np.arange(num_words) % 3,
        neighbors=(np.arange(num_words)[:, None] + np.arange(1, k + 1)) % num_words,
        cosines=np.tile(np.linspace(1, -1, k), (num_words, 1)).astype(np.float32),
        counts=np.arange(num_words, 0, -1),
    )


def written(word_map, **texts):
    file = io.BytesIO()
    write_map_page(word_map, file, **{"title": "A map", **texts})
    return file.getvalue().decode()


class Reader(HTMLParser):
    """Collects tags with their attributes and the contents of scripts and of the style sheet."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts, self.is_inside = [], [], False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag in ("script", "style", "title"):
            self.texts.append("")
            self.is_inside = True

    def handle_endtag(self, tag):
        self.is_inside = False

    def handle_data(self, text):
        if self.is_inside:
            self.texts[-1] += text


def data_of(page):
    return json.loads(Reader(page).texts[2])  # after the title and the style sheet


def numbers(text, kind):
    return np.frombuffer(base64.b64decode(text), dtype=kind)


def test_words_that_look_like_markup_stay_text():
    page = written(map_of(HOSTILE), title=HOSTILE[1], caption=HOSTILE[0], labels=HOSTILE)
    tags = [tag for tag, _ in Reader(page).tags]
    assert (tags.count("script"), tags.count("img"), tags.count("title")) == (2, 0, 1)
    data = data_of(page)
    assert data["words"] == data["listed"] == HOSTILE
    assert data["title"] == HOSTILE[1]


def test_the_page_loads_nothing_and_runs_only_its_own_script():
    page = written(map_of(HOSTILE))
    reader = Reader(page)
    assert not [
        attributes for _, attributes in reader.tags if {"src", "href", "style", "onclick"} & set(attributes)
    ]
    assert "http" not in re.sub(r"http-equiv", "", page)
    policy = next(
        attributes["content"] for tag, attributes in reader.tags if tag == "meta" and "content" in attributes
    )
    _, style, _, script = reader.texts
    for kind, text in (("script-src", script), ("style-src", style)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_scripts_write_text_and_never_markup():
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", written(map_of(["a", "b", "c"]))
    )


@pytest.mark.parametrize("num_words", [5, SHORT_IDS + 3], ids=["short ids", "long ids"])
def test_neighbors_and_cosines_survive_the_packing(num_words):
    word_map = map_of([f"w{number}" for number in range(num_words)])
    data = data_of(written(word_map))
    ids = numbers(data["neighbors"], "<u2" if num_words < SHORT_IDS else "<u4").reshape(num_words, 2)
    assert (ids == word_map.neighbors).all()
    assert (numbers(data["cosines"], "<u1").reshape(num_words, 2) == [255, 0]).all()
    assert (numbers(data["groups"], "<u1") == word_map.groups).all()
    assert data["counts"] == word_map.counts.tolist()


def test_places_keep_the_shape_of_the_map_and_count_from_the_top():
    flat = map_of(["a", "b", "c"])._replace(points=np.array([[0, 0], [4, 1], [2, 1]], dtype=np.float32))
    data = data_of(written(flat))
    assert numbers(data["x"], "<u2").tolist() == [0, 65535, 32768]
    assert numbers(data["y"], "<u2").tolist() == [16384, 0, 0]


def test_words_in_one_place_have_a_page():
    data = data_of(written(map_of(["a", "b", "c"])._replace(points=np.ones((3, 2), dtype=np.float32))))
    assert numbers(data["x"], "<u2").tolist() == [0, 0, 0]


def test_without_counts_the_page_says_so():
    assert data_of(written(map_of(["a", "b", "c"])._replace(counts=None)))["counts"] is None


def test_a_page_of_20_000_words_is_small():
    assert len(written(map_of([f"a common word {number}" for number in range(20_000)], k=10))) < 2_500_000


def test_a_page_may_be_replaced_by_a_map(tmp_path):
    (tmp_path / "map.html").write_text(written(map_of(["a", "b", "c"])), encoding="utf-8")
    check_map_target(tmp_path / "map.html")


def test_the_same_map_is_the_same_page():
    assert written(map_of(HOSTILE)) == written(map_of(HOSTILE))
