"""抽查: ratings of a sealed day drawn by its root, each with its whole chain; every look is journaled."""

from datetime import date
from typing import NoReturn

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from evalsys.assurance.actions import journaling
from evalsys.assurance.forms import DrawForm
from evalsys.assurance.queries import seals, spot_checks
from evalsys.assurance.queries.spot_checks import Drawn
from evalsys.assurance.rules import drawing
from evalsys.assurance.rules.journal import SEE_JOURNAL, VERB_WORDS
from evalsys.assurance.rules.seals import SealedDay
from evalsys.assurance.views import chains, words
from evalsys.assurance.views.blueprint import bp
from evalsys.evaluation.queries import standings
from evalsys.kernel import clock, writer
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.rectification.rules.states import STATE_WORDS


@bp.get("/admin/spot-checks")
@requires(SEE_JOURNAL)
def spot_checks_desk() -> ResponseReturnValue:
    """Show the draws there were, and a form to draw."""
    return _desk(DrawForm())


@bp.post("/admin/spot-checks")
@requires(SEE_JOURNAL)
def draw() -> ResponseReturnValue:
    """Draw some ratings of a sealed day; which ones follows from the day's root alone."""
    form = DrawForm()
    if not form.validate():
        return _desk(form), 422
    day, count = form.asked()
    sealed = seals.sealed_on(db.session(), day)
    if sealed is None or not sealed.entries:
        form.form_errors = [_("这一天没有封存的评价。请选一个已经封存、有评价的日子。")]
        return _desk(form), 422
    writer.run(journaling.note_draw, current_actor(), day, count, sealed.seal.hex())
    return redirect(url_for(".drawn", day=day, count=count), 303)


def _desk(form: DrawForm) -> str:
    made = spot_checks.draws(db.session())
    last = seals.last_seal(db.session())
    names = words.names(draw.actor_id for draw in made)
    return render_template("assurance/spot_checks.html", form=form, draws=made, last=last, names=names)


@bp.get("/admin/spot-checks/<day>/<int:count>")
@requires(SEE_JOURNAL)
def drawn(day: str, count: int) -> ResponseReturnValue:
    """Show which ratings were drawn, each with its place and its ticket."""
    sealed, found = _found(day, count)
    standing = standings.standing_of(db.session(), [one.root for one in found])
    places = words.windows()
    return render_template(
        "assurance/spot_check.html",
        sealed=sealed,
        count=count,
        drawn=[(one, drawing.ticket(sealed.root, one.place)) for one in found],
        said={root: words.rating_words(rating, places) for root, rating in standing.items()},
    )


@bp.get("/admin/spot-checks/<day>/<int:count>/<int:nth>")
@requires(SEE_JOURNAL)
def drawn_rating(day: str, count: int, nth: int) -> ResponseReturnValue:
    """Show one drawn rating with all that hangs off it, and whether its seal holds."""
    sealed, found = _found(day, count)
    if not 1 <= nth <= len(found):
        abort(404)
    writer.run(journaling.note_look, current_actor(), sealed.day, nth)
    chain = spot_checks.chain(db.session(), found[nth - 1].root, clock.now())
    around = {"sealed": sealed, "count": count, "nth": nth, "last": len(found)}
    return render_template(
        "assurance/spot_check_rating.html",
        **around,
        chain=chain,
        links=chains.in_words(chain),
        names=words.names(entry.actor_id for entry in chain.journal),
        verb_words=VERB_WORDS,
        state_words=STATE_WORDS,
    )


def _found(text: str, count: int) -> tuple[SealedDay, list[Drawn]]:
    """A draw that the journal knows; anything else is not there."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        _nothing()
    sealed = seals.sealed_on(db.session(), day)
    if sealed is None or not spot_checks.is_drawn(db.session(), day, count):
        _nothing()
    return sealed, spot_checks.drawn(db.session(), sealed, count)


def _nothing() -> NoReturn:
    abort(404)
