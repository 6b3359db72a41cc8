"""What citizens said: rating rows read openly, and remarks by the week for the clerk's side."""

from datetime import timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue

from evalsys.evaluation.actions.reading import as_noted, note_reading
from evalsys.evaluation.queries import records, remarks
from evalsys.evaluation.rules import (
    CHANNEL_WORDS,
    DONE_WORDS,
    LEVEL_BY_VALUE,
    LEVELS,
    READ_COMMENTS,
    READ_OPENLY,
    STANDING_WORDS,
)
from evalsys.evaluation.views.blueprint import bp
from evalsys.kernel import clock, writer
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.masking import masked
from evalsys.kernel.periods import BadPeriod, Period, closing_named, closing_of
from evalsys.kernel.refusals import Refused
from evalsys.organisation.queries import directory


@bp.get("/comments")
@requires(READ_COMMENTS)
def comments() -> ResponseReturnValue:
    """Show what citizens said, as openly as the reader's role allows."""
    return _openly() if current_actor().roles & READ_OPENLY else _by_the_week()


def _openly() -> ResponseReturnValue:
    asked = records.asked_of(request.args, clock.today())
    actor = current_actor()
    # Reading single ratings leaves a mark, before they are read.
    writer.run(note_reading, actor, as_noted(request.query_string.decode()))
    after = records.mark_said(request.args.get("after", ""))
    today = clock.today()
    return render_template(
        "evaluation/comments.html",
        asked=asked,
        found=records.records(db.session(), asked, actor.scope, after),
        is_first=after is None,
        departments=directory.units_on(db.session(), today).values(),
        levels=LEVELS,
        words=LEVEL_BY_VALUE,
        channels=CHANNEL_WORDS,
        done_words=DONE_WORDS,
        standing_words=STANDING_WORDS,
    )


def _by_the_week() -> ResponseReturnValue:
    last = remarks.last_week_due(db.session(), clock.today())
    week = _week(last)
    window = request.args.get("window", "").strip()
    found = remarks.remarks(db.session(), week, current_actor().scope, window)
    monday = week.first
    return render_template(
        "evaluation/remarks.html",
        week=week,
        name=closing_of("week", monday).name,
        before=closing_of("week", monday - timedelta(days=7)).name,
        after=closing_of("week", monday + timedelta(days=7)) if week != last else None,
        window=window,
        remarks=[(remark, masked(remark.text)) for remark in found],
        least=remarks.LEAST_PER_WEEK,
    )


def _week(last: Period) -> Period:
    """The week asked for, whose reasons are all in; the last such one unless said otherwise."""
    if not request.args.get("week"):
        return last
    closing = closing_named(request.args["week"])
    if closing.kind != "week":
        raise BadPeriod("评语按周看。请写成 2026-W05 这样。")
    if closing.starts > last.first:
        raise Refused("这一周的评语还没到可看的时候:群众在5个工作日内还可以补充。")
    return closing.period
