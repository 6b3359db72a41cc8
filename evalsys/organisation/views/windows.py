"""What the data steward changes day by day: closing, reopening and moving a window, renaming a department."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.organisation.actions import windows as actions
from evalsys.organisation.forms import ClosingForm, MovingForm, NamingForm, ReopeningForm
from evalsys.organisation.queries import units
from evalsys.organisation.queries.histories import UnitHistory, WindowHistory, unit_history, window_history
from evalsys.organisation.rules import EDIT_ORGANISATION
from evalsys.organisation.views.blueprint import bp, is_done


def _window(code: str) -> WindowHistory:
    return window_history(db.session(), code, clock.today()) or abort(404)


def _unit(code: str) -> UnitHistory:
    return unit_history(db.session(), code, clock.today()) or abort(404)


@bp.get("/admin/organisation/windows/<code>")
@requires(EDIT_ORGANISATION)
def window(code: str) -> ResponseReturnValue:
    """One window, and what can be changed about it."""
    return render_template("organisation/window.html", window=_window(code))


@bp.route("/admin/organisation/windows/<code>/close", methods=["GET", "POST"])
@requires(EDIT_ORGANISATION)
def close(code: str) -> ResponseReturnValue:
    """Close a window from a day on."""
    window, form = _window(code), ClosingForm()
    if is_done(form, lambda: actions.close_window(db.session(), window, form.day.data, current_actor())):
        flash(_("%(number)s号窗口从%(day)s起停用。", number=window.number, day=form.day.data))
        return redirect(url_for(".window", code=code))
    return _day_page(window, form, _("停用%(number)s号窗口", number=window.number), _("停用"))


@bp.route("/admin/organisation/windows/<code>/reopen", methods=["GET", "POST"])
@requires(EDIT_ORGANISATION)
def reopen(code: str) -> ResponseReturnValue:
    """Use a closed window again from a day on."""
    window, form, today = _window(code), ReopeningForm(), clock.today()
    by = current_actor()
    if is_done(form, lambda: actions.reopen_window(db.session(), window, form.day.data, today, by)):
        flash(_("%(number)s号窗口从%(day)s起启用。", number=window.number, day=form.day.data))
        return redirect(url_for(".window", code=code))
    return _day_page(window, form, _("启用%(number)s号窗口", number=window.number), _("启用"))


def _day_page(
    window: WindowHistory, form: ClosingForm | ReopeningForm, title: str, words: str
) -> ResponseReturnValue:
    if not form.is_submitted():
        form.day.data = clock.today()
    page = render_template("organisation/day.html", window=window, form=form, title=title, words=words)
    return page, 422 if form.errors else 200


@bp.route("/admin/organisation/windows/<code>/move", methods=["GET", "POST"])
@requires(EDIT_ORGANISATION)
def move(code: str) -> ResponseReturnValue:
    """Let a window belong to another department from a day on."""
    window, form, by = _window(code), MovingForm(), current_actor()
    form.offer(units.unit_names(db.session(), clock.today()))
    if not form.is_submitted():
        form.unit.data, form.day.data = window.unit_id, clock.today()
    if is_done(form, lambda: actions.move_window(db.session(), window, form.unit.data, form.day.data, by)):
        flash(_("%(number)s号窗口从%(day)s起改属新部门。", number=window.number, day=form.day.data))
        return redirect(url_for(".window", code=code))
    page = render_template("organisation/move.html", window=window, form=form)
    return page, 422 if form.errors else 200


@bp.route("/admin/organisation/units/<code>", methods=["GET", "POST"])
@requires(EDIT_ORGANISATION)
def unit(code: str) -> ResponseReturnValue:
    """One department with its names, and the form for the next one."""
    unit, form, by = _unit(code), NamingForm(), current_actor()
    if not form.is_submitted():
        form.day.data = clock.today()
    if is_done(
        form,
        lambda: actions.rename_unit(
            db.session(), unit, form.name.data, form.short_name.data, form.day.data, by=by
        ),
    ):
        flash(_("从%(day)s起叫“%(name)s”。", day=form.day.data, name=form.name.data))
        return redirect(url_for(".unit", code=code))
    return render_template("organisation/unit.html", unit=unit, form=form), 422 if form.errors else 200
