"""Noting what was changed because people said so, and withdrawing what was noted by mistake."""

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from evalsys.dashboards.models import Fix
from evalsys.dashboards.rules.fixes import NewFix, NoSuchMatter
from evalsys.kernel import clock, journal
from evalsys.kernel.access import Actor
from evalsys.kernel.words import N_
from evalsys.organisation.queries import directory
from evalsys.scoring.queries import tagging


def note_fix(session: Session, new: NewFix, by: Actor, now: datetime) -> int:
    """Note a fix of an item within reach and return its id.

    Raises NoSuchMatter for an item or a tag there is not, a name several items bear, and a day to come.
    """
    items = [item for item in directory.items_of(session, by.scope) if new.item in (item.code, item.name)]
    if len(items) != 1:
        words = N_("有几个事项叫“{item}”,请写编码。") if items else N_("没有事项“{item}”,或不归您的单位。")
        raise NoSuchMatter(words, item=new.item[:60])
    if new.tag not in {tag.code for tag in tagging.bad_tags(session)}:
        raise NoSuchMatter(N_("没有代码为“{tag}”的差评标签。"), tag=new.tag[:10])
    if new.since > clock.day_of(now):
        raise NoSuchMatter(N_("这一天还没到。改好了再登记。"))
    row = {"item_id": items[0].id, "tag": new.tag, "words": new.words, "since": new.since}
    made = session.execute(
        insert(Fix).values(**row, noted_at=now, noted_by=by.account_id).returning(Fix.id)
    ).scalar_one()
    journal.record(session, by, "note-fix", f"fix {made}", item=items[0].code, tag=new.tag)
    return made


def withdraw_fix(session: Session, fix_id: int, by: Actor, now: datetime) -> bool:
    """Take back a fix of an item within reach; False where none stands."""
    fix = session.execute(select(Fix).where(Fix.id == fix_id, Fix.withdrawn_at.is_(None))).scalar()
    if fix is None:
        return False
    item = directory.items_then(session, [fix.item_id])[fix.item_id]
    if not by.scope.covers(item.unit_id):
        return False
    session.execute(update(Fix).where(Fix.id == fix_id).values(withdrawn_at=now, withdrawn_by=by.account_id))
    journal.record(session, by, "withdraw-fix", f"fix {fix_id}")
    return True
