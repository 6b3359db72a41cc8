"""督办单: written by themselves when a clock runs out, and told to those who can do something about it."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from evalsys.kernel import outbox
from evalsys.kernel.words import N_
from evalsys.rectification.actions.steps import Step, add_step, locked
from evalsys.rectification.actions.telling import News, tell
from evalsys.rectification.models import SupervisionNotice
from evalsys.rectification.queries.overdue import LightChanged, changed_lights
from evalsys.rectification.rules.lights import LIGHT_WORDS, Light
from evalsys.rectification.rules.states import STATE_WORDS, State

# Who hears of which light.
_TOLD: dict[Light, tuple[str, ...]] = {
    Light.RED: ("owner", "head", "supervisor"),
    Light.RED_2: ("owner", "head", "supervisor", "dispatcher"),
    Light.RED_3: ("owner", "head", "supervisor", "leadership"),
}
_AT_ONCE = 200  # a run is one transaction, and everybody waits for it
_SENTENCE = N_("督办:{no}“{state}”{light}。请尽快办理。")


def supervise(session: Session, now: datetime) -> int:
    """Write a 督办单 for every red light nobody was told of, in the order the lights changed.

    After days of downtime each case escalates once for each light it has passed. At most 200
    at a time, the earliest first: the rest is the next run's. Says how many were written.
    """
    changed = changed_lights(session, now)[:_AT_ONCE]
    return sum(_write(session, change, now) for change in changed)


def _write(session: Session, change: LightChanged, now: datetime) -> bool:
    """Write one 督办单; False where the case was moved before it could be held."""
    connection = session.connection()
    row = locked(connection, change.case_id)
    if (row.state, row.due_at) != (change.state, change.due_at):
        return False
    words = {
        "no": change.no,
        "state": STATE_WORDS[State(change.state)],
        "light": LIGHT_WORDS[change.light],
    }
    seq = add_step(
        connection,
        row,
        Step("notice", now, reason=_SENTENCE.format(**words), facts={"light": change.light.value}),
        {},
    )
    connection.execute(
        insert(SupervisionNotice).values(
            case_id=change.case_id,
            seq=seq,
            light=change.light.value,
            state=change.state,
            unit_id=change.owner_unit_id,
            due_at=change.due_at,
            changed_at=change.changed_at,
            made_at=now,
        )
    )
    key = f"supervision:{change.case_id}:{seq}"
    tell(connection, _TOLD[change.light], change.owner_unit_id, News(change.no, _SENTENCE, words, key, now))
    payload = {"no": change.no, "state": change.state, "light": change.light.value}
    outbox.put(connection, "cases.overdue", payload, key, now)
    return True
