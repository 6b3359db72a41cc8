"""The standing desk: what waits for a second person, every decision there was, and single ratings."""

from datetime import UTC, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.assurance.actions import standing as acting
from evalsys.assurance.forms import DecisionForm, ProposalForm
from evalsys.assurance.queries import proposals
from evalsys.assurance.queries.proposals import Proposed
from evalsys.assurance.rules.standing import DECIDE_STANDING, GROUND_WORDS, SEE_SIGNALS
from evalsys.assurance.views import words
from evalsys.assurance.views.blueprint import bp
from evalsys.evaluation.actions.reading import note_reading
from evalsys.evaluation.queries import standings
from evalsys.evaluation.queries.standings import Decided, Stands
from evalsys.evaluation.rules import LEVEL_BY_VALUE, STANDING_WORDS
from evalsys.kernel import clock, writer
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.kernel.refusals import Refused

A_PAGE = 30
HIGHEST = 2**63 - 1  # of a rating's number
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WORDS = {"standing_words": STANDING_WORDS, "ground_words": GROUND_WORDS, "level_words": LEVEL_BY_VALUE}


@bp.get("/standing")
@requires(SEE_SIGNALS)
def standing_desk() -> ResponseReturnValue:
    """Show what waits for a second person, and every decision, the latest first."""
    writer.run(note_reading, current_actor(), "standing")
    before = _mark(request.args.get("before", ""))
    waiting = proposals.waiting(db.session())
    found = standings.decided(db.session(), before, A_PAGE + 1)
    people = [one.proposed_by for one in waiting]
    people += [each for row in found for each in (row.proposed_by, row.decided_by) if each is not None]
    last = found[A_PAGE - 1] if len(found) > A_PAGE else None
    return render_template(
        "assurance/standing.html",
        waiting=waiting,
        decided=found[:A_PAGE],
        following=last and _mark_of(last),
        is_first=before is None,
        names=words.names(people),
        windows=words.windows(),
        **_WORDS,
    )


def _mark_of(row: Decided) -> str:
    """Where a page ends: microseconds and the rating's number."""
    return f"{(row.at - _EPOCH) // clock.INSTANT}.{row.root}"


def _mark(text: str) -> tuple[datetime, int] | None:
    """Where the page before ended; None for nonsense."""
    at, _dot, root = text.partition(".")
    try:
        return _EPOCH + int(at) * clock.INSTANT, min(int(root), HIGHEST)
    except (ValueError, OverflowError):
        return None


@bp.get("/standing/<int:proposal_id>")
@requires(SEE_SIGNALS)
def proposal(proposal_id: int) -> ResponseReturnValue:
    """Show one proposal with its ratings, and the form of the second person's word."""
    return _proposal_page(_found(proposal_id), DecisionForm())


@bp.post("/standing/<int:proposal_id>")
@requires(DECIDE_STANDING)
def decide(proposal_id: int) -> ResponseReturnValue:
    """Take the second person's word; agreed to, the ratings stand as proposed."""
    found, form = _found(proposal_id), DecisionForm()
    if not form.validate():
        return _proposal_page(found, form), 422
    agrees, note = form.verdict.data == "agree", " ".join(str(form.note.data or "").split())
    connection = db.session().connection()
    try:
        acting.decide(connection, current_actor(), proposal_id, agrees=agrees, note=note, now=clock.now())
    except Refused as refusal:
        form.form_errors = [say(refusal)]
        return _proposal_page(_found(proposal_id), form), refusal.status
    flash(_("已同意,从现在起照此计。") if agrees else _("已记下不同意,评价照常。"))
    return redirect(url_for(".proposal", proposal_id=proposal_id), 303)


def _found(proposal_id: int) -> Proposed:
    return proposals.proposal(db.session(), proposal_id) or abort(404)


def _proposal_page(found: Proposed, form: DecisionForm) -> str:
    # Reading single ratings leaves a mark, before they are read; what was refused is taken back by it.
    writer.run(note_reading, current_actor(), f"proposal={found.id}")
    places = words.windows()
    ratings = standings.standing_of(db.session(), proposals.roots_of(db.session(), found.id)).values()
    return render_template(
        "assurance/proposal.html",
        proposal=found,
        ratings=[(rating, words.rating_words(rating, places)) for rating in ratings],
        form=form,
        is_own=found.proposed_by == current_actor().account_id,
        names=words.names((found.proposed_by, found.decided_by)),
        **_WORDS,
    )


@bp.get("/standing/ratings/<int:root>")
@requires(SEE_SIGNALS)
def rating_standing(root: int) -> ResponseReturnValue:
    """Show how one rating stands with every decision on it, and a form to propose something else."""
    return _rating_page(root, ProposalForm())


@bp.post("/standing/ratings/<int:root>")
@requires(DECIDE_STANDING)
def propose_rating(root: int) -> ResponseReturnValue:
    """Propose how one rating stands from now on; somebody else decides."""
    _rating(root)
    form = ProposalForm()
    form.offer([(root, "")])
    if not form.validate():
        return _rating_page(root, form), 422
    connection, actor = db.session().connection(), current_actor()
    try:
        proposal_id = acting.propose(connection, actor, form.proposal(), None, now=clock.now())
    except Refused as refusal:
        form.form_errors = [say(refusal)]
        return _rating_page(root, form), refusal.status
    flash(_("已提出,等另一位同事决定。决定以前照常计入。"))
    return redirect(url_for(".proposal", proposal_id=proposal_id), 303)


def _rating(root: int) -> Stands:
    found = standings.standing_of(db.session(), [root]) if root <= HIGHEST else {}
    return found.get(root) or abort(404)


def _rating_page(root: int, form: ProposalForm) -> str:
    writer.run(note_reading, current_actor(), f"standing={root}")
    found = _rating(root)
    form.offer([(found.root, words.rating_words(found, words.windows()))])
    decided = standings.decided_on(db.session(), found.root)
    return render_template(
        "assurance/rating.html",
        rating=found,
        said=words.rating_words(found, words.windows()),
        decided=decided,
        names=words.names(each for row in decided for each in (row.proposed_by, row.decided_by)),
        form=form,
        **_WORDS,
    )
