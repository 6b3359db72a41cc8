"""Typing in what a citizen wrote on a paper form: once for each form, never by the rated side."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlalchemy import Connection, insert

from evalsys.evaluation.actions import ratings, rows
from evalsys.evaluation.actions.ratings import Recorded
from evalsys.evaluation.models import PaperForm
from evalsys.evaluation.rules import Answer, NotOutside, NotYet, TooLate, Visit, content_hash
from evalsys.identity.rules import CLERKS_SIDE
from evalsys.kernel import clock, files, journal
from evalsys.kernel.access import Actor
from evalsys.kernel.files import Kept
from evalsys.kernel.settings import Settings
from evalsys.organisation.duty import Sitting, Whose, whose_work
from evalsys.organisation.queries import places, units
from evalsys.worktime import queries as worktime

PAPER_DAYS = 5  # working days within which a paper form may be typed in
_MIDDLE = {"am": time(10), "pm": time(15)}
_REACH = {"am": (time(), time(12)), "pm": (time(12), time(23, 59, 59))}


@dataclass(frozen=True)
class Sheet:
    """What is on the form beside the rating: its serial number, when, and what it was scanned to."""

    serial: str
    day: date
    half_day: str
    at: time | None
    scan: Kept


def check_outside(connection: Connection, actor: Actor, unit_id: int) -> None:
    """Refuse somebody of the clerk's side, or of the rated unit, to have a hand in its rating."""
    if actor.roles & CLERKS_SIDE:
        raise NotOutside("窗口一方的账号不能录入或协助评价。请交给导办台。")
    if actor.unit_id in units.subtree(connection, unit_id):
        raise NotOutside("这个窗口是您本单位的,不能由您录入或协助评价。请交给其他单位的同事。")


def enter_paper(
    connection: Connection,
    visit: Visit,
    answer: Answer,
    sheet: Sheet,
    *,
    by: Actor,
    settings: Settings,
) -> Recorded:
    """Store the rating of one paper form; the same serial number again, the same in all, changes nothing.

    It counts on the day stated, up to five working days back. `answer.key` is not used: the serial number is
    the key. Raises NotOutside, NotYet, TooLate, and KeyUsed where the form was typed in differently before.
    """
    check_outside(connection, by, visit.unit_id)
    _check_day(connection, sheet.day, visit.received_at)
    opened_at = clock.at(sheet.day, sheet.at or _MIDDLE[sheet.half_day])
    whose = _whose(connection, visit.window_id, sheet, opened_at)
    visit = replace(visit, opened_at=opened_at, staff_id=whose.staff_id, staff_how=whose.how)
    rating_id = rows.RANDOM.new_id()
    earlier = rows.claim_key(connection, _key(sheet.serial), _content(visit, answer, sheet), rating_id, None)
    if earlier is not None:
        return Recorded(earlier, is_new=False)
    files.keep(connection, settings.instance, sheet.scan, by.account_id)
    ratings.store_first(connection, [ratings.New(rating_id, visit, answer)])
    _note(connection, rating_id, sheet, by, visit.received_at)
    return Recorded(rating_id, is_new=True)


def _check_day(connection: Connection, day: date, now: datetime) -> None:
    today = clock.day_of(now)
    if day > today:
        raise NotYet("评价单上的日期还没到。请对照单子再填。")
    if today > worktime.working_days_after(connection, day, PAPER_DAYS):
        raise TooLate("评价单要在5个工作日内录入,这张已经过期,不能计入。")


def _whose(connection: Connection, window_id: int, sheet: Sheet, opened_at: datetime) -> Whose:
    """Whose work it was: at the stated time; of a half-day only if one person sat there in all of it."""
    if sheet.at is not None:
        found = places.sittings(connection, window_id, opened_at, opened_at + clock.INSTANT)
        return whose_work(found, opened_at)
    since, until = (clock.at(sheet.day, moment) for moment in _REACH[sheet.half_day])
    return _alone(places.sittings(connection, window_id, since, until))


def _alone(sittings: Sequence[Sitting]) -> Whose:
    people = {sitting.staff_id: sitting.source for sitting in sittings}
    if not people:
        return Whose(None, "gap")
    return Whose(*next(iter(people.items()))) if len(people) == 1 else Whose(None, "conflict")


def _key(serial: str) -> str:
    return "paper-" + hashlib.sha256(serial.encode()).hexdigest()[:48]


def _content(visit: Visit, answer: Answer, sheet: Sheet) -> str:
    """What typing the same form in again must agree in: all that counts, but not the scan's bytes."""
    rating = content_hash(answer, replace(visit, staff_id=None))
    said = f"{rating} {visit.channel} {sheet.day} {sheet.half_day} {sheet.at}"
    return hashlib.sha256(said.encode()).hexdigest()


def _note(connection: Connection, rating_id: int, sheet: Sheet, by: Actor, now: datetime) -> None:
    connection.execute(
        insert(PaperForm),
        {
            "rating_id": rating_id,
            "serial": sheet.serial,
            "scan": sheet.scan.sha256,
            "entered_by": by.account_id,
            "entered_at": now,
        },
    )
    journal.record(connection, by, "enter-paper", f"paper {sheet.serial}", scan=sheet.scan.sha256)
