"""Taking over at a window (接班): two taps for whoever sits down, a third where a manager names them."""

from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock
from evalsys.kernel.access import Scope, current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.organisation.actions import rota as actions
from evalsys.organisation.duty import Sitting, whose_work
from evalsys.organisation.queries import rota as queries
from evalsys.organisation.queries.places import Place, places_in
from evalsys.organisation.queries.rota import Shift
from evalsys.organisation.rules import HAND_OVER, MANAGE_ROTA
from evalsys.organisation.views.blueprint import bp


def _open_places() -> list[Place]:
    places = places_in(db.session(), current_actor().scope, clock.today())
    return [place for place in places if place.is_open]


def _now_sitting(shifts: list[Shift], now: datetime) -> Shift | None:
    """Who counts as sitting at a window at an instant; nobody where it is a gap or a conflict."""
    sittings = [Sitting(s.staff_id, s.starts_at, s.ends_at, s.kind, s.source) for s in shifts]
    found = whose_work(sittings, now).staff_id
    running = [
        shift for shift in shifts if shift.staff_id == found and shift.starts_at <= now < shift.ends_at
    ]
    return running[-1] if running else None


@bp.get("/console/hand-over")
@requires(HAND_OVER)
def hand_over() -> ResponseReturnValue:
    """The windows of one's department, one's own of today first, each with who sits there now."""
    places, actor, now = _open_places(), current_actor(), clock.now()
    shifts = queries.duties_of(db.session(), [place.window_id for place in places], clock.today())
    mine = {shift.window_id for shift in shifts if shift.staff_id == actor.staff_id}
    rows = [(p, _now_sitting([s for s in shifts if s.window_id == p.window_id], now)) for p in places]
    return render_template(
        "organisation/hand_over.html",
        mine=[row for row in rows if row[0].window_id in mine],
        others=[row for row in rows if row[0].window_id not in mine],
        may_name_others=actor.may(MANAGE_ROTA),
    )


def _place(code: str) -> Place:
    return next((place for place in _open_places() if place.code == code), None) or abort(404)


@bp.get("/console/hand-over/<code>")
@requires(MANAGE_ROTA)
def hand_over_to(code: str) -> ResponseReturnValue:
    """Who of the department may take over at a window."""
    place = _place(code)
    people = queries.people_in(db.session(), Scope(units=frozenset({place.unit_id})), clock.today())
    return render_template("organisation/hand_over_to.html", place=place, people=people)


@bp.post("/console/hand-over/<code>")
@requires(HAND_OVER)
def take_over(code: str) -> ResponseReturnValue:
    """Sit down at a window, or say who does."""
    place, actor = _place(code), current_actor()
    person = request.form.get("staff", actor.staff_id, type=int)
    if person is None or (person != actor.staff_id and not actor.may(MANAGE_ROTA)):
        abort(403)
    known = queries.people_in(db.session(), actor.scope, clock.today())
    name = next((each.name for each in known if each.staff_id == person), None) or abort(404)
    actions.take_over(db.session(), place.window_id, person, clock.now(), actor)
    flash(_("%(number)s号窗口现在当班:%(name)s。", number=place.number, name=name))
    return redirect(url_for(".hand_over"))
