"""Text for people: messages stay on one line, and short, whatever they repeat."""

from __future__ import annotations

import pytest

from wordvec.text import is_unicode, one_line, printable, reason_of, short_repr, shortened


@pytest.mark.parametrize("shorten", [shortened, printable], ids=lambda function: function.__name__)
def test_a_text_of_just_the_length_is_kept_whole(shorten) -> None:
    assert shorten("a" * 9, 9) == "a" * 9
    assert len(shorten("a" * 10, 9)) == 9


def test_control_characters_never_reach_a_terminal() -> None:
    assert one_line("\x1b[31mred\x1b[0m\r\ngreen") == "\\x1b[31mred\\x1b[0m green"


def test_a_huge_integer_is_described() -> None:
    assert short_repr(-(2**70)) == "an integer of 71 bits"
    assert short_repr(2**62) == str(2**62)
    assert len(short_repr("a" * 5000)) == 200


def test_a_long_reason_is_one_short_line() -> None:
    reason = reason_of(ValueError("a \n b" * 500))
    assert reason.startswith("a ba b")
    assert reason.endswith("...")
    assert len(reason) == 300


def test_an_unreadable_file_is_an_error_that_says_what_to_do() -> None:
    assert "chmod +r" in reason_of(PermissionError(13, "Permission denied"))


def test_half_a_character_is_not_unicode() -> None:
    assert not is_unicode("caf\ud83d")
    assert is_unicode("caf\U0001f600")
