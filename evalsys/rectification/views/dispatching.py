"""The dispatcher's desk, keyboard first: what waits on the left, the case and its form on the right."""

from collections.abc import Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.rectification.forms import MoveForm
from evalsys.rectification.queries import about, duplicates
from evalsys.rectification.queries import queue as cases
from evalsys.rectification.queries.lines import CaseLine
from evalsys.rectification.queries.story import Story
from evalsys.rectification.rules import DISPATCH_CASES
from evalsys.rectification.rules.fields import FINDING_WORDS
from evalsys.rectification.rules.looking import Move
from evalsys.rectification.rules.states import State
from evalsys.rectification.views.blueprint import bp
from evalsys.rectification.views.case import attempt, move_forms, story_of, suggested_for
from evalsys.rectification.views.kept import Kept
from evalsys.rectification.views.reading import note_reading_of


@bp.get("/cases/dispatch")
@requires(DISPATCH_CASES)
def dispatch_desk() -> ResponseReturnValue:
    """Show what waits to be dispatched, and the case that was picked or the first."""
    no = request.args.get("no") or next((line.no for line in _waiting()), "")
    if not no:
        return render_template("rectification/desk_empty.html")
    return _page(story_of(no), {}, None)


@bp.post("/cases/dispatch/<no>/<target>")
@requires(DISPATCH_CASES)
def dispatch(no: str, target: str) -> ResponseReturnValue:
    """Make the move and go on with the next case; a refusal stands beside the form, with the input kept."""
    made = attempt(no, target, _page)
    if not isinstance(made, Move):
        return made
    flash(_("%(no)s 已办理:%(label)s。可在这件的页面撤回。", no=no, label=_(made.label)))
    return redirect(url_for(".dispatch_desk", no=request.form.get("following") or None), 303)


def _waiting() -> Sequence[CaseLine]:
    return cases.to_dispatch(db.session(), current_actor(), clock.now())


def _page(found: Story, faulty: Mapping[State, MoveForm], kept: Kept | None) -> str:
    # This ends what the request has begun: nothing is written after it.
    note_reading_of(found)
    waiting = _waiting()
    session, now, suggested = db.session(), clock.now(), suggested_for(found)
    numbers = [line.no for line in waiting]
    place = numbers.index(found.line.no) if found.line.no in numbers else -1
    return render_template(
        "rectification/desk.html",
        waiting=waiting,
        found=found,
        kept=kept,
        form=next(iter(faulty.values()), None),
        forms=move_forms(found, faulty, suggested),
        suggested=suggested,
        spoken=about.spoken(session, found, current_actor()),
        duplicates=duplicates.duplicates(session, found.row, now),
        finding_words=FINDING_WORDS,
        before=numbers[place - 1] if place > 0 else "",
        following=numbers[place + 1] if 0 <= place < len(numbers) - 1 else "",
        given_back=found.last_given(State.RETURN_REQUESTED),
    )
