"""The dispatcher types in an order."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from evalsys.desk.actions.intake import take_order
from evalsys.desk.forms import OrderForm
from evalsys.desk.queries import orders as taken
from evalsys.desk.queries.categories import categories
from evalsys.desk.rules import TYPE_ORDERS, OtherContent, UnfitOrder
from evalsys.desk.views.blueprint import bp
from evalsys.kernel import clock
from evalsys.kernel.access import EVERYTHING, current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.organisation.queries import places


@bp.get("/orders")
@requires(TYPE_ORDERS)
def orders() -> ResponseReturnValue:
    """Show the form of a new order and the latest that were taken in."""
    form = _form()
    form.received_at.data = clock.local(clock.now())
    return _page(form)


@bp.post("/orders")
@requires(TYPE_ORDERS)
def take_in() -> ResponseReturnValue:
    """Take in a typed order; what is wrong is said, the input kept."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        found = take_order(db.session().connection(), form.order(), current_actor(), now=clock.now())
    except (UnfitOrder, OtherContent) as refusal:
        form.text.errors = [say(refusal)]
        return _page(form), refusal.status
    flash(_("已受理,单号%(no)s。", no=found.no) if found.is_new else _("这件已经受理过。"))
    return redirect(url_for("rectification.case", no=found.no), 303)


def _form() -> OrderForm:
    session = db.session()
    return OrderForm(
        windows=[
            (place.window_id, place.code) for place in places.places_in(session, EVERYTHING, clock.today())
        ],
        categories=[(one.code, one.name) for one in categories(session)],
    )


def _page(form: OrderForm) -> str:
    return render_template("desk/orders.html", form=form, latest=taken.latest(db.session()))
