"""The short code and its check."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalsys.evaluation.codes import check

KEYS = {1: b"a" * 32, 2: b"b" * 32}
ids = st.integers(0, check.IDS - 1)
signs = st.sampled_from(check.ALPHABET)
places = st.integers(0, check.LENGTH - 1)


@given(ids, st.sampled_from(sorted(KEYS)))
def test_every_id_comes_back_with_the_key_it_was_made_under(code_id: int, version: int) -> None:
    assert check.code_id_of(check.window_code(code_id, KEYS[version]), KEYS) == (code_id, version)


@given(ids, places, signs)
def test_a_mistyped_code_is_not_found(code_id: int, place: int, sign: str) -> None:
    code = check.window_code(code_id, KEYS[1])
    typed = code[:place] + sign + code[place + 1 :]
    assert (check.code_id_of(typed, KEYS) is not None) == (typed == code)


@given(ids, places, places)
def test_two_swapped_signs_are_not_found(code_id: int, one: int, other: int) -> None:
    code = check.window_code(code_id, KEYS[1])
    typed = list(code)
    typed[one], typed[other] = typed[other], typed[one]
    assert (check.code_id_of("".join(typed), KEYS) is not None) == ("".join(typed) == code)


@given(st.text(max_size=60))
def test_any_text_is_answered_and_none_is_a_code_by_luck(text: str) -> None:
    assert check.code_id_of(text, KEYS) is None


@given(ids)
def test_a_code_is_read_as_people_type_it(code_id: int) -> None:
    code = check.window_code(code_id, KEYS[1])
    full_width = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    for typed in (code.lower(), check.grouped(code), f" {code[:4]} {code[4:]} ", full_width):
        assert check.code_id_of(typed, KEYS) == (code_id, 1)
    assert check.code_id_of(code.replace("0", "o").replace("1", "l"), KEYS) == (code_id, 1)


def test_a_code_made_under_an_unknown_key_is_not_found() -> None:
    assert check.code_id_of(check.window_code(7, b"c" * 32), KEYS) is None


def test_neighbours_do_not_look_alike() -> None:
    written = [check.window_code(code_id, KEYS[1])[: check.ID_LENGTH] for code_id in range(1, 1001)]
    alike = [sum(a == b for a, b in zip(one, other, strict=True)) for one, other in pairwise(written)]
    assert len(set(written)) == 1000
    assert sum(alike) / len(alike) < 0.6
    assert max(alike) <= 3


def test_the_scramble_loses_no_id() -> None:
    step = 997
    scrambled = {check.window_code(code_id, KEYS[1])[:5] for code_id in range(0, check.IDS, step)}
    assert len(scrambled) == len(range(0, check.IDS, step))


def test_a_code_holds_only_signs_of_the_dense_qr_mode_and_no_look_alikes() -> None:
    written = "".join(check.window_code(code_id, KEYS[1]) for code_id in range(500))
    assert set(written) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") - set("IOLU")


@pytest.mark.parametrize("code_id", [-1, check.IDS])
def test_an_id_beyond_the_code_is_a_fault(code_id: int) -> None:
    with pytest.raises(ValueError, match="lies between"):
        check.window_code(code_id, KEYS[1])
