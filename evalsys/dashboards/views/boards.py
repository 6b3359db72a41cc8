"""Displays on the wall, and the page on which a steward puts them up and takes them down."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.dashboards.actions import boards as actions
from evalsys.dashboards.forms.boards import BoardForm
from evalsys.dashboards.queries import boards as queries
from evalsys.dashboards.rules import boards as rules
from evalsys.dashboards.rules import drawing
from evalsys.dashboards.rules.boards import KEEP_BOARDS
from evalsys.dashboards.rules.sentences import percent
from evalsys.dashboards.views.blueprint import bp
from evalsys.kernel import clock, settings
from evalsys.kernel.access import current_actor, public, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.organisation.queries import directory


@bp.get("/board/<token>")
@public
def board(token: str) -> ResponseReturnValue:
    """One display; asked by its own script, only the block that changes."""
    found = queries.board_of(db.session(), token) or abort(404)
    if found.revoked_at is not None:
        abort(410)
    now = clock.now()
    block = request.headers.get("X-Requested-With") == "block"
    return render_template(
        "dashboards/board_screen.html" if block else "dashboards/board.html",
        board=found,
        picture=queries.picture(db.session(), found.hall, settings.current(), now),
        now=clock.local(now),
        refresh=rules.REFRESH,
        percent=percent,
        drawing=drawing,
    )


@bp.route("/admin/boards", methods=["GET", "POST"])
@requires(KEEP_BOARDS)
def boards() -> ResponseReturnValue:
    """The displays, and a form for a new one; its address is shown this once."""
    form = BoardForm()
    form.offer(directory.halls(db.session()))
    if form.validate_on_submit():
        token = actions.put_up_board(
            db.session(), (form.name.data or "").strip(), form.hall.data, current_actor(), clock.now()
        )
        address = url_for(".board", token=token, _external=True)
        return render_template("dashboards/board_made.html", name=form.name.data, address=address)
    page = render_template("dashboards/boards.html", form=form, boards=queries.boards(db.session()))
    return page, 422 if form.errors else 200


@bp.post("/admin/boards/<int:board_id>/end")
@requires(KEEP_BOARDS)
def end_board(board_id: int) -> ResponseReturnValue:
    """Take a display down; its address shows nothing from now on."""
    if not actions.take_down_board(db.session(), board_id, current_actor(), clock.now()):
        abort(404)
    flash(_("大屏已停用,它的地址不再显示任何数据。"))
    return redirect(url_for(".boards"))
