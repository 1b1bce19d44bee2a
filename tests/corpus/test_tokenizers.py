from __future__ import annotations

import re
import unicodedata
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from wordvec.corpus.encoded import TEXT_END
from wordvec.corpus.reading import read_tokens
from wordvec.corpus.sources import parse_source
from wordvec.corpus.token_blocks import TokenBlock, tokenize_text
from wordvec.corpus.tokenizers import _MAY_BE_COMPOSED, TOKENIZERS, spacing_named
from wordvec.errors import ConfigError

# Word and sentence parts that a tokenizer may trip over, each kind of whitespace among them.
PARTS = [
    *[
        "a",
        "B",
        "Don",
        "t",
        "'",
        "''",
        "\u2019",
        "é",
        "É",
        "e\u0301",
        "日本",
        "ß",
        "Σ",
        "7",
        "²",
        "_",
        "-",
        ".",
    ],
    *["\ufe0f", "\u20e3", "\u0301", "\U000e0100", "\u1112", "\u1161", "\u11ab", "\u212b"],
    *["\u200c", "\u200d", "हिन्दी", "\U0001f600", "\ufeff", "\u00ad", "%", "\x01", "\x7f"],
    *[chr(code) for code in range(0x3001) if chr(code).isspace()],
    *[" "] * 20,
    *["\n"] * 5,
]


def random_text(random_numbers: np.random.Generator) -> str:
    return "".join(random_numbers.choice(PARTS, size=random_numbers.integers(60)))


def tokens(text: str, tokenizer: str) -> list[list[str]]:
    return list(TokenBlock(*tokenize_text(text.encode(), spacing_named(tokenizer))).stretches())


def words_one_character_at_a_time(text: str) -> list[str]:
    """The plain meaning of the words tokenizer."""
    text = text.lower().replace("\u2019", "'")
    kept = []
    for place, character in enumerate(text):
        neighbors = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
        joins = character in JOINERS and len(neighbors) == 2 and all(map(is_letter, neighbors))
        kept.append(character if joins or is_letter(character) else " ")
    words = []
    for part in "".join(kept).split():
        for word in re.sub(r"[\ufe0f\U000e0100]", "", part).replace("'\u20e3", "\u20e3").split("\u20e3"):
            start = next((place for place, character in enumerate(word) if starts_word(character)), len(word))
            words += [unicodedata.normalize("NFC", word[start:])] if word[start:] else []
    return words


JOINERS = "'\u200c\u200d"


def starts_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LN"


def is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def without_open_end(texts: list[list[str]]) -> list[list[str]]:
    return texts if texts[-1] else texts[:-1]


def test_every_kind_of_whitespace_splits_as_in_python() -> None:
    random_numbers = np.random.default_rng(1)
    for _ in range(500):
        text = random_text(random_numbers)
        assert tokens(text, "whitespace") == without_open_end([line.split() for line in text.split("\n")]), (
            text
        )


def test_words_are_what_the_plain_version_finds() -> None:
    random_numbers = np.random.default_rng(2)
    for _ in range(100):  # pyarrow takes milliseconds to compile the pattern anew
        text = random_text(random_numbers)
        expected = [words_one_character_at_a_time(line) for line in text.split("\n")]
        assert tokens(text, "words") == without_open_end(expected), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't \u2018quote\u2019 rock'n'roll '90s dogs'", ["don't", "quote", "rock'n'roll", "90s", "dogs"]),
        ("Don\u2019t", ["don't"]),
        ("well-known, e.g. snake_case (x+y)", ["well", "known", "e", "g", "snake", "case", "x", "y"]),
        ("\u00c9COLE Stra\u00dfe ΣΟΦΙΑΣ Σ Ёж", ["\u00e9cole", "stra\u00dfe", "σοφιας", "σ", "ёж"]),
        ("e\u0301te\u0301 \u00e9te\u0301 हिन्दी", ["\u00e9t\u00e9", "\u00e9t\u00e9", "हिन्दी"]),
        ("\u2764\ufe0f \ufe0f ok\ufe0f \u0301 (\u0308a \u25cc\u093e", ["ok", "a"]),
        ("1\ufe0f\u20e32\ufe0f\u20e3 \u845b\U000e0100\u57ce", ["1", "2", "\u845b\u57ce"]),
        ("\u1112\u1161\u11ab \u212bngstrom J\u030c", ["\ud55c", "\u00e5ngstrom", "\u01f0"]),
        ("می\u200cخوریم", ["می\u200cخوریم"]),
        ("3.14 2024", ["3", "14", "2024"]),
        ("' '' -'- \u200d \U0001f468\u200d\U0001f469 ...", []),
    ],
    ids=[
        *[
            "apostrophes",
            "typographic",
            "punctuation",
            "case",
            "accents",
            "lone marks",
            "enclosed",
            "other forms",
        ],
        *["persian", "digits", "nothing"],
    ],
)
def test_words_of(text: str, expected: list[str]) -> None:
    assert tokens(text, "words") == ([expected] if expected else [])


def test_words_of_one_meaning_are_one_word_however_their_characters_are_encoded() -> None:
    text = "Caf\u00e9 Vi\u1ec7t \u03a3\u03bf\u03c6\u03af\u03b1\u03c2 \ud55c\uad6d\uc5b4 \u304c\u304e"
    assert (
        tokens(unicodedata.normalize("NFD", text), "words") == tokens(text, "words") == [text.lower().split()]
    )


def test_every_character_that_composing_changes_is_looked_at() -> None:
    pattern = _MAY_BE_COMPOSED
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    changed = [
        character
        for character in characters
        if unicodedata.normalize("NFC", character) != character
        or (
            unicodedata.category(character)[0] != "M"
            and not unicodedata.is_normalized("NFC", "a" + character)
        )
    ]
    assert pc.all(pc.match_substring_regex(pa.array(changed), pattern)).as_py()


def test_capital_sigma_is_final_at_the_end_of_a_word_for_all_that_lower_case() -> None:
    for tokenizer in ("words", "punctuation"):
        assert tokens("ΟΔΟΣ, σοφιας ΣΟΦΙΑΣ", tokenizer)[0][::2][-1] == "σοφιας"
    assert tokens("aΣ aΣb", "alphanumeric") == [["aς", "aσb"]]


def test_whitespace_keeps_text_as_it_is() -> None:
    text = "Cafe\u0301 CAF\u00c9 \ufe0f \u0301 ΣΟΦΙΑΣ"
    assert tokens(text, "whitespace") == [text.split()]


def test_alphanumeric_keeps_lower_cased_words_with_a_letter_or_a_digit_of_ascii() -> None:
    random_numbers = np.random.default_rng(3)
    for _ in range(300):
        text = random_text(random_numbers)
        lines = [" ".join(map(str.lower, line.split())) for line in text.split("\n")]
        expected = [[word for word in line.split() if re.search("[a-z0-9]", word)] for line in lines]
        assert tokens(text, "alphanumeric") == without_open_end(expected), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('He said: "Stop!"', "he said <COLON> <QUOTATION_MARK> stop <EXCLAMATION_MARK> <QUOTATION_MARK>"),
        ("One, two; three.", "one <COMMA> two <SEMICOLON> three <PERIOD>"),
        ("(Why? Well-known--)", "<LEFT_PAREN> why <QUESTION_MARK> well-known <HYPHENS> <RIGHT_PAREN>"),
        ("<PERIOD> ---", "<period> <HYPHENS> -"),
    ],
    ids=["quotation", "list", "brackets and hyphens", "a name that stands in the text"],
)
def test_punctuation_marks_become_words(text: str, expected: str) -> None:
    assert tokens(text, "punctuation") == [expected.split()]


def test_words_are_numbered_by_first_sight_for_each_tokenizer() -> None:
    for tokenizer in TOKENIZERS:
        words, ids = tokenize_text("to be\nor not\u00a0to be or".encode(), spacing_named(tokenizer))
        assert words == ["to", "be", "or", "not"]
        assert ids.tolist() == [0, 1, TEXT_END, 2, 3, 0, 1, 2]


AWKWARD = """, , -- \t a\t,\tB ,\r
\u3000\u201cquoted\u201d <unk> @-@ \u2014\u00a0dash\r
\r
'tis "so": (e.g.) 1,000 ... x--y ;\r
 . \u00e9 ,"""
READINGS = {
    "alphanumeric": ["a b", "\u201cquoted\u201d <unk> dash", "", '\'tis "so": (e.g.) 1,000 x--y', ""],
    "punctuation": [
        "<COMMA> <COMMA> <HYPHENS> a <COMMA> b <COMMA>",
        "\u201cquoted\u201d <unk> @-@ \u2014 dash",
        "",
        (
            "'tis <QUOTATION_MARK> so <QUOTATION_MARK> <COLON> <LEFT_PAREN> e <PERIOD> g <PERIOD> <RIGHT_PAREN> "
            "1 <COMMA> 000 <PERIOD> <PERIOD> <PERIOD> x <HYPHENS> y <SEMICOLON>"
        ),
        "<PERIOD> \u00e9 <COMMA>",
    ],
}


@pytest.mark.parametrize("tokenizer", READINGS)
@pytest.mark.parametrize("block_bytes", [16, 17, 31, 2**20])
def test_a_file_is_read_the_same_however_it_is_cut(tokenizer: str, block_bytes: int, tmp_path: Path) -> None:
    (tmp_path / "awkward.txt").write_bytes(AWKWARD.encode())
    texts: list[list[str]] = [[]]
    for block in read_tokens(
        parse_source(tmp_path / "awkward.txt"), tokenizer, threads=1, block_bytes=block_bytes
    ):
        for word in block.ids:
            if word == TEXT_END:
                texts.append([])
            else:
                texts[-1].append(block.words[word])
    assert texts.pop() == []  # the end of the file ends a text, too
    assert texts == [text.split() for text in READINGS[tokenizer]]


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_chunks_that_are_looked_into_one_by_one_give_the_words_of_the_whole_line(tokenizer: str) -> None:
    random_numbers = np.random.default_rng(4)
    for _ in range(100):
        text = random_text(random_numbers).replace("\n", " ")
        spaced = pc.utf8_trim_whitespace(spacing_named(tokenizer)(pa.array([text])))
        words = pc.utf8_split_whitespace(spaced).to_pylist()[0]
        assert list(chain.from_iterable(tokens(text, tokenizer))) == [word for word in words if word], text


def test_an_unknown_tokenizer_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"'whitespace', 'words', 'alphanumeric', .* got 'sentences'"):
        spacing_named("sentences")
