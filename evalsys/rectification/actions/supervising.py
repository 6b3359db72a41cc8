"""督办单: written by themselves when a clock runs out, and told to those who can do something about it."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from evalsys.kernel import notices, outbox
from evalsys.kernel.words import N_
from evalsys.rectification.actions.steps import Step, add_step, locked
from evalsys.rectification.models import SupervisionNotice
from evalsys.rectification.queries.overdue import LightChanged, changed_lights
from evalsys.rectification.rules.lights import LIGHT_WORDS, Light
from evalsys.rectification.rules.states import STATE_WORDS, State

# Who hears of which light, beside the owner unit's people.
_TOLD: dict[Light, tuple[str, ...]] = {
    Light.RED: ("supervisor",),
    Light.RED_2: ("supervisor", "dispatcher"),
    Light.RED_3: ("supervisor", "leadership"),
}
_IN_THE_UNIT = ("owner", "head")
_SENTENCE = N_("督办:{no}“{state}”{light}。请尽快办理。")


def supervise(session: Session, now: datetime) -> int:
    """Write a 督办单 for every red light nobody was told of, in the order the lights changed.

    After days of downtime each case escalates once for each light it has passed. Says how many were written.
    """
    changed = changed_lights(session, now)
    for change in changed:
        _write(session, change, now)
    return len(changed)


def _write(session: Session, change: LightChanged, now: datetime) -> None:
    connection = session.connection()
    row = locked(connection, change.case_id)
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
    link = f"/cases/{change.no}"
    for role in _TOLD[change.light]:
        notices.notify(
            connection,
            to_role=role,
            sentence=_SENTENCE,
            values=words,
            link=link,
            dedupe_key=f"{key}:{role}",
            at=now,
        )
    if change.owner_unit_id is not None:
        for role in _IN_THE_UNIT:
            notices.notify(
                connection,
                to_role=role,
                to_unit=change.owner_unit_id,
                sentence=_SENTENCE,
                values=words,
                link=link,
                dedupe_key=f"{key}:{role}:unit",
                at=now,
            )
    payload = {"no": change.no, "state": change.state, "light": change.light.value}
    outbox.put(connection, "cases.overdue", payload, key, now)
