"""Each signal at its edge: what it marks, and the honest thing beside it that it leaves alone."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

import pytest
from scipy import stats

from evalsys.assurance.rules.chance import RARE, as_large_a_share, as_many
from evalsys.assurance.rules.signals import hits_of
from evalsys.assurance.rules.taps import EVIDENCE_WORDS, Five, HallDay, Kind, Tap
from evalsys.kernel import clock

DAY = date(2025, 6, 11)
MONTHS_END = date(2025, 6, 27)
HOURS = (
    (clock.at(DAY, time(9)), clock.at(DAY, time(12))),
    (clock.at(DAY, time(13)), clock.at(DAY, time(17))),
)
TEN = clock.at(DAY, time(10))


def taps(
    number: int,
    *,
    first: int = 1,
    windows: int = 1,
    start: datetime = TEN,
    apart: float = 240,
    levels: Iterable[int] = (5, 4, 5, 3, 5, 4, 2),
    entry: str = "link",
    terminal: str = "",
    device: str = "",
    waited: float | None = None,
) -> list[Tap]:
    """So many ratings, some seconds apart, going round the windows and the levels."""
    given = list(levels)
    return [
        Tap(
            first + n,
            1 + n % windows,
            entry,
            given[n % len(given)],
            at=start + timedelta(seconds=apart * n),
            is_exact=True,
            terminal=terminal,
            device=device,
            waited=waited,
        )
        for n in range(number)
    ]


def kinds(
    *given: list[Tap],
    day: date = DAY,
    hours: tuple[tuple[datetime, datetime], ...] | None = HOURS,
    before: dict[int, dict[date, Five]] | None = None,
    usual: dict[tuple[int, str], float] | None = None,
) -> set[Kind]:
    hall = HallDay(day, [tap for some in given for tap in some], hours, before or {}, usual or {})
    hits = hits_of(hall)
    for hit in hits:
        # Every number the sentence needs is there.
        assert EVIDENCE_WORDS[hit.kind].format(**hit.evidence)
    return {hit.kind for hit in hits}


def month_before(window: int, five: Five) -> dict[int, dict[date, Five]]:
    days = [MONTHS_END - timedelta(days=n) for n in range(6, 28)]
    return {window: dict.fromkeys(days, five)}


def test_an_ordinary_day_has_no_hit() -> None:
    assert kinds(taps(60, windows=6, apart=300)) == set()


@pytest.mark.parametrize("level", [5, 1])
def test_taps_within_two_seconds_of_asking_are_marked(level: int) -> None:
    honest = taps(40, first=100, windows=8, apart=400, entry="tablet", waited=6.0)
    levels = (level, 3, 2, 4)
    assert Kind.TOO_QUICK in kinds(honest, taps(8, levels=levels, entry="tablet", waited=0.8))
    assert Kind.TOO_QUICK not in kinds(honest, taps(8, levels=levels, entry="tablet", waited=2.0))
    assert Kind.TOO_QUICK not in kinds(honest, taps(4, levels=levels, entry="tablet", waited=0.8))


def test_one_phone_at_many_windows_is_marked_and_a_shared_address_is_not() -> None:
    others = taps(60, first=100, windows=9, apart=350, entry="window-code", device="others")
    assert Kind.ONE_DEVICE in kinds(others, taps(12, windows=6, apart=60, device="one"))
    assert Kind.ONE_DEVICE not in kinds(others)
    assert Kind.ONE_DEVICE not in kinds(others, taps(4, windows=4, apart=60, device="one"))


def test_ratings_seconds_apart_on_one_terminal_are_marked_on_several_phones_not() -> None:
    assert Kind.REPEATS in kinds(taps(8, apart=4, entry="kiosk", terminal="kiosk 1"))
    assert Kind.REPEATS not in kinds(taps(8, apart=4, windows=8))
    assert Kind.REPEATS not in kinds(taps(8, apart=40, entry="kiosk", terminal="kiosk 1"))


@pytest.mark.parametrize("level", [5, 1])
def test_a_long_run_of_one_answer_is_marked(level: int) -> None:
    others = taps(70, first=100, windows=6, apart=340)
    run = [tap._replace(window_id=9, tags=("x", "y")) for tap in taps(12, levels=(level,))]
    assert Kind.SAME_AGAIN in kinds(others, run)
    assert Kind.SAME_AGAIN not in kinds(others, run[:7])
    assert Kind.SAME_AGAIN not in kinds(others, [tap._replace(level=1 + n % 5) for n, tap in enumerate(run)])


def test_praise_without_a_word_at_a_good_window_is_no_run() -> None:
    """Where 98 of 100 are very satisfied anyway, forty in a row are what a day brings."""
    others = taps(70, first=100, windows=6, apart=340)
    good = {9: dict.fromkeys((DAY - timedelta(days=n) for n in range(1, 20)), (98, 2, 0, 0, 0))}
    run = [tap._replace(window_id=9) for tap in taps(40, levels=(5,))]
    assert Kind.SAME_AGAIN not in kinds(others, run, before=good)
    assert Kind.SAME_AGAIN not in kinds(others, run)
    poor = {9: dict.fromkeys(good[9], (50, 40, 10, 0, 0))}
    assert Kind.SAME_AGAIN in kinds(others, run, before=poor)


def test_a_terminal_in_a_closed_hall_is_marked_at_once_a_late_scan_is_not() -> None:
    night = clock.at(DAY, time(22))
    assert Kind.CLOSED_HOURS in kinds(taps(1, start=night, entry="kiosk", terminal="kiosk 1"))
    assert Kind.CLOSED_HOURS not in kinds(taps(2, start=night, entry="window-code"))
    assert Kind.CLOSED_HOURS in kinds(taps(12, start=night, entry="window-code"))
    assert Kind.CLOSED_HOURS not in kinds(taps(12, start=night, entry="link"))
    soon_after = clock.at(DAY, time(17, 40))
    assert Kind.CLOSED_HOURS not in kinds(taps(1, start=soon_after, entry="kiosk", terminal="kiosk 1"))


def test_where_hours_are_not_known_nothing_is_out_of_hours() -> None:
    night = taps(3, start=clock.at(DAY, time(22)), entry="kiosk", terminal="kiosk 1")
    assert Kind.CLOSED_HOURS not in kinds(night, hours=None)
    assert Kind.CLOSED_HOURS in kinds(night, hours=())


def test_a_burst_at_the_months_end_is_marked_a_busy_day_of_all_is_not() -> None:
    start = clock.at(MONTHS_END, time(9))
    own, others = month_before(1, (10, 0, 0, 0, 0)), month_before(2, (20, 0, 0, 0, 0))
    burst = taps(60, start=start, apart=400)
    quiet = [tap._replace(window_id=2) for tap in taps(20, first=100, start=start, apart=900)]
    busy = [tap._replace(window_id=2) for tap in taps(110, first=100, start=start, apart=200)]
    assert Kind.BEFORE_CLOSE in kinds(burst, quiet, day=MONTHS_END, before=own | others)
    assert Kind.BEFORE_CLOSE not in kinds(burst, busy, day=MONTHS_END, before=own | others)
    assert Kind.BEFORE_CLOSE not in kinds(
        burst, quiet, day=MONTHS_END - timedelta(days=10), before=own | others
    )


def test_ratings_from_one_kiosk_far_beyond_the_usual_are_marked() -> None:
    given = taps(30, apart=600, entry="kiosk", terminal="kiosk 3")
    assert Kind.ONE_TERMINAL in kinds(given, usual={(1, "kiosk"): 5.0})
    assert Kind.ONE_TERMINAL not in kinds(given, usual={(1, "kiosk"): 20.0})
    assert Kind.ONE_TERMINAL not in kinds(given)


def test_more_ratings_than_a_window_can_serve_are_marked() -> None:
    assert Kind.TOO_MANY in kinds(taps(30, apart=15))
    assert Kind.TOO_MANY not in kinds(taps(30, apart=15, windows=6))
    assert Kind.TOO_MANY not in kinds(taps(30, apart=120))


def test_what_is_only_known_by_the_half_day_takes_no_part_in_signals_of_time() -> None:
    untimed = [tap._replace(at=None, is_exact=False) for tap in taps(40, apart=1, levels=(5,))]
    assert kinds(untimed) == set()


def test_the_bounds_are_never_below_the_chance_itself() -> None:
    """Compared with sums of the exact terms."""
    for n, mean in ((5, 1.0), (12, 3.5), (40, 20.0)):
        assert as_many(n, mean) >= stats.poisson.logsf(n - 1, mean)
    for k, n, share in ((5, 10, 0.1), (18, 20, 0.5), (9, 9, 0.3)):
        assert as_large_a_share(k, n, share) >= stats.binom.logsf(k - 1, n, share)
    assert as_many(3, 3.0) == 0
    assert as_large_a_share(2, 4, 0.5) == 0
    assert RARE < -13
