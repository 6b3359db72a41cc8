"""The tree, the texts and the seals by themselves, against values that others have published."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalsys.assurance.rules import seals

# The leaves that certificate transparency's own tests use, and the root over all eight of them.
LEAVES = ("", "\x00", "\x10", " !", "01", "@ABC", "PQRSTUVW", "`abcdefghijklmno")
ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_the_tree_is_that_of_certificate_transparency() -> None:
    assert seals.root_of([seals.leaf(text, "sha256") for text in LEAVES], "sha256").hex() == ROOT


def test_nothing_has_the_hash_of_nothing() -> None:
    assert seals.root_of([], "sha256").hex().startswith("e3b0c44298fc1c149afbf4c8996fb924")
    assert seals.root_of([], "sm3").hex().startswith("1ab21d8355cfa17f8e61194831e81a8f")


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.data())
def test_every_leaf_climbs_to_the_root_and_no_other_does(n: int, drawn: st.DataObject) -> None:
    leaves = [seals.leaf(str(number), "sha256") for number in range(n)]
    place = drawn.draw(st.integers(0, n - 1))
    steps, root = seals.path_of(leaves, place, "sha256"), seals.root_of(leaves, "sha256")
    assert seals.climbed(leaves[place], steps, "sha256") == root
    assert seals.climbed(seals.leaf("another", "sha256"), steps, "sha256") != root


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 70))
def test_a_tree_over_whole_blocks_is_the_tree_over_their_leaves(n: int) -> None:
    leaves = [seals.leaf(str(number), "sha256") for number in range(n)]
    blocks = [seals.root_of(leaves[at : at + 8], "sha256") for at in range(0, n, 8)]
    assert seals.root_of(blocks, "sha256") == seals.root_of(leaves, "sha256")


def test_an_entry_cannot_be_guessed_from_its_leaf() -> None:
    one, other = (seals.text_of("rating", 7, 0, {"level": 5}, salt) for salt in (b"a" * 16, b"b" * 16))
    assert one != other
    assert seals.text_of("reasons", 7, 1, {}, b"a" * 16).count(seals.blind(b"a" * 16, "rating", 0)) == 0


def test_who_decided_stands_in_an_entry_as_a_hash_alone() -> None:
    def text(one: int, two: int) -> str:
        return seals.text_of("standing", 7, 1, {"proposed_by": one, "decided_by": two}, b"a" * 16)

    assert "12345" not in text(12345, 2)
    assert text(12345, 2) != text(12345, 3)


def test_what_was_sent_stands_in_an_entry_as_a_hash_nobody_can_try() -> None:
    sent = {"level": 5, "key": "one-key", "content_hash": "c" * 64, "receipt_hash": "d" * 64}
    texts = {seals.text_of("rating", 7, 0, sent | {name: None}, b"a" * 16) for name in seals.SENT}
    text = seals.text_of("rating", 7, 0, sent, b"a" * 16)
    assert not any(word in text for word in ("key", "content_hash", "c" * 64, "receipt_hash", "d" * 64))
    assert len(texts | {text}) == 4, "each of them is sealed"
    one, other = (seals.text_of("rating", 7, 0, sent, salt * 16) for salt in (b"a", b"b"))
    assert json.loads(one)["says"]["submission"] != json.loads(other)["says"]["submission"]


def test_a_day_is_closed_ten_minutes_after_midnight() -> None:
    def last(hour: int, minute: int) -> date:
        return seals.last_closed_day(datetime(2026, 3, 2, hour, minute, tzinfo=UTC), datetime.date)

    assert last(0, 9) == date(2026, 2, 28)
    assert last(0, 10) == date(2026, 3, 1)


def test_an_entry_belongs_to_its_day_or_to_the_first_that_is_open() -> None:
    first, last = date(2026, 3, 5), date(2026, 3, 6)
    assert seals.belongs_to(date(2026, 3, 6), first, last) == last
    assert seals.belongs_to(date(2026, 3, 1), first, last) == first
    assert seals.belongs_to(None, first, last) == first
    assert seals.belongs_to(date(2026, 3, 7), first, last) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"seals": [{}]}', '{"seals": [{"day": "never"}]}', "null"])
def test_a_file_that_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(seals.NotAnAnchor):
        seals.Anchor.read(text)
