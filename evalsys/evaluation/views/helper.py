"""A helper lends their own device: the citizen picks the window, the person and the level alone."""

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.evaluation.actions.assisting import rate_with_help
from evalsys.evaluation.actions.paper import check_outside
from evalsys.evaluation.forms import LevelForm
from evalsys.evaluation.queries import kiosk as finding
from evalsys.evaluation.rules import ASSIST, LEVELS, Answer, Visit
from evalsys.evaluation.rules.keys import is_key, opened_at_of
from evalsys.evaluation.views import keys
from evalsys.evaluation.views.blueprint import bp
from evalsys.kernel import clock, headers, writer
from evalsys.kernel.access import EVERYTHING, current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.refusals import Refused
from evalsys.organisation.queries import places
from evalsys.organisation.queries.places import Place


@bp.get("/help")
@requires(ASSIST)
def assist() -> ResponseReturnValue:
    """Hand the device over: the citizen types the number of the window."""
    headers.plain_page()
    typed = request.args.get("window", "").strip()[:20]
    every = [place for place in places.places_in(db.session(), EVERYTHING, clock.today()) if place.is_open]
    found = finding.windows_called(every, typed) if typed else []
    if len(found) == 1:
        return redirect(url_for(".assist_who", code=found[0].code, **_ways()))
    error = _("没有%(number)s号窗口,请看窗口牌再输一遍。", number=typed) if typed and not found else ""
    return render_template(
        "evaluation/help.html", typed=typed, found=found, error=error
    ), 422 if error else 200


@bp.get("/help/thanks")
@requires(ASSIST)
def assist_thanks() -> ResponseReturnValue:
    """Thanks; the level is never repeated, and the device goes back."""
    headers.plain_page()
    return render_template("evaluation/help_thanks.html")


@bp.get("/help/<code>")
@requires(ASSIST)
def assist_who(code: str) -> ResponseReturnValue:
    """Who served: on duty now, earlier today, or nobody remembered."""
    headers.plain_page()
    place = _place(code)
    people = finding.people_at(db.session(), place.window_id, clock.now())
    return render_template("evaluation/help_who.html", place=place, people=people)


@bp.route("/help/<code>/rate", methods=["GET", "POST"])
@requires(ASSIST)
def assist_rate(code: str) -> ResponseReturnValue:
    """Five equal buttons, none chosen; one tap stores and clears."""
    headers.plain_page()
    place = _place(code)
    person = request.args.get("person", "unknown")
    form = LevelForm(request.form, [])
    if request.method == "GET" or not form.validate():
        return _buttons(place, form, person)
    receipt = keys.receipt_hash(keys.receipt_of(form.answer().key))
    answer = Answer(form.answer().level, form.answer().key)
    writer.run(rate_with_help, _visit(place, person, answer.key), answer, receipt, current_actor())
    return redirect(url_for(".assist_thanks", **_ways()), 303)


def _ways() -> dict[str, Any]:
    """The language and the letter size as chosen: they travel in the address."""
    return {name: request.args[name] for name in ("lang", "size") if name in request.args}


def _place(code: str) -> Place:
    """The window of a code, open and not of the helper's own unit."""
    every = places.places_in(db.session(), EVERYTHING, clock.today())
    place = next((place for place in every if place.code == code), None) or abort(404)
    if not place.is_open:
        raise Refused("{number}号窗口现在停用,没有提交任何评价。", number=place.number)
    check_outside(db.session.connection(), current_actor(), place.unit_id)
    return place


def _buttons(place: Place, form: LevelForm, person: str) -> ResponseReturnValue:
    people = finding.people_at(db.session(), place.window_id, clock.now())
    kept = form.key.data if is_key(form.key.data or "") else None
    page = render_template(
        "evaluation/help_rate.html",
        place=place,
        person=people.named(int(person)) if person.isdecimal() else None,
        levels=LEVELS,
        key=kept or keys.fresh_key(),
        error=form.first_fault() or "",
    )
    return page, 422 if form.errors else 200


def _visit(place: Place, person: str, key: str) -> Visit:
    now = clock.now()
    return Visit(
        window_id=place.window_id,
        hall_id=place.hall_id,
        unit_id=place.unit_id,
        entry="kiosk",
        channel="back-to-back",
        opened_at=opened_at_of(key, keys.signing_key(), now),
        received_at=now,
        origin="assisted",
        staff_id=int(person) if person.isdecimal() else None,
        staff_how="chosen" if person.isdecimal() else "gap",
        terminal="helper",
    )
