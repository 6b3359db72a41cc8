"""What a bulletin may say beside what else it says: nothing that is left out can be subtracted to a few."""

import itertools

import pytest

from evalsys.dashboards.rules.bulletins import LEAST, all_in_tens, overdue_in_tens, parts_in_tens, told_beside


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"a": 40, "b": 12, "c": 30}, {"a", "b", "c"}),
        ({"a": 40, "b": 12, "c": 4}, {"a"}),
        ({"a": 40, "b": 6, "c": 4}, {"a"}),
        ({"a": 40, "b": 4, "c": 4, "d": 12, "e": 12}, {"a", "e"}),
        ({"a": 40, "b": 0}, {"a"}),
        ({"a": 40, "b": 3}, set()),
    ],
)
def test_what_is_left_out_of_a_total_is_nothing_or_ten(parts: dict[str, int], told: set[str]) -> None:
    assert told_beside(sum(parts.values()), parts) == told


def test_a_total_holds_more_than_its_parts() -> None:
    """The cases of a unit that is gone are in the total alone."""
    assert told_beside(56, {"a": 40, "b": 12}) == {"a"}


def test_all_ratings_in_tens_never_tell_of_a_few_that_are_not_open() -> None:
    """Whatever is said, it may be that nothing else came, or it is sure that ten and more did."""
    for opened, said in itertools.product(range(30, 60), range(0, 100, 10)):
        apart = {abs(n - opened) for n in range(10, 100) if all_in_tens(n, opened) == said}
        assert not apart or 0 in apart or min(apart) >= LEAST, (opened, said)


def test_parts_in_tens_add_up_to_no_more_than_all() -> None:
    assert parts_in_tens({"a": 200, "b": 100, "c": 4}, 300) == {"a": 200, "b": 100, "c": None}
    assert parts_in_tens({"a": 300, "b": 0, "c": 0}, 290) == {"a": 290, "b": 0, "c": 0}
    assert parts_in_tens({"a": 10, "b": 12}, 10) == {"a": 10, "b": None}


@pytest.mark.parametrize(
    ("n", "worst", "said"),
    [
        (9, 9, (None, None)),
        (12, 12, (10, 10)),
        (12, 0, (10, 0)),
        (12, 3, (10, None)),
        (25, 21, (20, 20)),
    ],
)
def test_what_is_overdue_is_said_in_tens(n, worst, said) -> None:
    assert overdue_in_tens(n, worst) == said
