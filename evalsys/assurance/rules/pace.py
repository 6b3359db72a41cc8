"""Signals of pace: too quick for reading, too close together for people, too many for one window."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from evalsys.assurance.rules.chance import RARE, as_large_a_share, as_many, gap_share, in_a_row
from evalsys.assurance.rules.taps import HallDay, Hit, Kind, Tap, grouped, roots_of

QUICK = 2.0  # seconds: five levels cannot be read in less
QUICK_LEAST = 5  # one quick finger is no pattern
QUICK_PRIOR = 20  # where nothing else is known, one in twenty taps is quick
CLOSE = timedelta(seconds=8)  # nobody gives a rating and makes room for the next person in less
CLOSE_LEAST = 5
TEN_MINUTES = timedelta(minutes=10)
MANY_LEAST = 12  # in ten minutes: one served every fifty seconds
PEAK = 2.0  # a window's busiest minutes may well bring twice its usual

Timed = tuple[datetime, Tap]


def too_quick(hall: HallDay) -> Iterator[Hit]:
    """Windows whose tablet is tapped within two seconds of asking, far oftener than at the other windows."""
    asked = {
        window: waits
        for window, taps in hall.by_window.items()
        if (waits := [tap for tap in taps if tap.waited is not None])
    }
    quick = {window: [tap for tap in waits if _waited(tap) < QUICK] for window, waits in asked.items()}
    all_asked, all_quick = (sum(map(len, found.values())) for found in (asked, quick))
    for window, taps in quick.items():
        n, k = len(asked[window]), len(taps)
        elsewhere = (all_quick - k + 1) / (all_asked - n + QUICK_PRIOR)
        if k < QUICK_LEAST or as_large_a_share(k, n, min(elsewhere, 0.99)) >= RARE:
            continue
        waited = sorted(_waited(tap) for tap in taps)
        evidence = {"seconds": round(median(waited), 1), "of": n, "usual": round(elsewhere, 4)}
        yield Hit(Kind.TOO_QUICK, window, str(window), roots_of(taps), {"ratings": k, **evidence})


def _waited(tap: Tap) -> float:
    return tap.waited or 0.0


def repeats(hall: HallDay) -> Iterator[Hit]:
    """Terminals on which one rating follows another within seconds, again and again."""
    fixed = [one for one in hall.timed if one[1].is_exact and one[1].terminal]
    for terminal, taps in grouped(fixed, lambda one: one[1].terminal).items():
        chains = [chain for chain in _chains(taps) if _is_close(chain, taps, hall)]
        if not chains:
            continue
        gaps = [(late[0] - early[0]).total_seconds() for c in chains for early, late in pairwise(c)]
        found = [tap for chain in chains for _at, tap in chain]
        windows = {tap.window_id for tap in found}
        evidence = {"ratings": len(found), "seconds": round(median(gaps), 1), "runs": len(chains)}
        yield Hit(
            Kind.REPEATS,
            windows.pop() if len(windows) == 1 else None,
            terminal[:40],
            roots_of(found),
            evidence | {"terminal": terminal},
        )


def _chains(taps: Sequence[Timed]) -> Iterator[list[Timed]]:
    """The longest stretches in which each rating comes within seconds of the one before."""
    chain: list[Timed] = []
    for one in taps:
        if chain and one[0] - chain[-1][0] > CLOSE:
            yield chain
            chain = []
        chain.append(one)
    if chain:
        yield chain


def _is_close(chain: Sequence[Timed], taps: Sequence[Timed], hall: HallDay) -> bool:
    if len(chain) < CLOSE_LEAST:
        return False
    others = len(taps) - len(chain) + 1
    share = gap_share(CLOSE.total_seconds(), hall.open_for.total_seconds() / others)
    return in_a_row(len(chain) - 1, share, others) < RARE


def too_many(hall: HallDay) -> Iterator[Hit]:
    """Windows rated oftener within ten minutes than one window can serve, and than it usually is."""
    for window, taps in grouped(hall.timed, lambda one: one[1].window_id).items():
        busiest = _busiest(taps)
        outside = len(taps) - len(busiest)
        expected = max(0.5, PEAK * outside * (TEN_MINUTES / hall.open_for))
        if len(busiest) >= MANY_LEAST and as_many(len(busiest), expected) < RARE:
            evidence = {"ratings": len(busiest), "minutes": 10, "expected": round(expected, 2)}
            yield Hit(Kind.TOO_MANY, window, str(window), roots_of(tap for _at, tap in busiest), evidence)


def _busiest(taps: Sequence[Timed]) -> Sequence[Timed]:
    """The ten minutes with the most ratings, the first of several."""
    best: Sequence[Timed] = ()
    start = 0
    for end, (at, _tap) in enumerate(taps):
        while at - taps[start][0] >= TEN_MINUTES:
            start += 1
        if end + 1 - start > len(best):
            best = taps[start : end + 1]
    return best
