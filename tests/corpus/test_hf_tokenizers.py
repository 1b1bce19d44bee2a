"""Subwords: tokenizers of Hugging Face give their tokens, all of them, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.corpus.tables import json_lines, texts_in, written

from wordvec.corpus.tokenizers import as_tokenizer
from wordvec.errors import ConfigError, CorpusError

tokenizers = pytest.importorskip("tokenizers")

TEXTS = ["东京在日本", "", "日本的首都是东京", None, "東京\n大阪"]


@pytest.fixture
def tokenizer() -> Any:
    """Words of one or two signs."""
    made = tokenizers.Tokenizer(tokenizers.models.Unigram([("<unk>", 0.0)], unk_id=0))
    trainer = tokenizers.trainers.UnigramTrainer(
        vocab_size=40,
        special_tokens=["<unk>", "<s>"],
        unk_token="<unk>",  # noqa: S106
        show_progress=False,
    )
    made.train_from_iterator(["东京在日本", "日本的首都是东京"] * 20, trainer)
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $0", special_tokens=[("<s>", 1)]
    )
    return made


def test_its_tokens_are_the_words(tokenizer: Any, tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", json_lines(TEXTS))
    found = texts_in(path, tokenizer=as_tokenizer(tokenizer))
    expected = [tokenizer.encode(text, add_special_tokens=False).tokens for text in TEXTS if text]
    assert found == expected
    assert ["东京" in text for text in found] == [True, True, False]
    lines = written(tmp_path, "a.txt", "东京在日本\r\n\n日本的首都是东京".encode())
    assert texts_in(lines, None, tokenizer=as_tokenizer(tokenizer)) == expected[:2]


def test_texts_are_neither_cut_off_nor_filled_up(tokenizer: Any) -> None:
    before = as_tokenizer(tokenizer)("日本的首都是东京")
    tokenizer.enable_truncation(2)
    tokenizer.enable_padding(length=50)
    assert as_tokenizer(tokenizer)("日本的首都是东京") == before
    assert tokenizer.truncation["max_length"] == 2


def test_one_that_cannot_be_copied_is_refused_if_it_cuts_texts_off(tokenizer: Any) -> None:
    class Signs:
        def pre_tokenize(self, text: Any) -> None: ...

    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.PreTokenizer.custom(Signs())
    as_tokenizer(tokenizer)
    tokenizer.enable_truncation(2)
    with pytest.raises(
        ConfigError, match=r"cannot be copied to turn that off \(.*\); call its no_truncation\(\)"
    ):
        as_tokenizer(tokenizer)


class OfTransformers:
    """As a tokenizer of transformers: calling it gives a mapping with numbers in it."""

    def __init__(self, backend_tokenizer: Any = None):
        if backend_tokenizer is not None:
            self.backend_tokenizer = backend_tokenizer

    def __call__(self, text: str) -> dict[str, list[int]]:
        return {"input_ids": [1, 2]}

    def tokenize(self, text: str) -> list[str]:
        return list(text)

    def convert_tokens_to_ids(self, tokens: list[str]) -> list[int]:
        return [1] * len(tokens)


def test_those_of_transformers_give_their_tokens_too(tokenizer: Any) -> None:
    fast: Any = as_tokenizer(OfTransformers(tokenizer))
    assert fast("东京") == as_tokenizer(tokenizer)("东京")  # type: ignore[operator]
    slow: Any = as_tokenizer(OfTransformers())
    assert slow("东京") == ["东", "京"]


def test_a_function_that_gives_a_mapping_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", b"to be\n")
    with pytest.raises(
        CorpusError, match=r"must return the words of a text as a list .* returned \{'input_ids'"
    ):
        texts_in(path, None, tokenizer=lambda _: {"input_ids": [1]})
