"""What one person sees of the sums: live, or the released periods of their own units."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from evalsys.dashboards.rules import SEE_LIVE
from evalsys.kernel.access import Actor, Scope
from evalsys.kernel.periods import (
    MONTHS,
    WEEK,
    WEEKS,
    Closing,
    closing_named,
    closing_of,
    period_asked,
)
from evalsys.kernel.settings import Settings
from evalsys.organisation.queries import directory
from evalsys.scoring.queries import drawn, naming, released
from evalsys.scoring.rules.asking import FILTERS, Filter, filter_asked
from evalsys.scoring.rules.ranking import Ranking


@dataclass(frozen=True)
class Reader:
    """Who looks, at a site of which settings, on which day."""

    actor: Actor
    settings: Settings
    today: date


def ranking_for(session: Session, reader: Reader, subject: str, said: Mapping[str, str]) -> Ranking:
    """The ranking an address asks for, as its reader may see it.

    Raises BadPeriod or BadFilter with a sentence to act on.
    """
    scope = reader.actor.scope
    if reader.actor.may(SEE_LIVE):
        live = filter_asked(said, reader.today)
        return drawn.ranking(session, subject, live, scope, reader.settings, today=reader.today)
    asked = released_filter(session, scope, said, reader.today)
    return released.ranking(session, subject, asked, scope, reader.settings)


def released_filter(session: Session, scope: Scope, said: Mapping[str, str], today: date) -> Filter:
    """The filter of the clerk's side: a period by name, or by exactly its days; else the latest released."""
    if name := said.get("period", "").strip():
        period = closing_named(name).period
    elif said.get("from") or said.get("to"):
        period = period_asked(said.get("from", ""), said.get("to", ""), today)
    else:
        period = latest_closing(released.closings(session, scope), today).period
    plain = filter_asked({name: said.get(name, "") for name in FILTERS}, today)
    return Filter(period, plain.channel, plain.entry, plain.department, plain.hall, plain.window)


def latest_closing(closings: list[Closing], today: date) -> Closing:
    """The period shown first: the latest released month, else the latest week, else last week."""
    for kind in (MONTHS, WEEKS):
        for closing in closings:
            if closing.kind == kind:
                return closing
    return closing_of(WEEKS, today - WEEK)


@dataclass(frozen=True)
class Choices:
    """What the filters above a table offer, as pairs of code and words."""

    departments: list[tuple[str, str]]
    halls: list[tuple[str, str]]
    windows: list[tuple[str, str]]
    closings: list[Closing]


def choices_for(session: Session, actor: Actor, today: date) -> Choices:
    """The departments with windows, the halls and windows of a reader's scope, and their released periods."""
    units, places = naming.units_and_windows(session, today)
    windows = [window for window in places.values() if actor.scope.covers(window.unit_id)]
    with_windows = {window.unit_id for window in windows}
    in_halls = {window.hall for window in windows}
    return Choices(
        departments=[(unit.code, unit.name) for unit in units.values() if unit.id in with_windows],
        halls=[(code, name) for code, name in directory.halls(session) if code in in_halls],
        windows=[(window.code, window.number) for window in windows],
        closings=[] if actor.may(SEE_LIVE) else released.closings(session, actor.scope),
    )


@dataclass(frozen=True)
class TagLine:
    """How often tags about one thing were chosen at good and at bad levels; None where not released."""

    about: str
    good: int | None
    bad: int | None


TAGS_ABOUT = ("staff", "process", "guide", "requirement", "platform")


def tag_lines(session: Session, closing: Closing, scope: Scope) -> list[TagLine]:
    """The tags of a released period by what they are about."""
    counts = released.tag_counts(session, closing, scope)
    return [TagLine(about, counts.get(f"{about}:good"), counts.get(f"{about}:bad")) for about in TAGS_ABOUT]
