"""Signals of time: ratings while the hall is closed, and more of them just before a period is counted."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from evalsys.assurance.rules.chance import RARE, as_many
from evalsys.assurance.rules.taps import Five, HallDay, Hit, Kind, Tap, roots_of
from evalsys.kernel.periods import MONTHS, closing_of

GRACE = timedelta(minutes=45)  # whoever was let in before closing is served, and rates on the way out
AT_THE_HALL = ("tablet", "kiosk")
CODE = "window-code"
CODES_LEAST = 3  # one who took a picture of the code may rate at home in the evening
LAST_DAYS = 5  # from the last Wednesday on: the month is made of whole weeks
BURST_LEAST = 15
BURST_TIMES = 2.5  # a window's numbers vary from day to day more than chance alone would have it
HISTORY_LEAST = 10  # days


def closed_hours(hall: HallDay) -> Iterator[Hit]:
    """Ratings at a hall's own terminals while it is closed, or several from its windows' codes."""
    if hall.hours is None:
        return
    outside = [tap for at, tap in hall.timed if not any(o - GRACE <= at < c + GRACE for o, c in _span(hall))]
    inside_the_hall = [tap for tap in outside if tap.entry in AT_THE_HALL]
    by_code = [tap for tap in outside if tap.entry == CODE]
    for subject, taps, least in ((AT_THE_HALL[0], inside_the_hall, 1), (CODE, by_code, CODES_LEAST)):
        if len(taps) >= least:
            windows = {tap.window_id for tap in taps}
            window = windows.pop() if len(windows) == 1 else None
            evidence = {"ratings": len(taps), "entry": subject, "windows": len({t.window_id for t in taps})}
            yield Hit(Kind.CLOSED_HOURS, window, subject, roots_of(taps), evidence)


def _span(hall: HallDay) -> list[tuple[object, object]]:
    return []


def before_close(hall: HallDay) -> Iterator[Hit]:
    """Windows that are rated far oftener in a month's last days than in the weeks before, unlike the others."""
    last = closing_of(MONTHS, hall.day).period.last
    if (last - hall.day).days >= LAST_DAYS:
        return
    since = last - timedelta(days=LAST_DAYS - 1)
    usual = {window: _mean(days, since) for window, days in hall.before.items()}
    total, taken = sum(usual.values()), len(hall.taps)
    for window, taps in hall.by_window.items():
        own = usual.get(window, 0.0)
        if not own or _days(hall.before, since) < HISTORY_LEAST:
            continue
        others = (taken - len(taps)) / (total - own) if total > own else 1.0
        expected = max(1.0, own * others)
        if len(taps) < max(BURST_LEAST, BURST_TIMES * expected) or as_many(len(taps), expected) >= RARE:
            continue
        yield _burst(window, taps, expected, last)


def _burst(window: int, taps: list[Tap], expected: float, last: date) -> Hit:
    evidence = {"ratings": len(taps), "expected": round(expected, 1), "ends": last.isoformat()}
    return Hit(Kind.BEFORE_CLOSE, window, str(window), roots_of(taps), evidence)
