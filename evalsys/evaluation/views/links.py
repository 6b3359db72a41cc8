"""The rating page behind the link of one service, and behind its ticket or take-away code."""

from flask import abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from evalsys.evaluation.actions import services as actions
from evalsys.evaluation.forms import LevelForm
from evalsys.evaluation.queries import ratings, services
from evalsys.evaluation.queries.services import Invited
from evalsys.evaluation.rules import CHANNEL_OF_ENTRY, LEVELS, Visit, may_follow
from evalsys.evaluation.rules.keys import is_key
from evalsys.evaluation.views import keys
from evalsys.evaluation.views.blueprint import bp
from evalsys.kernel import clock, secrets, writer
from evalsys.kernel.access import citizen
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.organisation.queries import places


@bp.route("/s/<token>", methods=["GET", "POST"])
@citizen
def rate_by_link(token: str) -> ResponseReturnValue:
    """Rate the service of a link."""
    return _rate(token, {"link": "link"})


@bp.route("/t/<token>", methods=["GET", "POST"])
@citizen
def rate_by_ticket(token: str) -> ResponseReturnValue:
    """Rate the service of a queue ticket or of a code taken along from the tablet."""
    return _rate(token, {"ticket": "ticket", "take-away": "ticket"})


def _rate(token: str, entries: dict[str, str]) -> ResponseReturnValue:
    invited = services.invited_by(db.session(), secrets.digest(secrets.spelled(token)))
    if invited is None or invited.kind not in entries:
        return render_template("evaluation/code_unknown.html"), 404
    entry = entries[invited.kind]
    answering = request.method == "POST"
    closed = why_closed(invited, entry)
    # A replay's thanks got lost on the way: whatever has closed since, the receipt stands.
    replay = answering and ratings.is_key_known(db.session(), request.form.get("key", ""))
    if closed is not None and not replay:
        place = places.place_of_window(db.session(), invited.window_id, invited.day)
        return render_template("evaluation/closed.html", place=place, sentence=closed), 410
    return _take(invited, entry, token) if answering else _form(invited)


def why_closed(invited: Invited, entry: str) -> str | None:
    """Why this service can no longer be rated by this way in, as a sentence; None while it can."""
    if invited.cancelled_at is not None:
        return _("这次服务的评价已经取消,没有提交任何评价。")
    if clock.today() > invited.expires_on:
        return _("这个评价链接过期了(服务后5个工作日内有效)。还想反映,请到“办不成事”窗口或打12345。")
    if invited.root is None:
        return None
    said = ratings.said(db.session(), invited.root)
    if said is not None and may_follow(said.entry, entry):
        return None
    return _("这次服务已经评过。可凭凭证号查看。")


def _form(invited: Invited, faulty: LevelForm | None = None) -> ResponseReturnValue:
    kept = faulty.key.data if faulty and is_key(faulty.key.data or "") else None
    place = places.place_of_window(db.session(), invited.window_id, invited.day) or abort(404)
    page = render_template(
        "evaluation/rate.html",
        place=place,
        by_link=True,
        again=invited.root is not None,
        levels=LEVELS,
        key=kept or keys.fresh_key(),
        action=request.path,
        error=faulty.first_fault() if faulty else None,
        tags=faulty.tags.data if faulty and not faulty.tags.errors else [],
        text=faulty.text.data if faulty else "",
    )
    return make_response(page, 422 if faulty else 200)


def _take(invited: Invited, entry: str, token: str) -> ResponseReturnValue:
    level = request.form.get("level", "")
    wants_tags = "tags" in request.form and level in {"1", "2", "3", "4", "5"}
    offered = ratings.tags_of_level(db.session(), int(level)) if wants_tags else []
    form = LevelForm(request.form, offered)
    if not form.validate():
        return _form(invited, form)
    answer = form.answer()
    receipt = keys.receipt_of(answer.key)
    visit = visit_of(invited, entry, terminal="phone")
    token_hash = secrets.digest(secrets.spelled(token))
    writer.run(actions.rate_by_invitation, visit, answer, keys.receipt_hash(receipt), token_hash)
    return redirect(keys.receipt_url(receipt), 303)


def visit_of(invited: Invited, entry: str, terminal: str) -> Visit:
    """The visit of one service rated by one way in; it counts on the day the service ended."""
    return Visit(
        window_id=invited.window_id,
        hall_id=invited.hall_id,
        unit_id=invited.unit_id,
        entry=entry,
        channel=CHANNEL_OF_ENTRY[entry],
        opened_at=invited.ended_at,
        received_at=clock.now(),
        evidence="A" if invited.project_no else "B",
        staff_id=invited.staff_id,
        staff_how="queue",
        service_id=invited.service_id,
        item_id=invited.item_id,
        item_type=invited.item_type,
        terminal=terminal,
    )
