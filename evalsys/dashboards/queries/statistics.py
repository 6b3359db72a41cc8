"""What is true and what is chance: funnels, channel gaps, and the findings of the overview."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from evalsys.dashboards import rules
from evalsys.dashboards.queries import Reader
from evalsys.dashboards.queries.sheets import Shown
from evalsys.dashboards.rules.statistics import MEASURE_WORDS, alarm_sheet, listed_sheet
from evalsys.kernel.periods import DAY, Period
from evalsys.kernel.words import N_
from evalsys.scoring.queries import drawn, funnels, gaps, mixing, sums
from evalsys.scoring.rules.asking import BadFilter, Filter, filter_asked
from evalsys.scoring.rules.funnel import FAR_ABOVE, FAR_BELOW
from evalsys.scoring.rules.funnels import BAD, Funnels, Lists
from evalsys.scoring.rules.gaps import Gaps
from evalsys.scoring.rules.ranking import DEPARTMENTS, STAFF, WINDOWS, Ranking
from evalsys.scoring.rules.warning import Warned


def funnels_asked(session: Session, reader: Reader, subject: str, said: Mapping[str, str]) -> Funnels:
    """The funnels an address asks for; raises BadPeriod or BadFilter with a sentence to act on."""
    measure = said.get("measure", "").strip() or BAD
    if measure not in MEASURE_WORDS:
        known = "、".join(MEASURE_WORDS)
        raise BadFilter(N_("没有“{code}”这一项,可选:{known}。"), code=measure[:40], known=known)
    plain = filter_asked(said, reader.today)
    asked = Filter(plain.period, plain.channel, department=plain.department, hall=plain.hall)
    return funnels.funnels(session, subject, asked, reader.actor.scope, reader.settings, measure=measure)


def gaps_asked(session: Session, reader: Reader, subject: str, said: Mapping[str, str]) -> Gaps:
    """The channel gaps an address asks for; entries are the two sides, so none can be asked for."""
    plain = filter_asked(said, reader.today)
    asked = Filter(plain.period, department=plain.department, hall=plain.hall)
    return gaps.gaps(session, subject, asked, reader.actor.scope, reader.settings)


@dataclass(frozen=True)
class Overview:
    """What the last ninety days say, each finding with the figures it rests on."""

    period: Period
    ranking: Ranking
    funnels: Mapping[str, Funnels]
    gaps: Gaps
    warned: tuple[Warned, ...]
    lists: Lists

    @property
    def bands(self) -> int:
        """How many bands the windows of the largest comparison group fall into; 0 while not worked out."""
        return rules.bands(self.ranking)

    def differing(self, subject: str) -> int:
        """How many rows lie outside the 99.8 % limits, on either side."""
        return len(self.funnels[subject].on(FAR_ABOVE, FAR_BELOW))

    def warned_of(self, *says: str) -> int:
        """How many windows are warned of for one of these reasons."""
        return sum(1 for each in self.warned if each.alarm.says in says)


def overview(session: Session, reader: Reader, said: Mapping[str, str]) -> Overview:
    """The findings of a period; warnings go up to its last day that is over."""
    asked = Filter(filter_asked(said, reader.today).period)
    scope, settings, period = reader.actor.scope, reader.settings, asked.period
    return Overview(
        period=period,
        ranking=drawn.ranking(session, WINDOWS, asked, scope, settings, today=reader.today),
        funnels={
            subject: funnels.funnels(session, subject, asked, scope, settings)
            for subject in (WINDOWS, STAFF, DEPARTMENTS)
        },
        gaps=gaps.gaps(session, WINDOWS, asked, scope, settings),
        warned=_warned(session, reader, period),
        lists=_lists(session, reader, period),
    )


def _warned(session: Session, reader: Reader, period: Period) -> tuple[Warned, ...]:
    closed = Period(period.first, max(period.first, min(period.last, reader.today - DAY)))
    return mixing.warnings(session, closed, reader.actor.scope)


def _lists(session: Session, reader: Reader, period: Period) -> Lists:
    day = min(reader.today, period.last + DAY)
    return funnels.lists(session, WINDOWS, reader.actor.scope, reader.settings, day)


def warned_of(session: Session, reader: Reader, said: Mapping[str, str]) -> Shown:
    """The windows warned of, as a sheet."""
    period, formulas = filter_asked(said, reader.today).period, sums.formulas_of(reader.settings)
    return Shown(alarm_sheet(_warned(session, reader, period)), period, WINDOWS, formulas)


def listed(session: Session, reader: Reader, said: Mapping[str, str]) -> Shown:
    """The red and the black list of the last two months that the asked days close, as a sheet."""
    found = _lists(session, reader, filter_asked(said, reader.today).period)
    both = Period(found.periods[0].first, found.periods[1].last)
    return Shown(listed_sheet(found), both, WINDOWS, sums.formulas_of(reader.settings))


SHEETS: Mapping[str, Callable[[Session, Reader, Mapping[str, str]], Shown]] = {
    "warnings": warned_of,
    "lists": listed,
}
