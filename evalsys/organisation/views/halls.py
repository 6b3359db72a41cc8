"""When a hall is open, by weekday: another calendar than that of working days."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.organisation.forms import HallHoursForm
from evalsys.organisation.queries.halls import hall_by_code
from evalsys.organisation.rules import EDIT_ORGANISATION
from evalsys.organisation.views.blueprint import bp, is_done
from evalsys.worktime import actions as worktime
from evalsys.worktime import queries as calendar


@bp.route("/admin/organisation/halls/<code>/hours", methods=["GET", "POST"])
@requires(EDIT_ORGANISATION)
def hall_hours(code: str) -> ResponseReturnValue:
    """The opening hours of a hall, which can be changed here."""
    hall, form = hall_by_code(db.session(), code) or abort(404), HallHoursForm()
    if not form.is_submitted():
        form.show(calendar.hours_of_hall(db.session(), hall.id))
    if is_done(form, lambda: worktime.set_hall_hours(db.session(), hall.id, form.week(), current_actor())):
        flash(_("%(name)s的开放时间已保存。", name=hall.name))
        return redirect(url_for(".overview"))
    return render_template("organisation/hall_hours.html", form=form, hall=hall), 422 if form.errors else 200
