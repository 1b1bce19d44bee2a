"""The page of a search in a real browser: it answers as one types, offline, with the cosines of the Python reader."""

import shutil

import numpy as np
import pytest

from wordvec.formats.encoder_folder import write_search_page
from wordvec.vectors.text_encoder import TextEncoder
from wordvec.vectors.word_vectors import WordVectors

pytest.importorskip("selenium", reason="the page is tested with selenium: pip install selenium")

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM, DRIVER = (shutil.which(name) for name in ("chromium", "chromedriver"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="no chromium here: apt-get install chromium chromium-driver"
    ),
]
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
)
HOSTILE = "</script><script>document.title='broken'</script><img src=x onerror=document.title='broken'> word3"
PATIENCE = 30  # seconds


@pytest.fixture(scope="module")
def encoder():
    random = np.random.default_rng(1)
    words = [f"word{number}" for number in range(3000)]
    counts = random.integers(1, 500, 3000)
    vectors = WordVectors(words, random.normal(size=(3000, 32)), counts=counts, config={"tokenizer": "words"})
    return TextEncoder.of(vectors, precision="int8")


@pytest.fixture(scope="module")
def texts():
    random = np.random.default_rng(2)
    return [
        HOSTILE,
        *(" ".join(f"Word{number}," for number in random.integers(0, 3000, 12)) for _ in range(3000)),
    ]


@pytest.fixture(scope="module")
def browser(encoder, texts, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "page.html"
    write_search_page(encoder, texts, path, title="Notes")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    opened = webdriver.Chrome(options=options, service=Service(DRIVER))
    opened.get(path.as_uri())
    yield opened
    opened.quit()


def answers(browser, query):
    box = browser.find_element(By.ID, "query")
    box.clear()
    box.send_keys(query)
    return [item.text for item in browser.find_elements(By.CSS_SELECTOR, "#found li")]


def test_texts_are_found_as_one_types_with_the_same_cosines(browser, encoder, texts):
    WebDriverWait(browser, PATIENCE).until(
        lambda page: "3,001 texts" in page.find_element(By.ID, "status").text
    )
    for query in ("word7 word8", "WORD2999!", "word1 word2 word3 nothing"):
        cosines = encoder.encode(texts) @ encoder.encode([query])[0]
        best = np.argsort(-cosines, kind="stable")[:20]
        found = answers(browser, query)
        assert [line.split(" ", 1)[0] for line in found] == [f"{cosines[place]:.2f}" for place in best]
        assert found[0].split(" ", 1)[1].split() == texts[best[0]].split()


def test_an_unknown_query_says_so_and_markup_is_text(browser):
    assert answers(browser, "zzz") == []
    assert "no word of this is known" in browser.find_element(By.ID, "status").text
    assert any(line.endswith("onerror=document.title='broken'> word3") for line in answers(browser, "word3"))
    assert browser.title == "Notes"


def test_nothing_was_asked_of_the_network_and_nothing_was_amiss(browser):
    requests = [
        entry["message"]
        for entry in browser.get_log("performance")
        if "requestWillBeSent" in entry["message"]
    ]
    assert not any("http" in message.split('"url":"')[1][:8] for message in requests if '"url":"' in message)
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
