"""The explorer in a real browser: what people do with it, by mouse and by keys, and what words must not do to it."""

import csv
import io
import json
import re
import shutil
import time
from urllib.parse import parse_qs, urlencode, urlparse

import pytest
from tests.serving.explorer_model import HOSTILE, VISIBLE, Server, write_corpus, write_models

from wordvec.formats.load import load

pytest.importorskip("selenium", reason="the page is tested with selenium: pip install selenium")
pytest.importorskip("uvicorn", reason="wordvec serve needs it: pip install 'wordvec[serve]'")

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM, DRIVER = (shutil.which(name) for name in ("chromium", "chromedriver"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("browser"),  # one server and one browser for all
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="no chromium here: apt-get install chromium chromium-driver"
    ),
]

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--window-size=1200,1100",
)  # fmt: skip
PATIENCE = 20  # seconds
TOKEN = "open-sesame"  # noqa: S105  # of a test
VIEWS = {
    "beginning": {},
    "neighbors": {"q": "king", "with": "queen"},
    "chart": {"q": "king", "show": "chart"},
    "expression": {"q": "king - man + woman"},
    "unknown word": {"q": "kimg"},
    "misspelled expression": {"q": "king queen"},
    "analogy": {"view": "analogy", "a": "man", "b": "king", "c": "woman"},
    "odd one out": {"view": "odd", "word": ["breakfast", "lunch", "dinner", "green"]},
    "compare": {"view": "compare", "q": "king"},
    "map": {"view": "map", "q": "king"},
    "sentences": {"view": "sentences", "q": "king", "with": "queen"},
    "concordance": {"view": "sentences", "q": "king", "show": "aligned"},
    "list": {"view": "list", "format": "synonyms"},
}
KEPT = [
    {"word": word, "model": "before", "asked": asked, "similarity": 0.5 if asked else None}
    for word, asked in [("king", ""), ("queen", "king"), (HOSTILE["formula"], ""), (HOSTILE["image"], "")]
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("explorer")


@pytest.fixture(scope="module")
def arguments(folder):
    models = [str(path) for path in write_models(folder)]
    return [*models, "--corpus", str(write_corpus(folder))]


@pytest.fixture(scope="module")
def server(arguments, folder):
    served = Server(arguments, folder)
    yield served
    served.end()


@pytest.fixture(scope="module")
def chromium(folder):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(DRIVER))
    browser.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder / "downloads")}
    )
    yield browser
    browser.quit()


class Page:
    """The page, as people see and use it."""

    def __init__(self, chromium, address):
        self.chromium, self.address = chromium, address

    def open(self, **state):
        """Go to a state by its address, and wait for its answer."""
        self.chromium.get(f"{self.address}/?{urlencode(state, doseq=True)}")
        self.wait(lambda: self.all("main h1, main h2, main form"))
        self.settle()

    def settle(self):
        """Wait until nothing is on its way."""
        self.wait(lambda: "Looking …" not in self.text("main") and not self.all("main[aria-busy]"))
        self.chromium.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")

    def all(self, selector):
        return self.chromium.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.chromium.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        found = self.all(selector)
        return found[0].text if found else ""

    def texts(self, selector):
        return [found.text for found in self.all(selector)]

    def wait(self, is_done):
        def again(_):
            try:
                return is_done()
            except StaleElementReferenceException:  # the page has gone on
                return False

        return WebDriverWait(self.chromium, PATIENCE, poll_frequency=0.03).until(again)

    def wait_for_heading(self, heading):
        self.wait(lambda: self.text("main h1") == heading)
        self.settle()

    def neighbors(self):
        return self.texts("main .neighbors .ask-word")

    def query(self, text, *keys):
        box = self.one("#query")
        box.clear()
        box.send_keys(text, *keys)

    @property
    def active(self):
        return self.chromium.switch_to.active_element

    @property
    def state(self):
        return {
            name: value for name, (value, *_) in parse_qs(urlparse(self.chromium.current_url).query).items()
        }

    def keep(self, entries):
        script = "localStorage.setItem('wordvec-kept', JSON.stringify(arguments[0]))"
        self.chromium.execute_script(script, entries)

    def emulate(self, scheme="light", width=None):
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        if width is None:
            self.chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        else:
            size = {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": True}
            self.chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


@pytest.fixture
def page(chromium, server):
    """The page as it opens; at the end, nothing was amiss in it, and no other host was asked."""
    chromium.get_log("browser")
    chromium.get_log("performance")
    opened = Page(chromium, server.address)
    opened.open()
    yield opened
    opened.emulate()
    opened.keep([])
    # Chromium itself notes each answer of 400 and more; everything else would be a mistake of the page.
    notes = [entry["message"] for entry in chromium.get_log("browser")]
    assert [note for note in notes if "Failed to load resource" not in note] == []
    assert foreign_requests(chromium, server.address) == []
    assert chromium.title.endswith("wordvec")


def foreign_requests(chromium, address):
    events = [json.loads(entry["message"])["message"] for entry in chromium.get_log("performance")]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert asked
    return [url for url in asked if not url.startswith((f"{address}/", f"blob:{address}/"))]


def test_a_word_is_answered_with_its_neighbors_and_what_is_known_of_it(page):
    page.query("king", Keys.ENTER)
    page.wait_for_heading("king")
    near = page.neighbors()
    assert len(near) == 10
    assert set(near[:3]) == {"queen", "prince", "princess"}
    similarities = [float(text) for text in page.texts("main .similarity")]
    assert similarities == sorted(similarities, reverse=True)
    page.wait(lambda: "1st of 271" in page.text(".card"))
    assert "2,710 times" in page.text(".card")
    assert page.chromium.title == "king · Neighbors · wordvec"
    assert page.state == {"q": "king"}


def test_a_click_asks_the_neighbor_and_back_and_forward_return(page):
    page.open(q="king")
    first, second = page.neighbors()[:2]
    page.all("main .ask-word")[1].click()
    page.wait_for_heading(second)
    assert page.active.text == second  # who cannot see the page hears the new heading
    page.all(".choices a")[1].click()
    page.wait(lambda: page.all(".chart .bar i"))
    assert page.state == {"q": second, "show": "chart"}
    page.chromium.back()
    page.wait(lambda: not page.all(".chart"))
    page.chromium.back()
    page.wait_for_heading("king")
    assert page.neighbors()[0] == first
    assert page.one("#query").get_attribute("value") == "king"
    page.chromium.forward()
    page.wait_for_heading(second)


def test_words_are_completed_as_one_types_and_chosen_by_keys(page):
    page.one("body").send_keys("/")
    assert page.active.get_attribute("id") == "query"
    page.active.send_keys("pri")
    page.wait(lambda: page.texts("[role=option] .word") == ["prince", "princess"])
    box = page.one("#query")
    assert box.get_attribute("aria-expanded") == "true"
    box.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    chosen = page.one("[role=option][aria-selected=true]")
    assert box.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    assert chosen.text.startswith("princess")
    box.send_keys(Keys.ARROW_UP, Keys.ARROW_UP)
    assert box.get_attribute("aria-activedescendant") is None  # what was typed
    box.send_keys(Keys.ESCAPE)
    assert box.get_attribute("aria-expanded") == "false"
    assert box.get_attribute("value") == "pri"
    box.send_keys(Keys.ARROW_DOWN)
    page.wait(lambda: page.texts("[role=option] .word") == ["prince", "princess"])
    box.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    page.wait_for_heading("prince")


def test_a_word_inside_an_expression_is_completed(page):
    page.query("king - ma")
    page.wait(lambda: page.texts("[role=option] .word") == ["man"])
    page.one("#query").send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    assert page.one("#query").get_attribute("value") == "king - man"
    page.one("#query").send_keys(" + woman", Keys.ENTER)
    page.wait_for_heading("king − man + woman")
    assert page.neighbors()[0] == "queen"
    assert page.texts(".terms td") == ["king", "1", "man", "−1", "woman", "1"]


def test_a_completion_that_comes_late_is_dropped(page):
    page.chromium.execute_script("""
        const real = window.fetch;
        window.late = 0;
        window.fetch = async (url, options) => {
            if (!url.includes("prefix=p&")) return real(url, options);
            await new Promise((done) => setTimeout(done, 400));
            window.late++;
            return real(url, {...options, signal: undefined});
        };""")
    box = page.one("#query")
    box.send_keys("p")
    time.sleep(0.1)  # longer than the page waits for the next letter
    box.send_keys("r")
    page.wait(lambda: page.texts("[role=option] .word") == ["prince", "princess"])
    page.wait(lambda: page.chromium.execute_script("return window.late") == 1)
    time.sleep(0.2)
    assert page.texts("[role=option] .word") == ["prince", "princess"]


def test_an_unknown_word_shows_near_spellings_that_lead_on(page):
    page.query("kimg", Keys.ENTER)
    page.wait_for_heading("No such word")
    assert "kimg" in page.text("main .lead")
    page.all(".suggestion")[page.texts(".suggestion").index("king")].click()
    page.wait_for_heading("king")
    page.query("queen - womam + man", Keys.ENTER)
    page.wait_for_heading("No such word")
    page.all(".suggestion")[page.texts(".suggestion").index("woman")].click()
    page.wait_for_heading("queen − woman + man")


def test_a_mistake_in_an_expression_is_shown_where_it_is(page):
    page.query("king queen", Keys.ENTER)
    page.wait(lambda: page.text(".pointed mark") == "queen")
    assert "Expected +" in page.text("main .lead")


def test_sentences_with_a_neighbor_open_below_it_and_stand_in_the_address(page):
    page.open(q="king")
    place = page.neighbors().index("queen")
    page.all(".both")[place].click()
    page.wait(lambda: page.texts(".together mark") == ["king", "queen"])
    assert page.state == {"q": "king", "with": "queen"}
    assert page.all(".both")[place].get_attribute("aria-expanded") == "true"
    page.chromium.refresh()
    page.wait(lambda: page.texts(".together mark") == ["king", "queen"])
    page.chromium.back()
    page.wait(lambda: page.all(".both") and not page.texts(".together mark"))


def test_sentences_have_their_words_marked_and_come_in_pages(page):
    page.open(view="sentences", q="king")
    assert page.text("main h2") == "31 sentences"
    assert set(page.texts("main mark")) == {"king"}
    page.one("a[rel=next]").click()
    page.wait(lambda: "11 to 20 of 31" in page.text(".pager"))
    page.chromium.back()
    page.wait(lambda: "1 to 10 of 31" in page.text(".pager"))
    page.all(".choices a")[1].click()
    page.wait(lambda: page.all(".concordance"))
    lefts = {round(mark.rect["x"] + mark.rect["width"] / 2) for mark in page.all(".aligned > mark")}
    assert len(lefts) == 1  # the word stands in one column
    field = page.one("#input-with")
    field.send_keys("queen", Keys.ENTER)
    page.wait_for_heading("king + queen")
    assert page.text("main h2") == "1 sentence"


def test_an_analogy_is_built_word_by_word_and_answered(page):
    page.open(view="analogy")
    page.one("#input-a").send_keys("man", Keys.ENTER)
    assert page.active.get_attribute("id") == "input-b"
    page.active.send_keys("king", Keys.ENTER)
    page.active.send_keys("woman", Keys.ENTER)
    page.wait(lambda: page.text("#verdict").startswith("queen"))
    assert page.state == {"view": "analogy", "a": "man", "b": "king", "c": "woman"}
    page.all(".choices a")[1].click()
    page.wait(lambda: page.state.get("method") == "mul" and page.text("#verdict").startswith("queen"))
    page.open(view="analogy", a="man", b="kimg", c="woman")
    page.all(".suggestion")[page.texts(".suggestion").index("king")].click()
    page.wait(lambda: page.text("#verdict").startswith("queen"))


def test_the_odd_one_out_is_found_and_words_can_be_taken_away(page):
    page.open(view="odd")
    page.one("#input-add").send_keys("breakfast lunch dinner", Keys.ENTER)
    page.wait(lambda: page.text("#verdict"))
    page.one("#input-add").send_keys("green", Keys.ENTER)
    page.wait(lambda: page.text("#verdict").startswith("green"))
    assert page.active.get_attribute("id") == "input-add"
    page.all(".chip button")[3].click()
    page.wait(lambda: page.texts(".chip .word") == ["breakfast", "lunch", "dinner"])


def test_two_models_stand_side_by_side_with_what_changed(page):
    page.open(view="compare", q="king")
    assert page.texts(".side h2") == ["before", "after"]
    lost = page.texts(".changes .lost .suggestion")
    assert "prince" in lost
    assert "prince" in page.texts(".side.lost li.lost .ask-word")
    assert len(page.texts(".changes .gained .suggestion")) == len(lost)
    assert len(page.all(".lines path")) == 10 - len(lost)
    page.one(".pair button").click()
    page.wait(lambda: page.texts(".side h2") == ["after", "before"])
    assert page.state == {"view": "compare", "q": "king", "model": "after", "other": "before"}
    assert "prince" in page.texts(".changes .gained .suggestion")


def canvas(page):
    return page.chromium.execute_script("return document.querySelector('.map canvas').toDataURL()")


def stand_still(page):
    """Wait until the map has arrived."""
    pictures = [""]
    while len(set(pictures[-4:])) > 1 or len(pictures) < 4:
        time.sleep(0.1)
        pictures.append(canvas(page))


def draw_map(page):
    page.open(view="map")
    page.wait(lambda: page.all(".map canvas, #map-words, progress"))
    if page.all("#map-words"):
        page.one("main form button").click()
        page.wait(lambda: page.all("progress, .map canvas"))
    page.wait(lambda: page.all(".map canvas"))


def test_a_map_is_drawn_on_demand_and_moves_to_what_is_asked(page):
    pytest.importorskip("openTSNE")
    draw_map(page)
    assert page.text("output.scale") == "× 1.0"
    whole = canvas(page)
    page.query("queen", Keys.ENTER)
    page.wait(lambda: page.text(".card h2") == "queen")
    stand_still(page)
    assert canvas(page) != whole
    assert float(page.text("output.scale").removeprefix("× ")) > 1.2
    page.query("word5", Keys.ENTER)
    page.wait(lambda: page.text(".card h2") == "word5")
    stand_still(page)
    page.chromium.execute_script("history.replaceState({}, '', '?view=map')")
    ActionChains(page.chromium).move_to_element(page.one(".map canvas")).click().perform()
    page.wait(lambda: page.state == {"view": "map", "q": "word5"})  # the word that is in the middle
    stand_still(page)
    middle = page.one(".map canvas")
    middle.send_keys("0")
    page.wait(lambda: page.text("output.scale") == "× 1.0")
    middle.send_keys("+", Keys.ARROW_LEFT)
    page.wait(lambda: page.text("output.scale") == "× 1.6")


def test_kept_words_stay_and_are_exported_as_a_table_and_as_json(page, folder):
    page.open(q="king")
    page.one(".star.wide").click()
    page.all(".acts .star")[page.neighbors().index("queen")].click()
    assert page.text(".count") == "2"
    page.open(view="list")
    assert page.neighbors() == ["king", "queen"]
    page.one("#input-keep").send_keys(HOSTILE["formula"], Keys.ENTER)
    page.wait(lambda: len(page.neighbors()) == 3)
    rows = list(csv.DictReader(io.StringIO(downloaded(page, folder, "words.csv"))))
    assert [row["word"] for row in rows] == ["king", "queen", "'=1+1"]  # a spreadsheet computes nothing
    assert rows[1]["asked"] == "king"
    page.all(".choices a")[1].click()
    page.wait(lambda: "words.json" in page.text("#download"))
    words = json.loads(downloaded(page, folder, "words.json"))["words"]
    assert [entry["word"] for entry in words] == ["king", "queen", "=1+1"]
    page.all(".remove")[0].click()
    page.wait(lambda: page.neighbors() == ["queen", "=1+1"])
    page.active.click()  # Undo
    page.wait(lambda: len(page.neighbors()) == 3)


def test_synonyms_are_the_mutual_neighbors_of_kept_words(page, folder):
    kept = ["king", "word7", "=1+1"]
    page.keep([{"word": word, "model": "before", "asked": "", "similarity": None} for word in kept])
    page.open(view="list", format="synonyms", threshold="0.1")
    page.wait(lambda: "synonyms.txt" in page.text("#download"))
    rules = rules_in(downloaded(page, folder, "synonyms.txt"))
    vectors = load(folder / "before.wv")
    pairs = mutual_pairs(vectors, kept, threshold=0.1)
    assert any(("word7", found.word) not in pairs for found in vectors.most_similar("word7", k=10))
    assert {pair for pair in rules if pair[0] != pair[1]} == {
        pair for pair in pairs if HOSTILE["bell"] not in pair
    }
    assert ("king", "queen") in pairs
    assert all((word, word) in rules for word, _ in rules)  # a word that is searched for stays


def rules_in(synonyms):
    """Pairs of a word and one of those that take its place, as Solr reads them, with backslashes before marks."""
    lines = [line.split(" => ") for line in synonyms.splitlines() if not line.startswith("#")]
    pairs = [(word, other) for word, others in lines for other in others.split(", ")]
    return {tuple(re.sub(r"\\(.)", r"\1", text) for text in pair) for pair in pairs}


def mutual_pairs(vectors, kept, threshold, k=10):
    """Pairs, in both directions, of a kept word and a word that is near to it and to which it is near."""

    def near(word):
        return {found.word for found in vectors.most_similar(word, k=k) if found.similarity >= threshold}

    pairs = {(word, other) for word in kept for other in near(word) if word in near(other)}
    return pairs | {(other, word) for word, other in pairs}


def downloaded(page, folder, name):
    path = folder / "downloads" / name
    path.unlink(missing_ok=True)
    page.one("#download").click()
    page.wait(lambda: path.exists() and not path.with_name(f"{name}.crdownload").exists())
    return path.read_text(encoding="utf-8")


def test_a_higher_threshold_leaves_fewer_synonyms_and_stands_in_the_address(page):
    page.keep(KEPT[:1])
    page.open(view="list", format="synonyms", threshold="0.1")
    page.wait(lambda: page.text("#preview"))
    many = page.text("#preview")
    slider = page.one("#threshold")
    slider.send_keys(Keys.END)
    page.wait(lambda: "No mutual neighbors" in page.text(".file"))
    assert page.state["threshold"] == "1"
    slider.send_keys(Keys.HOME)
    page.wait(lambda: page.text("#preview").count("=>") >= many.count("=>"))


@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_hostile_word_is_visible_text_everywhere_and_can_be_asked(page, name):
    word, visible = HOSTILE[name], VISIBLE[name]
    page.open(q=word if name != "quotes" else '"\\"quoted\\""')
    assert page.text("main h1") == visible
    assert visible in page.one(".star.wide span").text or page.one(".star.wide").text == "Keep"
    other = next(text for text in page.neighbors() if text in VISIBLE.values())
    page.all("main .ask-word")[page.neighbors().index(other)].click()
    page.wait_for_heading(other)
    page.open(view="odd", word=[word, "king", "queen"])
    assert page.texts(".chip .word")[0] == visible
    page.keep([{"word": word, "model": "before", "asked": word, "similarity": 0.5}])
    page.open(view="list")
    assert page.neighbors() == [visible]
    assert page.all("main img, main script, bdi b") == []
    assert page.chromium.title == "List · wordvec"


def test_markup_in_sentences_and_in_the_address_is_text(page):
    page.open(view="sentences", q="queen")
    assert any(HOSTILE["image"] in line for line in page.texts(".sentences p"))
    page.open(view="sentences", q=HOSTILE["turned around"])
    assert page.texts(".sentences p") == ["the \\u202ekrow of a woman"]
    page.open(q="<img src=x onerror=document.title='broken'>")
    page.open(view="<b>", model="<i>", q="king", k="<u>")
    page.wait(lambda: page.text("main h1"))
    assert page.all("main img, main b, main i, main u") == []


def test_everything_can_be_done_with_keys_alone(page):
    keys = ActionChains(page.chromium)
    keys.send_keys("/").send_keys("king").send_keys(Keys.ENTER).perform()
    page.wait_for_heading("king")
    for _ in range(40):
        page.active.send_keys(Keys.TAB)
        assert focus_is_visible(page)
        if "ask-word" in (page.active.get_attribute("class") or ""):
            break
    assert page.active.text == page.neighbors()[0]
    page.active.send_keys(Keys.ARROW_DOWN)
    second = page.active.text
    assert second == page.neighbors()[1]
    page.active.send_keys(Keys.TAB, Keys.TAB)  # by the sentences to the star
    page.active.send_keys(Keys.SPACE)
    assert page.active.get_attribute("aria-pressed") == "true"
    page.active.send_keys(Keys.SHIFT, Keys.TAB)
    page.active.send_keys(Keys.ENTER)
    ActionChains(page.chromium).send_keys("/").perform()
    assert page.active.get_attribute("id") == "query"
    page.active.send_keys("queen", Keys.ESCAPE, Keys.ESCAPE)
    assert page.active.get_attribute("id") != "query"
    assert page.one("#query").get_attribute("value") == "king"


def focus_is_visible(page):
    script = """
        const style = getComputedStyle(document.activeElement);
        return style.outlineStyle !== "none" || style.boxShadow !== "none";"""
    return page.chromium.execute_script(script)


@pytest.mark.parametrize("width", [375, 320])
def test_a_phone_never_scrolls_sideways(page, width):
    page.emulate(width=width)
    page.keep(KEPT)
    script = "return [document.documentElement.scrollWidth, innerWidth]"
    wide = {}
    for name, state in VIEWS.items():
        page.open(**state)
        needed, there = page.chromium.execute_script(script)
        if needed > there:
            wide[name] = needed
    assert wide == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_view_has_a_barrier_for_people_with_disabilities(page, scheme):
    axe = pytest.importorskip("axe_core_python.selenium", reason="pip install axe-core-python").Axe()
    page.emulate(scheme)
    page.keep(KEPT)
    found = {}
    for name, state in VIEWS.items():
        page.open(**state)
        time.sleep(0.15)  # colors change softly
        for violation in axe.run(page.chromium)["violations"]:
            places = [node["html"][:160] for node in violation["nodes"]]
            found[f"{name}: {violation['id']}"] = places
    assert found == {}


def test_by_night_the_page_is_dark(page):
    script = "return getComputedStyle(document.body).backgroundColor"
    light = page.chromium.execute_script(script)
    page.emulate("dark")
    dark = page.chromium.execute_script(script)
    brightness = [sum(map(int, color[4:-1].split(","))) for color in (light, dark)]
    assert brightness[0] > 600 > 150 > brightness[1]


def test_a_screen_reader_hears_what_has_changed(page):
    page.query("king", Keys.ENTER)
    page.wait(
        lambda: page.one("#live").get_attribute("textContent").startswith("10 neighbors of king: nearest ")
    )
    page.query("kimg", Keys.ENTER)
    page.wait(lambda: "kimg" in page.one("#live").get_attribute("textContent"))


def test_a_server_that_has_gone_is_reported_and_asked_again_on_demand(chromium, arguments, folder, server):
    own = Server(arguments, folder)
    page = Page(chromium, own.address)
    try:
        page.open(q="king")
        own.end()
        page.query("queen", Keys.ENTER)
        page.wait_for_heading("The server is gone")
        page.one("main button.primary").click()
        page.settle()
        assert page.text("main h1") == "The server is gone"
        own = Server(arguments, folder, own.port)
        page.one("main button.primary").click()
        page.wait_for_heading("queen")
    finally:
        own.end()


def test_a_token_that_is_missing_is_asked_for_and_leaves_the_address(chromium, arguments, folder):
    own = Server([arguments[0], "--token", TOKEN], folder)
    page = Page(chromium, own.address)
    try:
        page.open(token=TOKEN, q="king")
        page.wait_for_heading("king")
        assert page.state == {"q": "king"}
        page.open(view="compare", q="king")
        assert page.text("main h1") == "One model cannot be compared"
        page.open(view="sentences", q="king")
        assert page.text("main h1") == "No text"
        chromium.delete_all_cookies()
        page.one("#views a[href*='view=map']").click()
        page.wait_for_heading("A token is needed")
        page.one("#token").send_keys(TOKEN, Keys.ENTER)
        page.wait(lambda: page.all("#map-words, .map canvas"))
        assert "token" not in page.state
    finally:
        own.end()


def test_the_policy_allows_no_script_or_style_but_the_pages_own(page):
    script = """
        const done = arguments[0];
        fetch(".").then((answer) => done(answer.headers.get("content-security-policy")));"""
    policy = page.chromium.execute_async_script(script)
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
