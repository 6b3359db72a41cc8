"""A tap needs no form; everything else goes through one."""

import pytest
from werkzeug.datastructures import MultiDict

from evalsys.evaluation.forms import tapped
from evalsys.evaluation.rules import Answer

KEY = "0123456789abcdef"


def test_a_level_and_a_key_are_an_answer() -> None:
    assert tapped(MultiDict({"level": "2", "key": KEY})) == Answer(2, KEY)


@pytest.mark.parametrize(
    "sent",
    [
        {"key": KEY},
        {"level": "5"},
        {"level": "5", "key": "too short"},
        {"level": "0", "key": KEY},
        {"level": "6", "key": KEY},
        {"level": "", "key": KEY},
        {"level": "5", "key": KEY, "text": ""},
        {"level": "5", "key": KEY, "tags": "517"},
        {"level": "5", "key": KEY, "skip": "1"},
    ],
)
def test_whatever_else_is_sent_or_missing_is_left_to_the_form(sent: dict[str, str]) -> None:
    assert tapped(MultiDict(sent)) is None
