"""您提我改: what was changed for an item, and whether its tag was chosen less afterwards."""

from dataclasses import dataclass
from datetime import date, timedelta

from evalsys.dashboards.rules.sheets import (
    DIFFERENCE,
    RATE,
    WORDS,
    Cell,
    Column,
    Difference,
    Line,
    Sheet,
    difference,
)
from evalsys.identity.rules import LIVE_SIDE
from evalsys.kernel.access import Permission
from evalsys.kernel.periods import DAY, Period
from evalsys.kernel.proportions import Rate, rate_of
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_

KEEPERS = frozenset({"data-steward", "department-lead", "head"})
KEEP_FIXES = Permission("keep-fixes", KEEPERS)
SEE_FIXES = Permission("see-fixes", KEEPERS | LIVE_SIDE)
LONGEST = timedelta(days=90)  # compared before and after at most, in days of equal number

COLUMNS = (
    Column("item", N_("事项"), WORDS),
    Column("tag", N_("标签"), WORDS),
    Column("words", N_("改了什么"), WORDS),
    Column("since", N_("从哪天起"), WORDS),
    Column("by", N_("谁登记的"), WORDS),
    Column("before", N_("之前出现率"), RATE, "tag-rate"),
    Column("after", N_("之后出现率"), RATE, "tag-rate"),
    Column("change", N_("变化"), DIFFERENCE, "change"),
)


class NoSuchMatter(Refused):
    """An item or a tag there is not, or not within reach."""


@dataclass(frozen=True)
class NewFix:
    """What was changed: the item by name or code, the tag, the words, and the first day it held."""

    item: str
    tag: str
    words: str
    since: date


@dataclass(frozen=True)
class Noted:
    """One fix as it was noted."""

    id: int
    item_id: int
    item: str
    item_code: str
    department: str
    tag: str
    plain: str
    en: str
    words: str
    since: date
    by: str


@dataclass(frozen=True)
class Told:
    """How often the tag was chosen among an item's counted ratings, before the change and after it."""

    before: Rate
    after: Rate

    @property
    def change(self) -> Difference | None:
        """After less before; None where either has too few ratings."""
        return difference(self.after, self.before)


def compared_days(since: date, today: date) -> tuple[Period, Period] | None:
    """The days before and after a change that are compared: as many on both sides, 90 at most.

    The present day is not over and is left out; None before one whole day has passed.
    """
    days = min(today - since, LONGEST)
    if days < DAY:
        return None
    return Period(since - days, since - DAY), Period(since, since + days - DAY)


def told(before: tuple[int, int], after: tuple[int, int], least: int) -> Told:
    """The two rates, each from (times chosen, counted ratings of the item)."""
    return Told(rate_of(*before, least), rate_of(*after, least))


def sheet(fixes: list[tuple[Noted, Told | None]]) -> Sheet:
    """The fixes with the rates of their tags: for those who see live sums."""
    return Sheet("fixes", COLUMNS, [Line(_cells(noted, rates)) for noted, rates in fixes])


def _cells(noted: Noted, rates: Told | None) -> dict[str, Cell]:
    said: dict[str, Cell] = {
        "item": noted.item,
        "tag": noted.plain,
        "words": noted.words,
        "since": noted.since.isoformat(),
        "by": noted.by,
    }
    if rates is None:
        return said
    return said | {"before": rates.before, "after": rates.after, "change": rates.change}
