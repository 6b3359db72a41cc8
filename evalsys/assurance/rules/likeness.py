"""Signals of likeness: the same answer again and again, the same device, the same terminal.

A device's mark is made of its address and its kind: behind a hall's one address many telephones share a mark.
So a mark is suspicious only where it stands out against its own share in the same hall on the same day.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from evalsys.assurance.rules.chance import RARE, as_large_a_share, as_many, in_a_row, smoothed
from evalsys.assurance.rules.taps import Five, HallDay, Hit, Kind, Tap, grouped, roots_of

SAME_LEAST = 8
HALF_HOUR = timedelta(minutes=30)
WINDOWS_LEAST = 5  # an errand may lead one person to three or four windows
FEWEST = 0.2  # no mark is expected more seldom than this, however quiet the hall
SHARE_LEAST = 10  # ratings of one window before a terminal's share says anything
OTHERS_LEAST = 3  # windows to compare with
HALF = 0.5

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
            n, share = len(run), _usual(_answer(run[0]), len(run), own, everywhere, hall.before.get(window, {}))
            if n >= SAME_LEAST and in_a_row(n, share, len(taps)) < RARE:
                found.append((run, share))
        if found:
            longest, share = max(found, key=lambda one: len(one[0]))
            level, tags = _answer(longest[0])
            evidence = {"length": len(longest), "level": level, "tags": "、".join(tags), "usual": round(share, 4)}
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
    answer: Answer, length: int, own: Counter[Answer], everywhere: Counter[Answer], before: Mapping[object, Five]
) -> float:
    """The largest share this answer has anywhere that it may be compared with.

    At the hall's other windows, at this window outside the run, and, where nothing was said beside the
    level, that level's share at this window in the weeks before: praise without a word is what good work brings.
    """
    n_own, n_all = own.total(), everywhere.total()
    shares = [
        smoothed(everywhere[answer] - own[answer], n_all - n_own),
        smoothed(own[answer] - length, n_own - length),
    ]
    level, tags = answer
    if not tags and before:
        levels = [sum(five[5 - each] for five in before.values()) for each in (5, 4, 3, 2, 1)]
        shares.append(smoothed(levels[5 - level], sum(levels)))
    return max(shares)


def one_device(hall: HallDay) -> Iterator[Hit]:
    """Devices that rate one window after another within half an hour, far oftener than their mark otherwise does."""
    phones = [one for one in hall.timed if one[1].device]
    for number, taps in enumerate(grouped(phones, lambda one: one[1].device).values()):
        if len({tap.window_id for _at, tap in taps}) < WINDOWS_LEAST:
            continue
        stretch = _most_windows(taps)
        windows = len({tap.window_id for _at, tap in stretch})
        expected = _expected(stretch, taps, phones)
        if windows < WINDOWS_LEAST or as_many(len(stretch), expected) >= RARE:
            continue
        minutes = round((stretch[-1][0] - stretch[0][0]) / timedelta(minutes=1))
        evidence = {"ratings": len(stretch), "windows": windows, "minutes": minutes, "expected": round(expected, 2)}
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


def _expected(stretch: Sequence[Timed], own: Sequence[Timed], everybody: Sequence[Timed]) -> float:
    """How many of this mark the half hour would hold, did it take its share of the rest of the day."""
    first, last = stretch[0][0], stretch[-1][0]
    inside = sum(first <= at <= last for at, _tap in everybody)
    share = smoothed(len(own) - len(stretch), len(everybody) - inside)
    return max(FEWEST, share * (inside - len(stretch)))


def one_terminal(hall: HallDay) -> Iterator[Hit]:
    """Windows most of whose ratings come from one kiosk or one telephone, unlike at any other window."""
    for of_a_kind in (
        {tap.root: tap.terminal for tap in hall.taps if tap.entry == "kiosk" and tap.terminal},
        {tap.root: tap.device for tap in hall.taps if tap.device},
    ):
        yield from _from_one(hall, of_a_kind)


def _from_one(hall: HallDay, sources: Mapping[int, str]) -> Iterator[Hit]:
    tallies = {
        window: Counter(sources[tap.root] for tap in taps if tap.root in sources)
        for window, taps in hall.by_window.items()
    }
    for window, tally in tallies.items():
        n = tally.total()
        others = [other for key, other in tallies.items() if key != window and other.total() >= SHARE_LEAST]
        if n < SHARE_LEAST or len(others) < OTHERS_LEAST:
            continue
        ((source, k),) = tally.most_common(1)
        elsewhere = max(smoothed(other[source], other.total()) for other in others)
        if k < HALF * n or as_large_a_share(k, n, elsewhere) >= RARE:
            continue
        entry = next(tap.entry for tap in hall.by_window[window] if sources.get(tap.root) == source)
        evidence = {"ratings": k, "of": n, "entry": entry, "elsewhere": round(elsewhere, 4)}
        roots = roots_of(tap for tap in hall.by_window[window] if sources.get(tap.root) == source)
        yield Hit(Kind.ONE_TERMINAL, window, f"{window} {entry}", roots, evidence)
