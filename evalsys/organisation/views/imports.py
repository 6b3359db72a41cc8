"""Bringing a hall in from spreadsheets: a dry run first, then the import, the faulty file handed back."""

import io
from pathlib import Path

from flask import flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock, settings
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.refusals import Refused
from evalsys.kernel.sheets import files
from evalsys.kernel.words import N_
from evalsys.organisation.actions import imports, uploads
from evalsys.organisation.forms import ImportForm
from evalsys.organisation.queries.imports import Draft, import_draft
from evalsys.organisation.rules import EDIT_ORGANISATION
from evalsys.organisation.views.blueprint import bp
from evalsys.organisation.workbook import written

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FAULTS_SHOWN = 200


class UploadGone(Refused):
    """The files of a dry run are kept for a day only."""


@bp.route("/admin/organisation/import", methods=["GET", "POST"])
@requires(EDIT_ORGANISATION)
def bring_in() -> ResponseReturnValue:
    """Take files and go on to what importing them would do."""
    form = ImportForm()
    if form.validate_on_submit():
        actor, now = current_actor(), clock.now()
        key = uploads.keep_upload(_folder(), actor.account_id, form.contents(), now)
        return redirect(url_for(".tried", key=key))
    return render_template("organisation/import.html", form=form), 422 if form.errors else 200


def _folder() -> Path:
    return settings.current().instance / uploads.FOLDER


def _kept(key: str) -> uploads.Files:
    kept = uploads.kept_upload(_folder(), current_actor().account_id, key, clock.now())
    if kept is None:
        raise UploadGone(N_("没有找到试导入的文件(只保留一天)。请重新选择文件。"))
    return kept


def _draft(kept: uploads.Files) -> Draft:
    return import_draft(db.session(), files.read(kept), clock.today())


@bp.get("/admin/organisation/import/<key>")
@requires(EDIT_ORGANISATION)
def tried(key: str) -> ResponseReturnValue:
    """What importing the kept files would do, or every fault they have; nothing has changed yet."""
    kept = _kept(key)
    return render_template(
        "organisation/tried.html",
        plan=_draft(kept).plan,
        key=key,
        names=[name for name, _content in kept],
        shown=FAULTS_SHOWN,
    )


@bp.post("/admin/organisation/import/<key>")
@requires(EDIT_ORGANISATION)
def carry_out(key: str) -> ResponseReturnValue:
    """Import the kept files."""
    kept, actor = _kept(key), current_actor()
    plan = _draft(kept).plan
    imports.apply_import(db.session(), plan, imports.source_of(kept), actor, clock.now())
    uploads.forget_upload(_folder(), actor.account_id, key)
    figures = {
        "rows": plan.rows,
        "created": plan.created,
        "changed": plan.changed,
        "unchanged": plan.unchanged,
    }
    flash(_("已导入%(rows)s行:新增%(created)s,改动%(changed)s,不变%(unchanged)s。", **figures))
    return redirect(url_for(".overview"))


@bp.get("/admin/organisation/import/<key>/annotated.xlsx")
@requires(EDIT_ORGANISATION)
def annotated(key: str) -> ResponseReturnValue:
    """The kept files back as one workbook, each faulty row with a last column 问题."""
    draft = _draft(_kept(key))
    content = written.annotated(draft.book, draft.reading, draft.plan.faults)
    return send_file(io.BytesIO(content), XLSX, as_attachment=True, download_name=_("导入问题.xlsx"))


@bp.get("/admin/organisation/template.xlsx")
@requires(EDIT_ORGANISATION)
def template() -> ResponseReturnValue:
    """An empty workbook to fill in."""
    name = _("组织数据模板.xlsx")
    return send_file(io.BytesIO(written.template()), XLSX, as_attachment=True, download_name=name)
