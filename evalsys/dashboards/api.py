"""The rankings as JSON: the same rows as the screen and the files."""

from typing import Any

from flask_smorest import Blueprint

from evalsys.dashboards import queries
from evalsys.dashboards.queries import fixes as noted
from evalsys.dashboards.queries import statistics
from evalsys.dashboards.queries.sheets import SHEETS, Shown
from evalsys.dashboards.rules import SEE_LIVE, SEE_RANKINGS
from evalsys.dashboards.rules.sheets import Sheet
from evalsys.dashboards.rules.statistics import funnel_sheet, gap_sheet
from evalsys.dashboards.schemas import (
    FixesAnswer,
    FunnelQuery,
    IndicatorsAnswer,
    RangeQuery,
    RankingAnswer,
    RankingQuery,
    SheetAnswer,
    SheetQuery,
)
from evalsys.kernel import clock, settings
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.few import few_at_once
from evalsys.scoring.rules.funnels import Funnels
from evalsys.scoring.rules.gaps import Gaps
from evalsys.scoring.rules.indicators import INDICATORS
from evalsys.scoring.rules.ranking import json_of

blp = Blueprint("dashboards_api", __name__, description="Rankings of windows, staff and departments")


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
    return _said(shown.sheet, shown)


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
@blp.arguments(RangeQuery, location="query")
@blp.response(200, SheetAnswer)
def gaps(asked: dict[str, Any], subject: str) -> dict[str, object]:
    """What is said on the tablet less what is said away from the counter."""
    said = {"from": asked.pop("from_"), **asked}
    reader = queries.Reader(current_actor(), settings.current(), clock.today())
    found = statistics.gaps_asked(db.session(), reader, subject, said)
    return _said(gap_sheet(found), found)


@blp.get("/fixes")
@requires(SEE_LIVE)
@few_at_once
@blp.response(200, FixesAnswer)
def fixes() -> dict[str, object]:
    """您提我改: what was changed because people said so."""
    reader = queries.Reader(current_actor(), settings.current(), clock.today())
    return {"rows": noted.sheet(db.session(), reader).as_json()}


@blp.get("/overview/<any(warnings,lists):name>")
@requires(SEE_LIVE)
@few_at_once
@blp.arguments(RangeQuery(only=("from_", "to")), location="query")
@blp.response(200, SheetAnswer)
def overview(asked: dict[str, Any], name: str) -> dict[str, object]:
    """The windows warned of, or those on the red and the black list."""
    said = {"from": asked.pop("from_"), **asked}
    reader = queries.Reader(current_actor(), settings.current(), clock.today())
    shown = statistics.SHEETS[name](db.session(), reader, said)
    return _said(shown.sheet, shown)


def _said(sheet: Sheet, of: Funnels | Gaps | Shown) -> dict[str, object]:
    return {
        "from": of.period.first,
        "to": of.period.last,
        "subject": of.subject,
        "formulas": of.formulas.version,
        "rows": sheet.as_json(),
        "total": sheet.total_as_json(),
    }
