"""Rankings with rank intervals for any days and any filter: drawn when asked for, where none are stored."""

from collections.abc import Mapping
from datetime import date
from threading import Lock

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys.kernel.access import Scope
from evalsys.kernel.periods import DAY, Period
from evalsys.kernel.settings import Settings
from evalsys.scoring.queries import placed, sums
from evalsys.scoring.queries.drawing import drawn_apart
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.placing import counts_hash, places_of
from evalsys.scoring.rules.ranking import Place, Ranking

ROOM = 24  # rankings whose places a process keeps: some 50 kB each

Places = Mapping[str, Place]

# By a digest of all that places follow from, so that what is found is never out of date.
_kept: dict[tuple[str, str], Places] = {}
_one_puts = Lock()


def ranking(
    session: Session | Connection,
    subject: str,
    asked: Filter,
    scope: Scope,
    settings: Settings,
    *,
    today: date,
) -> Ranking:
    """The ranking of windows, staff or departments, its rows placed by the asked days before today.

    Raises BadFilter for a code there is not.
    """
    places = placed.places(session, subject, asked, sums.formulas_of(settings))
    if not places:
        places = _drawn(session, subject, asked, settings, today)
    return sums.ranking(session, subject, asked, scope, settings, places=places)


def _drawn(
    session: Session | Connection, subject: str, asked: Filter, settings: Settings, today: date
) -> Places:
    """The places of everybody by the counts of the closed days, of a channel or entry where asked."""
    last = min(asked.period.last, today - DAY)
    if last < asked.period.first:
        return {}
    closed = Filter(Period(asked.period.first, last), asked.channel, asked.entry)
    rows = sums.everybody(session, subject, closed, settings)
    key = (sums.formulas_of(settings).version, counts_hash(rows))
    known = _kept.get(key)
    if known is not None:
        return known
    places = places_of(rows, drawn_apart)
    with _one_puts:
        while len(_kept) >= ROOM:
            del _kept[next(iter(_kept))]
        _kept[key] = places
    return places
