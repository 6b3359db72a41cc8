"""您提我改: the page of those who note what was changed, its files, and the page of everybody."""

import io

from flask import abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from evalsys.dashboards.actions import fixes as actions
from evalsys.dashboards.forms.fixes import FixForm
from evalsys.dashboards.queries import Reader
from evalsys.dashboards.queries import fixes as queries
from evalsys.dashboards.rules import SEE_LIVE
from evalsys.dashboards.rules.fixes import KEEP_FIXES, SEE_FIXES, NoSuchMatter
from evalsys.dashboards.rules.sheets import Sheet
from evalsys.dashboards.views.blueprint import bp
from evalsys.kernel import clock, settings, tables
from evalsys.kernel.access import citizen, current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.organisation.queries import directory
from evalsys.scoring.queries import tagging

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/improved")
@citizen
def improved() -> ResponseReturnValue:
    """What was changed because people said so: for everybody, without names of persons and figures."""
    return render_template("dashboards/improved.html", fixes=queries.fixes(db.session(), clock.today()))


@bp.get("/fixes")
@requires(SEE_FIXES)
def fixes() -> ResponseReturnValue:
    """What was changed; with the rates before and after for those who see live sums."""
    return _page(FixForm())


@bp.post("/fixes")
@requires(KEEP_FIXES)
def note_fix() -> ResponseReturnValue:
    """Note what was changed for an item of one's own."""
    form = FixForm()
    form.offer(_offered())
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        actions.note_fix(db.session(), form.new(), current_actor(), clock.now())
    except NoSuchMatter as refusal:
        form.item.errors = [*form.item.errors, say(refusal)]
        return _page(form), 422
    flash(_("已登记。从今天起可以看这个标签有没有变少。"))
    return redirect(url_for(".fixes"), 303)


@bp.post("/fixes/<int:fix_id>/withdrawal")
@requires(KEEP_FIXES)
def withdraw_fix(fix_id: int) -> ResponseReturnValue:
    """Take back what was noted by mistake."""
    if not actions.withdraw_fix(db.session(), fix_id, current_actor(), clock.now()):
        abort(404)
    flash(_("已撤回。"))
    return redirect(url_for(".fixes"), 303)


@bp.get("/fixes.<any(csv,xlsx):kind>")
@requires(SEE_LIVE)
def fixes_file(kind: str) -> ResponseReturnValue:
    """The fixes as a file, with the rates before and after."""
    sheet = _sheet()
    if kind == "csv":
        content, media_type = tables.as_csv(sheet.fields, sheet.rows()), "text/csv"
    else:
        book = {"fixes": (sheet.fields, sheet.rows()), "definitions": sheet.definitions()}
        content, media_type = tables.as_xlsx(book), WORKBOOK
    return send_file(io.BytesIO(content), media_type, as_attachment=True, download_name=f"fixes.{kind}")


def _sheet() -> Sheet:
    return queries.sheet(db.session(), Reader(current_actor(), settings.current(), clock.today()))


def _offered() -> list[tuple[str, str]]:
    return [(tag.code, tag.plain) for tag in tagging.bad_tags(db.session())]


def _page(form: FixForm) -> str:
    session, today, actor = db.session(), clock.today(), current_actor()
    noted = queries.fixes(session, today, actor.scope)
    live = actor.may(SEE_LIVE)
    form.offer(_offered())
    return render_template(
        "dashboards/fixes.html",
        form=form,
        fixes=noted,
        rates=queries.rates_of(session, noted, today, settings.current().min_n_rate) if live else {},
        live=live,
        keeps=actor.may(KEEP_FIXES),
        items=directory.items_of(session, actor.scope) if actor.may(KEEP_FIXES) else [],
        today=today,
    )
