"""日督催 on a page and as a workbook: the same list as `evalsys rectification chase`."""

from datetime import date

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock, tables
from evalsys.kernel.access import requires
from evalsys.kernel.database import db
from evalsys.kernel.refusals import Refused
from evalsys.rectification.queries import chasing
from evalsys.rectification.rules import CHASE
from evalsys.rectification.rules.lights import LIGHT_SIGNS, LIGHT_WORDS
from evalsys.rectification.rules.states import STATE_WORDS
from evalsys.rectification.views.blueprint import bp

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/cases/chase")
@requires(CHASE)
def chase() -> ResponseReturnValue:
    """Show what is due today and what is overdue, unit by unit."""
    day = _day()
    return render_template(
        "rectification/chase.html",
        day=day,
        chased=chasing.chase_list(db.session(), day, clock.now()),
        state_words=STATE_WORDS,
        light_words=LIGHT_WORDS,
        light_signs=LIGHT_SIGNS,
    )


@bp.get("/cases/chase.xlsx")
@requires(CHASE)
def chase_workbook() -> Response:
    """The same list as a workbook, one sheet for each unit."""
    day = _day()
    book = tables.as_xlsx(chasing.sheets_of(chasing.chase_list(db.session(), day, clock.now())))
    name = f"attachment; filename=chase-{day}.xlsx"
    return Response(book, mimetype=WORKBOOK, headers={"Content-Disposition": name})


def _day() -> date:
    asked = request.args.get("on", "")
    try:
        return date.fromisoformat(asked) if asked else clock.today()
    except ValueError as fault:
        raise Refused("日期请写成 2026-01-31 这样。") from fault
