"""What is asked of a ranking: the period and the filters, as addresses carry them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from evalsys.evaluation.rules import CHANNELS, ENTRIES
from evalsys.kernel.periods import Period, period_asked
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_

FILTERS = ("channel", "entry", "department", "hall", "window")


class BadFilter(Refused):
    """A filter names something there is not, or that is not shown."""


@dataclass(frozen=True)
class Filter:
    """The days, and the codes a ranking is limited to; '' is no limit."""

    period: Period
    channel: str = ""
    entry: str = ""
    department: str = ""
    hall: str = ""
    window: str = ""


def filter_asked(said: Mapping[str, str], today: date) -> Filter:
    """The filter of an address's query; raises BadPeriod or BadFilter with a sentence to act on."""
    given = {name: said.get(name, "").strip() for name in FILTERS}
    for name, known in (("channel", CHANNELS), ("entry", ENTRIES)):
        if given[name] and given[name] not in known:
            raise BadFilter(
                N_("没有“{code}”这一项,可选:{known}。"), code=given[name][:40], known="、".join(known)
            )
    return Filter(period_asked(said.get("from", ""), said.get("to", ""), today), **given)
