"""The supervisor's page of the responsibility directory and the beginnings of replies."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.organisation.queries import units
from evalsys.rectification.actions import guiding
from evalsys.rectification.forms import InChargeForm, TemplateForm
from evalsys.rectification.queries import guidance as reading
from evalsys.rectification.rules import KEEP_GUIDANCE
from evalsys.rectification.views.blueprint import bp
from evalsys.rectification.views.units import offered_units


@bp.get("/cases/guidance")
@requires(KEEP_GUIDANCE)
def guidance() -> ResponseReturnValue:
    """Show the directory and the beginnings of replies, with a form for each."""
    return _page(InChargeForm(units=offered_units()), TemplateForm())


@bp.post("/cases/guidance/directory")
@requires(KEEP_GUIDANCE)
def put_in_charge() -> ResponseReturnValue:
    """Add a line to the directory."""
    form = InChargeForm(units=offered_units())
    if not form.validate_on_submit():
        return _page(form, TemplateForm(formdata=None)), 422
    unit_id = units.unit_codes(db.session())[str(form.unit.data)]
    about, what, reason = str(form.about.data), str(form.what.data), str(form.reason.data or "")
    guiding.put_in_charge(db.session().connection(), current_actor(), about, what, unit_id, reason=reason)
    flash(_("已加入责任目录。"))
    return redirect(url_for(".guidance"), 303)


@bp.post("/cases/guidance/directory/out")
@requires(KEEP_GUIDANCE)
def take_out() -> ResponseReturnValue:
    """Take a line out of the directory."""
    unit_id = units.unit_codes(db.session()).get(request.form.get("unit", ""), 0)
    about, what = request.form.get("about", ""), request.form.get("what", "")
    guiding.take_out(db.session().connection(), current_actor(), about, what, unit_id)
    flash(_("已从责任目录去掉。"))
    return redirect(url_for(".guidance"), 303)


@bp.post("/cases/guidance/templates")
@requires(KEEP_GUIDANCE)
def add_template() -> ResponseReturnValue:
    """Add a beginning of a reply."""
    form = TemplateForm()
    if not form.validate_on_submit():
        return _page(InChargeForm(formdata=None, units=offered_units()), form), 422
    name, text = str(form.name.data), str(form.text.data)
    guiding.add_template(db.session().connection(), current_actor(), name, text)
    flash(_("已加入答复模板。"))
    return redirect(url_for(".guidance"), 303)


@bp.post("/cases/guidance/templates/<int:template_id>/retire")
@requires(KEEP_GUIDANCE)
def retire_template(template_id: int) -> ResponseReturnValue:
    """Take a beginning of a reply out of use."""
    guiding.retire_template(db.session().connection(), current_actor(), template_id, clock.now())
    flash(_("这个模板不再提供。"))
    return redirect(url_for(".guidance"), 303)


def _page(in_charge: InChargeForm, template: TemplateForm) -> str:
    return render_template(
        "rectification/guidance.html",
        in_charge=reading.in_charge(db.session(), clock.now()),
        templates=reading.templates(db.session()),
        form=in_charge if in_charge.errors else template,
        directory_form=in_charge,
        template_form=template,
    )
