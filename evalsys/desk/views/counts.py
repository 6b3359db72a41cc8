"""Orders of a month, counted: on a page, as CSV, as a workbook, as JSON."""

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from evalsys.desk.queries import counts
from evalsys.desk.queries.counts import Month
from evalsys.desk.rules.counts import COUNT_COLUMNS, RATE_COLUMNS, SEE_ORDER_COUNTS
from evalsys.desk.views.blueprint import bp
from evalsys.kernel import clock, settings, tables
from evalsys.kernel.access import requires
from evalsys.kernel.database import db
from evalsys.rectification.rules.figures import THREE_RATE_WORDS, THREE_RATES

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/orders/counts")
@requires(SEE_ORDER_COUNTS)
def order_counts() -> ResponseReturnValue:
    """Show a month's orders by category, unit and state, with the three rates."""
    return render_template(
        "desk/counts.html", month=_month(), weights=THREE_RATES, rate_words=THREE_RATE_WORDS
    )


@bp.get("/orders/counts.<any(csv,xlsx,json):kind>")
@requires(SEE_ORDER_COUNTS)
def order_counts_file(kind: str) -> Response:
    """The same month as a file."""
    month = _month()
    if kind == "json":
        return jsonify(month.spelled())
    head = {"Content-Disposition": f"attachment; filename=orders-{month.first:%Y-%m}.{kind}"}
    if kind == "csv":
        return Response(tables.as_csv(COUNT_COLUMNS, month.rows()), mimetype="text/csv", headers=head)
    sheets = {"counts": (COUNT_COLUMNS, month.rows()), "rates": (RATE_COLUMNS, month.rate_rows())}
    return Response(tables.as_xlsx(sheets), mimetype=WORKBOOK, headers=head)


def _month() -> Month:
    first, end = counts.month_asked(request.args.get("month", ""), clock.today())
    return counts.month(db.session(), first, end, settings.current().min_n_rate, clock.now())
