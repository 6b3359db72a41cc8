"""What does not count and why, for everybody."""

from datetime import date, time

from flask import render_template
from flask.typing import ResponseReturnValue

from evalsys.assurance.rules.standing import LeftOut, months_left_out
from evalsys.assurance.views.blueprint import bp
from evalsys.evaluation.queries import standings
from evalsys.kernel import clock
from evalsys.kernel.access import citizen
from evalsys.kernel.database import db


@bp.get("/left-out")
@citizen
def left_out() -> ResponseReturnValue:
    """Show how many ratings of each of the last twelve months are held or left out, and on what grounds."""
    months = _months(clock.today())
    rows = standings.left_out_since(db.session(), months[-1], clock.at(months[-1], time()))
    found = months_left_out(months, (LeftOut(*row) for row in rows))
    return render_template("assurance/left_out.html", months=found)


def _months(today: date) -> list[date]:
    """The first days of this month and of the eleven before, the latest first."""
    so_far = today.year * 12 + today.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(so_far, so_far - 12, -1)]
