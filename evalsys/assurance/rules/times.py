"""Signals of time: ratings while the hall is closed, and more of them just before a period is counted."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from evalsys.assurance.rules.chance import RARE, as_many
from evalsys.assurance.rules.taps import Evidence, Five, HallDay, Hit, Kind, roots_of
from evalsys.kernel.periods import MONTHS, closing_of

GRACE = timedelta(minutes=45)  # whoever was let in before closing is served, and rates on the way out
AT_THE_HALL = ("tablet", "kiosk")
CODE = "window-code"
# One in a hundred took a picture of the code and rates at home in the evening: nothing wrong with that.
LATER_BY_CODE = 0.01
LAST_DAYS = 5  # from the last Wednesday on: the month is made of whole weeks
BURST_LEAST = 15
BURST_TIMES = 2.5  # a window's numbers vary from day to day more than chance alone would have it
HISTORY_LEAST = 10  # days


def closed_hours(hall: HallDay) -> Iterator[Hit]:
    """Ratings at a hall's own terminals while it is closed, or many by its windows' codes."""
    if hall.hours is None:
        return
    outside = [tap for at, tap in hall.timed if not _is_open(hall.hours, at)]
    inside_the_hall = [tap for tap in outside if tap.entry in AT_THE_HALL]
    by_code = [tap for tap in outside if tap.entry == CODE]
    codes = sum(tap.entry == CODE for tap in hall.taps)
    at_home = max(0.5, LATER_BY_CODE * codes)
    for subject, taps, is_hit in (
        ("terminal", inside_the_hall, bool(inside_the_hall)),
        (CODE, by_code, as_many(len(by_code), at_home) < RARE),
    ):
        if is_hit:
            windows = sorted({tap.window_id for tap in taps})
            evidence: Evidence = {"ratings": len(taps), "windows": len(windows), "entry": subject}
            only = windows[0] if len(windows) == 1 else None
            yield Hit(Kind.CLOSED_HOURS, only, subject, roots_of(taps), evidence)


def _is_open(hours: tuple[tuple[datetime, datetime], ...], at: datetime) -> bool:
    """Whether a hall is open, or was a moment ago; at midday people wait inside."""
    return bool(hours) and hours[0][0] - GRACE <= at < hours[-1][1] + GRACE


def before_close(hall: HallDay) -> Iterator[Hit]:
    """Windows that are rated far oftener in a month's last days than before, unlike the other windows."""
    last = closing_of(MONTHS, hall.day).period.last
    since = last - timedelta(days=LAST_DAYS - 1)
    if hall.day < since:
        return
    usual = _usual(hall.before, since)
    total, today = sum(usual.values()), len(hall.taps)
    for window, own in sorted(usual.items()):
        taps = hall.by_window.get(window, [])
        rest = total - own
        # How much busier the other windows are today than they were: a busy day is busy for all.
        busier = (today - len(taps)) / rest if rest else 1.0
        expected = max(1.0, own * busier)
        if len(taps) >= max(BURST_LEAST, BURST_TIMES * expected) and as_many(len(taps), expected) < RARE:
            evidence: Evidence = {
                "ratings": len(taps),
                "expected": round(expected, 1),
                "ends": last.isoformat(),
            }
            yield Hit(Kind.BEFORE_CLOSE, window, str(window), roots_of(taps), evidence)


def _usual(before: Mapping[int, Mapping[date, Five]], since: date) -> dict[int, float]:
    """How many ratings each window has on a day on which the hall has any; nothing from too few days."""
    days = {day for counts in before.values() for day in counts if day < since}
    if len(days) < HISTORY_LEAST:
        return {}
    return {
        window: sum(sum(five) for day, five in counts.items() if day < since) / len(days)
        for window, counts in before.items()
    }
