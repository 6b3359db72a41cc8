"""Applying an import: all of its plan, or nothing."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from evalsys.kernel import clock, journal, reactions
from evalsys.kernel.access import Actor
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_
from evalsys.organisation.actions.imported_items import write_items
from evalsys.organisation.actions.imported_people import write_rota, write_staff
from evalsys.organisation.actions.imported_places import write_halls, write_units, write_windows
from evalsys.organisation.events import WindowsImported
from evalsys.organisation.models import Import
from evalsys.organisation.plan.rows import Plan


class FaultyImport(Refused):
    """The file has faults: none of it is imported."""


@dataclass(frozen=True)
class Source:
    """Which files an import comes from: their names, and the SHA-256 over all of them."""

    file_name: str
    sha256: str


def source_of(files: Iterable[tuple[str, bytes]]) -> Source:
    """Where files come from; the order they are given in does not matter."""
    named = sorted(files)
    digest = hashlib.sha256()
    for name, content in named:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return Source("、".join(name for name, _ in named)[:200], digest.hexdigest())


def apply_import(
    session: Session,
    plan: Plan,
    source: Source,
    actor: Actor | None,
    now: datetime,
    *,
    on_rows: Callable[[int], object] = bool,
) -> int:
    """Write everything a plan holds and the record of the import; returns the record's id.

    A plan with a fault is refused. `on_rows` is told how many rows have been written, sheet by sheet.
    """
    if plan.faults:
        raise FaultyImport(N_("文件里有{n}处要改,一行都没有导入"), n=len(plan.faults))
    today = clock.day_of(now)
    record = Import(
        at=now,
        account_id=actor and actor.account_id,
        file_name=source.file_name,
        sha256=source.sha256,
        rows=plan.rows,
        created=plan.created,
        changed=plan.changed,
    )
    session.add(record)
    session.flush()
    write_units(session, plan.units, today)
    on_rows(len(plan.units.after))
    write_halls(session, plan.halls)
    on_rows(len(plan.halls.after))
    write_windows(session, plan.windows, today)
    if plan.windows.created:
        reactions.publish(session.connection(), WindowsImported(len(plan.windows.created)))
    on_rows(len(plan.windows.after))
    write_staff(session, plan.staff, today)
    on_rows(len(plan.staff.after))
    write_items(session, plan.items)
    on_rows(len(plan.items.after))
    write_rota(session, plan.rota, record.id, now)
    on_rows(len(plan.rota.added) + plan.rota.kept)
    journal.record(
        session, actor, "import-organisation", source.file_name, created=plan.created, changed=plan.changed
    )
    return record.id
