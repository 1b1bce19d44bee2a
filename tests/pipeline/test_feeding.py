"""Feeding: a run learns the same from the same texts, wherever they are; and finds them again to be resumed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.corpus.tables import json_lines, parquet, separated, written
from tests.pipeline.texts import SMALL, ring_texts

import wordvec
from wordvec.errors import ConfigError, CorpusError
from wordvec.pipeline.run_log import Progress
from wordvec.training.progress import TrainingProgress

WORDS = ring_texts()
TEXTS = [" ".join(text) for text in WORDS]
OTHERS = [" ".join(text) for text in ring_texts(40, seed=8)]
TABLE = pa.table({"text": TEXTS, "id": list(range(len(TEXTS)))})
MADE = {"a.parquet": parquet, "a.csv": separated, "a.jsonl": json_lines}


class Stop(Exception):  # noqa: N818
    """What a user's function raises to end a run."""


def stop_after_two(progress: Progress) -> None:
    if isinstance(progress, TrainingProgress) and progress.is_epoch_end and progress.epoch == 2:
        raise Stop


def begin(source: Any, checkpoint: Path, **given: Any) -> None:
    """A run that breaks off after two of four epochs."""
    with pytest.raises(Stop):
        wordvec.train(source, checkpoint=checkpoint, on_progress=stop_after_two, **given, **SMALL)


@pytest.fixture(scope="module")
def expected() -> bytes:
    return wordvec.train(WORDS, **SMALL).matrix.tobytes()


@pytest.mark.parametrize("name", MADE)
def test_a_table_gives_the_vectors_of_the_same_texts_and_is_found_again(
    name: str, tmp_path: Path, expected: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, name, MADE[name](TEXTS))
    monkeypatch.chdir(tmp_path)
    assert wordvec.train(name, column="text", **SMALL).matrix.tobytes() == expected
    begin(name, tmp_path / "run.wv", column="text")
    monkeypatch.chdir("/")
    assert wordvec.resume(tmp_path / "run.wv").matrix.tobytes() == expected


def test_a_table_that_has_moved_is_read_as_before(tmp_path: Path, expected: bytes) -> None:
    path = written(tmp_path, "table.data", separated(TEXTS, ";"))
    begin(path, tmp_path / "run.wv", column="text", input_format="csv")
    moved = path.rename(tmp_path / "moved.data")
    with pytest.raises(CorpusError, match=r"the text of the run is not where it was: .*table\.data"):
        wordvec.resume(tmp_path / "run.wv")
    assert wordvec.resume(tmp_path / "run.wv", moved).matrix.tobytes() == expected


def test_a_table_whose_text_has_changed_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a.parquet", parquet(TEXTS))
    begin(path, tmp_path / "run.wv", column="text")
    path.write_bytes(parquet([TEXTS[1], TEXTS[0], *TEXTS[2:]]))
    with pytest.raises(CorpusError, match="the text has changed since the checkpoint"):
        wordvec.resume(tmp_path / "run.wv")


def test_text_in_another_encoding_is_read_so_again_and_so_is_what_is_validated_on(
    tmp_path: Path, expected: bytes
) -> None:
    path = written(tmp_path, "a.txt", "\n".join(TEXTS).encode("utf-16"))
    others = written(tmp_path, "b.txt", "\n".join(OTHERS).encode("utf-16"))
    begin(path, tmp_path / "run.wv", encoding="utf-16", validation_source=others)
    assert wordvec.resume(tmp_path / "run.wv").matrix.tobytes() == expected
    moved = path.rename(tmp_path / "moved.txt")
    assert wordvec.resume(tmp_path / "run.wv", moved).matrix.tobytes() == expected


def test_text_with_a_few_bad_bytes_is_learned_from_and_resumed(tmp_path: Path, expected: bytes) -> None:
    path = written(
        tmp_path, "a.txt", "\n".join(TEXTS).replace(" ", "\udcff ").encode(errors="surrogateescape")
    )
    begin(path, tmp_path / "run.wv", errors="ignore")
    assert wordvec.resume(tmp_path / "run.wv").matrix.tobytes() == expected


def test_what_is_in_memory_must_be_given_again_but_not_its_column(tmp_path: Path, expected: bytes) -> None:
    begin(TABLE, tmp_path / "run.wv", column="text")
    facts = json.loads((tmp_path / "run.wv" / "run.json").read_text(encoding="utf-8"))
    assert facts["source"] == {"paths": None, "column": "text", "input_format": None}
    with pytest.raises(ConfigError, match="did not read its text from files, so it must be given again"):
        wordvec.resume(tmp_path / "run.wv")
    assert wordvec.resume(tmp_path / "run.wv", TABLE).matrix.tobytes() == expected


def test_a_column_alone_and_lists_of_words_are_learned_from(expected: bytes) -> None:
    assert wordvec.train(TABLE["text"], **SMALL).matrix.tobytes() == expected
    assert wordvec.train(pa.table({"w": WORDS}), column="w", **SMALL).matrix.tobytes() == expected


def test_what_is_validated_on_is_a_column_too(tmp_path: Path) -> None:
    path = written(tmp_path, "others.csv", separated(OTHERS))
    one = wordvec.train(TABLE, column="text", validation_source=path, **SMALL)
    other = wordvec.train(WORDS, validation_source=[text.split() for text in OTHERS], **SMALL)
    losses = [[record.get("validation_loss") for record in vectors.training] for vectors in (one, other)]
    assert losses[0] == losses[1]
    assert any(losses[0])


def test_a_tokenizer_of_hugging_face_is_given_again(tmp_path: Path, expected: bytes) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    words = sorted({word for text in WORDS for word in text})
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({word: place for place, word in enumerate(words)})
    )
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    begin(TABLE, tmp_path / "run.wv", column="text", tokenizer=tokenizer)
    with pytest.raises(ConfigError, match="had a Python function as tokenizer; give it"):
        wordvec.resume(tmp_path / "run.wv", TABLE)
    assert wordvec.resume(tmp_path / "run.wv", TABLE, tokenizer=tokenizer).matrix.tobytes() == expected


def test_a_recipe_cuts_the_texts_of_a_table_as_its_own(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    recipe = wordvec.recipe("text8-sgns")
    settings = {**SMALL, "epochs": 1}
    lines = written(tmp_path, "a.txt", "\n".join(text.upper() for text in TEXTS).encode())
    table = pa.table({"text": [text.upper() for text in TEXTS]})
    one = wordvec.train(lines, recipe=recipe, **settings)
    other = wordvec.train(table, recipe=recipe, column="text", **settings)
    assert one.matrix.tobytes() == other.matrix.tobytes()
    with pytest.raises(
        ConfigError, match="input_format, encoding and errors say what is in a source; give one"
    ):
        wordvec.train(recipe=recipe, column="text")
    with pytest.raises(ConfigError, match="say what is in a source; give one"):
        wordvec.train(recipe=recipe, encoding="cp1252")
    german = written(tmp_path, "b.txt", "\n".join(text.upper() + " Ä" for text in TEXTS).encode("cp1252"))
    assert "ä" in wordvec.train(german, recipe=recipe, encoding="cp1252", **settings)
