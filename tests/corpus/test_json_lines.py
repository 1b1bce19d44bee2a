"""JSON lines: what is wrong in them is told with its file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.corpus.tables import json_lines, texts_in, written

from wordvec.corpus import text_blocks
from wordvec.errors import CorpusError


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "to be"', r"line 4 of .*a\.jsonl is not JSON: .*; write one JSON object a line"),
        ("to be", r"line 4 of .*a\.jsonl is not JSON: .*; write one JSON object a line"),
        ('[{"text": "to be"}]', r"line 4 of .* is not a JSON object, but \[\{'text': 'to be'\}\]; .*jq -c"),
        ('{"text": 5}', r"field 'text' of .*a\.jsonl holds 5 in line 4, but must hold text"),
        ('{"text": {"a": "b"}}', r"holds \{'a': 'b'\} in line 4, but must hold text"),
        ('{"text": ["to", 5]}', r"holds \['to', 5\] in line 4, but must hold text"),
        ('{"text": [5, 6]}', r"holds \[5, 6\] in line 4, after strings, but must hold text"),
        ('{"text": [5, true]}', r"holds \[5, True\] in line 4, but must hold text"),
        ('{"text": [5.0]}', r"holds \[5\.0\] in line 4, but must hold text"),
        ('{"text": ["to"]}', r"holds \['to'\] in line 4, after strings, but must hold text"),
        (r'{"text": "\ud83d"}', r"cannot be parsed as JSON in lines 1 to 4: .*surrogate pair"),
        (r'{"text": "a\u0000b"}', r"has a NUL character in record 3; remove it"),
    ],
    ids=[
        "cut short",
        "text",
        "array",
        "number",
        "object",
        "word",
        "list",
        "integers",
        "boolean",
        "float",
        "surrogate",
        "NUL",
    ],
)
def test_a_line_that_cannot_be_used_is_reported(line: str, message: str, tmp_path: Path) -> None:
    data = json_lines(["one", "two"]) + f"\n{line}\n".encode() + json_lines(["four"]).strip()
    with pytest.raises(CorpusError, match=message):
        texts_in(written(tmp_path, "a.jsonl", data))


def test_the_line_is_right_far_into_the_file(tmp_path: Path) -> None:
    data = json_lines(["to be or not"] * 20_000) + b'\n{"text": 5}\n'
    with pytest.raises(CorpusError, match=r"holds 5 in line 20,002, but"):
        texts_in(written(tmp_path, "a.jsonl", data), block_bytes=100_000, threads=2)


def test_an_array_over_many_lines_is_refused(tmp_path: Path) -> None:
    data = json.dumps([{"text": "to be"}], indent=1).encode()
    with pytest.raises(CorpusError, match=r"line 1 of .*a\.json is not JSON: .*jq -c"):
        texts_in(written(tmp_path, "a.json", data))


def test_a_field_may_be_missing_from_some_lines(tmp_path: Path) -> None:
    data = b'{"id": 1}\n{"text": "to be"}\n{"id": 2, "title": "x"}\n'
    assert texts_in(written(tmp_path, "a.jsonl", data)) == [["to", "be"]]
    with pytest.raises(
        CorpusError, match=r"has no field 'body' in its first 3 lines; its fields are 'id', 'text', 'title'"
    ):
        texts_in(written(tmp_path, "a.jsonl", data), "body")


def test_dates_and_numbers_in_strings_are_text(tmp_path: Path) -> None:
    assert texts_in(written(tmp_path, "a.jsonl", b'{"text": "2020-01-01"}\n{"text": "5"}')) == [
        ["2020-01-01"],
        ["5"],
    ]


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ("[4]", [["4"]]),
        ('["4", "x"]', [["4", "x"]]),
        ("[18446744073709551616, 4, null]", [["18446744073709551616", "4"]]),
        ("null", []),
        ("[]", []),
    ],
    ids=["integers", "strings", "beyond 64 bits", "null", "empty"],
)
def test_lists_of_integers_are_words(second: str, words: list[list[str]], tmp_path: Path) -> None:
    data = b'{"text": [17, -3, null, 17]}\n{"text": %s}' % second.encode()
    assert texts_in(written(tmp_path, "a.jsonl", data)) == [["17", "-3", "17"], *words]


def test_half_a_character_after_integers_is_refused(tmp_path: Path) -> None:
    data = b'{"text": [5]}\n{"text": ["\\ud83d"]}'
    with pytest.raises(CorpusError, match=r"cannot be parsed as JSON in lines 2 to 2: "):
        texts_in(written(tmp_path, "a.jsonl", data))


def test_a_line_that_does_not_end_takes_no_more_memory_than_a_word_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_blocks, "MAX_WORD_BYTES", 100_000)
    data = b'{"text": "' + b"to be " * 100_000
    with pytest.raises(
        CorpusError, match=r"without a line break, from byte 0 on: write one JSON object a line"
    ):
        texts_in(written(tmp_path, "a.jsonl", data))


def test_an_empty_file_has_no_texts(tmp_path: Path) -> None:
    assert texts_in(written(tmp_path, "a.jsonl", b"\n \n")) == []


def test_numbers_may_have_any_number_of_digits(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", b'{"id": %s, "text": "to be"}\n' % (b"9" * 5000))
    assert texts_in(path) == [["to", "be"]]


def test_a_line_nested_too_deeply_is_reported(tmp_path: Path) -> None:
    deep = b"[" * 50_000 + b"]" * 50_000
    path = written(tmp_path, "a.jsonl", b'\n{"tree": %s, "text": "to be"}\n' % deep)
    with pytest.raises(
        CorpusError, match=r"line 2 of .*a\.jsonl is nested too deeply to be read; leave that"
    ):
        texts_in(path)
