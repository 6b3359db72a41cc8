"""Random people try random moves: exactly those of the table succeed, whatever happened before."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.kernel.access import Actor
from evalsys.kernel.refusals import Refused
from evalsys.rectification.actions.moving import move_case, note_try, undo
from evalsys.rectification.models import Case, CaseStep
from evalsys.rectification.queries import facts
from evalsys.rectification.rules import NotAllowed
from evalsys.rectification.rules.fields import FieldValue
from evalsys.rectification.rules.lights import light
from evalsys.rectification.rules.states import State
from tests.builders import a_clerk, a_rating, a_unit, a_window, around, on_duty
from tests.rectification.people import MONDAY, somebody, walk

# The table once more, by who makes each move: written down apart from the product's own.
TABLE: dict[str, dict[str, set[str]]] = {
    "NEW": {"TRIAGED": {"supervisor"}, "CANCELLED": set()},
    "TRIAGED": {"DISPATCHED": {"dispatcher", "supervisor"}, "CLOSED": {"supervisor"}, "CANCELLED": set()},
    "DISPATCHED": {"RETURN_REQUESTED": {"owner"}, "ACCEPTED": {"owner"}},
    "RETURN_REQUESTED": {"DISPATCHED": {"dispatcher"}, "ACCEPTED": {"dispatcher"}},
    "ACCEPTED": {"CONTACTED": {"owner"}, "UNREACHABLE": {"owner"}},
    "CONTACTED": {"RECTIFYING": {"owner"}},
    "UNREACHABLE": {"RECTIFYING": {"owner"}},
    "RECTIFYING": {"EXTENSION_REQUESTED": {"owner"}, "SUBMITTED": {"owner"}, "SUSPENDED": {"leadership"}},
    "EXTENSION_REQUESTED": {"RECTIFYING": {"supervisor"}},
    "SUBMITTED": {"ACCEPTANCE": {"head"}, "RECTIFYING": {"head"}},
    "ACCEPTANCE": {"CALLBACK": {"supervisor"}, "RECTIFYING": {"supervisor"}},
    "CALLBACK": {"CLOSED": {"callback-officer"}, "REDO": {"callback-officer"}},
    "REDO": {"DISPATCHED": {"dispatcher"}},
    "LEADERSHIP": {"DISPATCHED": {"leadership"}, "CLOSED": {"leadership"}},
    "SUSPENDED": {"RECTIFYING": {"leadership", "supervisor"}},
    "CLOSED": {},
    "CANCELLED": {},
}
INSIDERS = {"owner", "head"}  # of the owner unit
OUTSIDERS = {("ACCEPTANCE", "supervisor"), ("CALLBACK", "callback-officer")}  # of any other
ROLES = ("supervisor", "dispatcher", "owner", "head", "callback-officer", "leadership", "auditor")
UNITS = ("TAX", "GOV", "CALL")
STRAIGHT = (
    State.DISPATCHED,
    State.ACCEPTED,
    State.RECTIFYING,
    State.SUBMITTED,
    State.ACCEPTANCE,
    State.CALLBACK,
    State.CLOSED,
)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_only_the_moves_of_the_table_are_made(session: Session) -> None:
    class Loop(_Loop):
        """The machine on this test's site."""

        site = session

    # Made once: a password's hash is dear, and every run takes back what it did.
    for role in ROLES:
        for unit in UNITS:
            somebody(session, role, unit)
    run_state_machine_as_test(
        Loop,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            derandomize=True,
            # A failure is said at once; making it smaller would take minutes.
            phases=(Phase.generate,),
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


class _Loop(RuleBasedStateMachine):
    site: Session

    @initialize(start=st.sampled_from([None, *STRAIGHT]))
    def open(self, start: State | None) -> None:
        """A bad rating of one clerk's work opened a case, which has come some way already."""
        self.outer = self.site.begin_nested()
        self.now = MONDAY
        window = a_window(self.site, number=f"{id(self)}"[-12:])
        self.clerk = a_clerk(self.site, staff_no=f"{id(self)}"[-12:])
        on_duty(self.site, window, self.clerk, *around(MONDAY))
        rating = a_rating(self.site, window, 1, entry="ticket", evidence="B", at=MONDAY)
        case_id = facts.case_of_rating(self.site, rating.root)
        assert case_id is not None
        self.case_id = case_id
        self.units = {code: a_unit(self.site, code) for code in UNITS}
        if start is not None:
            walk(self.site, case_id, start)

    def teardown(self) -> None:
        if hasattr(self, "outer"):
            self.outer.rollback()
            self.site.expire_all()

    def _present(self) -> Any:
        row = facts.case_row(self.site, self.case_id)
        assert row is not None
        return row

    def _given(self, data: st.DataObject, state: str, target: str) -> dict[str, FieldValue]:
        """What a careful person fills in."""
        owner = self.units[data.draw(st.sampled_from(["TAX", "GOV"]), "owner")]
        given: dict[str, FieldValue] = {"reason": "理由充分", "owner": owner, "right_owner": owner}
        given |= {"class": data.draw(st.sampled_from(["at-once", "within-term", "unverifiable"]), "class")}
        given |= {"how": "phone", "when": self.now, "summary": "已联系", "days": 3, "granted": "yes"}
        given |= {"finding": "true", "cause": "process", "measures": "已改", "reply": "已改好"}
        given |= dict.fromkeys(("true", "reasonable", "complete", "reached", "solved"), "yes")
        given |= {"satisfied": "dissatisfied" if target == "REDO" else "satisfied", "pressed": "no"}
        given |= {"rule": "上级规定", "review_on": (self.now + timedelta(days=9)).date()}
        return given

    @rule(
        data=st.data(),
        role=st.sampled_from(ROLES),
        unit=st.sampled_from(UNITS),
        rated=st.sampled_from([False, False, False, True]),
    )
    def somebody_tries_a_move(self, data: st.DataObject, role: str, unit: str, *, rated: bool) -> None:
        """A person tries a move, mostly one the table knows from here."""
        before = self._present()
        known = sorted(TABLE[before.state]) or ["NEW"]
        target = data.draw(st.one_of(st.sampled_from(known), st.sampled_from(sorted(TABLE))), "target")
        self._attempt(role, unit, target, self._given(data, before.state, target), rated=rated)

    @rule(data=st.data())
    def the_right_person_makes_a_move(self, data: st.DataObject) -> None:
        """Whoever the table names makes one of its moves, so that every state is reached."""
        before = self._present()
        ways = [(to, role) for to, roles in TABLE[before.state].items() for role in sorted(roles)]
        if not ways:
            return
        target, role = data.draw(st.sampled_from(ways), "way")
        unit = self._home(role, before)
        self._attempt(role, unit, target, self._given(data, before.state, target), rated=False)

    @precondition(lambda self: self._present().state in ("ACCEPTANCE", "CALLBACK"))
    @rule(data=st.data(), good=st.booleans())
    def the_owner_unit_judges_itself(self, data: st.DataObject, *, good: bool) -> None:
        """Somebody of the owner unit tries to accept or call back."""
        before = self._present()
        state = before.state
        role = "supervisor" if state == "ACCEPTANCE" else "callback-officer"
        ways = {"ACCEPTANCE": ("RECTIFYING", "CALLBACK"), "CALLBACK": ("REDO", "CLOSED")}[state]
        codes = {unit_id: code for code, unit_id in self.units.items()}
        target = ways[good]
        given = self._given(data, state, target)
        self._attempt(role, codes[before.owner_unit_id], target, given, rated=False)

    def _home(self, role: str, row: Any) -> str:
        codes = {unit_id: code for code, unit_id in self.units.items()}
        owner = codes.get(row.owner_unit_id, "TAX")
        return owner if role in INSIDERS else next(code for code in UNITS if code != owner)

    def _attempt(
        self, role: str, unit: str, target: str, given: dict[str, FieldValue], *, rated: bool
    ) -> None:
        before = self._present()
        actor = somebody(self.site, role, unit, self.clerk if rated else None)
        with self._tried() as refusals:
            move_case(self.site.connection(), self.case_id, State(target), actor, given, now=self.now)
        may = self._may(before, actor, role, target)
        if may and not refusals and not rated:
            return
        if not may or rated:
            assert refusals, f"{role} of {unit} moved {before.state} to {target}"
        assert self._present() == before

    def _may(self, row: Any, actor: Actor, role: str, target: str) -> bool:
        needed = TABLE[row.state].get(target, set())
        if row.state == "RETURN_REQUESTED" and row.returns > 1 and needed:
            needed = {"supervisor"}
        if role not in needed:
            return False
        is_inside = actor.unit_id == row.owner_unit_id
        if role in INSIDERS:
            return is_inside
        return not ((row.state, role) in OUTSIDERS and is_inside)

    @contextmanager
    def _tried(self) -> Iterator[list[Refused]]:
        refusals: list[Refused] = []
        point = self.site.begin_nested()
        try:
            yield refusals
        except Refused as refused:
            refusals.append(refused)
            point.rollback()
        else:
            point.commit()

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        """Hours or days go by."""
        self.now += timedelta(hours=hours)

    @rule(unit=st.sampled_from(UNITS))
    def the_owner_notes_a_try(self, unit: str) -> None:
        """Somebody tries to reach the rater."""
        with self._tried():
            owner = somebody(self.site, "owner", unit)
            note_try(
                self.site.connection(), self.case_id, owner, how="phone", outcome="无人接听", now=self.now
            )

    @rule(role=st.sampled_from(ROLES), unit=st.sampled_from(UNITS))
    def somebody_takes_a_step_back(self, role: str, unit: str) -> None:
        """Undoing restores every column the step changed, or is refused."""
        last = self._steps()[-1]
        before = self._present()
        actor = somebody(self.site, role, unit)
        with self._tried() as refusals:
            undo(self.site.connection(), self.case_id, actor, now=self.now)
        if refusals:
            assert self._present() == before
            return
        assert (last.act, last.actor_id) == ("move", actor.account_id)
        assert self.now - last.at <= timedelta(minutes=10)
        after = self._present()
        assert after.state == last.from_state
        for name, value in json.loads(last.before).items():
            kept = getattr(after, name)
            assert (kept.isoformat() if isinstance(kept, datetime) else kept) == value

    def _steps(self) -> list[Any]:
        columns = CaseStep.__table__.c
        return list(
            self.site.execute(select(*columns).where(columns.case_id == self.case_id).order_by(columns.seq))
        )

    @invariant()
    def the_steps_tell_the_whole_story(self) -> None:
        """Numbered without a gap, each from where the one before ended; judged from outside."""
        if not hasattr(self, "case_id"):
            return
        row, steps = self._present(), self._steps()
        assert [step.seq for step in steps] == list(range(1, row.version + 1))
        state = ""
        for step in steps:
            assert step.from_state == state
            state = step.to_state
            if step.from_state in ("ACCEPTANCE", "CALLBACK") and step.act == "move":
                assert step.actor_unit_id != step.owner_unit_id
        assert state == row.state
        assert row.redo_count <= 3

    @invariant()
    def a_clock_runs_while_the_case_is_open(self) -> None:
        """An open case has a clock whose light is computed; an ended one has none."""
        if not hasattr(self, "case_id"):
            return
        row = self._present()
        ended = row.state in ("CLOSED", "CANCELLED")
        assert (row.due_at is None) == ended
        light(facts.clocks_of(row), self.now)


def test_a_case_that_nobody_knows_is_not_moved(session: Session) -> None:
    with pytest.raises(LookupError):
        move_case(session.connection(), 4711, State.TRIAGED, somebody(session, "supervisor"), {}, now=MONDAY)
    assert session.execute(select(Case.id)).first() is None
    assert issubclass(NotAllowed, Refused)
