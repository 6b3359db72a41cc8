"""Rankings for leadership, the same by released periods for the clerk's side, and its console."""

import io
from http import HTTPStatus
from typing import Any

from flask import jsonify, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from markupsafe import escape

from evalsys.dashboards import cells, exports, figures, queries, rules
from evalsys.dashboards.rules import ENTRY_WORDS, SEE_CONSOLE, SEE_LIVE, SEE_RANKINGS
from evalsys.dashboards.views import again
from evalsys.dashboards.views.blueprint import bp
from evalsys.evaluation.rules import CHANNEL_WORDS, PRINT_CODES
from evalsys.kernel import clock, headers, settings
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.few import few_at_once
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.kernel.periods import BadPeriod, closing_named
from evalsys.scoring.queries import released, sums
from evalsys.scoring.rules.asking import FILTERS, BadFilter
from evalsys.scoring.rules.ranking import DEPARTMENTS, STAFF, WINDOWS, Ranking

FILE_TYPES = {
    "csv": (exports.as_csv, "text/csv"),
    "xlsx": (exports.as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@bp.get("/rankings/windows")
@requires(SEE_RANKINGS)
def windows() -> ResponseReturnValue:
    """The windows, ranked inside their comparison groups."""
    return _page(WINDOWS)


@bp.get("/rankings/staff")
@requires(SEE_RANKINGS)
def staff() -> ResponseReturnValue:
    """The staff, ranked; those ratings matched to nobody stand below."""
    return _page(STAFF)


@bp.get("/rankings/departments")
@requires(SEE_RANKINGS)
def departments() -> ResponseReturnValue:
    """The departments, ranked."""
    return _page(DEPARTMENTS)


@bp.get("/rankings/<any(windows,staff,departments):subject>.<any(csv,xlsx):kind>")
@requires(SEE_RANKINGS)
@few_at_once
def ranking_file(subject: str, kind: str) -> ResponseReturnValue:
    """The ranking as a file, by the same query as the page."""
    ranking = _ranking(subject)
    content, media_type = FILE_TYPES[kind]
    name = f"{subject}-{ranking.period.first}-{ranking.period.last}.{kind}"
    return send_file(io.BytesIO(content(ranking)), media_type, as_attachment=True, download_name=name)


@bp.get("/rankings/<any(windows,staff,departments):subject>/figure")
@requires(SEE_RANKINGS)
@few_at_once
def ranking_figure(subject: str) -> ResponseReturnValue:
    """The figure of a ranking, by the same query as the page."""
    return jsonify(figures.scores(_ranking(subject)))


@bp.get("/console")
@requires(SEE_CONSOLE)
@few_at_once
def console() -> ResponseReturnValue:
    """The own windows by released periods: scores, trend, tags."""
    actor, session, today = current_actor(), db.session(), clock.today()
    headers.allow_figures()
    ranking = _ranking(WINDOWS)
    return render_template(
        "dashboards/console.html",
        **_shown(ranking),
        choices=queries.choices_for(session, actor, today),
        tags=queries.tag_lines(session, closing_named(ranking.released), actor.scope),
        trend=released.trend(session, actor.scope),
        may_print=actor.may(PRINT_CODES),
    )


@bp.get("/console/trend")
@requires(SEE_CONSOLE)
def console_trend() -> ResponseReturnValue:
    """The figure of the released weeks of one's units."""
    weeks = released.trend(db.session(), current_actor().scope)
    return jsonify(figures.trend(weeks, sums.formulas_of(settings.current())))


def _ranking(subject: str) -> Ranking:
    reader = queries.Reader(current_actor(), settings.current(), clock.today())
    return queries.ranking_for(db.session(), reader, subject, request.args)


@few_at_once
def _page(subject: str) -> ResponseReturnValue:
    headers.allow_figures()
    if current_actor().may(SEE_LIVE):
        again.may_be_kept()
    return _rendered(subject)


def _rendered(subject: str) -> tuple[str, int]:
    choices = queries.choices_for(db.session(), current_actor(), clock.today())
    try:
        ranking = _ranking(subject)
    except (BadPeriod, BadFilter) as refusal:
        page = render_template(
            "dashboards/refused.html", subject=subject, choices=choices, refusal=say(refusal), **_words()
        )
        return page, refusal.status
    return render_template("dashboards/ranking.html", choices=choices, **_shown(ranking)), HTTPStatus.OK


def _limits() -> dict[str, Any]:
    """The period and the filters of the present address."""
    return {name: request.args[name] for name in ("from", "to", "period", *FILTERS) if request.args.get(name)}


def _words() -> dict[str, object]:
    """What the filters need of the present address."""
    said = request.args
    return {
        "said": said,
        "kept": _limits(),
        "live": current_actor().may(SEE_LIVE),
        "channel_words": CHANNEL_WORDS,
        "entry_words": ENTRY_WORDS,
    }


def _lines(ranking: Ranking) -> cells.Lines:
    """What writes the lines of a ranking's table, and the way one step further down in each."""
    place = cells.PLACE
    to = {
        DEPARTMENTS: (".windows", "department", None),
        WINDOWS: (".staff", "window", _("%(number)s号窗口", number=place)),
        STAFF: ("evaluation.comments", "staff", None),
    }
    endpoint, limit, label = to[ranking.subject]
    linked = ranking.subject != STAFF or current_actor().may(SEE_LIVE)
    address = url_for(endpoint, **{**_limits(), limit: place})
    return cells.Lines(
        words=cells.words(ranking),
        channels={channel: str(escape(_(word))) for channel, word in CHANNEL_WORDS.items()},
        levels=cells.levels(),
        least=ranking.formulas.min_n_rate,
        axes=(rules.score_axis(ranking.rows), rules.rate_axis(ranking.rows)),
        name=cells.linked(address, label) if linked else cells.plain,
        with_department=ranking.subject != DEPARTMENTS,
        with_places=ranking.by_shrunk,
    )


def _shown(ranking: Ranking) -> dict[str, object]:
    """A ranking in the order asked for, and what can be said of it."""
    order = request.args.get("sort", "")
    rows = rules.in_order(ranking.rows, order)
    return {
        **_words(),
        "subject": ranking.subject,
        "ranking": ranking,
        "rows": rows,
        "groups": rules.in_groups(rows, order),
        "order": order,
        "closing": closing_named(ranking.released) if ranking.released else None,
        "finding": rules.finding(ranking),
        "bands": rules.bands(ranking),
        "lines": _lines(ranking),
        "now": clock.local(clock.now()),
    }
