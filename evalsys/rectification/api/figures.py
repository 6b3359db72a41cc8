"""The figures of the loop as JSON: the same as on the page and in the files."""

from typing import Any

from marshmallow import Schema, fields

from evalsys.kernel import clock, settings
from evalsys.kernel.access import requires
from evalsys.kernel.database import db
from evalsys.kernel.periods import period_asked
from evalsys.rectification import exports
from evalsys.rectification.api.blueprint import blp
from evalsys.rectification.queries import figures as queries
from evalsys.rectification.rules.figures import DEFINITIONS, SEE_FIGURES


class FiguresQuery(Schema):
    """ISO days, both included, by default the last 90; `kind` is bad-review (default), not-done or order."""

    from_ = fields.String(data_key="from", load_default="")
    to = fields.String(load_default="")
    kind = fields.String(load_default="")


class CaseRateAnswer(Schema):
    """A part of some cases with its 95 % Wilson interval; `enough` says whether pages print the rate."""

    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True)
    rate = fields.Float(required=True, allow_none=True)
    interval = fields.List(fields.Float(), required=True, allow_none=True)
    enough = fields.Boolean(required=True)


class HeldAnswer(Schema):
    """Hours that cases lay somewhere, day and night, and how many cases it was."""

    hours = fields.Float(required=True)
    cases = fields.Integer(required=True)


CaseFigures = Schema.from_dict(
    {
        figure.value: fields.Nested(
            CaseRateAnswer,
            required=True,
            metadata={"description": f"{said.words}: {said.counts} / {said.of}"},
        )
        for figure, said in DEFINITIONS.items()
    },
    name="CaseFiguresOfUnit",
)


class UnitFiguresAnswer(Schema):
    """The figures of one unit."""

    unit = fields.String(required=True)
    name = fields.String(required=True)
    figures = fields.Nested(CaseFigures, required=True)
    held = fields.Nested(HeldAnswer, required=True)
    three_rates = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "orders only: contacted × 30 + solved × 35 + satisfied × 35"},
    )


class FiguresAnswer(Schema):
    """The figures of the cases opened in a period; `desk` is what lay with no unit."""

    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)
    kind = fields.String(required=True)
    units = fields.List(fields.Nested(UnitFiguresAnswer), required=True)
    desk = fields.Nested(HeldAnswer, required=True)
    total = fields.Nested(UnitFiguresAnswer, required=True)


@blp.get("/cases/figures")
@requires(SEE_FIGURES)
@blp.arguments(FiguresQuery, location="query")
@blp.response(200, FiguresAnswer)
def case_figures(asked: dict[str, Any]) -> dict[str, Any]:
    """Figures of the loop by unit: numerators, denominators, intervals, and how long cases lay where."""
    period = period_asked(asked["from_"], asked["to"], clock.today())
    kind = queries.kind_asked(asked["kind"])
    found = queries.figures(db.session(), period, kind, settings.current().min_n_rate, clock.now())
    return {
        "from_": period.first,
        "to": period.last,
        "kind": kind,
        "units": [exports.json_of(unit) for unit in found.units],
        "desk": exports.held_of(found.desk),
        "total": exports.json_of(found.total),
    }
