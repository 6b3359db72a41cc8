"""Which cells an event moves."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

from evalsys.evaluation.events import RatingExplained, ServiceCancelled, ServiceEnded, ServicePrompted
from evalsys.evaluation.rules import CountedAs
from evalsys.scoring.rules import tallies
from evalsys.scoring.rules.tallies import Cell, ServiceCell, TagCell, cell_of, columns_of, service_movements

FIVE = CountedAs(
    day=date(2026, 3, 2),
    window_id=24,
    staff_id=7,
    unit_id=1,
    item_type="",
    channel="on-the-go",
    entry="window-code",
    level=5,
)

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)


def change(before: CountedAs | None, after: CountedAs | None) -> RatingExplained:
    return RatingExplained(1, 5, before, after, AT)


def movements(before: CountedAs | None, after: CountedAs | None) -> dict[Cell, Counter[str]]:
    return tallies.movements([change(before, after)])


def tag_movements(before: CountedAs | None, after: CountedAs | None) -> list[tuple[TagCell, int]]:
    return tallies.tag_movements([change(before, after)])


def test_a_first_rating_adds_one_to_its_level():
    assert movements(None, FIVE) == {cell_of(FIVE): {"n5": 1}}


def test_what_is_known_beside_the_level_is_counted_with_it():
    rating = replace(FIVE, bound=True, assisted=True, done="no")
    assert columns_of(rating) == ("n5", "bound", "assisted", "done_no")


def test_a_correction_moves_one_from_level_to_level():
    (moved,) = movements(FIVE, replace(FIVE, level=1)).values()
    assert {column: by for column, by in moved.items() if by} == {"n5": -1, "n1": 1}


def test_held_and_excluded_ratings_are_kept_apart_and_add_nothing_else():
    held = replace(FIVE, standing="held", bound=True, done="yes", tags=frozenset({"517"}))
    assert columns_of(held) == ("held5",)
    assert tag_movements(None, held) == []
    (moved,) = movements(replace(held, standing="counted"), replace(held, standing="excluded")).values()
    assert {column: by for column, by in moved.items() if by} == {
        "n5": -1,
        "bound": -1,
        "done_yes": -1,
        "excluded5": 1,
    }


def test_another_clerk_moves_the_rating_to_another_cell():
    moved = movements(FIVE, replace(FIVE, staff_id=8))
    assert [(cell.staff_id, dict(columns)) for cell, columns in moved.items()] == [
        (7, {"n5": -1}),
        (8, {"n5": 1}),
    ]


def test_nothing_moves_where_nothing_changed():
    assert movements(FIVE, FIVE) == {}
    assert movements(None, None) == {}
    assert tag_movements(replace(FIVE, tags=frozenset({"517"})), replace(FIVE, tags=frozenset({"517"}))) == []


def test_tags_are_counted_once_each():
    before = replace(FIVE, tags=frozenset({"510", "517"}))
    after = replace(FIVE, tags=frozenset({"511", "517"}))
    assert [(cell.tag, by) for cell, by in tag_movements(before, after)] == [("510", -1), ("511", 1)]


def test_the_movements_of_many_ratings_are_added_up_for_each_cell_in_a_fixed_order():
    here, there = FIVE, replace(FIVE, staff_id=3, tags=frozenset({"517"}))
    changes = [
        change(None, here),
        change(None, there),
        change(here, replace(here, level=2)),
        change(None, here),
    ]
    moved = tallies.movements(changes)
    assert list(moved) == [cell_of(there), cell_of(here)]
    assert {column: by for column, by in moved[cell_of(here)].items() if by} == {"n5": 1, "n2": 1}
    tags = tallies.tag_movements([change(None, there), change(None, there)])
    assert [(cell.tag, by) for cell, by in tags] == [("517", 2)]


def test_a_service_that_ended_was_asked_about_and_cancelled_leaves_nothing():
    cell = ServiceCell(FIVE.day, 24, 7, 1, "")
    ended, prompted = ServiceEnded(*cell), ServicePrompted(*cell)
    assert service_movements([ended, prompted, ended]) == {cell: (2, 1)}
    assert service_movements([ended, prompted, ServiceCancelled(*cell, prompted=True)]) == {}
    assert service_movements([ServiceCancelled(*cell, prompted=False)]) == {cell: (-1, 0)}
