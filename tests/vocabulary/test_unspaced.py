"""Unspaced text: sentences that are taken for words are told by their language; words are left alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from wordvec.corpus.sources import parse_source
from wordvec.errors import CorpusError
from wordvec.vocabulary.encoding import encode_corpus
from wordvec.vocabulary.selection import advice_without_spaces

SENTENCES = {
    "Chinese": "\u732b\u5750\u5728\u57ab\u5b50\u4e0a \u72d7\u5728\u82b1\u56ed\u91cc\u8dd1",
    "Japanese": "\u732b\u306f\u5e8a\u306b\u5ea7\u308b \u72ac\u306f\u5ead\u3067\u8d70\u308b",
    "Thai": "\u0e41\u0e21\u0e27\u0e19\u0e31\u0e48\u0e07\u0e1a\u0e19\u0e40\u0e2a\u0e37\u0e48\u0e2d",
    "Khmer": "\u1786\u17d2\u1798\u17b6\u17a2\u1784\u17d2\u1782\u17bb\u1799\u179b\u17be",
}


def advice(text: str) -> str | None:
    words = text.split()
    return advice_without_spaces(words, np.ones(len(words), np.int64))


@pytest.mark.parametrize("language", SENTENCES)
def test_sentences_without_spaces_are_reported_by_their_language(language: str) -> None:
    said = advice(f"{SENTENCES[language]} {SENTENCES[language]} 2024")
    assert said is not None
    assert f"{language} is written without spaces, so cut the text into words first: tokenizer=" in said


@pytest.mark.parametrize(
    "text",
    [
        "\u732b \u5750 \u5728 \u57ab\u5b50 \u4e0a \u82b1\u56ed",
        "\u0e41\u0e21\u0e27 \u0e19\u0e31\u0e48\u0e07 \u0e1a\u0e19",
        "\uace0\uc591\uc774\uac00 \uc549\uc544\uc788\ub2e4 \uc815\uc6d0\uc5d0\uc11c",
        "electroencephalography counterrevolutionaries",
        "the cat sat on the mat \u732b\u5750\u5728\u57ab\u5b50\u4e0a",
        "",
    ],
    ids=["Chinese words", "Thai words", "Korean", "long words", "mostly English", "nothing"],
)
def test_words_are_left_alone(text: str) -> None:
    assert advice(text) is None


def test_text_without_spaces_is_refused_with_what_cuts_it(tmp_path: Path) -> None:
    texts = [[f"{SENTENCES['Chinese'].split()[0]}{chr(0x4E00 + number)}"] for number in range(9)]
    with pytest.raises(
        CorpusError, match=r"rarer than min_count: .*; most words are whole .*jieba\.lcut"
    ) as refused:
        encode_corpus(parse_source(texts), folder=tmp_path)
    assert "lower min_count" not in str(refused.value)


def test_text_without_spaces_that_can_be_trained_on_is_warned_of(tmp_path: Path) -> None:
    with pytest.warns(
        UserWarning, match="in the token lists, most words are whole phrases, such as .* Chinese"
    ):
        encode_corpus(parse_source([SENTENCES["Chinese"].split()] * 3), folder=tmp_path, min_count=1)
