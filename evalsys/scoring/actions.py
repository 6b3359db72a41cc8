"""Keeping the sums: moved with every rating, derived anew, and released to the clerk's side."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, insert, not_, or_, text
from sqlalchemy.orm import Session

from evalsys.kernel import clock, journal, settings
from evalsys.kernel.periods import Period
from evalsys.kernel.settings import Settings
from evalsys.kernel.statements import insert_into
from evalsys.kernel.types import Base
from evalsys.kernel.upserts import Adding
from evalsys.scoring import totals
from evalsys.scoring.models import (
    DailySum,
    FormulaVersion,
    ItemSum,
    RankPlace,
    RankRun,
    ReleasedCell,
    ServiceSum,
    TagSum,
)
from evalsys.scoring.queries import checks, closing, placed, sums
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.drawing import drawn_here
from evalsys.scoring.rules.placing import counts_hash, periods_worked_out, places_of
from evalsys.scoring.rules.ranking import SUBJECTS, Row
from evalsys.scoring.rules.rates import Split
from evalsys.scoring.rules.release import ReleasedPart, newly_released, newly_released_tags
from evalsys.scoring.rules.tallies import (
    MovesServices,
    MovesSums,
    item_movements,
    movements,
    service_movements,
    tag_movements,
)


def _connection(session: Session | Connection) -> Connection:
    return session.connection() if isinstance(session, Session) else session


def _engine(session: Session | Connection) -> str:
    return _connection(session).dialect.name


def _upsert(engine: str, model: type[Base], merge: Callable[[Any, Any], Any]) -> Any:
    """The statement that makes one cell, or merges into it."""
    columns, statement = model.__table__.columns, insert_into(engine, model)
    return statement.on_conflict_do_update(
        index_elements=[column.name for column in columns if column.primary_key],
        set_={c.name: merge(c, statement.excluded[c.name]) for c in columns if not c.primary_key},
    )


def _latest(_kept: Any, new: Any) -> Any:
    return new


_ADD_TO_SUMS, _ADD_TO_TAGS, _ADD_TO_SERVICES, _ADD_TO_ITEMS = (
    Adding(cast(Table, model.__table__)) for model in (DailySum, TagSum, ServiceSum, ItemSum)
)


def add_to_tallies(connection: Connection, events: Sequence[MovesSums]) -> None:
    """Follow every event that moves a sum: take away how the rating stood, add how it stands now.

    Each cell that several events move is written once.
    """
    moved, tags, items = movements(events), tag_movements(events), item_movements(events)
    if moved or tags or items:
        totals.take_turn(connection)
    if moved:
        rows = [(*cell, *(change.get(name, 0) for name in checks.SUMS)) for cell, change in moved.items()]
        _ADD_TO_SUMS.run(connection, rows)
        totals.move_by_sums(connection, moved)
    if tags:
        _ADD_TO_TAGS.run(connection, [(*cell, by) for cell, by in tags])
    _ADD_TO_ITEMS.run(connection, [(*cell, by) for cell, by in items])


def add_to_services(connection: Connection, events: Sequence[MovesServices]) -> None:
    """Follow services that ended (one more to rate), were asked about, or were cancelled (one less)."""
    moved = service_movements(events)
    if moved:
        totals.take_turn(connection)
        _ADD_TO_SERVICES.run(connection, [(*cell, *by) for cell, by in moved.items()])
        totals.move_by_services(connection, moved)


def rebuild(session: Session | Connection, period: Period) -> None:
    """Derive every sum of a period from the ratings and services, in place of those kept, and all totals."""
    rebuild_sums(session, period)
    rebuild_totals(session)


def rebuild_sums(session: Session | Connection, period: Period) -> None:
    """Derive every sum of a period's days from the ratings and services; the totals are then behind."""
    _keep_writers_out(session)
    for model, derived in (
        (DailySum, checks.derived_sums(period)),
        (TagSum, checks.derived_tag_sums(period)),
        (ServiceSum, checks.derived_service_sums(period)),
        (ItemSum, checks.derived_item_sums(period)),
    ):
        session.execute(delete(model).where(model.day.between(period.first, period.last)))
        columns = [column.name for column in derived.selected_columns]
        session.execute(insert(model).from_select(columns, derived))


def rebuild_totals(session: Session | Connection) -> None:
    """Derive every running total from the sums of the days, in place of those kept."""
    _keep_writers_out(session)
    totals.derive(_connection(session))


def _keep_writers_out(session: Session | Connection) -> None:
    # Whoever moves sums waits for the turn; the lock is for whoever still writes them without asking for it.
    totals.take_turn(_connection(session))
    if _engine(session) == "postgresql":
        session.execute(text("LOCK TABLE daily_sums, tag_sums, service_sums, item_sums IN EXCLUSIVE MODE"))


def release_periods(session: Session | Connection, now: datetime) -> int:
    """Release to the clerk's side what has become safe to show; says how many cells were written.

    A second run writes nothing. What was shown once stays.
    """
    today = clock.day_of(now)
    rows = []
    for quarter in closing.quarters_to_visit(session, today):
        for (window, unit), place in closing.places_in(session, quarter).items():
            cells = newly_released(place.sums, place.released, today)
            cells |= newly_released_tags(place.tags, cells, place.released)
            at = {"window_id": window, "unit_id": unit, "released_at": now}
            rows += [_released_row(cell, split) | at for cell, split in cells.items()]
    if rows:
        _connection(session).execute(_upsert(_engine(session), ReleasedCell, _latest), rows)
    return len(rows)


def _released_row(cell: ReleasedPart, split: Split) -> dict[str, object]:
    return {
        "kind": cell.kind,
        "starts": cell.starts,
        "part": cell.part,
        "part_key": cell.key,
        **{f"n{level}": n for level, n in split.by_level.items()},
    }


def note_formulas(session: Session, settings: Settings, now: datetime) -> None:
    """Note the formulas in force, once for each version, and journal every change, also one back."""
    formulas = sums.formulas_of(settings)
    if journal.last_object(session, "formulas") == formulas.version:
        return
    points = ",".join(f"{p:g}" for p in formulas.points)
    if session.get(FormulaVersion, formulas.version) is None:
        session.add(
            FormulaVersion(
                version=formulas.version,
                points=points,
                min_n_rate=formulas.min_n_rate,
                min_n_rank=formulas.min_n_rank,
                since=now,
            )
        )
    journal.record(
        session,
        None,
        "formulas",
        formulas.version,
        points=points,
        min_n_rate=formulas.min_n_rate,
        min_n_rank=formulas.min_n_rank,
    )


def place_rows(session: Session, now: datetime) -> bool:
    """Work out where the rows of one ranking stand over closed days, if that is not known yet or has changed.

    One ranking at a time, so that nobody waits for long: first those not worked out by the formulas in force,
    else one after the other is looked at again, for corrections of days long closed. Says whether it wrote.
    """
    formulas = sums.formulas_of(settings.current())
    periods = periods_worked_out(clock.day_of(now))
    wanted = [(subject, period) for period in periods for subject in SUBJECTS]
    known = placed.runs(session)
    missing = [each for each in wanted if known.get(each, ("", ""))[0] != formulas.version]
    turn = int(now.timestamp() // 60) % len(wanted)
    subject, period = missing[0] if missing else wanted[turn]
    rows = sums.everybody(session, subject, Filter(period), settings.current())
    if known.get((subject, period)) == (formulas.version, counts_hash(rows)):
        return False
    # The turn also tells whoever keeps pages that they are no longer true.
    totals.take_turn(session.connection())
    for model in (RankRun, RankPlace):
        kept = [_are(model, *each) for each in wanted if each != (subject, period)]
        session.execute(delete(model).where(not_(or_(*kept))))
    _store_places(session, subject, period, rows)
    session.execute(
        insert(RankRun).values(
            **_key(subject, period),
            formulas=formulas.version,
            counts_hash=counts_hash(rows),
            made_at=now,
        )
    )
    return True


def _key(subject: str, period: Period) -> dict[str, object]:
    return {"subject": subject, "first": period.first, "last": period.last}


def _are(model: type[RankRun] | type[RankPlace], subject: str, period: Period) -> ColumnElement[bool]:
    return and_(*(getattr(model, name) == value for name, value in _key(subject, period).items()))


def _store_places(session: Session, subject: str, period: Period, rows: Sequence[Row]) -> None:
    stored = []
    for code, place in places_of(rows, drawn_here).items():
        best, worst = place.interval or (None, None)
        stored.append(
            _key(subject, period)
            | {"code": code, "shrunk": place.shrunk, "best": best, "worst": worst}
            | {"band": place.band, "top": place.top, "bottom": place.bottom}
        )
    if stored:
        session.execute(insert(RankPlace), stored)
