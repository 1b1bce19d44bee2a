"""Token spans: the tokens are those of training, and each span holds what its token was made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordvec.corpus.token_spans import token_spans
from wordvec.corpus.tokenizers import TOKENIZERS, tokenized


def shown(text: str, tokenizer: str) -> list[tuple[str, str]]:
    return [(span.token, text[span.start : span.stop]) for span in token_spans([text], tokenizer)[0]]


@pytest.mark.parametrize(
    ("text", "tokenizer", "spans"),
    [
        (
            "The King, the king.",
            "words",
            [("the", "The"), ("king", "King"), ("the", "the"), ("king", "king")],
        ),
        ("well-known a_b", "words", [("well", "well"), ("known", "known"), ("a", "a"), ("b", "b")]),
        ("it\u2019s", "words", [("it's", "it\u2019s")]),
        ("King, king", "whitespace", [("King,", "King,"), ("king", "king")]),
        ("\u0130zmir caf\u00e9", "words", [("izmir", "\u0130zmir"), ("caf\u00e9", "caf\u00e9")]),
        ("cafe\u0301!", "words", [("caf\u00e9", "cafe\u0301!")]),  # spelled otherwise: all between the spaces
        ("\U0001f600 tea", "words", [("tea", "tea")]),  # code points, not bytes or halves
        ("tea?", "punctuation", [("tea", "tea"), ("<QUESTION_MARK>", "tea?")]),
    ],
)
def test_spans_hold_what_tokens_were_made_of(text: str, tokenizer: str, spans: list[tuple[str, str]]) -> None:
    assert shown(text, tokenizer) == spans


@given(st.lists(st.text(max_size=40), max_size=3), st.sampled_from(sorted(TOKENIZERS)))
def test_tokens_are_those_of_training_and_spans_lie_inside_of_the_text(
    texts: list[str], tokenizer: str
) -> None:
    spans = token_spans(texts, tokenizer)
    assert [[span.token for span in of_text] for of_text in spans] == tokenized(texts, tokenizer)
    for text, of_text in zip(texts, spans, strict=True):
        assert all(0 <= span.start < span.stop <= len(text) for span in of_text)
