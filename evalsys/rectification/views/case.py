"""One case: what it is about, how it got here, and the moves open to the person who looks at it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.kernel import clock, files
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db, let_go
from evalsys.kernel.forms import takes_files
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.kernel.refusals import Refused
from evalsys.organisation.queries import units
from evalsys.rectification import forms
from evalsys.rectification.actions import moving
from evalsys.rectification.forms import FaultyForm, MoveForm
from evalsys.rectification.queries import about, completing, guidance, story, suggesting
from evalsys.rectification.queries.story import Story
from evalsys.rectification.queries.suggesting import Suggestion
from evalsys.rectification.rules import READ_CASES, WORK_CASES, Changed, Missing, NotAllowed, NotYours
from evalsys.rectification.rules.appeals import FILE_APPEALS
from evalsys.rectification.rules.fields import CAUSE_WORDS, FINDING_WORDS, HOW
from evalsys.rectification.rules.hands import may_add_assistants, may_note_try
from evalsys.rectification.rules.looking import Move
from evalsys.rectification.rules.states import STATE_WORDS, State
from evalsys.rectification.views.blueprint import bp
from evalsys.rectification.views.kept import Kept, kept_of_move
from evalsys.rectification.views.reading import note_reading_of
from evalsys.rectification.views.units import offered_units

# How a page draws a case: with the forms that are faulty, and with what was written where no form is open.
Draw = Callable[[Story, Mapping[State, MoveForm], Kept | None], str]


@bp.get("/cases/<no>")
@requires(READ_CASES)
def case(no: str) -> ResponseReturnValue:
    """Show a case with its story and the forms of the open moves."""
    return page(story_of(no), {})


@bp.post("/cases/<no>/steps/<target>")
@requires(WORK_CASES)
@takes_files
def move(no: str, target: str) -> ResponseReturnValue:
    """Make a move; what is missing or not allowed is said beside the form, with the input kept."""
    made = attempt(no, target, page)
    if not isinstance(made, Move):
        return made
    flash(_("已办理:%(label)s。", label=_(made.label)))
    return redirect(url_for(".case", no=no), 303)


def attempt(no: str, target: str, draw: Draw) -> Move | tuple[str, int]:
    """Make a move by its form; where it is refused the page to answer with, and its HTTP status."""
    found = story_of(no)
    try:
        wanted = wanted_move(found, target)
    except NotAllowed as refusal:
        return draw(found, {}, kept_of_move(refusal, target)), refusal.status
    form = forms.form_of(wanted, offered_units(), found.line.version)
    if not form.validate():
        form.version.data = str(found.line.version)
        return draw(found, {wanted.target: form}, None), 422
    try:
        make(found, wanted, form)
    except (Missing, NotAllowed, NotYours, Changed, files.UnfitFile) as refusal:
        return _refused(no, wanted, form, refusal, draw), refusal.status
    return wanted


def _refused(no: str, wanted: Move, form: MoveForm, refusal: Refused, draw: Draw) -> str:
    """The page of the case as it is now, with the form if the move is still open, else with its words."""
    let_go()
    found = story_of(no)
    if wanted not in found.moves:
        return draw(found, {}, kept_of_move(refusal, wanted.target.value))
    if isinstance(refusal, Changed):
        # The page below shows what has changed: sent again, the form is about that.
        form.version.data = str(found.line.version)
    tell(form, refusal)
    return draw(found, {wanted.target: form}, None)


def make(found: Story, wanted: Move, form: MoveForm) -> None:
    """Make a move as its form says."""
    kept = handed_in(form)
    actor, session = current_actor(), db.session()
    given = forms.given_for(wanted, form.given(), units.unit_codes(session))
    moving.move_case(
        session.connection(),
        found.line.id,
        wanted.target,
        actor,
        given,
        now=clock.now(),
        version=form.seen(),
        files=kept,
    )


def handed_in(form: FaultyForm) -> tuple[tuple[str, str], ...]:
    """The files of a form, kept; each by its hash and under the name it came with."""
    uploads = [
        upload for upload in (form["files"].data if "files" in form else None) or [] if upload.filename
    ]
    # Pictures take seconds to decode and no rating waits for them; what changes meanwhile the version tells.
    let_go()
    kept = files.received(uploads)
    actor = current_actor()
    named = zip(kept, uploads, strict=True)
    return tuple(
        (files.store(db.session(), file, actor.account_id), str(upload.filename)[:100])
        for file, upload in named
    )


def tell(form: FaultyForm, refusal: Refused) -> None:
    """Put a refusal into its form: faults beside their fields, anything else above them."""
    if isinstance(refusal, Missing):
        form.say_faults(refusal.faults)
    elif isinstance(refusal, files.UnfitFile) and "files" in form:
        form["files"].errors = [say(refusal)]
    else:
        form.form_errors = [say(refusal)]


@bp.post("/cases/<no>/undo")
@requires(WORK_CASES)
def undo(no: str) -> ResponseReturnValue:
    """Take back one's own last move."""
    moving.undo(db.session().connection(), story_of(no).line.id, current_actor(), now=clock.now())
    flash(_("已撤回刚才的一步。"))
    return redirect(url_for(".case", no=no), 303)


@bp.get("/cases/<no>/files/<sha256>")
@requires(READ_CASES)
def file(no: str, sha256: str) -> ResponseReturnValue:
    """Show a file that was handed in with a step."""
    found = story_of(no)
    if found.is_clerks_side:
        abort(403)
    names = {kept: name for step in found.steps for kept, name in step.files}
    return files.send(db.session(), sha256, names.get(sha256) or abort(404))


def story_of(no: str) -> Story:
    """A case the person may see, or 404."""
    return story.story(db.session(), no, current_actor(), clock.now()) or abort(404)


def wanted_move(found: Story, target: str) -> Move:
    """The open move to a state; raises NotAllowed where it is not open any more."""
    for open_move in found.moves:
        if open_move.target.value == target:
            return open_move
    for blocked, refusal in found.blocked:
        if blocked.target.value == target:
            raise refusal
    raise NotAllowed(
        "这件现在是“{state}”,这一步已经不能办。请看过最新情况再办。", state=STATE_WORDS[found.line.state]
    )


def move_forms(
    found: Story, faulty: Mapping[State, MoveForm], suggested: Sequence[Suggestion]
) -> Mapping[State, MoveForm]:
    """The form of each open move; one that was picked from a suggestion or template is filled in."""
    offered = offered_units(suggested)
    made = {move.target: forms.form_of(move, offered, found.line.version) for move in found.moves}
    wanted = next((made[move.target] for move in found.moves if move.target == request.args.get("to")), None)
    if wanted is not None and not faulty:
        _fill_in(wanted, suggested)
    return made | dict(faulty)


def _fill_in(form: MoveForm, suggested: Sequence[Suggestion]) -> None:
    for one in suggested:
        if "owner" in form and one.code == request.args.get("owner"):
            form["owner"].data = one.code
            form["reason"].data = _(one.sentence).format(**one.values)
    template = guidance.template_by_id(db.session(), request.args.get("reply", 0, type=int))
    if "reply" in form and template is not None:
        form["reply"].data = template.text


def suggested_for(found: Story) -> Sequence[Suggestion]:
    """The units that may be in charge, where somebody has to say who is."""
    if all(move.target is not State.DISPATCHED for move in found.moves):
        return []
    return suggesting.suggestions(db.session(), found.row, clock.now())


def page(
    found: Story,
    faulty: Mapping[State, MoveForm],
    kept: Kept | None = None,
    typed: Mapping[str, str] | None = None,
) -> str:
    """Draw a case; `typed` is what stands in the forms of notes and tries that were refused."""
    # This ends what the request has begun: nothing is written after it.
    note_reading_of(found)
    actor, session, suggested = current_actor(), db.session(), suggested_for(found)
    return render_template(
        "rectification/case.html",
        found=found,
        kept=kept,
        typed=typed or {},
        form=next(iter(faulty.values()), None),
        forms=move_forms(found, faulty, suggested),
        suggested=suggested,
        spoken=about.spoken(session, found, actor),
        submitted=completing.submitted(session, found, clock.now()),
        templates=guidance.templates(session) if State.SUBMITTED in {m.target for m in found.moves} else [],
        **_around(found),
    )


def _around(found: Story) -> dict[str, Any]:
    actor = current_actor()
    return {
        "may_note_try": may_note_try(found.case, actor),
        "may_assist": may_add_assistants(found.case, actor),
        "may_note": bool(found.moves) or may_note_try(found.case, actor),
        "may_appeal": found.is_clerks_side and actor.may(FILE_APPEALS),
        "units": offered_units(),
        "now": clock.now(),
        "blocked": [(move, say(refusal)) for move, refusal in found.blocked],
        "how": HOW,
        "finding_words": FINDING_WORDS,
        "cause_words": CAUSE_WORDS,
    }
