"""Two people hold, leave out and count again; nothing disappears, and the public sees whole tens only."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalsys.assurance.actions.signals import find_signals
from evalsys.assurance.actions.standing import decide, propose
from evalsys.assurance.models import ProposalDecision, SignalHit
from evalsys.assurance.queries import hits, proposals
from evalsys.assurance.rules.standing import (
    AlreadyDecided,
    AlreadyProposed,
    LeftOut,
    NotOutside,
    NotProposed,
    Proposal,
    ground_in,
    months_left_out,
    reason_of,
)
from evalsys.evaluation.actions.standing import (
    LAPSED,
    Decision,
    decide_standing,
    lapse_holds,
    mend_attribution,
)
from evalsys.evaluation.models import Attribution
from evalsys.evaluation.queries import standings
from evalsys.evaluation.rules import NotTwoPeople
from evalsys.kernel import clock
from evalsys.kernel.access import Actor
from evalsys.kernel.models import JournalEntry
from evalsys.organisation.models import Unit
from evalsys.scoring.queries import checks
from tests.assurance.test_signals_job import NIGHT, one_phone
from tests.builders import a_clerk, a_rating, a_unit, a_window
from tests.rectification.people import somebody

DAY = date(2026, 3, 4)  # a Wednesday
NOW = clock.at(DAY, time(15))
LATER = NOW + timedelta(hours=1)
MARCH = date(2026, 3, 1)


class Desk:
    """A window with three ratings, and two people of another unit who decide."""

    def __init__(self, session: Session) -> None:
        a_unit(session, "GOV", "政务办")
        self.window = a_window(session)
        self.roots = tuple(sorted(a_rating(session, self.window, 5, at=NOW).root for _ in range(3)))
        self.one = somebody(session, "supervisor", "GOV")
        self.other = somebody(session, "auditor", "GOV")

    def proposal(self, standing: str = "excluded", ground: str = "no-service") -> Proposal:
        return Proposal(standing, ground, "核对了当天的叫号记录", self.roots)


@pytest.fixture
def desk(session: Session) -> Desk:
    return Desk(session)


def proposed(
    session: Session,
    desk: Desk,
    standing: str = "excluded",
    ground: str = "no-service",
    at: datetime = NOW,
) -> int:
    return propose(session.connection(), desk.one, desk.proposal(standing, ground), None, now=at)


def agreed(session: Session, desk: Desk, proposal_id: int, at: datetime = NOW) -> None:
    decide(session.connection(), desk.other, proposal_id, agrees=True, note="", now=at)


def now_stand(session: Session, desk: Desk) -> set[str]:
    return {one.standing for one in standings.standing_of(session, desk.roots).values()}


def test_a_proposal_alone_changes_nothing(session: Session, desk: Desk) -> None:
    proposed(session, desk)
    assert now_stand(session, desk) == {"counted"}
    assert [one.ratings for one in proposals.waiting(session)] == [3]


def test_with_the_second_persons_word_the_ratings_leave_the_sums(session: Session, desk: Desk) -> None:
    agreed(session, desk, proposed(session, desk))
    assert now_stand(session, desk) == {"excluded"}
    assert proposals.waiting(session) == []
    assert checks.differences(session).differences == 0
    for root in desk.roots:
        (row,) = standings.decided_on(session, root)
        assert row.reason == "当时没有对应的办事:核对了当天的叫号记录"
        assert (row.proposed_by, row.decided_by) == (desk.one.account_id, desk.other.account_id)


def test_a_number_in_a_reason_stands_in_no_row_that_nobody_can_change(session: Session, desk: Desk) -> None:
    told = replace(desk.proposal(), words="本人13812341234来电说重复提交")
    proposal_id = propose(session.connection(), desk.one, told, None, now=NOW)
    decide(session.connection(), desk.other, proposal_id, agrees=True, note="13900004321核对过", now=NOW)
    found = proposals.proposal(session, proposal_id)
    assert found is not None
    assert (found.reason, found.note) == ("本人[已隐去]来电说重复提交", "[已隐去]核对过")
    reasons = {row.reason for root in desk.roots for row in standings.decided_on(session, root)}
    assert reasons == {"当时没有对应的办事:本人[已隐去]来电说重复提交"}


def test_what_is_said_elsewhere_of_a_rating_holds_no_number_either(session: Session, desk: Desk) -> None:
    connection, clerk = session.connection(), a_clerk(session)
    said = Decision("13812341234来电", desk.one.account_id, desk.other.account_id, NOW)
    decide_standing(connection, desk.roots[0], "held", said)
    mend_attribution(connection, desk.roots[0], clerk, said)
    assert [row.reason for row in standings.decided_on(session, desk.roots[0])] == ["[已隐去]来电"]
    mended = select(Attribution.reason).where(Attribution.how == "mended")
    assert session.execute(mended).scalars().all() == ["[已隐去]来电"]


def test_what_is_refused_stays_counted_and_on_record(session: Session, desk: Desk) -> None:
    proposal_id = proposed(session, desk)
    decide(session.connection(), desk.other, proposal_id, agrees=False, note="记录对得上", now=NOW)
    assert now_stand(session, desk) == {"counted"}
    found = proposals.proposal(session, proposal_id)
    assert found is not None
    assert (found.agreed, found.note) == (False, "记录对得上")


def test_nobody_decides_on_their_own_proposal(session: Session, desk: Desk) -> None:
    proposal_id = proposed(session, desk)
    with pytest.raises(NotTwoPeople):
        decide(session.connection(), desk.one, proposal_id, agrees=True, note="", now=NOW)


def test_the_database_holds_the_two_apart_too(session: Session, desk: Desk) -> None:
    row = {"proposal_id": proposed(session, desk), "agreed": True, "note": "", "at": NOW}
    one, other = desk.one.account_id, desk.other.account_id
    for proposed_by, decided_by in ((one, one), (other, one)):
        people = {"proposed_by": proposed_by, "decided_by": decided_by}
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(insert(ProposalDecision).values(row | people))


def test_nobody_of_the_rated_unit_has_a_hand_in_it(session: Session, desk: Desk) -> None:
    inside = somebody(session, "supervisor", "TAX")
    with pytest.raises(NotOutside):
        propose(session.connection(), inside, desk.proposal(), None, now=NOW)
    proposal_id = proposed(session, desk)
    with pytest.raises(NotOutside):
        decide(session.connection(), inside, proposal_id, agrees=True, note="", now=NOW)


def test_nobody_of_a_unit_below_the_rated_one_has_a_hand_in_it_either(session: Session, desk: Desk) -> None:
    below = somebody(session, "supervisor", "TAX-1")
    session.execute(update(Unit).where(Unit.id == below.unit_id).values(parent_id=a_unit(session)))
    with pytest.raises(NotOutside):
        propose(session.connection(), below, desk.proposal(), None, now=NOW)
    proposal_id = proposed(session, desk)
    with pytest.raises(NotOutside):
        decide(session.connection(), below, proposal_id, agrees=True, note="", now=NOW)


def test_a_proposal_older_than_another_decision_cannot_undo_it(session: Session, desk: Desk) -> None:
    proposal_id = proposed(session, desk, "held", "checking")
    upheld = Decision(
        "申诉成立", somebody(session, "appeal-reviewer", "GOV").account_id, desk.other.account_id, LATER
    )
    decide_standing(session.connection(), desk.roots[0], "excluded", upheld)
    with pytest.raises(AlreadyDecided):
        agreed(session, desk, proposal_id, LATER)
    assert now_stand(session, desk) == {"excluded", "counted"}
    decide(session.connection(), desk.other, proposal_id, agrees=False, note="申诉已成立", now=LATER)
    assert proposals.waiting(session) == []


def test_a_proposal_still_counts_after_a_hold_lapsed_by_itself(session: Session, desk: Desk) -> None:
    agreed(session, desk, proposed(session, desk, "held", "checking"))
    proposal_id = proposed(session, desk, at=LATER)
    assert lapse_holds(session, NOW + timedelta(days=8)) == 3
    agreed(session, desk, proposal_id, NOW + timedelta(days=9))
    assert now_stand(session, desk) == {"excluded"}


def test_ratings_that_wait_for_a_decision_are_not_proposed_again(session: Session, desk: Desk) -> None:
    proposed(session, desk)
    with pytest.raises(AlreadyProposed):
        proposed(session, desk, "held", "checking")


def test_a_proposal_is_decided_once(session: Session, desk: Desk) -> None:
    proposal_id = proposed(session, desk)
    agreed(session, desk, proposal_id)
    with pytest.raises(AlreadyDecided):
        agreed(session, desk, proposal_id)


UNFIT = (
    Proposal("excluded", "no-service", "", (1,)),
    Proposal("excluded", "checking", "核对过", (1,)),
    Proposal("counted", "genuine", "核对过", (1,)),
    Proposal("held", "checking", "核对过", ()),
    Proposal("held", "checking", "核对过", (2,)),
    Proposal("gone", "checking", "核对过", (1,)),
)


def test_a_proposal_needs_ratings_a_ground_that_fits_and_words(session: Session, desk: Desk) -> None:
    known = {1: desk.roots[0]}
    for unfit in UNFIT:
        wanted = replace(unfit, roots=tuple(known.get(root, root) for root in unfit.roots))
        with pytest.raises(NotProposed):
            propose(session.connection(), desk.one, wanted, None, now=NOW)
    assert proposals.waiting(session) == []


def test_a_hold_nobody_decides_on_lapses_after_five_working_days(session: Session, desk: Desk) -> None:
    agreed(session, desk, proposed(session, desk, "held", "checking"))
    assert lapse_holds(session, NOW + timedelta(days=7)) == 0
    assert now_stand(session, desk) == {"held"}
    assert lapse_holds(session, NOW + timedelta(days=8)) == 3
    assert now_stand(session, desk) == {"counted"}
    assert checks.differences(session).differences == 0


def test_what_was_held_is_counted_again_by_two_and_every_step_stays(session: Session, desk: Desk) -> None:
    agreed(session, desk, proposed(session, desk, "held", "checking"))
    agreed(session, desk, proposed(session, desk, "counted", "genuine", LATER), NOW + timedelta(days=1))
    assert now_stand(session, desk) == {"counted"}
    log = standings.decided(session, None, 10)
    assert [(row.standing, row.stands) for row in log] == [("counted", True)] * 3 + [("held", False)] * 3


def test_the_log_goes_on_from_a_mark(session: Session, desk: Desk) -> None:
    agreed(session, desk, proposed(session, desk))
    first = standings.decided(session, None, 2)
    rest = standings.decided(session, (first[-1].at, first[-1].root), 2)
    assert sorted(row.root for row in (*first, *rest)) == sorted(desk.roots)


def test_a_lapsed_hold_is_nobodys_decision_in_the_log(session: Session, desk: Desk) -> None:
    agreed(session, desk, proposed(session, desk, "held", "checking"))
    lapse_holds(session, NOW + timedelta(days=8))
    latest = standings.decided(session, None, 1)[0]
    assert (latest.reason, latest.proposed_by, latest.decided_by) == (LAPSED, None, None)


def test_both_words_are_in_the_journal(session: Session, desk: Desk) -> None:
    agreed(session, desk, proposed(session, desk))
    verbs = session.scalars(select(JournalEntry.verb).order_by(JournalEntry.id.desc()).limit(2)).all()
    assert verbs == ["agree-standing", "propose-standing"]


def test_a_hit_shows_its_ratings_and_what_was_proposed(session: Session) -> None:
    roots = one_phone(session)
    find_signals(session, NIGHT)
    a_unit(session, "GOV", "政务办")
    actor: Actor = somebody(session, "supervisor", "GOV")
    (hit,) = hits.latest(session, "", None)
    assert hits.roots_of(session, hit.id) == tuple(sorted(roots))
    wanted = Proposal("held", "checking", "正在对叫号记录", tuple(roots[:5]))
    propose(session.connection(), actor, wanted, hit.id, now=NIGHT)
    assert [one.ratings for one in proposals.of_hit(session, hit.id)] == [5]
    (again,) = hits.latest(session, "one-device", None)
    assert again.proposals == 1
    assert hits.latest(session, "repeats", None) == []
    assert hits.latest(session, "", (hit.day, hit.id)) == []
    assert session.execute(select(func.count()).select_from(SignalHit)).scalar_one() == 1


def left_out(n: int, standing: str, reason: str, day: date = DAY) -> list[LeftOut]:
    return [LeftOut(day, standing, reason)] * n


def test_the_public_sees_whole_tens_and_no_ground_of_a_few() -> None:
    (month,) = months_left_out(
        [MARCH],
        [
            *left_out(23, "excluded", reason_of("no-service", "叫号记录里没有")),
            *left_out(9, "excluded", "申诉成立,经两名复核员复核(重复)"),
            *left_out(9, "held", reason_of("checking", "核对中")),
        ],
    )
    assert (month.month, month.excluded, month.held) == (MARCH, 30, None)
    assert month.grounds == (("当时没有对应的办事", 20),)


def test_one_rating_more_or_less_is_not_seen_by_the_public() -> None:
    for least in (0, 10):
        seen = {
            repr(months_left_out([MARCH], left_out(n, "excluded", reason_of("fault", "平板死机"))))
            for n in range(least, least + 10)
        }
        assert len(seen) == 1


def test_the_public_reads_a_ground_and_never_the_words() -> None:
    assert ground_in(reason_of("fault", "3号平板重复提交")) == "设备或系统出错"
    assert ground_in("同一部手机半小时内连续评了多个窗口") == "其他理由"


def test_what_is_left_out_is_found_by_its_own_month(session: Session, desk: Desk) -> None:
    agreed(session, desk, proposed(session, desk), NOW + timedelta(days=40))
    first = date(2026, 3, 1)
    found = standings.left_out_since(session, first, clock.at(first, time()))
    assert found == [(DAY, "excluded", "当时没有对应的办事:核对了当天的叫号记录")] * 3
    later = date(2026, 4, 1)
    assert standings.left_out_since(session, later, clock.at(later, time())) == []
