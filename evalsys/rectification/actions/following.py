"""Following what raters do: a bad rating opens or joins a case, a change of mind takes it back."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from evalsys.evaluation.events import RatingCorrected, RatingExplained, RatingRecorded, RatingRepeated
from evalsys.evaluation.queries import behind
from evalsys.evaluation.queries.behind import Behind
from evalsys.evaluation.rules import is_bad
from evalsys.kernel import clock
from evalsys.rectification.actions import contacts
from evalsys.rectification.actions.moving import move_by_system
from evalsys.rectification.actions.opening import NewCase, open_case
from evalsys.rectification.actions.steps import Step, add_step, locked
from evalsys.rectification.models import Case, CaseRating, CaseTag
from evalsys.rectification.queries import facts, joining
from evalsys.rectification.rules.states import ENDED, NOT_YET_DISPATCHED, OPEN, State
from evalsys.rectification.rules.terms import Class, Kind

HALF_A_DAY = timedelta(hours=12)


def follow_new(connection: Connection, event: RatingRecorded) -> None:
    """Follow a new rating: a counted bad one has its case before anybody is thanked."""
    if event.after is not None and is_bad(event.level):
        _take_up(connection, _behind(connection, event.rating_id), event.at)


def follow_change(connection: Connection, event: RatingCorrected | RatingRepeated) -> None:
    """Follow a changed level: to good takes a case back or is noted on it, to bad opens one."""
    if event.after is None:
        return
    case_id = facts.case_of_rating(connection, event.rating_id)
    if is_bad(event.level):
        _turned_bad(connection, case_id, event.rating_id, event.at)
    elif case_id is not None:
        _take_back(connection, case_id, event.rating_id, event.at)


def _turned_bad(connection: Connection, case_id: int | None, root: int, at: datetime) -> None:
    """Take up what is in no case or a withdrawn one; elsewhere the case's level follows."""
    if case_id is None:
        _take_up(connection, _behind(connection, root), at)
        return
    row = locked(connection, case_id)
    if row.state == State.CANCELLED:
        _leave(connection, case_id, root, "评价人又改成了不满意的等级,另立一件", at)
        _take_up(connection, _behind(connection, root), at)
    elif row.state in OPEN and (worst := _worst(connection, row)) != row.level:
        add_step(connection, row, Step("note", at, reason="评价人改了等级"), {"level": worst})


def follow_reasons(connection: Connection, event: RatingExplained) -> None:
    """Follow added reasons: a rating with words or tags leaves the pattern case and gets its own."""
    if event.after is None or not is_bad(event.level):
        return
    rating = _behind(connection, event.rating_id)
    case_id = facts.case_of_rating(connection, event.rating_id)
    if case_id is None or not _says_something(rating):
        return
    row = facts.case_row(connection, case_id)
    if row is not None and row.kind == Kind.PATTERN and row.state in NOT_YET_DISPATCHED | ENDED:
        _leave(connection, case_id, rating.root, "评价人补充了原因,另立一件", event.at)
        _take_up(connection, rating, event.at)
    else:
        _note_tags(connection, case_id, rating)


def _behind(connection: Connection, root: int) -> Behind:
    found = behind.behind(connection, root)
    if found is None:
        raise LookupError("an event of a rating there is not")
    return found


def _says_something(rating: Behind) -> bool:
    return bool(rating.tags) or rating.has_words


def _take_up(connection: Connection, rating: Behind, at: datetime) -> None:
    """Put a bad rating into a case: one about the same thing, the week's pattern case, or a new one."""
    if rating.is_bound or _says_something(rating):
        case_id = joining.case_about_the_same(connection, rating, at)
        kind = Kind.RATING
    else:
        case_id = joining.pattern_case(connection, rating.window_id, clock.day_of(at))
        kind = Kind.PATTERN
    if case_id is None or not _joined(connection, case_id, rating, at):
        case_id = _opened(connection, kind, rating, at)
    _join(connection, case_id, rating, at)


def _joined(connection: Connection, case_id: int, rating: Behind, at: datetime) -> bool:
    """Note on a case that a rating joins it; False where somebody was quicker and it takes none any more."""
    row = locked(connection, case_id)
    is_pattern = row.kind == Kind.PATTERN
    if row.state not in (NOT_YET_DISPATCHED if is_pattern else OPEN):
        return False
    changes: dict[str, Any] = {"level": rating.level if row.level is None else min(row.level, rating.level)}
    if row.state in NOT_YET_DISPATCHED:
        # What one rater said of their own tap, and what was read from it, says nothing of another's.
        changes["is_mistake_confirmed"] = False
        if row.case_class in (Class.MISTAKE, Class.UNVERIFIABLE) and not is_pattern:
            changes["case_class"] = None
    add_step(connection, row, Step("join", at, reason="又有一条评价反映同样的问题"), changes)
    return True


def _opened(connection: Connection, kind: Kind, rating: Behind, at: datetime) -> int:
    return open_case(
        connection,
        NewCase(
            kind=kind,
            profile="bad-review",
            at=at,
            level=rating.level,
            window_id=rating.window_id,
            hall_id=rating.hall_id,
            unit_id=rating.unit_id,
            item_id=rating.item_id,
            half_day=rating.half_day,
            # Of an unbound rating the half-day alone is known: nobody's clock runs before it is over.
            runs_from=at if rating.is_placed else at + HALF_A_DAY,
        ),
    )


def _join(connection: Connection, case_id: int, rating: Behind, at: datetime) -> None:
    again = (
        update(CaseRating)
        .where(CaseRating.case_id == case_id, CaseRating.root == rating.root)
        .values(left_at=None)
    )
    if not connection.execute(again).rowcount:
        connection.execute(insert(CaseRating).values(case_id=case_id, root=rating.root, joined_at=at))
    _note_tags(connection, case_id, rating)
    contacts.carry_over(connection, rating.root, case_id)


def _note_tags(connection: Connection, case_id: int, rating: Behind) -> None:
    known = set(connection.execute(select(CaseTag.tag).where(CaseTag.case_id == case_id)).scalars())
    new = [{"case_id": case_id, "tag": tag} for tag in rating.tags if tag not in known]
    if new:
        connection.execute(insert(CaseTag), new)
    if rating.item_id is not None:
        connection.execute(
            update(Case).where(Case.id == case_id, Case.item_id.is_(None)).values(item_id=rating.item_id)
        )


def _leave(connection: Connection, case_id: int, root: int, reason: str, at: datetime) -> None:
    """Take a rating out of a case; a case without any is withdrawn."""
    connection.execute(
        update(CaseRating).where(CaseRating.case_id == case_id, CaseRating.root == root).values(left_at=at)
    )
    row = locked(connection, case_id)
    add_step(connection, row, Step("leave", at, reason=reason), {"level": _worst(connection, row)})
    if not facts.roots_of(connection, case_id) and State(row.state) in NOT_YET_DISPATCHED:
        move_by_system(connection, case_id, State.CANCELLED, reason, now=at)


def _worst(connection: Connection, row: Row[Any]) -> int | None:
    """The worst level among a case's ratings that are bad now; where none is, the one it had."""
    levels = [_behind(connection, root).level for root in facts.roots_of(connection, row.id)]
    return min((level for level in levels if is_bad(level)), default=row.level)


def _take_back(connection: Connection, case_id: int, root: int, at: datetime) -> None:
    row = locked(connection, case_id)
    if row.state in NOT_YET_DISPATCHED:
        _leave(connection, case_id, root, "评价人改成了满意的等级", at)
    elif row.state in OPEN:
        add_step(connection, row, Step("note", at, reason="评价人改成了满意的等级,单子继续办"), {})
