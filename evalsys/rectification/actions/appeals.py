"""Filing an appeal, reviewing it by two, and what follows from both; the case's clock runs on meanwhile."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from evalsys.evaluation.actions import standing
from evalsys.evaluation.actions.standing import Decision
from evalsys.evaluation.queries import behind
from evalsys.kernel import clock, notices
from evalsys.kernel.access import Actor
from evalsys.kernel.masking import masked
from evalsys.kernel.words import N_
from evalsys.rectification.actions.moving import move_by_system
from evalsys.rectification.actions.steps import Step, add_step, locked
from evalsys.rectification.models import Appeal, AppealFile, AppealReview
from evalsys.rectification.queries import appeals, facts
from evalsys.rectification.rules.appeals import (
    EFFECT_WORDS,
    GROUND_WORDS,
    REVIEW_APPEALS,
    UNDECIDED,
    AppealState,
    Effect,
    Filing,
    Ground,
    Reviewing,
    Verdict,
    check_filing,
    check_may_file,
    check_may_review,
    check_verdict,
    effect_of,
    state_after,
)
from evalsys.rectification.rules.states import BEFORE_THE_END, State
from evalsys.rectification.rules.terms import REVIEW_DAYS
from evalsys.worktime import queries as worktime
from evalsys.worktime.events import CalendarChanged
from evalsys.worktime.rules import working_days

_FILED = N_("{no} 有一件申诉等两位复核员复核。")
_UPHELD = N_("{no} 的申诉成立。")
_REJECTED = N_("{no} 的申诉不成立。")


def file_appeal(
    connection: Connection, case_id: int, root: int, actor: Actor, filing: Filing, *, now: datetime
) -> int:
    """File an appeal against one rating of a case; returns its id.

    Raises LookupError for a rating that is not in the case, Missing, NotYours, NotAllowed.
    """
    row = locked(connection, case_id)
    found = next((one for one in appeals.ratings_of(connection, case_id) if one.rated.root == root), None)
    if found is None:
        raise LookupError("no such rating in this case")
    was_appealed = found.appeal is not None
    check_may_file(found.rated, actor, clock.day_of(now), was_appealed=was_appealed)
    check_filing(filing, found.rated)
    appeal_id: int = connection.execute(
        insert(Appeal)
        .values(
            case_id=case_id,
            root=root,
            rated_unit_id=found.rated.unit_id,
            filed_by=actor.account_id,
            ground=filing.ground.value,
            evidence=filing.evidence.strip(),
            staff_id=filing.staff_id,
            filed_at=now,
            due_at=worktime.deadline(connection, now, working_days(REVIEW_DAYS)),
            state=AppealState.FILED.value,
        )
        .returning(Appeal.id)
    ).scalar_one()
    # The same file chosen twice is one piece of evidence.
    kept = {sha256: name for sha256, name in filing.files}
    rows = [{"appeal_id": appeal_id, "sha256": sha256, "name": name} for sha256, name in kept.items()]
    connection.execute(insert(AppealFile), rows)
    words = f"被评价一方申诉({GROUND_WORDS[filing.ground]}),时限照常计算"
    add_step(connection, row, Step("note", now, actor, words), {})
    _tell_reviewers(connection, appeal_id, row.no, now)
    return appeal_id


def _tell_reviewers(connection: Connection, appeal_id: int, no: str, at: datetime) -> None:
    for role in sorted(REVIEW_APPEALS.roles):
        notices.notify(
            connection,
            to_role=role,
            sentence=_FILED,
            values={"no": no},
            link=f"/appeals/{appeal_id}",
            dedupe_key=f"appeal:{appeal_id}:filed:{role}",
            at=at,
        )


def review_appeal(
    connection: Connection, appeal_id: int, actor: Actor, verdict: Verdict, *, now: datetime
) -> AppealState:
    """Say what one reviewer finds; with the second's word the appeal is decided and takes effect.

    Raises LookupError, NotYours, NotAllowed, Missing.
    """
    case_id = connection.execute(select(Appeal.case_id).where(Appeal.id == appeal_id)).scalar()
    if case_id is None:
        raise LookupError("no such appeal")
    # Whoever has the case has its appeals: two reviewers at once come one after the other.
    case = locked(connection, case_id)
    row = appeals.appeal_row(connection, appeal_id)
    if row is None:
        raise LookupError("no such appeal")
    seen = appeals.reviewing_of(connection, [row])[appeal_id]
    check_may_review(seen, actor)
    check_verdict(Ground(row.ground), verdict)
    _note_review(connection, appeal_id, actor, seen, verdict, at=now)
    said = connection.execute(
        select(AppealReview.account_id, AppealReview.upholds)
        .where(AppealReview.appeal_id == appeal_id)
        .order_by(AppealReview.seq)
    ).all()
    state = state_after([one.upholds for one in said])
    if state in UNDECIDED:
        connection.execute(update(Appeal).where(Appeal.id == appeal_id).values(state=state.value))
        return state
    proposed_by, decided_by = (one.account_id for one in said)
    reason = f"申诉成立,经两名复核员复核({GROUND_WORDS[Ground(row.ground)]})"
    _decide(connection, row, case, state, Decision(reason, proposed_by, decided_by, now))
    return state


def _note_review(
    connection: Connection, appeal_id: int, actor: Actor, seen: Reviewing, verdict: Verdict, *, at: datetime
) -> None:
    connection.execute(
        insert(AppealReview).values(
            appeal_id=appeal_id,
            seq=len(seen.given_by) + 1,
            account_id=actor.account_id,
            unit_id=actor.unit_id,
            rated_unit_id=seen.rated_unit_id,
            owner_unit_id=seen.owner_unit_id,
            upholds=verdict.upholds,
            reason=masked(verdict.reason.strip()),
            at=at,
        )
    )


def _decide(
    connection: Connection, row: Row[Any], case: Row[Any], state: AppealState, decision: Decision
) -> None:
    effect = effect_of(row.staff_id) if state is AppealState.UPHELD else None
    decided = {"state": state.value, "effect": effect and effect.value, "decided_at": decision.at}
    connection.execute(update(Appeal).where(Appeal.id == row.id).values(**decided))
    if effect is None:
        add_step(connection, case, Step("note", decision.at, reason="申诉不成立,评价照常计入"), {})
    else:
        _take_effect(connection, row, case, effect, decision)
    notices.notify(
        connection,
        to_account=row.filed_by,
        sentence=_REJECTED if effect is None else _UPHELD,
        values={"no": row.no},
        link=f"/cases/{row.no}/appeal",
        dedupe_key=f"appeal:{row.id}:decided",
        at=decision.at,
    )


def _take_effect(
    connection: Connection, row: Row[Any], case: Row[Any], effect: Effect, decision: Decision
) -> None:
    """Let an upheld appeal act on the sums; a case whose ratings are all out is withdrawn."""
    if effect is Effect.REATTRIBUTED:
        standing.mend_attribution(connection, row.root, row.staff_id, decision)
    else:
        standing.decide_standing(connection, row.root, "excluded", decision)
    add_step(connection, case, Step("note", decision.at, reason=f"申诉成立:{EFFECT_WORDS[effect]}"), {})
    left = behind.still_counted(connection, facts.roots_of(connection, case.id))
    if not left and State(case.state) in BEFORE_THE_END:
        move_by_system(connection, case.id, State.CANCELLED, "申诉成立,这件的评价都不予采纳", now=decision.at)


def follow_calendar(connection: Connection, _event: CalendarChanged) -> None:
    """Follow a changed calendar: the terms of undecided appeals end by it; both values stand on the case."""
    now = clock.now()
    waiting = connection.execute(
        select(Appeal.id, Appeal.case_id, Appeal.filed_at, Appeal.due_at)
        .where(Appeal.state.in_(sorted(UNDECIDED)))
        .order_by(Appeal.id)
    ).all()
    for row in waiting:
        due_at = worktime.deadline(connection, row.filed_at, working_days(REVIEW_DAYS))
        if due_at == row.due_at:
            continue
        connection.execute(update(Appeal).where(Appeal.id == row.id).values(due_at=due_at))
        both = {"appeal_due_before": row.due_at, "appeal_due_after": due_at}
        step = Step("recompute", now, reason="工作日历有变动,申诉复核期限重新计算", facts=both)
        add_step(connection, locked(connection, row.case_id), step, {})
