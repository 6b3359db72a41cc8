"""The home of everybody who works cases: what waits, by the time that is left."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock, paging
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.organisation.queries import directory
from evalsys.rectification.queries import queue as cases
from evalsys.rectification.rules import READ_CASES
from evalsys.rectification.rules.lights import LIGHT_SIGNS, LIGHT_WORDS
from evalsys.rectification.rules.states import OPEN, STATE_WORDS
from evalsys.rectification.rules.terms import KIND_WORDS, PROFILES
from evalsys.rectification.views.blueprint import bp


@bp.get("/cases")
@requires(READ_CASES)
def queue() -> ResponseReturnValue:
    """Show the open cases, overdue first; at first only those that wait for the person who asks."""
    actor, now = current_actor(), clock.now()
    asked = cases.asked_of(request.args, mine=request.args.get("mine", "1") == "1")
    page = paging.page_asked()
    total = cases.queue_length(db.session(), asked, actor, now)
    return render_template(
        "rectification/queue.html",
        asked=asked,
        lines=cases.queue(db.session(), asked, actor, now, (page - 1) * cases.PAGE),
        page=page,
        pages=max(1, -(-total // cases.PAGE)),
        total=total,
        bare=cases.is_clerks_side(actor),
        departments=directory.units_on(db.session(), clock.day_of(now)).values(),
        open_states=[state for state in STATE_WORDS if state in OPEN],
        state_words=STATE_WORDS,
        light_words=LIGHT_WORDS,
        light_signs=LIGHT_SIGNS,
        kind_words=KIND_WORDS,
        profiles=PROFILES,
    )
