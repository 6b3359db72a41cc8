"""Stretches of a day, as clocks use them and as people write them."""

import re
from collections.abc import Iterable
from datetime import time

from evalsys.kernel.sheets import cells
from evalsys.kernel.sheets.cells import Unreadable

Stretch = tuple[time, time]

LEAST_OFFICE_MINUTES = 60
"""A working day has at least so many."""

_BETWEEN_STRETCHES = re.compile(r"[、,;\uff0c\uff1b\n]+|(?<=[\d点分半])\s+(?=[\d上下晚早中])")
_HALF_OF_DAY = re.compile("上午|下午|晚上|早上|中午")
_BETWEEN_HOURS = re.compile(r"\s*[-–—~\uff5e至到]+\s*")


def fault_of_hours(stretches: tuple[Stretch, ...]) -> bool:
    """Whether stretches of a day end before they begin, overlap, or stand out of order."""
    moments = [moment for stretch in stretches for moment in stretch]
    return any(later <= earlier for earlier, later in zip(moments[::2], moments[1::2], strict=True)) or any(
        later < earlier for earlier, later in zip(moments[1::2], moments[2::2], strict=False)
    )


def minutes_of(stretches: Iterable[Stretch]) -> int:
    """The length of stretches of a day, together."""
    return sum(_minutes(closes) - _minutes(opens) for opens, closes in stretches)


def _minutes(hour: time) -> int:
    return hour.hour * 60 + hour.minute


def stretches_in(words: str) -> tuple[Stretch, ...]:
    """The stretches of a day as people write them (09:00-12:00、13:30-17:30), in order; none if blank.

    Raises Unreadable with a sentence to act on.
    """
    written = [part for part in _BETWEEN_STRETCHES.split(words.strip()) if part.strip()]
    found = tuple(sorted(_stretch(part.strip()) for part in written))
    if fault_of_hours(found):
        raise Unreadable("各段时间不能重叠,结束要晚于开始")
    return found


def _stretch(words: str) -> Stretch:
    parts = _BETWEEN_HOURS.split(words)
    if len(parts) != 2:
        raise Unreadable(f"看不懂“{cells.shown(words)}”,请写成09:00-12:00这样的一段时间")
    opens, closes = parts
    if (half := _HALF_OF_DAY.match(opens)) and not _HALF_OF_DAY.match(closes):
        closes = half[0] + closes
    return cells.hour(opens), cells.hour(closes)


def words_of_stretches(stretches: Iterable[Stretch]) -> str:
    """Stretches as `stretches_in` reads them again."""
    return "、".join(f"{_hour(opens)}-{_hour(closes)}" for opens, closes in stretches)


def _hour(hour: object) -> str:
    return "24:00" if hour == cells.END_OF_DAY else f"{hour:%H:%M}"
