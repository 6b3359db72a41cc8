"""Writing bulletins and passing them on: drafted, approved by another, published, or dropped."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from evalsys.dashboards.models import Bulletin, BulletinStep
from evalsys.dashboards.queries import bulletins, month, opened
from evalsys.dashboards.queries.bulletins import Issue
from evalsys.dashboards.queries.month import Of
from evalsys.dashboards.rules.bulletins import (
    ALL,
    NothingToSay,
    NotInThisState,
    canonical,
    check_step,
    sha256_of,
)
from evalsys.kernel import clock, journal, notices, settings
from evalsys.kernel.access import Actor
from evalsys.kernel.periods import DAY, MONTHS, closing_of
from evalsys.kernel.secrets import ALPHABET, random_id
from evalsys.kernel.settings import Settings
from evalsys.kernel.words import N_
from evalsys.scoring.rules.asking import BadFilter

SETTLED_AFTER = timedelta(days=7)  # by then the late ratings and corrections of a month are in
CAUGHT_UP = 3  # months drafted by the clock after it stood still


def draft_bulletin(session: Session, of: Of, site: Settings, by: Actor | None, now: datetime) -> str:
    """Freeze a month of a place as a draft and return its public id; nobody stands for the clock.

    Raises NotInThisState where there is one that was not dropped, NothingToSay where nothing is open.
    """
    if bulletins.open_issue(session, of.kind, of.code, of.closing.starts) is not None:
        raise NotInThisState(N_("这个月已有一期通报。要重新起草,先作废原来的草稿。"))
    text = canonical(month.content(session, of, site, now))
    public_id = _public_id()
    session.execute(
        insert(Bulletin).values(
            public_id=public_id,
            place=of.kind,
            code=of.code,
            starts=of.closing.starts,
            version=bulletins.next_version(session, of.kind, of.code, of.closing.starts),
            content=text,
            sha256=sha256_of(text),
            drafted_at=now,
            drafted_by=by and by.account_id,
        )
    )
    journal.record(session, by, "draft-bulletin", f"bulletin {public_id}", sha256=sha256_of(text))
    return public_id


def _public_id() -> str:
    number = random_id()
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(10))


@dataclass(frozen=True)
class Step:
    """What is done with a bulletin, and why it is dropped."""

    act: str
    reason: str = ""


def take_step(session: Session, issue: Issue, step: Step, by: Actor, now: datetime) -> None:
    """Approve, publish or drop a bulletin; raises NotInThisState or NeedsAnother."""
    act, reason = step.act, step.reason
    check_step(act, issue.taken, issue.drafted_by, by.account_id)
    session.execute(
        insert(BulletinStep).values(bulletin_id=issue.id, act=act, by=by.account_id, reason=reason, at=now)
    )
    journal.record(session, by, f"{act}-bulletin", f"bulletin {issue.public_id}", reason or None)


def draft_months(session: Session, now: datetime) -> int:
    """Draft one bulletin for a settled month that has none yet; says how many were drafted, 0 or 1.

    First those of all halls, the latest month first, then those of single halls and departments. One at a
    time: whoever rates meanwhile waits for what is gathered for one.
    """
    for of in _not_drafted(session, now):
        try:
            public_id = draft_bulletin(session, of, settings.current(), None, now)
        except (NothingToSay, BadFilter):
            continue
        _tell(session, of, public_id, now)
        return 1
    return 0


def _not_drafted(session: Session, now: datetime) -> list[Of]:
    """The settled months and places with something open that have no bulletin, not even a dropped one."""
    day = clock.day_of(now) - SETTLED_AFTER
    closings = [closing_of(MONTHS, closing_of(MONTHS, day).starts - DAY)]
    while len(closings) < CAUGHT_UP:
        closings.append(opened.before(closings[-1]))
    known = bulletins.drafted(session, [closing.starts for closing in closings])
    found = [
        Of(kind, code, closing) for closing in closings for kind, code in opened.places_in(session, closing)
    ]
    found.sort(key=lambda of: of.kind != ALL)
    return [of for of in found if (of.kind, of.code, of.closing.starts) not in known]


def _tell(session: Session, of: Of, public_id: str, now: datetime) -> None:
    """Tell of a draft of all halls by itself, of all others of a month once."""
    whole = of.kind == ALL
    sentence = N_("{month}的通报草稿已生成,请核对后审核。")
    others = N_("{month}各大厅、各部门的通报草稿陆续生成,请核对后审核。")
    which = public_id if whole else f"{of.closing.name}-parts"
    for role in ("supervisor", "leadership"):
        notices.notify(
            session.connection(),
            to_role=role,
            sentence=sentence if whole else others,
            values={"month": of.closing.name},
            link=f"/admin/bulletins/{public_id}" if whole else "/admin/bulletins",
            dedupe_key=f"bulletin-{which}-{role}",
            at=now,
        )
