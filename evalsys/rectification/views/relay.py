"""Messages and contacts on the desks' side: the supervisor's relay desk, and what stands on a case's page."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from evalsys.evaluation.queries import follow_ups
from evalsys.evaluation.queries.follow_ups import FollowUp
from evalsys.evaluation.rules import LEVEL_BY_VALUE, plain_text
from evalsys.kernel import clock
from evalsys.kernel.access import Actor, current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.kernel.masking import masked
from evalsys.rectification.actions import contacts as contact_actions
from evalsys.rectification.actions import messages as actions
from evalsys.rectification.queries import contacts, facts, messages, story
from evalsys.rectification.rules import SEE_EVERY_CASE, Changed, Missing, NotAllowed, NotYours
from evalsys.rectification.rules.citizens import (
    READ_CONTACTS,
    RELAY,
    WRITE_TO_CITIZENS,
    GivenContact,
    may_read_contacts,
    may_write,
)
from evalsys.rectification.views.blueprint import bp
from evalsys.rectification.views.reading import note_reading_messages

_DONE = {"relay": actions.relay, "withhold": actions.withhold, "answer": actions.answer}


@bp.get("/cases/messages")
@requires(RELAY)
def messages_waiting() -> ResponseReturnValue:
    """Show the messages that wait to be passed on, the oldest first."""
    return _waiting({})


@bp.post("/cases/messages/<int:message_id>/<any(relay,withhold,answer):what>")
@requires(RELAY)
def decide_message(message_id: int, what: str) -> ResponseReturnValue:
    """Pass a message on, keep it back, or answer it; what is wrong is said beside it, the input kept."""
    if messages.message(db.session(), message_id) is None:
        abort(404)
    words = plain_text(request.form.get("words", ""))
    try:
        _DONE[what](db.session().connection(), message_id, current_actor(), words, now=clock.now())
    except (Missing, NotAllowed, Changed, NotYours) as refusal:
        fault = {"id": message_id, "what": what, "words": words, "sentence": say(refusal)}
        return _waiting(fault), refusal.status
    flash(_("已办理。"))
    return redirect(url_for(".messages_waiting"), 303)


def _waiting(fault: Mapping[str, object]) -> str:
    # This ends what the request has begun: nothing is written after it.
    note_reading_messages()
    return render_template("rectification/relay.html", waiting=messages.waiting(db.session()), fault=fault)


@bp.post("/cases/<no>/messages")
@requires(WRITE_TO_CITIZENS)
def write_to_citizen(no: str) -> ResponseReturnValue:
    """Write to the raters of a case; an owner's words wait for the supervisor."""
    case_id, words = _case_id(no), plain_text(request.form.get("words", ""))
    key = request.form.get("key", "")[:64] or secrets.token_urlsafe(24)
    try:
        actions.write_to_citizen(
            db.session().connection(), case_id, current_actor(), words, key, now=clock.now()
        )
    except (Missing, NotAllowed, NotYours) as refusal:
        values = {"no": no, "words": words, "key": key, "fault": say(refusal)}
        return render_template("rectification/writing.html", **values), refusal.status
    flash(_("留言已保存。"))
    return redirect(url_for(".case", no=no), 303)


@bp.post("/cases/<no>/contact")
@requires(READ_CONTACTS)
def contact(no: str) -> ResponseReturnValue:
    """Show one contact in full, once, for a reason that the journal keeps."""
    case_id, contact_id = _case_id(no), request.form.get("contact", 0, type=int)
    reason = plain_text(request.form.get("reason", ""))[:200]
    fault, found = _opened(case_id, contact_id, reason)
    values = {"no": no, "contact_id": contact_id, "fault": fault and say(fault), "contact": found}
    page = render_template("rectification/contact_shown.html", **values)
    return page, fault.status if fault else 200, {"Cache-Control": "no-store"}


def _opened(
    case_id: int, contact_id: int, reason: str
) -> tuple[Missing | NotAllowed | NotYours | None, GivenContact | None]:
    actor, now = current_actor(), clock.now()
    try:
        return None, contact_actions.open_contact(db.session(), case_id, contact_id, actor, reason, now=now)
    except LookupError:
        abort(404)
    except (Missing, NotAllowed, NotYours) as refusal:
        return refusal, None


def panel(session: Session, case_id: int, actor: Actor) -> tuple[str, dict[str, Any]] | None:
    """What a case's page shows of the talk with its raters; None for everybody else."""
    row = facts.case_row(session, case_id)
    if row is None or not actor.may(READ_CONTACTS):
        return None
    case = facts.as_is(session, row, clock.now())
    is_reader, is_writer = may_read_contacts(actor, case), may_write(actor, case)
    if not is_reader and not is_writer:
        return None
    is_supervisor = actor.may(RELAY)
    values = {
        "no": row.no,
        "messages": messages.of_case(session, case_id, is_supervisor=is_supervisor),
        "contacts": contacts.contacts_of(session, case_id) if is_reader else [],
        "follow_ups": _follow_ups(session, case_id, actor),
        "levels": LEVEL_BY_VALUE,
        "may_read": is_reader,
        "may_write": actor.may(WRITE_TO_CITIZENS) and is_writer,
        "is_supervisor": is_supervisor,
        "key": secrets.token_urlsafe(24),
    }
    return "rectification/talk.html", values


def _follow_ups(session: Session, case_id: int, actor: Actor) -> Sequence[FollowUp]:
    """What raters said once more; to the owner's side numbers that lead to a person are masked."""
    more = follow_ups.follow_ups(session, facts.roots_of(session, case_id)).values()
    openly = bool(actor.roles & SEE_EVERY_CASE)
    return [one if openly else replace(one, text=masked(one.text)) for one in more]


def _case_id(no: str) -> int:
    return story.visible_id(db.session(), no, current_actor(), clock.now()) or abort(404)
