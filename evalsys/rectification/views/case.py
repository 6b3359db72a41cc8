"""One case: what it is about, how it got here, and the moves open to the person who looks at it."""

from collections.abc import Mapping, Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.evaluation.queries import ratings
from evalsys.evaluation.rules import LEVEL_BY_VALUE
from evalsys.kernel import clock, files
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db, let_go
from evalsys.kernel.forms import takes_files
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.organisation.queries import directory, units
from evalsys.rectification import forms
from evalsys.rectification.actions import moving
from evalsys.rectification.forms import MoveForm
from evalsys.rectification.queries import story
from evalsys.rectification.queries.story import Story
from evalsys.rectification.rules import READ_CASES, WORK_CASES, Changed, Missing, NotAllowed
from evalsys.rectification.rules.lights import LIGHT_SIGNS, LIGHT_WORDS
from evalsys.rectification.rules.looking import Move
from evalsys.rectification.rules.states import STATE_WORDS, State
from evalsys.rectification.rules.terms import CLASS_WORDS, KIND_WORDS, PROFILES
from evalsys.rectification.views.blueprint import bp


@bp.get("/cases/<no>")
@requires(READ_CASES)
def case(no: str) -> ResponseReturnValue:
    """Show a case with its story and the forms of the open moves."""
    return _page(_story(no), {})


@bp.post("/cases/<no>/steps/<target>")
@requires(WORK_CASES)
@takes_files
def move(no: str, target: str) -> ResponseReturnValue:
    """Make a move; what is missing or not allowed is said beside the form, with the input kept."""
    found = _story(no)
    wanted = _wanted(found, target)
    form = forms.form_of(wanted, _units(), found.line.version)
    if not form.validate():
        return _page(found, {wanted.target: form}), 422
    try:
        _make(found, wanted, form)
    except (Missing, NotAllowed, Changed) as refusal:
        _say(form, refusal)
        return _page(found, {wanted.target: form}), refusal.status
    flash(_("已办理:%(label)s。", label=_(wanted.label)))
    return redirect(url_for(".case", no=no), 303)


def _make(found: Story, wanted: Move, form: MoveForm) -> None:
    handed_in = _handed_in(form)
    actor, session = current_actor(), db.session()
    given = forms.given_for(wanted, form.given(), units.unit_codes(session))
    moving.move_case(
        session.connection(),
        found.line.id,
        wanted.target,
        actor,
        given,
        now=clock.now(),
        version=int(form.version.data or 0),
        files=handed_in,
    )


def _handed_in(form: MoveForm) -> tuple[tuple[str, str], ...]:
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


def _say(form: MoveForm, refusal: Missing | NotAllowed | Changed) -> None:
    if isinstance(refusal, Missing):
        form.say_faults(refusal.faults)
    else:
        form.form_errors = [say(refusal)]


@bp.post("/cases/<no>/undo")
@requires(WORK_CASES)
def undo(no: str) -> ResponseReturnValue:
    """Take back one's own last move."""
    moving.undo(db.session().connection(), _story(no).line.id, current_actor(), now=clock.now())
    flash(_("已撤回刚才的一步。"))
    return redirect(url_for(".case", no=no), 303)


@bp.post("/cases/<no>/tries")
@requires(WORK_CASES)
def note_try(no: str) -> ResponseReturnValue:
    """Note a try to reach the person."""
    outcome, how = request.form.get("outcome", "").strip()[:200], request.form.get("how", "phone")[:10]
    moving.note_try(
        db.session().connection(),
        _story(no).line.id,
        current_actor(),
        how=how,
        outcome=outcome,
        now=clock.now(),
    )
    flash(_("已记下这次联系。"))
    return redirect(url_for(".case", no=no), 303)


@bp.get("/cases/<no>/files/<sha256>")
@requires(READ_CASES)
def file(no: str, sha256: str) -> ResponseReturnValue:
    """Show a file that was handed in with a step."""
    found = _story(no)
    if found.is_clerks_side:
        abort(403)
    names = {kept: name for step in found.steps for kept, name in step.files}
    return files.send(db.session(), sha256, names.get(sha256) or abort(404))


def _story(no: str) -> Story:
    return story.story(db.session(), no, current_actor(), clock.now()) or abort(404)


def _wanted(found: Story, target: str) -> Move:
    for open_move in found.moves:
        if open_move.target.value == target:
            return open_move
    raise NotAllowed(
        "这件现在是“{state}”,这一步已经不能办。请看过最新情况再办。", state=STATE_WORDS[found.line.state]
    )


def _units() -> Sequence[tuple[str, str]]:
    present = directory.units_on(db.session(), clock.today()).values()
    return [(unit.code, unit.name) for unit in present]


def _page(found: Story, faulty: Mapping[State, MoveForm]) -> str:
    offered = _units()
    return render_template(
        "rectification/case.html",
        found=found,
        form=next(iter(faulty.values()), None),
        said=[] if found.is_clerks_side else [ratings.said(db.session(), root) for root in found.roots],
        forms={
            move.target: faulty.get(move.target) or forms.form_of(move, offered, found.line.version)
            for move in found.moves
        },
        levels=LEVEL_BY_VALUE,
        state_words=STATE_WORDS,
        light_words=LIGHT_WORDS,
        light_signs=LIGHT_SIGNS,
        class_words=CLASS_WORDS,
        kind_words=KIND_WORDS,
        profiles=PROFILES,
        unit_names=dict(offered),
    )
