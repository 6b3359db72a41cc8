"""The desk of the appeal reviewers: two decide each appeal, neither knowing the other's word before."""

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock, files
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.rectification.actions import appeals as acting
from evalsys.rectification.forms import ReviewForm
from evalsys.rectification.queries import appeals as reading
from evalsys.rectification.queries.appeals import AppealStory
from evalsys.rectification.rules import Missing, NotAllowed
from evalsys.rectification.rules.appeals import (
    APPEAL_STATE_WORDS,
    EFFECT_WORDS,
    GROUND_WORDS,
    NEVER_FALSE,
    REVIEW_APPEALS,
    UNDECIDED,
    AppealState,
)
from evalsys.rectification.rules.fields import FINDING_WORDS
from evalsys.rectification.views.blueprint import bp
from evalsys.rectification.views.case import tell

_WORDS = {
    "ground_words": GROUND_WORDS,
    "appeal_words": APPEAL_STATE_WORDS,
    "effect_words": EFFECT_WORDS,
    "finding_words": FINDING_WORDS,
    "never_false": NEVER_FALSE,
}


@bp.get("/appeals")
@requires(REVIEW_APPEALS)
def appeals_desk() -> ResponseReturnValue:
    """Show what waits for the reviewer, what waits for others, and what was decided last."""
    actor, now = current_actor(), clock.now()
    waiting = reading.undecided(db.session(), actor, now)
    return render_template(
        "rectification/appeals/desk.html",
        mine=[line for line in waiting if line.conflict is None and not line.given],
        others=[line for line in waiting if line.conflict is not None or line.given],
        decided=reading.decided(db.session(), actor, now),
        **_WORDS,
    )


@bp.get("/appeals/<int:appeal_id>")
@requires(REVIEW_APPEALS)
def review(appeal_id: int) -> ResponseReturnValue:
    """Show one appeal with its evidence, and the form of the reviewer's own word."""
    return _page(_found(appeal_id), ReviewForm())


@bp.post("/appeals/<int:appeal_id>")
@requires(REVIEW_APPEALS)
def review_appeal(appeal_id: int) -> ResponseReturnValue:
    """Take a reviewer's word; with the second one the appeal is decided."""
    found, form = _found(appeal_id), ReviewForm()
    if not form.validate():
        return _page(found, form), 422
    connection, actor = db.session().connection(), current_actor()
    try:
        state = acting.review_appeal(connection, appeal_id, actor, form.given(), now=clock.now())
    except (Missing, NotAllowed) as refusal:
        tell(form, refusal)
        return _page(_found(appeal_id), form), refusal.status
    flash(_("已记下您的复核意见:%(state)s。", state=_(APPEAL_STATE_WORDS[state])))
    return redirect(url_for(".review", appeal_id=appeal_id), 303)


@bp.get("/appeals/<int:appeal_id>/files/<sha256>")
@requires(REVIEW_APPEALS)
def appeal_file(appeal_id: int, sha256: str) -> Response:
    """Show a file that was handed in with an appeal."""
    found = _found(appeal_id)
    if found.line.conflict is not None:
        abort(403)
    return files.send(db.session(), sha256, dict(found.files).get(sha256) or abort(404))


def _found(appeal_id: int) -> AppealStory:
    return reading.appeal(db.session(), appeal_id, current_actor(), clock.now()) or abort(404)


def _page(found: AppealStory, form: ReviewForm) -> str:
    line = found.line
    may_review = line.conflict is None and not line.given and AppealState(line.state) in UNDECIDED
    return render_template(
        "rectification/appeals/review.html",
        found=found,
        line=line,
        form=form,
        may_review=may_review,
        **_WORDS,
    )
