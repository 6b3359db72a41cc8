"""The home of everybody who works cases: what waits, by the time that is left; and the list of all."""

from typing import Any
from urllib.parse import urlencode

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock, paging
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.organisation.queries import directory
from evalsys.rectification.queries import queue as cases
from evalsys.rectification.queries.queue import Asked
from evalsys.rectification.rules import READ_CASES, WORK_CASES
from evalsys.rectification.rules.states import OPEN, STATE_WORDS
from evalsys.rectification.views.blueprint import bp

_FILTERS = ("state", "light", "kind", "profile", "department", "mine")
_KEPT = "cases-asked"  # in the sign-in's own cookie: the filters last used


@bp.get("/cases")
@requires(READ_CASES)
def queue() -> ResponseReturnValue:
    """Show the open cases, overdue first; at first only those that wait for the person who asks."""
    actor, now = current_actor(), clock.now()
    if not actor.may(WORK_CASES) and cases.is_clerks_side(actor):
        return redirect(url_for(".about_us"))
    if not request.args and session.get(_KEPT):
        return redirect(f"{url_for('.queue')}?{session[_KEPT]}")
    asked = _asked(mine=request.args.get("mine", "1") == "1")
    page = paging.page_asked()
    total = cases.queue_length(db.session(), asked, actor, now)
    lines = cases.queue(db.session(), asked, actor, now, (page - 1) * cases.PAGE)
    return render_template(
        "rectification/queue.html",
        lines=lines,
        page=page,
        pages=max(1, -(-total // cases.PAGE)),
        total=total,
        most=cases.MOST_COUNTED,
        may_bulk=actor.may(WORK_CASES) and not cases.is_clerks_side(actor),
        states=[state for state in STATE_WORDS if state in OPEN],
        **_filters(asked),
    )


@bp.get("/cases/all")
@requires(READ_CASES)
def all_cases() -> ResponseReturnValue:
    """Show cases of any state, the latest first, a page at a time."""
    actor, now = current_actor(), clock.now()
    asked = cases.asked_of(request.args)
    cursor = request.args.get("cursor", type=int)
    found = cases.cases(db.session(), asked, actor, now, cursor)
    return render_template(
        "rectification/all.html", found=found, lines=found.lines, states=list(STATE_WORDS), **_filters(asked)
    )


def _asked(*, mine: bool) -> Asked:
    """The filters of the address, remembered until they are changed."""
    asked = cases.asked_of(request.args, mine=mine)
    if request.args and not (asked.light and cases.is_clerks_side(current_actor())):
        session[_KEPT] = urlencode([(name, request.args[name]) for name in _FILTERS if name in request.args])
    return asked


def _filters(asked: Asked) -> dict[str, Any]:
    return {
        "asked": asked,
        "bare": cases.is_clerks_side(current_actor()),
        "departments": directory.units_on(db.session(), clock.today()).values(),
    }
