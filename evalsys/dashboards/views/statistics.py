"""What is true and what is chance: the overview, funnels and channel gaps, as pages, figures and files."""

import io
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import jsonify, render_template, request, send_file
from flask.typing import ResponseReturnValue

from evalsys.dashboards import queries
from evalsys.dashboards.figures import funnels as funnel_figures
from evalsys.dashboards.figures import gaps as gap_figures
from evalsys.dashboards.queries import statistics
from evalsys.dashboards.rules import SEE_LIVE
from evalsys.dashboards.rules.besides import WHO
from evalsys.dashboards.rules.sheets import Sheet
from evalsys.dashboards.rules.statistics import (
    ALARM_WORDS,
    MEASURE_WORDS,
    SIDE_WORDS,
    funnel_sheet,
    gap_sheet,
)
from evalsys.dashboards.views.blueprint import bp
from evalsys.evaluation.rules import CHANNEL_WORDS
from evalsys.kernel import clock, headers, settings, tables
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.few import few_at_once
from evalsys.kernel.language import say
from evalsys.kernel.periods import BadPeriod, Period
from evalsys.scoring.rules.asking import FILTERS, BadFilter
from evalsys.scoring.rules.funnels import Funnels
from evalsys.scoring.rules.gaps import Gaps

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/overview")
@requires(SEE_LIVE)
@few_at_once
def overview() -> ResponseReturnValue:
    """What the period says, in sentences: who differs from the rest, and for whom that cannot be said."""
    return _page("overview", lambda: {"found": statistics.overview(db.session(), _reader(), request.args)})


@bp.get("/overview/<any(warnings,lists):name>.<any(csv,xlsx):kind>")
@requires(SEE_LIVE)
@few_at_once
def overview_file(name: str, kind: str) -> ResponseReturnValue:
    """The windows warned of, or the red and the black list, as a file."""
    shown = statistics.SHEETS[name](db.session(), _reader(), request.args)
    return _file(shown.sheet, name, shown.period, kind)


@bp.get("/funnels/<any(windows,staff,departments):subject>")
@requires(SEE_LIVE)
@few_at_once
def funnel(subject: str) -> ResponseReturnValue:
    """The funnel of a comparison group: who lies outside the limits of chance."""
    headers.allow_figures()
    return _page("funnel", lambda: {"found": (found := _funnels(subject)), "group": _group(found)}, subject)


@bp.get("/funnels/<any(windows,staff,departments):subject>/figure")
@requires(SEE_LIVE)
@few_at_once
def funnel_figure(subject: str) -> ResponseReturnValue:
    """The picture of a funnel, by the same query as the page."""
    found = _funnels(subject)
    return jsonify(funnel_figures.funnel(found, _group(found)))


@bp.get("/funnels/<any(windows,staff,departments):subject>.<any(csv,xlsx):kind>")
@requires(SEE_LIVE)
@few_at_once
def funnel_file(subject: str, kind: str) -> ResponseReturnValue:
    """The funnels as a file, by the same query as the page."""
    found = _funnels(subject)
    return _file(funnel_sheet(found), f"{found.measure}-funnel-{subject}", found.period, kind)


@bp.get("/gaps/<any(windows,staff,departments):subject>")
@requires(SEE_LIVE)
@few_at_once
def gaps(subject: str) -> ResponseReturnValue:
    """The channel gaps: what is said at the counter against what is said away from it."""
    headers.allow_figures()
    return _page("gaps", lambda: {"found": _gaps(subject)}, subject)


@bp.get("/gaps/<any(windows,staff,departments):subject>/figure")
@requires(SEE_LIVE)
@few_at_once
def gaps_figure(subject: str) -> ResponseReturnValue:
    """The picture of the channel gaps, by the same query as the page."""
    return jsonify(gap_figures.gaps(_gaps(subject)))


@bp.get("/gaps/<any(windows,staff,departments):subject>.<any(csv,xlsx):kind>")
@requires(SEE_LIVE)
@few_at_once
def gaps_file(subject: str, kind: str) -> ResponseReturnValue:
    """The channel gaps as a file, by the same query as the page."""
    found = _gaps(subject)
    return _file(gap_sheet(found), f"gaps-{subject}", found.period, kind)


def _reader() -> queries.Reader:
    return queries.Reader(current_actor(), settings.current(), clock.today())


def _funnels(subject: str) -> Funnels:
    return statistics.funnels_asked(db.session(), _reader(), subject, request.args)


def _gaps(subject: str) -> Gaps:
    return statistics.gaps_asked(db.session(), _reader(), subject, request.args)


def _group(found: Funnels) -> str:
    """The comparison group drawn: the one asked for, else the one with the most rows."""
    asked = request.args.get("group", "")
    if asked in found.groups:
        return asked
    return max(found.groups, key=lambda group: (found.groups[group].rows, group), default="")


def _file(sheet: Sheet, name: str, period: Period, kind: str) -> ResponseReturnValue:
    if kind == "csv":
        content, media_type = tables.as_csv(sheet.fields, sheet.rows()), "text/csv"
    else:
        content, media_type = tables.as_xlsx({"figures": (sheet.fields, sheet.rows())}), WORKBOOK
    file_name = f"{name}-{period.first}-{period.last}.{kind}"
    return send_file(io.BytesIO(content), media_type, as_attachment=True, download_name=file_name)


def _page(name: str, find: Callable[[], dict[str, Any]], subject: str = "") -> tuple[str, int]:
    said = request.args
    around = {
        "name": name,
        "subject": subject,
        "said": said,
        "kept": {each: said[each] for each in ("from", "to", "measure", *FILTERS) if said.get(each)},
        "choices": queries.choices_for(db.session(), current_actor(), clock.today()),
        "channel_words": CHANNEL_WORDS,
        "measure_words": MEASURE_WORDS,
        "side_words": SIDE_WORDS,
        "alarm_words": ALARM_WORDS,
        "subject_words": WHO,
    }
    try:
        shown = find()
    except (BadPeriod, BadFilter) as refusal:
        page = render_template(f"dashboards/{name}.html", found=None, refusal=say(refusal), **around)
        return page, refusal.status
    return render_template(f"dashboards/{name}.html", **shown, **around), HTTPStatus.OK
