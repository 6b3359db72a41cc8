"""办不成事: the public page with its form and receipt, and the desk's own page."""

import secrets as chance
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields import SelectChoice

from evalsys.desk.actions import reports as actions
from evalsys.desk.forms import ReportForm
from evalsys.desk.queries import refusals, reports
from evalsys.desk.rules.reports import REPORT_PROFILES, WORK_REPORTS, TooManyReports
from evalsys.desk.views.blueprint import bp
from evalsys.kernel import clock, writer
from evalsys.kernel.access import citizen, current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.organisation.queries import directory, halls
from evalsys.organisation.queries.halls import HallFound
from evalsys.organisation.rules import WindowKind
from evalsys.rectification.queries.citizen import is_open_now
from evalsys.rectification.rules import Missing, NotAllowed
from evalsys.rectification.rules.fields import SOLVED_WORDS
from evalsys.rectification.rules.terms import PROFILES


@bp.get("/desk/<hall>")
@citizen
def desk(hall: str) -> ResponseReturnValue:
    """Say what the desk is for, where it stands, whether it is open; and take a report."""
    found = hall_asked(hall)
    return _public(found, report_form(found))


@bp.post("/desk/<hall>")
@citizen
def report(hall: str) -> ResponseReturnValue:
    """Take a report from whoever could not get something done."""
    found = hall_asked(hall)
    form = report_form(found)
    if not form.validate():
        return _public(found, form), 422
    try:
        receipt = writer.run(actions.take_public_report, form.report(found.id), _device(), clock.now())
    except TooManyReports as refusal:
        form.text.errors = [say(refusal)]
        return _public(found, form), refusal.status
    return redirect(url_for(".followed_report", receipt=receipt, kept="report", **_ways()), 303)


@bp.get("/desk/report/<receipt>")
@citizen
def followed_report(receipt: str) -> ResponseReturnValue:
    """Show how far a report has come to whoever holds its receipt."""
    return _followed(receipt, None)


@bp.post("/desk/report/<receipt>")
@citizen
def confirm_report(receipt: str) -> ResponseReturnValue:
    """Keep the word of whoever made the report."""
    case_id = reports.case_of_receipt(db.session(), receipt) or abort(404)
    solved = request.form.get("solved", "")
    if solved not in SOLVED_WORDS:
        return _followed(receipt, _("请选一项:解决了、部分解决、没解决。")), 422
    try:
        writer.run(actions.confirm_report, case_id, solved, clock.now())
    except NotAllowed as refusal:
        return _followed(receipt, say(refusal)), refusal.status
    return redirect(url_for(".followed_report", receipt=receipt, kept="word", **_ways()), 303)


@bp.get("/reports")
@requires(WORK_REPORTS)
def halls_of_reports() -> ResponseReturnValue:
    """Let the desk's people say in which hall they are; where there is one, it is that."""
    found = directory.halls(db.session())
    if len(found) == 1:
        return redirect(url_for(".waiting_reports", hall=found[0][0]))
    return render_template("desk/halls.html", halls=found)


@bp.get("/desk/<hall>/waiting")
@requires(WORK_REPORTS)
def waiting_reports(hall: str) -> ResponseReturnValue:
    """Show the reports that wait for a term, and a form for somebody standing there."""
    found = hall_asked(hall)
    return _staff(found, report_form(found))


@bp.post("/desk/<hall>/waiting")
@requires(WORK_REPORTS)
def type_report(hall: str) -> ResponseReturnValue:
    """Type in a report for somebody standing there."""
    found = hall_asked(hall)
    form = report_form(found)
    if not form.validate():
        return _staff(found, form), 422
    connection = db.session().connection()
    receipt = actions.take_report(connection, form.report(found.id), current_actor(), clock.now())
    flash(_("已记下。请把查询号给本人:%(receipt)s", receipt=grouped(receipt)))
    return redirect(url_for(".waiting_reports", hall=hall), 303)


@bp.post("/desk/<hall>/waiting/<no>")
@requires(WORK_REPORTS)
def give_term(hall: str, no: str) -> ResponseReturnValue:
    """Say by when a report has to be done with."""
    waiting = reports.waiting(db.session(), hall_asked(hall).id)
    found = next((one for one in waiting if one.no == no), None) or abort(404)
    profile, now = request.form.get("profile", ""), clock.now()
    try:
        actions.give_term(db.session().connection(), found.case_id, profile, current_actor(), now=now)
    except (Missing, NotAllowed) as refusal:
        flash(say(refusal))
    else:
        flash(_("%(no)s已分类,等派单。", no=no))
    return redirect(url_for(".waiting_reports", hall=hall), 303)


def hall_asked(code: str) -> HallFound:
    """The hall of an address, or 404."""
    return halls.hall_by_code(db.session(), code) or abort(404)


def _device() -> str:
    """What the machine says of itself, as rating forms take it; no more than its mark of the day is kept."""
    return f"{request.remote_addr} {request.user_agent.string}"


def report_form(hall: HallFound) -> ReportForm:
    """The form of a report in a hall, as it was sent."""
    places = halls.open_windows(db.session(), hall.id, clock.today())
    windows = [(place.window_id, f"{place.number} {place.unit_name}") for place in places]
    return ReportForm(request.form, windows=windows)


def _public(hall: HallFound, form: ReportForm) -> str:
    now = clock.now()
    places = halls.open_windows(db.session(), hall.id, clock.day_of(now))
    return render_template(
        "desk/desk.html",
        hall=hall,
        form=form,
        key=form.key.data or chance.token_urlsafe(24),
        errors={name: faults[0] for name, faults in form.errors.items()},
        windows=[place.number for place in places if place.kind == WindowKind.NOT_DONE],
        is_open=is_open_now(db.session(), hall.id, now),
    )


def _followed(receipt: str, error: str | None) -> str:
    found = reports.followed(db.session(), receipt, clock.now()) or abort(404)
    return render_template(
        "desk/report.html",
        report=found,
        receipt=grouped(receipt),
        solved=SOLVED_WORDS,
        error=error,
        kept=request.args.get("kept", ""),
    )


def _staff(hall: HallFound, form: ReportForm) -> str:
    return render_template(
        "desk/waiting.html",
        hall=hall,
        form=form,
        key=form.key.data or chance.token_urlsafe(24),
        waiting=reports.waiting(db.session(), hall.id),
        drafts=refusals.drafts(db.session(), hall.id),
        windows=directory.windows_on(db.session(), clock.today()),
        terms=[SelectChoice(code, PROFILES[code].words) for code in REPORT_PROFILES],
    )


def grouped(code: str) -> str:
    """A receipt in groups of four, as it is read out and written down."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4)) if len(code) == 12 else code


def _ways() -> dict[str, Any]:
    return {name: request.args[name] for name in ("lang", "size") if name in request.args}
