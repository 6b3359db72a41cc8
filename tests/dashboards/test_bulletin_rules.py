"""What a bulletin may say beside what else it says: nothing that is left out can be subtracted to a few."""

import pytest

from evalsys.dashboards.rules.bulletins import told_beside


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
