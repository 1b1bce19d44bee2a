import pickle
import random
import re
import time

import pytest

from wordvec.errors import UnknownWordError
from wordvec.vocabulary import spelling
from wordvec.vocabulary.spelling import UnknownWordMessage, closest_spellings


def edit_distance(a, b):
    """Optimal string alignment as in the textbook, one cell at a time."""
    table = {(0, column): column for column in range(len(b) + 1)}
    for row in range(1, len(a) + 1):
        table[row, 0] = row
        for column in range(1, len(b) + 1):
            table[row, column] = min(
                table[row - 1, column] + 1,
                table[row, column - 1] + 1,
                table[row - 1, column - 1] + (a[row - 1] != b[column - 1]),
            )
            if row > 1 and column > 1 and a[row - 1] == b[column - 2] and a[row - 2] == b[column - 1]:
                table[row, column] = min(table[row, column], table[row - 2, column - 2] + 1)
    return table[len(a), len(b)]


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 8, 9])
def test_distances_equal_the_textbook_ones(monkeypatch, length):
    monkeypatch.setattr(spelling, "WORDS_PER_BLOCK", 13)
    rng = random.Random(length)  # noqa: S311
    words = sorted({"".join(rng.choices("abc", k=rng.randint(1, 12))) for _ in range(150)})
    rng.shuffle(words)
    word = "".join(rng.choices("abc", k=length))
    allowed = {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 8: 3, 9: 3}[length]
    distances = {other: edit_distance(word, other) for other in words}
    near = sorted((other for other in words if distances[other] <= allowed), key=distances.__getitem__)
    assert closest_spellings(word, words, limit=1000) == near


def test_case_variants_come_before_one_edit():
    assert closest_spellings("nasa", ["nas", "nasal", "Nasa", "NASA"]) == ["Nasa", "NASA", "nas"]


def test_letters_that_fold_to_two_count_as_case_variants():
    assert closest_spellings("STRASSE", ["strass", "straße"])[0] == "straße"


def test_two_neighbors_in_the_wrong_order_are_one_edit():
    assert closest_spellings("teh", ["the"]) == [
        "the"
    ]  # two replacements would be too many for three letters
    assert closest_spellings("recieve", ["recite", "receive"], limit=1) == ["receive"]


def test_equally_close_words_come_in_the_order_of_the_vocabulary():
    assert closest_spellings("cat", ["mat", "rat", "bat", "hat"]) == ["mat", "rat", "bat"]


def test_words_that_share_nothing_are_not_suggested():
    assert closest_spellings("qqqq", ["paris", "rome", "a"]) == []


@pytest.mark.parametrize(
    ("word", "words", "expected"),
    [
        ("", ["a", "to", "the"], ["a"]),
        ("a\x00b", ["a\x00c", "ab"], ["a\x00c", "ab"]),
        ("東京", ["東亰", "京都府", "大阪"], ["東亰"]),
        ("😀😀", ["😀😁"], ["😀😁"]),
        ("caf\udce9", ["café"], ["café"]),
    ],
    ids=["empty", "nul", "cjk", "emoji", "undecodable"],
)
def test_any_text_can_be_looked_for(word, words, expected):
    assert closest_spellings(word, words) == expected


def test_a_very_long_word_matches_its_case_variants_only():
    long = "ab" * 500_000
    start = time.perf_counter()
    assert closest_spellings(long, [long[1:], long.upper(), "ab"]) == [long.upper()]
    assert time.perf_counter() - start < 1


def test_two_hundred_thousand_words_are_searched_in_a_moment():
    words = [f"{number:x}{number % 977:b}" for number in range(200_000)]
    start = time.perf_counter()
    closest_spellings("1f2a3b4c", words)
    assert time.perf_counter() - start < 1  # about 0.1 here; a million words take 0.5


def test_the_message_counts_the_words_and_suggests_spellings():
    words = ["rome", "paris", "parish", "pari", *(f"filler{number}" for number in range(1996))]
    assert str(UnknownWordMessage("pariss", words)) == (
        "'pariss' is not in the vocabulary (2,000 words); closest spellings: paris, parish, pari"
    )


def test_the_message_says_when_nothing_is_close():
    assert "no known word is spelled like it" in str(UnknownWordMessage("xyzzy", ["paris"]))


def test_a_long_word_is_shortened_in_the_message():
    assert len(str(UnknownWordMessage("x" * 1_000_000, ["paris"]))) < 200


def test_nothing_is_searched_until_somebody_reads_the_message():
    class NotToBeRead(list):
        def __iter__(self):
            raise AssertionError("searched")

    error = UnknownWordError(UnknownWordMessage("x", NotToBeRead(["y"])))
    with pytest.raises(AssertionError, match="searched"):
        str(error)


def test_the_error_travels_to_another_process_as_text():
    error = UnknownWordError(UnknownWordMessage("pariss", ["paris"] * 1000))
    sent = pickle.dumps(error)
    assert str(pickle.loads(sent)) == str(error)  # noqa: S301
    assert len(sent) < 500
    assert "'pariss' is not" in repr(error)


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        (
            "cre\u0300me",
            "cr\u00e8me",
            r"'cre\u0300me' is not .*; 'cr\xe8me' is, .*: ask for .*normalize('NFC', word)",
        ),
        (
            "\u00e8",
            "e\u0300",
            r"'\xe8' is not .*; 'e\u0300' is, .*: ask for unicodedata.normalize('NFD', word)",
        ),
        ("\u0440aris", "paris", r"'\u0440aris' is not .*; 'paris' is, .* made of other characters"),
        ("so\u00adup", "soup", r"'so\xadup' is not .*; 'soup' is, .* made of other characters"),
        ("\u2764\ufe0f", "\u2764", r"'\u2764\ufe0f' is not .*; '\u2764' is, which looks the same"),
        ("soup ", "soup", r"'soup ' is not .*; 'soup' is, which looks the same"),
    ],
    ids=["decomposed", "composed", "another script", "soft hyphen", "variation selector", "space"],
)
def test_words_that_look_alike_are_reported_apart(word, known, said):
    pattern = "".join(".*" if part == ".*" else re.escape(part) for part in re.split(r"(\.\*)", said))
    message = str(UnknownWordMessage(word, ["rome", "tea", known]))
    assert re.match(pattern, message), message


def test_accents_that_are_encoded_in_two_ways_are_no_edit():
    assert closest_spellings("cre\u0300me", ["creme", "cr\u00e8mes", "cr\u00e8me"], limit=1) == ["cr\u00e8me"]


def test_words_that_differ_visibly_are_shown_as_they_are():
    message = str(UnknownWordMessage("cr\u00e9me", ["cr\u00e8me"]))
    assert message == "'cr\u00e9me' is not in the vocabulary (1 words); closest spellings: cr\u00e8me"
