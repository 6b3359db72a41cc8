"""One move for several ticked cases: first what would become of each, then, once confirmed, the steps."""

from collections.abc import Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.kernel.words import N_
from evalsys.organisation.queries import units
from evalsys.rectification import forms
from evalsys.rectification.actions import together as acting
from evalsys.rectification.actions.together import Outcome
from evalsys.rectification.forms import MoveForm
from evalsys.rectification.queries import story
from evalsys.rectification.queries.story import Story
from evalsys.rectification.rules import WORK_CASES, Missing, NotAllowed
from evalsys.rectification.rules.fields import FieldValue
from evalsys.rectification.rules.looking import Move
from evalsys.rectification.rules.states import State
from evalsys.rectification.rules.together import MOST_TOGETHER, may_go_together
from evalsys.rectification.views.blueprint import bp
from evalsys.rectification.views.kept import Kept, kept_of_move
from evalsys.rectification.views.units import offered_units


@bp.get("/cases/together")
@requires(WORK_CASES)
def together() -> ResponseReturnValue:
    """Show the moves open for the ticked cases, or the form of the one that was picked."""
    stories, target = _stories(), _target()
    picked = None if target is None else _open_moves(stories).get(target)
    if picked is None:
        return _pick(stories)
    return _page(stories, picked, forms.form_of(picked, offered_units(), 0), [])


@bp.post("/cases/together")
@requires(WORK_CASES)
def go_together() -> ResponseReturnValue:
    """Say line by line what would happen; with `confirm`, make the steps that are not refused."""
    stories, actor, now = _stories(), current_actor(), clock.now()
    picked = _picked(stories)
    if picked is None:
        return _pick(stories, _not_open_any_more()), NotAllowed.status
    form = forms.form_of(picked, offered_units(), 0)
    try:
        given = forms.given_for(picked, form.given(), units.unit_codes(db.session()))
        planned = acting.outcomes(stories, picked.target, actor, given, now)
    except Missing as refusal:
        form.say_faults(refusal.faults)
        return _page(stories, picked, form, []), 422
    if "confirm" not in request.form:
        return _page(stories, picked, form, planned)
    return _make(planned, given, picked)


def _make(planned: Sequence[Outcome], given: Mapping[str, FieldValue], picked: Move) -> ResponseReturnValue:
    made = acting.move_together(
        db.session().connection(), planned, _versions(), current_actor(), given, now=clock.now()
    )
    done = sum(outcome.refusal is None for outcome in made)
    flash(_("%(label)s:已办%(n)s件。每件各是一步,10分钟内可在各自页面撤回。", label=_(picked.label), n=done))
    for outcome in made:
        if outcome.refusal is not None:
            flash(f"{outcome.story.line.no}:{say(outcome.refusal)}", "caution")
    return redirect(url_for(".queue"), 303)


def _stories() -> Sequence[Story]:
    """The ticked cases that the person may see, each once, at most MOST_TOGETHER."""
    asked = list(dict.fromkeys(request.values.getlist("no")))[:MOST_TOGETHER]
    actor, now = current_actor(), clock.now()
    found = [story.story(db.session(), no, actor, now) for no in asked]
    return [one for one in found if one is not None]


def _target() -> State | None:
    asked = request.values.get("to", "")
    return State(asked) if asked in set(State) else None


def _picked(stories: Sequence[Story]) -> Move | None:
    target = _target()
    moves = [acting.move_of(found, target) for found in stories] if target else []
    return next((move for move in moves if move is not None), None)


def _open_moves(stories: Sequence[Story]) -> Mapping[State, Move]:
    return {move.target: move for found in stories for move in found.moves if may_go_together(move)}


def _pick(stories: Sequence[Story], kept: Kept | None = None) -> str:
    moves = _open_moves(stories)
    counts = {target: sum(acting.move_of(found, target) is not None for found in stories) for target in moves}
    return render_template(
        "rectification/together_pick.html",
        stories=stories,
        numbers=[found.line.no for found in stories],
        moves=moves,
        counts=counts,
        kept=kept,
    )


def _not_open_any_more() -> Kept:
    """That none of the cases can make the step, with what was written for it."""
    refusal = NotAllowed(N_("选中的单子现在都不能办这一步。请看过最新情况,重新选一步。"))
    return kept_of_move(refusal, request.values.get("to", ""))


def _versions() -> Mapping[str, int]:
    seen = zip(request.form.getlist("no"), request.form.getlist("seen"), strict=False)
    return {no: int(version) for no, version in seen if version.isdecimal()}


def _page(stories: Sequence[Story], picked: Move, form: MoveForm, planned: Sequence[Outcome]) -> str:
    return render_template(
        "rectification/together.html",
        stories=stories,
        picked=picked,
        form=form,
        planned=[(plan, None if plan.refusal is None else say(plan.refusal)) for plan in planned],
        ready=sum(plan.refusal is None for plan in planned),
    )
