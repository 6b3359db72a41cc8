"""The calendar of working days: a year to read, a year's notice to load, office hours to change."""

import calendar as months_of
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.kernel.words import N_
from evalsys.worktime import actions, cells, plan, queries, workbook
from evalsys.worktime.actions import UnfitHours
from evalsys.worktime.forms import LoadingForm, NoticeForm, OfficeHoursForm
from evalsys.worktime.plan import Day, Plan
from evalsys.worktime.rules import KEEP_CALENDAR

FAULTS_SHOWN = 200
WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))

bp = Blueprint("worktime", __name__)


@bp.route("/admin/calendar", methods=["GET", "POST"])
@requires(KEEP_CALENDAR)
def calendar() -> ResponseReturnValue:
    """The working days of a year, and the office hours, which can be changed here."""
    form = OfficeHoursForm()
    if not form.is_submitted():
        form.hours.data = cells.words_of_stretches(queries.office_hours(db.session()))
    elif _are_changed(form):
        flash(_("办公时间已保存,没办结的时限已重新计算。"))
        return redirect(url_for(".calendar"))
    page = render_template("worktime/calendar.html", form=form, **_year(), weekdays=WEEKDAYS)
    return page, 422 if form.errors else 200


def _are_changed(form: OfficeHoursForm) -> bool:
    if not form.validate_on_submit():
        return False
    try:
        actions.set_office_hours(db.session(), form.stretches(), clock.today(), current_actor())
    except UnfitHours as refusal:
        form.form_errors.append(say(refusal))
        return False
    return True


def _year() -> Mapping[str, Any]:
    """The year that was asked for, else the present one, day by day, and the years beside it."""
    first, last = queries.years_of_table(db.session())
    asked = request.args.get("year", type=int) or clock.today().year
    year = min(max(asked, first), last)
    days = queries.days_between(db.session(), date(year, 1, 1), date(year, 12, 31))
    return {
        "year": year,
        "beside": [other for other in (year - 1, year + 1) if first <= other <= last],
        "months": [_weeks(year, month, days) for month in range(1, 13)],
        "runs": plan.runs(days.values()),
        "worked": sum(day.working for day in days.values()),
        "provisional": sum(day.provisional for day in days.values()),
        "today": clock.today(),
    }


def _weeks(year: int, month: int, days: Mapping[date, Day]) -> list[list[Day | None]]:
    """A month as weeks of seven, Monday first; None where the week lies in another month."""
    weeks = months_of.Calendar().monthdatescalendar(year, month)
    return [[days.get(day) if day.month == month else None for day in week] for week in weeks]


@bp.route("/admin/calendar/notice", methods=["GET", "POST"])
@requires(KEEP_CALENDAR)
def notice() -> ResponseReturnValue:
    """Take a year's notice and show which days it would change; nothing has changed yet."""
    form = NoticeForm()
    if not form.validate_on_submit():
        return render_template("worktime/notice.html", form=form), 422 if form.errors else 200
    wanted, lines = queries.plan_of_notice(db.session(), form.book(), clock.today())
    if wanted.faults:
        page = render_template("worktime/notice.html", form=form, plan=wanted, shown=FAULTS_SHOWN)
        return page, 422
    loading = LoadingForm(formdata=None, words=lines)
    return render_template("worktime/preview.html", loading=loading, plan=wanted, weekdays=WEEKDAYS)


@bp.post("/admin/calendar/notice/load")
@requires(KEEP_CALENDAR)
def load() -> ResponseReturnValue:
    """Load a notice whose changes were looked at."""
    form = LoadingForm()
    if not form.validate_on_submit():
        return redirect(url_for(".notice"))
    wanted = _plan_of(form)
    actions.load_notice(db.session(), wanted, current_actor())
    flash(_("%(year)s年的通知已载入:%(n)s天改了上班或休息。", year=wanted.year, n=len(wanted.flipped)))
    return redirect(url_for(".calendar", year=wanted.year))


def _plan_of(form: LoadingForm) -> Plan:
    wanted, _lines = queries.plan_of_notice(
        db.session(), workbook.pasted(form.words.data or ""), clock.today()
    )
    return wanted
