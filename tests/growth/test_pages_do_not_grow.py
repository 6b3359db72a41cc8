"""No page costs more because there are more ratings: what SQLite does for each is counted at two sizes."""

from collections.abc import Iterator

import pytest

from tests.growth.counting import Steps, counted_steps
from tests.growth.hall import BigHall
from tests.growth.walk import Asked, everything_asked

pytestmark = [
    pytest.mark.xdist_group("growth"),
    pytest.mark.parametrize("address", ["sqlite"], indirect=True),
]

FIRST = 1_000  # the number of the first rating made here
MOST = 1.3
UNSEEN = 5_000  # steps: a page this cheap may do one thing more, as renewing a sign-in
# Remarks are shown by the week, all of one week's: they grow with that week, not with the years.
BY_THE_WEEK = ("clerk", "department-lead", "window-manager")
# Counts the cases of the period that is asked for: they grow with that month, not with the years.
BY_THE_MONTH = ("/cases/figures", "/orders/counts", "/board/")
# Too fine for running totals (by day, item type, tag, pair): cells until each day has one of every kind.
BY_THE_CELL = ("/funnels/", "/gaps/", "/indicators/done", "/indicators/tags", "/overview")
# Says what befell single ratings of the period asked for: its bad reviews, what changed, what was left out.
BY_THE_ROW = ("/indicators/own", "/indicators/moved", "/left-out")
# As long as the backlog: here nine tenths of all cases are open and overdue, in a hall what came in lately.
BY_THE_BACKLOG = (
    *("/cases/dispatch", "/cases/chase", "/cases/notices", "/desk/"),
    *("/cases?state=", "/cases?kind=", "/cases?department=", "/cases/all?state=NEW"),
)
# A file of all entries asked for: as long as it is. Here they are all of one instant, and the next
# thousand is looked for among them.
WHOLE = "/admin/journal."
# One window's days: rows until 10,000 are looked at, cells until each day has one of every kind.
OF_ONE_WINDOW = ("/comments?window=", "/rankings/staff?window=")

OTHERS = BY_THE_MONTH + BY_THE_CELL + BY_THE_ROW + BY_THE_BACKLOG


@pytest.fixture(scope="module", autouse=True)
def steps() -> Iterator[Steps]:
    """What is counted; before the hall's first connection is opened."""
    with counted_steps() as steps:
        yield steps


def taken(steps: Steps, asked: list[Asked]) -> dict[str, int]:
    """The steps that each address takes, the first time it is asked for after the ratings came."""
    found = {}
    for one in asked:
        steps.taken()
        assert one.answer() < 500, one
        found[str(one)] = steps.taken()
    return found


def grows_with_what_it_is_about(one: Asked) -> bool:
    weekly = one.role in BY_THE_WEEK and one.address.startswith("/comments")
    return weekly or one.address.removeprefix("/api/v1").startswith(OTHERS)


def check(hall: BigHall, steps: Steps, sizes: tuple[int, int], days: int, *, each_role: bool) -> None:
    small, big = sizes
    hall.grow(FIRST, FIRST + small, days)
    asked = [one for one in everything_asked(hall, each_role=each_role) if WHOLE not in one.address]
    before = taken(steps, asked)
    hall.grow(FIRST + small + 1, FIRST + big, days)
    after = taken(steps, asked)
    grown = {
        name: (before[name], after[name])
        for one in asked
        if (name := str(one)) and after[name] > MOST * before[name] + UNSEEN
        if not grows_with_what_it_is_about(one) and not any(address in name for address in OF_ONE_WINDOW)
    }
    assert sum(before.values()) > 100_000
    assert not grown, "\n".join(f"{name} {steps}" for name, steps in grown.items())
    others = [str(one) for one in asked if grows_with_what_it_is_about(one)]
    faster = [name for name in others if after[name] > MOST * big / small * before[name] + UNSEEN]
    assert not faster, "\n".join(f"{name} {before[name]} {after[name]}" for name in faster)


def test_no_page_grows_with_the_ratings(hall: BigHall, steps: Steps) -> None:
    check(hall, steps, (20_000, 60_000), 60, each_role=False)


@pytest.mark.growth
def test_no_page_of_any_role_grows_from_a_hundred_thousand_to_a_million(hall: BigHall, steps: Steps) -> None:
    check(hall, steps, (100_000, 1_000_000), 365, each_role=True)
