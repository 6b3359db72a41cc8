"""Taking in orders from a file: a dry run first, then the intake, the faulty file handed back."""

import io
from pathlib import Path

from flask import flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from evalsys.desk import workbook
from evalsys.desk.actions.importing import take_orders
from evalsys.desk.forms import OrdersFileForm
from evalsys.desk.queries.importing import OrdersDraft, orders_draft
from evalsys.desk.rules import TYPE_ORDERS
from evalsys.desk.views.blueprint import bp
from evalsys.kernel import clock, settings
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.refusals import Refused
from evalsys.kernel.sheets import files
from evalsys.organisation.actions import uploads

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FAULTS_SHOWN = 200


class FileGone(Refused):
    """The file of a dry run is kept for a day only."""


@bp.get("/orders/import")
@requires(TYPE_ORDERS)
def orders_file() -> str:
    """Take a file of orders and go on to what taking it in would do."""
    return render_template("desk/import.html", form=OrdersFileForm(), most=workbook.MOST_ROWS)


@bp.post("/orders/import")
@requires(TYPE_ORDERS)
def keep_orders_file() -> ResponseReturnValue:
    """Keep a file until it is looked through."""
    form = OrdersFileForm()
    if not form.validate_on_submit():
        return render_template("desk/import.html", form=form, most=workbook.MOST_ROWS), 422
    account = current_actor().account_id
    key = uploads.keep_upload(_folder(), account, form.contents(), clock.now())
    return redirect(url_for(".tried_orders", key=key), 303)


@bp.get("/orders/import/<key>")
@requires(TYPE_ORDERS)
def tried_orders(key: str) -> str:
    """What taking in the kept file would do, or every fault it has; nothing has changed yet."""
    return render_template("desk/tried.html", draft=_draft(key), key=key, shown=FAULTS_SHOWN)


@bp.post("/orders/import/<key>")
@requires(TYPE_ORDERS)
def take_orders_in(key: str) -> ResponseReturnValue:
    """Take in the orders of the kept file."""
    draft, actor = _draft(key), current_actor()
    taken = take_orders(db.session().connection(), draft, actor, now=clock.now())
    uploads.forget_upload(_folder(), actor.account_id, key)
    flash(_("已受理%(n)s件,已有%(known)s件没有变。", n=taken, known=draft.known))
    return redirect(url_for(".orders"), 303)


@bp.get("/orders/import/<key>/annotated.xlsx")
@requires(TYPE_ORDERS)
def annotated_orders(key: str) -> ResponseReturnValue:
    """The kept file back as a workbook, each faulty row with a last column 问题."""
    answer = io.BytesIO(_draft(key).answer())
    return send_file(answer, XLSX, as_attachment=True, download_name=_("工单问题.xlsx"))


@bp.get("/orders/template.xlsx")
@requires(TYPE_ORDERS)
def orders_template() -> ResponseReturnValue:
    """An empty workbook to fill in."""
    empty = io.BytesIO(workbook.template())
    return send_file(empty, XLSX, as_attachment=True, download_name=_("工单模板.xlsx"))


def _folder() -> Path:
    return settings.current().instance / uploads.FOLDER


def _draft(key: str) -> OrdersDraft:
    kept = uploads.kept_upload(_folder(), current_actor().account_id, key, clock.now())
    if kept is None:
        raise FileGone("没有找到这个文件(只保留一天)。请重新选择文件。")
    return orders_draft(db.session(), files.read(kept), clock.now())
