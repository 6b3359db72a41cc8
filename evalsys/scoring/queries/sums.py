"""The rankings of those who see live sums: running totals of three days, then arithmetic."""

from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys.kernel.access import EVERYTHING, Scope
from evalsys.kernel.settings import Settings
from evalsys.scoring.queries import at_windows, naming, placed, running
from evalsys.scoring.queries.naming import Ground
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.gathering import NOBODY, Gathered
from evalsys.scoring.rules.ranking import (
    STAFF,
    TOTAL,
    UNMATCHED,
    WINDOWS,
    Named,
    Place,
    Ranking,
    Row,
    ranked,
    ranked_among,
)


def formulas_of(settings: Settings) -> Formulas:
    """The formulas in force by the site's settings."""
    return Formulas(settings.level_points, settings.min_n_rate, settings.min_n_rank)


def ranking(
    session: Session | Connection,
    subject: str,
    asked: Filter,
    scope: Scope,
    settings: Settings,
    *,
    places: Mapping[str, Place] | None = None,
) -> Ranking:
    """The ranking of windows, staff or departments over live sums, limited to a scope.

    Names are those of the period's last day; ratings stay with the unit of their own day. Rows are placed by
    `places` of everybody by code; by default those that are stored.
    Raises BadFilter for a code there is not.
    """
    formulas = formulas_of(settings)
    ground = naming.ground(session, subject, asked, scope)
    leads = _leads_only(session, ground)
    everybody = running.sums(session, ground)
    shown = _shown(session, ground, everybody)
    if places is None:
        places = placed.places(session, subject, asked, formulas)
    now = _gathered(ground, shown)
    rows = ranked(
        Row(named, now.tally(key), formulas, now.before(key), now.served(key), place=places.get(named.code))
        for key, named in _named(ground, now, leads)
    )
    if shown is not everybody:
        wide = ground.widened(EVERYTHING)
        whole = _gathered(wide, everybody)
        rows = ranked_among(
            rows,
            ranked(
                Row(named, whole.tally(key), formulas, place=places.get(named.code))
                for key, named in _named(wide, whole, leads)
            ),
        )
    return Ranking(
        subject=subject,
        period=asked.period,
        channel=asked.channel,
        formulas=formulas,
        rows=rows,
        unmatched=Row(UNMATCHED, now.tally(NOBODY), formulas, served=now.served(NOBODY))
        if subject == STAFF
        else None,
        total=Row(TOTAL, now.total, formulas, now.total_before, now.served_in_all),
        held=now.held,
        excluded=now.excluded,
        assisted=now.assisted,
        silent=len(ground.in_use - now.rated) if subject == WINDOWS else None,
    )


def everybody(
    session: Session | Connection, subject: str, asked: Filter, settings: Settings
) -> tuple[Row, ...]:
    """The rows of the same ranking without any limit, not ranked yet: what places are worked out from."""
    ground = naming.ground(session, subject, asked, EVERYTHING)
    formulas, leads = formulas_of(settings), _leads_only(session, ground)
    now = _gathered(ground, running.sums(session, ground))
    return tuple(Row(named, now.tally(key), formulas) for key, named in _named(ground, now, leads))


def _gathered(ground: Ground, rows: running.Rows) -> Gathered:
    return Gathered(rows, frozenset() if ground.subject == STAFF else ground.leader_windows)


def _shown(session: Session | Connection, ground: Ground, everybody: running.Rows) -> running.Rows:
    """The sums that the filter and the scope let through; where that is all of them, the very same."""
    if ground.subject == STAFF and ground.asked.window:
        return at_windows.sums(session, ground)
    if ground.is_narrow or not ground.scope.everything:
        shown = running.let_through(ground, everybody)
        return everybody if len(shown) == len(everybody) else shown
    return everybody


Leads = Callable[[Gathered, int], bool]


def _leads_only(session: Session | Connection, ground: Ground) -> Leads:
    """Says of a row whether all its ratings come from leader duty: shown, but not ranked."""
    if ground.subject != STAFF:
        return Gathered.leads_only
    if not ground.leader_windows:
        return lambda _sums, _key: False
    leading = running.staff_only_at_leader_windows(session, ground)
    return lambda sums, key: key in leading and key in sums.rated


def _named(ground: Ground, sums: Gathered, leads: Leads) -> Iterator[tuple[int, Named]]:
    """The subjects of the rows, and what each is called."""
    for key in sums.subjects:
        if not (ground.subject == STAFF and key == NOBODY):
            yield key, ground.named(key, leads_only=leads(sums, key))
