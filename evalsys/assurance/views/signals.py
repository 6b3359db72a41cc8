"""What the signals found: the list, and one hit with its evidence, its ratings and what is proposed."""

from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.assurance.actions import standing as acting
from evalsys.assurance.forms import ProposalForm
from evalsys.assurance.queries import hits, proposals
from evalsys.assurance.queries.hits import A_PAGE, Marked
from evalsys.assurance.rules.standing import DECIDE_STANDING, GROUND_WORDS, SEE_SIGNALS
from evalsys.assurance.rules.taps import EVIDENCE_WORDS, KIND_WORDS, Kind
from evalsys.assurance.views import words
from evalsys.assurance.views.blueprint import bp
from evalsys.evaluation.actions.reading import note_reading
from evalsys.evaluation.queries import standings
from evalsys.evaluation.rules import STANDING_WORDS
from evalsys.kernel import clock, writer
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.kernel.refusals import Refused


@bp.get("/signals")
@requires(SEE_SIGNALS)
def signals() -> ResponseReturnValue:
    """Show what the signals found, the latest first."""
    kind = request.args.get("kind", "")
    kind = kind if kind in set(Kind) else ""
    before = _mark(request.args.get("before", ""))
    found = hits.latest(db.session(), kind, before)
    return render_template(
        "assurance/signals.html",
        hits=[(hit, said(hit)) for hit in found[:A_PAGE]],
        following=f"{found[A_PAGE - 1].day}.{found[A_PAGE - 1].id}" if len(found) > A_PAGE else None,
        is_first=before is None,
        kind=kind,
        kinds=KIND_WORDS,
        windows=words.windows(),
        last=hits.last_day(db.session()),
    )


def said(hit: Marked) -> str:
    """A hit's numbers as a sentence."""
    return _(EVIDENCE_WORDS[hit.kind]).format(**{**hit.evidence, "tags": hit.evidence.get("tags") or "—"})


def _mark(text: str) -> tuple[date, int] | None:
    """Where the page before ended: a day and the number of a hit; None for nonsense."""
    day, _dot, number = text.partition(".")
    try:
        return date.fromisoformat(day), min(int(number), 2**31 - 1)
    except ValueError:
        return None


@bp.get("/signals/<int:hit_id>")
@requires(SEE_SIGNALS)
def hit(hit_id: int) -> ResponseReturnValue:
    """Show one hit with its ratings, and a form to propose what becomes of them."""
    return _page(_found(hit_id), ProposalForm())


@bp.post("/signals/<int:hit_id>")
@requires(DECIDE_STANDING)
def propose(hit_id: int) -> ResponseReturnValue:
    """Propose what becomes of some of a hit's ratings; somebody else decides."""
    found, form = _found(hit_id), ProposalForm()
    connection, actor = db.session().connection(), current_actor()
    form.offer([(root, "") for root in hits.roots_of(connection, hit_id)])
    if not form.validate():
        return _page(found, form), 422
    try:
        proposal_id = acting.propose(connection, actor, form.proposal(), hit_id, now=clock.now())
    except Refused as refusal:
        form.form_errors = [say(refusal)]
        return _page(found, form), refusal.status
    flash(_("已提出,等另一位同事决定。决定以前照常计入。"))
    return redirect(url_for(".proposal", proposal_id=proposal_id), 303)


def _found(hit_id: int) -> Marked:
    return hits.hit(db.session(), hit_id) or abort(404)


def _page(found: Marked, form: ProposalForm) -> str:
    # Reading single ratings leaves a mark, before they are read; what was refused is taken back by it.
    writer.run(note_reading, current_actor(), f"signal={found.id}")
    places = words.windows()
    ratings = standings.standing_of(db.session(), hits.roots_of(db.session(), found.id)).values()
    form.offer([(rating.root, words.rating_words(rating, places)) for rating in ratings])
    made = proposals.of_hit(db.session(), found.id)
    return render_template(
        "assurance/hit.html",
        hit=found,
        said=said(found),
        kind=KIND_WORDS[found.kind],
        window=places.get(found.window_id or 0),
        form=form,
        proposals=made,
        names=words.names(one.proposed_by for one in made),
        standing_words=STANDING_WORDS,
        ground_words=GROUND_WORDS,
    )
