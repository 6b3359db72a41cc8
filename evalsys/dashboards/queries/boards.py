"""Displays on the wall, and what one of them shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.orm import Session

from evalsys.dashboards import rules
from evalsys.dashboards.models import Board
from evalsys.dashboards.queries import bulletins, opened
from evalsys.dashboards.queries.opened import Opened, Place
from evalsys.dashboards.rules import sentences
from evalsys.dashboards.rules.boards import SHOWN_DEPARTMENTS, TREND_WEEKS, in_tens
from evalsys.dashboards.rules.bulletins import ALL, LEAST, Content
from evalsys.dashboards.rules.sentences import NOTHING_OPEN, Sentence
from evalsys.kernel import clock
from evalsys.kernel.access import EVERYTHING
from evalsys.kernel.periods import DAY, Closing, Period
from evalsys.kernel.proportions import Rate, rate_of
from evalsys.kernel.secrets import digest
from evalsys.kernel.settings import Settings
from evalsys.organisation.queries import directory, places
from evalsys.rectification.rules.figures import DEFINITIONS, Figure
from evalsys.scoring.queries import sums
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.ranking import DEPARTMENTS, Row
from evalsys.scoring.rules.rates import Split

HANDLING = (Figure.CONTACTED, Figure.REPLIED, Figure.IN_TIME, Figure.SATISFIED)


@dataclass(frozen=True)
class BoardLine:
    """A display as its keeper sees it; hall '' is all of them."""

    id: int
    name: str
    hall: str
    hall_name: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class Handling:
    """The handling of bad reviews as a bulletin said it; a rate of fewer than ten cases is None."""

    closing: Closing
    rates: Sequence[tuple[str, Rate | None]]


@dataclass(frozen=True)
class Picture:
    """What a display shows; `received` are today's ratings in whole tens, None under ten.

    `handling` is None before a bulletin of everything is out, and where halls cannot be told apart.
    """

    headline: Sentence
    opened: Opened | None
    departments: Sequence[Row]
    left_out: int
    trend: Sequence[tuple[Closing, Split]]
    handling: Handling | None
    received: int | None


_LINES = select(Board.id, Board.name, Board.hall_id, Board.created_at, Board.revoked_at).order_by(
    Board.revoked_at.is_not(None), Board.id.desc()
)


def _lines(session: Session | Connection, statement: Select[*tuple[Any, ...]]) -> list[BoardLine]:
    names = dict(directory.halls(session))
    rows = session.execute(statement).all()
    codes = {hall: places.hall_code(session, hall) for hall in {row.hall_id for row in rows} if hall}
    return [
        BoardLine(
            row.id,
            row.name,
            codes.get(row.hall_id, ""),
            names.get(codes.get(row.hall_id, ""), ""),
            row.created_at,
            row.revoked_at,
        )
        for row in rows
    ]


def boards(session: Session | Connection) -> list[BoardLine]:
    """The displays that are up, the newest first, and then those taken down; 200 at most."""
    return _lines(session, _LINES.limit(200))


def board_of(session: Session | Connection, token: str) -> BoardLine | None:
    """The display of an address."""
    found = _lines(session, _LINES.where(Board.token_hash == digest(token)))
    return found[0] if found else None


def picture(session: Session | Connection, hall: str, settings: Settings, now: datetime) -> Picture:
    """What a display of a hall, or of all of them (''), shows at an instant."""
    place, received = Place(hall=hall), _received(session, hall, settings, now)
    closing = opened.latest(session)
    if closing is None:
        return Picture(NOTHING_OPEN, None, (), 0, (), None, received)
    found = opened.opened(session, closing, place, settings)
    shown = sorted(found.departments, key=lambda row: (-row.n, row.named.code))[:SHOWN_DEPARTMENTS]
    return Picture(
        headline=sentences.headline(found.total, rules.finding(found.ranking(DEPARTMENTS))),
        opened=found,
        departments=sorted(shown, key=lambda row: row.named.code),
        left_out=len(found.departments) - len(shown),
        trend=opened.trend(session, place, closing, TREND_WEEKS),
        handling=_handling(session, now) if _is_everything(session, hall) else None,
        received=received,
    )


def _received(session: Session | Connection, hall: str, settings: Settings, now: datetime) -> int | None:
    today = clock.day_of(now)
    asked = Filter(Period(today, today), hall=hall)
    return in_tens(sums.ranking(session, DEPARTMENTS, asked, EVERYTHING, settings).total.n) or None


def _is_everything(session: Session | Connection, hall: str) -> bool:
    """Whether a display looks at all there is: cases are charged to units, and units sit in several halls."""
    return not hall or len(directory.halls(session)) == 1


def _handling(session: Session | Connection, now: datetime) -> Handling | None:
    """What the latest bulletin of everything says: counted anew, it would show each call-back as it comes."""
    for issue in bulletins.earlier(session, ALL, "", clock.day_of(now) + DAY, 1):
        total: Content = next(
            (row["rates"] for row in issue.content["handling"] or () if not row["code"]), {}
        )
        rates = [(DEFINITIONS[figure].words, _rate(total.get(figure.value))) for figure in HANDLING]
        return Handling(issue.closing, rates)
    return None


def _rate(said: Content | None) -> Rate | None:
    return rate_of(said["numerator"], said["denominator"], LEAST) if said else None
