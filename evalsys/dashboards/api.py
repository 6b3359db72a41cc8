"""The rankings as JSON: the same rows as the screen and the files."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from evalsys.dashboards import queries
from evalsys.dashboards.queries import statistics
from evalsys.dashboards.queries.sheets import SHEETS
from evalsys.dashboards.rules import SEE_LIVE, SEE_RANKINGS
from evalsys.dashboards.rules.sheets import Sheet
from evalsys.dashboards.rules.statistics import funnel_sheet, gap_sheet
from evalsys.kernel import clock, settings
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.few import few_at_once
from evalsys.scoring.rules.funnels import Funnels
from evalsys.scoring.rules.gaps import Gaps
from evalsys.scoring.rules.indicators import INDICATORS
from evalsys.scoring.rules.ranking import CHANNELS, json_of

blp = Blueprint("dashboards_api", __name__, description="Rankings of windows, staff and departments")


class RankingQuery(Schema):
    """ISO days, both included, by default the last 90; codes of what to limit to."""

    from_ = fields.String(data_key="from", load_default="")
    to = fields.String(load_default="")
    period = fields.String(
        load_default="",
        metadata={"description": "For the clerk's side: a released period, as 2026-W05, 2026-02 or 2026-Q1."},
    )
    channel = fields.String(load_default="")
    entry = fields.String(load_default="")
    department = fields.String(load_default="")
    hall = fields.String(load_default="")
    window = fields.String(load_default="")


class RateAnswer(Schema):
    """A proportion with its 95 % Wilson interval; null only where the denominator is 0."""

    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True)
    rate = fields.Float(required=True, allow_none=True)
    interval = fields.List(fields.Float(), required=True, allow_none=True)


class ChannelAnswer(Schema):
    """The ratings of one channel, and the good ones among them."""

    n = fields.Integer(required=True)
    good = fields.Integer(required=True)


Levels = Schema.from_dict({level: fields.Integer(required=True) for level in "54321"}, name="LevelsAnswer")
Channels = Schema.from_dict(
    {
        channel: fields.Nested(
            ChannelAnswer,
            required=True,
            allow_none=True,
            metadata={"description": "Null where the clerk's side may not see it."},
        )
        for channel in CHANNELS
    },
    name="ChannelsAnswer",
)


class RowAnswer(Schema):
    """One row: score and shrunk score in 0 to 100; no rank below the least number of ratings."""

    rank = fields.Integer(required=True, allow_none=True)
    group = fields.String(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    department = fields.String(required=True)
    n = fields.Integer(required=True)
    levels = fields.Nested(Levels, required=True)
    channels = fields.Nested(Channels, required=True)
    services = fields.Integer(required=True, allow_none=True)
    good = fields.Nested(RateAnswer, required=True)
    very_satisfied = fields.Nested(RateAnswer, required=True)
    bad = fields.Nested(RateAnswer, required=True)
    score = fields.Float(required=True, allow_none=True)
    shrunk = fields.Float(required=True, allow_none=True)
    rank_interval = fields.List(fields.Integer(), required=True, allow_none=True)
    band = fields.String(required=True, allow_none=True)
    enough_rate = fields.Boolean(required=True)
    enough_rank = fields.Boolean(required=True)


class RankingAnswer(Schema):
    """Rows by group, rank, n descending, code; staff and those matched to nobody add up to the windows."""

    from_ = fields.Date(data_key="from", attribute="from", required=True)
    to = fields.Date(required=True)
    channel = fields.String(required=True, allow_none=True)
    formulas = fields.String(required=True)
    rows = fields.List(fields.Nested(RowAnswer), required=True)
    unmatched = fields.Nested(RowAnswer, required=True, allow_none=True)
    total = fields.Nested(RowAnswer, required=True)


@blp.get("/rankings/<any(windows,staff,departments):subject>")
@requires(SEE_RANKINGS)
@few_at_once
@blp.arguments(RankingQuery, location="query")
@blp.response(200, RankingAnswer)
def ranking(asked: dict[str, Any], subject: str) -> dict[str, object]:
    """The ranking of windows, staff or departments."""
    said = {"from": asked.pop("from_"), **asked}
    reader = queries.Reader(current_actor(), settings.current(), clock.today())
    found = queries.ranking_for(db.session(), reader, subject, said)
    return {
        "from": found.period.first,
        "to": found.period.last,
        "channel": found.channel or None,
        "formulas": found.formulas.version,
        "rows": [json_of(row) for row in found.rows],
        "unmatched": found.unmatched and json_of(found.unmatched),
        "total": json_of(found.total),
    }


class IndicatorAnswer(Schema):
    """One indicator: its formula in letters, what both parts of it count, its version and source."""

    code = fields.String(required=True)
    words = fields.String(required=True)
    formula = fields.String(required=True)
    numerator = fields.String(required=True)
    denominator = fields.String(required=True, metadata={"description": "Empty where it is no proportion."})
    version = fields.String(required=True)
    source = fields.String(required=True)


class IndicatorsAnswer(Schema):
    """Every indicator, as the pages and docs/indicators.md say it."""

    indicators = fields.List(fields.Nested(IndicatorAnswer), required=True)


@blp.get("/indicators")
@requires(SEE_RANKINGS)
@blp.response(200, IndicatorsAnswer)
def indicators() -> dict[str, object]:
    """What each indicator counts."""
    return {
        "indicators": [
            {
                "code": code,
                "words": said.words,
                "formula": said.formula,
                "numerator": said.counts,
                "denominator": said.of,
                "version": said.version,
                "source": said.source,
            }
            for code, said in INDICATORS.items()
        ]
    }


class SheetQuery(Schema):
    """ISO days, both included, by default the last 90; `by` is windows, staff or departments."""

    from_ = fields.String(data_key="from", load_default="")
    to = fields.String(load_default="")
    by = fields.String(load_default="")
    channel = fields.String(load_default="")
    department = fields.String(load_default="")
    hall = fields.String(load_default="")
    window = fields.String(load_default="")


class SheetAnswer(Schema):
    """The lines of a sheet; a proportion is numerator, denominator, rate, interval and enough."""

    from_ = fields.Date(data_key="from", attribute="from", required=True)
    to = fields.Date(required=True)
    subject = fields.String(required=True)
    formulas = fields.String(required=True)
    rows = fields.List(fields.Dict(), required=True)
    total = fields.Dict(required=True, allow_none=True)


@blp.get("/indicators/<any(tags,participation,done,items,own,compared):name>")
@requires(SEE_LIVE)
@few_at_once
@blp.arguments(SheetQuery, location="query")
@blp.response(200, SheetAnswer)
def sheet(asked: dict[str, Any], name: str) -> dict[str, object]:
    """A sheet of figures beside the rankings."""
    said = {"from": asked.pop("from_"), **asked}
    reader = queries.Reader(current_actor(), settings.current(), clock.today())
    shown = SHEETS[name](db.session(), reader, said)
    return {
        "from": shown.period.first,
        "to": shown.period.last,
        "subject": shown.subject,
        "formulas": shown.formulas.version,
        "rows": shown.sheet.as_json(),
        "total": shown.sheet.total_as_json(),
    }


class FunnelQuery(Schema):
    """ISO days, both included, by default the last 90; the measure is bad or very-satisfied."""

    from_ = fields.String(data_key="from", load_default="")
    to = fields.String(load_default="")
    measure = fields.String(load_default="")
    channel = fields.String(load_default="")
    department = fields.String(load_default="")
    hall = fields.String(load_default="")


class GapQuery(Schema):
    """ISO days, both included, by default the last 90; entries are the two sides of a gap."""

    from_ = fields.String(data_key="from", load_default="")
    to = fields.String(load_default="")
    department = fields.String(load_default="")
    hall = fields.String(load_default="")


@blp.get("/funnels/<any(windows,staff,departments):subject>")
@requires(SEE_LIVE)
@few_at_once
@blp.arguments(FunnelQuery, location="query")
@blp.response(200, SheetAnswer)
def funnel(asked: dict[str, Any], subject: str) -> dict[str, object]:
    """The rates of windows, staff or departments between the limits of chance."""
    said = {"from": asked.pop("from_"), **asked}
    reader = queries.Reader(current_actor(), settings.current(), clock.today())
    found = statistics.funnels_asked(db.session(), reader, subject, said)
    return _said(funnel_sheet(found), found)


@blp.get("/gaps/<any(windows,staff,departments):subject>")
@requires(SEE_LIVE)
@few_at_once
@blp.arguments(GapQuery, location="query")
@blp.response(200, SheetAnswer)
def gaps(asked: dict[str, Any], subject: str) -> dict[str, object]:
    """What is said on the tablet less what is said away from the counter."""
    said = {"from": asked.pop("from_"), **asked}
    reader = queries.Reader(current_actor(), settings.current(), clock.today())
    found = statistics.gaps_asked(db.session(), reader, subject, said)
    return _said(gap_sheet(found), found)


def _said(sheet: Sheet, of: Funnels | Gaps) -> dict[str, object]:
    return {
        "from": of.period.first,
        "to": of.period.last,
        "subject": of.subject,
        "formulas": of.formulas.version,
        "rows": sheet.as_json(),
        "total": sheet.total_as_json(),
    }
