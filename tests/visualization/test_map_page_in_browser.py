"""The page of a map in a real browser: what a user does with it, and what words from anywhere must not do."""

import shutil

import numpy as np
import pytest

from wordvec.cli.app import run
from wordvec.formats.load import load
from wordvec.vectors.word_vectors import WordVectors

pytest.importorskip("selenium", reason="the page is tested with selenium: pip install selenium")
pytest.importorskip("openTSNE")

from selenium import webdriver
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.actions.wheel_input import ScrollOrigin
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM, DRIVER = (shutil.which(name) for name in ("chromium", "chromedriver"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("browser"),  # one map and one browser for all
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="no chromium here: apt-get install chromium chromium-driver"
    ),
]

NUM_WORDS, NUM_CLUSTERS, DIM = 20_000, 100, 24
HOSTILE = [
    "<img src=x onerror=document.title='broken'>",
    "</script><script>document.title='broken'</script>",
    "\u202ekrow",
]
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--window-size=1200,800",
)  # fmt: skip
PATIENCE = 20  # seconds


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """20,000 words in planted clusters; word i is in cluster i % 100."""
    random = np.random.default_rng(1)
    words = [*HOSTILE, *(f"word{number}" for number in range(len(HOSTILE), NUM_WORDS))]
    centers = random.normal(size=(NUM_CLUSTERS, DIM))
    matrix = centers[np.arange(NUM_WORDS) % NUM_CLUSTERS] + 0.4 * random.normal(size=(NUM_WORDS, DIM))
    path = tmp_path_factory.mktemp("model") / "model.wv"
    WordVectors(words, matrix.astype(np.float32), counts=np.arange(NUM_WORDS, 0, -1)).save(path)
    return path


@pytest.fixture(scope="module")
def page(model):
    path = model.with_name("map.html")
    assert run(["map", str(model), "-o", str(path), "--label", "word777"]) == 0
    assert path.stat().st_size < 5_000_000
    return path


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield browser
    browser.quit()


@pytest.fixture
def browser(chromium, page):
    """The page as it opens; at the end, nothing was amiss in it and nothing was asked of the network."""
    chromium.get_log("browser")
    chromium.get_log("performance")
    chromium.get(page.as_uri())
    painted(chromium)
    yield chromium
    assert chromium.get_log("browser") == []
    requests = [
        entry["message"]
        for entry in chromium.get_log("performance")
        if '"Network.requestWillBeSent"' in entry["message"]
    ]
    assert len(requests) == 1  # the page itself
    assert page.as_uri() in requests[0]
    assert chromium.title == "The 20,000 most frequent words of model.wv"


def painted(browser):
    """Wait until what was asked for is on the screen."""
    browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")


def text(browser, name):
    return browser.find_element(By.ID, name).text


def neighbors_shown(browser):
    return [span.text for span in browser.find_elements(By.CSS_SELECTOR, "#neighbors span:first-child")]


def search(browser, word):
    """Find a word, and wait until the flight to it has ended."""
    query = browser.find_element(By.ID, "query")
    query.clear()
    query.send_keys(word, Keys.ENTER)
    wait(browser, lambda: text(browser, "word") == word)
    before = None
    while before != (before := picture(browser, "points")):
        painted(browser)


def wait(browser, is_done):
    WebDriverWait(browser, PATIENCE).until(lambda _: is_done())


def picture(browser, canvas):
    return browser.execute_script("return document.getElementById(arguments[0]).toDataURL()", canvas)


def click_middle(browser, dx=0, dy=0):
    map_ = browser.find_element(By.ID, "ink")
    ActionChains(browser).move_to_element_with_offset(map_, dx, dy).click().perform()
    painted(browser)


def clear(browser):
    browser.find_element(By.ID, "clear").click()
    painted(browser)


def magnified(browser):
    return float(text(browser, "scale").removeprefix("× "))


def test_search_finds_a_word_and_brings_it_to_the_middle(browser):
    search(browser, "word1234")
    assert magnified(browser) > 2
    clear(browser)
    assert not browser.find_element(By.ID, "chosen").is_displayed()
    click_middle(browser)
    assert text(browser, "word") == "word1234"
    assert text(browser, "facts") == "number 1,235 of 20,000, seen 18,766 times"


def test_search_offers_words_as_one_types(browser):
    browser.find_element(By.TAG_NAME, "body").send_keys("/")
    query = browser.find_element(By.ID, "query")
    assert browser.switch_to.active_element == query
    query.send_keys("WORD199")
    found = [item.text for item in browser.find_elements(By.CSS_SELECTOR, "#found li")]
    assert found[:3] == ["word199", "word1990", "word1991"]
    query.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    wait(browser, lambda: text(browser, "word") == "word1990")
    query.send_keys(Keys.ESCAPE)
    assert query.get_attribute("value") == ""
    query.send_keys("no such")
    assert text(browser, "found") == "no such word on this map"


def test_a_click_shows_the_neighbors_of_all_dimensions(browser, model):
    search(browser, "word4321")
    clear(browser)
    points = picture(browser, "points")
    click_middle(browser)
    near = load(model).most_similar("word4321", k=10)
    assert neighbors_shown(browser) == [found.word for found in near]
    cosines = [float(span.text) for span in browser.find_elements(By.CSS_SELECTOR, "#neighbors .cosine")]
    assert cosines == pytest.approx([found.similarity for found in near], abs=0.01)
    assert picture(browser, "points") != points  # all other words have stepped back
    browser.find_elements(By.CSS_SELECTOR, "#neighbors button")[2].click()
    assert text(browser, "word") == near[2].word
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.ESCAPE)
    assert not browser.find_element(By.ID, "chosen").is_displayed()


def test_the_wheel_zooms_around_the_pointer(browser):
    search(browser, "word2500")
    clear(browser)
    before, points = magnified(browser), picture(browser, "points")
    origin = ScrollOrigin.from_element(browser.find_element(By.ID, "ink"))
    ActionChains(browser).scroll_from_origin(origin, 0, -400).perform()
    painted(browser)
    assert magnified(browser) > 1.5 * before
    assert picture(browser, "points") != points
    click_middle(browser)
    assert text(browser, "word") == "word2500"
    ActionChains(browser).scroll_from_origin(origin, 0, 400).perform()
    painted(browser)
    assert magnified(browser) == pytest.approx(before, rel=0.1)


def test_dragging_moves_the_map_and_is_not_a_click(browser):
    search(browser, "word2600")
    clear(browser)
    map_ = browser.find_element(By.ID, "ink")
    ActionChains(browser).move_to_element(map_).click_and_hold().move_by_offset(90, 40).release().perform()
    painted(browser)
    assert not browser.find_element(By.ID, "chosen").is_displayed()
    click_middle(browser, 90, 40)
    assert text(browser, "word") == "word2600"


@pytest.mark.parametrize("word", HOSTILE, ids=["image", "script", "turned around"])
def test_a_hostile_word_stays_text(browser, word):
    search_text = word.replace("\u202e", "")
    query = browser.find_element(By.ID, "query")
    query.send_keys(search_text, Keys.ENTER)
    wait(browser, lambda: browser.find_element(By.ID, "chosen").is_displayed())
    assert text(browser, "word") == word.replace("\u202e", "\\u202e")
    assert browser.find_elements(By.CSS_SELECTOR, "img, #chosen script, #found script") == []


def test_colors_and_labels_follow_the_choices(browser):
    points, ink = picture(browser, "points"), picture(browser, "ink")
    assert len(browser.find_elements(By.CSS_SELECTOR, "#legend .group")) == 12
    browser.find_element(By.CSS_SELECTOR, "#color option[value=frequency]").click()
    painted(browser)
    assert picture(browser, "points") != points
    assert text(browser, "legend").split() == ["1", "×", "20,000", "×"]
    browser.find_element(By.CSS_SELECTOR, "#labels option[value=listed]").click()
    painted(browser)
    listed = picture(browser, "ink")
    assert listed != ink
    browser.find_element(By.ID, "list").send_keys("\nword5\nnowhere")
    painted(browser)
    assert picture(browser, "ink") != listed
    assert text(browser, "unknown") == "not on this map: nowhere"


def test_by_night_the_page_is_dark(browser):
    light = picture(browser, "points")
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    )
    painted(browser)
    assert picture(browser, "points") != light
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def touch(browser, kind, *fingers):
    points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(fingers)]
    browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_two_fingers_zoom_and_one_chooses(browser):
    search(browser, "word2700")
    clear(browser)
    middle = browser.execute_script(
        "const {left, top, width, height} = document.getElementById('map').getBoundingClientRect();"
        "return [left + width / 2, top + height / 2]"
    )
    before = magnified(browser)
    x, y = middle
    touch(browser, "touchStart", (x - 40, y), (x + 40, y))
    for step in range(1, 11):
        touch(browser, "touchMove", (x - 40 - 4 * step, y), (x + 40 + 4 * step, y))
    touch(browser, "touchEnd")
    painted(browser)
    assert magnified(browser) == pytest.approx(2 * before, rel=0.05)
    assert not browser.find_element(By.ID, "chosen").is_displayed()
    touch(browser, "touchStart", (x, y))
    touch(browser, "touchEnd")
    wait(browser, lambda: text(browser, "word") == "word2700")
