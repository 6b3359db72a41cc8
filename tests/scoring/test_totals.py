"""Running totals: whatever happens on whatever day, they say what the ratings say."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select, update
from sqlalchemy.orm import Session

from evalsys.evaluation.events import RatingExplained, ServiceCancelled, ServiceEnded, ServicePrompted
from evalsys.evaluation.rules import CountedAs
from evalsys.kernel.access import EVERYTHING, Scope
from evalsys.kernel.periods import Period
from evalsys.kernel.settings import Settings
from evalsys.organisation.models import UnitName
from evalsys.scoring import actions
from evalsys.scoring.models import StaffTotal, TotalDay, WindowTotal
from evalsys.scoring.queries import checks, moves, sums
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.ranking import DEPARTMENTS, STAFF, SUBJECTS, WINDOWS, Ranking
from evalsys.scoring.rules.rates import EMPTY, Split
from tests.builders import BuiltWindow, a_clerk, a_window
from tests.scoring.halls import DAY, served, summed

SETTINGS = Settings()
FIRST = date(2026, 2, 1)
AT = datetime(2026, 9, 1, 2, tzinfo=UTC)
DAYS = st.integers(0, 40).map(lambda n: FIRST + timedelta(days=n))
ENTRIES = {"tablet": "face-to-face", "kiosk": "back-to-back", "link": "on-the-go", "paper": "on-the-go"}
PLACES = range(3)
CLERKS = range(3)


class Hall:
    """Three windows of two departments, one of them a leader's, and two clerks; clerk 0 is nobody."""

    def __init__(self, session: Session) -> None:
        kinds = {"3": "领导带班"}
        self.windows = [
            a_window(session, number, unit, kinds.get(number, "专窗"))
            for number, unit in (("1", "TAX"), ("2", "SOC"), ("3", "TAX"))
        ]
        self.clerks = [0, a_clerk(session), a_clerk(session, "1002", "李强", "SOC")]
        self.codes = {"TAX": self.windows[0].unit_id, "SOC": self.windows[1].unit_id}


counted = st.builds(
    lambda day, place, clerk, entry, level, standing, bound: (
        day,
        place,
        clerk,
        entry,
        level,
        standing,
        bound,
    ),
    DAYS,
    st.sampled_from(PLACES),
    st.sampled_from(CLERKS),
    st.sampled_from(sorted(ENTRIES)),
    st.integers(1, 5),
    st.sampled_from(["counted", "counted", "held", "excluded"]),
    st.booleans(),
)
# A rating comes, and may then be changed in any way, again and again.
histories = st.lists(st.lists(counted, min_size=1, max_size=3), max_size=14)
asked = st.tuples(
    DAYS,
    DAYS,
    st.sampled_from(["", *sorted(set(ENTRIES.values()))]),
    st.sampled_from(["", *sorted(ENTRIES)]),
    st.sampled_from(["", "TAX", "SOC"]),
    st.sampled_from(["", "C"]),
    st.sampled_from(["", "C-1", "C-3"]),
)


def counted_as(hall: Hall, said: tuple[date, int, int, str, int, str, bool]) -> CountedAs:
    day, place, clerk, entry, level, standing, bound = said
    window = hall.windows[place]
    return CountedAs(
        day=day,
        window_id=window.window_id,
        staff_id=hall.clerks[clerk],
        unit_id=window.unit_id,
        item_type="",
        channel=ENTRIES[entry],
        entry=entry,
        level=level,
        standing=standing,
        bound=bound,
    )


def changes_of(ratings: Sequence[Sequence[CountedAs]]) -> list[RatingExplained]:
    """What happened to all ratings, each one's changes in their order, the ratings interleaved."""
    longest = max(map(len, ratings), default=0)
    return [
        RatingExplained(1, 5, rating[step - 1] if step else None, rating[step], AT)
        for step in range(longest)
        for rating in ratings
        if step < len(rating)
    ]


def recounted(hall: Hall, ratings: Sequence[CountedAs], subject: str, what: Filter) -> dict[int, Split]:
    """The splits of a ranking, counted from the ratings one by one."""
    key = {WINDOWS: "window_id", STAFF: "staff_id", DEPARTMENTS: "unit_id"}[subject]
    windows = {f"C-{number}": window.window_id for number, window in enumerate(hall.windows, start=1)}
    found: Counter[tuple[int, int]] = Counter()
    for rating in ratings:
        if (
            rating.standing == "counted"
            and what.period.first <= rating.day <= what.period.last
            and what.channel in ("", rating.channel)
            and what.entry in ("", rating.entry)
            and (not what.department or hall.codes[what.department] == rating.unit_id)
            and (not what.window or windows[what.window] == rating.window_id)
        ):
            found[getattr(rating, key), rating.level] += 1
    return {
        one: Split(*(found[one, level] for level in (5, 4, 3, 2, 1))) for one in {one for one, _ in found}
    }


def splits(hall: Hall, ranking: Ranking) -> dict[int, Split]:
    ids = {
        WINDOWS: {f"C-{number}": window.window_id for number, window in enumerate(hall.windows, start=1)},
        STAFF: dict(zip(("1001", "1002"), hall.clerks[1:], strict=True)),
        DEPARTMENTS: hall.codes,
    }[ranking.subject]
    found = {ids[row.named.code]: row.tally.split for row in ranking.rows}
    if ranking.unmatched is not None:
        found[0] = ranking.unmatched.tally.split
    return {key: split for key, split in found.items() if split != EMPTY}


def differing_totals(session: Session) -> int:
    everything = Period(date(2000, 1, 1), date(2100, 1, 1))
    return sum(len(session.execute(moves.faults(totals, everything)).all()) for totals in moves.TOTALS)


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(said=histories, at_once=st.integers(1, 7), what=asked)
def test_any_changes_on_any_days_leave_the_totals_right(
    session: Session,
    said: list[list[tuple[date, int, int, str, int, str, bool]]],
    at_once: int,
    what: tuple[date, date, str, str, str, str, str],
) -> None:
    inside = session.begin_nested()
    hall = Hall(session)
    ratings = [[counted_as(hall, each) for each in rating] for rating in said]
    changes = changes_of(ratings)
    for start in range(0, len(changes), at_once):
        actions.add_to_tallies(session.connection(), changes[start : start + at_once])
    assert differing_totals(session) == 0
    first, last, *limits = what
    asking = Filter(Period(min(first, last), max(first, last)), *limits)
    for subject in SUBJECTS:
        ranking = sums.ranking(session, subject, asking, EVERYTHING, SETTINGS)
        expected = recounted(hall, [rating[-1] for rating in ratings], subject, asking)
        assert splits(hall, ranking) == expected, subject
        assert ranking.total.tally.split == sum(expected.values(), start=EMPTY)
        past = Filter(asking.period.before, *limits)
        before = recounted(hall, [rating[-1] for rating in ratings], subject, past)
        assert ranking.total.before == sum(before.values(), start=EMPTY)
    inside.rollback()


def test_what_a_clerk_is_not_scored_for_stands_with_nobody_in_the_totals(session: Session) -> None:
    clerk = a_clerk(session)
    summed(session, a_window(session), 90, 0, 0, 0, 10, staff_id=clerk, unscored1=10)
    assert differing_totals(session) == 0
    rows = session.execute(
        select(StaffTotal.staff_id, StaffTotal.n5, StaffTotal.n1).where(StaffTotal.entry == "")
    ).all()
    assert set(rows) == {(clerk, 90, 0), (0, 0, 10)}
    actions.rebuild_totals(session)
    assert differing_totals(session) == 0


def test_services_move_the_totals_too(session: Session) -> None:
    window, clerk = a_window(session), a_clerk(session)
    where = {"window_id": window.window_id, "staff_id": clerk, "unit_id": window.unit_id, "item_type": ""}
    yesterday = DAY - timedelta(days=1)
    happened = [
        ServiceEnded(day=DAY, **where),
        ServiceEnded(day=yesterday, **where),
        ServicePrompted(day=DAY, **where),
        ServiceCancelled(day=yesterday, prompted=False, **where),
    ]
    for one in happened:
        actions.add_to_services(session.connection(), [one])
    assert differing_totals(session) == 0
    for subject in SUBJECTS:
        total = sums.ranking(session, subject, Filter(Period(yesterday, DAY)), EVERYTHING, SETTINGS).total
        assert (total.served.services, total.served.prompted) == (1, 1)


def spoilt(session: Session, window: BuiltWindow) -> None:
    for days in (0, 1, 5):
        summed(session, window, 3, day=DAY + timedelta(days=days))


@pytest.mark.parametrize("totals", [WindowTotal, StaffTotal])
@pytest.mark.parametrize("day", [DAY, DAY + timedelta(days=1), DAY + timedelta(days=5)])
def test_a_total_that_was_tampered_with_is_found(
    session: Session, totals: type[WindowTotal] | type[StaffTotal], day: date
) -> None:
    spoilt(session, a_window(session))
    before = checks.differences(session).differences
    session.execute(
        update(totals).where(totals.day == day, totals.entry == "").values(bound=totals.bound + 1)
    )
    # A total that is too high on one day makes the next day's rise too small.
    assert checks.differences(session).differences == before + (1 if day == DAY + timedelta(days=5) else 2)


@pytest.mark.parametrize("totals", [WindowTotal, StaffTotal])
def test_a_total_that_was_lost_is_found(
    session: Session, totals: type[WindowTotal] | type[StaffTotal]
) -> None:
    spoilt(session, a_window(session))
    before = checks.differences(session).differences
    session.execute(delete(totals).where(totals.day == DAY + timedelta(days=1), totals.entry == ""))
    assert checks.differences(session).differences > before


def test_a_day_without_its_totals_is_found(session: Session) -> None:
    spoilt(session, a_window(session))
    before = checks.differences(session).differences
    session.execute(delete(TotalDay).where(TotalDay.day == DAY + timedelta(days=1)))
    assert checks.differences(session).differences > before


def test_rebuilding_derives_the_totals_of_every_day(session: Session) -> None:
    window, other, clerk = a_window(session), a_window(session, "25", "SOC"), a_clerk(session)
    for days, place in ((0, window), (9, other), (3, window)):
        summed(session, place, 3, 2, 1, held1=1, day=DAY + timedelta(days=days), staff_id=clerk)
    served(session, other, 7, 5)

    def kept() -> list[object]:
        return [
            sorted(tuple(row) for row in session.execute(select(table)) if any(row[-11:]))
            for table in (WindowTotal.__table__, StaffTotal.__table__)
        ]

    moved = kept()
    assert all(moved)
    session.execute(update(WindowTotal).values(n5=99))
    session.execute(delete(StaffTotal))
    actions.rebuild_totals(session)
    assert kept() == moved


def asked_of_the_database(session: Session, subject: str, asking: Filter, scope: Scope) -> list[str]:
    said: list[str] = []

    def listen(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", listen)
    try:
        sums.ranking(session, subject, asking, scope, SETTINGS)
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    return said


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_ranking_asks_few_questions_however_long_the_range(session: Session, subject: str) -> None:
    hall = Hall(session)
    for days in range(30):
        for window in hall.windows:
            summed(session, window, 5, day=DAY + timedelta(days=days), staff_id=hall.clerks[1])
    scope = Scope(units=frozenset({hall.codes["TAX"]}))
    last = DAY + timedelta(days=29)
    numbers = set()
    for days in (1, 7, 29):
        period = Period(last - timedelta(days=days), last)
        for asking in (Filter(period), Filter(period, department="TAX", hall="C", channel="on-the-go")):
            for seen in (EVERYTHING, scope):
                asked_of_the_database(session, subject, asking, seen)
                # Names and places are kept from the time before.
                asked = asked_of_the_database(session, subject, asking, seen)
                numbers.add((asking.channel, len(asked)))
    # The stamp, the sums, for staff who leads only; and for all channels together the places.
    most = 4 if subject == STAFF else 3
    assert numbers == {("", most), ("on-the-go", most - 1)}


def test_a_new_name_shows_at_once_and_one_taken_back_never(session: Session) -> None:
    window = a_window(session)
    summed(session, window, 5)
    asking = Filter(Period(DAY, DAY))

    def name() -> str:
        return sums.ranking(session, DEPARTMENTS, asking, EVERYTHING, SETTINGS).rows[0].named.name

    assert name() == "税务局"
    inside = session.begin_nested()
    session.execute(update(UnitName).values(name="国家税务总局C县税务局"))
    assert name() == "国家税务总局C县税务局"
    inside.rollback()
    session.add(UnitName(unit_id=window.unit_id, from_day=DAY, name="县税务局", short_name="税务"))
    assert name() == "县税务局"


def test_who_also_sat_elsewhere_is_ranked_and_who_only_led_is_not(session: Session) -> None:
    hall = Hall(session)
    leader, clerk = hall.clerks[1:]
    own, led = hall.windows[0], hall.windows[2]
    summed(session, led, 200, staff_id=leader)
    summed(session, led, 200, staff_id=clerk)
    summed(session, own, 5, staff_id=clerk, day=DAY - timedelta(days=1))
    # What is left of a cell whose ratings have moved away is no rating.
    summed(session, own, 0, staff_id=leader)

    def leaders(first: date) -> dict[str, bool]:
        found = sums.ranking(session, STAFF, Filter(Period(first, DAY)), EVERYTHING, SETTINGS)
        return {row.named.code: row.named.leader_duty for row in found.rows}

    assert leaders(DAY - timedelta(days=1)) == {"1001": True, "1002": False}
    assert leaders(DAY) == {"1001": True, "1002": True}
