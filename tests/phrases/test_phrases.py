import json

import pytest

from wordvec.errors import ConfigError, FormatError, ResourceError
from wordvec.phrases.phrases import Phrase, Phrases, PhraseSettings, as_phrases

FOUND = Phrases(
    (
        (Phrase(("new", "york"), 9, 12.5, "in new york"), Phrase(("bank", "of", "rivers"), 3, 11.0, "")),
        (Phrase(("new_york", "city"), 5, 10.1, ""),),
    ),
    PhraseSettings(passes=2, connector_words=("of", "the")),
    num_words=1234,
    pruned=(0, 3),
)


@pytest.fixture
def file(tmp_path):
    FOUND.save(tmp_path / "phrases.json")
    return tmp_path / "phrases.json"


def test_saved_phrases_are_read_back(file):
    assert Phrases.load(file) == FOUND == as_phrases(str(file))


def test_the_file_is_json_with_a_phrase_in_each_line(file):
    assert json.loads(file.read_text())["passes"][1][0]["words"] == ["new_york", "city"]
    assert len(file.read_text().splitlines()) == 6


def test_words_of_any_script_and_with_quotes_are_read_back(tmp_path):
    found = Phrases(((Phrase(('"\\', "東京", "\u2028"), 1, 2.0, "\n"),),), PhraseSettings())
    found.save(tmp_path / "a.json")
    assert Phrases.load(tmp_path / "a.json") == found


def test_half_a_character_is_refused_before_anything_is_written(file):
    before = file.read_bytes()
    with pytest.raises(FormatError, match="valid Unicode"):
        Phrases(((Phrase(("a", "\ud800"), 1, 2.0, ""),),)).save(file)
    assert file.read_bytes() == before


def test_phrases_are_joined_pass_by_pass_from_left_to_right():
    assert FOUND.join(["new", "new", "york", "city", "bank", "of", "rivers", "of"]) == [
        "new",
        "new_york_city",
        "bank_of_rivers",
        "of",
    ]


def test_phrases_can_be_counted_walked_through_and_asked_for():
    assert (len(FOUND), "new_york" in FOUND, "york" in FOUND) == (3, True, False)
    assert [FOUND.name(one) for one in FOUND] == ["new_york", "bank_of_rivers", "new_york_city"]
    assert repr(FOUND) == "Phrases(3, passes=2, word2vec > 10)"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda parsed: parsed | {"format": "other"}, 'does not say "format": "wordvec phrases"'),
        (lambda parsed: parsed | {"format_version": 9}, "has format 9, of wordvec .* pip install --upgrade"),
        (lambda parsed: parsed | {"settings": []}, "damaged"),
        (
            lambda parsed: parsed | {"settings": parsed["settings"] | {"passes": 0}},
            "passes must be at least 1",
        ),
        (lambda parsed: parsed | {"settings": parsed["settings"] | {"new": 0}}, "damaged"),
        (lambda parsed: parsed | {"settings": {}}, "connector_words must be a list"),
        (lambda parsed: parsed | {"passes": {}}, "passes a list"),
        (lambda parsed: parsed | {"passes": [7]}, "damaged"),
        (lambda parsed: parsed | {"passes": [[7]]}, "damaged"),
        (lambda parsed: parsed | {"passes": [[{}]]}, "damaged"),
        (lambda parsed: parsed | {"num_words": -1}, "must be counts"),
        (lambda parsed: {name: parsed[name] for name in parsed if name != "pruned"}, "pruned"),
    ],
    ids=range(12),
)
def test_a_damaged_file_is_refused_in_one_line(file, change, message):
    file.write_text(json.dumps(change(json.loads(file.read_text()))))
    with pytest.raises(FormatError, match=message) as refused:
        Phrases.load(file)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "entry",
    [
        {"words": ["new"]},
        {"words": "new york"},
        {"words": ["new", 7]},
        {"words": ["new", ""]},
        {"words": ["of", "york"]},
        {"count": -1},
        {"count": 1.5},
        {"score": "high"},
        {"score": True},
        {"example": None},
    ],
    ids=str,
)
def test_an_impossible_phrase_in_a_file_is_refused(file, entry):
    parsed = json.loads(file.read_text())
    parsed["passes"][0][0] |= entry
    file.write_text(json.dumps(parsed))
    with pytest.raises(FormatError, match=r"is damaged: .* is not a phrase"):
        Phrases.load(file)


def test_half_a_character_in_a_file_is_refused(file):
    file.write_text(file.read_text().replace("york", "\\ud800"))
    with pytest.raises(FormatError, match="half a character"):
        Phrases.load(file)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b"[" * 10_000, b'{"a": NaN}'], ids=range(6))
def test_a_file_of_something_else_is_refused(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(FormatError, match=r"a\.json"):
        Phrases.load(tmp_path / "a.json")


def test_each_cut_of_a_file_is_refused(file):
    content = file.read_bytes()
    for size in range(0, len(content) - 2, 7):
        file.write_bytes(content[:size])
        with pytest.raises(FormatError):
            Phrases.load(file)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(FormatError, match="does not exist; wordvec phrases writes"):
        Phrases.load(tmp_path / "none.json")
    with pytest.raises(FormatError, match="is not a file of phrases"):
        Phrases.load(tmp_path)


def test_a_place_that_cannot_be_written_is_an_error():
    with pytest.raises(ResourceError, match="cannot be written"):
        FOUND.save("/dev/null/phrases.json")


def test_something_else_than_phrases_is_refused():
    with pytest.raises(ConfigError, match=r"phrases must be what wordvec.find_phrases returns, .* got list"):
        as_phrases([("new", "york")])


def test_a_str_in_place_of_words_is_refused():
    with pytest.raises(ConfigError, match="tokens must be a list of words, got 'new york'"):
        FOUND.join("new york")
    with pytest.raises(ConfigError, match="phrase must be one of these phrases, got 'new york'"):
        FOUND.name("new york")
