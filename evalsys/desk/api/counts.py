"""Orders of a month, counted, as JSON: the same as on the page and in the files."""

from typing import Any

from marshmallow import Schema, fields, validate

from evalsys.desk.api.blueprint import blp
from evalsys.desk.queries import counts
from evalsys.desk.rules.counts import SEE_ORDER_COUNTS
from evalsys.kernel import clock, settings
from evalsys.kernel.access import requires
from evalsys.kernel.database import db
from evalsys.rectification.rules.figures import THREE_RATES
from evalsys.rectification.rules.states import State


class MonthQuery(Schema):
    """A month as 2026-01, by default this one."""

    month = fields.String(load_default="")


class OrderCountAnswer(Schema):
    """How many orders of one category a unit has in one state; unit "" before one is in charge."""

    month = fields.String(required=True)
    category = fields.String(required=True)
    unit = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(list(State)))
    orders = fields.Integer(required=True)


class OrderRateAnswer(Schema):
    """One of the three rates; `value` is null where there is nothing to divide by."""

    month = fields.String(required=True)
    rate = fields.String(required=True, validate=validate.OneOf(list(THREE_RATES)))
    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True)
    value = fields.Float(required=True, allow_none=True)


class OrderCountsAnswer(Schema):
    """A month's orders; `together` weighs the three rates 30 : 35 : 35, null while one is missing."""

    counts = fields.List(fields.Nested(OrderCountAnswer), required=True)
    rates = fields.List(fields.Nested(OrderRateAnswer), required=True)
    together = fields.Float(required=True, allow_none=True)


@blp.get("/orders/counts")
@requires(SEE_ORDER_COUNTS)
@blp.arguments(MonthQuery, location="query")
@blp.response(200, OrderCountsAnswer)
def order_counts(asked: dict[str, Any]) -> dict[str, Any]:
    """Orders of a month by category, unit and state, with the three rates."""
    first, end = counts.month_asked(asked["month"], clock.today())
    least = settings.current().min_n_rate
    return counts.month(db.session(), first, end, least, clock.now()).spelled()
