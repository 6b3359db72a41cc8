"""The rota of a day, for those who plan it: shifts added, withdrawn, given away and swapped."""

from collections import defaultdict
from datetime import date, timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock, paging
from evalsys.kernel.access import Scope, current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.organisation import rules
from evalsys.organisation.actions import rota as actions
from evalsys.organisation.forms import GivingForm, ShiftForm
from evalsys.organisation.queries import lists
from evalsys.organisation.queries import rota as queries
from evalsys.organisation.queries.places import Place, places_in
from evalsys.organisation.queries.rota import Person, Shift
from evalsys.organisation.rules import DUTY_WORDS, MANAGE_ROTA
from evalsys.organisation.views.blueprint import bp, is_done
from evalsys.worktime import queries as calendar
from evalsys.worktime import rules as worktime

SWAP_WITHIN = timedelta(days=14)


def _places(day: date) -> dict[int, Place]:
    """The windows of one's scope that are open on a day, by id and in public order."""
    places = places_in(db.session(), current_actor().scope, day)
    return {place.window_id: place for place in places if place.is_open}


def _day_asked() -> date:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return clock.today()


def _rows(places: list[Place], day: date) -> list[tuple[Place, list[Shift]]]:
    shifts: dict[int, list[Shift]] = defaultdict(list)
    for shift in queries.duties_of(db.session(), [place.window_id for place in places], day):
        shifts[shift.window_id].append(shift)
    return [(place, shifts[place.window_id]) for place in places]


@bp.get("/console/rota")
@requires(MANAGE_ROTA)
def rota() -> ResponseReturnValue:
    """Who sits where on a day, by window."""
    day, page = _day_asked(), paging.page_asked()
    wanted = request.args.get("q", "").strip()[:100]
    places = [
        p for p in _places(day).values() if any(wanted in w for w in (p.code, p.unit_name, p.zone_name))
    ]
    return render_template(
        "organisation/rota.html",
        day=day,
        days=(day - timedelta(days=1), day + timedelta(days=1)),
        rows=_rows(places[(page - 1) * lists.PAGE : page * lists.PAGE], day),
        words=DUTY_WORDS,
        now=clock.now(),
        is_working_day=calendar.is_working_day(db.session(), day),
        wanted=wanted,
        page=page,
        pages=max(1, -(-len(places) // lists.PAGE)),
        total=len(places),
    )


@bp.route("/console/rota/new/<code>", methods=["GET", "POST"])
@requires(MANAGE_ROTA)
def new_shift(code: str) -> ResponseReturnValue:
    """Put somebody on the rota of a window."""
    day, form, actor = _day_asked(), ShiftForm(), current_actor()
    place = next((place for place in _places(day).values() if place.code == code), None) or abort(404)
    form.offer(queries.people_in(db.session(), actor.scope, day))
    if not form.is_submitted():
        form.day.data, form.kind.data = day, rules.DutyKind.REGULAR.value
        form.starts.data, form.ends.data = worktime.OFFICE_HOURS[0][0], worktime.OFFICE_HOURS[-1][1]
    if is_done(
        form, lambda: actions.add_shift(db.session(), form.shift(place.window_id), clock.now(), actor)
    ):
        flash(_("%(number)s号窗口已加一个班。", number=place.number))
        return redirect(url_for(".rota", day=form.day.data))
    page = render_template("organisation/new_shift.html", form=form, place=place, day=day)
    return page, 422 if form.errors else 200


def _shift(duty_id: int) -> tuple[Shift, Place]:
    """A shift at a window of one's scope, or 404."""
    shift = queries.shift_by_id(db.session(), duty_id) or abort(404)
    return shift, _places(shift.day).get(shift.window_id) or abort(404)


@bp.route("/console/rota/<int:duty_id>", methods=["GET", "POST"])
@requires(MANAGE_ROTA)
def shift(duty_id: int) -> ResponseReturnValue:
    """Let somebody else do a shift, alone or in exchange (换班); first who, then how."""
    (shift, place), form = _shift(duty_id), GivingForm()
    people = _colleagues(shift, place)
    person = next((each for each in people if each.staff_id == request.args.get("staff", type=int)), None)
    if person is not None:
        form.offer(person, _shifts_of(person, place))
        if is_done(form, lambda: _give(form, shift)):
            flash(_("%(number)s号窗口 %(hours)s 的班已换。", number=shift.number, hours=shift.hours))
            return redirect(url_for(".rota", day=shift.day))
    page = {"shift": shift, "place": place, "people": people, "person": person, "words": DUTY_WORDS}
    return render_template("organisation/shift.html", form=form, **page), 422 if form.errors else 200


def _colleagues(shift: Shift, place: Place) -> list[Person]:
    """Who else of the department may do the shift."""
    people = queries.people_in(db.session(), Scope(units=frozenset({place.unit_id})), shift.day)
    return [person for person in people if person.staff_id != shift.staff_id]


def _shifts_of(person: Person, place: Place) -> list[Shift]:
    """The shifts to come that a colleague may give in exchange, at windows of the same department."""
    today = clock.today()
    same = [p.window_id for p in _places(today).values() if p.unit_id == place.unit_id]
    coming = queries.duties_between(db.session(), same, today, today + SWAP_WITHIN)
    now = clock.now()
    return [each for each in coming if each.staff_id == person.staff_id and each.starts_at > now]


def _give(form: GivingForm, shift: Shift) -> None:
    kind, chosen = form.choice()
    now, actor, session = clock.now(), current_actor(), db.session()
    if kind == "staff":
        actions.give_shift(session, shift, chosen, now, actor)
    else:
        actions.swap_shifts(session, shift, queries.shift_by_id(session, chosen) or abort(404), now, actor)


@bp.post("/console/rota/<int:duty_id>/withdraw")
@requires(MANAGE_ROTA)
def withdraw(duty_id: int) -> ResponseReturnValue:
    """Take a shift off the rota."""
    shift, _place = _shift(duty_id)
    actions.withdraw_shift(db.session(), shift, clock.now(), current_actor())
    flash(_("%(number)s号窗口 %(hours)s 的班已撤。", number=shift.number, hours=shift.hours))
    return redirect(url_for(".rota", day=shift.day))
