"""What the clerk's side sees of the cases about its own windows, from the next working day."""

from flask import render_template
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.rectification.queries import queue as cases
from evalsys.rectification.rules import SEE_OWN_CASES
from evalsys.rectification.rules.fields import FINDING_WORDS
from evalsys.rectification.views.blueprint import bp


@bp.get("/cases/about-us")
@requires(SEE_OWN_CASES)
def about_us() -> ResponseReturnValue:
    """Show the cases about the windows of one's own unit: half-day, tags, state; no words, no time."""
    lines = cases.about_unit(db.session(), current_actor(), clock.now())
    return render_template("rectification/about_us.html", lines=lines, finding_words=FINDING_WORDS)
