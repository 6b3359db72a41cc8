"""Words out of sight: what waits for a second person, one proposal, and one rating's words."""

from collections.abc import Iterable

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from evalsys.evaluation.actions.reading import note_reading
from evalsys.evaluation.queries import held
from evalsys.identity.queries import accounts
from evalsys.kernel import clock, writer
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.kernel.refusals import Refused
from evalsys.organisation.queries import directory
from evalsys.privacy.actions import redacting
from evalsys.privacy.forms import DecisionForm, RedactionForm
from evalsys.privacy.queries import redactions
from evalsys.privacy.queries.redactions import Proposed
from evalsys.privacy.rules import REDACT_WORDS
from evalsys.privacy.views.blueprint import bp

HIGHEST = 2**63 - 1  # of a rating's number


@bp.get("/redactions")
@requires(REDACT_WORDS)
def redaction_desk() -> ResponseReturnValue:
    """Show what waits for a second person, and what was decided last."""
    waiting, decided = redactions.waiting(db.session()), redactions.decided(db.session())
    people = [one.proposed_by for one in waiting]
    people += [each for one in decided for each in (one.proposed_by, one.decided_by) if each is not None]
    return render_template("privacy/redactions.html", waiting=waiting, decided=decided, names=_names(people))


@bp.get("/redactions/ratings/<int:root>")
@requires(REDACT_WORDS)
def words_of_rating(root: int) -> ResponseReturnValue:
    """Show a rating's words, and a form to propose that they go out of sight."""
    return _words_page(root, RedactionForm())


@bp.post("/redactions/ratings/<int:root>")
@requires(REDACT_WORDS)
def propose_redaction(root: int) -> ResponseReturnValue:
    """Propose that a rating's words go out of sight; somebody else decides."""
    _described(root)
    form = RedactionForm()
    if not form.validate():
        return _words_page(root, form), 422
    connection = db.session().connection()
    try:
        made = redacting.propose(connection, current_actor(), root, form.said(), now=clock.now())
    except Refused as refusal:
        form.form_errors = [say(refusal)]
        return _words_page(root, form), refusal.status
    flash(_("已提出,等另一位同事决定。决定以前原话照常可见。"))
    return redirect(url_for(".redaction", proposal_id=made), 303)


@bp.get("/redactions/<int:proposal_id>")
@requires(REDACT_WORDS)
def redaction(proposal_id: int) -> ResponseReturnValue:
    """Show one proposal with the words it is about, and the form of the second person's word."""
    return _proposal_page(_found(proposal_id), DecisionForm())


@bp.post("/redactions/<int:proposal_id>")
@requires(REDACT_WORDS)
def decide_redaction(proposal_id: int) -> ResponseReturnValue:
    """Take the second person's word; agreed to, the words are gone."""
    found, form = _found(proposal_id), DecisionForm()
    if not form.validate():
        return _proposal_page(found, form), 422
    agrees, connection = form.verdict.data == "agree", db.session().connection()
    try:
        redacting.decide(connection, current_actor(), proposal_id, agrees=agrees, now=clock.now())
    except Refused as refusal:
        form.form_errors = [say(refusal)]
        return _proposal_page(_found(proposal_id), form), refusal.status
    flash(_("已隐去。评价照常计入。") if agrees else _("已记下不同意,原话照常可见。"))
    return redirect(url_for(".redaction", proposal_id=proposal_id), 303)


def _found(proposal_id: int) -> Proposed:
    return (redactions.proposal(db.session(), proposal_id) if proposal_id <= HIGHEST else None) or abort(404)


def _described(root: int) -> str:
    """A rating in one line, without what it said: its day to the half, and its window."""
    found = held.unit_and_day(db.session(), root) if root <= HIGHEST else None
    if found is None:
        abort(404)
    _unit, window_id, day, half_day = found
    place = directory.windows_on(db.session(), day).get(window_id)
    return f"{day} {_('上午') if half_day == 'am' else _('下午')} · {place.code if place else ''}"


def _words_page(root: int, form: RedactionForm) -> str:
    # Reading single ratings leaves a mark, before they are read.
    writer.run(note_reading, current_actor(), f"redaction={root}")
    return render_template(
        "privacy/redaction_words.html",
        root=root,
        described=_described(root),
        in_sight=held.words_in_sight(db.session(), root),
        waiting=redactions.waiting_on(db.session(), root),
        form=form,
    )


def _proposal_page(found: Proposed, form: DecisionForm) -> str:
    writer.run(note_reading, current_actor(), f"redaction={found.id}")
    return render_template(
        "privacy/redaction.html",
        proposal=found,
        described=_described(found.root),
        in_sight=held.words_in_sight(db.session(), found.root),
        names=_names((found.proposed_by, found.decided_by)),
        is_own=found.proposed_by == current_actor().account_id,
        form=form,
    )


def _names(account_ids: Iterable[int | None]) -> dict[int, str]:
    wanted = sorted({account_id for account_id in account_ids if account_id is not None})
    return {account.id: account.display_name for account in accounts.accounts_by_id(db.session(), wanted)}
