"""Sheets of figures beside the rankings: each on a page of its own and as files."""

import io
from http import HTTPStatus
from typing import Any

from flask import jsonify, render_template, request, send_file
from flask.typing import ResponseReturnValue

from evalsys.dashboards import queries
from evalsys.dashboards.figures import sheets as sheet_figures
from evalsys.dashboards.queries import sheets
from evalsys.dashboards.queries.sheets import Shown
from evalsys.dashboards.rules import SEE_LIVE, SEE_RANKINGS
from evalsys.dashboards.rules.besides import WHO
from evalsys.dashboards.rules.pages import SHEET_PAGES
from evalsys.dashboards.views.blueprint import bp
from evalsys.evaluation.rules import CHANNEL_WORDS
from evalsys.kernel import clock, headers, settings, tables
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.few import few_at_once
from evalsys.kernel.language import say
from evalsys.kernel.periods import BadPeriod
from evalsys.scoring.rules.asking import FILTERS, BadFilter
from evalsys.scoring.rules.indicators import INDICATORS

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/indicators/tags")
@requires(SEE_LIVE)
@few_at_once
def tags() -> ResponseReturnValue:
    """The tags chosen, by what they are about, with the items they point to."""
    return _page("tags")


@bp.get("/indicators/participation")
@requires(SEE_LIVE)
@few_at_once
def participation() -> ResponseReturnValue:
    """Services, rated and unrated."""
    return _page("participation")


@bp.get("/indicators/done")
@requires(SEE_LIVE)
@few_at_once
def done() -> ResponseReturnValue:
    """一次办成率 by window."""
    return _page("done")


@bp.get("/indicators/items")
@requires(SEE_LIVE)
@few_at_once
def items() -> ResponseReturnValue:
    """一次办成率 by item."""
    return _page("items")


@bp.get("/indicators/own")
@requires(SEE_LIVE)
@few_at_once
def own() -> ResponseReturnValue:
    """Bad reviews by clerk, told apart fairly."""
    return _page("own")


@bp.get("/indicators/compared")
@requires(SEE_LIVE)
@few_at_once
def compared() -> ResponseReturnValue:
    """This period beside the one before."""
    return _page("compared")


@bp.get("/indicators/<any(tags,participation,done,items,own,compared):name>.<any(csv,xlsx):kind>")
@requires(SEE_LIVE)
@few_at_once
def sheet_file(name: str, kind: str) -> ResponseReturnValue:
    """A sheet as a file, by the same query as its page; the workbook brings the definitions along."""
    shown = _shown(name)
    sheet, period = shown.sheet, shown.period
    if kind == "csv":
        content, media_type = tables.as_csv(sheet.fields, sheet.rows()), "text/csv"
    else:
        book = {"figures": (sheet.fields, sheet.rows()), "definitions": sheet.definitions()}
        content, media_type = tables.as_xlsx(book), WORKBOOK
    file_name = f"{sheet.name}-{period.first}-{period.last}.{kind}"
    return send_file(io.BytesIO(content), media_type, as_attachment=True, download_name=file_name)


@bp.get("/indicators/<any(tags,participation,done,items,own,compared):name>/figure")
@requires(SEE_LIVE)
@few_at_once
def sheet_figure(name: str) -> ResponseReturnValue:
    """The figure of a sheet, by the same query as its page."""
    return jsonify(sheet_figures.sheet_figure(name, _shown(name).sheet))


def _shown(name: str) -> Shown:
    reader = queries.Reader(current_actor(), settings.current(), clock.today())
    return sheets.SHEETS[name](db.session(), reader, request.args)


def _page(name: str) -> tuple[str, int]:
    headers.allow_figures()
    around = _around(name)
    try:
        shown = _shown(name)
    except (BadPeriod, BadFilter) as refusal:
        refused = render_template("dashboards/sheet.html", shown=None, refusal=say(refusal), **around)
        return refused, refusal.status
    days = {"from": shown.period.first, "to": shown.period.last}
    rows_kept = around["kept"] | days | {"standing": "counted", "by": None}
    drawn = len(sheet_figures.drawn_lines(name, shown.sheet))
    page = render_template(
        "dashboards/sheet.html",
        shown=shown,
        rows_kept=rows_kept,
        drawing=sheet_figures.DRAWINGS[name],
        drawn=drawn,
        **around,
    )
    return page, HTTPStatus.OK


def _around(name: str) -> dict[str, Any]:
    """What a sheet's page shows around its table: the filters as the address says them, and words."""
    said = request.args
    return {
        "name": name,
        "page": SHEET_PAGES[name],
        "said": said,
        "kept": {each: said[each] for each in ("from", "to", "by", *FILTERS) if said.get(each)},
        "choices": queries.choices_for(db.session(), current_actor(), clock.today()),
        "channel_words": CHANNEL_WORDS,
        "subject_words": WHO,
        "indicators": INDICATORS,
    }


@bp.get("/indicators")
@requires(SEE_RANKINGS)
def indicators() -> ResponseReturnValue:
    """What each indicator counts, its formula, version and source."""
    return render_template("dashboards/indicators.html", indicators=INDICATORS)
