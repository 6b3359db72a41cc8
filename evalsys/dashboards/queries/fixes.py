"""What was changed because people said so, and how often its tag was chosen before and after."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.dashboards.models import Fix
from evalsys.dashboards.queries import Reader
from evalsys.dashboards.rules import fixes as rules
from evalsys.dashboards.rules.fixes import Noted, Told, compared_days, told
from evalsys.dashboards.rules.sheets import Sheet
from evalsys.identity.queries import accounts
from evalsys.kernel.access import EVERYTHING, Scope
from evalsys.organisation.queries import directory
from evalsys.scoring.queries import said_of_items, tagging
from evalsys.scoring.queries.said_of_items import Wanted

MOST = 100  # the latest shown on a page
_AT_ONCE = 100  # fixes in one statement: each asks twice, and SQLite puts 500 SELECTs together at most


def fixes(session: Session, today: date, scope: Scope = EVERYTHING, most: int | None = MOST) -> list[Noted]:
    """The fixes of a scope's items that stand, the latest first; `most` None is all of them."""
    standing = session.execute(
        select(Fix.id, Fix.item_id, Fix.tag, Fix.words, Fix.since, Fix.noted_by)
        .where(Fix.withdrawn_at.is_(None))
        .order_by(Fix.since.desc(), Fix.id.desc())
    ).all()
    items = directory.items_then(session, {row.item_id for row in standing})
    rows = [row for row in standing if scope.covers(items[row.item_id].unit_id)][:most]
    units = directory.units_on(session, today)
    keepers = accounts.accounts_by_id(session, sorted({row.noted_by for row in rows}))
    names = {account.id: account.display_name for account in keepers}
    chosen = {tag.code: tag for tag in tagging.bad_tags(session)}
    return [
        Noted(
            row.id,
            row.item_id,
            items[row.item_id].name,
            items[row.item_id].code,
            units[items[row.item_id].unit_id].name,
            row.tag,
            chosen[row.tag].plain,
            chosen[row.tag].en,
            row.words,
            row.since,
            names[row.noted_by],
        )
        for row in rows
    ]


def sheet(session: Session, reader: Reader) -> Sheet:
    """Every fix within reach, with the rates of its tag: the same for files and the JSON."""
    noted = fixes(session, reader.today, reader.actor.scope, most=None)
    rates = rates_of(session, noted, reader.today, reader.settings.min_n_rate)
    return rules.sheet([(fix, rates.get(fix.id)) for fix in noted])


def rates_of(
    session: Session | Connection, noted: Sequence[Noted], today: date, least: int
) -> Mapping[int, Told]:
    """The rates of each fix's tag by the fix's id, where a whole day has passed since."""
    periods = {fix.id: days for fix in noted if (days := compared_days(fix.since, today))}
    wanted = [
        Wanted((fix.id, side), fix.item_id, fix.tag, period)
        for fix in noted
        if fix.id in periods
        for side, period in enumerate(periods[fix.id])
    ]
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for start in range(0, len(wanted), 2 * _AT_ONCE):
        found |= said_of_items.times(session, wanted[start : start + 2 * _AT_ONCE])
    return {fix: told(found[fix, 0], found[fix, 1], least) for fix in periods}
