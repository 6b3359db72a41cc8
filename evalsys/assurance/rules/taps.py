"""What the signals look at: one hall's ratings of one closed day, frozen, and the four weeks before."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, TypeVar

from evalsys.kernel.words import N_

# Raised with every change of a rule or a limit: a hit names the version that found it.
VERSION = "2026-1"


class Kind(StrEnum):
    """The eight signals."""

    TOO_QUICK = "too-quick"
    ONE_DEVICE = "one-device"
    REPEATS = "repeats"
    SAME_AGAIN = "same-again"
    CLOSED_HOURS = "closed-hours"
    BEFORE_CLOSE = "before-close"
    ONE_TERMINAL = "one-terminal"
    TOO_MANY = "too-many"


KIND_WORDS = {
    Kind.TOO_QUICK: N_("请评后不到2秒就评了"),
    Kind.ONE_DEVICE: N_("一部手机连续评多个窗口"),
    Kind.REPEATS: N_("同一终端几秒一条"),
    Kind.SAME_AGAIN: N_("等级和标签长串相同"),
    Kind.CLOSED_HOURS: N_("大厅不开门的时候评的"),
    Kind.BEFORE_CLOSE: N_("统计期末突然增多"),
    Kind.ONE_TERMINAL: N_("评价集中在一台终端"),
    Kind.TOO_MANY: N_("多到一个窗口办不过来"),
}

# What a hit's numbers say, as a sentence.
EVIDENCE_WORDS = {
    Kind.TOO_QUICK: N_(
        "平板请评{of}次,其中{ratings}次不到2秒就评了,中间一条是{seconds}秒;大厅其他窗口只占{usual:.1%}。"
    ),
    Kind.ONE_DEVICE: N_(
        "同一种手机记号在{minutes}分钟里评了{windows}个窗口,共{ratings}条;按当天其余时间估计,最多{expected}条。"
    ),
    Kind.REPEATS: N_("终端{terminal}上有{runs}段几秒一条的评价,共{ratings}条,间隔的中间值是{seconds}秒。"),
    Kind.SAME_AGAIN: N_("有一段连续{length}条完全相同({level}级,标签:{tags});这样的评价平时占{usual:.1%}。"),
    Kind.CLOSED_HOURS: N_("大厅不开门的时候有{ratings}条评价,涉及{windows}个窗口。"),
    Kind.BEFORE_CLOSE: N_(
        "统计月{ends}截止,当天评价{ratings}条;按前四周和大厅当天的忙闲估计,应当有{expected}条。"
    ),
    Kind.ONE_TERMINAL: N_(
        "这类评价{of}条,其中{ratings}条来自同一台终端或同一种手机记号;估计最多{expected}条。"
    ),
    Kind.TOO_MANY: N_("{minutes}分钟里有{ratings}条评价;按当天其余时间估计,最多{expected}条。"),
}

Five = tuple[int, int, int, int, int]  # how many of each level, from 5 to 1


class Tap(NamedTuple):
    """One rating as the signals see it; a helper's and a typed-in one carry neither terminal nor device.

    `at` is exact where `is_exact`, else to the minute, and None where only the half-day is known; `waited`:
    seconds since the tablet asked.
    """

    root: int
    window_id: int
    entry: str
    level: int
    tags: tuple[str, ...] = ()
    at: datetime | None = None
    is_exact: bool = False
    terminal: str = ""
    device: str = ""
    waited: float | None = None


@dataclass(frozen=True)
class HallDay:
    """One hall's closed day: its ratings, its hours, and each window's levels on the four weeks before.

    `hours` is None where the hall's hours are not known, () where it was closed; `usual`: how many ratings a
    window has by each way in on a day of those weeks, empty after too few days.
    """

    day: date
    taps: Sequence[Tap]
    hours: tuple[tuple[datetime, datetime], ...] | None
    before: Mapping[int, Mapping[date, Five]]
    usual: Mapping[tuple[int, str], float]

    @cached_property
    def timed(self) -> list[tuple[datetime, Tap]]:
        """The ratings whose time is known, in its order."""
        return sorted(((tap.at, tap) for tap in self.taps if tap.at), key=lambda one: (one[0], one[1].root))

    @cached_property
    def by_window(self) -> dict[int, list[Tap]]:
        """The ratings of each window."""
        return grouped(self.taps, lambda tap: tap.window_id)

    @cached_property
    def open_for(self) -> timedelta:
        """How long the hall was open; seven hours where that is not known."""
        stretches = [closes - opens for opens, closes in self.hours or ()]
        return sum(stretches, start=timedelta()) or timedelta(hours=7)


Evidence = Mapping[str, int | float | str]


@dataclass(frozen=True)
class Hit:
    """What one signal found: where, on which ratings, and the numbers that speak for it.

    `subject` tells apart what one signal found at one place on one day.
    """

    kind: Kind
    window_id: int | None
    subject: str
    roots: tuple[int, ...]
    evidence: Evidence


K = TypeVar("K")
T = TypeVar("T")


def grouped(things: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Things by their key, each list in the order they came."""
    found: dict[K, list[T]] = defaultdict(list)
    for thing in things:
        found[key(thing)].append(thing)
    return dict(found)


def roots_of(taps: Iterable[Tap]) -> tuple[int, ...]:
    """The numbers of some ratings, which say nothing of their order in time."""
    return tuple(sorted(tap.root for tap in taps))
