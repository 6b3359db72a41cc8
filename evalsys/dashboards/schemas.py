"""What the JSON interface of the dashboards takes and answers."""

from marshmallow import Schema, fields

from evalsys.scoring.rules.ranking import CHANNELS


class RangeQuery(Schema):
    """ISO days, both included, by default the last 90; codes of the department and the hall to limit to."""

    from_ = fields.String(data_key="from", load_default="")
    to = fields.String(load_default="")
    department = fields.String(load_default="")
    hall = fields.String(load_default="")


class RankingQuery(RangeQuery):
    """What a ranking can be limited to besides."""

    period = fields.String(
        load_default="",
        metadata={"description": "For the clerk's side: a released period, as 2026-W05, 2026-02 or 2026-Q1."},
    )
    channel = fields.String(load_default="")
    entry = fields.String(load_default="")
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
    top_tenth = fields.Float(
        required=True, allow_none=True, metadata={"description": "The chance of the group's best tenth."}
    )
    bottom_tenth = fields.Float(required=True, allow_none=True)
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


class SheetQuery(RangeQuery):
    """What a sheet can be limited to besides; `by` is windows, staff or departments."""

    by = fields.String(load_default="")
    channel = fields.String(load_default="")
    window = fields.String(load_default="")


class SheetAnswer(Schema):
    """The lines of a sheet; a proportion is numerator, denominator, rate, interval and enough."""

    from_ = fields.Date(data_key="from", attribute="from", required=True)
    to = fields.Date(required=True)
    subject = fields.String(required=True)
    formulas = fields.String(required=True)
    rows = fields.List(fields.Dict(), required=True)
    total = fields.Dict(required=True, allow_none=True)


class FunnelQuery(RangeQuery):
    """What a funnel can be limited to besides; the measure is bad or very-satisfied."""

    measure = fields.String(load_default="")
    channel = fields.String(load_default="")


class FixesAnswer(Schema):
    """What was changed, and its tag's rate before and after; blank where no whole day has passed."""

    rows = fields.List(fields.Dict(), required=True)
