"""The JavaScript reader has the same words and numbers as the Python one, in any script; Node runs it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from unicodedata import category

import numpy as np
import pytest
from tests.formats.scripts_of_the_world import texts_in_many_scripts

from wordvec.corpus.tokenizers import TOKENIZERS, tokenized
from wordvec.formats.encoder_folder import load_encoder, save_encoder
from wordvec.phrases.phrases import Phrase, Phrases, PhraseSettings
from wordvec.storage.format_table import ENCODER
from wordvec.vectors.text_encoder import TextEncoder
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="no node here: apt-get install nodejs")

DIM = 11
TEXTS = texts_in_many_scripts(10_000)
SCRIPT = """
const fs = require("fs");
const [script, encoder, texts, out] = process.argv.slice(2);
const read = require(script).fromBytes(fs.readFileSync(encoder));
const found = JSON.parse(fs.readFileSync(texts, "utf8")).map((text) => [
  typeof text === "string" ? read.tokens(text) : text, Array.from(read.encode(text)),
]);
fs.writeFileSync(out, JSON.stringify(found));
"""
PHRASES = Phrases(
    (
        (Phrase(("new", "york"), 9, 12.0, ""), Phrase(("city", "of", "york"), 9, 11.0, "")),
        (Phrase(("new_york", "city"), 5, 11.0, ""),),
    ),
    PhraseSettings(connector_words=("of",), passes=2),
)


def in_node(folder: Path, texts: list[str] | list[list[str]]) -> tuple[list[list[str]], np.ndarray]:
    """The words and the vectors of texts, by encoder.js."""
    (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    (folder / "run.js").write_text(SCRIPT, encoding="utf-8")
    names = ["encoder.js", "encoder.safetensors", "texts.json", "out.json"]
    paths = [str((folder / name).resolve()) for name in names]
    subprocess.run([str(NODE), str(folder / "run.js"), *paths], check=True, timeout=300)  # noqa: S603
    found = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    return [words for words, _ in found], np.array([vector for _, vector in found])


def model_of(texts: list[str], tokenizer: str, *, has_subwords: bool, phrases: Phrases | None) -> WordVectors:
    """Vectors of two thirds of the words of some texts."""
    tokens = tokenized(texts, tokenizer)
    if phrases is not None:
        tokens = [phrases.join(text) for text in tokens]
    words = sorted({word for text in tokens for word in text})[::3]
    words = sorted({*words, *sorted({word for text in tokens for word in text})[1::3]})
    random = np.random.default_rng(2)
    vocabulary = SubwordVocabulary(words, SubwordRules(2, 4, 5000)) if has_subwords else words
    num_rows = vocabulary.num_rows if isinstance(vocabulary, SubwordVocabulary) else len(words)
    return WordVectors(
        vocabulary,
        random.normal(size=(num_rows, DIM)),
        counts=random.integers(1, 1000, len(words)),
        config={"tokenizer": tokenizer},
        phrases=phrases,
    )


@pytest.mark.parametrize(
    "tokenizer",
    [pytest.param(name, marks=[] if name == "words" else [pytest.mark.slow]) for name in TOKENIZERS],
)
def test_ten_thousand_texts_in_many_scripts_have_the_same_words_and_numbers(
    tokenizer: str, tmp_path: Path
) -> None:
    encoder = TextEncoder.of(
        model_of(TEXTS, tokenizer, has_subwords=tokenizer == "words", phrases=PHRASES), precision="int8"
    )
    save_encoder(encoder, tmp_path)
    words, vectors = in_node(tmp_path, TEXTS)
    assert words == tokenized(TEXTS, tokenizer)
    np.testing.assert_allclose(vectors, encoder.encode(TEXTS), atol=1e-6)
    assert (np.linalg.norm(vectors, axis=1) > 0).mean() > 0.5


@pytest.mark.parametrize("precision", ["float32", "float16", "bit"])
def test_all_precisions_are_read(precision: str, tmp_path: Path) -> None:
    model = model_of(TEXTS[:500], "words", has_subwords=True, phrases=None)
    encoder = TextEncoder.of(model, precision=precision, dim=9)  # type: ignore[arg-type]
    save_encoder(encoder, tmp_path)
    np.testing.assert_allclose(in_node(tmp_path, TEXTS[:1000])[1], encoder.encode(TEXTS[:1000]), atol=1e-6)
    assert np.array_equal(load_encoder(tmp_path).encode(TEXTS[:1000]), encoder.encode(TEXTS[:1000]))


def test_each_character_is_cut_alike(tmp_path: Path) -> None:
    """Alone and between letters; but for those that are newer than Python's Unicode, and perhaps than Node's."""
    characters = [chr(code) for code in range(0xE0200) if category(chr(code)) not in ("Cn", "Cs", "Co")]
    texts = [f"{letter} a{letter}b" for letter in characters]
    encoder = TextEncoder.of(WordVectors(["a", "b"], np.eye(2), counts=[1, 1], config={"tokenizer": "words"}))
    save_encoder(encoder, tmp_path)
    words, _ = in_node(tmp_path, texts)
    expected = tokenized(texts, "words")
    differing = [
        letter for letter, one, other in zip(characters, words, expected, strict=True) if one != other
    ]
    assert len(characters) > 140_000
    assert not differing, [f"{ord(letter):x}" for letter in differing][:50]


def test_lists_of_words_need_no_tokenizer(tmp_path: Path) -> None:
    encoder = TextEncoder.of(WordVectors(["a", "b c"], [[1, 2], [3, -1]], counts=[1, 1]))
    save_encoder(encoder, tmp_path)
    texts = [["a", "b c"], ["x"], []]
    np.testing.assert_allclose(in_node(tmp_path, texts)[1], encoder.encode(texts), atol=1e-6)


def test_damaged_files_are_refused_or_harmless(tmp_path: Path) -> None:
    """A thousand cut or changed files: each is an Error, or an encoder of finite numbers."""
    encoder = TextEncoder.of(
        model_of(TEXTS[:20], "words", has_subwords=True, phrases=PHRASES), precision="int8"
    )
    save_encoder(encoder, tmp_path)
    script = """
const fs = require("fs");
const read = require(process.argv[2]);
const whole = fs.readFileSync(process.argv[3]);
const header = 8 + Number(whole.readBigUInt64LE(0));
let state = 1;
const draw = (limit) => (state = (state * 48271) % 2147483647) % limit;
const outcomes = { refused: 0, accepted: 0, wrong: [] };
for (let number = 0; number < 1000; number++) {
  let bytes = Buffer.from(whole);
  if (number % 4 === 0) bytes = bytes.subarray(0, draw(bytes.length));
  else for (let change = 0; change < 3; change++) bytes[draw(number % 4 === 1 ? bytes.length : header)] = draw(256);
  try {
    const vector = read.fromBytes(bytes).encode("the new york city unheard-of");
    if (Array.from(vector).every((value) => Math.abs(value) <= 1.001)) outcomes.accepted += 1;
    else outcomes.wrong.push(number);
  } catch (problem) {
    outcomes.refused += 1;
    if (!(problem instanceof Error)) outcomes.wrong.push(number);
  }
}
console.log(JSON.stringify(outcomes));
"""
    (tmp_path / "damage.js").write_text(script, encoding="utf-8")
    arguments = [
        str(NODE),
        str(tmp_path / "damage.js"),
        str(tmp_path / "encoder.js"),
        str(tmp_path / ENCODER),
    ]
    done = subprocess.run(arguments, check=True, capture_output=True, text=True, timeout=300)  # noqa: S603
    outcomes = json.loads(done.stdout)
    assert outcomes["wrong"] == []
    assert outcomes["refused"] > 300
    assert outcomes["accepted"] > 100
