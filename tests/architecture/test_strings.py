"""Every text has its English, and the compiled file says the same."""

import re

from tests import strings

VALUES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def test_every_text_has_its_english() -> None:
    standing = {(m.context, m.id): m.string for m in strings.english() if m.id}
    missing = [m.id for m in strings.gathered() if m.id and not standing.get((m.context, m.id))]
    assert missing == [], "run `python -m tests.strings` and translate what waits"


def test_no_english_is_left_of_texts_that_are_gone() -> None:
    wanted = {(m.context, m.id) for m in strings.gathered()}
    assert [m.id for m in strings.english() if m.id and (m.context, m.id) not in wanted] == []


def test_a_translation_keeps_every_value_of_its_text() -> None:
    for message in strings.english():
        if message.id:
            assert sorted(set(VALUES.findall(message.id))) == sorted(set(VALUES.findall(message.string)))


def test_the_compiled_strings_are_current() -> None:
    assert strings.compiled(strings.english()) == strings.COMPILED.read_bytes()
