"""The responsibility directory and the beginnings of replies, as the desks use and keep them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.organisation.queries import directory
from evalsys.rectification.models import ReplyTemplate, Responsibility


@dataclass(frozen=True)
class Template:
    """A beginning of a reply; it is put into the form and never sent by itself."""

    id: int
    name: str
    text: str


@dataclass(frozen=True)
class InCharge:
    """One line of the directory: what, and the unit that is in charge of it."""

    about: str
    what: str
    unit_code: str
    unit: str
    reason: str


def templates(session: Session | Connection) -> Sequence[Template]:
    """The beginnings of replies in use, by name."""
    rows = session.execute(
        select(ReplyTemplate.id, ReplyTemplate.name, ReplyTemplate.text)
        .where(ReplyTemplate.retired_at.is_(None))
        .order_by(ReplyTemplate.name)
    )
    return [Template(*row) for row in rows]


def template_by_id(session: Session | Connection, template_id: int) -> Template | None:
    """One beginning of a reply in use."""
    if not template_id:
        return None
    return next((one for one in templates(session) if one.id == template_id), None)


def in_charge(session: Session | Connection, now: datetime) -> Sequence[InCharge]:
    """The whole directory, by kind and name."""
    units = directory.units_on(session, clock.day_of(now))
    rows = session.execute(
        select(
            Responsibility.about, Responsibility.what, Responsibility.unit_id, Responsibility.reason
        ).order_by(Responsibility.about, Responsibility.what, Responsibility.unit_id)
    )
    return [
        InCharge(about, what, units[unit].code, units[unit].name, reason)
        for about, what, unit, reason in rows
    ]
