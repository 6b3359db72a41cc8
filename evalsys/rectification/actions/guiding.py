"""Keeping the responsibility directory and the beginnings of replies."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from evalsys.kernel import journal
from evalsys.kernel.access import Actor
from evalsys.kernel.database import insert_once
from evalsys.rectification.models import ReplyTemplate, Responsibility
from evalsys.rectification.rules import NotAllowed


def put_in_charge(
    connection: Connection, actor: Actor, about: str, what: str, unit_id: int, *, reason: str
) -> None:
    """Write into the directory that a unit is in charge of an item (by code), a category or a word."""
    values = {"about": about, "what": what, "unit_id": unit_id, "reason": reason}
    connection.execute(insert_once(connection, Responsibility), values)
    journal.record(connection, actor, "put-in-charge", f"{about}:{what}:{unit_id}")


def take_out(connection: Connection, actor: Actor, about: str, what: str, unit_id: int) -> None:
    """Take a line out of the directory."""
    same = (Responsibility.about == about, Responsibility.what == what, Responsibility.unit_id == unit_id)
    connection.execute(delete(Responsibility).where(*same))
    journal.record(connection, actor, "take-out-of-charge", f"{about}:{what}:{unit_id}")


def add_template(connection: Connection, actor: Actor, name: str, text: str) -> None:
    """Add a beginning of a reply; raises NotAllowed where the name is taken."""
    if connection.execute(select(ReplyTemplate.id).where(ReplyTemplate.name == name)).scalar() is not None:
        raise NotAllowed("已有叫“{name}”的模板,请换一个名字。", name=name)
    made = insert(ReplyTemplate).values(name=name, text=text, retired_at=None)
    connection.execute(made)
    journal.record(connection, actor, "add-reply-template", name)


def retire_template(connection: Connection, actor: Actor, template_id: int, now: datetime) -> None:
    """Take a beginning of a reply out of use; it stays in the table."""
    connection.execute(update(ReplyTemplate).where(ReplyTemplate.id == template_id).values(retired_at=now))
    journal.record(connection, actor, "retire-reply-template", str(template_id))
