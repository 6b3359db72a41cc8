"""Rankings for leadership, the same by released periods for the clerk's side, and its console."""

import io
from collections.abc import Hashable
from http import HTTPStatus

from flask import Blueprint, jsonify, render_template, request, send_file, session
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from evalsys.dashboards import exports, figures, queries, rules
from evalsys.dashboards.rules import ENTRY_WORDS, SEE_CONSOLE, SEE_LIVE, SEE_RANKINGS
from evalsys.evaluation.rules import CHANNEL_WORDS, PRINT_CODES
from evalsys.kernel import clock, headers, settings
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import say
from evalsys.kernel.periods import BadPeriod, closing_named
from evalsys.scoring.queries import kept, released, sums
from evalsys.scoring.rules.asking import FILTERS, BadFilter
from evalsys.scoring.rules.ranking import DEPARTMENTS, STAFF, WINDOWS, Ranking

bp = Blueprint("dashboards", __name__)

# Pages of live sums as they were last rendered, half a megabyte each.
PAGES = kept.Pages(room=16)

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
def ranking_file(subject: str, kind: str) -> ResponseReturnValue:
    """The ranking as a file, by the same query as the page."""
    ranking = _ranking(subject)
    content, media_type = FILE_TYPES[kind]
    name = f"{subject}-{ranking.period.first}-{ranking.period.last}.{kind}"
    return send_file(io.BytesIO(content(ranking)), media_type, as_attachment=True, download_name=name)


@bp.get("/rankings/<any(windows,staff,departments):subject>/figure")
@requires(SEE_RANKINGS)
def ranking_figure(subject: str) -> ResponseReturnValue:
    """The figure of a ranking, by the same query as the page."""
    return jsonify(figures.scores(_ranking(subject)))


@bp.get("/console")
@requires(SEE_CONSOLE)
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


def _page(subject: str) -> ResponseReturnValue:
    headers.allow_figures()
    name, stamps = _name_of_page(), kept.stamps(db.session())
    found = PAGES.find(stamps, name) if name else None
    if found is not None:
        return found
    page, status = _rendered(subject)
    if name and status == HTTPStatus.OK:
        PAGES.put(stamps, name, page.encode())
    return page, status


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


def _name_of_page() -> Hashable | None:
    """All that makes a page of live sums differ from another one while no sum and no name changes.

    That is who looks and with which rights and forms, the language, the address, and the minute it says it is
    of. None where a page is not to be kept: one by released periods, or one with a message for once.
    """
    actor = current_actor()
    if not actor.may(SEE_LIVE) or "_flashes" in session or "csrf_token" not in session:
        return None
    minute = clock.local(clock.now()).replace(second=0, microsecond=0)
    return actor, session["csrf_token"], str(get_locale()), request.full_path, minute


def _words() -> dict[str, object]:
    """What the filters need of the present address."""
    said = request.args
    return {
        "said": said,
        "kept": {name: said[name] for name in ("from", "to", "period", *FILTERS) if said.get(name)},
        "live": current_actor().may(SEE_LIVE),
        "channel_words": CHANNEL_WORDS,
        "entry_words": ENTRY_WORDS,
    }


def _shown(ranking: Ranking) -> dict[str, object]:
    """A ranking in the order asked for, and what can be said of it."""
    order = request.args.get("sort", "")
    return {
        **_words(),
        "subject": ranking.subject,
        "ranking": ranking,
        "rows": rules.in_order(ranking.rows, order),
        "order": order,
        "closing": closing_named(ranking.released) if ranking.released else None,
        "finding": rules.finding(ranking),
        "score_axis": rules.score_axis(ranking.rows),
        "rate_axis": rules.rate_axis(ranking.rows),
        "now": clock.local(clock.now()),
    }
