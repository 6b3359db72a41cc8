"""What citizens said: rating rows read openly, and remarks by the week for the clerk's side."""

from datetime import timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue

from evalsys.evaluation.actions.reading import note_reading
from evalsys.evaluation.queries import records
from evalsys.evaluation.queries.records import Asked
from evalsys.evaluation.rules import (
    CHANNEL_WORDS,
    CHANNELS,
    ENTRIES,
    LEVEL_BY_VALUE,
    LEVELS,
    READ_COMMENTS,
    READ_OPENLY,
    masked,
)
from evalsys.evaluation.views.blueprint import bp
from evalsys.kernel import clock, writer
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.periods import BadPeriod, Period, closing_named, closing_of, period_asked
from evalsys.kernel.refusals import Refused
from evalsys.organisation.queries import directory


@bp.get("/comments")
@requires(READ_COMMENTS)
def comments() -> ResponseReturnValue:
    """Show what citizens said, as openly as the reader's role allows."""
    return _openly() if current_actor().roles & READ_OPENLY else _by_the_week()


def _openly() -> ResponseReturnValue:
    asked = _asked()
    actor = current_actor()
    # Reading single ratings leaves a mark, before they are read.
    writer.run(note_reading, actor, request.query_string.decode())
    page = max(1, request.args.get("page", 1, type=int))
    today = clock.today()
    return render_template(
        "evaluation/comments.html",
        asked=asked,
        found=records.records(db.session(), asked, actor.scope, page),
        departments=directory.units_on(db.session(), today).values(),
        levels=LEVELS,
        words=LEVEL_BY_VALUE,
        channels=CHANNEL_WORDS,
    )


def _asked() -> Asked:
    given = {name: request.args.get(name, "").strip() for name in ("channel", "entry", "department", "hall")}
    given |= {name: request.args.get(name, "").strip() for name in ("window", "staff")}
    if given["channel"] not in ("", *CHANNELS) or given["entry"] not in ("", *ENTRIES):
        raise Refused("没有这个评价渠道。请从列表里选。")
    level = request.args.get("level", "0")
    if level not in {"", "0", "1", "2", "3", "4", "5"}:
        raise Refused("没有这个评价等级。请从列表里选。")
    period = period_asked(request.args.get("from", ""), request.args.get("to", ""), clock.today())
    return Asked(period, level=int(level or 0), with_words="words" in request.args, **given)


def _by_the_week() -> ResponseReturnValue:
    week = _week()
    window = request.args.get("window", "").strip()
    found = records.remarks(db.session(), week, current_actor().scope, window)
    monday = week.first
    return render_template(
        "evaluation/remarks.html",
        week=week,
        name=closing_of("week", monday).name,
        before=closing_of("week", monday - timedelta(days=7)).name,
        after=closing_of("week", monday + timedelta(days=7)) if _is_over(monday) else None,
        window=window,
        remarks=[(remark, masked(remark.text)) for remark in found],
        least=records.LEAST_PER_WEEK,
    )


def _week() -> Period:
    """The closed week asked for; the last one unless said otherwise."""
    last = records.last_closed_week(clock.today())
    closing = closing_named(request.args["week"]) if request.args.get("week") else closing_of("week", last)
    if closing.kind != "week":
        raise BadPeriod("评语按周看。请写成 2026-W05 这样。")
    if not closing.closed(clock.today()):
        raise Refused("这一周还没过完,评语在下周一以后可看。")
    return closing.period


def _is_over(monday: object) -> bool:
    return monday != records.last_closed_week(clock.today())
