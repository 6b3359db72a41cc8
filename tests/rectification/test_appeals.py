"""An appeal: once, in time, with evidence; decided by two of other units; what is upheld leaves the sums."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalsys.evaluation.queries import ratings as said
from evalsys.kernel import clock, files, notices
from evalsys.kernel.access import EVERYTHING, Actor, Scope
from evalsys.kernel.periods import Period
from evalsys.kernel.settings import Settings
from evalsys.rectification.actions import appeals
from evalsys.rectification.models import Appeal, AppealReview, Case, CaseRating, CaseStep
from evalsys.rectification.queries import appeals as reading
from evalsys.rectification.rules import Missing, NotAllowed, NotYours
from evalsys.rectification.rules.appeals import AppealState, Filing, Ground, Verdict
from evalsys.rectification.rules.lights import Light
from evalsys.rectification.rules.states import State
from evalsys.scoring.queries import checks, sums
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.ranking import Ranking
from evalsys.worktime.events import CalendarChanged
from tests.builders import BuiltWindow, a_clerk, a_rating, a_unit, a_window, around, on_duty
from tests.rectification.people import MONDAY, present, somebody, walk

TUESDAY = MONDAY + timedelta(days=1)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
UPHELD, REJECTED = Verdict(True, "材料属实"), Verdict(False, "材料不足")


def evidence(session: Session, actor: Actor) -> tuple[tuple[str, str], ...]:
    """One file, kept as the site keeps them."""
    kept = files.harmless(PNG)
    return ((files.store(session, kept, actor.account_id), "叫号记录.png"),)


def a_filing(session: Session, actor: Actor, ground: Ground = Ground.REPEATED) -> Filing:
    return Filing(ground, "同一次服务评了两次,叫号记录见附件", evidence(session, actor))


class Scene:
    """A bad rating of a clerk on a Monday, with its case and the people around it."""

    def __init__(self, session: Session) -> None:
        for unit in ("GOV", "CALL", "LAW"):
            a_unit(session, unit, unit)
        self.window: BuiltWindow = a_window(session)
        self.clerk_id = a_clerk(session)
        on_duty(session, self.window, self.clerk_id, *around(MONDAY))
        self.root = a_rating(session, self.window, 1, at=MONDAY, entry="ticket", evidence="B").root
        self.case_id = session.execute(select(Case.id)).scalar_one()
        self.clerk = somebody(session, "clerk", "TAX", self.clerk_id)
        self.reviewers = [somebody(session, "appeal-reviewer", unit) for unit in ("GOV", "LAW")]

    def filed(self, session: Session, filing: Filing | None = None, at: datetime = TUESDAY) -> int:
        given = filing or a_filing(session, self.clerk)
        return appeals.file_appeal(session.connection(), self.case_id, self.root, self.clerk, given, now=at)

    def reviewed(self, session: Session, appeal_id: int, *verdicts: Verdict) -> AppealState:
        for actor, verdict in zip(self.reviewers, verdicts, strict=False):
            state = appeals.review_appeal(session.connection(), appeal_id, actor, verdict, now=TUESDAY)
        return state


@pytest.fixture
def scene(session: Session) -> Scene:
    return Scene(session)


def of_the_day(session: Session, settings: Settings, subject: str) -> Ranking:
    day = clock.day_of(MONDAY)
    return sums.ranking(session, subject, Filter(Period(day, day)), EVERYTHING, settings)


def test_what_two_uphold_leaves_the_ranking(session: Session, scene: Scene, site_settings: Settings) -> None:
    a_rating(session, scene.window, 5, at=MONDAY, entry="ticket", evidence="B")
    assert of_the_day(session, site_settings, "windows").total.n == 2
    assert scene.reviewed(session, scene.filed(session), UPHELD, UPHELD) is AppealState.UPHELD
    after = of_the_day(session, site_settings, "windows")
    assert after.total.n == 1
    assert after.excluded == 1
    assert checks.differences(session).differences == 0
    told = said.said(session, scene.root)
    assert told is not None
    assert (told.standing, told.level) == ("excluded", 1)
    assert "申诉成立" in told.standing_reason


def test_a_case_whose_ratings_are_all_out_is_withdrawn(session: Session, scene: Scene) -> None:
    walk(session, scene.case_id, State.RECTIFYING)
    scene.reviewed(session, scene.filed(session), UPHELD, UPHELD)
    assert present(session, scene.case_id).state == State.CANCELLED


def test_a_case_with_another_rating_goes_on(session: Session, scene: Scene) -> None:
    other = a_rating(session, scene.window, 2, at=MONDAY, entry="ticket", evidence="B").root
    session.execute(insert(CaseRating).values(case_id=scene.case_id, root=other, joined_at=MONDAY))
    scene.reviewed(session, scene.filed(session), UPHELD, UPHELD)
    assert present(session, scene.case_id).state == State.NEW


def test_a_closed_case_stays_closed(session: Session, scene: Scene) -> None:
    walk(session, scene.case_id, State.CLOSED)
    scene.reviewed(session, scene.filed(session), UPHELD, UPHELD)
    assert present(session, scene.case_id).state == State.CLOSED
    assert checks.differences(session).differences == 0


def test_work_of_somebody_else_becomes_theirs(
    session: Session, scene: Scene, site_settings: Settings
) -> None:
    other = a_clerk(session, "1002", "李强")
    filing = replace(a_filing(session, scene.clerk, Ground.NOT_THIS_WINDOW), staff_id=other)
    scene.reviewed(session, scene.filed(session, filing), UPHELD, UPHELD)
    rows = {row.named.code: row.n for row in of_the_day(session, site_settings, "staff").rows}
    assert (rows.get("1001", 0), rows["1002"]) == (0, 1)
    assert present(session, scene.case_id).state == State.NEW
    assert session.execute(select(Appeal.effect)).scalar_one() == "reattributed"
    assert checks.differences(session).differences == 0


@pytest.mark.parametrize("verdicts", [(UPHELD, REJECTED), (REJECTED, UPHELD), (REJECTED, REJECTED)])
def test_what_one_rejects_is_rejected(
    session: Session, scene: Scene, site_settings: Settings, verdicts: tuple[Verdict, Verdict]
) -> None:
    assert scene.reviewed(session, scene.filed(session), *verdicts) is AppealState.REJECTED
    assert of_the_day(session, site_settings, "windows").total.n == 1
    assert present(session, scene.case_id).state == State.NEW


def test_one_alone_decides_nothing(session: Session, scene: Scene) -> None:
    appeal_id = scene.filed(session)
    assert scene.reviewed(session, appeal_id, UPHELD) is AppealState.REVIEWED
    with pytest.raises(NotAllowed, match="您已经复核过"):
        scene.reviewed(session, appeal_id, UPHELD)
    told = said.said(session, scene.root)
    assert told is not None
    assert told.standing == "counted"


def test_nobody_sees_the_others_word_before_their_own(session: Session, scene: Scene) -> None:
    appeal_id = scene.filed(session)
    scene.reviewed(session, appeal_id, UPHELD)
    first, second = (reading.appeal(session, appeal_id, who, TUESDAY) for who in scene.reviewers)
    assert first is not None
    assert second is not None
    assert (len(first.reviews), len(second.reviews)) == (1, 0)
    appeals.review_appeal(session.connection(), appeal_id, scene.reviewers[1], REJECTED, now=TUESDAY)
    decided = reading.appeal(session, appeal_id, scene.reviewers[1], TUESDAY)
    assert decided is not None
    assert [one.upholds for one in decided.reviews] == [True, False]


def reviewer_of(session: Session, unit: str, staff_id: int | None = None) -> Actor:
    return somebody(session, "appeal-reviewer", unit, staff_id)


def test_who_is_involved_does_not_review(session: Session, scene: Scene) -> None:
    walk(session, scene.case_id, State.DISPATCHED, owner="CALL")
    appeal_id = scene.filed(session)
    rated_person = reviewer_of(session, "LAW", scene.clerk_id)
    same_person = replace(scene.reviewers[0], account_id=scene.clerk.account_id)
    rated, owner = a_unit(session, "TAX"), a_unit(session, "CALL")
    above = replace(scene.reviewers[0], scope=Scope(units=frozenset({scene.reviewers[0].unit_id, rated})))
    above_owner = replace(scene.reviewers[1], scope=Scope(units=frozenset({owner})))
    for actor, why in (
        (reviewer_of(session, "TAX"), "被评价的是您所在单位"),
        (reviewer_of(session, "CALL"), "整改由您所在单位承办"),
        (above, "被评价的是您所在单位"),
        (above_owner, "整改由您所在单位承办"),
        (rated_person, "涉及您本人"),
        (same_person, "是您提出的"),
        (somebody(session, "supervisor", "GOV"), "由复核员办理"),
    ):
        with pytest.raises(NotYours, match=why):
            appeals.review_appeal(session.connection(), appeal_id, actor, UPHELD, now=TUESDAY)


@pytest.mark.parametrize("conflict", ["rated unit", "owner unit", "same person"])
def test_the_table_itself_refuses_who_is_involved(session: Session, scene: Scene, conflict: str) -> None:
    appeal_id = scene.filed(session)
    scene.reviewed(session, appeal_id, UPHELD)
    first, second = scene.reviewers
    row = {
        "appeal_id": appeal_id,
        "seq": 2,
        "account_id": first.account_id if conflict == "same person" else second.account_id,
        "unit_id": second.unit_id,
        "rated_unit_id": second.unit_id if conflict == "rated unit" else scene.window.unit_id,
        "owner_unit_id": second.unit_id if conflict == "owner unit" else None,
        "upholds": True,
        "reason": "材料属实",
        "at": TUESDAY,
    }
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(AppealReview).values(**row))


def test_a_word_once_given_is_never_changed(session: Session, scene: Scene) -> None:
    scene.reviewed(session, scene.filed(session), UPHELD)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(update(AppealReview).values(upholds=False))


def test_a_number_in_a_reviewers_reason_is_masked_as_it_is_written(session: Session, scene: Scene) -> None:
    scene.reviewed(session, scene.filed(session), Verdict(True, "已向13812341234核实"))
    assert session.execute(select(AppealReview.reason)).scalar_one() == "已向[已隐去]核实"


@pytest.mark.parametrize(
    ("days", "why"), [(0, "从2026-10-20起才能看"), (4, None), (5, "3个工作日内提出,2026-10-23已截止")]
)
def test_an_appeal_has_three_working_days(session: Session, scene: Scene, days: int, why: str | None) -> None:
    at = MONDAY + timedelta(days=days)
    if why is None:
        assert scene.filed(session, at=at)
        return
    with pytest.raises(NotAllowed, match=why):
        scene.filed(session, at=at)


def test_a_rating_is_appealed_against_once(session: Session, scene: Scene) -> None:
    scene.reviewed(session, scene.filed(session), REJECTED, REJECTED)
    with pytest.raises(NotAllowed, match="只能申诉一次"):
        scene.filed(session)


def test_only_the_rated_side_appeals(session: Session, scene: Scene) -> None:
    colleague = somebody(session, "clerk", "TAX", a_clerk(session, "1002", "李强"))
    elsewhere = somebody(session, "window-manager", "GOV")
    for actor in (colleague, elsewhere, somebody(session, "supervisor", "GOV")):
        scene.clerk = actor
        with pytest.raises(NotYours):
            scene.filed(session)
    # Another role in the unit does not make a colleague the one who is rated.
    scene.clerk = replace(colleague, roles=frozenset({"clerk", "owner"}))
    with pytest.raises(NotYours):
        scene.filed(session)
    scene.clerk = somebody(session, "window-manager", "TAX")
    assert scene.filed(session)


def test_an_appeal_needs_words_and_a_file(session: Session, scene: Scene) -> None:
    full = a_filing(session, scene.clerk)
    for filing, field in ((replace(full, evidence=" "), "evidence"), (replace(full, files=()), "files")):
        with pytest.raises(Missing) as refused:
            scene.filed(session, filing)
        assert list(refused.value.faults) == [field]


def test_rude_words_alone_are_never_false(session: Session, scene: Scene) -> None:
    appeal_id = scene.filed(session, a_filing(session, scene.clerk, Ground.FALSE))
    with pytest.raises(Missing) as refused:
        scene.reviewed(session, appeal_id, UPHELD)
    assert list(refused.value.faults) == ["checked"]
    assert scene.reviewed(session, appeal_id, replace(UPHELD, is_more_than_rude=True), REJECTED)


def test_the_case_runs_on_while_an_appeal_waits(session: Session, scene: Scene) -> None:
    before = present(session, scene.case_id).due_at
    scene.filed(session)
    after = present(session, scene.case_id)
    assert after.due_at == before
    step = session.execute(select(CaseStep.act, CaseStep.reason).order_by(CaseStep.seq.desc()).limit(1)).one()
    assert step.act == "note"
    assert "时限照常计算" in step.reason


def test_an_appeal_that_waits_too_long_is_red(session: Session, scene: Scene) -> None:
    scene.filed(session)
    reviewer = scene.reviewers[0]
    lights = [
        reading.undecided(session, reviewer, TUESDAY + timedelta(days=days))[0].light for days in (0, 7, 8)
    ]
    assert lights == [Light.GREEN, Light.YELLOW, Light.RED]


def test_reviewers_and_then_the_one_who_appealed_are_told(session: Session, scene: Scene) -> None:
    def links(actor: Actor) -> list[str]:
        return [notice.link for notice in notices.notices_of(session, actor, 10, TUESDAY)]

    appeal_id = scene.filed(session)
    assert links(scene.reviewers[0]) == [f"/appeals/{appeal_id}"]
    scene.reviewed(session, appeal_id, REJECTED, REJECTED)
    no = present(session, scene.case_id).no
    assert links(scene.clerk) == [f"/cases/{no}/appeal"]


def test_a_changed_calendar_moves_the_end_of_a_review(session: Session, scene: Scene) -> None:
    appeal_id = scene.filed(session)
    due_at = session.execute(select(Appeal.due_at)).scalar_one()
    wrong: datetime = due_at - timedelta(days=3)
    session.execute(update(Appeal).values(due_at=wrong))
    appeals.follow_calendar(session.connection(), CalendarChanged(clock.day_of(MONDAY), clock.day_of(MONDAY)))
    session.expire_all()
    assert session.get_one(Appeal, appeal_id).due_at == due_at
    step = session.execute(select(CaseStep.facts).where(CaseStep.act == "recompute")).scalar_one()
    assert wrong.isoformat() in step


def test_appeals_are_counted_by_unit(session: Session, scene: Scene) -> None:
    day = clock.day_of(TUESDAY)
    a_rating(session, scene.window, 1, at=MONDAY, entry="ticket", evidence="B")
    scene.reviewed(session, scene.filed(session), UPHELD, UPHELD)
    found = reading.counts(session, day, day)
    assert found == {scene.window.unit_id: reading.AppealCounts(visible=2, filed=1, decided=1, upheld=1)}
    assert reading.counts(session, day + timedelta(days=1), day + timedelta(days=9)) == {}
