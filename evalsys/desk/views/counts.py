"""Orders of a month, counted: on a page, as CSV, as a workbook, as JSON."""

from datetime import date, timedelta

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from evalsys.desk.queries import counts
from evalsys.desk.queries.counts import Month
from evalsys.desk.rules.counts import COUNT_COLUMNS, RATE_COLUMNS, SEE_ORDER_COUNTS, WEIGHTS
from evalsys.desk.views.blueprint import bp
from evalsys.kernel import clock, tables
from evalsys.kernel.access import requires
from evalsys.kernel.database import db
from evalsys.kernel.refusals import Refused

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/orders/counts")
@requires(SEE_ORDER_COUNTS)
def order_counts() -> ResponseReturnValue:
    """Show a month's orders by category, unit and state, with the three rates."""
    return render_template("desk/counts.html", month=_month(), weights=WEIGHTS)


@bp.get("/orders/counts.<any(csv,xlsx,json):kind>")
@requires(SEE_ORDER_COUNTS)
def order_counts_file(kind: str) -> Response:
    """The same month as a file."""
    month = _month()
    if kind == "json":
        rates = [dict(zip(RATE_COLUMNS, row, strict=True)) for row in month.rate_rows()]
        rows = [dict(zip(COUNT_COLUMNS, row, strict=True)) for row in month.rows()]
        return jsonify({"counts": rows, "rates": rates, "together": month.rates.together})
    head = {"Content-Disposition": f"attachment; filename=orders-{month.first:%Y-%m}.{kind}"}
    if kind == "csv":
        return Response(tables.as_csv(COUNT_COLUMNS, month.rows()), mimetype="text/csv", headers=head)
    sheets = {"counts": (COUNT_COLUMNS, month.rows()), "rates": (RATE_COLUMNS, month.rate_rows())}
    return Response(tables.as_xlsx(sheets), mimetype=WORKBOOK, headers=head)


def _month() -> Month:
    asked = request.args.get("month", "")
    try:
        first = date.fromisoformat(f"{asked}-01") if asked else clock.today().replace(day=1)
        end = (first + timedelta(days=32)).replace(day=1)
    except (ValueError, OverflowError) as fault:
        raise Refused("月份请写成 2026-01 这样。") from fault
    return counts.month(db.session(), first, end)
