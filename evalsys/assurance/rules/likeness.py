"""Signals of likeness: the same answer again and again, the same device, the same terminal.

A device's mark is made of its address and its kind: behind a hall's one address many telephones share a mark.
So a mark is suspicious only where it stands out against its own share in the same hall on the same day.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from evalsys.assurance.rules.chance import RARE, as_many, in_a_row, smoothed
from evalsys.assurance.rules.taps import Evidence, Five, HallDay, Hit, Kind, Tap, grouped, roots_of

SAME_LEAST = 8
WEIGHED_WITH = 10
HALF_HOUR = timedelta(minutes=30)
WINDOWS_LEAST = 5  # an errand may lead one person to three or four windows
FEWEST = 0.2  # no mark is expected more seldom than this, however quiet the hall
PEAK = 2.0  # a mark's busiest half hour may well bring twice its usual
FROM_ONE_LEAST = 10
HALF = 0.5
BUSY = 1.5  # a busy day brings half as many again

Answer = tuple[int, tuple[str, ...]]
Timed = tuple[datetime, Tap]


def same_again(hall: HallDay) -> Iterator[Hit]:
    """Windows with a run of the same level and the same tags longer than their usual answers explain."""
    everywhere = Counter(_answer(tap) for tap in hall.taps)
    for window, timed in grouped(hall.timed, lambda one: one[1].window_id).items():
        taps = [tap for _at, tap in timed]
        own = Counter(map(_answer, taps))
        found = []
        for run in _runs(taps):
            n, share = (
                len(run),
                _usual(_answer(run[0]), len(run), own, everywhere, hall.before.get(window, {})),
            )
            if n >= SAME_LEAST and in_a_row(n, share, len(taps)) < RARE:
                found.append((run, share))
        if found:
            longest, share = max(found, key=lambda one: len(one[0]))
            level, tags = _answer(longest[0])
            evidence: Evidence = {
                "length": len(longest),
                "level": level,
                "tags": "、".join(tags),
                "usual": round(share, 4),
            }
            roots = roots_of(tap for run, _share in found for tap in run)
            yield Hit(Kind.SAME_AGAIN, window, str(window), roots, {"ratings": len(roots), **evidence})


def _answer(tap: Tap) -> Answer:
    return tap.level, tap.tags


def _runs(taps: Sequence[Tap]) -> Iterator[list[Tap]]:
    run: list[Tap] = []
    for tap in taps:
        if run and _answer(tap) != _answer(run[-1]):
            yield run
            run = []
        run.append(tap)
    if run:
        yield run


def _usual(
    answer: Answer,
    length: int,
    own: Counter[Answer],
    everywhere: Counter[Answer],
    before: Mapping[date, Five],
) -> float:
    """The largest share this answer has anywhere that it may be compared with.

    At the hall's other windows, at this window outside the run, and, where nothing was said beside the
    level, that level's share at this window in the weeks before: good work brings praise without a word.
    """
    n_own, n_all = own.total(), everywhere.total()
    at_others = smoothed(everywhere[answer] - own[answer], n_all - n_own)
    # Few ratings outside the run say little of their own: they are weighed with ten of the hall's.
    outside = (own[answer] - length + WEIGHED_WITH * at_others) / (n_own - length + WEIGHED_WITH)
    shares = [at_others, outside]
    level, tags = answer
    if not tags:
        levels = [sum(five[5 - each] for five in before.values()) for each in (5, 4, 3, 2, 1)]
        # A window without a past may be as good as its run: nothing is said of it.
        shares.append(smoothed(levels[5 - level], sum(levels)) if before else 1.0)
    return max(shares)


def one_device(hall: HallDay) -> Iterator[Hit]:
    """Devices that rate window after window within half an hour, unlike their mark on the rest of the day."""
    phones = [one for one in hall.timed if one[1].device]
    for number, taps in enumerate(grouped(phones, lambda one: one[1].device).values()):
        if len({tap.window_id for _at, tap in taps}) < WINDOWS_LEAST:
            continue
        stretch = _most_windows(taps)
        windows = len({tap.window_id for _at, tap in stretch})
        expected = _expected(stretch, taps, phones, hall)
        if windows < WINDOWS_LEAST or as_many(len(stretch), expected) >= RARE:
            continue
        minutes = round((stretch[-1][0] - stretch[0][0]) / timedelta(minutes=1))
        evidence: Evidence = {
            "ratings": len(stretch),
            "windows": windows,
            "minutes": minutes,
            "expected": round(expected, 2),
        }
        yield Hit(Kind.ONE_DEVICE, None, f"device {number}", roots_of(tap for _at, tap in stretch), evidence)


def _most_windows(taps: Sequence[Timed]) -> Sequence[Timed]:
    """The half hour with the most ratings from one mark, the first of several."""
    best: Sequence[Timed] = ()
    start = 0
    for end, (at, _tap) in enumerate(taps):
        while at - taps[start][0] > HALF_HOUR:
            start += 1
        if end + 1 - start > len(best):
            best = taps[start : end + 1]
    return best


def _expected(
    stretch: Sequence[Timed], own: Sequence[Timed], everybody: Sequence[Timed], hall: HallDay
) -> float:
    """How many of this mark the half hour would hold, did it go on as on the rest of the day.

    By its share among all telephones, or by its own pace at a busy time, whichever is more.
    """
    first, last = stretch[0][0], stretch[-1][0]
    inside = sum(first <= at <= last for at, _tap in everybody)
    outside = len(own) - len(stretch)
    by_share = smoothed(outside, len(everybody) - inside) * (inside - len(stretch))
    by_pace = PEAK * outside * (HALF_HOUR / hall.open_for)
    return max(FEWEST, by_share, by_pace)


def one_terminal(hall: HallDay) -> Iterator[Hit]:
    """Windows most of whose ratings come from one kiosk or one telephone, far more than are usual there."""
    kiosks = {tap.root: tap.terminal for tap in hall.taps if tap.entry == "kiosk" and tap.terminal}
    phones = {tap.root: tap.device for tap in hall.taps if tap.device}
    # Each window has its nearest kiosk, so any kiosk may bring all; telephones are the same everywhere.
    yield from _from_one(hall, "kiosk", kiosks, is_everywhere=False)
    yield from _from_one(hall, "window-code", phones, is_everywhere=True)


def _from_one(hall: HallDay, entry: str, sources: Mapping[int, str], *, is_everywhere: bool) -> Iterator[Hit]:
    whole = Counter(sources.values())
    for window, taps in sorted(hall.by_window.items()):
        tally = Counter(sources[tap.root] for tap in taps if tap.root in sources)
        usual = hall.usual.get((window, entry))
        if not tally or usual is None:
            continue
        ((source, k),) = tally.most_common(1)
        n = tally.total()
        share = smoothed(whole[source] - k, whole.total() - n) if is_everywhere else 1.0
        expected = max(FEWEST, BUSY * usual * share)
        if k >= max(FROM_ONE_LEAST, HALF * n) and as_many(k, expected) < RARE:
            roots = roots_of(tap for tap in taps if sources.get(tap.root) == source)
            evidence: Evidence = {"ratings": k, "of": n, "entry": entry, "expected": round(expected, 2)}
            yield Hit(Kind.ONE_TERMINAL, window, f"{window} {entry}", roots, evidence)
